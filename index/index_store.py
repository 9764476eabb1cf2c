"""All generations of an index: serving, previous and in progress, independent of the storage."""

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
    """A lock held by one process at a time, such as `filelock.FileLock`."""

    @property
    def is_locked(self) -> bool:
        """Whether this object holds it."""

    def acquire(self, timeout: float | None = None) -> object:
        """Acquires the lock; raises filelock.Timeout after `timeout` seconds."""

    def release(self) -> None:
        """Releases the lock."""


class IndexStore(ABC):
    """All generations of one index.

    Two are kept: the serving one and the previous one. A third is in progress or was left unfinished.
    """

    @abstractmethod
    def lock(self) -> Lock:
        """Returns the lock for changing what serves, held only briefly."""

    @abstractmethod
    def building(self) -> Lock:
        """Returns the lock for building another generation, held as long as that takes."""

    @abstractmethod
    def names(self) -> tuple[str | None, str | None]:
        """Returns the names of the serving and the previous generation."""

    @abstractmethod
    def everything(self) -> list[str]:
        """Returns the names of all generations, unfinished ones included, oldest first."""

    @abstractmethod
    def find(self, name: str | None) -> Generation | None:
        """Returns a generation, None if there is none; raises Unusable if it is damaged."""

    @abstractmethod
    def make(self, name: str) -> Generation:
        """Creates an empty generation."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Removes a generation, if it exists."""

    @abstractmethod
    def point_to(self, current: str, previous: str | None) -> None:
        """Makes `current` serve, atomically."""

    def close(self) -> None:  # noqa: B027 - a store without open handles has nothing to do
        """Closes open handles."""

    def current(self) -> Generation | None:
        """Returns the serving generation; None before the first publication, or if lost or damaged."""
        return self.open(self.names()[0])

    def open(self, name: str | None) -> Generation | None:
        """Returns a generation; None if there is none, or it is lost or damaged."""
        try:
            return self.find(name)
        except Unusable as damage:
            log.warning("%s", damage)
            return None

    def sound(self, name: str | None) -> Generation | None:
        """Returns a generation; None if there is none or it is damaged.

        Raises Unusable if that can't be determined now: a full disk must not trigger a rebuild.
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
        """Returns the serving generation if it is sound and built with the current settings.

        Otherwise the previous one, if it is, which then serves: a setting was changed back.
        """
        for name in self.names():
            generation = self.sound(name)
            if generation is None:
                continue
            if generation.difference(encoder) is None:
                if name != self.names()[0]:
                    log.info("%s was built with these settings; it serves again.", name)
                    self._swap()
                return generation
            generation.close()
        return None

    def forget(self, standing: Collection[str], but: str) -> None:
        """Removes articles not `standing` from all generations `but` one; deletes unreadable ones."""
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
        """Resumes an unfinished generation if it fits the current settings; else creates one."""
        last = max(name for name in (*self.names(), "") if name is not None)  # older ones have served
        for name in reversed([name for name in self.everything() if name > last]):
            generation = self.sound(name)
            if generation and generation.difference(encoder) is None:
                log.info("Resuming the unfinished %s.", name)
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
        """Makes `generation` serve, atomically; the replaced one is kept for roll-back."""
        if generation.name != self.names()[0]:
            self.point_to(generation.name, self.names()[0])
        self.sweep()

    def generations(self) -> list[Described]:
        """Returns the undamaged generations, the serving one first."""
        current = self.names()[0]
        described = []
        for name in self.names():
            if generation := self.open(name):
                with closing(generation):
                    described.append(generation.described(serves=name == current))
        return described

    def roll_back(self, encoder: Encoder) -> Described:
        """Makes the previous generation serve, atomically, and keeps the replaced one.

        Raises NoWayBack if there is none, it is damaged, or it was built with other settings, and during a
        rebuild, which would replace it.
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
        """Swaps the serving and the previous generation."""
        current, previous = self.names()
        if previous is not None:
            self.point_to(previous, current)

    def sweep(self, but: str | None = None) -> None:
        """Removes leftovers of crashes, older publications and cancelled work, except `but`."""
        kept = (*self.names(), but)
        for name in self.everything():
            if name not in kept:
                self.remove(name)


@contextmanager
def held(lock: Lock, timeout: float | None = None) -> Iterator[None]:
    """Holds a lock; see Lock.acquire."""
    lock.acquire(timeout=timeout)
    try:
        yield
    finally:
        lock.release()
