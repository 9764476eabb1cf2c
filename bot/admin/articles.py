"""The articles as an admin looks through them in their private chat."""

import asyncio
import re

from bot.admin import article_views
from bot.admin.article_views import PAGE, TAKEN_OUT
from bot.asking.answer_taps import notify
from bot.asking.pages import View
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.records.answers import AnswerLog
from bot.records.handles import Handles
from bot.text.message import foreign
from bot.text.passages import line
from bot.transport.edits import EditQueue
from bot.transport.sender import Place, Sender
from corpus.catalogue import Catalogue

WHICH = "Send /article and the id of an article; /articles lists them."
NONE = "There is no article {!r}: /articles lists them."
OLD = "That list is too old: send /articles again."
LIST = re.compile("([0-9]{1,15})-([0-9]{1,9})")


class CorpusDesk:
    """Lists the articles by pages, and shows each with its history."""

    def __init__(
        self, catalogue: Catalogue, answer_log: AnswerLog, sender: Sender, edits: EditQueue, handles: Handles
    ) -> None:
        self._catalogue = catalogue
        self._answer_log = answer_log
        self._sender = sender
        self._edits = edits
        self._handles = handles

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"articles": self._list, "article": self._show}

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {"list": self._turn, "article": self._open}

    async def _list(self, request: Request) -> None:
        message, keyboard = await self._page(request.person, request.text, 0)
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _turn(self, tapped: Tap) -> None:
        match = LIST.fullmatch(tapped.value)
        query = self._handles.text(match[1]) if match else None
        await notify(tapped.query, OLD if query is None else None)
        if match and query is not None:
            view = await self._page(tapped.person, query, int(match[2]))
            self._edits.put(tapped.message.chat.id, tapped.message.message_id, view)

    async def _page(self, person: int, query: str, number: int) -> View:
        words = query.split()
        sought = [word for word in words if word.casefold() != TAKEN_OUT]
        found, total = await asyncio.to_thread(
            self._catalogue.find, sought, PAGE, number * PAGE, withdrawn=len(sought) < len(words)
        )
        handles = await self._handles.of(*(record.id for record in found))
        itself = await self._handles.of_search(query, person)
        return article_views.listed(found, total, number, handles, itself)

    async def _show(self, request: Request) -> None:
        view = await self._article(request.text)
        message, keyboard = view or (
            foreign(NONE.format(line(request.text)) if request.text else WHICH),
            None,
        )
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _open(self, tapped: Tap) -> None:
        view = await self._article(self._handles.text(tapped.value) or "")
        await notify(tapped.query, None if view else OLD)
        if view:
            await self._sender.send(Place.of(tapped.message), view[0], keyboard=view[1])

    async def _article(self, number: str) -> View | None:
        record = self._catalogue.get(number)
        if record is None:
            return None
        (handle,) = await self._handles.of(number)
        versions, quoted = self._catalogue.versions(number), self._answer_log.quoted(number)
        return article_views.article(record, versions, quoted, handle)
