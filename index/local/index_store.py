"""The folder of generations, a folder each, and the small file that says which one serves."""

import json
import shutil
from pathlib import Path

from filelock import FileLock

from index.index_store import IndexStore
from index.local.generation import LocalGeneration
from index.local.vectors import write_atomically


class LocalIndexStore(IndexStore):
    """All generations in one folder; see Shelf."""

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

    def everything(self) -> list[str]:
        """The names of all generations that are there, half made ones too, the oldest first."""
        return sorted(path.name for path in self.folder.glob("g*"))

    def find(self, name: str | None) -> LocalGeneration | None:
        """The generation of that name; None where there is none. Raises Unusable where it is damaged."""
        is_there = name is not None and (self.folder / name / "index.db").is_file()
        return LocalGeneration(self.folder / name) if name and is_there else None

    def make(self, name: str) -> LocalGeneration:
        """A new, empty generation."""
        return LocalGeneration(self.folder / name)

    def remove(self, name: str) -> None:
        """Remove a generation, as far as it is there."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def point_to(self, current: str, previous: str | None) -> None:
        """Let `current` serve from now on, in one step."""
        pointer = {"current": current, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer).encode())
