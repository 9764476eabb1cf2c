"""The durable inbox: an update is on disk before Telegram is told that it arrived."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot.errors import Failure, is_outage, wait_after
from corpus.database import Database

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 16  # chats that are worked on side by side
MAX_FAILURES = 3
MAX_STARTS = 20  # an update that was begun so often and never ended kills the process
RETRY_SECONDS = 1.0
STORAGE_SECONDS = 5.0  # between two tries while the disk is full or the file locked
GRACE_SECONDS = 6.0  # for what is being worked on, when the bot is told to stop
KEEP_DONE = 2 * 86_400  # Telegram repeats an update for a day at most
KEEP_DEAD = 7 * 86_400

UNPARSED = "citewire_unparsed"
"""The key under which an update that PTB can't parse comes in whole."""

migrations = Migrations("inbox")


@migrations()
def create_inbox(db: Connection) -> None:
    """`payload` is the update as JSON until it is done; `due` and `received` are UNIX times."""
    db.execute(
        """create table inbox (number integer primary key autoincrement,
           update_id integer not null unique, chat integer not null, payload text,
           state text not null, starts integer not null default 0,
           failures integer not null default 0, due real not null default 0,
           received real not null, reference text)"""
    )
    db.execute("create index inbox_by_state on inbox(state, chat, number)")
    db.execute("create index inbox_by_age on inbox(state, received)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One update that waits."""

    number: int
    update_id: int
    chat: int
    payload: str
    starts: int
    failures: int


Handle = Callable[[dict[str, Any]], Awaitable[None]]
"""Handles one update, given as JSON."""

GiveUp = Callable[[int, str], Awaitable[None]]
"""Tells a chat that its update failed for good, with the reference that the log has."""


class Inbox(asyncio.Queue[object]):
    """The queue that PTB puts updates into: `put` returns once the update is committed.

    The updates of one chat are worked on in order and one at a time, those of different chats
    side by side. What fails is tried MAX_FAILURES times and then set aside as a dead letter;
    while Telegram can't be reached, an update waits as long as it takes.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        database.migrate(migrations)
        self._db = database
        self._clock = clock
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[int, Failure] = {}
        self._changed = asyncio.Event()
        self._stopping = False

    async def put(self, item: object) -> None:
        """Commit an update; anything else is PTB's own and passed on."""
        if not isinstance(item, Update):
            await super().put(item)
            return
        try:
            await self._write(partial(_insert, update=item, now=self._clock()))
        except sqlite3.Error as error:  # PTB asks again after TelegramError, and ends after any other
            log.exception("An update could not be stored.")
            raise TelegramError("The inbox can't be written") from error
        self._changed.set()

    def failed(self, update_id: int, failure: Failure) -> None:
        """Note what went wrong with an update that is being handled."""
        self._failures[update_id] = failure

    async def work(self, handle: Handle, give_up: GiveUp) -> None:
        """Hand every update to `handle`, until `stop`."""
        while not self._stopping:
            self._changed.clear()
            entries, pause = await self._next()
            for entry in entries:
                self._busy.add(entry.chat)
                task = asyncio.create_task(self._work_on(entry, handle, give_up))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                log.debug("An update is due again.")

    async def stop(self) -> None:
        """Begin nothing more, and let go of what is not done soon: it waits for the next start."""
        self._stopping = True
        self._changed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _next(self) -> tuple[list[Entry], float | None]:
        try:
            return await self._write(partial(self._claim, busy=frozenset(self._busy)))
        except sqlite3.Error:
            log.exception("The inbox can't be read.")
            return [], STORAGE_SECONDS

    def _claim(self, db: Connection, busy: frozenset[int]) -> tuple[list[Entry], float | None]:
        """The first waiting update of each free chat, and the seconds until one more is due."""
        now = self._clock()
        waiting = db.execute(
            """select number, update_id, chat, payload, starts, failures, due from inbox where number in
               (select min(number) from inbox where state = 'waiting' group by chat) order by number"""
        )
        free = [(Entry(*row[:-1]), row[-1]) for row in waiting if row[2] not in busy]
        entries = [entry for entry, due in free if due <= now][: AT_ONCE - len(busy)]
        for entry in entries:
            db.execute("update inbox set starts = starts + 1 where number = ?", [entry.number])
        return entries, min((due - now for _, due in free if due > now), default=None)

    async def _work_on(self, entry: Entry, handle: Handle, give_up: GiveUp) -> None:
        try:
            failure = await self._attempt(entry, handle)
            if failure is None or isinstance(failure.error, Forbidden):  # nobody is there to be told
                await self._write(lambda db: _finish(db, entry.number))
            elif is_outage(failure.error):
                due = self._clock() + wait_after(failure.error)
                await self._write(lambda db: _postpone(db, entry.number, due))
            elif entry.failures + 1 < MAX_FAILURES and entry.starts < MAX_STARTS:
                due = self._clock() + RETRY_SECONDS * (entry.failures + 1)
                await self._write(lambda db: _count_failure(db, entry.number, due))
            else:
                await self._write(lambda db: _bury(db, entry.number, failure.reference))
                await give_up(entry.chat, failure.reference)
        except sqlite3.Error:
            log.exception("What became of update %s can't be stored.", entry.update_id)
            await asyncio.sleep(STORAGE_SECONDS)
        finally:
            self._busy.discard(entry.chat)
            self._changed.set()

    async def _attempt(self, entry: Entry, handle: Handle) -> Failure | None:
        """Handle an update once; what went wrong, if anything did."""
        if entry.starts >= MAX_STARTS:
            return Failure.of(RuntimeError(f"It was begun {entry.starts} times and never ended."))
        try:
            await handle(json.loads(entry.payload))
        except Exception as error:  # noqa: BLE001 - whatever an update does, the others go on
            self._failures[entry.update_id] = Failure.of(error)
        return self._failures.pop(entry.update_id, None)

    async def _write(self, change: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._db.submit(change))


def _insert(db: Connection, update: Update, now: float) -> None:
    """Store an update unless it is known; forget what is long done."""
    raw = update.api_kwargs.get(UNPARSED)
    chat = update.effective_chat or update.effective_user
    db.execute(
        """insert or ignore into inbox (update_id, chat, payload, state, received)
           values (?, ?, ?, ?, ?)""",
        [
            update.update_id,
            chat.id if chat else 0,
            json.dumps(raw) if raw else update.to_json(),
            "dead" if raw else "waiting",
            now,
        ],
    )
    db.execute("delete from inbox where state = 'done' and received < ?", [now - KEEP_DONE])
    db.execute("delete from inbox where state = 'dead' and received < ?", [now - KEEP_DEAD])


def _finish(db: Connection, number: int) -> None:
    """Done: only the id stays, so that the update is not taken twice."""
    db.execute("update inbox set state = 'done', payload = null, chat = 0 where number = ?", [number])


def _postpone(db: Connection, number: int, due: float) -> None:
    """Telegram is away: that is no fault of the update."""
    db.execute("update inbox set starts = 0, due = ? where number = ?", [due, number])


def _count_failure(db: Connection, number: int, due: float) -> None:
    db.execute(
        "update inbox set starts = 0, failures = failures + 1, due = ? where number = ?", [due, number]
    )


def _bury(db: Connection, number: int, reference: str) -> None:
    db.execute("update inbox set state = 'dead', reference = ? where number = ?", [reference, number])
