"""A snapshot of a local generation: its rows in SQLite with the matching FAISS index."""

import json
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from sqlite_utils import Database as Connection

from index.encoding.codes import Vectors
from index.local import tables
from index.local.tables import STORED
from index.local.vectors import Ids, VectorIndex
from index.snapshot import ALL_ARTICLES, NEAR_SENTENCES, PassageRow, Scope, SentenceRow

SENTENCE = "select id, passage, start, end, heading, terms, vector from sentences"
LAST = chr(0x10FFFF)
# FAISS's estimates are re-ranked exactly: with just NEAR_SENTENCES it finds .93 of the true ten among 500,000
# and .81 among 1,000,000; with three times as many, 1.00 and .99.
WEIGHED = 3 * NEAR_SENTENCES


class LocalSnapshot:
    """The rows that `db` sees, and their vectors; see Snapshot."""

    def __init__(self, db: Connection, vectors: VectorIndex, revision: str) -> None:
        self._db = db
        self._vectors = vectors
        self.revision = revision
        self.passages: int = db["passages"].count
        self.dimension = vectors.dimension

    def languages(self) -> list[str]:
        """Returns the languages whose stemmers made the terms."""
        return tables.languages(self._db)

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Returns how many passages contain each of `terms`, without those in none."""
        query = "select value, doc from json_each(?) join vocabulary on term = value"
        return dict(self._db.execute(query, [json.dumps(list(terms))]).fetchall())

    def terms_from(self, initial: str) -> list[str]:
        """Returns all terms starting with a character, the most frequent first."""
        query = "select term from vocabulary where term between ? and ? order by doc desc"
        return [row[0] for row in self._db.execute(query, [initial, initial + LAST])]

    def text_with(self, term: str) -> str:
        """Returns the text of one passage that contains `term`, a term of the vocabulary."""
        query = "select rowid from passage_terms where terms match ? limit 1"
        return self.passage_text(self._db.execute(query, [f'"{term}"']).fetchone()[0])

    def near(self, vector: Vectors, scope: Scope = ALL_ARTICLES) -> list[int]:
        """Returns the passages in `scope` of the sentences nearest to `vector`, nearest first."""
        found = self._vectors.search(vector, WEIGHED, self._sentences_within(scope))
        return self._passages_of(found, vector)

    def bm25(self, terms: Iterable[str], k: int, scope: Scope = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Returns the k best passages in `scope` for `terms` as (id, score), highest first."""
        # Terms come from the analyzer and are quoted: raw questions crash FTS5's parser.
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
        if not query:
            return []
        within, values = _passages_within(scope)
        # The plus keeps SQLite from querying FTS5 separately for each passage in the scope.
        chosen = f"and +rowid {within}" if within else ""
        sql = f"select rowid, -rank from passage_terms where terms match ? {chosen} order by rank limit ?"
        return [(int(row[0]), float(row[1])) for row in self._db.execute(sql, [query, *values, k])]

    def get_passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """Returns the passages `ids`, ordered by id."""
        query = """select passages.id, article, language, title, start, end
                   from passages join articles on articles.id = article
                   where passages.id in (select value from json_each(?)) order by passages.id"""
        return [PassageRow._make(row) for row in self._db.execute(query, [json.dumps(ids)])]

    def get_sentences(self, passages: Sequence[int]) -> list[SentenceRow]:
        """Returns the sentences of `passages`, ordered by passage id and position."""
        query = f"{SENTENCE} where passage in (select value from json_each(?)) order by passage, id"
        return self._sentences(query, json.dumps(passages))

    def get_tokens(self, passages: Sequence[int]) -> list[bytes]:
        """Returns the token codes of each sentence of `passages`, ordered as `get_sentences`."""
        query = """select tokens from sentences
                   where passage in (select value from json_each(?)) order by passage, id"""
        return [row[0] for row in self._db.execute(query, [json.dumps(passages)])]

    def passage_text(self, passage: int) -> str:
        """Returns the indexed text of a passage."""
        text: str = self._db.execute("select text from passages where id = ?", [passage]).fetchone()[0]
        return text

    def longest_sentences(self, article: str, most: int) -> list[SentenceRow]:
        """Returns an article's sentences with the most terms, longest first."""
        query = f"""{SENTENCE} where passage in (select id from passages where article = ?)
                    order by length(terms) desc, id limit ?"""
        return self._sentences(query, article, most)

    def _sentences(self, query: str, *values: object) -> list[SentenceRow]:
        rows = self._db.execute(query, values)
        return [
            SentenceRow._make([*row[:6], np.frombuffer(row[6], STORED).astype(np.float32)]) for row in rows
        ]

    def _sentences_within(self, scope: Scope) -> Ids | None:
        """Returns the sentence ids of the articles in `scope`; None for all."""
        within, values = _passages_within(scope)
        if not within:
            return None
        rows = self._db.execute(f"select id from sentences where passage {within}", values)
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def _passages_of(self, sentences: Sequence[int], vector: Vectors) -> list[int]:
        """Returns the passages of the NEAR_SENTENCES nearest to `vector`, skipping deleted ones."""
        query = """select passage, vector from json_each(?) wanted
                   join sentences on sentences.id = wanted.value order by wanted.key"""
        rows = self._db.execute(query, [json.dumps(sentences)]).fetchall()
        vectors = np.frombuffer(b"".join(row[1] for row in rows), STORED).astype(np.float32)
        nearest = np.argsort(-(vectors.reshape(-1, len(vector)) @ vector), kind="stable")
        return list(dict.fromkeys(rows[i][0] for i in nearest[:NEAR_SENTENCES]))


def _passages_within(scope: Scope) -> tuple[str, list[str]]:
    """Returns an SQL condition on passage ids in `scope` with its values; "" for all."""
    conditions, values = [], list(scope.days or ())
    if scope.days:
        conditions.append("substr(published, 1, 10) between ? and ?")
    if scope.article is not None:
        conditions.append("id = ?")
        values.append(scope.article)
    if not conditions:
        return "", []
    articles = f"select id from articles where {' and '.join(conditions)}"
    return f"in (select id from passages where article in ({articles}))", values
