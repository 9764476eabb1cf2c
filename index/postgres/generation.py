"""A generation in PostgreSQL: one schema, whose tables hold what a local generation has in its files."""

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
from index.postgres.view import PostgresSnapshot
from index.snapshot import Snapshot

# Up to so many sentences are compared one by one, which is exact.
EXACT_SENTENCES = 20_000
# pgvector's graphs take no longer vectors in half precision.
MOST_DIMENSIONS = 4000
# How widely HNSW looks around for the neighbours of each sentence that it takes in: with pgvector's own 64
# one sentence in thirty was not found by its own vector among 500,000, with 200 one in five hundred.
LOOK_AROUND_ONCE = 200
# So many changes of the counts are added up at each question; then they are added up for good.
LOOSE_TALLIES = 200
# Seconds between two looks whether what others claimed is done, or is free again.
LOOK = 1.0


class PostgresGeneration(Generation):
    """The tables of one schema; every change of them is one transaction."""

    layout = tables.LAYOUT

    def __init__(self, server: Server, name: str, schema: str, oid: int) -> None:
        self.name = name
        self._server = server
        self._schema = schema
        self._oid = oid
        self._claim: Connection | None = None  # the transaction in which articles are claimed

    @contextmanager
    def view(self, *, patient: bool = False) -> Iterator[Snapshot]:
        """One state of the rows."""
        reads = self._server.reading if patient else self._server.asking
        with reads(self._schema) as db:
            try:
                view = PostgresSnapshot(db, EXACT_SENTENCES)
            except errors.UndefinedTable as error:
                raise NoIndex("The index was removed: `citewire reindex` makes one.") from error
            yield view

    def put(self, articles: Iterable[IndexedArticle]) -> None:
        """Replace articles, all or none."""
        new = list(articles)
        with self._change() as db:
            tables.put(db, new)
            work.done(db, [article.id for article in new])

    def forget(self, standing: Collection[str]) -> None:
        """Take out the articles that stand no more."""
        with self._server.writing(self._schema) as db:
            work.withdraw(db, standing)
        gone = self.fingerprints().keys() - standing
        if gone:
            with self._change() as db:
                tables.withdraw(db, list(gone))

    def shared(self, wanted: Iterable[tuple[Article, str]]) -> Batches:
        """The articles that are wanted, a batch at a time, as far as no other machine puts them in."""
        with self._server.writing(self._schema) as db:
            work.offer(db, wanted)
        while True:
            yield from self.claims()
            with self._server.reading(self._schema) as db:
                if db.execute("select from work limit 1").fetchone() is None:
                    return
            yield []  # others are at what is left, of which nothing is lost where they die
            time.sleep(LOOK)

    def claims(self) -> Batches:
        """What was offered and nobody works on, a batch at a time."""
        while self.is_in_place():  # else it was called off
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
        """A transaction that gives the rows a new revision; that of the claim, where there is one."""
        transaction = nullcontext(self._claim) if self._claim else self._server.writing(self._schema)
        with self._server.noticing(), transaction as db:
            yield db
            # The last step, since whoever works beside waits here until this is committed.
            db.execute(
                """insert into meta values ('revision', '1') on conflict (key)
                   do update set value = (meta.value::bigint + 1)::text"""
            )

    def fingerprints(self) -> dict[str, str]:
        """The articles that it holds, each with the fingerprint that it was indexed with."""
        with self._server.reading(self._schema) as db:
            return dict(db.execute("select id, fingerprint from articles").fetchall())

    def articles(self, ids: Collection[str]) -> list[IndexedArticle]:
        """Some of the articles that it holds, whole."""
        with self._server.reading(self._schema) as db:
            found = (tables.get_article(db, article) for article in ids)
            return [article for article in found if article]

    def settle(self) -> None:
        """Make the indexes that speed up searching, where there are rows enough for them."""
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
        """Add up the counts, and make the indexes that it has grown to need."""
        with self._server.reading(self._schema) as db:
            query = """select count(*) > %s or sum(sentences) > %s and
                       to_regclass('sentences_by_vector') is null from totals"""
            row = db.execute(query, [LOOSE_TALLIES, EXACT_SENTENCES]).fetchone()
        if row and row[0]:
            self.settle()

    def meta(self) -> dict[str, str]:
        """What was noted of it."""
        with self._server.reading(self._schema) as db:
            return dict(db.execute("select key, value from meta").fetchall())

    def note(self, **values: object) -> None:
        """Write down what is told of it."""
        query = "insert into meta values (%s, %s) on conflict (key) do update set value = excluded.value"
        with self._server.writing(self._schema) as db:
            db.cursor().executemany(query, [(key, str(value)) for key, value in values.items()])

    def counts(self) -> Counts:
        """How many rows there are."""
        query = """select (select count(*) from articles), count(*), count(terms),
                   (select count(*) from sentences) from passages"""
        with self._server.reading(self._schema) as db:
            return Counts(*(db.execute(query).fetchone() or ()))

    def dimension(self) -> int:
        """The length of its vectors; 0 before the first."""
        with self._server.reading(self._schema) as db:
            row = db.execute("select vector_dims(vector) from sentences limit 1").fetchone()
        return row[0] if row else 0

    def vectors(self) -> int:
        """How many vectors there are, which stand in the rows of the sentences."""
        return self.counts().sentences

    def complaint(self) -> str:
        """Which table is lost; PostgreSQL checks its own pages."""
        query = """select name from unnest(%s::text[]) name
                   where to_regclass(format('%%I.%%I', %s::text, name)) is null"""
        with self._server.connection() as db:
            lost = db.execute(query, [list(tables.NAMES), self._schema]).fetchall()
        return ", ".join(f"{name} is lost" for (name,) in lost)

    def size(self) -> int:
        """The bytes of its tables and their indexes."""
        query = """select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
                   where relnamespace = %s and relkind = 'r'"""
        with self._server.connection() as db:
            row = db.execute(query, [self._oid]).fetchone()
        return int(row[0]) if row else 0

    def is_in_place(self) -> bool:
        """Whether its schema is still the one that was opened."""
        with self._server.connection() as db:
            query = "select 1 from pg_namespace where nspname = %s and oid = %s"
            return db.execute(query, [self._schema, self._oid]).fetchone() is not None

    def close(self) -> None:
        """Nothing to do: connections belong to the shelf."""
