"""An article as an index holds it, wherever that is."""

from dataclasses import dataclass

import numpy as np

from corpus.article import Span
from index.encoding.embed import Sentence, Vectors


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage; `spans`, `terms` and `encoded` have one each a sentence; offsets are the article's."""

    start: int
    end: int
    paragraph: int
    text: str
    spans: list[Span]
    terms: list[str]  # in order, parted by spaces
    encoded: list[Sentence]


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article; `title` is the terms of its title, `fingerprint` says what of it was indexed."""

    id: str
    fingerprint: str
    language: str
    title: str
    published: str | None
    passages: list[IndexedPassage]


def sentence(vector: Vectors, tokens: bytes) -> Sentence:
    """A sentence whose codes were kept as bytes."""
    codes = np.frombuffer(tokens, dtype=np.uint8).reshape(-1, (len(vector) + 7) // 8)
    return Sentence(vector, codes)
