"""Figures for admins, in Telegram and the terminal: counts by day, unanswered questions, the audit log."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from threading import Lock

from bot.assistant import Assistant
from bot.chats import Request, Services, Tap
from bot.records import AuditLog, DailyCounts, Day, within
from bot.records.daily_counts import all_times
from bot.text import foreign, join, line, listed
from bot.transport import View, rows, tap
from corpus.database import Database
from index.errors import Away

PAGE = 10  # lines
MAX_LINE = 400  # UTF-16 units: ten lines make one message
MAX_QUESTION = 250  # characters
NO_QUESTIONS = "Nothing has been asked in these days."
HELD = "No question is kept that the articles don't hold."
LACKING = "Asked, but not in the articles:"
DONE = "Done by admins, in UTC:"
IDLE = "Admins have done nothing yet."

_drawing = Lock()  # matplotlib draws in one thread at a time


async def show_stats(services: Services, request: Request) -> None:
    """/stats shows the last days in a picture, and in words under it."""
    days = await asyncio.to_thread(DailyCounts(services.database, services.clock).last)
    if not any(day.questions for day in days):
        await services.say(request, NO_QUESTIONS)
        return
    picture = await asyncio.to_thread(_drawn, days)
    golden = await asyncio.to_thread(_golden, services.assistant)
    right = f"\nGolden questions: {golden} right in the index that serves." if golden else ""
    await services.sender.show(request.place, picture, summary(days) + right)


async def show_unanswered(services: Services, request: Request) -> None:
    """/unanswered lists what was asked that the articles don't answer."""
    await services.show(request, await _unanswered_page(services, 0))


async def turn_unanswered(services: Services, tapped: Tap) -> None:
    """Show another page of it."""
    await tapped.answer()
    services.replace(tapped, await _unanswered_page(services, int(tapped.parts[0])))


async def show_audit(services: Services, request: Request) -> None:
    """/audit lists what admins did."""
    await services.show(request, _audit_page(services, 0))


async def turn_audit(services: Services, tapped: Tap) -> None:
    """Show another page of it."""
    await tapped.answer()
    services.replace(tapped, _audit_page(services, int(tapped.parts[0])))


def summary(days: Sequence[Day]) -> str:
    """All days together, in a few sentences."""
    asked = sum(day.questions for day in days)
    if not asked:
        return NO_QUESTIONS
    shares = [
        (sum(day.answered for day in days), "answered"),
        (sum(day.perhaps for day in days), "perhaps"),
        (sum(day.absent for day in days), "not in the articles"),
    ]
    said = ", ".join(f"{count / asked:.0%} {what}" for count, what in shares)
    up, down = sum(day.up for day in days), sum(day.down for day in days)
    return (
        f"Questions of the last {len(days)} days: {asked:,}; {said}. {up:,} 👍, {down:,} 👎. "
        f"95 of 100 answers came within {_seconds(within(all_times(days)))}."
    )


def table(days: Sequence[Day]) -> list[str]:
    """A line a day, under a line of headings."""
    heads = ("answered", "perhaps", "not in the articles", "up", "down", "95 of 100 within")
    lines = [f"{'day (UTC)':10}  {'  '.join(heads)}"]
    for day in days:
        values = (day.answered, day.perhaps, day.absent, day.up, day.down, _seconds(within(day.times)))
        cells = (f"{value:>{len(head)}}" for head, value in zip(heads, values, strict=True))
        lines.append(f"{day.day}  {'  '.join(cells)}")
    return lines


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


def audited(audit: AuditLog, limit: int, skip: int = 0) -> list[str]:
    """The last acts of admins, newest first, after so many that are skipped."""
    return [act.sentence() for _, act in audit.newest(limit, skip)]


async def _unanswered_page(services: Services, page: int) -> View:
    lines = await asyncio.to_thread(unanswered, services.database)
    return _view("unanswered", lines[page * PAGE : (page + 1) * PAGE + 1], page, LACKING, HELD)


def _audit_page(services: Services, page: int) -> View:
    return _view("audit", audited(services.audit, PAGE + 1, page * PAGE), page, DONE, IDLE)


def _view(word: str, lines: Sequence[str], page: int, head: str, nothing: str) -> View:
    """A page of a list with the buttons that turn it; `lines` may hold one of the next page."""
    shown = [listed(each, MAX_LINE) for each in lines[:PAGE]] or [foreign(nothing)]
    turning = [
        *([tap("Back", f"{word}:{page - 1}")] if page else []),
        *([tap("More", f"{word}:{page + 1}")] if len(lines) > PAGE else []),
    ]
    return join([foreign(head), *shown] if lines else shown)[0], rows(turning)


def _drawn(days: Sequence[Day]) -> bytes:
    from bot.admin.picture import draw  # matplotlib takes a second to import

    with _drawing:
        return draw(days)


def _golden(assistant: Assistant) -> str:
    """How many of the golden questions the index answers, as in "11/12"; "" if that is not known."""
    try:
        return "".join(each.golden for each in assistant.generations() if each.serves)
    except Away:
        return ""


def _seconds(value: float | None) -> str:
    """A time of two digits: 0.32 s, 2.5 s; a dash for none."""
    return "–" if value is None else f"{value:.2g} s" if value < 100 else f"{value:.0f} s"
