"""Updates the index from the corpus: small changes in place, anything else as a new generation."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from filelock import Timeout

from corpus.store import Store
from index.building.checks import check
from index.building.filling import Filler
from index.building.golden import Exam
from index.building.progress import Cancelled, Progress, Step, StopFlag, untold
from index.encoding.embed import Encoder
from index.entries import batches
from index.errors import Busy, Full, Unverified
from index.generation import Generation
from index.index_store import IndexStore

# Seconds between checks of the stop flag while another process builds an index.
LOOK = 1.0


@dataclass
class Report:
    """Results of an index update, in articles."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    rebuilt: str | None = None  # why an existing index was rebuilt
    generation: str = ""

    def sentence(self) -> str:
        """Returns a summary for people."""
        counts = f"{self.added} added, {self.changed} changed, {self.withdrawn} withdrawn"
        anew = f" The index was made anew, since {self.rebuilt}." if self.rebuilt else ""
        return f"Articles: {counts}, {self.unchanged} unchanged, in {self.seconds:.1f} s.{anew}"


class Indexer:
    """Updates the index from the corpus; checks `stop_flag` after each encoded batch.

    Small changes hold `writing.lock`, a rebuild holds `building.lock`: small changes continue during a
    rebuild, which takes the other lock only to catch up at its end and to publish.
    """

    def __init__(
        self,
        store: Store,
        index_store: IndexStore,
        encoder: Encoder,
        progress: Progress = untold,
        stop_flag: StopFlag | None = None,
        exam: Exam | None = None,
    ) -> None:
        self._store = store
        self._index_store = index_store
        self._encoder = encoder
        self._progress = progress
        self._stop_flag = stop_flag or StopFlag()
        self._filling = Filler(encoder, progress, self._stop_flag)
        self._exam = exam

    def run(self, *, full: bool = False) -> Report:
        """Indexes added and changed articles, removes withdrawn ones, and returns a report.

        With `full`, or if no generation is usable, everything goes into a new generation, which serves once
        it is checked; until then the old one does. One left by a crash or a stop is resumed. Raises Stopped,
        Cancelled, Unverified, and Busy if a full reindex is running.
        """
        started = time.monotonic()
        report = (None if full else self._update()) or self._rebuild(full)
        report.seconds = time.monotonic() - started
        return report

    def _update(self) -> Report | None:
        """Updates the serving generation; returns None if none is usable."""
        with self._turn():
            current = self._index_store.usable(self._encoder)
            if current is None:
                return None
            with closing(current):
                self._index_store.forget(self._store.fingerprints().keys(), but=current.name)
                report, _ = self._catch_up(current)
                current.tidy()
            report.generation = current.name
            return report

    def _rebuild(self, full: bool) -> Report:
        with self._alone(full):
            if not full and (report := self._update()):  # another process built one meanwhile
                return report
            report = self._expected()
            try:
                with closing(self._index_store.begin(self._encoder)) as generation:
                    self._make(generation)
            except (Cancelled, Unverified, Full, OSError, sqlite3.OperationalError):  # also frees a full disk
                self._index_store.sweep()
                raise
            report.generation = generation.name
            return report

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Holds the lock for changing what serves; stops waiting if the work is to end."""
        lock = self._index_store.lock()
        while not lock.is_locked:
            self._stop_flag.check()
            with suppress(Timeout):
                lock.acquire(timeout=LOOK)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _alone(self, full: bool) -> Iterator[None]:
        """Holds the lock for building a generation; with `full`, raises Busy if it is taken."""
        lock = self._index_store.building()
        while not lock.is_locked:
            self._stop_flag.check()
            try:
                lock.acquire(timeout=0 if full else LOOK)
            except Timeout:
                if full:
                    raise Busy("A full reindex is running already: this one was not begun.") from None
        try:
            yield
        finally:
            lock.release()

    def _expected(self) -> Report:
        """Returns what a rebuild will do, and its reason if there is an index."""
        wanted = self._store.fingerprints()
        current = self._index_store.sound(self._index_store.names()[0])
        if current is None:
            return compare({}, wanted)
        with closing(current):
            report = compare(current.fingerprints(), wanted)
            report.rebuilt = current.difference(self._encoder) or "you asked for it"
            return report

    def _make(self, generation: Generation) -> None:
        started = time.monotonic()
        self._catch_up(generation, shared=True)
        generation.settle()
        check(generation, self._progress, self._stop_flag)
        golden = self._examined(generation)
        self._catch_up(generation)  # with changes made meanwhile, most of them before taking the lock
        with self._turn():
            _, held = self._catch_up(generation)
            generation.tidy()
            generation.verify(held)
            self._stop_flag.check()
            generation.note(golden=golden, seconds=round(time.monotonic() - started, 1))
            self._index_store.publish(generation)
            self._index_store.forget(self._store.fingerprints().keys(), but=generation.name)

    def _examined(self, generation: Generation) -> str:
        """Returns the golden result; retries once if the serving index had newer articles."""
        if self._exam is None:
            return ""
        self._catch_up(generation)
        try:
            return self._exam.compare(generation.name, self._index_store)
        except Unverified:
            report, _ = self._catch_up(generation)
            if not report.added and not report.changed:
                raise
            return self._exam.compare(generation.name, self._index_store)

    def _catch_up(self, generation: Generation, *, shared: bool = False) -> tuple[Report, dict[str, str]]:
        """Updates a generation to the stored articles; returns a report and its fingerprints.

        With `shared`, other machines may do part of it, which is not reported.
        """
        wanted, indexed = self._store.fingerprints(), generation.fingerprints()
        generation.forget(wanted.keys())
        missing = [key for key in wanted if indexed.get(key) != wanted[key]]
        standing = self._store.standing(missing)
        entries = generation.shared(standing) if shared else batches(standing)
        step = Step("encoding", 0, self._store.characters(missing), 0, len(missing))
        put = self._filling.fill(generation, entries, step)
        left = {key: value for key, value in indexed.items() if key in wanted}
        return compare(indexed, wanted), left | put


def compare(indexed: dict[str, str], wanted: dict[str, str]) -> Report:
    """Returns how many articles were added, changed, withdrawn and unchanged between two states."""
    return Report(
        added=len(wanted.keys() - indexed.keys()),
        changed=sum(1 for key in wanted if key in indexed and indexed[key] != wanted[key]),
        withdrawn=len(indexed.keys() - wanted.keys()),
        unchanged=sum(1 for key in wanted if indexed.get(key) == wanted[key]),
    )
