"""What a search reads: one state of the rows of a generation, wherever they are kept."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from index.encoding.codes import Vectors
from index.language.times import Days


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles are searched: those published on some days, one alone, or (with neither) all."""

    days: Days | None = None
    article: str | None = None


ALL_ARTICLES = Scope()

LANGUAGES = """with recursive found(language) as (select min(language) from articles union all
    select (select min(language) from articles where language > found.language)
    from found where language is not null)
    select language from found where language is not null"""
"""The SQL that finds each language of the articles, in both kinds of index, without reading all articles."""

NEAR_SENTENCES = 60
"""How many sentences are looked for by their meaning."""


class PassageRow(NamedTuple):
    """A passage as the index holds it, without its text; `title` is the terms of its article's title."""

    id: int
    article: str
    language: str
    title: str
    start: int
    end: int


class SentenceRow(NamedTuple):
    """A sentence or a heading as the index holds it: its terms in order, parted by spaces, and its vector."""

    id: int
    passage: int
    start: int
    end: int
    heading: bool
    terms: str
    vector: Vectors


class Snapshot(Protocol):
    """One state of the rows, the same for as long as it is open; ids are never used twice."""

    revision: str  # another one where anything is different
    passages: int  # how many there are
    dimension: int  # of the vectors; 0 where there are none

    def languages(self) -> list[str]:
        """The languages whose stemmers made the terms."""

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """How many passages hold each of `terms`; one that none holds is left out."""

    def terms_from(self, initial: str) -> list[str]:
        """All terms that begin with this character, those of most passages first."""

    def text_with(self, term: str) -> str:
        """The text of one passage that holds `term`, which some passage does."""

    def near(self, vector: Vectors, scope: Scope = ALL_ARTICLES) -> list[int]:
        """The passages in `scope` of the NEAR_SENTENCES nearest to `vector`, each once, the nearest first."""

    def bm25(self, terms: Iterable[str], k: int, scope: Scope = ALL_ARTICLES) -> list[tuple[int, float]]:
        """The k passages in `scope` that match `terms` best as (id, score), higher is better, best first.

        The scores are those of Okapi BM25 with k1 = 1.2 and b = .75, as SQLite's FTS5 reckons them.
        """

    def get_passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """The passages `ids` in the order of their ids."""

    def get_sentences(self, passages: Sequence[int]) -> list[SentenceRow]:
        """The sentences of `passages` in the order of their passages' ids and of the text."""

    def get_tokens(self, passages: Sequence[int]) -> list[bytes]:
        """The codes of the tokens of each sentence of `passages`, in the order of `get_sentences`."""

    def passage_text(self, passage: int) -> str:
        """The text of a passage as it was indexed."""

    def longest_sentences(self, article: str, most: int) -> list[SentenceRow]:
        """The sentences of an article that hold most, in terms, the longest first."""
