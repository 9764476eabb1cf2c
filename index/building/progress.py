"""How far a reindex is, and how it is ended from another thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpus.errors import CitewireError

Phase = Literal["reading", "encoding", "copying", "checking"]


@dataclass(frozen=True, slots=True)
class Step:
    """How far one phase of a reindex is; a phase that has nothing to do is not told of."""

    phase: Phase
    done: int  # of `total`: articles, but characters while encoding
    total: int
    articles: int  # done, of `of_articles`
    of_articles: int


Progress = Callable[[Step], None]
"""Told of each step, on the thread that works."""


def untold(_step: Step) -> None:
    """The progress that nobody wants to hear of."""


class Stopped(CitewireError):
    """The process ends: what was done so far is kept, and taken up again the next time."""


class Cancelled(CitewireError):
    """Somebody called the work off: nothing is kept of an index that was being made."""


class StopFlag:
    """Ends a reindex from another thread, within a batch; who calls it off wins over who only stops it."""

    def __init__(self) -> None:
        self._stopped = self._cancelled = False

    def stop(self) -> None:
        """Let the work end for now."""
        self._stopped = True

    def cancel(self) -> None:
        """Let the work end for good."""
        self._cancelled = True

    def check(self) -> None:
        """Raise Cancelled or Stopped where the work is to end."""
        if self._cancelled:
            raise Cancelled("Reindexing was called off; the index serves as before.")
        if self._stopped:
            raise Stopped("Reindexing was stopped; the index serves as before.")
