"""Progress and cancellation of a reindex."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpus.errors import CitewireError

Phase = Literal["reading", "encoding", "copying", "checking"]


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one phase of a reindex; phases without work are not reported."""

    phase: Phase
    done: int  # of `total`: articles, or characters while encoding
    total: int
    articles: int  # done, out of `of_articles`
    of_articles: int


Progress = Callable[[Step], None]
"""Called for each step, on the working thread."""


def untold(_step: Step) -> None:
    """Ignores progress."""


class Stopped(CitewireError):
    """The process ends; finished work is kept, and the next run resumes it."""


class Cancelled(CitewireError):
    """The work was cancelled; an unfinished index is discarded."""


class StopFlag:
    """Ends a reindex from another thread, within a batch; cancel() takes precedence over stop()."""

    def __init__(self) -> None:
        self._stopped = self._cancelled = False

    def stop(self) -> None:
        """Pauses the work until the next run."""
        self._stopped = True

    def cancel(self) -> None:
        """Cancels the work."""
        self._cancelled = True

    def check(self) -> None:
        """Raises Cancelled or Stopped if requested."""
        if self._cancelled:
            raise Cancelled("Reindexing was called off; the index serves as before.")
        if self._stopped:
            raise Stopped("Reindexing was stopped; the index serves as before.")
