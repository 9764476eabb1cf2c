"""Generations: complete indexes side by side in one folder, one of which serves."""

import logging
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from sqlite_utils import Database as Connection

from corpus.database import Database, Unusable, is_passing
from index import tables
from index.analyze import ANALYZER
from index.embed import Encoder
from index.errors import Unverified
from index.passages import SPLITTER
from index.tables import LAYOUT
from index.vectors import DamagedVectors, VectorIndex

log = logging.getLogger(__name__)

# Vectors added or taken out since the FAISS file was written, as a share, before it is written anew.
STALE_SHARE = 0.1
# How many vectors are in memory as they are, on their way into FAISS.
READ_VECTORS = 10_000
# How long it is tried to overwrite what was withdrawn while others read there; then the next run does it.
SCRUB_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Described:
    """What is told of a generation."""

    name: str
    serves: bool
    made: str  # in ISO 8601, UTC; "" where it does not say
    model: str
    articles: int
    passages: int
    bytes: int  # of all its files
    golden: str  # how many of the golden questions it answers, as in "11/12"; "" where none was asked
    seconds: float  # that making it took

    def sentence(self) -> str:
        """What it is, for a person."""
        holds = f"articles: {self.articles:,}, passages: {self.passages:,}, {self.bytes / 1e6:.1f} MB"
        golden = f", golden questions {self.golden}" if self.golden else ""
        serves = "serves now" if self.serves else "the one before"
        made = self.made[:16].replace("T", " ") or "an unknown time"
        return f"{self.name}, {serves}: made {made} with {self.model}; {holds}{golden}."


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

    def difference(self, encoder: Encoder) -> str | None:
        """In what it differs from one that would be made now, as words; None where in nothing."""
        made_with = self.made_with
        for key, value in recipe(encoder).items():
            if made_with[key] != value:
                return f"the {key} was {made_with[key] or 'unknown'} and is now {value}"
        return None

    def described(self, *, serves: bool) -> Described:
        """What is told of it."""
        with self.db.snapshot() as db:
            meta = tables.get_meta(db)
            articles, passages = db["articles"].count, db["passages"].count
        return Described(
            self.name,
            serves,
            meta.get("made", ""),
            meta.get("model", ""),
            articles,
            passages,
            sum(path.stat().st_size for path in self.folder.iterdir()),
            meta.get("golden", ""),
            float(meta.get("seconds", 0)),
        )

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
        except sqlite3.DatabaseError as error:
            if is_passing(error):
                raise Unusable(f"{self.db.path} can't be read now: {error}.") from error
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

    def saved_vectors(self) -> VectorIndex:
        """The vectors as the snapshot holds them; DamagedVectors where it is not what was written."""
        with self.db.snapshot() as db:
            meta, dimension = tables.get_meta(db), tables.dimension(db)
        if not dimension:
            return VectorIndex(dimension)
        return VectorIndex.load(self.folder / "vectors.faiss", meta.get("vectors_sha256", ""), dimension)

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

    def note(self, **values: object) -> None:
        """Write down what is told of it."""
        self.db.write(lambda db: tables.set_meta(db, **values))

    def forget(self, standing: Collection[str]) -> None:
        """Take out the articles that stand no more; of their words nothing is left in any file."""
        gone = self.fingerprints().keys() - standing
        if not gone:
            return
        self.change(partial(tables.withdraw_articles, articles=gone))
        until = time.monotonic() + SCRUB_SECONDS
        while not self.db.scrub() and time.monotonic() < until:  # a question is being answered from it
            time.sleep(SCRUB_SECONDS / 100)

    def scrub(self) -> None:
        """Empty the write-ahead log, unless somebody reads there: then it is emptied the next time."""
        log = self.db.path.with_name(f"{self.db.path.name}-wal")
        if log.exists() and log.stat().st_size:
            self.db.scrub()

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
        "encoding": encoder.encoding,
        "layout": LAYOUT,
    }
