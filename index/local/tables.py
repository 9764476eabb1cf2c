"""The tables of one generation: passages, sentences, their vectors and their full text."""

import json
from collections.abc import Iterable, Sequence

import numpy as np
from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from index.encoding.codes import Vectors
from index.entries import IndexedArticle, IndexedPassage, sentence
from index.language.passages import Line
from index.local.vectors import Ids
from index.snapshot import LANGUAGES

migrations = Migrations("index")

LAYOUT = "sections/1"
"""Version of these tables; an index with another one is rebuilt."""

# Numbers of a vector: half precision orders sentences as single does.
STORED = np.float16


@migrations()
def create_tables(db: Connection) -> None:
    """Creates the tables; row ids are never reused, so a set of ids identifies the vectors."""
    for statement in (
        "create table meta (key text primary key, value text not null) without rowid",
        """create table articles (id text primary key, fingerprint text not null,
           language text not null, title text not null, published text) without rowid""",
        """create table passages (id integer primary key autoincrement,
           article text not null references articles(id), start integer not null,
           end integer not null, text text not null)""",
        "create index passages_by_article on passages(article)",
        """create table sentences (id integer primary key autoincrement,
           passage integer not null references passages(id), start integer not null,
           end integer not null, heading integer not null, terms text not null, vector blob not null,
           tokens blob not null)""",
        "create index sentences_by_passage on sentences(passage)",
        # index/analyze.py makes the terms; FTS5 only splits them at spaces.
        "create virtual table passage_terms using fts5(terms, "
        """tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* Co' tokenchars '_'")""",
        "create virtual table vocabulary using fts5vocab(passage_terms, row)",
    ):
        db.execute(statement)


@migrations()
def index_languages(db: Connection) -> None:
    """Adds an index so that finding the few languages doesn't scan all articles."""
    db.execute("create index articles_by_language on articles(language)")


def put_article(db: Connection, article: IndexedArticle) -> None:
    """Replaces all rows of an article."""
    withdraw_article(db, article.id)
    values = [article.id, article.fingerprint, article.language, article.title, article.published]
    db.execute("insert into articles values (?, ?, ?, ?, ?)", values)
    for passage in article.passages:
        number = db.execute(
            "insert into passages (article, start, end, text) values (?, ?, ?, ?)",
            [article.id, passage.start, passage.end, passage.text],
        ).lastrowid
        db.execute(
            "insert into passage_terms (rowid, terms) values (?, ?)", [number, " ".join(passage.terms)]
        )
        db.conn.executemany(
            """insert into sentences (passage, start, end, heading, terms, vector, tokens)
               values (?, ?, ?, ?, ?, ?, ?)""",
            [
                (number, *line, terms, encoded.vector.astype(STORED).tobytes(), encoded.tokens.tobytes())
                for line, terms, encoded in zip(passage.lines, passage.terms, passage.encoded, strict=True)
            ],
        )


def withdraw_article(db: Connection, article: str) -> None:
    """Deletes all rows of an article."""
    passages = "select id from passages where article = ?"
    db.execute(f"delete from passage_terms where rowid in ({passages})", [article])
    db.execute(f"delete from sentences where passage in ({passages})", [article])
    db.execute("delete from passages where article = ?", [article])
    db.execute("delete from articles where id = ?", [article])


def withdraw_articles(db: Connection, articles: Iterable[str]) -> None:
    """Deletes all rows of articles, and their words from the full text.

    FTS5 only marks deleted text (`secure-delete` came with SQLite 3.42) until segments are merged.
    """
    for article in articles:
        withdraw_article(db, article)
    db.execute("insert into passage_terms (passage_terms) values ('optimize')")


def fingerprints(db: Connection) -> dict[str, str]:
    """Returns the indexed articles' fingerprints by id."""
    return dict(db.execute("select id, fingerprint from articles").fetchall())


def get_meta(db: Connection) -> dict[str, str]:
    """Returns the generation's metadata."""
    return dict(db.execute("select key, value from meta").fetchall())


def set_meta(db: Connection, **values: object) -> None:
    """Stores metadata of the generation."""
    rows = [(key, str(value)) for key, value in values.items()]
    db.conn.executemany("insert or replace into meta values (?, ?)", rows)


def languages(db: Connection) -> list[str]:
    """Returns the languages of the articles, in order."""
    return [row[0] for row in db.execute(LANGUAGES)]


def sentence_ids(db: Connection) -> Ids:
    """Returns the ids of all sentences."""
    return np.fromiter((row[0] for row in db.execute("select id from sentences")), dtype=np.int64)


def dimension(db: Connection) -> int:
    """Returns the length of the vectors; 0 before the first."""
    row = db.execute("select length(vector) from sentences limit 1").fetchone()
    return row[0] // np.dtype(STORED).itemsize if row else 0


def vectors(db: Connection, ids: Sequence[int], dimension: int) -> Vectors:
    """Returns the vectors of the sentences `ids`, in that order, shape (len(ids), dimension)."""
    found: Vectors = np.empty((len(ids), dimension), dtype=np.float32)
    query = """select wanted.key, vector from json_each(?) wanted
               join sentences on sentences.id = wanted.value"""
    for position, blob in db.execute(query, [json.dumps(ids)]):
        found[position] = np.frombuffer(blob, dtype=STORED)
    return found


def get_article(db: Connection, article: str) -> IndexedArticle | None:
    """Returns all rows of an article as stored; None if it is not indexed."""
    query = "select fingerprint, language, title, published from articles where id = ?"
    found = db.execute(query, [article]).fetchone()
    if found is None:
        return None
    query = "select id, start, end, text from passages where article = ? order by id"
    passages = [_passage(db, *row) for row in db.execute(query, [article]).fetchall()]
    fingerprint, language, title, published = found
    return IndexedArticle(article, fingerprint, language, title, published, passages)


def _passage(db: Connection, number: int, start: int, end: int, text: str) -> IndexedPassage:
    query = """select start, end, heading, terms, vector, tokens from sentences
               where passage = ? order by id"""
    rows = db.execute(query, [number]).fetchall()
    lines, terms = [Line(row[0], row[1], bool(row[2])) for row in rows], [row[3] for row in rows]
    encoded = [sentence(np.frombuffer(row[4], STORED).astype(np.float32), row[5]) for row in rows]
    return IndexedPassage(start, end, text, lines, terms, encoded)
