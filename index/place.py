"""Where the index is: in a folder, or in PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

from index.index_store import Shelf
from index.local.index_store import LocalShelf


def shelf_at(folder: Path, url: str = "") -> Shelf:
    """All generations in `folder`; with `url`, in the PostgreSQL that it names."""
    if not url:
        return LocalShelf(folder)
    from index.postgres.index_store import (
        PostgresShelf,
    )  # psycopg, which only those need that have PostgreSQL

    return PostgresShelf(url)


@contextmanager
def shelf_aside(folder: Path, url: str = "") -> Iterator[Shelf]:
    """An empty shelf in the same kind of place, which is gone afterwards; `folder` goes with its user."""
    if not url:
        yield LocalShelf(folder)
        return
    from index.postgres.index_store import PostgresShelf

    with closing(PostgresShelf(url, f"citewire_aside_{token_hex(4)}")) as shelf:
        try:
            yield shelf
        finally:
            shelf.remove_all()
