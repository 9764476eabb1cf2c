"""A question to its hits: ranked by one generation, resolved against the stored articles."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice

from sqlite_utils import Database as Connection

from corpus.article import Article, Span
from corpus.errors import CitewireError
from corpus.store import Store
from index import tables
from index.confidence import ANSWERED, Confidence, Signals, State, state
from index.embed import Encoder
from index.generation import Generation, Shelf, follow, recipe
from index.rerank import Reranker
from index.retrieve import Candidate, Query, candidates
from index.spelling import Speller
from index.times import Period, read
from index.vectors import VectorIndex

log = logging.getLogger(__name__)

MAX_QUESTION = 1000
"""Characters of a question; a longer one is refused before it costs anything."""


class NotAQuestion(CitewireError):
    """What was asked can't be searched for."""


class NoIndex(CitewireError):
    """There is no index that may be searched."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage that was found: `article.text[start:end]`, with the sentence that answers marked."""

    article: Article
    start: int
    end: int
    sentence: Span
    score: float  # fused or the reranker's; orders the hits of one question
    cosine: float  # of the question and the marked passage's best sentence

    @property
    def text(self) -> str:
        """The passage, word for word."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Result:
    """What a question found, best first; the hits are there also where they don't answer it."""

    question: str
    hits: tuple[Hit, ...]
    confidence: float
    articles: int
    newest: str | None
    generation: str
    signals: Signals | None = None  # what the confidence was made of, for those who fit it
    period: str | None = None  # the time that the question asks about, and that the hits are of
    outside: str | None = None  # likewise, where no article of that time answers
    corrected: str | None = None  # what was searched for, where words of the question seemed misspelt

    @property
    def state(self) -> State:
        """What a person is told: answered, perhaps, or absent."""
        return state(self.confidence)

    def as_dict(self) -> dict[str, object]:
        """The result as JSON holds it; all offsets count characters of the article's stored text."""
        return {
            "question": self.question,
            "answered": self.state == "answered",
            "state": self.state,
            "confidence": round(self.confidence, 4),
            **({"period": self.period} if self.period else {}),
            "hits": [
                {
                    "article": hit.article.id,
                    "title": hit.article.title,
                    "outlet": hit.article.outlet,
                    "url": hit.article.url,
                    "published": hit.article.published,
                    "start": hit.start,
                    "end": hit.end,
                    "text": hit.text,
                    "sentence": list(hit.sentence),
                    "score": round(hit.score, 4),
                }
                for hit in self.hits
            ],
        }


def checked(question: str) -> str:
    """The question without white space around it; NotAQuestion where it can't be searched for."""
    question = question.encode(errors="replace").decode().strip()  # half a surrogate pair is no text
    if len(question) > MAX_QUESTION:
        raise NotAQuestion(f"That is long: please ask in at most {MAX_QUESTION:,} characters.")
    if not any(character.isalnum() for character in question):
        raise NotAQuestion("I see no words in that: please ask your question in words.")
    return question


class Searcher:
    """Answers questions from the generation that serves; for one thread at a time."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        encoder: Encoder,
        *,
        confidence: Confidence | None = None,
        reranker: Reranker | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._encoder = encoder
        self._confidence = confidence or Confidence.read()
        self._reranker = reranker
        self._today = today
        self._generation: Generation | None = None
        self._vectors: VectorIndex | None = None
        self._speller = Speller(encoder)
        self._revision = ""

    def ask(self, question: str, k: int = 3) -> Result:
        """The k best passages for `question`, at most one a paragraph, and how sure the first one is.

        Raises NotAQuestion for what can't be searched for, NoIndex where no index serves.
        """
        question = checked(question)
        period = self._period(question)
        if period is None:
            return self._found(question, k)
        within = self._found(period.words, k, period)
        if within.state == "answered":
            return replace(within, question=question, period=period.said)
        result = self._found(question, k)
        inside = result.hits and period.holds(result.hits[0].article.published)
        return replace(result, outside=None if inside else period.said)

    def _period(self, question: str) -> Period | None:
        """The time that a question asks about, where the dates of the articles can say what is of it."""
        period = read(question, self._today())
        dates = self._store.dates() if period else None
        return period if period and dates and period.parts(*dates) else None

    def _found(self, question: str, k: int, period: Period | None = None) -> Result:
        generation = self._serving()
        try:
            with generation.db.snapshot() as db:
                vectors = self._current_vectors(generation, db)
                asked = self._speller.corrected(db, question)
                encoded = self._encoder.encode_question(asked)
                query = Query.of(db, asked, encoded, self._encoder.name)
                resolved = self._resolved(db, candidates(db, vectors, query, period.days if period else None))
                found = self._reranked(asked, resolved)
                ranked = list(islice(self._newest_first(found) if period and period.latest else found, k))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # a lock or a full disk, no damage
                raise
            self.close()
            raise NoIndex("The index is damaged: `citewire reindex` renews it.") from error
        signals = ranked[0][0].signals if ranked else None
        sure = self._confidence.of(signals) if signals else 0.0
        count, newest = self._store.extent()
        hits = tuple(hit for _, hit in ranked)
        return Result(
            question, hits, sure, count, newest, generation.name, signals,
            corrected=asked if asked != question else None,
        )  # fmt: skip

    def _newest_first(self, found: Iterable[tuple[Candidate, Hit]]) -> list[tuple[Candidate, Hit]]:
        """What answers by the dates of the articles, then the rest as it was."""

        def key(each: tuple[Candidate, Hit]) -> tuple[bool, str]:
            answers = self._confidence.of(each[0].signals) >= ANSWERED
            return answers, (each[1].article.published or "") if answers else ""

        return sorted(found, key=key, reverse=True)

    def close(self) -> None:
        """Let go of the generation."""
        if self._generation is not None:
            self._generation.close()
        self._generation = self._vectors = None

    def _serving(self) -> Generation:
        """The generation that serves now, opened anew when another was published."""
        held = self._generation
        if held is not None and held.name == self._shelf.names()[0] and held.is_in_place():
            return held
        self.close()
        generation = self._shelf.current()
        if generation is None:
            raise NoIndex("There is no index yet: `citewire reindex` makes one.")
        if generation.made_with != recipe(self._encoder):
            generation.close()
            raise NoIndex("The index was made with other settings: `citewire reindex` renews it.")
        self._generation = generation
        return generation

    def _current_vectors(self, generation: Generation, db: Connection) -> VectorIndex:
        """The FAISS index at just the state of the rows that `db` sees."""
        revision = tables.get_meta(db).get("revision", "")
        if self._vectors is None or self._vectors.dimension != tables.dimension(db):
            self._vectors, self._revision = generation.load_vectors(), ""
        if revision != self._revision:
            follow(self._vectors, db)
            self._speller, self._revision = Speller(self._encoder), revision
        return self._vectors

    def _resolved(self, db: Connection, ranked: Iterable[Candidate]) -> Iterator[tuple[Candidate, Hit]]:
        """The candidates whose article still stands and still says so, at most one a paragraph."""
        seen: set[tuple[str, int]] = set()
        for candidate in ranked:
            row = candidate.row
            if (row.article, row.paragraph) in seen:
                continue
            article = self._store.article(row.article)
            if article is None:
                continue
            if article.text[row.start : row.end] != tables.passage_text(db, row.id):
                log.info("Passage %s of %s awaits reindexing: not shown.", row.id, row.article)
                continue
            if any(start < row.end and row.start < end for start, end in article.promotion):
                continue
            seen.add((row.article, row.paragraph))
            yield (
                candidate,
                Hit(article, *candidate.shown, candidate.marked, candidate.score, candidate.cosine),
            )

    def _reranked(
        self, question: str, resolved: Iterable[tuple[Candidate, Hit]]
    ) -> Iterable[tuple[Candidate, Hit]]:
        """The same in the order of the reranker, where there is one."""
        if self._reranker is None:
            return resolved
        found = list(resolved)
        scores = self._reranker.scores(question, [hit.text for _, hit in found]).tolist()
        scored = [(c, replace(hit, score=score)) for (c, hit), score in zip(found, scores, strict=True)]
        return sorted(scored, key=lambda pair: -pair[1].score)
