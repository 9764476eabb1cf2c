"""A generation in PostgreSQL: one schema, whose tables hold what a local generation has in its files."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import numpy as np
from psycopg import errors, sql

from corpus.article import Article
from index.embed import Sentence, Vectors
from index.entries import Batches
from index.errors import NoIndex
from index.generation import Counts, Generation
from index.postgres import work
from index.postgres.server import Connection, Server
from index.postgres.view import PostgresView, quoted, sent, vectors
from index.rows import IndexedArticle, IndexedPassage
from index.view import View

LAYOUT = "postgres/1"
"""Names these tables; an index with others is rebuilt."""

# Up to so many sentences are compared one by one, which is exact.
EXACT_SENTENCES = 20_000
# A lexeme may have 2,046 bytes; what is longer is nobody's word.
LONGEST_TERM = 500
# So many changes of the counts are added up at each question; then they are added up for good.
LOOSE_TALLIES = 200
# Seconds between two looks whether what others claimed is done, or is free again.
LOOK = 1.0
# Passages and sentences are numbered within their article, whose number is the higher bits.
WITHIN = 2**20

TABLES = """
    create table meta (key text primary key, value text not null);
    create table articles (id text primary key, fingerprint text not null, language text not null,
        title text not null, published text);
    create index on articles (language);
    create table passages (id bigint, article text, start int not null, "end" int not null,
        paragraph int not null, text bytea not null, terms tsvector not null, length int not null,
        primary key (id, article));
    create index on passages (article);
    create table sentences (id bigint, article text, passage bigint not null, start int not null,
        "end" int not null, terms text not null, vector halfvec not null, tokens bytea not null,
        primary key (id, article));
    create index on sentences (passage);
    create index on sentences (article);
    create sequence numbers;
    create table tallies (term text collate "C" not null, passages bigint not null);
    create index on tallies (term);
    create table totals (passages bigint not null, tokens bigint not null, sentences bigint not null);
    alter table sentences alter column tokens set storage external, alter column vector set storage main;
    alter table passages alter column terms set storage main;
"""
# What is put or taken out changes the counts by rows of its own, so that who works side by side never waits.
TALLY = (
    """insert into tallies select lexeme, %s * count(*) from passages, unnest(terms)
       where article = any(%s) group by lexeme""",
    """insert into totals select %s * count(*), %s * coalesce(sum(length), 0),
       %s * (select count(*) from sentences where article = any(%s)) from passages where article = any(%s)""",
)
COMPACT = (
    """with gone as (delete from tallies returning term, passages)
       insert into tallies select term, sum(passages) from gone group by term having sum(passages) <> 0""",
    """with gone as (delete from totals returning passages, tokens, sentences)
       insert into totals select sum(passages), sum(tokens), sum(sentences) from gone having count(*) > 0""",
)


class PostgresGeneration(Generation):
    """The tables of one schema; every change of them is one transaction."""

    layout = LAYOUT

    def __init__(self, server: Server, name: str, schema: str, oid: int) -> None:
        self.name = name
        self._server = server
        self._schema = schema
        self._oid = oid
        self._claim: Connection | None = None  # the transaction in which articles are claimed

    @staticmethod
    def create_tables(db: Connection, schema: str) -> None:
        """Make its tables, in a transaction."""
        path = "select set_config('search_path', %s || ', ' || current_setting('search_path'), true)"
        db.execute(path, [schema])
        db.execute(TABLES)
        db.execute(work.TABLE)

    @contextmanager
    def view(self) -> Iterator[View]:
        """One state of the rows."""
        with self._server.reading(self._schema) as db:
            try:
                view = PostgresView(db, EXACT_SENTENCES)
            except errors.UndefinedTable as error:
                raise NoIndex("The index was removed: `citewire reindex` makes one.") from error
            yield view

    def put(self, articles: Iterable[IndexedArticle]) -> None:
        """Replace articles, all or none."""
        new = list(articles)
        with self._change() as db:
            _withdraw(db, [article.id for article in new])
            query = "select nextval('numbers') from generate_series(1, %s)"
            numbers = [row[0] * WITHIN for row in db.execute(query, [len(new)])]
            _copy_articles(db, new)
            _copy_passages(db, new, numbers)
            _copy_sentences(db, new, numbers)
            _tally(db, 1, [article.id for article in new])
            work.done(db, [article.id for article in new])

    def forget(self, standing: Collection[str]) -> None:
        """Take out the articles that stand no more."""
        gone = self.fingerprints().keys() - standing
        if gone:
            with self._change() as db:
                _withdraw(db, list(gone))

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
        while True:
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
            found = (_article(db, article) for article in ids)
            return [article for article in found if article]

    def settle(self) -> None:
        """Make the indexes that speed up searching, where there are rows enough for them."""
        with self._change() as db:
            for statement in COMPACT:
                db.execute(statement)
            db.execute("create index if not exists passages_by_term on passages using gin (terms)")
            row = db.execute("select vector_dims(vector) from sentences limit 1").fetchone()
            count = db.execute("select coalesce(sum(sentences), 0) from totals").fetchone()
            if row and count and count[0] > EXACT_SENTENCES:
                nearest = "((vector::halfvec({})) halfvec_ip_ops)"
                query = f"create index if not exists sentences_by_vector on sentences using hnsw {nearest}"
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
        """Always "": PostgreSQL checks its own pages."""
        return ""

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


def _withdraw(db: Connection, articles: list[str]) -> None:
    _tally(db, -1, articles)
    for table, key in (("sentences", "article"), ("passages", "article"), ("articles", "id")):
        db.execute(f"delete from {table} where {key} = any(%s)", [articles])


def _tally(db: Connection, sign: int, articles: list[str]) -> None:
    terms, totals = TALLY
    db.execute(terms, [sign, articles])
    db.execute(totals, [sign, sign, sign, articles, articles])


def _copy_articles(db: Connection, new: Iterable[IndexedArticle]) -> None:
    with db.cursor().copy("copy articles from stdin") as copy:
        for article in new:
            copy.write_row(
                (article.id, article.fingerprint, article.language, article.title, article.published)
            )


def _copy_passages(db: Connection, new: Iterable[IndexedArticle], numbers: Sequence[int]) -> None:
    with db.cursor().copy("copy passages from stdin") as copy:
        for article, first in zip(new, numbers, strict=True):
            for number, each in enumerate(article.passages, first):
                terms = " ".join(each.terms).split()
                span = (each.start, each.end, each.paragraph)
                copy.write_row((number, article.id, *span, each.text.encode(), lexemes(terms), len(terms)))


def _copy_sentences(db: Connection, new: Iterable[IndexedArticle], numbers: Sequence[int]) -> None:
    with db.cursor().copy("copy sentences from stdin (format binary)") as copy:
        copy.set_types(["int8", "text", "int8", "int4", "int4", "text", "bytea", "bytea"])
        for article, first in zip(new, numbers, strict=True):
            number = first
            for passage, each in enumerate(article.passages, first):
                for span, terms, encoded in zip(each.spans, each.terms, each.encoded, strict=True):
                    tokens = encoded.tokens.tobytes()
                    vector = sent(encoded.vector)
                    copy.write_row((number, article.id, passage, *span, terms, vector, tokens))
                    number += 1


def lexemes(terms: Iterable[str]) -> str:
    """Terms as a tsvector that knows how often it holds each, which is what counts."""
    counts: dict[str, int] = {}
    for term in terms:
        if len(term.encode()) <= LONGEST_TERM:
            counts[term] = counts.get(term, 0) + 1
    return " ".join(f"{quoted(term)}:{','.join(map(str, range(1, n + 1)))}" for term, n in counts.items())


def _article(db: Connection, article: str) -> IndexedArticle | None:
    query = "select fingerprint, language, title, published from articles where id = %s"
    found = db.execute(query, [article]).fetchone()
    if found is None:
        return None
    query = 'select id, start, "end", paragraph, text from passages where article = %s order by id'
    passages = [_passage(db, *row) for row in db.execute(query, [article]).fetchall()]
    fingerprint, language, title, published = found
    return IndexedArticle(article, fingerprint, language, title, published, passages)


def _passage(
    db: Connection, number: int, start: int, end: int, paragraph: int, text: bytes
) -> IndexedPassage:
    query = """select start, "end", terms, halfvec_send(vector), tokens from sentences
               where passage = %s order by id"""
    rows = db.execute(query, [number]).fetchall()
    spans, terms = [(row[0], row[1]) for row in rows], [row[2] for row in rows]
    encoded = [
        _sentence(vector, row[4]) for vector, row in zip(vectors([row[3] for row in rows]), rows, strict=True)
    ]
    return IndexedPassage(start, end, paragraph, text.decode(), spans, terms, encoded)


def _sentence(vector: Vectors, tokens: bytes) -> Sentence:
    codes = np.frombuffer(tokens, dtype=np.uint8).reshape(-1, (len(vector) + 7) // 8)
    return Sentence(vector, codes)
