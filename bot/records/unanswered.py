"""Questions that the articles don't answer, for admins."""

import re
from collections import Counter

from bot.text import line
from corpus.database import Database

MAX_QUESTION = 250  # characters


def unanswered(database: Database) -> list[str]:
    """The questions that the articles don't answer, the most frequent first, without who asked them.

    Questions count as the same whatever their case and punctuation, and are shown as they were asked last.
    Those about one article alone are left out: another may answer them.
    """
    found = database.read().execute(
        """select coalesce(before || ' ', '') || question from answers
           where state = 'absent' and question is not null and about is null order by made desc"""
    )
    times: Counter[str] = Counter()
    newest: dict[str, str] = {}
    for (question,) in found:
        alike = " ".join(re.findall(r"\w+", question.casefold()))
        times[alike] += 1
        newest.setdefault(alike, question)
    return [f"{count:,} × {line(newest[alike], MAX_QUESTION)}" for alike, count in times.most_common()]
