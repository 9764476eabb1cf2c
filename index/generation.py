"""Generations: complete indexes side by side, one of which serves; what all kinds of them have."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from corpus.article import Article
from index.encoding.embed import Encoder
from index.entries import Batches, IndexedArticle, batches
from index.errors import Unverified
from index.language.analyze import ANALYZER
from index.language.passages import SPLITTER
from index.snapshot import Snapshot

MADE_WITH = ("model", "splitter", "analyzer", "encoding")


@dataclass(frozen=True, slots=True)
class Described:
    """What is told of a generation."""

    name: str
    serves: bool
    made: str  # in ISO 8601, UTC; "" where it does not say
    model: str
    articles: int
    passages: int
    bytes: int  # that it takes where it is kept
    golden: str  # how many of the golden questions it answers, as in "11/12"; "" where none was asked
    seconds: float  # that making it took
    languages: tuple[str, ...] = ()  # of its articles; "" where that is unknown
    unread: tuple[str, ...] = ()  # those among them that the model doesn't read

    def sentence(self) -> str:
        """What it is, for a person."""
        holds = f"articles: {self.articles:,}, passages: {self.passages:,}, {self.bytes / 1e6:.1f} MB"
        golden = f", golden questions {self.golden}" if self.golden else ""
        serves = "serves now" if self.serves else "the one before"
        made = self.made[:16].replace("T", " ") or "an unknown time"
        unread = ", ".join(code or "unknown" for code in self.unread)
        warning = f" Searched by words alone, since the model doesn't read it: {unread}." if unread else ""
        return f"{self.name}, {serves}: made {made} with {self.model}; {holds}{golden}.{warning}"


class Counts(NamedTuple):
    """How many rows there are of each kind, counted."""

    articles: int
    passages: int
    worded: int  # passages that full-text search knows
    sentences: int


class Generation(ABC):
    """One index. Whoever reads sees one state of it; whoever changes it does so in one transaction a call."""

    name: str
    layout: ClassVar[str]  # names its tables; an index with others is rebuilt

    @abstractmethod
    def view(self, *, patient: bool = False) -> AbstractContextManager[Snapshot]:
        """One state of the rows, for one thread; NoIndex where they are damaged.

        Who is `patient` waits for as long as reading takes; for a question that would be Away.
        """

    @abstractmethod
    def put(self, articles: Iterable[IndexedArticle]) -> None:
        """Replace articles, all or none."""

    def shared(self, wanted: Iterable[tuple[Article, str]]) -> Batches:
        """The articles that are wanted, a batch at a time, as far as nobody else puts them in.

        What is yielded is put before the next batch is asked for; it is left to others where it is not.
        """
        return batches(wanted)

    def claims(self) -> Batches:
        """What others offered by `shared`, likewise; nothing where only one process can work on it."""
        yield from ()

    @abstractmethod
    def forget(self, standing: Collection[str]) -> None:
        """Take out the articles that stand no more."""

    @abstractmethod
    def fingerprints(self) -> dict[str, str]:
        """The articles that it holds, each with the fingerprint that it was indexed with."""

    @abstractmethod
    def articles(self, ids: Collection[str]) -> list[IndexedArticle]:
        """Those of the articles that it holds, whole."""

    @abstractmethod
    def settle(self) -> None:
        """Make what speeds up searching, once it is filled; Unverified where that is not what was made."""

    @abstractmethod
    def tidy(self) -> None:
        """After small changes: renew what speeds up searching where it lags behind, wipe what was deleted."""

    @abstractmethod
    def meta(self) -> dict[str, str]:
        """What was noted of it."""

    @abstractmethod
    def note(self, **values: object) -> None:
        """Write down what is told of it."""

    @abstractmethod
    def counts(self) -> Counts:
        """How many rows there are."""

    @abstractmethod
    def languages(self) -> list[str]:
        """The languages of its articles, in order; "" for what is unknown."""

    @abstractmethod
    def dimension(self) -> int:
        """The length of its vectors; 0 before the first."""

    @abstractmethod
    def vectors(self) -> int:
        """How many vectors are searched."""

    @abstractmethod
    def complaint(self) -> str:
        """What is damaged, "" where nothing is found; Unusable where that can't be told now."""

    @abstractmethod
    def size(self) -> int:
        """The bytes that it takes where it is kept."""

    @abstractmethod
    def is_in_place(self) -> bool:
        """Whether it is still the one that was opened; a deleted index comes back by the same name."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    @property
    def made_with(self) -> dict[str, str]:
        """What it was made with, as `recipe()` says it of an encoder."""
        meta = self.meta()
        return {key: meta.get(key, "") for key in (*MADE_WITH, "layout")}

    def recipe(self, encoder: Encoder) -> dict[str, str]:
        """What it would be made with, were it made now."""
        return recipe(encoder) | {"layout": self.layout}

    def difference(self, encoder: Encoder) -> str | None:
        """In what it differs from one that would be made now, as words; None where in nothing."""
        made_with = self.made_with
        for key, value in self.recipe(encoder).items():
            if made_with[key] != value:
                return f"the {key} was {made_with[key] or 'unknown'} and is now {value}"
        return None

    def described(self, *, serves: bool) -> Described:
        """What is told of it."""
        meta, counts = self.meta(), self.counts()
        made, model, golden = (meta.get(key, "") for key in ("made", "model", "golden"))
        seconds = float(meta.get("seconds", 0))
        held = counts.articles, counts.passages, self.size()
        return Described(
            self.name, serves, made, model, *held, golden, seconds, languages=tuple(self.languages())
        )

    def verify(self, expected: dict[str, str]) -> None:
        """Unverified unless the rows, the full text and the vectors hold just the `expected` articles."""
        complaint, counts = self.complaint(), self.counts()
        if complaint:
            raise Unverified(f"The new index is damaged ({complaint}); the old one goes on.")
        if self.fingerprints() != expected or counts.passages != counts.worded:
            raise Unverified("The new index lacks articles or passages; the old one goes on.")
        if self.vectors() != counts.sentences:
            raise Unverified("The new index lacks vectors; the old one goes on.")


def recipe(encoder: Encoder) -> dict[str, str]:
    """What an index made now would be made with; one made with anything else is never searched.

    The model's name holds a hash of its files, and so stands for its dimension too.
    """
    return {"model": encoder.name, "splitter": SPLITTER, "analyzer": ANALYZER, "encoding": encoder.encoding}
