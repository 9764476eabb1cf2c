"""Golden questions, which a new index must answer at least as well as the serving one."""

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
    """A question, and words that the answering sentence contains."""

    question: str
    quote: str

    def is_answered_by(self, searcher: Searcher) -> bool:
        """Returns whether the question is surely answered by a sentence with the words."""
        try:
            result = searcher.ask(self.question, 1)
        except NotAQuestion:
            return False
        if result.state != "answered":
            return False
        hit = result.hits[0]
        return self.quote in hit.article.text[slice(*hit.sentence)]


def read(path: Path) -> list[Golden]:
    """Reads golden questions from JSON lines; raises NotGolden naming the first invalid line."""
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
    """Asks whole generations the golden questions, each with its own searcher."""

    def __init__(
        self, questions: Sequence[Golden], store: Store, searcher: Callable[[str], Searcher]
    ) -> None:
        self._questions = questions
        self._store = store
        self._searcher = searcher  # takes the name of a generation

    def compare(self, new: str, index_store: IndexStore) -> str:
        """Returns how many questions `new` answers ("11/12"); raises Unverified if it answers fewer.

        Only questions whose words are in some article count; "" if there are none. A serving index built
        otherwise, for instance with another model, can't be asked, so nothing is compared.
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
        """Returns the counted questions that a generation answers; none if it can't be searched."""
        with closing(self._searcher(generation)) as searcher:
            try:
                return [each for each in self._counted() if each.is_answered_by(searcher)]
            except NoIndex:
                return []
