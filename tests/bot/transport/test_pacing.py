"""Pacing: Telegram's rates hold in every window, and a wait is kept by the chat that was told to."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeTime, most
from telegram.error import BadRequest, RetryAfter

from bot import schema
from bot.transport import pacing
from bot.transport.pacing import LASTING, OVERALL, PATIENCE_LATER, Later, Pacer, RetryAfterStore, forget_chat
from corpus.database import Database

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

    def send(
        self, chat: int | str | None, method: str = "sendMessage", later: Later | None = None
    ) -> Coroutine[Any, Any, str]:
        return self._pacer.process_request(self._arrive, (chat,), {}, method, {"chat_id": chat}, later)

    def send_later(self, chat: int) -> Coroutine[Any, Any, str]:
        """What can wait."""
        return self.send(chat, later=Later(nothing))

    def times(self, which: Callable[[int], bool] = lambda chat: True) -> list[float]:
        return [at for at, chat in self.calls if which(chat)]


async def nothing() -> None:
    """What begins nothing."""


async def test_every_rate_holds_in_every_window(time: FakeTime, pacer: Pacer) -> None:
    telegram, chance = Telegram(time, pacer), random.Random(4)
    people, groups = range(1, 31), (GROUP, GROUP - 1, -5)

    async def later(chat: int) -> None:
        await time.sleep(chance.uniform(0, 10))
        await telegram.send(chat)

    calls = [*people] * 4 + [*groups] * 25
    await time.sleep(5)
    await asyncio.gather(*map(later, calls), *map(telegram.send_later, range(31, 231)))
    assert len(telegram.calls) == len(calls) + 200
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


async def test_who_comes_first_is_served_first_though_sleeps_end_late(time: FakeTime) -> None:
    chance = random.Random(7)

    async def sleep(seconds: float) -> None:
        await time.sleep(seconds + chance.uniform(0, 0.009))

    telegram = Telegram(time, Pacer(time.clock, sleep))
    arrivals = sorted((chance.uniform(0, 5), chat) for chat in range(1, 201))

    async def later(at: float, chat: int) -> None:
        await time.sleep(at)
        await telegram.send(chat)

    await asyncio.gather(*(later(at, chat) for at, chat in arrivals))
    assert sorted(telegram.calls) == telegram.calls
    assert [chat for _, chat in telegram.calls] == [chat for _, chat in arrivals]
    assert telegram.calls[-1][0] - telegram.calls[0][0] <= len(arrivals) * OVERALL[0]


async def test_who_waits_for_a_chat_keeps_nobody_else_waiting(time: FakeTime, pacer: Pacer) -> None:
    await time.sleep(60)
    telegram, began = Telegram(time, pacer), time.now
    await asyncio.gather(
        *(telegram.send(GROUP) for _ in range(12)), *(telegram.send(n) for n in range(1, 51))
    )
    assert max(telegram.times(lambda chat: chat > 0)) <= began + 62 * OVERALL[0] + LATENCY


async def test_answers_go_before_what_can_wait(time: FakeTime, pacer: Pacer) -> None:
    await time.sleep(60)
    telegram, chance, waits = Telegram(time, pacer), random.Random(3), list[float]()

    async def answer(at: float, chat: int) -> None:
        await time.sleep(at)
        came = time.now
        await telegram.send(chat)
        waits.append(time.now - LATENCY - came)

    questions = [answer(chance.uniform(0, 8), chat) for chat in range(1000, 1040)]
    await asyncio.gather(*(telegram.send_later(chat) for chat in range(1, 201)), *questions)
    assert len(telegram.calls) == 240
    assert max(waits) <= 3 * OVERALL[0]  # others who asked at the same moment come first
    assert telegram.times()[-1] - telegram.times()[0] <= 240 * OVERALL[0]


@pytest.mark.parametrize("chat", [7, GROUP])
async def test_what_can_wait_leaves_a_call_to_an_answer(time: FakeTime, pacer: Pacer, chat: int) -> None:
    await time.sleep(60)
    telegram = Telegram(time, pacer)
    outcomes = await asyncio.gather(*(telegram.send_later(chat) for _ in range(9)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RetryAfter)]
    assert 0 < len(refused) < 9
    asked = time.now
    await telegram.send(chat)
    assert time.now - asked <= OVERALL[0] + 3 * LATENCY  # two may have reached Telegram at their ends


async def test_what_can_wait_is_put_off_where_its_chat_must_be_left_alone(
    time: FakeTime, pacer: Pacer
) -> None:
    await time.sleep(60)
    telegram, begun = Telegram(time, pacer, RetryAfter(20)), list[float]()

    async def begin() -> None:
        begun.append(time.now)

    for left in (20, 19):
        with pytest.raises(RetryAfter) as refused:
            await telegram.send(7, later=Later(begin))
        assert left - LATENCY <= refused.value.retry_after.total_seconds() <= left + 1
        await time.sleep(1)
    assert begun == telegram.times()
    assert len(begun) == 1
    await time.sleep(18 - PATIENCE_LATER)
    await telegram.send(7, later=Later(begin))
    assert begun == telegram.times()
    assert begun[1] - begun[0] >= 20


async def test_what_is_not_to_be_begun_any_more_does_not_go_out(time: FakeTime, pacer: Pacer) -> None:
    telegram = Telegram(time, pacer)

    async def refuse() -> None:
        raise LookupError

    await time.sleep(60)
    with pytest.raises(LookupError):
        await telegram.send(7, later=Later(refuse))
    assert telegram.calls == []
    assert await telegram.send(7) == "done"


async def test_calls_that_are_slow_to_begin_keep_the_pace_all_the_same(time: FakeTime, pacer: Pacer) -> None:
    """A disk that stands still for a while lets all that waited for it go at the same moment."""
    telegram = Telegram(time, pacer)
    await time.sleep(60)
    until = time.now + 10

    async def begin() -> None:
        await time.sleep(max(until - time.now, 0))

    later = Later(begin)
    await asyncio.gather(*(telegram.send(chat, later=later) for chat in range(1, 101)))
    assert len(telegram.calls) == 100
    assert most(telegram.times(), 1.0) <= 25


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


async def test_a_silence_of_half_a_day_is_kept_over_restarts_and_by_its_chat_alone(tmp_path: Path) -> None:
    began, calls, done = 1_700_000_000.0, list[tuple[float, int]](), set[int]()

    async def live(chats: Iterable[int], rest: float, *errors: Exception) -> None:
        """One life of the bot, whose monotonic clock begins anew; then `rest` seconds without it."""
        nonlocal began
        time, database = FakeTime(), Database(tmp_path / "citewire.db")
        schema.migrate(database)
        offset = began - time.now
        silences = RetryAfterStore(database, lambda: offset + time.now)
        telegram = Telegram(time, Pacer(time.clock, time.sleep, silences.left(), silences.remember), *errors)
        for chat in chats:
            with suppress(RetryAfter):
                await telegram.send(chat)
                done.add(chat)
        database.close()
        calls.extend((offset + at, chat) for at, chat in telegram.calls)
        began = offset + time.now + rest

    await live([7, *range(1, 80)], 0, RetryAfter(43_837))
    ((told, _),) = [call for call in calls if call[1] == 7]
    until = told + LATENCY + 43_837
    await live([7, *range(80, 140)], 600)
    await live([7, *range(140, 201)], 0)
    assert done == {*range(1, 201)} - {7}
    began = until - 30
    await live([7], 0)  # a wait so short is kept, not refused
    assert 7 in done
    first, second = [at for at, chat in calls if chat == 7]
    assert first == told
    assert until <= second < until + 1


async def test_a_short_wait_is_not_worth_storing_and_of_several_long_ones_the_longest_counts(
    time: FakeTime,
) -> None:
    stored: list[tuple[int, int]] = []
    pacer = Pacer(
        time.clock, time.sleep, remember=lambda chat, seconds: stored.append((chat, round(seconds)))
    )
    assert await Telegram(time, pacer, RetryAfter(int(LASTING))).send(1) == "done"
    assert stored == []
    await time.sleep(60)
    telegram = Telegram(time, pacer, RetryAfter(500), RetryAfter(300))
    outcomes = await asyncio.gather(telegram.send(1), telegram.send(1), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RetryAfter, RetryAfter]
    assert stored == [(1, 500), (1, 500)]


@pytest.mark.parametrize(("passed", "left"), [(0, 500), (200, 300), (-3600, 500), (500, None), (3600, None)])
def test_what_is_left_of_a_silence_is_never_more_than_was_asked(
    database: Database, passed: int, left: int | None
) -> None:
    now = 1_700_000_000.0
    RetryAfterStore(database, lambda: now).remember(7, 500)
    later = RetryAfterStore(database, lambda: now + passed)
    assert later.left() == ({} if left is None else {7: left})


def test_silences_that_are_over_and_chats_that_moved_leave_no_row(database: Database) -> None:
    now = [1_700_000_000.0]
    silences = RetryAfterStore(database, lambda: now[0])
    silences.remember(1, 100)
    silences.remember(2, 1000)
    now[0] += 100
    silences.remember(3, 1000)
    assert silences.left() == {2: 900, 3: 1000}
    assert [row["chat"] for row in database.read()["silences"].rows] == [2, 3]
    database.write(lambda db: forget_chat(db, 2))
    assert silences.left() == {3: 1000}


def test_a_silence_that_cannot_be_stored_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    silences = RetryAfterStore(database)
    database.write(lambda db: db.execute("drop table silences"))
    silences.remember(1, 100)
    database.write(lambda db: None)
    assert "A Retry-After period could not be stored" in caplog.text


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


async def test_what_only_asks_does_not_wait_and_is_not_counted(time: FakeTime, pacer: Pacer) -> None:
    telegram, began = Telegram(time, pacer), time.now
    await asyncio.gather(*(telegram.send(GROUP, "getChatMember") for _ in range(50)))
    assert time.now == began + LATENCY


async def test_idle_chats_are_forgotten_and_busy_ones_are_not(
    time: FakeTime, pacer: Pacer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "IDLE_CHATS", 100)
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
