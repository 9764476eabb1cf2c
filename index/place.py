"""Where the index is: in a folder, or in PostgreSQL."""

from pathlib import Path

from index.local.shelf import LocalShelf
from index.shelf import Shelf


def shelf_at(folder: Path, url: str = "") -> Shelf:
    """All generations in `folder`; with `url`, in the PostgreSQL that it names."""
    if not url:
        return LocalShelf(folder)
    from index.postgres.shelf import PostgresShelf  # psycopg, which only those need that have PostgreSQL

    return PostgresShelf(url)
