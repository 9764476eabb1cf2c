"""Which articles can be found by now, for whoever asks every second."""

from collections.abc import Iterable
from threading import Lock

from corpus.store import Store
from index.generation import Generation
from index.index_store import IndexStore


class Findable:
    """Compares the store with the serving index, and reads again only what may have changed.

    The index is kept open until all that was asked for can be found.
    """

    def __init__(self, store: Store, index_store: IndexStore) -> None:
        self._store = store
        self._index_store = index_store
        self._lock = Lock()
        self._generation: Generation | None = None
        self._indexed: tuple[str, dict[str, str]] | None = None  # by id, at that revision
        self._state = 0  # of the store
        self._stored: dict[str, str | None] = {}  # by id, as far as asked for; None for what doesn't stand

    def among(self, articles: Iterable[str]) -> list[str]:
        """Those of the articles that the index holds as they stand, and those that stand no more."""
        wanted = [*articles]
        with self._lock:
            try:
                generation = self._serving()
                if generation is None:
                    return []
                indexed, stored = self._fingerprints(generation), self._standing(wanted)
            except BaseException:
                self._close()
                raise
            found = [each for each in wanted if stored[each] in (None, indexed.get(each))]
            if len(found) == len(wanted):
                self._close()
            return found

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._generation is not None:
            self._generation.close()
        self._generation = self._indexed = None

    def _serving(self) -> Generation | None:
        """The generation that serves, opened again when another was published."""
        held = self._generation
        if held is None or held.name != self._index_store.names()[0] or not held.is_in_place():
            self._close()
            self._generation = self._index_store.current()
        return self._generation

    def _fingerprints(self, generation: Generation) -> dict[str, str]:
        """What is indexed; read after its revision, so that a change in between is noticed next time."""
        revision = generation.meta().get("revision", "")
        if self._indexed is None or self._indexed[0] != revision:
            self._indexed = revision, generation.fingerprints()
        return self._indexed[1]

    def _standing(self, wanted: list[str]) -> dict[str, str | None]:
        """What is stored; read after the state of the store, likewise."""
        state = self._store.state()
        if state != self._state:
            self._state, self._stored = state, {}
        unknown = [each for each in wanted if each not in self._stored]
        if unknown:
            self._stored |= dict.fromkeys(unknown) | self._store.fingerprints(unknown)
        return self._stored
