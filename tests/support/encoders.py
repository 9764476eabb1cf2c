"""Encoders of the real interface that load nothing."""

import re
import time
import zlib
from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np

from index.encoding.codes import pack
from index.encoding.embed import Question, Sentence, Vectors
from index.encoding.texts import Text
from index.searching.confidence import NAMES, Coefficients, Confidence, Languages

DIMENSION = 64


def by_signals(bias: float, **weights: float) -> Confidence:
    """A confidence that weighs some signals, the same whatever the languages."""
    coefficients = Coefficients(tuple(weights.get(name, 0.0) for name in NAMES), bias)
    return Confidence(dict.fromkeys(get_args(Languages), coefficients))


BY_WORDS = by_signals(coverage=12, bias=-6)
"""Sure of what covers more than half of a question: what the fitted confidence was fitted to is no hash."""


class HashEncoder:
    """An Encoder that loads nothing: texts that share words have like vectors, meaning aside.

    It goes by the name of a model whose confidence is known, since an unknown one is never sure.
    """

    name = "all-MiniLM-L6-v2@hash"
    encoding = "late/hash"

    def encode_question(self, question: str, language: str = "") -> Question:
        """The vectors of the question's words, and their sum's."""
        tokens = self._words(question)
        return Question(_unit(tokens.sum(axis=0)), tokens)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """Each sentence by its own words."""
        done(sum(len(passage.text) for passage in passages))
        return [self._sentence(p.text[start:end]) for p in passages for start, end in p.sentences]

    def knows(self, word: str) -> bool:
        """Never: it learned nothing."""
        return False

    def reads(self, language: str) -> bool:
        """Always: the same words are the same in all languages."""
        return True

    def _sentence(self, text: str) -> Sentence:
        tokens = self._words(text)
        return Sentence(_unit(tokens.sum(axis=0)), pack(tokens))

    def _words(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.casefold()) or ["nothing"]
        rows = [np.random.default_rng(zlib.crc32(w.encode())).standard_normal(DIMENSION) for w in words]
        return _unit(np.array(rows, dtype=np.float32))


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


class CountingEncoder(HashEncoder):
    """A HashEncoder that knows how many questions it was given, and takes `seconds` for each."""

    def __init__(self) -> None:
        self.questions = 0
        self.seconds = 0.0

    def encode_question(self, question: str, language: str = "") -> Question:
        """As HashEncoder, counted and delayed."""
        self.questions += 1
        time.sleep(self.seconds)
        return super().encode_question(question, language)
