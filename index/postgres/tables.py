"""The tables of one generation in PostgreSQL, and the articles in them."""

from collections.abc import Iterable, Sequence

from index.entries import IndexedArticle, IndexedPassage, sentence
from index.language.passages import Line
from index.postgres.server import Connection
from index.postgres.view import quoted, sent, vectors
from index.postgres.work import TABLE as WORK

LAYOUT = "postgres/2"
"""Version of these tables; an index with another one is rebuilt."""

# A lexeme may have 2,046 bytes; longer terms than this are no words.
LONGEST_TERM = 500
# Passages and sentences are numbered within their article, whose number is in the higher bits.
WITHIN = 2**20

NAMES = ("meta", "articles", "passages", "sentences", "tallies", "totals", "work")
TABLES = """
    create table meta (key text primary key, value text not null);
    create table articles (id text primary key, fingerprint text not null, language text not null,
        title text not null, published text);
    create index on articles (language);
    create table passages (id bigint, article text, start int not null, "end" int not null,
        text bytea not null, terms tsvector not null, length int not null,
        primary key (id, article));
    create index on passages (article);
    create table sentences (id bigint, article text, passage bigint not null, start int not null,
        "end" int not null, heading bool not null, terms text not null, vector halfvec not null,
        tokens bytea not null, primary key (id, article));
    create index on sentences (passage);
    create index on sentences (article);
    create sequence numbers;
    create table tallies (term text collate "C" not null, passages bigint not null);
    create index on tallies (term);
    create table totals (passages bigint not null, tokens bigint not null, sentences bigint not null);
    alter table sentences alter column tokens set storage external, alter column vector set storage main;
    alter table passages alter column terms set storage main;
"""
# Changes of the counts are added as separate rows, so that concurrent writers never wait.
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


def create(db: Connection, schema: str) -> None:
    """Creates the tables in a schema, inside a transaction."""
    path = "select set_config('search_path', %s || ', ' || current_setting('search_path'), true)"
    db.execute(path, [schema])
    db.execute(TABLES)
    db.execute(WORK)


def put(db: Connection, new: Sequence[IndexedArticle]) -> None:
    """Replaces all rows of articles."""
    articles = [article.id for article in new]
    withdraw(db, articles)
    query = "select nextval('numbers') from generate_series(1, %s)"
    numbers = [row[0] * WITHIN for row in db.execute(query, [len(new)])]
    _copy_articles(db, new)
    _copy_passages(db, new, numbers)
    _copy_sentences(db, new, numbers)
    _tally(db, 1, articles)


def withdraw(db: Connection, articles: list[str]) -> None:
    """Deletes all rows of articles; locks them, so that concurrent deletions are counted once."""
    db.execute("select from articles where id = any(%s) order by id for update", [articles])
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
                row = (number, article.id, each.start, each.end, each.text.encode())
                copy.write_row((*row, lexemes(terms), len(terms)))


def _copy_sentences(db: Connection, new: Iterable[IndexedArticle], numbers: Sequence[int]) -> None:
    with db.cursor().copy("copy sentences from stdin (format binary)") as copy:
        copy.set_types(["int8", "text", "int8", "int4", "int4", "bool", "text", "bytea", "bytea"])
        for article, first in zip(new, numbers, strict=True):
            number = first
            for passage, each in enumerate(article.passages, first):
                for line, terms, encoded in zip(each.lines, each.terms, each.encoded, strict=True):
                    tokens = encoded.tokens.tobytes()
                    vector = sent(encoded.vector)
                    copy.write_row((number, article.id, passage, *line, terms, vector, tokens))
                    number += 1


def lexemes(terms: Iterable[str]) -> str:
    """Returns terms as a tsvector in which the number of positions is a term's frequency."""
    counts: dict[str, int] = {}
    for term in terms:
        if len(term.encode()) <= LONGEST_TERM:
            counts[term] = counts.get(term, 0) + 1
    return " ".join(f"{quoted(term)}:{','.join(map(str, range(1, n + 1)))}" for term, n in counts.items())


def compact(db: Connection) -> None:
    """Sums up the count rows."""
    for statement in COMPACT:
        db.execute(statement)


def get_article(db: Connection, article: str) -> IndexedArticle | None:
    """Returns all rows of an article as stored; None if it is not indexed."""
    query = "select fingerprint, language, title, published from articles where id = %s"
    found = db.execute(query, [article]).fetchone()
    if found is None:
        return None
    query = 'select id, start, "end", text from passages where article = %s order by id'
    passages = [_passage(db, *row) for row in db.execute(query, [article]).fetchall()]
    fingerprint, language, title, published = found
    return IndexedArticle(article, fingerprint, language, title, published, passages)


def _passage(db: Connection, number: int, start: int, end: int, text: bytes) -> IndexedPassage:
    query = """select start, "end", heading, terms, halfvec_send(vector), tokens from sentences
               where passage = %s order by id"""
    rows = db.execute(query, [number]).fetchall()
    lines, terms = [Line(*row[:3]) for row in rows], [row[3] for row in rows]
    encoded = [
        sentence(vector, row[5]) for vector, row in zip(vectors([row[4] for row in rows]), rows, strict=True)
    ]
    return IndexedPassage(start, end, text.decode(), lines, terms, encoded)
