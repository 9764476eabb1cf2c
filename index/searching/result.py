"""What a question found."""

from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.article import Article, Span
from index.language.times import Period
from index.searching.confidence import Signals, State, state


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage that was found: `article.text[start:end]`, with the sentence that answers marked."""

    article: Article
    start: int
    end: int
    sentence: Span
    score: float  # orders the hits of one search
    confidence: float  # that it answers, between 0 and 1
    signals: Signals  # what the confidence was made of
    also: tuple[Article, ...] = ()  # others that say nearly the same
    words: frozenset[str] = field(default=frozenset(), repr=False)  # the terms of the passage

    @property
    def text(self) -> str:
        """The passage, word for word."""
        return self.article.text[self.start : self.end]

    def as_dict(self) -> dict[str, object]:
        """The hit as JSON holds it; all offsets count characters of the article's stored text."""
        return {
            "article": self.article.id,
            "title": self.article.title,
            "outlet": self.article.outlet,
            "url": self.article.url,
            "published": self.article.published,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "sentence": list(self.sentence),
            "score": round(self.score, 4),
            "confidence": round(self.confidence, 4),
            "also": [article.id for article in self.also],
        }


class Barrier(NamedTuple):
    """A question in a language that the model can't compare with those of the articles."""

    question: str  # ISO 639-1, as are the others
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The passages that a question found, best first; they are there also where they don't answer it."""

    question: str
    hits: tuple[Hit, ...]
    articles: int
    newest: str | None
    generation: str
    period: Period | None = None  # the time that the question asks about, and that the hits are of
    outside: Period | None = None  # likewise, where no article of that time answers
    corrected: str | None = None  # what was searched for, where words of the question seemed misspelt
    barrier: Barrier | None = None  # where no answer says nothing of the articles

    @property
    def confidence(self) -> float:
        """That the first hit answers, between 0 and 1."""
        return self.hits[0].confidence if self.hits else 0.0

    @property
    def state(self) -> State:
        """What a person is told: answered, perhaps, or absent."""
        return state(self.confidence)

    def as_dict(self) -> dict[str, object]:
        """The result as JSON holds it."""
        period, outside = (each and each.said for each in (self.period, self.outside))
        said = {"period": period, "outside": outside, "corrected": self.corrected}
        return {
            "question": self.question,
            "answered": self.state == "answered",
            "state": self.state,
            "confidence": round(self.confidence, 4),
            **{name: value for name, value in said.items() if value},
            "hits": [hit.as_dict() for hit in self.hits],
        }
