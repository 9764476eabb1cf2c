"""Carries out what admins asked for about the index, one after another; no restart loses any of it."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from sqlite_utils import Database as Connection
from telegram.error import BadRequest, TelegramError

from bot.admin import orders
from bot.admin.orders import ReindexJob
from bot.admin.reindex_progress import ReindexProgress
from bot.asking.buttons import NO_BUTTONS, rows, tap
from bot.indexing import IndexUpdater
from bot.records import audit
from bot.text.message import Message, foreign
from bot.text.words import words_for
from bot.transport.errors import Failure, apology, wait_after
from bot.transport.sender import Place, Sender, Undeliverable
from corpus.database import Database
from corpus.errors import CitewireError
from corpus.intake import Taken
from index.building.progress import StopFlag, Stopped
from index.building.sync import Report
from index.errors import Away

log = logging.getLogger(__name__)

EVERY = 3.0  # seconds between two edits of a message
AGAIN = 5.0  # seconds until what failed, as it does on a full disk, is tried again
LONGEST = 2000  # characters of what is said of a reindex, each of them one or two UTF-16 units
CANCEL = rows([tap("Cancel", "d:calloff:")])

HEADS = {False: "Bringing the index up to the articles …", True: "Making the index anew …"}
MEANWHILE = "People are answered as before meanwhile."
PAUSED = "The bot is stopped; this goes on when it starts again."
AWAY = "This goes on when it is back."
RESUMED = "It went on after a restart; what was done before is not counted."


class ReindexWorker:
    """The one worker on the orders in the database; the message of each is edited as it goes."""

    def __init__(
        self,
        database: Database,
        indexing: IndexUpdater,
        sender: Sender,
        clock: Callable[[], float] = time.time,
    ) -> None:
        database.migrate(orders.migrations)
        database.migrate(audit.migrations)
        self._db = database
        self._indexing = indexing
        self._sender = sender
        self._clock = clock
        self._progress = ReindexProgress()
        self._stop_flag = StopFlag()
        self._hindrance = ""
        self._in_work: ReindexJob | None = None
        self._ended = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Work off what was asked for, unless that goes on already."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Let what runs end for now; the next start goes on with it."""
        self._stopping.set()
        self._stop_flag.stop()
        self._ended.set()
        if self._task:
            await self._task

    def call_off(self, chat: int, message: int) -> bool:
        """End what runs, if that is the message that follows it; whether it is."""
        order = self._in_work
        if order is None or (order.chat, order.message) != (chat, message):
            return False
        self._stop_flag.cancel()
        return True

    def state(self) -> str:
        """What runs, for people; "" where nothing does."""
        order = self._in_work
        return f"{HEADS[order.full]}\n{self._hindrance or self._progress.text()}".strip() if order else ""

    async def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                left = orders.rows(self._db.read())
                if not left:
                    return
                await self._see_to(left[0])
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001 - nobody awaits this task but `stop`
                Failure.of(error)
                await _comes(self._stopping, AGAIN)

    async def _see_to(self, order: ReindexJob) -> None:
        """Carry out what was asked for, unless that is done or was called off, and tell what came of it."""
        said = await self._carry_out(order) if order.result is None else order.result
        if said is not None:
            await self._tell(order, said)

    async def _carry_out(self, order: ReindexJob) -> str | None:
        """Do what was asked for, and note what came of it; None where it was called off before it began.

        Stopped where the process ends meanwhile.
        """
        self._progress, self._stop_flag, self._ended, self._in_work = (
            ReindexProgress(),
            StopFlag(),
            asyncio.Event(),
            order,
        )
        following: asyncio.Task[None] | None = None
        try:
            if not await self._db.written(partial(orders.begin, number=order.number, now=self._clock())):
                return None
            following = asyncio.create_task(self._follow(order))
            about, said = await self._outcome(order)
            act = audit.Act(self._clock(), order.person, order.act, about, said)
            await self._db.written(partial(_end, number=order.number, act=act))
        finally:
            self._in_work = None
            self._ended.set()
            if following:
                await following  # last: Telegram may take its time over an edit
        return said

    async def _outcome(self, order: ReindexJob) -> tuple[str, str]:
        """The generation that was changed, if any, and what to say of it."""
        try:
            taken, report = await self._run(full=order.full)
        except Stopped:
            raise
        except CitewireError as error:
            return "", str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, its person is told
            return "", apology(Failure.of(error).reference, words_for(None))
        resumed = [RESUMED] if order.began is not None and not order.full else []
        refused = [f"Not taken in: {refusal}" for refusal in taken.refused]
        return report.generation, "\n".join([report.sentence(), *resumed, *refused])

    async def _run(self, *, full: bool) -> tuple[Taken, Report]:
        """The reindex itself; while the index is away it waits, until it is called off."""
        while True:
            self._hindrance = ""
            try:
                return await self._indexing.run(self._progress, self._stop_flag, full=full)
            except Away as error:
                self._hindrance = f"{error} {AWAY}"
                await _comes(self._stopping, AGAIN)
                self._stop_flag.check()

    async def _follow(self, order: ReindexJob) -> None:
        """Edit the message as it goes, each time with what is newest then; at a stop it says that at once."""
        shown = ""
        while not await _comes(self._ended, EVERY):
            text = f"{self.state()}\n{MEANWHILE}"
            if text != shown:
                await self._show(order, text)
                shown = text
        if self._stopping.is_set():
            await self._show(order, PAUSED)

    async def _show(self, order: ReindexJob, text: str) -> None:
        try:
            await self._sender.edit(order.chat, order.message, Message(text), CANCEL)
        except TelegramError as error:
            log.info("How far the reindex is could not be shown: %s", error)

    async def _tell(self, order: ReindexJob, said: str) -> None:
        """Say what came of it, however long Telegram is away; what is not said is said at the next start."""
        while not await self._is_told(order, foreign(said[:LONGEST])):
            if self._stopping.is_set():
                return
        await self._db.written(partial(orders.drop, number=order.number))

    async def _is_told(self, order: ReindexJob, message: Message) -> bool:
        """Whether it was said, in the message that followed it or, where that is gone, in a new one."""
        try:
            if not await self._sender.edit(order.chat, order.message, message, NO_BUTTONS):
                await self._sender.send(Place(order.chat), message)
        except (Undeliverable, BadRequest) as error:  # neither would be taken the next time
            log.warning("What came of a reindex could not be told: %s", error)
        except TelegramError as error:
            log.warning("What came of a reindex can't be told yet: %s", error)
            await _comes(self._stopping, wait_after(error))
            return False
        return True


def _end(db: Connection, number: int, act: audit.Act) -> None:
    """An order and its line in the log, in one transaction."""
    orders.end(db, number, act.result)
    audit.put(db, act)


async def _comes(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event comes within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
