"""All generations: which one serves, which was before it, which are being made; wherever they are kept."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Protocol

from filelock import Timeout

from corpus.database import Unusable, is_passing
from index.encoding.embed import Encoder
from index.errors import NoWayBack
from index.generation import Described, Generation

log = logging.getLogger(__name__)


class Lock(Protocol):
    """A right that one process at a time has, as `filelock.FileLock` is one."""

    @property
    def is_locked(self) -> bool:
        """Whether this object holds it."""

    def acquire(self, timeout: float | None = None) -> object:
        """Take it; raises filelock.Timeout where it is taken for so many seconds."""

    def release(self) -> None:
        """Give it back."""


class IndexStore(ABC):
    """All generations of one index.

    Two are kept: the one that serves and the one before it. A third is being made, or was left half made.
    """

    @abstractmethod
    def lock(self) -> Lock:
        """The right to change what serves: one process at a time, and not for long."""

    @abstractmethod
    def building(self) -> Lock:
        """The right to make a generation beside it, however long that takes."""

    @abstractmethod
    def names(self) -> tuple[str | None, str | None]:
        """The names of the generation that serves and of the one before it."""

    @abstractmethod
    def everything(self) -> list[str]:
        """The names of all generations that are there, half made ones too, the oldest first."""

    @abstractmethod
    def find(self, name: str | None) -> Generation | None:
        """The generation of that name; None where there is none. Raises Unusable where it is damaged."""

    @abstractmethod
    def make(self, name: str) -> Generation:
        """A new, empty generation."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a generation, as far as it is there."""

    @abstractmethod
    def point_to(self, current: str, previous: str | None) -> None:
        """Let `current` serve from now on, in one step."""

    def close(self) -> None:  # noqa: B027 - where nothing is held open, there is nothing to do
        """Let go of what is held open."""

    def current(self) -> Generation | None:
        """The generation that serves; None before the first is published, or where it is lost or damaged."""
        return self.open(self.names()[0])

    def open(self, name: str | None) -> Generation | None:
        """The generation of that name; None where there is none, or it is lost or damaged."""
        try:
            return self.find(name)
        except Unusable as damage:
            log.warning("%s", damage)
            return None

    def sound(self, name: str | None) -> Generation | None:
        """The generation of that name; None where there is none, or none without damage.

        Raises Unusable where that can't be told now: nothing is to be made anew because a disk is full.
        """
        try:
            generation = self.find(name)
            if generation is None or not generation.complaint():
                return generation
            generation.close()
        except Unusable as error:
            if is_passing(error):
                raise
        log.warning("%s is damaged.", name)
        return None

    def usable(self, encoder: Encoder) -> Generation | None:
        """The generation that serves, where it is sound and made as one would be made now.

        Else, where the one before is, that one, which then serves: a setting was set back.
        """
        for name in self.names():
            generation = self.sound(name)
            if generation is None:
                continue
            if generation.difference(encoder) is None:
                if name != self.names()[0]:
                    log.info("%s was made with these settings: it serves again.", name)
                    self._swap()
                return generation
            generation.close()
        return None

    def forget(self, standing: Collection[str], but: str) -> None:
        """Leave in all generations `but` one only articles that stand; what can't be read is removed."""
        for name in self.everything():
            if name != but and not self._forgot(name, standing):
                self.remove(name)

    def _forgot(self, name: str, standing: Collection[str]) -> bool:
        try:
            generation = self.find(name)
            if generation is None:
                return True
            with closing(generation):
                if generation.meta().get("layout", generation.layout) != generation.layout:
                    return False
                generation.forget(standing)
        except Unusable as error:
            if is_passing(error):
                raise
            return False
        return True

    def begin(self, encoder: Encoder) -> Generation:
        """The generation that was left half made, as one would be made now; else a new, empty one."""
        last = max(name for name in (*self.names(), "") if name is not None)  # what is older has served
        for name in reversed([name for name in self.everything() if name > last]):
            generation = self.sound(name)
            if generation and generation.difference(encoder) is None:
                log.info("%s was begun before: it is taken up again.", name)
                self.sweep(but=name)
                return generation
            if generation:
                generation.close()
        self.sweep()
        return self._new(encoder)

    def _new(self, encoder: Encoder) -> Generation:
        numbers = [int(name[1:]) for name in self.everything() if name[1:].isdigit()]
        generation = self.make(f"g{max(numbers, default=0) + 1:06}")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        generation.note(**generation.recipe(encoder), made=made)
        return generation

    def publish(self, generation: Generation) -> None:
        """Let `generation` serve from now on, in one step; the one that served is kept for roll-back."""
        if generation.name != self.names()[0]:
            self.point_to(generation.name, self.names()[0])
        self.sweep()

    def generations(self) -> list[Described]:
        """Those that are kept and not damaged, the one that serves first."""
        current = self.names()[0]
        described = []
        for name in self.names():
            if generation := self.open(name):
                with closing(generation):
                    described.append(generation.described(serves=name == current))
        return described

    def roll_back(self, encoder: Encoder) -> Described:
        """Let the generation before serve again, in one step, and keep the one that served.

        Raises NoWayBack where there is none, or it is damaged or was not made as one would be made now,
        and while another is being made, which would take its place.
        """
        with self._unless_building(), held(self.lock()):
            previous = self.names()[1]
            generation = self.open(previous)
            if generation is None:
                raise NoWayBack("There is no index before the one that serves.")
            with closing(generation):
                if generation.complaint():
                    raise NoWayBack(f"{previous}, the index before, is damaged: it can't serve.")
                if differs := generation.difference(encoder):
                    raise NoWayBack(
                        f"{previous}, the index before, can't serve: {differs}; set that back first."
                    )
                self._swap()
                return generation.described(serves=True)

    @contextmanager
    def _unless_building(self) -> Iterator[None]:
        try:
            with held(self.building(), timeout=0):
                yield
        except Timeout:
            raise NoWayBack("A full reindex is running: let it end, or call it off, then go back.") from None

    def _swap(self) -> None:
        """Let the generation before serve, and keep the one that served as the one before."""
        current, previous = self.names()
        if previous is not None:
            self.point_to(previous, current)

    def sweep(self, but: str | None = None) -> None:
        """Remove what a crash, an older publication or a work that was called off left, `but` one."""
        kept = (*self.names(), but)
        for name in self.everything():
            if name not in kept:
                self.remove(name)


@contextmanager
def held(lock: Lock, timeout: float | None = None) -> Iterator[None]:
    """Have the right that `lock` is; see Lock.acquire."""
    lock.acquire(timeout=timeout)
    try:
        yield
    finally:
        lock.release()
