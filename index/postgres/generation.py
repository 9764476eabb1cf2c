"""A generation in PostgreSQL: one schema with the data that a local generation keeps in files."""

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext

from psycopg import errors, sql

from corpus.article import Article
from index.entries import Batches, IndexedArticle
from index.errors import NoIndex
from index.generation import Counts, Generation
from index.postgres import tables, work
from index.postgres.server import Connection, Server
from index.postgres.view import PostgresSnapshot, languages
from index.snapshot import Snapshot

# Up to this many sentences are compared one by one, which is exact.
EXACT_SENTENCES = 20_000
# pgvector's graphs accept no longer vectors in half precision.
MOST_DIMENSIONS = 4000
# HNSW's candidate list while building: with pgvector's default of 64, one sentence in 30 among 500,000 was
# not found by its own vector, with 200 one in 500.
LOOK_AROUND_ONCE = 200
# Above this many changes of the counts, which every question sums up, they are compacted.
LOOSE_TALLIES = 200
# Seconds between checks whether articles claimed by others are done or released.
LOOK = 1.0


class PostgresGeneration(Generation):
    """The tables of one schema; every change of them is one transaction."""

    layout = tables.LAYOUT

    def __init__(self, server: Server, name: str, schema: str, oid: int) -> None:
        self.name = name
        self._server = server
        self._schema = schema
        self._oid = oid
        self._claim: Connection | None = None  # the transaction that claims articles

    @contextmanager
    def view(self, *, patient: bool = False) -> Iterator[Snapshot]:
        """Yields a snapshot of the rows."""
        reads = self._server.reading if patient else self._server.asking
        with reads(self._schema) as db:
            try:
                view = PostgresSnapshot(db, EXACT_SENTENCES)
            except errors.UndefinedTable as error:
                raise NoIndex("The index was removed: `citewire reindex` makes one.") from error
            yield view

    def put(self, articles: Iterable[IndexedArticle]) -> None:
        """Replaces articles, all or none."""
        new = list(articles)
        with self._change() as db:
            tables.put(db, new)
            work.done(db, [article.id for article in new])

    def forget(self, standing: Collection[str]) -> None:
        """Removes articles not `standing`."""
        with self._server.writing(self._schema) as db:
            work.withdraw(db, standing)
        gone = self.fingerprints().keys() - standing
        if gone:
            with self._change() as db:
                tables.withdraw(db, list(gone))

    def shared(self, wanted: Iterable[tuple[Article, str]]) -> Batches:
        """Yields batches of the wanted articles that no other machine indexes."""
        with self._server.writing(self._schema) as db:
            work.offer(db, wanted)
        while True:
            yield from self.claims()
            with self._server.reading(self._schema) as db:
                if db.execute("select from work limit 1").fetchone() is None:
                    return
            yield []  # the rest is claimed by others; if they crash, it is released
            time.sleep(LOOK)

    def claims(self) -> Batches:
        """Yields batches of offered articles that nobody has claimed."""
        while self.is_in_place():  # otherwise it was cancelled
            with self._server.writing(self._schema) as db:
                self._claim = db
                try:
                    claimed = work.claim(db)
                    if not claimed:
                        return
                    yield claimed
                finally:
                    self._claim = None

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """Yields a transaction (the claim's, if any) that increments the revision."""
        transaction = nullcontext(self._claim) if self._claim else self._server.writing(self._schema)
        with self._server.noticing(), transaction as db:
            yield db
            # Last, because concurrent writers wait here until this commits.
            db.execute(
                """insert into meta values ('revision', '1') on conflict (key)
                   do update set value = (meta.value::bigint + 1)::text"""
            )

    def fingerprints(self) -> dict[str, str]:
        """Returns the indexed articles' fingerprints by id."""
        with self._server.reading(self._schema) as db:
            return dict(db.execute("select id, fingerprint from articles").fetchall())

    def articles(self, ids: Collection[str]) -> list[IndexedArticle]:
        """Returns the indexed rows of some articles."""
        with self._server.reading(self._schema) as db:
            found = (tables.get_article(db, article) for article in ids)
            return [article for article in found if article]

    def settle(self) -> None:
        """Creates the search indexes, if there are enough rows for them."""
        with self._change() as db:
            tables.compact(db)
            db.execute("create index if not exists passages_by_term on passages using gin (terms)")
            row = db.execute("select vector_dims(vector) from sentences limit 1").fetchone()
            count = db.execute("select coalesce(sum(sentences), 0) from totals").fetchone()
            if row and row[0] <= MOST_DIMENSIONS and count and count[0] > EXACT_SENTENCES:
                nearest = "((vector::halfvec({})) halfvec_ip_ops)"
                query = f"""create index if not exists sentences_by_vector on sentences
                            using hnsw {nearest} with (ef_construction = {LOOK_AROUND_ONCE})"""
                db.execute(sql.SQL(query).format(sql.Literal(row[0])))
            db.execute("analyze articles, passages, sentences, tallies")

    def tidy(self) -> None:
        """Compacts the counts and creates the search indexes once it has grown enough."""
        with self._server.reading(self._schema) as db:
            query = """select count(*) > %s or sum(sentences) > %s and
                       to_regclass('sentences_by_vector') is null from totals"""
            row = db.execute(query, [LOOSE_TALLIES, EXACT_SENTENCES]).fetchone()
        if row and row[0]:
            self.settle()

    def meta(self) -> dict[str, str]:
        """Returns its metadata."""
        with self._server.reading(self._schema) as db:
            return dict(db.execute("select key, value from meta").fetchall())

    def note(self, **values: object) -> None:
        """Stores metadata."""
        query = "insert into meta values (%s, %s) on conflict (key) do update set value = excluded.value"
        with self._server.writing(self._schema) as db:
            db.cursor().executemany(query, [(key, str(value)) for key, value in values.items()])

    def counts(self) -> Counts:
        """Returns its row counts."""
        query = """select (select count(*) from articles), count(*), count(terms),
                   (select count(*) from sentences) from passages"""
        with self._server.reading(self._schema) as db:
            return Counts(*(db.execute(query).fetchone() or ()))

    def languages(self) -> list[str]:
        """Returns the languages of its articles, in order."""
        with self._server.reading(self._schema) as db:
            return languages(db)

    def dimension(self) -> int:
        """Returns the length of its vectors; 0 before the first."""
        with self._server.reading(self._schema) as db:
            row = db.execute("select vector_dims(vector) from sentences limit 1").fetchone()
        return row[0] if row else 0

    def vectors(self) -> int:
        """Returns the number of vectors, which are columns of the sentences."""
        return self.counts().sentences

    def complaint(self) -> str:
        """Returns which tables are missing; PostgreSQL checks its own pages."""
        query = """select name from unnest(%s::text[]) name
                   where to_regclass(format('%%I.%%I', %s::text, name)) is null"""
        with self._server.connection() as db:
            lost = db.execute(query, [list(tables.NAMES), self._schema]).fetchall()
        return ", ".join(f"{name} is lost" for (name,) in lost)

    def size(self) -> int:
        """Returns the bytes of its tables and their indexes."""
        query = """select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
                   where relnamespace = %s and relkind = 'r'"""
        with self._server.connection() as db:
            row = db.execute(query, [self._oid]).fetchone()
        return int(row[0]) if row else 0

    def is_in_place(self) -> bool:
        """Returns whether its schema was not replaced."""
        with self._server.connection() as db:
            query = "select 1 from pg_namespace where nspname = %s and oid = %s"
            return db.execute(query, [self._schema, self._oid]).fetchone() is not None

    def close(self) -> None:
        """Does nothing: connections belong to the index store."""
