"""Where the index is: in a folder, or in PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

from index.index_store import IndexStore
from index.local.index_store import LocalIndexStore


def index_store_at(folder: Path, url: str = "") -> IndexStore:
    """All generations in `folder`; with `url`, in the PostgreSQL that it names."""
    if not url:
        return LocalIndexStore(folder)
    from index.postgres.index_store import (
        PostgresIndexStore,
    )  # psycopg, which only those need that have PostgreSQL

    return PostgresIndexStore(url)


@contextmanager
def temporary_index_store(folder: Path, url: str = "") -> Iterator[IndexStore]:
    """An empty index store of the same kind, removed afterwards; the caller removes `folder`."""
    if not url:
        yield LocalIndexStore(folder)
        return
    from index.postgres.index_store import PostgresIndexStore

    with closing(PostgresIndexStore(url, f"citewire_aside_{token_hex(4)}")) as index_store:
        try:
            yield index_store
        finally:
            index_store.remove_all()
