"""Sets of judged questions: articles, questions about them, and where their answers stand."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from corpus.article import Span
from corpus.errors import CitewireError

Kind = Literal["own", "hard", "foreign"]
"""Answered by the articles; about them, but not answered; about other articles."""

# What an unanswerable question may be called where it has nothing to do with the articles.
OUTSIDE = ("foreign", "gibberish")


class NotASet(CitewireError):
    """A folder does not hold judged questions."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question and its answers: `spans` in the text of `article`, or any passage of any of `articles`."""

    text: str
    article: str
    spans: tuple[Span, ...]
    kind: Kind
    articles: tuple[str, ...] = ()
    id: str = ""  # the same in translations of a set

    @property
    def about(self) -> set[str]:
        """The ids of the articles that the question is about."""
        return {self.article, *self.articles}

    def is_answered_by(self, article: str, shown: Span) -> bool:
        """Whether the characters `shown` of an article overlap an answer."""
        answers = self.spans if article == self.article else ()
        return article in self.articles or any(shown[0] < end and start < shown[1] for start, end in answers)

    def is_answered_within(self, article: str, shown: Span) -> bool:
        """Whether the characters `shown` of an article contain a whole answer.

        Any text from an article in `articles` does; `shown` may be empty, or end before it starts.
        """
        answers = self.spans if article == self.article else ()
        return (article in self.articles and shown[0] < shown[1]) or any(
            shown[0] <= start and end <= shown[1] for start, end in answers
        )


@dataclass(frozen=True)
class JudgedSet:
    """Articles, as rows of JSON, and questions about them."""

    name: str
    articles: list[dict[str, Any]]
    questions: list[JudgedQuestion]

    @classmethod
    def read(cls, folder: Path) -> "JudgedSet":
        """The set in `folder`: articles.jsonl and questions.jsonl; NotASet says what is wrong with it."""
        articles = [row for _, row in _rows(folder / "articles.jsonl", "id", "text")]
        questions = [_question(row, where) for where, row in _rows(folder / "questions.jsonl", "question")]
        return cls(folder.resolve().name, articles, questions)

    def every(self, nth: int) -> "JudgedSet":
        """The same articles with every nth question."""
        return replace(self, questions=self.questions[::nth])

    def at_most(self, questions: int) -> "JudgedSet":
        """The same articles with so many of the questions, spread over them."""
        return self.every(-(-len(self.questions) // questions) or 1)

    def part(self, articles: Collection[str]) -> "JudgedSet":
        """Some of the articles, by id, and the questions about them."""
        rows = [row for row in self.articles if row["id"] in articles]
        return JudgedSet(self.name, rows, [q for q in self.questions if not q.about.isdisjoint(articles)])

    def foreign(self, others: "Sequence[JudgedSet]") -> list[JudgedQuestion]:
        """The answered questions of `others` about articles that share no title with these."""
        topics = {_title(row) for row in self.articles}
        return [
            replace(question, kind="foreign", spans=(), articles=())
            for other in others
            for apart in [{row["id"] for row in other.articles if _title(row) not in topics}]
            for question in other.questions
            if question.kind == "own" and question.about <= apart
        ]


def crossed(sets: "Sequence[JudgedSet]") -> list[JudgedSet]:
    """Each set asked in the language of the one before it, where that is a translation of it.

    A translation has the same question ids.
    """
    found = []
    for asked, judged in pairwise([*sets, *sets[:1]]):
        texts = {question.id: question.text for question in asked.questions if question.id}
        questions = [replace(q, text=texts[q.id]) for q in judged.questions if q.id in texts]
        if asked.name != judged.name and 2 * len(questions) > len(judged.questions):
            found.append(JudgedSet(f"{asked.name} of {judged.name}", judged.articles, questions))
    return found


def _title(row: dict[str, Any]) -> str:
    return str(row.get("title") or row["id"])


def _rows(path: Path, *needed: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with where it stands."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NotASet(f"{path} can't be read: judged questions need that file, in UTF-8.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NotASet(f"{where} is not JSON: {error}.") from error
        if not isinstance(row, dict):
            raise NotASet(f"{where} is no JSON object.")
        if missing := [key for key in needed if not isinstance(row.get(key), str)]:
            raise NotASet(f"{where} has no {missing[0]!r}, or not as a string.")
        yield where, row


def _question(row: dict[str, Any], where: str) -> JudgedQuestion:
    try:
        spans = tuple((int(start), int(end)) for start, end in row.get("spans") or ())
    except (TypeError, ValueError, OverflowError) as error:
        raise NotASet(f"{where} has other 'spans' than [[start, end], …].") from error
    articles = row.get("articles") or []
    if not isinstance(articles, list) or not all(isinstance(each, str) for each in articles):
        raise NotASet(f"{where} has other 'articles' than [\"id\", …].")
    outside: Kind = "foreign" if row.get("kind") in OUTSIDE else "hard"
    article = str(row.get("article", articles[0] if articles else ""))
    kind = "own" if spans or articles else outside
    return JudgedQuestion(row["question"], article, spans, kind, tuple(articles), str(row.get("id", "")))
