"""Sends the outbox: each delivery once, after answers to people; what may have arrived is set aside."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from sqlite_utils import Database as Connection
from telegram import Message as Sent
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.chats import Services
from bot.posting import corrections, outbox, post, subscription_commands, watch_matcher
from bot.posting.outbox import Delivery, Kind, State
from bot.posting.post import Post
from bot.records import answers
from bot.transport import (
    OUTAGE_SECONDS,
    BackgroundWorker,
    Failure,
    Later,
    Misquoted,
    Place,
    Undeliverable,
    wait_after,
)
from bot.transport.errors import is_outage, never_left
from index.errors import Away

log = logging.getLogger(__name__)

AT_ONCE = 20  # deliveries in work; only the one that is being sent can become uncertain
LOOK_SECONDS = 1.0  # between two looks at the outbox, into which other processes write too
TOGETHER_SECONDS = 0.1  # places that become free within this time are filled together
STORAGE_SECONDS = 5.0  # between two tries while the disk is full or the database locked
GRACE_SECONDS = 6.0  # for what is being sent when the bot is told to stop

COMPOSE: Mapping[Kind, Callable[[Services, Delivery], Post | None]] = {
    "post": post.compose,
    "watch": watch_matcher.compose,
    "correction": corrections.compose,
}
"""What a delivery looks like now, by its kind; None if nothing is left to send."""

Outcome = Callable[[Connection], object]
"""Writes the outcome of a delivery into the database."""


class Dropped(Exception):
    """The delivery must not be sent any more, or not by this run."""


class Broadcast:
    """Works through the outbox: several chats at once, each chat's deliveries in order."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._db = services.database
        self._clock = services.clock
        self._worker = BackgroundWorker(self._look, LOOK_SECONDS, LOOK_SECONDS)
        self._tasks: dict[int, asyncio.Task[None]] = {}  # by chat
        self._looked = float("-inf")  # when held deliveries were last looked through
        self._in_outage = False
        self._db.write(outbox.recover)

    def start(self) -> None:
        """Send what is due, until `stop`."""
        self._worker.start()

    async def stop(self) -> None:
        """Begin no further delivery; what is being sent may still arrive."""
        self._worker.stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._worker.stop()

    async def _look(self) -> None:
        """Begin what is due."""
        await self._release()
        self._begin_due()

    async def _release(self) -> None:
        """Let held deliveries go whose articles are searchable by now."""
        now = asyncio.get_running_loop().time()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        held = outbox.held(self._db.read())
        if held:
            try:
                found = await asyncio.to_thread(self._services.assistant.findable, held)
            except Away:  # they go when the index is back
                return
            await self._db.written(partial(outbox.release, articles=found))

    def _begin_due(self) -> None:
        """Fill the free places; while Telegram is unreachable, one delivery at a time is tried."""
        free = (1 if self._in_outage else AT_ONCE) - len(self._tasks)
        if free <= 0 or self._worker.stopping.is_set():
            return
        for delivery in outbox.due(self._db.read(), self._clock(), self._tasks, free):
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks[delivery.chat] = task
            task.add_done_callback(partial(self._ended, delivery.chat))

    def _ended(self, chat: int, _task: asyncio.Task[None]) -> None:
        del self._tasks[chat]
        if not self._in_outage:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._worker.wake)

    async def _deliver(self, delivery: Delivery) -> None:
        """Send a delivery, and record its outcome."""
        try:
            await self._record(await self._attempt(delivery))
        except Dropped:
            return
        except Exception:
            log.exception("Deliveries %s can't be worked on now and are retried.", delivery.numbers)
            await asyncio.sleep(STORAGE_SECONDS)

    async def _attempt(self, delivery: Delivery) -> Outcome:
        """Send a delivery; returns its outcome."""
        begun = False

        async def begin_once() -> None:
            nonlocal begun
            if not begun and (self._worker.stopping.is_set() or not await self._begin(delivery)):
                raise Dropped
            begun = True

        try:
            made = COMPOSE[delivery.kind](self._services, delivery)
            if made is None:
                return partial(outbox.withdraw, delivery=delivery)
            delivery = delivery.without(made.left)
            sent = await self._send(delivery, made, Later(begin_once))
        except Undeliverable as error:
            self._in_outage = False
            await self._record(_ending(delivery, "failed", str(error)))
            await self._pause(delivery, error)
            raise Dropped from error
        except RetryAfter as error:
            return self._putting_off(delivery, wait_after(error))
        except Exception as error:
            if not begun and isinstance(error, Dropped | sqlite3.Error):
                raise
            return self._after(delivery, error, begun=begun)
        self._in_outage = False
        return partial(_arrived, delivery=delivery, made=made, sent=sent)

    async def _begin(self, delivery: Delivery) -> bool:
        return await self._db.written(partial(outbox.begin, numbers=delivery.numbers))

    async def _send(self, delivery: Delivery, made: Post, later: Later) -> Sent:
        return await self._services.sender.send(
            Place(delivery.chat, delivery.thread or None),
            made.message,
            made.reply_to,
            made.keyboard,
            silent=made.silent,
            preview=made.preview,
            later=later,
        )

    def _after(self, delivery: Delivery, error: Exception, *, begun: bool) -> Outcome:
        """The outcome after an error, which may have come after the message had arrived."""
        if is_outage(error):
            self._in_outage = True
            if never_left(error) or isinstance(error, InvalidToken):
                return self._putting_off(delivery, OUTAGE_SECONDS)
            log.warning("Whether deliveries %s arrived is not known: %s", delivery.numbers, error)
            return _ending(delivery, "uncertain", str(error))
        is_refused = isinstance(error, TelegramError | Misquoted) or not begun
        reference = f"reference {Failure.of(error).reference}"
        return _ending(delivery, "failed" if is_refused else "uncertain", reference)

    async def _pause(self, delivery: Delivery, error: Undeliverable) -> None:
        """Pause the subscriptions of a chat or topic that takes no more messages."""
        if error.closed != "message":
            thread = delivery.thread if error.closed == "topic" else None
            await subscription_commands.lost(self._services, delivery.chat, thread)

    def _putting_off(self, delivery: Delivery, seconds: float) -> Outcome:
        until = self._clock() + seconds
        return partial(outbox.put_off, numbers=delivery.numbers, until=until)

    async def _record(self, outcome: Outcome) -> None:
        """Record the outcome of a delivery, however long the disk is full."""
        while True:
            try:
                await self._db.written(outcome)
            except sqlite3.Error:
                log.exception("The outcome of a delivery can't be stored; this is retried.")
                await asyncio.sleep(STORAGE_SECONDS)
            else:
                return


def _ending(delivery: Delivery, state: State, why: str) -> Outcome:
    return partial(outbox.ended, numbers=delivery.numbers, state=state, why=why)


def _arrived(db: Connection, delivery: Delivery, made: Post, sent: Sent) -> None:
    """Record the message of a delivery, and what it quotes."""
    outbox.sent(db, delivery.numbers, sent.message_id)
    if made.record:
        number, made_at = sent.message_id, sent.date.timestamp()
        answers.put(db, replace(made.record, chat=sent.chat.id, message=number, made=made_at))
        answers.sent(db, made.record.id, number)  # the answer to a watch was recorded before
