"""One generation's rows to ranked candidates: found by meaning and by words, weighed sentence by sentence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf

import numpy as np

from corpus.article import Span
from index.encoding import embed
from index.language.analyze import terms
from index.language.passages import window
from index.searching import weighing
from index.searching.confidence import Signals, size
from index.searching.vocabulary import Vocabulary
from index.searching.weighing import (
    ACROSS_PARAGRAPHS,
    Rows,
    Table,
    alike_terms,
    coverage,
    held_terms,
    matches,
    rarities,
)
from index.snapshot import ALL_ARTICLES, PassageRow, Scope, SentenceRow, Snapshot

# How deep each way of searching looks, and how many passages of both together are weighed with care at once.
FOUND_PASSAGES = 15
CAREFUL_PASSAGES, MOST_PASSAGES = 6, 12
# Ranking takes as long as there are passages that hold a term: about a microsecond each.
RANKED, RANKED_SHARE = 1000, 0.025
# Of all words of two passages so many are in both where the one is the other, edited a little.
REPEATED = 0.8


@dataclass(frozen=True)
class Query:
    """A question as the index is asked it; its terms, in order, by language of the indexed articles."""

    encoded: embed.Question
    model: str
    terms: dict[str, list[str]]
    rarity: dict[str, float]
    passages: int  # how many there are
    sought: list[str]  # the terms that full-text search looks for

    @classmethod
    def of(
        cls, view: Snapshot, vocabulary: Vocabulary, question: str, encoded: embed.Question, model: str
    ) -> "Query":
        """The query that asks `question` of the articles in `view`, whose vectors `model` made."""
        by_language = {code: terms(question, code) for code in vocabulary.languages}
        wanted = {term for stems in by_language.values() for term in stems}
        frequencies = vocabulary.frequencies(view, wanted)
        rarity = rarities(wanted, vocabulary.passages, frequencies)
        sought = rarest_terms(frequencies, vocabulary.passages)
        return cls(encoded, model, by_language, rarity, vocabulary.passages, sought)

    @cached_property
    def wanted(self) -> list[str]:
        """Every term once, in a fixed order: the columns of the tables below."""
        return sorted(self.rarity)

    def weights(self, language: str) -> list[float]:
        """The share of the question that each wanted term is, where an article is in `language`."""
        own = set(self.terms[language])
        total = sum(self.rarity[term] for term in own) or 1.0
        return [self.rarity[term] / total if term in own else 0.0 for term in self.wanted]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, with what is shown of it."""

    row: PassageRow
    shown: Span  # offsets into the article's text, as are those of `marked`
    marked: Span  # the sentence that answers best
    score: float  # fused: orders the candidates of one query
    signals: Signals
    words: frozenset[str]

    def repeats(self, other: "Candidate") -> bool:
        """Whether it is of the same paragraph, or has nearly the same words."""
        if (self.row.article, self.row.paragraph) == (other.row.article, other.row.paragraph):
            return True
        return same_words(self.words, other.words)


def rarest_terms(frequencies: Mapping[str, int], passages: int) -> list[str]:
    """The rarest terms, as many as stand in few enough of the `passages` to rank all that hold one.

    What a passage holds of the other terms is weighed later, once it was found.
    """
    room = max(RANKED, RANKED_SHARE * passages)
    chosen: list[str] = []
    for term in sorted(frequencies, key=lambda term: (frequencies[term], term)):
        room -= frequencies[term]
        if room < 0:
            break
        chosen.append(term)
    return chosen


def same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two passages of these terms say nearly the same."""
    return len(one & other) > REPEATED * len(one | other)


def candidates(view: Snapshot, query: Query, scope: Scope = ALL_ARTICLES) -> Iterator[Candidate]:
    """The best of the passages in `scope` that either search found, best first."""
    lexical = dict(view.bm25(query.sought, FOUND_PASSAGES, scope))
    ids = {*view.near(query.encoded.vector, scope)[:FOUND_PASSAGES], *lexical}
    if not ids:
        return
    pool = Pool.of(view, query, ids, lexical)
    ranking = pool.ranking(pool.rough_worth())
    best = inf
    for first in range(0, MOST_PASSAGES, CAREFUL_PASSAGES):  # the later ones only if they are asked for
        if some := ranking[first : first + CAREFUL_PASSAGES]:
            for candidate in pool.only(some).weighed(view):
                best = min(best, candidate.score)  # what comes later is never worth more
                yield replace(candidate, score=best)


@dataclass(frozen=True)
class Pool:
    """Some passages and their sentences, both in the order of their ids, to be weighed for one query."""

    query: Query
    rows: list[PassageRow]
    bm25: Table  # a row a passage
    sentences: list[SentenceRow]
    texts: list[list[str]]  # the terms of each sentence
    cosine: Table  # a row a sentence

    @classmethod
    def of(cls, view: Snapshot, query: Query, ids: Iterable[int], lexical: Mapping[int, float]) -> "Pool":
        """The passages `ids`, with what BM25 gave to some of them."""
        rows, sentences = view.get_passages(list(ids)), view.get_sentences(list(ids))
        scores = np.array([lexical.get(row.id, 0.0) for row in rows], dtype=np.float32)
        cosine = np.stack([row.vector for row in sentences]) @ query.encoded.vector
        texts = [row.terms.split() for row in sentences]
        return cls(query, rows, weighing.shares(scores), sentences, texts, cosine)

    def only(self, positions: Iterable[int]) -> "Pool":
        """The passages at `positions` among these."""
        kept = sorted(positions)
        at = np.flatnonzero(np.isin(self.passage, kept)).tolist()
        rows = [self.rows[i] for i in kept]
        sentences = [self.sentences[i] for i in at]
        texts = [self.texts[i] for i in at]
        return Pool(self.query, rows, self.bm25[kept], sentences, texts, self.cosine[at])

    def weighed(self, view: Snapshot) -> Iterator[Candidate]:
        """The passages as candidates, best first."""
        codes = view.get_tokens([row.id for row in self.rows])
        matched = matches(self.query.encoded.tokens, codes)
        worth = self.worth(matched)
        for position in self.ranking(worth):
            yield self.candidate(position, worth, matched)

    @cached_property
    def passage(self) -> Rows:
        """The position of the passage of each sentence."""
        position = {row.id: i for i, row in enumerate(self.rows)}
        return np.array([position[sentence.passage] for sentence in self.sentences], dtype=np.int64)

    @cached_property
    def starts(self) -> Rows:
        """Where the sentences of each passage begin."""
        return np.searchsorted(self.passage, np.arange(len(self.rows)))

    @cached_property
    def follows(self) -> Table:
        """Whether each sentence comes right after the row above it, less so in another paragraph."""
        links = [0.0]
        for (left, above), (right, below) in pairwise(
            zip(self.passage.tolist(), self.sentences, strict=True)
        ):
            apart = below.id != above.id + 1 or self.rows[left].article != self.rows[right].article
            links.append(0.0 if apart else 1.0 if left == right else ACROSS_PARAGRAPHS)
        return np.array(links, dtype=np.float32)

    @cached_property
    def weights(self) -> Table:
        """What share of the question each wanted term is, a row a passage."""
        by_language = {code: self.query.weights(code) for code in {row.language for row in self.rows}}
        return np.array([by_language[row.language] for row in self.rows], dtype=np.float32)

    @cached_property
    def titles(self) -> Table:
        """Which wanted terms stand in the title, a row a passage."""
        return held_terms([row.title.split() for row in self.rows], self.query.wanted)

    @cached_property
    def held(self) -> Table:
        """Which wanted terms stand in each sentence."""
        return held_terms(self.texts, self.query.wanted)

    def ranking(self, worth: Table) -> list[int]:
        """The positions of the passages, best sentence first."""
        best = np.maximum.reduceat(worth, self.starts)
        return [int(i) for i in np.argsort(-best, kind="stable")]

    def rough_worth(self) -> Table:
        """What each sentence is worth by its meaning and by the words that it holds as they are."""
        covered = coverage(self.held, self.titles, self.weights, self.passage, self.follows)
        return self._meaning() + weighing.COVERAGE * covered

    @cached_property
    def alike(self) -> Table:
        """How far each sentence holds the wanted terms, with what is spelled alike."""
        return alike_terms(self.texts, self.query.wanted, self.held)

    @cached_property
    def covered(self) -> Table:
        """How much of the question each sentence covers, with what is spelled alike."""
        return coverage(self.alike, self.titles, self.weights, self.passage, self.follows)

    def worth(self, matched: Table) -> Table:
        """What each sentence is worth, by its meaning, its tokens, and its words."""
        meaning = self._meaning() + weighing.MATCH * self.reading * matched
        worth: Table = meaning + weighing.COVERAGE * self.covered + weighing.BM25 * self.bm25[self.passage]
        return worth

    def _meaning(self) -> Table:
        best = np.maximum.reduceat(self.cosine, self.starts)
        worth: Table = self.reading * weighing.meaning(self.cosine, best[self.passage])
        return worth

    @cached_property
    def reading(self) -> Table:
        """How far the model's vectors count for each sentence."""
        read = np.array([weighing.reading(self.query.model, row.language) for row in self.rows], np.float32)
        each: Table = read[self.passage]
        return each

    def candidate(self, position: int, worth: Table, matched: Table) -> Candidate:
        """The passage at `position` as a candidate."""
        at = slice(self.starts[position], self.starts[position] + np.count_nonzero(self.passage == position))
        spans = [(sentence.start, sentence.end) for sentence in self.sentences[at]]
        own = worth[at]
        best = int(own.argmax())
        signals = Signals(
            cosine=max(0.0, float(self.cosine[at].max())),
            match=max(0.0, float(matched[at][best])),
            coverage=float(self.covered[at][best]),
            missing=float((self.weights[position] * (self.alike[at][best] == 0)).max(initial=0.0)),
            size=size(self.query.passages),
        )
        shown = window(spans, own.tolist())
        words = frozenset(word for text in self.texts[at] for word in text)
        return Candidate(self.rows[position], shown, spans[best], float(own[best]), signals, words)
