"""Sends what is in the outbox: each delivery once, answers to people first, what is unclear set apart."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from sqlite_utils import Database as Connection
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot import ledger, outbox
from bot.announcement import Post
from bot.courier import Courier, Misquoted, Place, Undeliverable
from bot.errors import OUTAGE_SECONDS, Failure, never_left, wait_after
from bot.limiter import Later
from bot.outbox import Delivery, Kind, State
from bot.subscriptions import Subscriptions
from corpus.database import Database

T = TypeVar("T")

log = logging.getLogger(__name__)

AT_ONCE = 20  # deliveries that wait for their turn; only one that is being sent can become uncertain
LOOK_SECONDS = 1.0  # between two looks for what another process has put into the outbox
GRACE_SECONDS = 6.0  # for what is being sent, when the bot is told to stop

Compose = Callable[[Delivery], Post | None]
"""What a delivery looks like now; None where there is nothing to be sent any more."""

Found = Callable[[Iterable[str]], Iterable[str]]
"""Which of these articles can be found by now."""

Paused = Callable[[int, list[int]], Awaitable[None]]
"""Tells the owners of a chat's subscriptions that nothing can be posted there."""


class Dropped(Exception):
    """What was to be sent is not to be sent any more."""


class Broadcast:
    """Works off the outbox, some chats side by side, each chat in order."""

    def __init__(
        self, database: Database, courier: Courier, subscriptions: Subscriptions,
        compose: Mapping[Kind, Compose], found: Found, paused: Paused,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._db = database
        self._courier = courier
        self._subscriptions = subscriptions
        self._compose = compose
        self._found = found
        self._paused = paused
        self._clock = clock
        self._tasks: dict[int, asyncio.Task[None]] = {}  # by chat
        self._changed = asyncio.Event()
        self._stopping = False

    async def work(self) -> None:
        """Send what is due, until `stop`."""
        await self._write(outbox.recover)
        while not self._stopping:
            self._changed.clear()
            try:
                await self._release()
                self._begin_due()
            except sqlite3.Error:
                log.exception("The outbox can't be read.")
            await self._rest()

    async def stop(self) -> None:
        """Begin nothing more; what is just being sent may still arrive."""
        self._stopping = True
        self._changed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
        except TimeoutError:
            return

    async def _release(self) -> None:
        held = outbox.held(self._db.read())
        if held:
            found = await asyncio.to_thread(self._found, held)
            await self._write(partial(outbox.release, articles=found))

    def _begin_due(self) -> None:
        free = AT_ONCE - len(self._tasks)
        for delivery in outbox.due(self._db.read(), self._clock(), self._tasks, free):
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks[delivery.chat] = task
            task.add_done_callback(partial(self._ended, delivery.chat))

    def _ended(self, chat: int, _task: asyncio.Task[None]) -> None:
        del self._tasks[chat]
        self._changed.set()

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._send(delivery)
        except sqlite3.Error:
            log.exception("What became of deliveries %s can't be stored.", delivery.numbers)

    async def _send(self, delivery: Delivery) -> None:
        """Send a delivery, and write down what became of it."""
        post = self._compose[delivery.kind](delivery)
        if post is None:
            await self._end(delivery, "failed", "withdrawn")
            return
        later = Later(partial(self._begin, delivery), partial(self._put_off, delivery, 0.0))
        try:
            sent = await self._courier.send(
                Place(delivery.chat, delivery.thread or None), post.message, post.reply_to, post.keyboard,
                silent=post.silent, preview=post.preview, later=later,
            )  # fmt: skip
        except Dropped:
            return
        except Undeliverable as error:
            await self._end(delivery, "failed", str(error))
            await self._paused(delivery.chat, await self._subscriptions.pause(delivery.chat))
        except RetryAfter as error:
            await self._put_off(delivery, wait_after(error))
        except NetworkError as error:
            await self._after_outage(delivery, error)
        except (TelegramError, Misquoted) as error:
            await self._end(delivery, "failed", Failure.of(error).reference)
        else:
            await self._write(partial(_arrived, delivery=delivery, post=post, message=sent.message_id))

    async def _after_outage(self, delivery: Delivery, error: NetworkError) -> None:
        if isinstance(error, BadRequest):
            await self._end(delivery, "failed", Failure.of(error).reference)
        elif never_left(error):
            await self._put_off(delivery, OUTAGE_SECONDS)
        else:
            log.warning("Whether deliveries %s arrived is not known: %s", delivery.numbers, error)
            await self._end(delivery, "uncertain", str(error))

    async def _begin(self, delivery: Delivery) -> None:
        if not await self._write(partial(outbox.begin, numbers=delivery.numbers)):
            raise Dropped

    async def _put_off(self, delivery: Delivery, seconds: float) -> None:
        until = self._clock() + seconds
        await self._write(partial(outbox.put_off, numbers=delivery.numbers, until=until))

    async def _end(self, delivery: Delivery, state: State, why: str) -> None:
        await self._write(partial(outbox.ended, numbers=delivery.numbers, state=state, why=why))

    async def _write(self, change: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._db.submit(change))


def _arrived(db: Connection, delivery: Delivery, post: Post, message: int) -> None:
    """Write down as which message a delivery arrived."""
    outbox.sent(db, delivery.numbers, message)
    if post.answer:
        ledger.sent(db, post.answer, message)
