"""The durable inbox with real updates, a real database and time that the tests set."""

import asyncio
import json
import logging
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from bot_api import BotApi
from telegram import Bot, Update
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Updater

import bot.inbox
from bot.errors import OUTAGE_SECONDS, Failure
from bot.inbox import AT_ONCE, KEEP_DEAD, KEEP_DONE, MAX_FAILURES, MAX_STARTS, RETRY_SECONDS, Inbox
from bot.wire import parsable
from corpus.database import Database

ANN, BEN = 100, 200
DAY = 86_400
DUE = "number in (select min(number) from inbox where state = 'waiting' group by chat) and due <= ?"


def update(number: int, chat: int = ANN, text: str = "Who signed the pact?") -> Update:
    """A private message, as PTB makes it of Telegram's JSON."""
    user = {"id": chat, "is_bot": False, "first_name": "Ann"}
    message = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Ann"},
        "from": user,
        "text": text,
    }
    return Update.de_json({"update_id": number, "message": message}, None)


class Desk:
    """An inbox at work, with what it handed out and whom it gave up."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 1_700_000_000.0
        self.inbox = Inbox(database, self.clock)
        self.errors: dict[int, list[BaseException]] = {}
        self.handled: list[int] = []
        self.given_up: list[tuple[int, str]] = []
        self.running = self.most = 0
        self.open = asyncio.Event()
        self.open.set()
        self._changed = asyncio.Condition()

    def clock(self) -> float:
        return self.now

    async def handle(self, payload: dict[str, Any]) -> None:
        """Handle an update once the desk is open; fail with the next of its errors, if it has any."""
        received = Update.de_json(payload, None)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._tell()
            await self.open.wait()
            self.handled.append(received.update_id)
            if errors := self.errors.get(received.update_id):
                raise errors.pop(0)
        finally:
            self.running -= 1
            await self._tell()

    async def give_up(self, chat: int, reference: str) -> None:
        self.given_up.append((chat, reference))
        await self._tell()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(condition)

    async def settled(self) -> None:
        """Wait until nothing is being worked on and nothing is due."""
        async with asyncio.timeout(30):
            while self.inbox._tasks or self.rows(DUE, self.now):  # noqa: ASYNC110 - rows call nobody
                await asyncio.sleep(0.002)

    async def later(self, seconds: float) -> None:
        """Let time pass, and all that is due then be done."""
        self.now += seconds
        self.inbox._changed.set()
        await self.settled()

    def rows(self, where: str = "true", *values: object) -> list[dict[str, Any]]:
        return list(self.database.read()["inbox"].rows_where(where, values, order_by="number"))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def at_work(desk: Desk) -> AsyncIterator[Desk]:
    """A desk whose inbox is worked on for the time of the block."""
    work = asyncio.create_task(desk.inbox.work(desk.handle, desk.give_up))
    yield desk
    await desk.inbox.stop()
    await work


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with at_work(Desk(database)) as desk:
        yield desk


@pytest.mark.slow
async def test_a_thousand_updates_that_come_three_times_are_each_handled_once(desk: Desk) -> None:
    for number in range(1000):
        for _ in range(2):
            await desk.inbox.put(update(number, chat=number % 50 + 1))
    await desk.settled()
    for number in range(1000):
        await desk.inbox.put(update(number, chat=number % 50 + 1))
    await desk.settled()
    assert Counter(desk.handled) == Counter(range(1000))


async def test_a_chat_is_answered_in_order_and_chats_side_by_side_up_to_the_bound(desk: Desk) -> None:
    desk.open.clear()
    chats = range(1, AT_ONCE + 5)
    for turn in range(3):
        for chat in chats:
            await desk.inbox.put(update(chat * 10 + turn, chat))
    await desk.until(lambda: desk.running == AT_ONCE)
    desk.open.set()
    await desk.settled()
    assert desk.most == AT_ONCE
    by_chat = defaultdict(list)
    for number in desk.handled:
        by_chat[number // 10].append(number % 10)
    assert by_chat == {chat: [0, 1, 2] for chat in chats}


async def test_one_chat_never_has_two_at_once(desk: Desk) -> None:
    for number in range(10):
        await desk.inbox.put(update(number))
    await desk.settled()
    assert desk.most == 1


async def test_a_slow_chat_holds_up_nobody_else(desk: Desk) -> None:
    desk.open.clear()
    await desk.inbox.put(update(1, ANN))
    await desk.until(lambda: desk.running == 1)
    await desk.inbox.put(update(2, BEN))
    await desk.until(lambda: desk.running == 2)
    desk.open.set()


async def test_what_always_fails_is_set_aside_and_the_person_told_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.errors[1] = [RuntimeError("no") for _ in range(10)]
    await desk.inbox.put(update(1))
    await desk.inbox.put(update(2))
    await desk.settled()
    assert desk.handled == [1]
    for turn in range(1, MAX_FAILURES):
        await desk.later(RETRY_SECONDS * turn)
    assert desk.handled == [1] * MAX_FAILURES + [2]
    ((chat, reference),) = desk.given_up
    assert chat == ANN
    assert f"(reference {reference})" in caplog.text
    (dead,) = desk.rows("state = 'dead'")
    assert (dead["update_id"], dead["reference"]) == (1, reference)
    await desk.inbox.put(update(1))
    await desk.later(DAY)
    assert desk.handled.count(1) == MAX_FAILURES


async def test_what_fails_once_is_done_the_second_time(desk: Desk) -> None:
    desk.errors[1] = [RuntimeError("no")]
    await desk.inbox.put(update(1))
    await desk.settled()
    await desk.later(RETRY_SECONDS / 2)
    assert desk.handled == [1]
    await desk.later(RETRY_SECONDS / 2)
    assert desk.handled == [1, 1]
    assert not desk.given_up


async def test_a_failure_that_ptb_reports_counts_like_one_that_is_raised(database: Database) -> None:
    desk = Desk(database)

    async def handle(payload: dict[str, Any]) -> None:
        desk.handled.append(payload["update_id"])
        desk.inbox.failed(payload["update_id"], Failure.of(RuntimeError("in a handler")))

    work = asyncio.create_task(desk.inbox.work(handle, desk.give_up))
    await desk.inbox.put(update(1))
    await desk.settled()
    await desk.later(RETRY_SECONDS)
    await desk.later(2 * RETRY_SECONDS)
    assert desk.handled == [1, 1, 1]
    assert len(desk.given_up) == 1
    await desk.inbox.stop()
    await work


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (NetworkError("Bad Gateway"), OUTAGE_SECONDS),
        (TimedOut(), OUTAGE_SECONDS),
        (InvalidToken("Unauthorized"), OUTAGE_SECONDS),
        (RetryAfter(timedelta(seconds=300)), 300),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_an_outage_postpones_and_counts_nothing(
    desk: Desk, error: TelegramError, seconds: float
) -> None:
    times = MAX_STARTS + 5
    desk.errors[1] = [error] * times
    await desk.inbox.put(update(1))
    await desk.inbox.put(update(2))
    await desk.settled()
    for time in range(1, times + 1):
        await desk.later(seconds - 1)
        assert desk.handled == [1] * time
        await desk.later(1)
    assert desk.handled == [1] * (times + 1) + [2]
    assert not desk.given_up
    assert {row["state"] for row in desk.rows()} == {"done"}


async def test_who_blocked_the_bot_is_let_be(desk: Desk) -> None:
    desk.errors[1] = [Forbidden("bot was blocked by the user")]
    await desk.inbox.put(update(1))
    await desk.settled()
    await desk.later(DAY)
    assert desk.handled == [1]
    assert not desk.given_up
    assert [row["state"] for row in desk.rows()] == ["done"]


async def test_what_is_done_leaves_a_number_and_no_text(desk: Desk) -> None:
    await desk.inbox.put(update(1, text="my private question"))
    await desk.settled()
    (row,) = desk.rows()
    assert (row["update_id"], row["state"], row["payload"], row["chat"]) == (1, "done", None, 0)


async def test_the_done_and_the_dead_are_forgotten_in_time(desk: Desk) -> None:
    desk.errors[2] = [RuntimeError("no")] * MAX_FAILURES
    await desk.inbox.put(update(1, ANN))
    await desk.inbox.put(update(2, BEN))
    await desk.settled()
    await desk.later(10)
    await desk.later(10)
    for after, left in [(KEEP_DONE - 30, [1, 2]), (30, [2]), (KEEP_DEAD - KEEP_DONE, [])]:
        await desk.later(after)
        new = 1000 + len(desk.handled)
        await desk.inbox.put(update(new, ANN))
        await desk.settled()
        assert [row["update_id"] for row in desk.rows("update_id < 1000")] == left


async def test_an_update_that_cannot_be_parsed_is_kept_whole_and_never_handled(desk: Desk) -> None:
    raw = {"update_id": 1, "message": {"date": "never", "text": "?"}}
    (wrapped,) = parsable([raw])
    await desk.inbox.put(Update.de_json(wrapped, None))
    await desk.inbox.put(update(2))
    await desk.settled()
    assert desk.handled == [2]
    (dead,) = desk.rows("state = 'dead'")
    assert json.loads(dead["payload"]) == raw


async def test_what_is_not_an_update_is_passed_on(desk: Desk) -> None:
    await desk.inbox.put("a sentinel of PTB's own")
    assert await desk.inbox.get() == "a sentinel of PTB's own"
    assert desk.rows() == []


async def test_what_is_not_done_when_it_stops_is_done_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "GRACE_SECONDS", 0.01)
    async with at_work(Desk(database)) as first:
        first.open.clear()
        await first.inbox.put(update(1))
        await first.inbox.put(update(2))
        await first.until(lambda: first.running)
    assert first.running == 0
    assert first.handled == []
    async with at_work(Desk(database)) as second:
        await second.settled()
    assert second.handled == [1, 2]


async def test_what_is_soon_done_is_waited_for_when_it_stops(database: Database) -> None:
    async with at_work(Desk(database)) as desk:
        desk.open.clear()
        await desk.inbox.put(update(1))
        await desk.until(lambda: desk.running)
        asyncio.get_running_loop().call_later(0.05, desk.open.set)
    assert desk.handled == [1]
    assert [row["state"] for row in desk.rows()] == ["done"]


async def test_what_ends_the_process_every_time_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "GRACE_SECONDS", 0.0)
    for life in range(MAX_STARTS):
        async with at_work(Desk(database)) as desk:
            desk.open.clear()
            await desk.inbox.put(update(1))
            await desk.until(lambda desk=desk: desk.running)
        assert not desk.given_up, life
    async with at_work(Desk(database)) as desk:
        await desk.settled()
    assert desk.handled == []
    assert [chat for chat, _ in desk.given_up] == [ANN]


def fill_disk(database: Database) -> None:
    """Let the file grow no further, as on a full disk."""
    database.write(lambda db: db.execute("pragma max_page_count = 1").fetchone())


def free_disk(database: Database) -> None:
    database.write(lambda db: db.execute("pragma max_page_count = 1000000").fetchone())


async def test_a_full_disk_is_ptbs_to_try_again(desk: Desk) -> None:
    fill_disk(desk.database)
    big = "x" * 20_000
    with pytest.raises(TelegramError, match="can't be written") as raised:
        await desk.inbox.put(update(1, text=big))
    assert isinstance(raised.value.__cause__, sqlite3.OperationalError)
    free_disk(desk.database)
    await desk.inbox.put(update(1, text=big))
    await desk.settled()
    assert desk.handled == [1]


async def test_polling_survives_a_full_disk_and_fetches_the_same_again(desk: Desk) -> None:
    async with BotApi() as api, Bot(api.token, base_url=api.base_url) as telegram_bot:
        fill_disk(desk.database)
        asked = api.push(api.message(ANN, "x" * 4000))
        filling = [api.push(api.message(BEN, "y" * 4000)) for _ in range(5)]
        updater = Updater(telegram_bot, desk.inbox)
        errors: list[TelegramError] = []
        async with updater:
            await updater.start_polling(error_callback=errors.append)
            await api.until(lambda: [c.method for c in api.calls].count("getUpdates") >= 2)
            assert api.pending
            free_disk(desk.database)
            await api.until(lambda: not api.pending)
            await updater.stop()
    await desk.settled()
    assert errors
    assert sorted(desk.handled) == [asked, *filling]


async def test_the_work_goes_on_after_a_storage_error(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "STORAGE_SECONDS", 0.01)
    desk.open.clear()
    await desk.inbox.put(update(1))
    await desk.until(lambda: desk.running)
    desk.database.write(lambda db: db.execute("alter table inbox rename to elsewhere"))
    desk.open.set()
    await asyncio.to_thread(logged(caplog, "The inbox can't be read.").wait, 10)
    desk.database.write(lambda db: db.execute("alter table elsewhere rename to inbox"))
    await desk.inbox.put(update(2))
    await desk.settled()
    assert desk.handled == [1, 1, 2]
    assert "What became of update 1 can't be stored." in caplog.text


def logged(caplog: pytest.LogCaptureFixture, message: str) -> threading.Event:
    """An event that is set when `message` is logged."""
    seen = threading.Event()

    class Watch(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            if record.getMessage() == message:
                seen.set()
            return True

    caplog.handler.addFilter(Watch())
    return seen
