"""Generations in PostgreSQL: one schema each, and one row that names the serving one."""

import logging

import psycopg
from psycopg import errors, sql

from index.errors import Away
from index.index_store import IndexStore
from index.postgres import tables
from index.postgres.generation import PostgresGeneration
from index.postgres.server import BUSY, UNABLE, AdvisoryLock, NotSuitable, Server

log = logging.getLogger(__name__)

OLDEST = 15
"""The oldest supported PostgreSQL."""
OLDEST_VECTOR = [0, 8]
"""The oldest supported pgvector: narrow filters need its iterative scans."""

# How long to wait for readers of a generation before removing it.
READERS_SECONDS = 5

POINTER = (
    "create schema if not exists {}",
    """create table if not exists {}.pointer (one boolean primary key default true check (one),
       current text not null, previous text)""",
)
POINT = """insert into {}.pointer values (true, %s, %s) on conflict (one) do update
           set current = excluded.current, previous = excluded.previous"""


class PostgresIndexStore(IndexStore):
    """All generations in a database's schemas that begin with `namespace`; see IndexStore."""

    def __init__(self, url: str, namespace: str = "citewire") -> None:
        self._server = Server(url)
        self._namespace = namespace
        self._writing: AdvisoryLock | None = None

    def lock(self) -> AdvisoryLock:
        """Returns the lock for changing what serves, held only briefly."""
        return AdvisoryLock(self._server, f"{self._namespace}.writing", self._took)

    def _took(self, lock: AdvisoryLock) -> None:
        self._writing = lock

    def building(self) -> AdvisoryLock:
        """Returns the lock for building another generation, held as long as that takes."""
        return AdvisoryLock(self._server, f"{self._namespace}.building")

    def names(self) -> tuple[str | None, str | None]:
        """Returns the names of the serving and the previous generation."""
        query = sql.SQL("select current, previous from {}.pointer").format(self._schema(""))
        with self._server.connection() as db:
            try:
                row = db.execute(query).fetchone()
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                return None, None
        return (row[0], row[1]) if row else (None, None)

    def everything(self) -> list[str]:
        """Returns the names of all generations, unfinished ones included, oldest first."""
        prefix = f"{self._namespace}_"
        query = "select nspname from pg_namespace where nspname ~ %s order by nspname"
        with self._server.connection() as db:
            rows = db.execute(query, [rf"^{prefix}g\d+$"]).fetchall()
        return [name.removeprefix(prefix) for (name,) in rows]

    def find(self, name: str | None) -> PostgresGeneration | None:
        """Returns a generation, None if there is none."""
        if not name:
            return None
        schema = f"{self._namespace}_{name}"
        with self._server.connection() as db:
            row = db.execute("select oid from pg_namespace where nspname = %s", [schema]).fetchone()
        return PostgresGeneration(self._server, name, schema, row[0]) if row else None

    def make(self, name: str) -> PostgresGeneration:
        """Creates an empty generation; raises NotSuitable if the database can't hold one."""
        schema = f"{self._namespace}_{name}"
        try:
            with self._server.connection() as db, db.transaction():
                _check(db)
                db.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
                tables.create(db, schema)
        except NotSuitable as error:
            needed = "An index needs the extension vector, 0.8 or later, and the right to create schemas."
            raise NotSuitable(f"{error} {needed}") from error
        made = self.find(name)
        if made is None:
            raise Away(f"{name} was made and is gone: somebody else works on the same index.")
        return made

    def remove(self, name: str) -> None:
        """Removes a generation, if it exists; one in use is left for the next time."""
        query = sql.SQL("drop schema if exists {} cascade").format(self._schema(f"_{name}"))
        try:
            with self._server.connection() as db, db.transaction():
                db.execute(f"set local lock_timeout = '{READERS_SECONDS}s'")
                db.execute(query)
        except Away as error:
            if not isinstance(error.__cause__, BUSY):
                raise
            log.info("%s is in use; it will be removed next time.", name)

    def point_to(self, current: str, previous: str | None) -> None:
        """Makes `current` serve, atomically; raises Away if the lock was lost."""
        held = self._writing.session if self._writing else None
        if held is None:
            raise Away("Another process holds the lock for publishing an index.")
        own = self._schema("")
        try:
            with held.transaction():
                for statement in POINTER:
                    held.execute(sql.SQL(statement).format(own))
                held.execute(sql.SQL(POINT).format(own), [current, previous])
        except UNABLE as error:
            raise Away("PostgreSQL went away just before an index was published.") from error

    def remove_all(self) -> None:
        """Removes every generation and the pointer to the serving one."""
        for name in self.everything():
            self.remove(name)
        with self._server.connection() as db:
            db.execute(sql.SQL("drop schema if exists {} cascade").format(self._schema("")))

    def close(self) -> None:
        """Closes all connections."""
        self._server.close()

    def _schema(self, end: str) -> sql.Identifier:
        return sql.Identifier(f"{self._namespace}{end}")


def _check(db: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raises NotSuitable if the server is too old; installs the extension if allowed."""
    if db.info.server_version < OLDEST * 10_000:
        raise NotSuitable(f"PostgreSQL {OLDEST} or later is needed for the index.")
    db.execute("create extension if not exists vector")
    row = db.execute("select extversion from pg_extension where extname = 'vector'").fetchone()
    if row is None or [int(part) for part in str(row[0]).split(".")[:2]] < OLDEST_VECTOR:
        raise NotSuitable("The extension vector is too old.")
