"""The rows of one generation: passages, sentences, their vectors and their full text."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.article import Article
from index.embed import Sentence, Vectors
from index.passages import Passage
from index.times import Days
from index.vectors import Ids

migrations = Migrations("index")

LAYOUT = "dated/2"
"""Names these tables; an index with others is rebuilt."""


@migrations()
def create_tables(db: Connection) -> None:
    """Row ids are never used twice, so a set of ids says exactly which vectors are meant."""
    for statement in (
        "create table meta (key text primary key, value text not null) without rowid",
        """create table articles (id text primary key, fingerprint text not null,
           language text not null, title text not null, published text) without rowid""",
        """create table passages (id integer primary key autoincrement,
           article text not null references articles(id), start integer not null,
           end integer not null, paragraph integer not null, text text not null)""",
        "create index passages_by_article on passages(article)",
        """create table sentences (id integer primary key autoincrement,
           passage integer not null references passages(id), start integer not null,
           end integer not null, terms text not null, vector blob not null, tokens blob not null)""",
        "create index sentences_by_passage on sentences(passage)",
        # The terms are made by index/analyze.py; FTS5 only parts them again at the spaces.
        "create virtual table passage_terms using fts5(terms, "
        """tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* Co' tokenchars '_'")""",
        "create virtual table vocabulary using fts5vocab(passage_terms, row)",
    ):
        db.execute(statement)


@migrations()
def index_languages(db: Connection) -> None:
    """So that a question need not look through all articles for the few languages they are in."""
    db.execute("create index articles_by_language on articles(language)")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles are searched: those published on some days, one alone, or (with neither) all."""

    days: Days | None = None
    article: str | None = None

    def passages(self) -> tuple[str, list[str]]:
        """What holds of the id of a passage of theirs, as SQL, with its values; "" where they are all."""
        conditions: dict[str, Sequence[str]] = {}
        if self.days:
            conditions["substr(published, 1, 10) between ? and ?"] = self.days
        if self.article is not None:
            conditions["id = ?"] = [self.article]
        if not conditions:
            return "", []
        articles = f"select id from articles where {' and '.join(conditions)}"
        return f"in (select id from passages where article in ({articles}))", [*chain(*conditions.values())]


ALL_ARTICLES = Scope()


class PassageRow(NamedTuple):
    """A passage as the index holds it, without its text; `title` is the terms of its article's title."""

    id: int
    article: str
    language: str
    title: str
    start: int
    end: int
    paragraph: int


class SentenceRow(NamedTuple):
    """A sentence as the index holds it: its terms in order, parted by spaces, and its vector's bytes."""

    id: int
    passage: int
    start: int
    end: int
    terms: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage on its way in; `terms` and `encoded` have one each a sentence."""

    passage: Passage
    text: str
    terms: list[str]
    encoded: list[Sentence]


def put_article(
    db: Connection, article: Article, fingerprint: str, language: str, title: str, rows: Iterable[NewPassage]
) -> None:
    """Replace all rows of an article; `title` is the terms of its title."""
    withdraw_article(db, article.id)
    values = [article.id, fingerprint, language, title, article.published]
    db.execute("insert into articles values (?, ?, ?, ?, ?)", values)
    for row in rows:
        span = row.passage
        number = db.execute(
            "insert into passages (article, start, end, paragraph, text) values (?, ?, ?, ?, ?)",
            [article.id, span.start, span.end, span.paragraph, row.text],
        ).lastrowid
        db.execute("insert into passage_terms (rowid, terms) values (?, ?)", [number, " ".join(row.terms)])
        db.conn.executemany(
            "insert into sentences (passage, start, end, terms, vector, tokens) values (?, ?, ?, ?, ?, ?)",
            [
                (number, *sentence, terms, encoded.vector.tobytes(), encoded.tokens.tobytes())
                for sentence, terms, encoded in zip(span.sentences, row.terms, row.encoded, strict=True)
            ],
        )


def withdraw_article(db: Connection, article: str) -> None:
    """Take out all rows of an article."""
    passages = "select id from passages where article = ?"
    db.execute(f"delete from passage_terms where rowid in ({passages})", [article])
    db.execute(f"delete from sentences where passage in ({passages})", [article])
    db.execute("delete from passages where article = ?", [article])
    db.execute("delete from articles where id = ?", [article])


def withdraw_articles(db: Connection, articles: Iterable[str]) -> None:
    """Take out all rows of articles, and their words from the full text.

    FTS5 only marks what is deleted (its `secure-delete` came with SQLite 3.42) until segments are merged.
    """
    for article in articles:
        withdraw_article(db, article)
    db.execute("insert into passage_terms (passage_terms) values ('optimize')")


def fingerprints(db: Connection) -> dict[str, str]:
    """What is indexed: article id to the fingerprint of what was indexed of it."""
    return dict(db.execute("select id, fingerprint from articles").fetchall())


def languages(db: Connection) -> list[str]:
    """The languages whose stemmers made the terms."""
    query = """with recursive found(language) as (select min(language) from articles union all
               select (select min(language) from articles where language > found.language)
               from found where language is not null)
               select language from found where language is not null"""
    return [row[0] for row in db.execute(query)]


def get_meta(db: Connection) -> dict[str, str]:
    """What the generation says of itself."""
    return dict(db.execute("select key, value from meta").fetchall())


def set_meta(db: Connection, **values: object) -> None:
    """Write what the generation says of itself."""
    rows = [(key, str(value)) for key, value in values.items()]
    db.conn.executemany("insert or replace into meta values (?, ?)", rows)


def sentence_ids(db: Connection) -> Ids:
    """The ids of all sentences."""
    return np.fromiter((row[0] for row in db.execute("select id from sentences")), dtype=np.int64)


def sentences_within(db: Connection, scope: Scope) -> Ids | None:
    """The ids of the sentences of the articles in `scope`; None where they are all."""
    within, values = scope.passages()
    if not within:
        return None
    rows = db.execute(f"select id from sentences where passage {within}", values)
    return np.fromiter((row[0] for row in rows), dtype=np.int64)


def dimension(db: Connection) -> int:
    """The length of the vectors; 0 before the first."""
    row = db.execute("select length(vector) from sentences limit 1").fetchone()
    return row[0] // np.dtype(np.float32).itemsize if row else 0


def vectors(db: Connection, ids: Sequence[int], dimension: int) -> Vectors:
    """The vectors of the sentences `ids`, in that order, shape (len(ids), dimension)."""
    found: Vectors = np.empty((len(ids), dimension), dtype=np.float32)
    query = """select wanted.key, vector from json_each(?) wanted
               join sentences on sentences.id = wanted.value"""
    for position, blob in db.execute(query, [json.dumps(ids)]):
        found[position] = np.frombuffer(blob, dtype=np.float32)
    return found


def document_frequencies(db: Connection, terms: Iterable[str]) -> dict[str, int]:
    """How many passages hold each of `terms`; one that none holds is left out."""
    query = "select value, doc from json_each(?) join vocabulary on term = value"
    return dict(db.execute(query, [json.dumps(list(terms))]).fetchall())


def vocabulary(db: Connection) -> list[str]:
    """All terms, those of most passages first; reads the whole full text."""
    return [row[0] for row in db.execute("select term from vocabulary order by doc desc")]


def text_with(db: Connection, term: str) -> str:
    """The text of one passage that holds `term`, which came from the vocabulary."""
    query = "select rowid from passage_terms where terms match ? limit 1"
    return passage_text(db, db.execute(query, [f'"{term}"']).fetchone()[0])


def passages_of(db: Connection, sentences: Sequence[int], vector: Vectors) -> list[int]:
    """The passages of `sentences`, each once, the nearest to `vector` first; what is gone is left out."""
    query = """select passage, vector from json_each(?) wanted
               join sentences on sentences.id = wanted.value order by wanted.key"""
    rows = db.execute(query, [json.dumps(sentences)]).fetchall()
    vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
    nearest = np.argsort(-(vectors.reshape(-1, len(vector)) @ vector), kind="stable")
    return list(dict.fromkeys(rows[i][0] for i in nearest))


def get_passages(db: Connection, ids: Sequence[int]) -> list[PassageRow]:
    """The passages `ids` in the order of their ids."""
    query = """select passages.id, article, language, title, start, end, paragraph
               from passages join articles on articles.id = article
               where passages.id in (select value from json_each(?)) order by passages.id"""
    return [PassageRow._make(row) for row in db.execute(query, [json.dumps(ids)])]


def get_sentences(db: Connection, passages: Sequence[int]) -> list[SentenceRow]:
    """The sentences of `passages` in the order of their passages' ids and of the text."""
    query = """select id, passage, start, end, terms, vector from sentences
               where passage in (select value from json_each(?)) order by passage, id"""
    return [SentenceRow._make(row) for row in db.execute(query, [json.dumps(passages)])]


def longest_sentences(db: Connection, article: str, most: int) -> list[SentenceRow]:
    """The sentences of an article that hold most, in terms, the longest first."""
    query = """select id, passage, start, end, terms, vector from sentences
               where passage in (select id from passages where article = ?)
               order by length(terms) desc, id limit ?"""
    return [SentenceRow._make(row) for row in db.execute(query, [article, most])]


def nearest(db: Connection, sentences: Sequence[int], vector: Vectors) -> float:
    """The cosine of `vector` and the nearest of `sentences`; -1 where there are none."""
    query = "select vector from sentences where id in (select value from json_each(?))"
    rows = [np.frombuffer(row[0], np.float32) for row in db.execute(query, [json.dumps(sentences)])]
    return max((float(row @ vector) for row in rows), default=-1.0)


def hold_terms(db: Connection, passages: Sequence[int], terms: Collection[str]) -> bool:
    """Whether one of `passages` holds all of `terms`."""
    query = "select terms from passage_terms where rowid in (select value from json_each(?))"
    rows = db.execute(query, [json.dumps(passages)])
    return any(set(terms) <= set(held.split()) for (held,) in rows)


def get_tokens(db: Connection, passages: Sequence[int]) -> list[bytes]:
    """The codes of the tokens of each sentence of `passages`, in the order of `get_sentences`."""
    query = """select tokens from sentences
               where passage in (select value from json_each(?)) order by passage, id"""
    return [row[0] for row in db.execute(query, [json.dumps(passages)])]


def passage_text(db: Connection, passage: int) -> str:
    """The text of a passage as it was indexed."""
    text: str = db.execute("select text from passages where id = ?", [passage]).fetchone()[0]
    return text
