"""Polls feeds when due, indexes new articles, and tells the admins about failures."""

import logging

from telegram.error import TelegramError

from bot.chats import Services
from bot.text import Message
from bot.transport import BackgroundWorker, Failure, Place, Undeliverable
from corpus.feeds.feed_reader import Notice
from index.errors import Away

log = logging.getLogger(__name__)

TICK = 20.0  # seconds between checks for due feeds
MAX_CHARACTERS = 3500  # maximum length of a notice


class Poller:
    """Polls one feed at a time, each in bounded time; due times are in the database, not in timers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = services.clock
        self._is_behind = False  # whether new articles are not indexed yet
        self._worker = BackgroundWorker(self.poll, TICK, TICK, awake=services.feeds.changed)
        self.start = self._worker.start

    async def stop(self) -> None:
        """Stops immediately; unfinished work resumes at the next start."""
        await self._worker.stop(cancel=True)
        await self._services.feeds.close()

    async def poll(self) -> None:
        """Polls all due feeds and sends pending notices to the admins."""
        feeds = self._services.feeds
        for feed in feeds.due(self._clock()):
            try:
                update = await feeds.update(feed, self._clock())
            except Exception as error:  # noqa: BLE001 - one feed must not block the others
                Failure.of(error)
                continue
            self._is_behind |= bool(update.added or update.changed)
            if update.failure:
                log.info("Feed %s, %s: %s", feed.id, feed.url, update.failure)
            await self._make_findable()
        await self._make_findable()
        for notice in feeds.untold(self._clock()):
            await self._tell(notice)

    async def _make_findable(self) -> None:
        """Indexes new articles; after an outage error, retries in the next round."""
        if self._is_behind:
            try:
                report = await self._services.indexing.bring_up()
            except Away:
                return
            self._is_behind = False
            log.info("From feeds. %s", report.sentence())

    async def _tell(self, notice: Notice) -> None:
        message = Message()
        message.add_foreign(notice.text[:MAX_CHARACTERS])
        log.warning("%s", notice.text)
        for admin in sorted(self._services.config.admins):
            try:
                await self._services.sender.send(Place(admin), message)
            except Undeliverable as error:
                log.info("Admin %s could not be notified: %s", admin, error)
            except TelegramError as error:
                log.warning("The admins could not be notified; retrying later: %s", error)
                return
        await self._services.feeds.told(notice, self._clock())
