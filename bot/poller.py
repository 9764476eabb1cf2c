"""Asks the feeds in their turns, makes what came in findable, and tells the admins what did not."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from telegram.error import TelegramError

from bot.indexing import IndexUpdater
from bot.text.message import Message
from bot.transport.errors import Failure
from bot.transport.sender import Place, Sender, Undeliverable
from corpus.feeds.feed_reader import FeedReader, Notice
from index.errors import Away

log = logging.getLogger(__name__)

TICK = 20.0  # seconds between two looks at whose turn it is
MAX_CHARACTERS = 3500  # of a notice


class Poller:
    """One feed at a time, each in bounded time; whose turn it is stands in the database, not in a timer."""

    def __init__(
        self,
        feed_reader: FeedReader,
        indexing: IndexUpdater,
        sender: Sender,
        admins: Iterable[int],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._feed_reader = feed_reader
        self._indexing = indexing
        self._sender = sender
        self._admins = sorted(admins)
        self._clock = clock
        self._awake = asyncio.Event()
        self._is_behind = False  # whether the index lacks what came in
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; what was due meanwhile comes first."""
        self._task = asyncio.create_task(self._work())

    def wake(self) -> None:
        """Look at once whose turn it is."""
        self._awake.set()

    async def stop(self) -> None:
        """Leave off at once; what was begun is taken up again at the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._feed_reader.close()

    async def _work(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - nobody awaits this task, and the next round may do better
                Failure.of(error)
            try:
                await asyncio.wait_for(self._awake.wait(), TICK)
            except TimeoutError:
                continue
            self._awake.clear()

    async def round(self) -> None:
        """The turns of all feeds that are due, and what there is to tell of them."""
        for feed in self._feed_reader.due(self._clock()):
            try:
                update = await self._feed_reader.update(feed, self._clock())
            except Exception as error:  # noqa: BLE001 - the other feeds shall not wait for this one
                Failure.of(error)
                continue
            self._is_behind |= bool(update.added or update.changed)
            if update.failure:
                log.info("Feed %s, %s: %s", feed.id, feed.url, update.failure)
            await self._make_findable()
        await self._make_findable()
        for notice in self._feed_reader.untold(self._clock()):
            await self._tell(notice)

    async def _make_findable(self) -> None:
        """Bring the index up to what came in; where that fails, it is tried again in the next round."""
        if self._is_behind:
            try:
                report = await self._indexing.bring_up()
            except Away:
                return
            self._is_behind = False
            log.info("From feeds. %s", report.sentence())

    async def _tell(self, notice: Notice) -> None:
        message = Message()
        message.add_foreign(notice.text[:MAX_CHARACTERS])
        log.warning("%s", notice.text)
        for admin in self._admins:
            try:
                await self._sender.send(Place(admin), message)
            except Undeliverable as error:
                log.info("Admin %s could not be told of it: %s", admin, error)
            except TelegramError as error:
                log.warning("The admins could not be told of it, it is tried again: %s", error)
                return
        await self._feed_reader.told(notice, self._clock())
