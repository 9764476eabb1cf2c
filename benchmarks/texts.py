"""What is measured on: real articles and questions, and as many more articles as are wanted."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.article import Article
from evaluation.judged import JudgedSet
from index.encoding.codes import width
from index.encoding.embed import Model, Sentence
from index.encoding.texts import Text
from index.language.passages import passages

ROOT = Path(__file__).parent.parent
BUNDLED = ROOT / "tests/data/bundled"

PARAGRAPHS, SENTENCES = 10, 5
"""Of an article that is made up: paragraphs, and sentences in each."""


@dataclass(frozen=True)
class Texts:
    """Articles, the sentences in them, and questions about them."""

    articles: list[Article]
    sentences: list[str]
    questions: list[str]

    @classmethod
    def of(cls, folder: Path | None) -> "Texts":
        """What `articles.jsonl` and `questions.jsonl` in `folder` hold; else the bundled article."""
        judged = JudgedSet.read(folder or BUNDLED)
        articles = [Article(row["id"], row.get("title") or "", row["text"]) for row in judged.articles]
        sentences = [sentence for article in articles for sentence in _sentences(article)]
        questions = [each.text for each in judged.questions if any(map(str.isalnum, each.text))]
        random.Random(1).shuffle(questions)
        return cls(articles, sentences, questions)

    def more(self, count: int, seed: int) -> Iterator[Article]:
        """`count` articles of 50 sentences each, drawn from the real ones."""
        chance = random.Random(seed)
        for number in range(count):
            drawn = [" ".join(chance.choices(self.sentences, k=SENTENCES)) for _ in range(PARAGRAPHS)]
            yield Article(f"more-{seed}-{number}", f"More, part {number}", "\n\n".join(drawn))


def _sentences(article: Article) -> Iterator[str]:
    for passage in passages(article, "en"):
        for start, end, _ in passage.lines:
            yield article.text[start:end]


class RandomVectors:
    """An encoder that asks the model about questions alone: every sentence gets a random unit vector."""

    def __init__(self, model: Model) -> None:
        self.name, self.encoding = model.name, model.encoding
        self.encode_question, self.reads = model.encode_question, model.reads
        self._chance = np.random.default_rng(1)

    def knows(self, word: str) -> bool:
        """Always: nothing is corrected here."""
        return bool(word)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """As many random directions, with as many tokens as the words would make."""
        done(sum(len(passage.text) for passage in passages))
        return [self._sentence(end - start) for passage in passages for start, end in passage.sentences]

    def _sentence(self, characters: int) -> Sentence:
        drawn = self._chance.standard_normal(384, dtype=np.float32)
        codes = self._chance.integers(0, 256, (characters // 4 + 1, width(384)), dtype=np.uint8)
        return Sentence(drawn / np.linalg.norm(drawn), codes)
