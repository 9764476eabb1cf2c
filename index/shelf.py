"""The folder of generations: which one serves, which were before it, which are being made."""

import json
import logging
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.database import Unusable, is_passing
from index import tables
from index.embed import Encoder
from index.errors import NoWayBack
from index.generation import Described, Generation, recipe
from index.tables import LAYOUT
from index.vectors import write_atomically

log = logging.getLogger(__name__)


class Shelf:
    """The folder of generations.

    Two are kept: the one that serves and the one before it. A third is being made, or was left half made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pointer = folder / "current.json"

    def lock(self) -> FileLock:
        """The right to change what serves: one process at a time, and not for long."""
        return FileLock(self.folder / "writing.lock")

    def building(self) -> FileLock:
        """The right to make a generation beside it, however long that takes."""
        return FileLock(self.folder / "building.lock")

    def names(self) -> tuple[str | None, str | None]:
        """The names of the generation that serves and of the one before it."""
        try:
            pointer = json.loads(self._pointer.read_bytes())
            current, previous = pointer["current"], pointer["previous"]
        except (OSError, ValueError, KeyError, TypeError):
            return None, None
        return (current, previous) if isinstance(current, str) else (None, None)

    def current(self) -> Generation | None:
        """The generation that serves; None before the first is published, or where it is lost or damaged."""
        return self.open(self.names()[0])

    def open(self, name: str | None) -> Generation | None:
        """The generation of that name; None where there is none, or it is lost or damaged."""
        try:
            return self._open(name)
        except Unusable as damage:
            log.warning("%s", damage)
            return None

    def _open(self, name: str | None) -> Generation | None:
        is_there = name is not None and (self.folder / name / "index.db").is_file()
        return Generation(self.folder / name) if name and is_there else None

    def sound(self, name: str | None) -> Generation | None:
        """The generation of that name; None where there is none, or none without damage.

        Raises Unusable where that can't be told now: nothing is to be made anew because a disk is full.
        """
        try:
            generation = self._open(name)
            if generation is None or generation.is_sound():
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
        for path in self._folders():
            if path.name == but or not (path / "index.db").is_file():
                continue
            try:
                with closing(Generation(path)) as generation:
                    if generation.made_with["layout"] in (LAYOUT, ""):  # "" where it is just being begun
                        generation.forget(standing)
                        continue
            except (Unusable, sqlite3.DatabaseError) as error:
                if is_passing(error):
                    raise
            shutil.rmtree(path, ignore_errors=True)

    def begin(self, encoder: Encoder) -> Generation:
        """The generation that was left half made, as one would be made now; else a new, empty one."""
        last = max(name for name in (*self.names(), "") if name is not None)  # what is older has served
        left = [path.name for path in self._folders() if path.name > last]
        for name in reversed(left):
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
        numbers = [int(path.name[1:]) for path in self._folders() if path.name[1:].isdigit()]
        generation = Generation(self.folder / f"g{max(numbers, default=0) + 1:06}")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        generation.db.write(lambda db: tables.set_meta(db, **recipe(encoder), made=made))
        return generation

    def publish(self, generation: Generation) -> None:
        """Let `generation` serve from now on, in one step; the one that served is kept for roll-back."""
        self._point_to(generation.name, self.names()[0])
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
        with self._unless_building(), self.lock():
            previous = self.names()[1]
            generation = self.open(previous)
            if generation is None:
                raise NoWayBack("There is no index before the one that serves.")
            with closing(generation):
                if not generation.is_sound():
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
            with self.building().acquire(timeout=0):
                yield
        except Timeout:
            raise NoWayBack("A full reindex is running: let it end, or call it off, then go back.") from None

    def _swap(self) -> None:
        """Let the generation before serve, and keep the one that served as the one before."""
        current, previous = self.names()
        if previous is not None:
            self._point_to(previous, current)

    def _point_to(self, current: str, previous: str | None) -> None:
        pointer = {"current": current, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer).encode())

    def sweep(self, but: str | None = None) -> None:
        """Remove what a crash, an older publication or a work that was called off left, `but` one."""
        kept = (*self.names(), but)
        for path in self._folders():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _folders(self) -> list[Path]:
        """The folders of all generations, the oldest first."""
        return sorted(self.folder.glob("g*"))
