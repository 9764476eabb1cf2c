"""What people asked that the articles don't hold, as long as the ledger keeps it, without who asked."""

import re
from dataclasses import dataclass

from sqlite_utils import Database as Connection

from bot.text.passages import line

LONGEST = 250  # characters of a question that are shown


@dataclass(slots=True)
class Unanswered:
    """A question, as it was last asked, and how often that was."""

    question: str
    times: int = 0

    def sentence(self) -> str:
        """It on one line."""
        return f"{self.times:,} × {line(self.question, LONGEST)}"


def unanswered(db: Connection) -> list[Unanswered]:
    """Each question once, however it is written; the most frequent first, of those the newest.

    What was asked of one article alone is left out: another may hold it.
    """
    rows = db.execute(
        """select coalesce(before || ' ', '') || question from answers
           where state = 'absent' and question is not null and about is null order by made desc"""
    )
    found: dict[str, Unanswered] = {}
    for (question,) in rows:
        alike = " ".join(re.findall(r"\w+", question.casefold()))
        found.setdefault(alike, Unanswered(question)).times += 1
    return sorted(found.values(), key=lambda each: -each.times)
