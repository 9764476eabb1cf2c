"""Pacing: never faster than Telegram allows, and silent where it asked for silence."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.transport.errors import wait_after

# Telegram documents about 30 a second overall, 1 a second a chat with short bursts, 20 a minute a
# group (https://core.telegram.org/bots/faq); here a little less, since clocks and networks differ.
OVERALL = (0.041, 1.25)  # a call that wakes 10 ms late costs those after it nothing
CHAT = (1.05, 3)
GROUP = (4.6, 6)
PATIENCE = 60.0  # a longer silence is not waited for here: the inbox tries again later
SLOW_SECONDS = 0.25  # what took longer to be written down as begun waits for its turn once more
PATIENCE_LATER = 1.0  # what can wait gives its place up for less: the outbox tries again later
LASTING = 3.0  # a shorter silence is over before a bot that ended is up again
IDLE_CHATS = 5_000


class CellRate:
    """One call each `every` seconds, up to `burst` of them at once (generic cell rate algorithm)."""

    def __init__(self, every: float, burst: float, used_up: float) -> None:
        """`used_up`: a time at which the burst counts as spent, since the run before may have spent it."""
        self._every = every
        self._slack = every * (burst - 1)
        self._next = used_up + every * burst  # when a call would come that keeps just to the average

    def earliest(self, now: float, spare: int = 0) -> float:
        """When one more call may go, such that so many others still may at once."""
        return max(now, self._next - self._slack + spare * self._every)

    def take(self, at: float) -> None:
        """Count a call at the time `at`."""
        self._next = max(self._next, at) + self._every

    def hold(self, seconds: float) -> None:
        """Count nothing as regained meanwhile: a slow call may reach Telegram only at its end."""
        self._next += seconds

    def is_idle(self, now: float) -> bool:
        """Whether it remembers nothing that matters any more."""
        return self._next <= now


@dataclass(frozen=True, slots=True)
class Later:
    """A call for which nobody waits: answers to people go first.

    It leaves one call of the chat's burst to them, and is refused (RetryAfter) where it would have to wait
    for its chat. `begin` is awaited just before the call goes out.
    """

    begin: Callable[[], Awaitable[None]]


@dataclass(eq=False, slots=True)
class Turn:
    """A call that waits until it may go."""

    chat: int
    is_later: bool
    has_come: bool = False

    @property
    def patience(self) -> float:
        """For how many seconds it may have to wait."""
        return PATIENCE_LATER if self.is_later else PATIENCE


class Pacer(BaseRateLimiter[Later]):
    """Paces each chat, each group and the whole; a 429 holds back only the chat that got it.

    First come, first served, what can wait after all else: nobody else is ever overtaken.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        silences: Mapping[int, float] | None = None,
        remember: Callable[[int, float], None] = lambda _chat, _seconds: None,
    ) -> None:
        """`silences`: the seconds that are left, by chat; `remember` is told of each that is LASTING."""
        self._clock = clock
        self._sleep = sleep
        self._started = clock()
        self._overall = CellRate(*OVERALL, self._started)
        self._chats: dict[int, list[CellRate]] = {}
        self._waiting: list[Turn] = []
        self._silent = {chat: self._started + left for chat, left in (silences or {}).items()}
        self._remember = remember

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to clear."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Later | None,
    ) -> Any:
        """Make a call when its turn has come; RetryAfter if that takes longer than the call may wait."""
        chat, later = data.get("chat_id"), rate_limit_args
        if not isinstance(chat, int) or endpoint.startswith("get"):  # asking is not writing
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
        """Have a call begin; many for which that took long would all go out at the same moment."""
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
        """Wait until the chat, the group and the whole allow a call, and count it."""
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
        """Whether a turn has come, after giving it to all that may go now, in their order."""
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
        """When the chat itself allows a call."""
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
