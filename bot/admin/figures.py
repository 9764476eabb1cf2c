"""What an admin sees of how the bot does: figures in a picture, what the articles lack, what admins did."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.admin.daily_report import NOTHING, summary
from bot.admin.unanswered import unanswered
from bot.asking.answer_taps import notify
from bot.asking.buttons import rows, tap
from bot.asking.pages import View
from bot.assistant import Assistant
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.records.audit import AuditLog
from bot.records.daily_counts import DailyCounts, Day
from bot.text.message import foreign, join, listed
from bot.transport.edits import EditQueue
from bot.transport.sender import Sender
from index.errors import Away

PAGE = 10  # lines
LINE = 400  # UTF-16 units of one: ten of them make one message
PAGES = re.compile("[0-9]{1,6}", re.ASCII)
HELD = "No question is kept that the articles don't hold."
LACKING = "Asked, but not in the articles:"
DONE = "Done by admins, in UTC:"
IDLE = "Admins have done nothing yet."

Page = Callable[[int], Awaitable[View]]


class Seeing:
    """The lists have pages that are turned in place."""

    def __init__(
        self, assistant: Assistant, daily: DailyCounts, audit: AuditLog, sender: Sender, edits: EditQueue
    ) -> None:
        self._assistant = assistant
        self._daily = daily
        self._audit = audit
        self._sender = sender
        self._edits = edits
        self._drawing = asyncio.Lock()
        self._lists: dict[str, Page] = {"unanswered": self._unanswered, "audit": self._done}

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        lists: dict[str, Handler] = {name: partial(self._list, page) for name, page in self._lists.items()}
        return {"stats": self._stats} | lists

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {name: partial(self._turn, page) for name, page in self._lists.items()}

    async def _stats(self, request: Request) -> None:
        days = await asyncio.to_thread(self._daily.last)
        if not any(day.questions for day in days):
            await self._sender.say(request, NOTHING)
            return
        async with self._drawing:  # matplotlib draws in one thread at a time
            picture = await asyncio.to_thread(_drawn, days)
        golden = await asyncio.to_thread(self._golden)
        right = f"\nGolden questions: {golden} right in the index that serves." if golden else ""
        await self._sender.show(request.place, picture, summary(days) + right)

    def _golden(self) -> str:
        """How many of the golden questions the serving index answers; "" where that is not known."""
        try:
            return "".join(each.golden for each in self._assistant.generations() if each.serves)
        except Away:
            return ""

    async def _list(self, page: Page, request: Request) -> None:
        message, keyboard = await page(0)
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _turn(self, page: Page, tapped: Tap) -> None:
        await notify(tapped.query)
        number = int(tapped.value) if PAGES.fullmatch(tapped.value) else 0
        self._edits.put(tapped.message.chat.id, tapped.message.message_id, await page(number))

    async def _unanswered(self, page: int) -> View:
        request = await asyncio.to_thread(lambda: unanswered(self._assistant.database.read()))
        lines = [each.sentence() for each in request[page * PAGE : (page + 1) * PAGE + 1]]
        return _view("unanswered", lines, page, LACKING, HELD)

    async def _done(self, page: int) -> View:
        lines = [act.sentence() for _, act in self._audit.newest(PAGE + 1, page * PAGE)]
        return _view("audit", lines, page, DONE, IDLE)


def _drawn(days: Sequence[Day]) -> bytes:
    from bot.admin.picture import draw  # matplotlib takes a second, and many a run needs no picture

    return draw(days)


def _view(word: str, lines: Sequence[str], page: int, head: str, nothing: str) -> View:
    """A page of a list with the buttons that turn it; `lines` may hold one of the next page."""
    shown = [listed(line, LINE) for line in lines[:PAGE]] or [foreign(nothing)]
    turning = [
        *([tap("Back", f"d:{word}:{page - 1}")] if page else []),
        *([tap("More", f"d:{word}:{page + 1}")] if len(lines) > PAGE else []),
    ]
    return join([foreign(head), *shown] if lines else shown)[0], rows(turning)
