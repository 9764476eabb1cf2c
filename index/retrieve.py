"""One generation's rows to ranked candidates: dense by best sentence, BM25, and their convex sum."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database as Connection

from corpus.article import Span
from index import tables
from index.analyze import terms
from index.confidence import Signals
from index.embed import Vectors
from index.fulltext import bm25
from index.fuse import convex_sum
from index.tables import PassageRow
from index.vectors import VectorIndex

# How deep each way of searching looks.
DENSE_SENTENCES = 200
LEXICAL_PASSAGES = 100
# What the terms that a sentence shares with the question weigh beside its cosine when one is marked.
MARK_LEXICAL = 0.5
# A name starts with a capital inside the question, or holds a digit.
NAME = re.compile(r"(?<=\s)[^\W\d_]*[A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]*|\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index is asked it; its terms by language of the indexed articles."""

    text: str
    vector: Vectors
    terms: dict[str, frozenset[str]]

    @classmethod
    def of(cls, question: str, vector: Vectors, languages: Iterable[str]) -> "Query":
        """The query that asks `question` of articles in `languages`."""
        return cls(question, vector, {code: frozenset(terms(question, code)) for code in languages})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, with what the searches said of it."""

    row: PassageRow
    score: float  # fused: orders the candidates of one query
    cosine: float  # of its best sentence
    marked: Span  # the sentence that answers best, offsets into the article's text


def candidates(db: Connection, vectors: VectorIndex, query: Query) -> list[Candidate]:
    """The passages that either search found, best first."""
    found = [number for number, _ in vectors.search(query.vector, DENSE_SENTENCES)]
    every_term = {term for stems in query.terms.values() for term in stems}
    lexical = dict(bm25(db, sorted(every_term), LEXICAL_PASSAGES))
    ids = {*tables.passages_of(db, found).values(), *lexical}
    rows = list(tables.get_passages(db, sorted(ids)))
    cosines = _cosines(db, rows, query.vector)
    dense = {row.id: max(cosines[number] for number, _, _ in row.sentences) for row in rows}
    fused = convex_sum(dense, lexical)
    ranked = sorted(rows, key=lambda row: (-fused[row.id], row.id))
    return [Candidate(row, fused[row.id], dense[row.id], _marked(row, cosines, query)) for row in ranked]


def signals(query: Query, best: Candidate, title: str) -> Signals:
    """The raw signals of the first candidate; `title` is its article's."""
    held = frozenset(terms(f"{title}\n{best.row.text}", best.row.language))
    names = {term for name in NAME.findall(query.text) for term in terms(name, best.row.language)}
    return Signals(
        cosine=max(0.0, best.cosine),
        coverage=_share(query.terms[best.row.language], held, 0.0),
        names=_share(names, held, 1.0),
    )


def _cosines(db: Connection, rows: Iterable[PassageRow], vector: Vectors) -> dict[int, float]:
    """The cosine to the question of each sentence of `rows`, by its id."""
    ids = [number for row in rows for number, _, _ in row.sentences]
    products = tables.vectors(db, ids, len(vector)) @ vector
    return dict(zip(ids, products.tolist(), strict=True))


def _marked(row: PassageRow, cosines: dict[int, float], query: Query) -> Span:
    """The sentence of a passage that answers best, by meaning and by the words it shares."""
    wanted = query.terms[row.language]

    def worth(sentence: tuple[int, int, int]) -> float:
        number, start, end = sentence
        words = terms(row.text[start - row.start : end - row.start], row.language)
        return cosines[number] + MARK_LEXICAL * _share(wanted, frozenset(words), 0.0)

    _, start, end = max(row.sentences, key=worth)
    return start, end


def _share(wanted: Iterable[str], held: frozenset[str], without: float) -> float:
    """The share of `wanted` that is held; `without` where nothing is wanted."""
    asked = set(wanted)
    return len(asked & held) / len(asked) if asked else without
