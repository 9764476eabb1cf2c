"""Articles on their way into the index: split, in batches, then as an index holds them."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from corpus.article import Article
from index.encoding.codes import Vectors, width
from index.encoding.embed import Sentence
from index.encoding.texts import Text
from index.language.analyze import terms
from index.language.detect import article_language
from index.language.passages import Line, Passage, passages

Batches = Generator["list[Entry]", None, None]
"""Articles on their way in, as many at a time as are put in at once."""

# Sentences that are encoded and committed together: what a crash loses at most.
BATCH_SENTENCES = 2000


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage; `lines`, `terms` and `encoded` have one each a sentence; offsets are the article's."""

    start: int
    end: int
    text: str
    lines: list[Line]
    terms: list[str]  # in order, parted by spaces
    encoded: list[Sentence]


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article; `title` is the terms of its title, `fingerprint` says what of it was indexed.

    `language` is an ISO 639-1 code, "" if it is unknown.
    """

    id: str
    fingerprint: str
    language: str
    title: str
    published: str | None
    passages: list[IndexedPassage]


def sentence(vector: Vectors, tokens: bytes) -> Sentence:
    """A sentence whose codes were kept as bytes."""
    codes = np.frombuffer(tokens, dtype=np.uint8).reshape(-1, width(len(vector)))
    return Sentence(vector, codes)


@dataclass
class Entry:
    """One article, split, on its way into the index."""

    article: Article
    fingerprint: str
    language: str
    passages: list[Passage]
    encoded: list[list[Sentence]] = field(default_factory=list)  # a passage each

    @classmethod
    def of(cls, article: Article, fingerprint: str) -> "Entry":
        """The article split into passages by the rules of its language."""
        language = article_language(article.text, article.language)
        return cls(article, fingerprint, language, list(passages(article, language)))

    def sentences(self) -> int:
        """How many sentences it has."""
        return sum(len(passage.lines) for passage in self.passages)

    def texts(self) -> Iterator[Text]:
        """The passages as the encoder gets them."""
        for passage in self.passages:
            spans = [(line.start - passage.start, line.end - passage.start) for line in passage.lines]
            yield Text(self.article.text[passage.start : passage.end], spans, self.language)

    def terms(self, text: str) -> str:
        """The terms of a text in the article's language, as the index holds them."""
        return " ".join(terms(text, self.language))

    def indexed(self) -> IndexedArticle:
        """The article as the index gets it."""
        article, title = self.article, self.terms(self.article.title)
        rows = [self._passage(*each) for each in zip(self.passages, self.encoded, strict=True)]
        return IndexedArticle(article.id, self.fingerprint, self.language, title, article.published, rows)

    def _passage(self, passage: Passage, encoded: list[Sentence]) -> IndexedPassage:
        text, lines = self.article.text, list(passage.lines)
        terms = [self.terms(text[line.start : line.end]) for line in lines]
        start, end = passage.start, passage.end
        return IndexedPassage(start, end, text[start:end], lines, terms, encoded)


def batches(articles: Iterable[tuple[Article, str]]) -> Batches:
    """Articles with their fingerprints, split, about BATCH_SENTENCES sentences at a time."""
    batch: list[Entry] = []
    for article, fingerprint in articles:
        batch.append(Entry.of(article, fingerprint))
        if sum(entry.sentences() for entry in batch) >= BATCH_SENTENCES:
            yield batch
            batch = []
    if batch:
        yield batch
