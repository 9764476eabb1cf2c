"""Figures for admins: counts by day in a picture, unanswered questions, the audit log."""

import asyncio
from collections.abc import Sequence
from threading import Lock

from bot.assistant import Assistant
from bot.chats import Request, Services, Tap
from bot.records import DailyCounts, Day
from bot.records.daily_counts import NO_QUESTIONS, summary
from bot.records.unanswered import unanswered
from bot.text import foreign, join, listed
from bot.transport import View, rows, tap
from index.errors import Away

PAGE = 10  # lines
MAX_LINE = 400  # UTF-16 units: ten lines make one message
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


async def _unanswered_page(services: Services, page: int) -> View:
    lines = await asyncio.to_thread(unanswered, services.database)
    return _view("unanswered", lines[page * PAGE : (page + 1) * PAGE + 1], page, LACKING, HELD)


def _audit_page(services: Services, page: int) -> View:
    acts = [act.sentence() for _, act in services.audit.newest(PAGE + 1, page * PAGE)]
    return _view("audit", acts, page, DONE, IDLE)


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
