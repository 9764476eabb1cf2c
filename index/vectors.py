"""Sentence vectors in FAISS, found again by the ids of their rows."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import CitewireError
from index.embed import Vectors

Ids = NDArray[np.int64]


class DamagedVectors(CitewireError):
    """A file of vectors is not what was written."""


class VectorIndex:
    """Inner products of unit vectors (their cosines), exact, by row id."""

    def __init__(self, dimension: int) -> None:
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def ids(self) -> Ids:
        """The row ids that are held, in no order, shape (len(self),)."""
        held: Ids = faiss.vector_to_array(self._index.id_map).astype(np.int64)
        return held

    def add(self, ids: Iterable[int], vectors: Vectors) -> None:
        """Hold `vectors`, shape (n, dimension), under `ids`."""
        self._index.add_with_ids(vectors, np.fromiter(ids, dtype=np.int64))

    def remove(self, ids: Iterable[int]) -> None:
        """Let go of the vectors under `ids`."""
        self._index.remove_ids(np.fromiter(ids, dtype=np.int64))

    def search(self, vector: Vectors, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """The k nearest rows as (id, cosine), best first; fewer where fewer are held or `among` them."""
        if not len(self):
            return []
        # One question is too little work to share: waiting for a second, busy core took 100 times as long.
        faiss.omp_set_num_threads(1)
        chosen = None
        if among is not None:
            chosen = faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))  # type: ignore[call-arg]
        scores, ids = self._index.search(vector[np.newaxis], k, params=chosen)
        # FAISS pads short results with id -1.
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def save(self, path: Path) -> str:
        """Write to `path` so that a crash leaves the old file or the new one; returns its SHA-256."""
        data = faiss.serialize_index(self._index).tobytes()
        write_atomically(path, data)
        return hashlib.sha256(data).hexdigest()

    @classmethod
    def load(cls, path: Path, sha256: str, dimension: int) -> "VectorIndex":
        """Read what `save` wrote; DamagedVectors if a byte differs or the file is missing."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedVectors(f"{path.name} can't be read.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedVectors(f"{path.name} is not the file that was written.")
        loaded = cls(dimension)
        loaded._index = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        if loaded.dimension != dimension:
            raise DamagedVectors(f"{path.name} holds vectors of another length.")
        return loaded


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, on disk before it returns.

    Temporary file, fsync, rename, fsync of the folder: `faiss.write_index` truncates in place
    and syncs nothing, so that a kill in between leaves an unreadable file.
    """
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
