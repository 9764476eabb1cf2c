"""The folder of generations: which one serves, which were before it, which are being made."""

import json
import logging
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from corpus.database import Unusable
from corpus.errors import CitewireError
from index import tables
from index.embed import Encoder
from index.generation import Described, Generation, recipe
from index.vectors import write_atomically

log = logging.getLogger(__name__)


class NoWayBack(CitewireError):
    """There is no generation before the one that serves, or none that may serve."""


class Shelf:
    """The folder of generations: which one serves, and the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pointer = folder / "current.json"

    def lock(self) -> FileLock:
        """The right to change the index: one process at a time."""
        return FileLock(self.folder / "writing.lock")

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
        if name is None or not (self.folder / name / "index.db").is_file():
            return None
        try:
            return Generation(self.folder / name)
        except Unusable as damage:
            log.warning("%s", damage)
            return None

    def begin(self, encoder: Encoder) -> Generation:
        """A new, empty generation beside the one that serves."""
        self._sweep()
        numbers = [int(path.name[1:]) for path in self.folder.glob("g*") if path.name[1:].isdigit()]
        generation = Generation(self.folder / f"g{max(numbers, default=0) + 1:06}")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        generation.db.write(lambda db: tables.set_meta(db, **recipe(encoder), made=made))
        return generation

    def publish(self, generation: Generation) -> None:
        """Let `generation` serve from now on, in one step; the one that served is kept for roll-back."""
        self._point_to(generation.name, self.names()[0])
        self._sweep()

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

        Raises NoWayBack where there is none, or it is damaged or was not made as one would be made now.
        """
        with self.lock():
            current, previous = self.names()
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
                self._point_to(generation.name, current)
                return generation.described(serves=True)

    def _point_to(self, current: str, previous: str | None) -> None:
        pointer = {"current": current, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer).encode())

    def _sweep(self) -> None:
        """Remove what a crash or an older publication left."""
        kept = self.names()
        for path in self.folder.glob("g*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
