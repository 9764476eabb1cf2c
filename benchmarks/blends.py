"""Vectors that are made up, each between those of two real sentences; and what is nearest among them."""

import time
from collections.abc import Callable, Sequence
from heapq import nlargest

import numpy as np

from index.encoding.codes import Vectors
from index.encoding.embed import Model, Sentence
from index.encoding.texts import Text

NEAREST = 10


class Blends:
    """An encoder that gives every sentence a blend of two of the `real` ones: each has near neighbours.

    It compares all that it gives with the vectors `asked`, of shape (questions, dimension), one by one.
    """

    def __init__(self, model: Model, real: Sequence[Sentence], asked: Vectors) -> None:
        self.name, self.encoding = model.name, model.encoding
        self.encode_question, self.knows, self.reads = model.encode_question, model.knows, model.reads
        self.seconds = 0.0  # that all of this took
        self._vectors = np.stack([sentence.vector for sentence in real])
        self._tokens = [sentence.tokens for sentence in real]
        self._asked = asked
        self._best: list[list[tuple[float, str]]] = [[] for _ in asked]
        self._chance = np.random.default_rng(1)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """As many blends, each with the tokens of one of the two."""
        begun = time.perf_counter()
        counts = [len(passage.sentences) for passage in passages]
        one, other = self._chance.integers(0, len(self._vectors), (2, sum(counts)))
        share = self._chance.random((sum(counts), 1), dtype=np.float32)
        vectors = share * self._vectors[one] + (1 - share) * self._vectors[other]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self._compare(vectors, counts, passages)
        self.seconds += time.perf_counter() - begun
        done(sum(len(passage.text) for passage in passages))
        return [Sentence(vector, self._tokens[i]) for vector, i in zip(vectors, one.tolist(), strict=True)]

    def _compare(self, vectors: Vectors, counts: list[int], passages: Sequence[Text]) -> None:
        starts = np.cumsum([0, *counts[:-1]])
        near = np.maximum.reduceat(vectors @ self._asked.T, starts)  # of each passage to each question
        for i, own in enumerate(near.T):
            some = np.argsort(-own)[:NEAREST].tolist()
            self._best[i] = nlargest(NEAREST, [*self._best[i], *((own[j], passages[j].text) for j in some)])

    def nearest(self) -> list[set[str]]:
        """The NEAREST passages to each question, by their best sentences."""
        return [{text for _, text in best} for best in self._best]
