"""Pacing: Telegram's rates hold in every window, and a wait is kept by the chat that was told to."""

import asyncio
import random
from bisect import bisect_left
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fakes import FakeTime
from telegram.error import BadRequest, RetryAfter

from bot import limiter
from bot.limiter import Pacer

LATENCY = 0.1
GROUP = -1_001_234_567_890


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def pacer(time: FakeTime) -> Pacer:
    return Pacer(time.clock, time.sleep)


class Telegram:
    """Notes when each call arrives; raises the errors it was given, one a call, first of all."""

    def __init__(self, time: FakeTime, pacer: Pacer, *errors: Exception) -> None:
        self.calls: list[tuple[float, int]] = []
        self._time = time
        self._pacer = pacer
        self._errors = list(errors)

    async def _arrive(self, chat: int) -> str:
        self.calls.append((self._time.now, chat))
        await self._time.sleep(LATENCY)
        if self._errors:
            raise self._errors.pop(0)
        return "done"

    def send(self, chat: int | str | None) -> Coroutine[Any, Any, str]:
        return self._pacer.process_request(self._arrive, (chat,), {}, "sendMessage", {"chat_id": chat}, None)

    def times(self, which: Callable[[int], bool] = lambda chat: True) -> list[float]:
        return [at for at, chat in self.calls if which(chat)]


def most(times: list[float], seconds: float) -> int:
    """How many of these times at most fall into one window that is so long."""
    times = sorted(times)
    return max(bisect_left(times, start + seconds) - i for i, start in enumerate(times))


async def test_every_rate_holds_in_every_window(time: FakeTime, pacer: Pacer) -> None:
    telegram, chance = Telegram(time, pacer), random.Random(4)
    people, groups = range(1, 31), (GROUP, GROUP - 1, -5)

    async def later(chat: int) -> None:
        await time.sleep(chance.uniform(0, 10))
        await telegram.send(chat)

    calls = [*people] * 4 + [*groups] * 25
    await asyncio.gather(*map(later, calls))
    assert len(telegram.calls) == len(calls)
    assert most(telegram.times(), 1.0) <= 25
    assert most(telegram.times(), 10.0) <= 250
    for chat in people:
        assert most(telegram.times(chat.__eq__), 1.0) <= 3
        assert most(telegram.times(chat.__eq__), 10.0) <= 12
    for group in groups:
        assert most(telegram.times(group.__eq__), 60.0) <= 20


async def test_the_whole_is_used_to_the_full(time: FakeTime, pacer: Pacer) -> None:
    telegram, began = Telegram(time, pacer), time.now
    await asyncio.gather(*map(telegram.send, range(1, 201)))
    assert time.now - began < 200 / 24 + 1.1 + LATENCY


async def test_a_start_counts_on_a_run_just_before(time: FakeTime, pacer: Pacer) -> None:
    telegram, began = Telegram(time, pacer), time.now
    await telegram.send(1)
    assert time.now - began > 1


async def test_a_wait_is_kept_by_its_chat_alone(time: FakeTime, pacer: Pacer) -> None:
    telegram = Telegram(time, pacer, RetryAfter(3))
    first = asyncio.create_task(telegram.send(1))
    while not telegram.calls:
        await time.sleep(0.01)
    told = time.now
    await asyncio.gather(
        first, *(telegram.send(1) for _ in range(20)), *(telegram.send(n) for n in range(2, 40))
    )
    inside = [chat for at, chat in telegram.calls if told < at < told + 3]
    assert 1 not in inside
    assert len(inside) == 38
    assert len(telegram.times((1).__eq__)) == 22


async def test_the_longest_of_several_waits_counts(time: FakeTime, pacer: Pacer) -> None:
    telegram = Telegram(time, pacer, RetryAfter(30), RetryAfter(2))
    await time.sleep(60)
    began = time.now
    assert await asyncio.gather(telegram.send(1), telegram.send(1)) == ["done", "done"]
    first, second, *rest = telegram.times()
    assert began == first < second < began + LATENCY
    assert min(rest) >= began + 30


async def test_a_long_wait_is_raised_and_so_is_every_call_in_it(time: FakeTime, pacer: Pacer) -> None:
    telegram = Telegram(time, pacer, RetryAfter(43_837))
    with pytest.raises(RetryAfter):
        await telegram.send(1)
    told = time.now
    await time.sleep(600)
    with pytest.raises(RetryAfter) as again:
        await telegram.send(1)
    assert time.now == told + 600
    assert 43_237 <= again.value.retry_after.total_seconds() <= 43_238
    assert await telegram.send(2) == "done"
    await time.sleep(43_300)
    assert await telegram.send(1) == "done"


async def test_other_errors_are_raised_at_once(time: FakeTime, pacer: Pacer) -> None:
    telegram = Telegram(time, pacer, BadRequest("no"))
    with pytest.raises(BadRequest):
        await telegram.send(1)
    assert len(telegram.calls) == 1


@pytest.mark.parametrize("chat", [None, "@channel"])
async def test_calls_about_no_chat_do_not_wait(time: FakeTime, pacer: Pacer, chat: str | None) -> None:
    telegram, began = Telegram(time, pacer), time.now
    await asyncio.gather(*(telegram.send(chat) for _ in range(50)))
    assert time.now == began + LATENCY


async def test_idle_chats_are_forgotten_and_busy_ones_are_not(
    time: FakeTime, pacer: Pacer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "IDLE_CHATS", 100)
    telegram = Telegram(time, pacer)
    for chat in range(1, 1000):
        await telegram.send(chat)
    assert len(pacer._chats) <= 101
    assert 999 in pacer._chats
    pacer._silent[5] = time.now + 9
    await time.sleep(10)
    for chat in range(1000, 1200):
        await telegram.send(chat)
    assert pacer._silent == {}
