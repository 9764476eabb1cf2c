"""Sentence vectors in FAISS, identified by their row ids."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import CitewireError
from index.encoding.codes import Vectors

Ids = NDArray[np.int64]

# The four levels that best approximate a normal distribution, in standard deviations (Max 1960).
LEVELS = (-1.510, -0.4528, 0.4528, 1.510)
# FAISS 1.15 sometimes finds nothing in the first fast scan: -1 for each of k existing codes.
SEARCHES = 3


class DamagedVectors(CitewireError):
    """A vector file differs from what was written."""


class VectorIndex:
    """Estimates which rows have vectors near a given one; exact cosines then decide among the nearest.

    FAISS's fast scan compares two bits per dimension, a sixteenth of the vector. The four levels are optimal
    for normally distributed coordinates, which those of unit vectors nearly are. Nothing is trained, so the
    order of insertion doesn't matter.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension  # 0 without rows
        self._codes: Any = faiss.IndexIDMap(_quantizer(max(dimension, 2)))
        # The codes packed for the fast scan with their ids, built by the first search.
        self._packed: tuple[Any, Ids] | None = None

    def __len__(self) -> int:
        return int(self._codes.ntotal)

    def ids(self) -> Ids:
        """Returns the row ids, unordered, shape (len(self),)."""
        held: Ids = faiss.vector_to_array(self._codes.id_map).astype(np.int64)
        return held

    def add(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        """Adds `vectors`, shape (n, dimension), under `ids`."""
        self._codes.add_with_ids(vectors, np.asarray(ids, dtype=np.int64))
        self._packed = None

    def remove(self, ids: Sequence[int] | Ids) -> None:
        """Removes the vectors under `ids`."""
        # Not from the packed codes, where later additions would mix with removed ones.
        self._codes.remove_ids(np.asarray(ids, dtype=np.int64))
        self._packed = None

    def search(self, vector: Vectors, k: int, among: Ids | None = None) -> list[int]:
        """Returns the ids of the k seemingly nearest rows (`among` some), best first, or fewer."""
        if not len(self):
            return []
        # One search is too small to parallelise: waiting for a second, busy core took 100 times as long.
        faiss.omp_set_num_threads(1)
        if among is not None:
            packed, ids = self._pack(np.isin(self.ids(), among))
        else:
            packed, ids = self._packed = self._packed or self._pack(np.ones(len(self), dtype=bool))
        if not len(ids):
            return []
        found: list[int] = ids[_nearest(packed, vector, min(k, len(ids)))].tolist()
        return found

    def _pack(self, chosen: NDArray[np.bool_]) -> tuple[Any, Ids]:
        """Returns the chosen codes packed for the fast scan, and their ids in that order."""
        codes = faiss.vector_to_array(_quantizer_in(self._codes).codes).reshape(len(chosen), -1)[chosen]
        some = _quantizer(self.dimension)
        faiss.copy_array_to_vector(codes.ravel(), some.codes)
        some.ntotal = len(codes)
        return faiss.IndexPQFastScan(some), self.ids()[chosen]

    def save(self, path: Path) -> str:
        """Writes to `path`, leaving the old or the new file after a crash; returns its SHA-256."""
        data = faiss.serialize_index(self._codes).tobytes()
        write_atomically(path, data)
        return hashlib.sha256(data).hexdigest()

    @classmethod
    def load(cls, path: Path, sha256: str, dimension: int) -> "VectorIndex":
        """Reads what `save` wrote; raises DamagedVectors if a byte differs or the file is missing."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedVectors(f"{path.name} can't be read.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedVectors(f"{path.name} is not the file that was written.")
        loaded = cls(dimension)
        loaded._codes = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        if loaded._codes.d != dimension or not isinstance(_quantizer_in(loaded._codes), faiss.IndexPQ):
            raise DamagedVectors(f"{path.name} holds vectors of another length or kind.")
        return loaded


def _nearest(packed: Any, vector: Vectors, k: int) -> Ids:
    """Returns the positions of the k codes nearest to `vector`, best first."""
    for _ in range(SEARCHES):
        _, [places] = packed.search(vector[np.newaxis], k)
        if (places >= 0).all():
            break
    found: Ids = places[places >= 0]
    return found


def _quantizer(dimension: int) -> Any:
    """Returns a quantizer with four bits per pair of dimensions: a grid of LEVELS by LEVELS."""
    levels = np.array(LEVELS, dtype=np.float32) / np.float32(np.sqrt(dimension))
    grid = np.stack(np.meshgrid(levels, levels), axis=-1).ravel()
    codes: Any = faiss.IndexPQ(dimension, dimension // 2, 4, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(np.tile(grid, dimension // 2), codes.pq.centroids)
    codes.is_trained = True
    return codes


def _quantizer_in(codes: Any) -> Any:
    return faiss.downcast_index(codes.index)


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces `path` by `data` durably.

    Temporary file, fsync, rename, fsync of the folder: `faiss.write_index` truncates in place and doesn't
    sync, so a crash would leave an unreadable file.
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
