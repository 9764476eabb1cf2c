"""The folder of generations, one folder each, and the file that names the serving one."""

import json
import shutil
from pathlib import Path

from filelock import FileLock

from index.index_store import IndexStore
from index.local.generation import LocalGeneration
from index.local.vectors import write_atomically


class LocalIndexStore(IndexStore):
    """All generations in one folder; see IndexStore."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pointer = folder / "current.json"

    def lock(self) -> FileLock:
        """Returns the lock for changing what serves, held only briefly."""
        return FileLock(self.folder / "writing.lock")

    def building(self) -> FileLock:
        """Returns the lock for building another generation, held as long as that takes."""
        return FileLock(self.folder / "building.lock")

    def names(self) -> tuple[str | None, str | None]:
        """Returns the names of the serving and the previous generation."""
        try:
            pointer = json.loads(self._pointer.read_bytes())
            current, previous = pointer["current"], pointer["previous"]
        except (OSError, ValueError, KeyError, TypeError):
            return None, None
        return (current, previous) if isinstance(current, str) else (None, None)

    def everything(self) -> list[str]:
        """Returns the names of all generations, unfinished ones included, oldest first."""
        return sorted(path.name for path in self.folder.glob("g*"))

    def find(self, name: str | None) -> LocalGeneration | None:
        """Returns a generation, None if there is none; raises Unusable if it is damaged."""
        is_there = name is not None and (self.folder / name / "index.db").is_file()
        return LocalGeneration(self.folder / name) if name and is_there else None

    def make(self, name: str) -> LocalGeneration:
        """Creates an empty generation."""
        return LocalGeneration(self.folder / name)

    def remove(self, name: str) -> None:
        """Removes a generation, if it exists."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def point_to(self, current: str, previous: str | None) -> None:
        """Makes `current` serve, atomically."""
        pointer = {"current": current, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer).encode())
