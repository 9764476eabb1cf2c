"""Encoders of the real interface that load nothing."""

import re
import time
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from index.embed import Vectors

DIMENSION = 64


class HashEncoder:
    """An Encoder that loads nothing: texts that share words have like vectors, meaning aside."""

    name = "hash@1"

    def encode_question(self, question: str) -> Vectors:
        """The unit vector of the question's words."""
        return self._encode(question)

    def encode_sentences(self, sentences: Sequence[str], done: Callable[[int], None]) -> Vectors:
        """The unit vectors of the sentences' words."""
        done(sum(len(sentence) for sentence in sentences))
        rows = [self._encode(sentence) for sentence in sentences]
        return np.array(rows, dtype=np.float32).reshape(len(rows), DIMENSION)

    def knows(self, word: str) -> bool:
        """Never: it learned nothing."""
        return False

    def _encode(self, text: str) -> Vectors:
        total = np.zeros(DIMENSION)
        for word in re.findall(r"\w+", text.casefold()) or ["nothing"]:
            total += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIMENSION)
        return (total / np.linalg.norm(total)).astype(np.float32)


class CountingEncoder(HashEncoder):
    """A HashEncoder that knows how many questions it was given, and takes `seconds` for each."""

    def __init__(self) -> None:
        self.questions = 0
        self.seconds = 0.0

    def encode_question(self, question: str) -> Vectors:
        """As HashEncoder, counted and delayed."""
        self.questions += 1
        time.sleep(self.seconds)
        return super().encode_question(question)
