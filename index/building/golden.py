"""Golden questions: what a new index must answer at least as well as the one that serves."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import CitewireError
from corpus.store import Store
from index.errors import NoIndex, Unverified
from index.index_store import IndexStore
from index.searching.search import NotAQuestion, Searcher

SETTING = "CITEWIRE_GOLDEN"


class NotGolden(CitewireError):
    """A file holds no golden questions."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A question, and words that the marked sentence of its answer holds."""

    question: str
    quote: str

    def is_answered_by(self, searcher: Searcher) -> bool:
        """Whether the question is surely answered, by a sentence that holds the words."""
        try:
            result = searcher.ask(self.question, 1)
        except NotAQuestion:
            return False
        if result.state != "answered":
            return False
        hit = result.hits[0]
        return self.quote in hit.article.text[slice(*hit.sentence)]


def read(path: Path) -> list[Golden]:
    """The golden questions of a file of JSON lines; NotGolden names the first line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotGolden(f"{SETTING} names {str(path)!r}, which can't be read as UTF-8 text.") from error
    return [_golden(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _golden(path: Path, number: int, line: str) -> Golden:
    try:
        row = json.loads(line)
        question, quote = row["question"], row["quote"]
    except (ValueError, KeyError, TypeError):
        question = quote = None
    if not isinstance(question, str) or not isinstance(quote, str) or not quote.strip():
        raise NotGolden(f'{SETTING}, line {number} of {path}: it must be {{"question": …, "quote": …}}.')
    return Golden(question, quote)


class Exam:
    """Asks the golden questions of whole generations, each by a searcher of its own."""

    def __init__(
        self, questions: Sequence[Golden], store: Store, searcher: Callable[[str], Searcher]
    ) -> None:
        self._questions = questions
        self._store = store
        self._searcher = searcher  # of the name of a generation

    def compare(self, new: str, index_store: IndexStore) -> str:
        """How many questions `new` answers, as in "11/12"; Unverified where the serving one answers more.

        Only questions count whose words some article holds; "" where none does. One that was made
        otherwise, by another model for instance, can't be asked, and nothing is compared.
        """
        counted = self._counted()
        if not counted:
            return ""
        right, serving = self.answered(new), index_store.names()[0]
        before = self.answered(serving) if serving else []
        if len(right) < len(before):
            lost = " ".join(each.question for each in before if each not in right)
            raise Unverified(
                f"The new index answers {len(right)} of {len(counted)} golden questions, the old one "
                f"{len(before)}, so the old one goes on. No longer answered: {lost}"
            )
        return f"{len(right)}/{len(counted)}"

    def _counted(self) -> list[Golden]:
        return [each for each in self._questions if self._store.holds(each.quote)]

    def answered(self, generation: str) -> list[Golden]:
        """The questions that count and that a generation answers; none where it can't be searched."""
        with closing(self._searcher(generation)) as searcher:
            try:
                return [each for each in self._counted() if each.is_answered_by(searcher)]
            except NoIndex:
                return []
