"""Sends what is in the outbox: each delivery once, answers to people first, what is unclear set apart."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from sqlite_utils import Database as Connection
from telegram import Message as Sent
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.posting import outbox
from bot.posting.outbox import Delivery, Kind, State
from bot.posting.post import Post
from bot.posting.subscriptions import Subscriptions
from bot.records import answers
from bot.transport.errors import OUTAGE_SECONDS, Failure, is_outage, never_left, wait_after
from bot.transport.pacing import Later
from bot.transport.sender import Misquoted, Place, Sender, Undeliverable
from corpus.database import Database
from index.errors import Away

log = logging.getLogger(__name__)

AT_ONCE = 20  # deliveries that wait for their turn; only one that is being sent can become uncertain
LOOK_SECONDS = 1.0  # between two looks for what another process has put into the outbox
TOGETHER_SECONDS = 0.1  # places that become free meanwhile are filled at one look
STORAGE_SECONDS = 5.0  # between two tries while the disk is full or the file locked
GRACE_SECONDS = 6.0  # for what is being sent, when the bot is told to stop

Compose = Callable[[Delivery], Post | None]
"""What a delivery looks like now; None where there is nothing to be sent any more."""

Found = Callable[[Iterable[str]], Iterable[str]]
"""Which of these articles can be found by now; Away where that can't be told."""

Paused = Callable[[int, list[int]], Awaitable[None]]
"""Tells the owners of a chat's subscriptions that nothing can be posted there."""

Change = Callable[[Connection], object]
"""What is to be written down of a delivery."""


class Dropped(Exception):
    """What was to be sent is not to be sent any more, or not by this run."""


class Broadcast:
    """Works off the outbox, some chats side by side, each chat in order."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        subscriptions: Subscriptions,
        compose: Mapping[Kind, Compose],
        found: Found,
        paused: Paused,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = database
        self._sender = sender
        self._subscriptions = subscriptions
        self._compose = compose
        self._found = found
        self._paused = paused
        self._clock = clock
        self._tasks: dict[int, asyncio.Task[None]] = {}  # by chat
        self._changed = asyncio.Event()
        self._looked = float("-inf")  # when it was last asked what can be found
        self._in_outage = False
        self._stopping = False
        database.write(outbox.recover)

    async def work(self) -> None:
        """Send what is due, until `stop`."""
        while not self._stopping:
            self._changed.clear()
            try:
                await self._release()
                self._begin_due()
            except Exception:
                log.exception("The outbox can't be worked off now; it is tried again.")
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
            await asyncio.sleep(TOGETHER_SECONDS)
        except TimeoutError:
            return

    async def _release(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        held = outbox.held(self._db.read())
        if held:
            try:
                found = await asyncio.to_thread(self._found, held)
            except Away:  # what is held goes when the index is back
                return
            await self._db.written(partial(outbox.release, articles=found))

    def _begin_due(self) -> None:
        """Fill the free places; while Telegram is out of reach, one delivery at a time tries it."""
        free = (1 if self._in_outage else AT_ONCE) - len(self._tasks)
        if free <= 0 or self._stopping:
            return
        for delivery in outbox.due(self._db.read(), self._clock(), self._tasks, free):
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks[delivery.chat] = task
            task.add_done_callback(partial(self._ended, delivery.chat))

    def _ended(self, chat: int, _task: asyncio.Task[None]) -> None:
        del self._tasks[chat]
        if not self._in_outage:
            self._changed.set()

    async def _deliver(self, delivery: Delivery) -> None:
        """Send a delivery, and write down what became of it."""
        try:
            await self._keep(await self._attempt(delivery))
        except Dropped:
            return
        except Exception:
            log.exception("Deliveries %s can't be worked on now; it is tried again.", delivery.numbers)
            await asyncio.sleep(STORAGE_SECONDS)

    async def _attempt(self, delivery: Delivery) -> Change:
        """Send a delivery, and return what is to be written down of it."""
        begun = False

        async def begin_once() -> None:
            nonlocal begun
            if not begun and (self._stopping or not await self._begin(delivery)):
                raise Dropped
            begun = True

        try:
            post = self._compose[delivery.kind](delivery)
            if post is None:
                return partial(outbox.withdraw, delivery=delivery)
            delivery = delivery.without(post.left)
            sent = await self._sender.send(
                Place(delivery.chat, delivery.thread or None),
                post.message,
                post.reply_to,
                post.keyboard,
                silent=post.silent,
                preview=post.preview,
                later=Later(begin_once),
            )
        except Undeliverable as error:
            self._in_outage = False
            await self._keep(_ending(delivery, "failed", str(error)))
            await self._pause(delivery, error)
            raise Dropped from error
        except RetryAfter as error:
            return self._putting_off(delivery, wait_after(error))
        except Exception as error:
            if not begun and isinstance(error, Dropped | sqlite3.Error):
                raise
            return self._after(delivery, error, begun=begun)
        self._in_outage = False
        return partial(_arrived, delivery=delivery, post=post, sent=sent)

    def _after(self, delivery: Delivery, error: Exception, *, begun: bool) -> Change:
        """What is to be written down after an error: it may have come after the message had arrived."""
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
        """Stop posting where nothing can arrive any more."""
        if error.closed != "message":
            thread = delivery.thread if error.closed == "topic" else None
            owners = await self._subscriptions.pause(delivery.chat, thread)
            await self._paused(delivery.chat, owners)

    async def _begin(self, delivery: Delivery) -> bool:
        return await self._db.written(partial(outbox.begin, numbers=delivery.numbers))

    def _putting_off(self, delivery: Delivery, seconds: float) -> Change:
        until = self._clock() + seconds
        return partial(outbox.put_off, numbers=delivery.numbers, until=until)

    async def _keep(self, change: Change) -> None:
        """Write down what became of a delivery, however long the disk is full."""
        while True:
            try:
                await self._db.written(change)
            except sqlite3.Error:
                log.exception("What became of a delivery can't be stored; it is tried again.")
                await asyncio.sleep(STORAGE_SECONDS)
            else:
                return


def _ending(delivery: Delivery, state: State, why: str) -> Change:
    return partial(outbox.ended, numbers=delivery.numbers, state=state, why=why)


def _arrived(db: Connection, delivery: Delivery, post: Post, sent: Sent) -> None:
    """Note the message of a delivery, and what it quotes."""
    outbox.sent(db, delivery.numbers, sent.message_id)
    if post.given:
        answers.put(
            db, replace(post.given, chat=sent.chat.id, message=sent.message_id, made=sent.date.timestamp())
        )
        answers.sent(db, post.given.id, sent.message_id)  # it may have been noted before
