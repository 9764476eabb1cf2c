"""One generation's rows to ranked candidates: found by meaning and by words, weighed sentence by sentence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from index.encoding import embed
from index.language.analyze import terms
from index.language.passages import window
from index.searching import weighing
from index.searching.confidence import Languages, Signals, length, size
from index.searching.result import Barrier
from index.searching.vocabulary import Vocabulary
from index.searching.weighing import (
    ACROSS_PASSAGES,
    Rows,
    Table,
    alike_terms,
    coverage,
    held_terms,
    matches,
    rarities,
    under_headings,
)
from index.snapshot import ALL_ARTICLES, PassageRow, Scope, SentenceRow, Snapshot

# How deep each way of searching looks; what either finds is weighed.
FOUND_PASSAGES = 20
# Ranking takes as long as there are passages that hold a term: about a microsecond each.
RANKED, RANKED_SHARE = 1000, 0.025
# Of all words of two passages so many are in both where the one is the other, edited a little.
REPEATED = 0.8


class Asked(NamedTuple):
    """A question, in a language ("" where it is not known), as a model encoded it."""

    text: str
    language: str
    encoded: embed.Question
    reads: Callable[[str], bool]  # whether the model reads a language


@dataclass(frozen=True)
class Query:
    """A question as the index is asked it; its terms, in order, by language of the indexed articles."""

    asked: Asked
    terms: dict[str, list[str]]
    rarity: dict[str, float]
    passages: int  # how many there are
    sought: list[str]  # the terms that full-text search looks for

    @classmethod
    def of(cls, view: Snapshot, vocabulary: Vocabulary, asked: Asked) -> "Query":
        """The query that asks a question of the articles in `view`."""
        by_language = {code: terms(asked.text, code) for code in vocabulary.languages}
        wanted = {term for stems in by_language.values() for term in stems}
        frequencies = vocabulary.frequencies(view, wanted)
        rarity = rarities(wanted, vocabulary.passages, frequencies)
        sought = rarest_terms(frequencies, vocabulary.passages)
        return cls(asked, by_language, rarity, vocabulary.passages, sought)

    def match(self, language: str) -> Languages:
        """How the question's language and that of an article go together."""
        own = self.asked.language or language
        if not self.asked.reads(language) or not self.asked.reads(own):
            return "unread"
        return "same" if own == language else "across"

    def barrier(self) -> Barrier | None:
        """What keeps the question from all articles, where their languages do."""
        languages = tuple(self.terms)
        apart = self.asked.language not in ("", *languages)
        unread = all(self.match(language) == "unread" for language in languages)
        return Barrier(self.asked.language, languages) if languages and apart and unread else None

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
        """Whether it has nearly the same words."""
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
    """The passages in `scope` that either search found, best first."""
    ids = {*view.near(query.asked.encoded.vector, scope)[:FOUND_PASSAGES]}
    ids.update(number for number, _ in view.bm25(query.sought, FOUND_PASSAGES, scope))
    if ids:
        yield from Pool.of(view, query, sorted(ids)).candidates()


@dataclass(frozen=True)
class Pool:
    """Some passages and their sentences, both in the order of their ids, to be weighed for one query."""

    query: Query
    rows: list[PassageRow]
    sentences: list[SentenceRow]
    texts: list[list[str]]  # the terms of each sentence
    cosine: Table  # a row a sentence
    matched: Table  # likewise

    @classmethod
    def of(cls, view: Snapshot, query: Query, ids: Sequence[int]) -> "Pool":
        """The passages `ids`."""
        rows, sentences = view.get_passages(ids), view.get_sentences(ids)
        cosine = np.stack([row.vector for row in sentences]) @ query.asked.encoded.vector
        matched = matches(query.asked.encoded.tokens, view.get_tokens(ids))
        return cls(query, rows, sentences, [row.terms.split() for row in sentences], cosine, matched)

    def candidates(self) -> Iterator[Candidate]:
        """The passages as candidates, best sentence first."""
        best = np.maximum.reduceat(self.worth, self.starts)
        for position in np.argsort(-best, kind="stable").tolist():
            yield self.candidate(position)

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
        """Whether each sentence comes right after the row above it, less so in another passage."""
        links = [0.0]
        for (left, above), (right, below) in pairwise(
            zip(self.passage.tolist(), self.sentences, strict=True)
        ):
            apart = below.id != above.id + 1 or self.rows[left].article != self.rows[right].article
            links.append(0.0 if apart else 1.0 if left == right else ACROSS_PASSAGES)
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

    @cached_property
    def alike(self) -> Table:
        """How far each sentence holds the wanted terms, with what is spelled alike."""
        return alike_terms(self.texts, self.query.wanted, self.held)

    @cached_property
    def covered(self) -> Table:
        """How much of the question each sentence covers, with what is spelled alike."""
        return coverage(self.alike, self.above(self.alike), self.weights, self.passage, self.follows)

    def above(self, held: Table) -> Table:
        """Which wanted terms stand in the title or the heading above each sentence."""
        headings = np.flatnonzero(self.headings)
        return np.maximum(self.titles[self.passage], under_headings(held, headings, self.passage))

    @cached_property
    def headings(self) -> Rows:
        """Which rows are headings, which answer nothing by themselves."""
        return np.array([sentence.heading for sentence in self.sentences], dtype=bool)

    @cached_property
    def worth(self) -> Table:
        """What each sentence is worth; a heading answers nothing by itself."""
        best = np.maximum.reduceat(self.cosine, self.starts)[self.passage]
        reading = np.where(self.are("unread"), np.float32(weighing.UNREAD), np.float32(1))
        meaning = reading * weighing.meaning(self.cosine, best, self.matched)
        words = weighing.COVERAGE * self.covered + weighing.OTHER_WORDS * self.are("across")
        return np.where(self.headings, np.float32(-1), meaning + words)

    @cached_property
    def languages(self) -> list[Languages]:
        """How the question's language and that of each passage go together."""
        return [self.query.match(row.language) for row in self.rows]

    def are(self, languages: Languages) -> NDArray[np.bool_]:
        """Whether each sentence's passage and the question go together so."""
        return np.array([each == languages for each in self.languages])[self.passage]

    def candidate(self, position: int) -> Candidate:
        """The passage at `position` as a candidate."""
        at = slice(self.starts[position], self.starts[position] + np.count_nonzero(self.passage == position))
        spans = [(sentence.start, sentence.end) for sentence in self.sentences[at]]
        own = self.worth[at]
        best = int(own.argmax())
        languages = self.languages[position]
        read = languages != "unread"
        signals = Signals(
            cosine=max(0.0, float(self.cosine[at].max())) if read else 0.0,
            match=max(0.0, float(self.matched[at][best])) if read else 0.0,
            coverage=float(self.covered[at][best]),
            missing=float((self.weights[position] * (self.alike[at][best] == 0)).max(initial=0.0)),
            size=size(self.query.passages),
            length=length(len(set(self.query.terms[self.rows[position].language]))),
            languages=languages,
        )
        shown = window(spans, own.tolist())
        words = frozenset(word for text in self.texts[at] for word in text)
        return Candidate(self.rows[position], shown, spans[best], float(own[best]), signals, words)
