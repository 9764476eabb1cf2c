"""A snapshot of a generation in PostgreSQL: pgvector for vectors, tsvector terms ranked as in FTS5."""

from collections.abc import Collection, Iterable, Sequence
from math import log
from typing import Any

import numpy as np

from index.encoding.codes import Vectors
from index.postgres.server import Connection
from index.snapshot import ALL_ARTICLES, LANGUAGES, NEAR_SENTENCES, PassageRow, Scope, SentenceRow

SENTENCE = 'select id, passage, start, "end", heading, terms, halfvec_send(vector) from sentences'
# HNSW's candidate list: at this size it finds .99 of the nearest sixty among 500,000.
LOOK_AROUND = 400
# Okapi's constants as in FTS5, and the rarity it assigns to a term that most passages contain.
K1, B, LEAST = 1.2, 0.75, 1e-6
# ts_rank of one term that occurs n times is (1 + 1/4 + 1/9 … 1/n²) / (π²/6), which gives n.
MOST_HELD = 64
HELD = np.cumsum(1 / np.arange(1, MOST_HELD + 1) ** 2) * 6 / np.pi**2
BOUNDS = np.round((HELD + np.concatenate([[0.0], HELD[:-1]])) / 2, 7).tolist()
FREQUENCY = "width_bucket(ts_rank('{1,1,1,1}', terms, %s::tsquery)::float8, %s::float8[])"


class PostgresSnapshot:
    """The rows that `db` sees in its transaction; up to `exact` sentences are compared one by one."""

    def __init__(self, db: Connection, exact: int) -> None:
        self._db = db
        self._exact = exact
        revision, dimension, *totals = self._row(
            """select (select value from meta where key = 'revision'),
               (select vector_dims(vector) from sentences limit 1),
               sum(passages), sum(tokens), sum(sentences) from totals"""
        )
        self.revision: str = revision or ""
        self.dimension: int = dimension or 0
        self.passages, self._tokens, self._sentence_count = (int(total or 0) for total in totals)

    def languages(self) -> list[str]:
        """Returns the languages whose stemmers made the terms."""
        return languages(self._db)

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Returns how many passages contain each of `terms`, without those in none."""
        query = """select term, sum(passages)::int from tallies where term = any(%s)
                   group by term having sum(passages) > 0"""
        return dict(self._db.execute(query, [list(terms)]).fetchall())

    def terms_from(self, initial: str) -> list[str]:
        """Returns all terms starting with a character, the most frequent first."""
        query = """select term from tallies where term >= %s and term < %s
                   group by term having sum(passages) > 0 order by sum(passages) desc, term"""
        return [row[0] for row in self._db.execute(query, [initial, chr(ord(initial) + 1)])]

    def text_with(self, term: str) -> str:
        """Returns the text of one passage that contains `term`, which some passage must."""
        text: bytes = self._row("select text from passages where terms @@ %s::tsquery limit 1", quoted(term))[
            0
        ]
        return text.decode()

    def near(self, vector: Vectors, scope: Scope = ALL_ARTICLES) -> list[int]:
        """Returns the passages in `scope` of the sentences nearest to `vector`, nearest first."""
        within, values = _within(scope)
        by_graph = self._sentence_count > self._exact and not (within and self._is_small(within, values))
        kind = f"halfvec({len(vector)})"
        order = f"vector::{kind} <#> %s::{kind}" if by_graph else "(vector <#> %s::halfvec) + 0"
        if by_graph:
            self._db.execute(f"set local hnsw.ef_search = {LOOK_AROUND}")
        query = f"select passage from sentences where {within or 'true'} order by {order} limit %s"
        rows = self._db.execute(query, [*values, halves(vector), NEAR_SENTENCES])
        return list(dict.fromkeys(row[0] for row in rows))

    def _is_small(self, within: str, values: Sequence[str]) -> bool:
        """Returns whether comparing the sentences one by one is exact and faster."""
        query = f"select count(*) from (select from sentences where {within} limit %s) as scoped"
        return bool(self._row(query, *values, self._exact + 1)[0] <= self._exact)

    def bm25(self, terms: Iterable[str], k: int, scope: Scope = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Returns the k best passages in `scope` for `terms` as (id, score), highest first."""
        held = self.frequencies(set(terms))
        if not held:
            return []
        within, values = _within(scope)
        each = " + ".join(f"%s * (1 - norm / (norm + {FREQUENCY}))" for _ in held)
        query = f"""select id, {each} as score from (
                      select id, terms, {K1} * ({1 - B} + %s * length) as norm
                      from passages where terms @@ %s::tsquery and {within or "true"}) found
                    order by score desc, id limit %s"""
        weighed = [x for term, n in held.items() for x in (self._weight(n), quoted(term), BOUNDS)]
        shorter = B * self.passages / max(self._tokens, 1)
        asked = " | ".join(quoted(term) for term in held)
        rows = self._db.execute(query, [*weighed, shorter, asked, *values, k])
        return [(number, float(score)) for number, score in rows]

    def _weight(self, holding: int) -> float:
        """Returns the weight of a term that `holding` passages contain."""
        rarity = log((self.passages - holding + 0.5) / (holding + 0.5))
        return (K1 + 1) * (rarity if rarity > 0 else LEAST)

    def get_passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """Returns the passages `ids`, ordered by id."""
        query = """select passages.id, article, language, title, start, "end"
                   from passages join articles on articles.id = article
                   where passages.id = any(%s) order by passages.id"""
        return [PassageRow._make(row) for row in self._db.execute(query, [list(ids)])]

    def get_sentences(self, passages: Sequence[int]) -> list[SentenceRow]:
        """Returns the sentences of `passages`, ordered by passage id and position."""
        return self._sentences(f"{SENTENCE} where passage = any(%s) order by passage, id", list(passages))

    def get_tokens(self, passages: Sequence[int]) -> list[bytes]:
        """Returns the token codes of each sentence of `passages`, ordered as `get_sentences`."""
        query = "select tokens from sentences where passage = any(%s) order by passage, id"
        return [row[0] for row in self._db.execute(query, [list(passages)])]

    def passage_text(self, passage: int) -> str:
        """Returns the indexed text of a passage."""
        text: bytes = self._row("select text from passages where id = %s", passage)[0]
        return text.decode()

    def longest_sentences(self, article: str, most: int) -> list[SentenceRow]:
        """Returns an article's sentences with the most terms, longest first."""
        query = f"{SENTENCE} where article = %s order by length(terms) desc, id limit %s"
        return self._sentences(query, article, most)

    def _sentences(self, query: str, *values: object) -> list[SentenceRow]:
        rows = self._db.execute(query, values).fetchall()
        read = vectors([row[6] for row in rows])
        return [SentenceRow._make([*row[:6], vector]) for row, vector in zip(rows, read, strict=True)]

    def _row(self, query: str, *values: object) -> tuple[Any, ...]:
        row = self._db.execute(query, values).fetchone()
        if row is None:
            raise LookupError("What the index names is not in it.")
        return row


def languages(db: Connection) -> list[str]:
    """Returns the languages of the articles, in order."""
    return sorted(row[0] for row in db.execute(LANGUAGES))


def _within(scope: Scope) -> tuple[str, list[str]]:
    """Returns an SQL condition on rows of articles in `scope` with its values; "" for all."""
    conditions, values = [], list(scope.days or ())
    if scope.days:
        conditions.append(
            "article in (select id from articles where substr(published, 1, 10) between %s and %s)"
        )
    if scope.article is not None:
        conditions.append("article = %s")
        values.append(scope.article)
    return " and ".join(conditions), values


def quoted(term: str) -> str:
    """Quotes a term for tsvector and tsquery."""
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def halves(vector: Vectors) -> str:
    """Returns a vector in half precision as text for pgvector."""
    return f"[{','.join(map(repr, vector.astype(np.float16).tolist()))}]"


def sent(vector: Vectors) -> bytes:
    """Returns a vector in pgvector's binary form: dimension and zero, two bytes each, then halves."""
    return len(vector).to_bytes(2) + bytes(2) + vector.astype(">f2").tobytes()


def vectors(received: Sequence[bytes]) -> list[Vectors]:
    """Parses vectors received in pgvector's binary form."""
    return [np.frombuffer(each, dtype=">f2", offset=4).astype(np.float32) for each in received]
