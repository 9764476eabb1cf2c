"""Whether the index answers: it may be on another machine, and away."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from index.errors import Away, NoIndex

log = logging.getLogger(__name__)

SEARCHES = {"ask", "ask_article"}
"""What needs all of the index and what encodes for it: where that succeeds, nothing is away."""


class IndexOutage:
    """Notices from what is done with the index whether it is away; the log has one line at either end."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failing: set[str] = set()
        self.since: float | None = None
        self.missed = 0  # how often something could not be done
        self.why = ""

    def check(self) -> None:
        """Raise Away where the index is known to be, so that nobody waits for a try."""
        if self.since is not None:
            raise Away(self.why)

    @contextmanager
    def noticing(self, act: str) -> Iterator[None]:
        """Do something with the index; whether that could be done tells whether it is away."""
        try:
            yield
        except Away as error:
            self._missed(act, str(error))
            raise
        except NoIndex:
            self._reached({act})
            raise
        else:
            self._reached(self._failing if act in SEARCHES else {act})

    def _missed(self, act: str, why: str) -> None:
        with self._lock:
            self._failing = self._failing | {act}
            self.why = why
            self.missed += 1
            if self.since is None:
                self.since = self._clock()
                log.warning("The index is away: %s", why)

    def _reached(self, acts: set[str]) -> None:
        with self._lock:
            self._failing = self._failing - acts
            if self.since is not None and not self._failing:
                self.since = None
                log.warning("The index is back.")


class Reaching(Protocol):
    """What knows whether its index is away."""

    outage: IndexOutage


S = TypeVar("S", bound=Reaching)
P = ParamSpec("P")
T = TypeVar("T")


def reaching(do: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method that needs the index, and from which its absence is noticed."""

    @wraps(do)
    def noticed(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.outage.noticing(do.__name__):
            return do(self, *args, **kwargs)

    return noticed
