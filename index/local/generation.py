"""A generation in a folder: `index.db` holds everything, `vectors.faiss` is a snapshot of its vectors."""

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlite_utils import Database as Connection

from corpus.database import Database, Unusable, is_passing
from index.entries import IndexedArticle
from index.errors import NoIndex, Unverified
from index.generation import Counts, Generation
from index.local import tables
from index.local.vectors import DamagedVectors, VectorIndex
from index.local.view import LocalSnapshot
from index.snapshot import Snapshot

log = logging.getLogger(__name__)

# Share of vectors added or removed since the FAISS file was written that triggers a rewrite.
STALE_SHARE = 0.1
# How many uncompressed vectors are in memory while FAISS is filled.
READ_VECTORS = 10_000
# How long to retry overwriting withdrawn text while there are readers; then the next run does it.
SCRUB_SECONDS = 2.0


class LocalGeneration(Generation):
    """A generation whose database is the only source of truth.

    Row ids are never reused, so the FAISS index in memory is updated by the difference of two sets of ids.
    """

    layout = tables.LAYOUT

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.db = Database(folder / "index.db")
        self._inode = self.db.path.stat().st_ino
        self._vectors: VectorIndex | None = None  # as of `_revision`
        self._revision = ""
        try:
            with self._legible():
                self.db.migrate(tables.migrations)
        except Unusable:
            self.db.close()
            raise

    @contextmanager
    def view(self, *, patient: bool = False) -> Iterator[Snapshot]:  # noqa: ARG002 - files never block
        """Yields a snapshot of the rows with an up-to-date FAISS index; for one thread at a time."""
        try:
            with self.db.snapshot() as db:
                revision = tables.get_meta(db).get("revision", "")
                yield LocalSnapshot(db, self._current(db, revision), revision)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # a lock or a full disk, not damage
                raise
            raise NoIndex("The index is damaged: `citewire reindex` renews it.") from error

    def _current(self, db: Connection, revision: str) -> VectorIndex:
        """Returns the FAISS index, updated to the rows that `db` sees."""
        if self._vectors is None or self._vectors.dimension != tables.dimension(db):
            self._vectors = self._snapshot(tables.get_meta(db), tables.dimension(db))
            follow(self._vectors, db)
        elif revision != self._revision:
            follow(self._vectors, db)
        self._revision = revision
        return self._vectors

    def put(self, articles: Iterable[IndexedArticle]) -> None:
        """Replaces articles, all or none."""

        def put(db: Connection) -> None:
            for article in articles:
                tables.put_article(db, article)

        self.change(put)

    def forget(self, standing: Collection[str]) -> None:
        """Removes articles not `standing`, and overwrites their text in every file."""
        gone = self.fingerprints().keys() - standing
        if not gone:
            return
        with self._legible():
            self.change(lambda db: tables.withdraw_articles(db, gone))
        until = time.monotonic() + SCRUB_SECONDS
        while not self.db.scrub() and time.monotonic() < until:  # a search is reading
            time.sleep(SCRUB_SECONDS / 100)

    def change(self, change: Callable[[Connection], None]) -> None:
        """Runs `change` in one transaction and increments the revision."""

        def revised(db: Connection) -> None:
            change(db)
            revision = int(tables.get_meta(db).get("revision", 0)) + 1
            tables.set_meta(db, revision=revision)

        self.db.write(revised)

    def fingerprints(self) -> dict[str, str]:
        """Returns the indexed articles' fingerprints by id."""
        with self._legible(), self.db.snapshot() as db:
            return tables.fingerprints(db)

    def articles(self, ids: Collection[str]) -> list[IndexedArticle]:
        """Returns the indexed rows of some articles."""
        with self.db.snapshot() as db:
            found = (tables.get_article(db, article) for article in ids)
            return [article for article in found if article]

    def load_vectors(self) -> VectorIndex:
        """Returns the current vectors, from the saved file if sound, else from the rows."""
        with self.db.snapshot() as db:
            index = self._snapshot(tables.get_meta(db), tables.dimension(db))
            follow(index, db)
        return index

    def _snapshot(self, meta: dict[str, str], dimension: int) -> VectorIndex:
        """Returns the vectors last saved; an empty index if there are none or they are damaged."""
        if dimension and int(meta.get("vectors", 0)):
            try:
                return VectorIndex.load(self.folder / "vectors.faiss", meta["vectors_sha256"], dimension)
            except DamagedVectors as damage:
                log.warning("%s/%s Rebuilding its vectors from the rows.", self.name, damage)
        return VectorIndex(dimension)

    def settle(self) -> None:
        """Saves the vectors and reloads them, so that searches use the saved file."""
        made = self.load_vectors()
        self.save_vectors(made)
        meta = self.meta()
        try:
            if made.dimension:
                path = self.folder / "vectors.faiss"
                self._vectors = VectorIndex.load(path, meta["vectors_sha256"], made.dimension)
                self._revision = meta.get("revision", "")
        except DamagedVectors as damage:
            raise Unverified(f"The new index is damaged ({damage}); the old one goes on.") from damage

    def save_vectors(self, index: VectorIndex) -> None:
        """Writes the vectors, then records their hash in the database."""
        sha256 = index.save(self.folder / "vectors.faiss")
        self.note(vectors_sha256=sha256, vectors=len(index))

    def tidy(self) -> None:
        """Rewrites the vectors if the rows differ too much; empties the write-ahead log.

        While there are readers the log is kept for the next run.
        """
        with self.db.snapshot() as db:
            meta = tables.get_meta(db)
            drift = abs(db["sentences"].count - int(meta.get("vectors", 0)))
        if drift > STALE_SHARE * int(meta.get("vectors", 0)):
            self.save_vectors(self.load_vectors())
        log = self.db.path.with_name(f"{self.db.path.name}-wal")
        if log.exists() and log.stat().st_size:
            self.db.scrub()

    def meta(self) -> dict[str, str]:
        """Returns its metadata."""
        with self._legible():
            return tables.get_meta(self.db.read())

    def note(self, **values: object) -> None:
        """Stores metadata."""
        self.db.write(lambda db: tables.set_meta(db, **values))

    def counts(self) -> Counts:
        """Returns its row counts."""
        with self.db.snapshot() as db:
            return Counts(
                *(db[name].count for name in ("articles", "passages", "passage_terms", "sentences"))
            )

    def languages(self) -> list[str]:
        """Returns the languages of its articles, in order."""
        with self._legible():
            return tables.languages(self.db.read())

    def dimension(self) -> int:
        """Returns the length of its vectors; 0 before the first."""
        return tables.dimension(self.db.read())

    def vectors(self) -> int:
        """Returns the number of vectors in FAISS."""
        return len(self.load_vectors())

    def complaint(self) -> str:
        """Returns the damage SQLite finds, "" if none; raises Unusable if it can't tell now."""
        try:
            complaint = str(self.db.read().execute("pragma quick_check").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if is_passing(error):
                raise Unusable(f"{self.db.path} can't be read now: {error}.") from error
            return str(error)
        return "" if complaint == "ok" else complaint

    def size(self) -> int:
        """Returns the bytes of all its files."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def is_in_place(self) -> bool:
        """Returns whether its file was not replaced; a rebuilt index reuses the name."""
        try:
            return self.db.path.stat().st_ino == self._inode
        except OSError:
            return False

    def close(self) -> None:
        """Closes its database."""
        self.db.close()

    @contextmanager
    def _legible(self) -> Iterator[None]:
        """Raises Unusable if SQLite can't use the file."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{self.db.path} can't be used: {error}.") from error


def follow(index: VectorIndex, db: Connection) -> None:
    """Updates a FAISS index to the sentences `db` sees, reading only the missing vectors."""
    held, ids = index.ids(), tables.sentence_ids(db)
    index.remove(np.setdiff1d(held, ids))
    new = np.setdiff1d(ids, held)
    for start in range(0, len(new), READ_VECTORS):
        some = new[start : start + READ_VECTORS]
        index.add(some, tables.vectors(db, some.tolist(), index.dimension))
