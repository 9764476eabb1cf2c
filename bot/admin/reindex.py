"""What an admin may do about the index from their private chat with the bot."""

import asyncio
import logging
from functools import partial

from telegram import CallbackQuery
from telegram.error import TelegramError

from bot.admin import orders
from bot.admin.desk import outcome, question
from bot.admin.reindex_jobs import CANCEL, HEADS, MEANWHILE, ReindexWorker
from bot.admin.status import NO_INDEX
from bot.asking.answer_taps import notify
from bot.asking.buttons import NO_BUTTONS
from bot.assistant import Assistant
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.indexing import IndexUpdater
from bot.records.audit import AuditLog
from bot.records.confirmations import Confirmations
from bot.text.message import Message, foreign, join
from bot.transport.edits import EditQueue
from bot.transport.sender import Sender
from corpus.errors import CitewireError
from index.generation import Described

log = logging.getLogger(__name__)

HOW = "Send /reindex to bring the index up to the articles, or /reindex full to make it anew."
BUSY = "One reindex runs and one waits: the one that waits sees to this too, and says when it is done."
WAITS = "This begins when the reindex that runs is done."
ENDING = "It is called off …"
UNBEGUN = "It was called off before it began."
ASKED = "Shall the index before serve again? What came in since is put into it."
NONE_BEFORE = "There is no index before the one that serves."
RUNNING = "A reindex runs or waits: let it end, or call it off, then go back."
SETTLED = "That is over already."


class ReindexDesk:
    """Takes the orders; one is carried out at a time, one may wait."""

    def __init__(
        self,
        assistant: Assistant,
        indexing: IndexUpdater,
        work: ReindexWorker,
        sender: Sender,
        edits: EditQueue,
        confirmations: Confirmations,
        audit: AuditLog,
    ) -> None:
        self._assistant = assistant
        self._db = assistant.database
        self._indexing = indexing
        self._work = work
        self._sender = sender
        self._edits = edits
        self._confirmations = confirmations
        self._audit = audit

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"reindex": self._reindex, "generations": self._list, "rollback": self._roll_back}

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {"calloff": self._call_off}

    async def _reindex(self, request: Request) -> None:
        """/reindex brings the index up to the articles; /reindex full makes it anew."""
        full = {"": False, "full": True}.get(request.text.casefold())
        if full is None:
            await self._sender.say(request, foreign(HOW))
        elif await self._db.written(partial(orders.share, full=full)):
            await self._sender.say(request, BUSY)
        else:
            await self._order(request, full=full)

    async def _order(self, request: Request, *, full: bool) -> None:
        """Put an order down with the message that will follow it."""
        opening = f"{HEADS[full]}\n{WAITS if orders.rows(self._db.read()) else MEANWHILE}"
        sent = await self._sender.send(request.place, Message(opening), keyboard=CANCEL)
        chat, message = request.place.chat, sent.message_id
        put = partial(orders.put, chat=chat, message=message, person=request.person, full=full)
        if not await self._db.written(put):
            self._edits.put(chat, message, (Message(BUSY), NO_BUTTONS))
        self._work.start()

    async def _call_off(self, tapped: Tap) -> None:
        """End the reindex that the message follows: what runs within a batch, what waits at once."""
        chat, message = tapped.message.chat.id, tapped.message.message_id
        if self._work.call_off(chat, message):
            said = ENDING
        elif await self._db.written(partial(orders.withdraw, chat=chat, message=message)):
            self._edits.put(chat, message, (Message(UNBEGUN), NO_BUTTONS))
            said = UNBEGUN
        else:
            await notify(tapped.query, SETTLED)
            await _take_buttons(tapped.query)
            return
        await self._audit.note(tapped.person, "call off a reindex", "", said)
        await notify(tapped.query, said)

    async def _list(self, request: Request) -> None:
        """/generations lists the indexes that are kept."""
        told = [foreign(each.sentence()) for each in await asyncio.to_thread(self._assistant.generations)]
        await self._sender.say(request, *(join(told) or [Message(NO_INDEX)]))

    async def _roll_back(self, request: Request) -> None:
        """/rollback asks whether the generation before shall serve again."""
        kept = await asyncio.to_thread(self._assistant.generations)
        before = [each for each in kept if not each.serves]
        if not before:
            await self._sender.say(request, NONE_BEFORE)
            return
        text = f"{ASKED}\n{before[0].sentence()}"
        act = partial(self._bring_back, request.person)
        message, keyboard = question(request, text, "Go back", act, self._confirmations)
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _bring_back(self, person: int) -> str:
        """Let the generation before serve again, and bring it up to what is stored by now."""
        try:
            described = await self._rolled_back()
        except CitewireError as error:
            await self._audit.note(person, "roll back", "", str(error))
            raise
        said = f"{described.name} serves again."
        await self._audit.note(person, "roll back", described.name, said)
        return f"{said} {await outcome(self._bring_up)}"

    async def _bring_up(self) -> str:
        return (await self._indexing.bring_up()).sentence()

    async def _rolled_back(self) -> Described:
        if orders.rows(self._db.read()):
            raise CitewireError(RUNNING)
        return await self._indexing.roll_back()


async def _take_buttons(query: CallbackQuery) -> None:
    """Take the buttons from under the message that was tapped; its text may be another one by now."""
    try:
        await query.edit_message_reply_markup()
    except TelegramError as error:
        log.debug("Buttons that lead nowhere could not be removed: %s", error)
