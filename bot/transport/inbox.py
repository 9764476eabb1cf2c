"""The durable inbox: an update is committed before it is acknowledged to Telegram."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlite_utils import Database as Connection
from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot.transport import inbox_table
from bot.transport.errors import Failure, is_outage, wait_after
from bot.transport.inbox_table import ASIDE, Entry, kept_free
from corpus.database import Database
from index.errors import Away

log = logging.getLogger(__name__)

AT_ONCE = 20  # lanes handled concurrently
CROWD = 10  # queued updates of one lane that count towards the crowd
MAX_FAILURES = 3
MAX_STARTS = 20  # an update that started this often without finishing crashes the process
RETRY_SECONDS = 1.0
AWAY_SECONDS = 2.0  # between checks whether the index is back
STORAGE_SECONDS = 5.0  # between retries while the disk is full or the file locked
QUIET_SECONDS = 1.0  # idle time after which traces of handled updates are wiped
GRACE_SECONDS = 6.0  # for running work on shutdown


@dataclass(frozen=True, slots=True)
class Claimed:
    """The updates to start, the seconds until the next is due, the queue length and the crowd (see Inbox)."""

    entries: list[Entry]
    pause: float | None
    waiting: int
    crowd: int


Handle = Callable[[dict[str, Any]], Awaitable[None]]
"""Handles one update, given as JSON."""

GiveUp = Callable[[dict[str, Any], str], Awaitable[None]]
"""Tells the sender of an update that it failed for good, with the reference from the log."""


class Inbox(asyncio.Queue[object]):
    """The queue that PTB puts updates into; `put` returns once the update is committed.

    Updates of one lane are handled in order, one at a time; lanes run concurrently. A failing update is tried
    MAX_FAILURES times, then becomes a dead letter. While Telegram is unreachable, updates wait without a
    limit, as do those that need the index during an outage: in a separate lane of their chat, without
    retries. Waits use `monotonic`; `clock`, which may jump, counts only between runs.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        wants: Callable[[Update], bool] = lambda _update: True,
        is_away: Callable[[], bool] = lambda: False,
    ) -> None:
        """Takes `wants`: whether an update needs handling at all; others are never written to disk.

        `is_away`: whether the index is known to be unreachable.
        """
        super().__init__()
        self._wants = wants
        self._is_away = is_away
        self._db = database
        self._clock = clock
        self._monotonic = monotonic
        still = database.write(partial(inbox_table.put_off_still, now=clock()))
        self._due = {number: monotonic() + seconds for number, seconds in still.items()}
        self._in_work: dict[int, str] = {}  # lane by update number
        self._waiting = database.write(lambda db: sum(head.waiting for head in inbox_table.heads(db)))
        self._crowd = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[int, Failure] = {}
        self._has_traces = True  # from the previous run
        self._changed = asyncio.Event()
        self._stopping = False

    async def put(self, item: object) -> None:
        """Commits an update; passes PTB's own items through."""
        if not isinstance(item, Update):
            await super().put(item)
            return
        wrapped = item.api_kwargs.get(inbox_table.PARSED)
        update = wrapped if isinstance(wrapped, Update) else item
        if not self._is_wanted(update):
            return
        try:
            more = await self._db.written(partial(inbox_table.insert, update=update, now=self._clock()))
        except sqlite3.Error as error:  # PTB retries after TelegramError and stops after any other error
            log.exception("An update could not be stored.")
            raise TelegramError("The inbox can't be written") from error
        self._waiting += more
        self._changed.set()

    def _is_wanted(self, update: Update) -> bool:
        try:
            return self._wants(update)
        except Exception:
            log.exception("Checking whether update %s is needed failed, so it is kept.", update.update_id)
            return True

    def waiting(self) -> int:
        """Returns the number of unfinished updates, those in progress included, from memory."""
        return self._waiting

    def crowd(self) -> int:
        """Returns the queue length, counting at most CROWD per lane, so one flooding user is no crowd."""
        return self._crowd

    def failed(self, update_id: int, failure: Failure) -> None:
        """Records the failure of an update that is being handled."""
        self._failures[update_id] = failure

    async def work(self, handle: Handle, give_up: GiveUp) -> None:
        """Passes every update to `handle`, until `stop`."""
        while not self._stopping:
            self._changed.clear()
            entries, pause = await self._next()
            if self._stopping:
                return
            for entry in entries:
                self._in_work[entry.number] = entry.lane
                self._due.pop(entry.number, None)
                task = asyncio.create_task(self._work_on(entry, handle, give_up))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await self._rest(pause)

    async def stop(self) -> None:
        """Starts nothing more and cancels work after GRACE_SECONDS; it resumes at the next start."""
        self._stopping = True
        self._changed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self, pause: float | None) -> None:
        """Waits until something changes or is due; when idle, wipes the traces of handled updates."""
        quiet = self._has_traces and not self._in_work
        try:
            limit = min(QUIET_SECONDS, pause or QUIET_SECONDS) if quiet else pause
            await asyncio.wait_for(self._changed.wait(), limit)
        except TimeoutError:
            if quiet:
                await self._scrub()

    async def _scrub(self) -> None:
        try:
            self._has_traces = not await asyncio.to_thread(self._db.scrub)
        except sqlite3.Error:
            log.exception("Traces of handled updates could not be wiped.")

    async def _next(self) -> tuple[list[Entry], float | None]:
        """Returns the updates to start and the seconds until the next one is due."""
        try:
            claimed = await self._db.written(partial(self._claim, in_work=dict(self._in_work)))
        except sqlite3.Error:
            log.exception("The inbox can't be read.")
            return [], STORAGE_SECONDS
        self._waiting, self._crowd = claimed.waiting, claimed.crowd
        if not claimed.waiting:
            self._due.clear()  # entries of forgotten updates
        return claimed.entries, claimed.pause

    def _claim(self, db: Connection, in_work: dict[int, str]) -> Claimed:
        """Claims the first queued update of each free lane, short work first, while there are slots."""
        now, heads, busy = self._monotonic(), inbox_table.heads(db), set(in_work.values())
        free = [head for head in heads if head.lane not in busy and head.number not in in_work]
        waits = {head.number: self._due.get(head.number, now) - now for head in free}
        if self._is_away():
            waits |= {head.number: AWAY_SECONDS for head in free if head.lane.startswith(ASIDE)}
        begun: list[Entry] = []
        for head in sorted(free, key=lambda head: kept_free(head.lane)):
            places = AT_ONCE - kept_free(head.lane) - len(in_work) - len(begun)
            if places > 0 and waits[head.number] <= 0:
                begun.append(inbox_table.begin(db, head.number))
        pause = min((wait for wait in waits.values() if wait > 0), default=None)
        crowd = sum(min(head.waiting, CROWD) for head in heads)
        return Claimed(begun, pause, sum(head.waiting for head in heads), crowd)

    async def _work_on(self, entry: Entry, handle: Handle, give_up: GiveUp) -> None:
        try:
            failure = await self._attempt(entry, handle)
            if failure is None or isinstance(failure.error, Forbidden):  # nobody can be told
                await self._db.written(lambda db: inbox_table.finish(db, entry.number))
            elif isinstance(failure.error, Away):
                await self._set_aside(entry)
            elif is_outage(failure.error):
                await self._put_off(entry, wait_after(failure.error), 0)
            elif entry.failures + 1 < MAX_FAILURES and entry.starts < MAX_STARTS:
                await self._put_off(entry, RETRY_SECONDS * (entry.failures + 1), 1)
            else:
                await self._db.written(lambda db: inbox_table.bury(db, entry.number, failure.reference))
                await give_up(json.loads(entry.payload), failure.reference)
        except sqlite3.Error:
            log.exception("What became of update %s can't be stored.", entry.update_id)
            await asyncio.sleep(STORAGE_SECONDS)
        finally:
            del self._in_work[entry.number]
            self._has_traces = True
            self._changed.set()

    async def _put_off(self, entry: Entry, seconds: float, failures: int) -> None:
        self._due[entry.number] = self._monotonic() + seconds
        now = self._clock()
        await self._db.written(lambda db: inbox_table.put_off(db, entry.number, now, seconds, failures))

    async def _set_aside(self, entry: Entry) -> None:
        self._due[entry.number] = self._monotonic() + AWAY_SECONDS
        now = self._clock()
        await self._db.written(lambda db: inbox_table.set_aside(db, entry, now, AWAY_SECONDS))

    async def _attempt(self, entry: Entry, handle: Handle) -> Failure | None:
        """Handles an update once and returns the failure, if any."""
        if entry.starts >= MAX_STARTS:
            return Failure.of(RuntimeError(f"It was begun {entry.starts} times and never ended."))
        try:
            await handle(json.loads(entry.payload))
        except Exception as error:  # noqa: BLE001 - a failing update must not stop the others
            self._failures[entry.update_id] = Failure.of(error)
        return self._failures.pop(entry.update_id, None)
