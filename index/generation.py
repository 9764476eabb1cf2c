"""Generations: complete indexes side by side in one folder, one of which serves."""

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock
from sqlite_utils import Database as Connection

from corpus.database import Database, Unusable
from corpus.errors import CitewireError
from index import tables
from index.analyze import ANALYZER
from index.embed import ENCODING, Encoder
from index.passages import SPLITTER
from index.tables import LAYOUT
from index.vectors import DamagedVectors, VectorIndex, write_atomically

log = logging.getLogger(__name__)

# Vectors added or taken out since the FAISS file was written, as a share, before it is written anew.
STALE_SHARE = 0.1
# How many vectors are in memory as they are, on their way into FAISS.
READ_VECTORS = 10_000


class Unverified(CitewireError):
    """A generation that was built does not hold what it should; it is not published."""


class Generation:
    """One index: `index.db` holds rows, full text and vectors; `vectors.faiss` is a snapshot of the vectors.

    The database alone is the truth. Row ids are never used twice, so the FAISS index in memory
    is brought up to a database by the difference of two sets of ids.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.db = Database(folder / "index.db")
        self._inode = self.db.path.stat().st_ino
        try:
            self.db.migrate(tables.migrations)
        except sqlite3.DatabaseError as error:
            self.db.close()
            raise Unusable(f"{self.db.path} can't be used as an index: {error}.") from error

    @property
    def made_with(self) -> dict[str, str]:
        """What it was made with, as `recipe()` says it of an encoder."""
        meta = tables.get_meta(self.db.read())
        return {key: meta.get(key, "") for key in ("model", "splitter", "analyzer", "encoding", "layout")}

    def is_in_place(self) -> bool:
        """Whether its file is still the one that was opened; a deleted index comes back by the same name."""
        try:
            return self.db.path.stat().st_ino == self._inode
        except OSError:
            return False

    def is_sound(self) -> bool:
        """Whether SQLite finds no damage in its file."""
        try:
            return bool(self.db.read().execute("pragma quick_check").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False

    def change(self, change: Callable[[Connection], None]) -> None:
        """Run `change` on the rows in one transaction, and give the rows a new revision."""

        def revised(db: Connection) -> None:
            change(db)
            revision = int(tables.get_meta(db).get("revision", 0)) + 1
            tables.set_meta(db, revision=revision)

        self.db.write(revised)

    def load_vectors(self) -> VectorIndex:
        """The vectors of the current rows, from the snapshot where it is sound, else from the rows."""
        with self.db.snapshot() as db:
            index = self._snapshot(tables.get_meta(db), tables.dimension(db))
            follow(index, db)
        return index

    def _snapshot(self, meta: dict[str, str], dimension: int) -> VectorIndex:
        """The vectors that were last saved; none where nothing was, or where it is damaged."""
        if dimension and int(meta.get("vectors", 0)):
            try:
                return VectorIndex.load(self.folder / "vectors.faiss", meta["vectors_sha256"], dimension)
            except DamagedVectors as damage:
                log.warning("%s/%s Its vectors are taken from the rows.", self.name, damage)
        return VectorIndex(dimension)

    def save_vectors(self, index: VectorIndex) -> None:
        """Write the snapshot, and only then say in the database that it is the one."""
        sha256 = index.save(self.folder / "vectors.faiss")
        self.db.write(lambda db: tables.set_meta(db, vectors_sha256=sha256, vectors=len(index)))

    def refresh_snapshot(self) -> None:
        """Write the snapshot anew where the rows have moved far enough from it."""
        with self.db.snapshot() as db:
            meta = tables.get_meta(db)
            drift = abs(db["sentences"].count - int(meta.get("vectors", 0)))
        if drift > STALE_SHARE * int(meta.get("vectors", 0)):
            self.save_vectors(self.load_vectors())

    def fingerprints(self) -> dict[str, str]:
        """The articles that it holds, each with the fingerprint that it was indexed with."""
        with self.db.snapshot() as db:
            return tables.fingerprints(db)

    def verify(self, expected: dict[str, str]) -> None:
        """Unverified unless the rows, the full text and the vectors hold just the `expected` articles."""
        with self.db.snapshot() as db:
            counts = {name: db[name].count for name in ("articles", "passages", "sentences", "passage_terms")}
            complaint = db.execute("pragma quick_check").fetchone()[0]
            indexed = tables.fingerprints(db)
        vectors = len(self.load_vectors())
        if complaint != "ok":
            raise Unverified(f"The new index is damaged ({complaint}); the old one goes on.")
        if indexed != expected or counts["passages"] != counts["passage_terms"]:
            raise Unverified("The new index lacks articles or passages; the old one goes on.")
        if vectors != counts["sentences"]:
            raise Unverified("The new index lacks vectors; the old one goes on.")

    def close(self) -> None:
        """Close its database."""
        self.db.close()


def follow(index: VectorIndex, db: Connection) -> None:
    """Bring a FAISS index to the sentences that `db` sees, reading only the vectors that it lacks."""
    held, ids = index.ids(), tables.sentence_ids(db)
    index.remove(np.setdiff1d(held, ids))
    new = np.setdiff1d(ids, held)
    for start in range(0, len(new), READ_VECTORS):
        some = new[start : start + READ_VECTORS]
        index.add(some, tables.vectors(db, some.tolist(), index.dimension))


def recipe(encoder: Encoder) -> dict[str, str]:
    """What an index made now would be made with; one made with anything else is never searched.

    The model's name holds a hash of its files, and so stands for its dimension too.
    """
    return {
        "model": encoder.name,
        "splitter": SPLITTER,
        "analyzer": ANALYZER,
        "encoding": ENCODING,
        "layout": LAYOUT,
    }


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
        name = self.names()[0]
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
        previous = self.names()[0]
        pointer = {"current": generation.name, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer).encode())
        self._sweep()

    def _sweep(self) -> None:
        """Remove what a crash or an older publication left."""
        kept = self.names()
        for path in self.folder.glob("g*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
