"""One state of a generation in PostgreSQL: vectors in pgvector, terms in a tsvector, ranked as FTS5 does."""

from collections.abc import Collection, Iterable, Sequence
from math import log
from typing import Any

import numpy as np

from index.encoding.embed import Vectors
from index.postgres.server import Connection
from index.snapshot import ALL_ARTICLES, NEAR_SENTENCES, PassageRow, Scope, SentenceRow

SENTENCE = 'select id, passage, start, "end", terms, halfvec_send(vector) from sentences'
# How widely HNSW looks around: with so many candidates it finds .99 of the nearest sixty among 500,000.
LOOK_AROUND = 400
# Okapi's constants, as FTS5 has them, and what it takes for the rarity of a term that most passages hold.
K1, B, LEAST = 1.2, 0.75, 1e-6
# ts_rank of one term that a text holds n times is 1 + 1/4 + 1/9 … 1/n², over π²/6: so it tells n.
MOST_HELD = 64
HELD = np.cumsum(1 / np.arange(1, MOST_HELD + 1) ** 2) * 6 / np.pi**2
BOUNDS = np.round((HELD + np.concatenate([[0.0], HELD[:-1]])) / 2, 7).tolist()
FREQUENCY = "width_bucket(ts_rank('{1,1,1,1}', terms, %s::tsquery)::float8, %s::float8[])"


class PostgresSnapshot:
    """The rows that the transaction of `db` sees; up to `exact` sentences are compared one by one."""

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
        """The languages whose stemmers made the terms."""
        query = """with recursive found(language) as (select min(language) from articles union all
                   select (select min(language) from articles where language > found.language)
                   from found where language is not null)
                   select language from found where language is not null"""
        return sorted(row[0] for row in self._db.execute(query))

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """How many passages hold each of `terms`; one that none holds is left out."""
        query = """select term, sum(passages)::int from tallies where term = any(%s)
                   group by term having sum(passages) > 0"""
        return dict(self._db.execute(query, [list(terms)]).fetchall())

    def terms_from(self, initial: str) -> list[str]:
        """All terms that begin with this character, those of most passages first."""
        query = """select term from tallies where term >= %s and term < %s
                   group by term having sum(passages) > 0 order by sum(passages) desc, term"""
        return [row[0] for row in self._db.execute(query, [initial, chr(ord(initial) + 1)])]

    def text_with(self, term: str) -> str:
        """The text of one passage that holds `term`, which some passage does."""
        text: bytes = self._row("select text from passages where terms @@ %s::tsquery limit 1", quoted(term))[
            0
        ]
        return text.decode()

    def near(self, vector: Vectors, scope: Scope = ALL_ARTICLES) -> list[int]:
        """The passages in `scope` of the sentences nearest to `vector`, each once, the nearest first."""
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
        """Whether there are so few sentences that comparing them one by one is exact and faster."""
        query = f"select count(*) from (select from sentences where {within} limit %s) as scoped"
        return bool(self._row(query, *values, self._exact + 1)[0] <= self._exact)

    def bm25(self, terms: Iterable[str], k: int, scope: Scope = ALL_ARTICLES) -> list[tuple[int, float]]:
        """The k passages in `scope` that match `terms` best as (id, score), higher is better, best first."""
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
        """What a term counts that so many passages hold."""
        rarity = log((self.passages - holding + 0.5) / (holding + 0.5))
        return (K1 + 1) * (rarity if rarity > 0 else LEAST)

    def get_passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """The passages `ids` in the order of their ids."""
        query = """select passages.id, article, language, title, start, "end", paragraph
                   from passages join articles on articles.id = article
                   where passages.id = any(%s) order by passages.id"""
        return [PassageRow._make(row) for row in self._db.execute(query, [list(ids)])]

    def get_sentences(self, passages: Sequence[int]) -> list[SentenceRow]:
        """The sentences of `passages` in the order of their passages' ids and of the text."""
        return self._sentences(f"{SENTENCE} where passage = any(%s) order by passage, id", list(passages))

    def get_tokens(self, passages: Sequence[int]) -> list[bytes]:
        """The codes of the tokens of each sentence of `passages`, in the order of `get_sentences`."""
        query = "select tokens from sentences where passage = any(%s) order by passage, id"
        return [row[0] for row in self._db.execute(query, [list(passages)])]

    def passage_text(self, passage: int) -> str:
        """The text of a passage as it was indexed."""
        text: bytes = self._row("select text from passages where id = %s", passage)[0]
        return text.decode()

    def longest_sentences(self, article: str, most: int) -> list[SentenceRow]:
        """The sentences of an article that hold most, in terms, the longest first."""
        query = f"{SENTENCE} where article = %s order by length(terms) desc, id limit %s"
        return self._sentences(query, article, most)

    def _sentences(self, query: str, *values: object) -> list[SentenceRow]:
        rows = self._db.execute(query, values).fetchall()
        read = vectors([row[5] for row in rows])
        return [SentenceRow._make([*row[:5], vector]) for row, vector in zip(rows, read, strict=True)]

    def _row(self, query: str, *values: object) -> tuple[Any, ...]:
        row = self._db.execute(query, values).fetchone()
        if row is None:
            raise LookupError("What the index names is not in it.")
        return row


def _within(scope: Scope) -> tuple[str, list[str]]:
    """What holds of a row of an article in `scope`, as SQL, with its values; "" where they are all."""
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
    """A term as tsvector and tsquery read it, whatever is in it."""
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def halves(vector: Vectors) -> str:
    """A vector in half precision, as text that pgvector reads."""
    return f"[{','.join(map(repr, vector.astype(np.float16).tolist()))}]"


def sent(vector: Vectors) -> bytes:
    """A vector in pgvector's binary form: the dimension and nothing, two bytes each, then halves."""
    return len(vector).to_bytes(2) + bytes(2) + vector.astype(">f2").tobytes()


def vectors(received: Sequence[bytes]) -> list[Vectors]:
    """Vectors that pgvector sent in that form."""
    return [np.frombuffer(each, dtype=">f2", offset=4).astype(np.float32) for each in received]
