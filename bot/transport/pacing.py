"""Rate limits: stays below Telegram's limits and honours Retry-After."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlite_utils import Database as Connection
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.transport.errors import wait_after
from corpus.database import Database

log = logging.getLogger(__name__)

# Telegram documents about 30 messages per second overall, 1 per second and chat with short bursts, 20 per
# minute and group (https://core.telegram.org/bots/faq); these are lower because clocks and networks vary.
OVERALL = (0.041, 1.25)  # the burst absorbs a call that wakes 10 ms late
CHAT = (1.05, 3)
GROUP = (4.6, 6)
PATIENCE = 60.0  # longer waits are left to the inbox, which retries later
SLOW_SECONDS = 0.25  # a call whose `begin` took longer queues again
PATIENCE_LATER = 1.0  # of a deferrable call: the outbox retries later
LASTING = 3.0  # shorter Retry-After periods end before a restarted bot is up
IDLE_CHATS = 5_000


class CellRate:
    """One call every `every` seconds, with bursts of up to `burst` calls (generic cell rate algorithm)."""

    def __init__(self, every: float, burst: float, used_up: float) -> None:
        """Starts with the burst spent at `used_up`, since the previous run may have spent it."""
        self._every = every
        self._slack = every * (burst - 1)
        self._next = used_up + every * burst  # when the next call is due at the average rate

    def earliest(self, now: float, spare: int = 0) -> float:
        """Returns when one more call may go and leave room for `spare` calls at once."""
        return max(now, self._next - self._slack + spare * self._every)

    def take(self, at: float) -> None:
        """Counts a call at the time `at`."""
        self._next = max(self._next, at) + self._every

    def hold(self, seconds: float) -> None:
        """Regains nothing for `seconds`: a slow call may reach Telegram only at its end."""
        self._next += seconds

    def is_idle(self, now: float) -> bool:
        """Returns whether its state can be dropped."""
        return self._next <= now


@dataclass(frozen=True, slots=True)
class Later:
    """A call that nobody waits for, so answers to people go first.

    It leaves one call of the chat's burst to them, and is refused (RetryAfter) if it would have to wait for
    its chat. `begin` is awaited just before the call is sent.
    """

    begin: Callable[[], Awaitable[None]]


@dataclass(eq=False, slots=True)
class Turn:
    """A call waiting for its turn."""

    chat: int
    is_later: bool
    has_come: bool = False

    @property
    def patience(self) -> float:
        """Maximum wait in seconds."""
        return PATIENCE_LATER if self.is_later else PATIENCE


class Pacer(BaseRateLimiter[Later]):
    """Limits each chat, each group and the total; a 429 only holds back the chat that got it.

    First come, first served, with deferrable calls (Later) after all others.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        silences: Mapping[int, float] | None = None,
        remember: Callable[[int, float], None] = lambda _chat, _seconds: None,
    ) -> None:
        """Takes `silences`, the seconds left by chat; calls `remember` for each new one above LASTING."""
        self._clock = clock
        self._sleep = sleep
        self._started = clock()
        self._overall = CellRate(*OVERALL, self._started)
        self._chats: dict[int, list[CellRate]] = {}
        self._waiting: list[Turn] = []
        self._silent = {chat: self._started + left for chat, left in (silences or {}).items()}
        self._remember = remember

    async def initialize(self) -> None:
        """Does nothing; required by PTB."""

    async def shutdown(self) -> None:
        """Does nothing; required by PTB."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Later | None,
    ) -> Any:
        """Makes a call in its turn; raises RetryAfter if the wait exceeds its patience."""
        chat, later = data.get("chat_id"), rate_limit_args
        if not isinstance(chat, int) or endpoint.startswith("get"):  # reads are not rate limited
            return await callback(*args, **kwargs)
        while True:
            await self._turn(Turn(chat, is_later=later is not None))
            started = self._clock()
            try:
                if later:
                    await self._begin(chat, later)
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._silence(chat, wait_after(error))
                if later or wait_after(error) > PATIENCE:
                    raise
            finally:
                for pace in self._paces(chat):
                    pace.hold(self._clock() - started)

    async def _begin(self, chat: int, later: Later) -> None:
        """Begins a call; after a slow begin it queues again, since many could otherwise go out at once."""
        asked = self._clock()
        await later.begin()
        if self._clock() - asked > SLOW_SECONDS:
            await self._turn(Turn(chat, is_later=True))

    def _silence(self, chat: int, seconds: float) -> None:
        now = self._clock()
        until = self._silent[chat] = max(now + seconds, self._silent.get(chat, now))
        if seconds > LASTING:
            self._remember(chat, until - now)

    async def _turn(self, turn: Turn) -> None:
        """Waits until the chat, group and total limits allow a call, and counts it."""
        self._waiting.append(turn)
        try:
            while not self._has_come(turn, now := self._clock()):
                wait = max(self._earliest(turn, now), self._overall.earliest(now)) - now
                if wait > turn.patience:
                    raise RetryAfter(ceil(wait))
                await self._sleep(wait)
        finally:
            if not turn.has_come:
                self._waiting.remove(turn)

    def _has_come(self, turn: Turn, now: float) -> bool:
        """Grants all turns that may go now, in order, and returns whether this one did."""
        for each in sorted(self._waiting, key=lambda turn: turn.is_later):
            if self._overall.earliest(now) > now:
                break
            if self._earliest(each, now) <= now:
                for pace in (*self._paces(each.chat), self._overall):
                    pace.take(now)
                self._waiting.remove(each)
                each.has_come = True
        return turn.has_come

    def _earliest(self, turn: Turn, now: float) -> float:
        """Returns when the chat's own limits allow a call."""
        paces = self._paces(turn.chat)
        return max(self._silent.get(turn.chat, now), *(pace.earliest(now, turn.is_later) for pace in paces))

    def _paces(self, chat: int) -> list[CellRate]:
        if len(self._chats) > IDLE_CHATS:
            self._forget_idle()
        limits = (CHAT, GROUP) if chat < 0 else (CHAT,)
        return self._chats.setdefault(chat, [CellRate(*limit, self._started) for limit in limits])

    def _forget_idle(self) -> None:
        now = self._clock()
        self._chats = {c: p for c, p in self._chats.items() if not all(x.is_idle(now) for x in p)}
        self._silent = {c: until for c, until in self._silent.items() if until > now}


class RetryAfterStore:
    """Persists long Retry-After periods; wall-clock time counts only between two runs."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def left(self) -> dict[int, float]:
        """Returns the seconds left by chat, never more than Telegram asked for."""
        now = self._clock()
        left = "select chat, min(until - ?, asked) from silences where until > ?"
        return dict(self._db.write(lambda db: db.execute(left, [now, now]).fetchall()))

    def remember(self, chat: int, seconds: float) -> None:
        """Stores a period without waiting for the commit, and drops expired ones."""
        now = self._clock()

        def change(db: Connection) -> None:
            db.execute("insert or replace into silences values (?, ?, ?)", [chat, now + seconds, seconds])
            db.execute("delete from silences where until <= ?", [now])

        self._db.submit(change).add_done_callback(_log_failure)


def move_chat(db: Connection, old: int, new: int) -> None:
    """Gives the supergroup `new` the period of the group `old`, inside a transaction."""
    db.execute("update or replace silences set chat = ? where chat = ?", [new, old])


def forget_chat(db: Connection, chat: int) -> None:
    """Deletes a chat's period, inside a transaction."""
    db.execute("delete from silences where chat = ?", [chat])


def _log_failure(stored: Future[None]) -> None:
    if error := stored.exception():
        log.error("A Retry-After period could not be stored; a restart would ignore it.", exc_info=error)
