"""The durable inbox with real updates, a real database and time that the tests set."""

import asyncio
import json
import logging
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bot_api import BotApi
from fakes import until
from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram import Bot, Chat, Update
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Updater

import bot.transport.inbox
from bot import schema
from bot.transport.client import parsed
from bot.transport.errors import OUTAGE_SECONDS, Failure
from bot.transport.inbox import AT_ONCE, AWAY_SECONDS, CROWD, MAX_FAILURES, MAX_STARTS, RETRY_SECONDS, Inbox
from bot.transport.inbox_table import (
    KEEP_DEAD,
    KEEP_DONE,
    KEPT_FREE_BY_CHATS,
    PARSED,
    PAYLOAD,
    UNPARSED,
    Address,
    address,
    forget_person,
    move_chat,
    sender_of,
)
from corpus.database import Database
from index.errors import Away

ANN, BEN = 100, 200
GROUP, SUPERGROUP = -300, -1_000_000_000_300
DAY = 86_400
HEADS = "number in (select min(number) from inbox where state = 'waiting' group by lane)"
DONE_ROW = {"state": "done", "payload": None, "chat": 0, "person": 0, "lane": ""}
QUESTIONS_AT_ONCE = AT_ONCE - KEPT_FREE_BY_CHATS


def user(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Ann"}


def message(number: int, chat: int, person: int, text: str = "Who signed the pact?") -> dict[str, Any]:
    where = {"type": "private", "first_name": "Ann"} if chat > 0 else {"type": "group", "title": "Readers"}
    return {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": {"id": chat, **where},
        "from": user(person),
        "text": text,
    }


def update(
    number: int, chat: int = ANN, text: str = "Who signed the pact?", person: int | None = None
) -> Update:
    """A message, as PTB makes it of Telegram's JSON; in private but for a group's chat."""
    asked = message(number, chat, person or chat, text)
    return Update.de_json({"update_id": number, "message": asked}, None)


def tap(number: int, person: int = ANN, chat: int = ANN) -> Update:
    """A tap on a button under a message of the bot."""
    query = {"id": f"{number}", "from": user(person), "chat_instance": "1", "data": "more"}
    return Update.de_json(
        {"update_id": number, "callback_query": {**query, "message": message(7, chat, 1)}}, None
    )


def inline(number: int, person: int = ANN, text: str = "pact") -> Update:
    """What a person has typed so far after the bot's name, in whatever chat."""
    query = {"id": f"{number}", "from": user(person), "query": text, "offset": ""}
    return Update.de_json({"update_id": number, "inline_query": query}, None)


def joined(number: int, chat: int = GROUP, person: int = ANN) -> Update:
    """A person adds the bot to a group."""
    member = {"user": user(1), "status": "member"}
    change = {
        "date": 1_700_000_000,
        "old_chat_member": {**member, "status": "left"},
        "new_chat_member": member,
    }
    where = {"chat": {"id": chat, "type": "group", "title": "Readers"}, "from": user(person)}
    return Update.de_json({"update_id": number, "my_chat_member": {**change, **where}}, None)


class Desk:
    """An inbox at work, with what it handed out and whom it gave up."""

    def __init__(self, database: Database, now: float = 1_700_000_000.0) -> None:
        self.database = database
        self.now = now
        self.run = 1000.0  # which goes on evenly, whatever becomes of `now`
        self.inbox = Inbox(database, lambda: self.now, lambda: self.run)
        self.errors: dict[int, list[BaseException]] = {}
        self.begun: list[int] = []
        self.handled: list[int] = []
        self.chats: list[Chat | None] = []
        self.given_up: list[tuple[int, str]] = []
        self.running = self.most = 0
        self.open = asyncio.Event()
        self.open.set()
        self._changed = asyncio.Condition()

    async def handle(self, payload: dict[str, Any]) -> None:
        """Handle an update once the desk is open; fail with the next of its errors, if it has any."""
        received = Update.de_json(payload, None)
        self.begun.append(received.update_id)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._tell()
            await self.open.wait()
            self.handled.append(received.update_id)
            self.chats.append(received.effective_chat)
            if errors := self.errors.get(received.update_id):
                raise errors.pop(0)
        finally:
            self.running -= 1
            await self._tell()

    async def give_up(self, payload: dict[str, Any], reference: str) -> None:
        self.given_up.append((payload["update_id"], reference))
        await self._tell()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(condition)

    async def settled(self) -> None:
        """Wait until nothing is being worked on and nothing is due."""
        async with asyncio.timeout(60):
            while self.inbox._tasks or self.is_due():  # noqa: ASYNC110 - rows call nobody
                await asyncio.sleep(0.002)

    def is_due(self) -> bool:
        return any(self.inbox._due.get(row["number"], 0) <= self.run for row in self.rows(HEADS))

    async def later(self, seconds: float) -> None:
        """Let time pass, and all that is due then be done."""
        self.now += seconds
        self.run += seconds
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
    chats = range(1, QUESTIONS_AT_ONCE + 5)
    for turn in range(3):
        for chat in chats:
            await desk.inbox.put(update(chat * 10 + turn, chat))
    await desk.until(lambda: desk.running == QUESTIONS_AT_ONCE)
    desk.open.set()
    await desk.settled()
    assert desk.most == QUESTIONS_AT_ONCE
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


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (update(1, ANN), Address(ANN, ANN, f"{ANN}")),
        (update(1, GROUP, person=ANN), Address(GROUP, ANN, f"{GROUP}")),
        (joined(1), Address(GROUP, ANN, f"{GROUP}")),
        (tap(1, BEN, GROUP), Address(GROUP, BEN, f"tap:{BEN}")),
        (inline(1, BEN), Address(BEN, BEN, f"inline:{BEN}")),
        (Update(1), Address(0, 0, "0")),
    ],
    ids=["private", "group", "membership", "tap", "inline", "nobody's"],
)
def test_who_waits_for_whom(received: Update, expected: Address) -> None:
    assert address(received) == expected


async def test_a_tap_waits_neither_for_its_chat_nor_for_all_the_questions_that_wait(desk: Desk) -> None:
    desk.open.clear()
    for chat in range(1, 2 * AT_ONCE):
        await desk.inbox.put(update(chat, chat))
    await desk.until(lambda: desk.running == QUESTIONS_AT_ONCE)
    await desk.inbox.put(inline(101, person=1))
    await desk.inbox.put(inline(102, person=2))
    await desk.until(lambda: {101, 102} <= {*desk.begun})
    await desk.inbox.put(inline(103, person=3))
    await desk.inbox.put(tap(104, person=1, chat=1))
    await desk.until(lambda: 104 in desk.begun)
    await desk.inbox.put(tap(105, person=2, chat=1))
    await desk.until(lambda: 105 in desk.begun)
    assert desk.running == AT_ONCE
    assert 103 not in desk.begun  # of inline queries there may be too many at once, too
    desk.open.set()
    await desk.settled()
    assert Counter(desk.handled) == Counter([*range(1, 2 * AT_ONCE), 101, 102, 103, 104, 105])


async def test_the_taps_of_a_person_are_handled_in_order(desk: Desk) -> None:
    for number in range(1, 9):
        await desk.inbox.put(tap(number, chat=ANN if number % 2 else GROUP))
    await desk.settled()
    assert desk.handled == [*range(1, 9)]
    assert desk.most == 1


async def test_of_what_a_person_types_only_the_last_is_searched_for(desk: Desk) -> None:
    desk.open.clear()
    await desk.inbox.put(inline(1, text="p"))
    await desk.until(lambda: desk.running)
    for number, text in [(2, "pa"), (3, "pac"), (4, "pact")]:
        await desk.inbox.put(inline(number, text=text))
        await desk.inbox.put(inline(number + 10, BEN, text))
    await desk.inbox.put(inline(3, text="pac"))  # which comes a second time, and changes nothing
    await desk.inbox.put(update(20))
    desk.open.set()
    await desk.settled()
    mine = [number for number in desk.handled if number < 10]
    assert mine == [1, 4]
    assert 14 in desk.handled
    assert 20 in desk.handled
    assert {name: {row[name] for row in desk.rows()} for name in DONE_ROW} == {
        name: {value} for name, value in DONE_ROW.items()
    }


async def test_how_many_wait_is_known_at_any_time_and_after_a_restart(database: Database) -> None:
    first = Desk(database)
    for number in range(1, 6):
        await first.inbox.put(update(number, number))
        await first.inbox.put(update(number, number))
        assert first.inbox.waiting() == number
    await first.inbox.put(inline(6))
    await first.inbox.put(inline(7))
    assert first.inbox.waiting() == 6
    async with at_work(Desk(database)) as second:
        assert second.inbox.waiting() == 6
        await until(lambda: not second.inbox.waiting())
        assert sorted(second.handled) == [1, 2, 3, 4, 5, 7]


async def test_who_floods_is_no_crowd_and_many_people_are(desk: Desk) -> None:
    desk.open.clear()
    for number in range(1, 101):
        await desk.inbox.put(update(number, ANN))
    await until(lambda: desk.inbox.crowd() == CROWD)
    assert desk.inbox.waiting() == 100
    for number in range(101, 131):
        await desk.inbox.put(update(number, number))
    await until(lambda: desk.inbox.crowd() == CROWD + 30)
    assert desk.inbox.waiting() == 130
    desk.open.set()


async def test_what_waits_in_a_group_is_answered_in_the_supergroup_that_it_became(desk: Desk) -> None:
    desk.open.clear()
    await desk.inbox.put(update(1, GROUP, person=ANN))
    await desk.until(lambda: desk.running)
    for waits in (update(2, GROUP, person=BEN), joined(3), update(4, ANN)):
        await desk.inbox.put(waits)
    await desk.until(lambda: desk.running == 2)
    for number in range(5, 30):
        await desk.inbox.put(tap(number, BEN, GROUP))
    desk.database.write(lambda db: move_chat(db, GROUP, SUPERGROUP))
    await desk.inbox.put(update(30, SUPERGROUP, person=ANN))
    desk.open.set()
    await desk.settled()
    assert Counter(desk.handled) == Counter(range(1, 31))  # none twice, though 1 was in work
    chats = dict(zip(desk.handled, desk.chats, strict=True))
    for number in (2, 3, 29):
        where = chats[number]
        assert where is not None
        assert (where.id, where.type, where.title) == (SUPERGROUP, "supergroup", "Readers")
    assert chats[4] == Chat(ANN, "private")
    in_group = [number for number in desk.handled if number in (1, 2, 3, 30)]
    assert in_group == [1, 2, 3, 30]


async def test_who_is_forgotten_leaves_nothing_that_waits_nor_dead_letters(desk: Desk) -> None:
    desk.errors[1] = [RuntimeError("no")] * MAX_FAILURES
    await desk.inbox.put(update(1, GROUP, person=ANN))
    (wrapped,) = parsed([{"update_id": 2, "message": {"date": "never", "from": user(ANN)}}])
    await desk.inbox.put(wrapped)
    await desk.settled()
    await desk.later(10)
    await desk.later(10)
    assert len(desk.rows("state = 'dead' and person = ?", ANN)) == 2
    desk.open.clear()
    for number, person in [(3, ANN), (4, ANN), (5, BEN)]:
        await desk.inbox.put(update(number, GROUP, person=person))
    await desk.until(lambda: desk.running)
    desk.database.write(lambda db: forget_person(db, ANN))
    assert [row["update_id"] for row in desk.rows("state != 'done'")] == [5]
    desk.open.set()
    await desk.settled()
    await desk.inbox.put(update(4, GROUP, person=ANN))
    await desk.settled()
    assert desk.handled[-2:] == [3, 5]  # 3 was in work; 4 is known and done
    assert {tuple(row[name] for name in DONE_ROW) for row in desk.rows()} == {tuple(DONE_ROW.values())}


async def test_what_fails_for_good_after_its_person_was_forgotten_is_no_dead_letter(desk: Desk) -> None:
    desk.errors[1] = [RuntimeError("no")] * MAX_FAILURES
    await desk.inbox.put(update(1))
    await desk.settled()
    await desk.later(RETRY_SECONDS)
    desk.open.clear()
    desk.run += 2 * RETRY_SECONDS
    desk.inbox._changed.set()
    await desk.until(lambda: desk.running)
    desk.database.write(lambda db: forget_person(db, ANN))
    desk.open.set()
    await desk.settled()
    assert desk.handled == [1] * MAX_FAILURES
    assert [row["state"] for row in desk.rows()] == ["done"]


async def test_what_would_wait_for_the_index_waits_no_more_once_its_person_was_forgotten(desk: Desk) -> None:
    desk.errors[1] = [Away("It does not answer.")]
    desk.open.clear()
    await desk.inbox.put(update(1))
    await desk.until(lambda: desk.running)
    desk.database.write(lambda db: forget_person(db, ANN))
    desk.open.set()
    await desk.settled()
    await desk.later(AWAY_SECONDS)
    assert desk.handled == [1]
    assert [{name: row[name] for name in DONE_ROW} for row in desk.rows()] == [DONE_ROW]


async def test_what_waits_for_the_index_is_tried_as_often_as_it_takes_and_its_chat_goes_on(
    desk: Desk,
) -> None:
    desk.errors[1] = [Away("It does not answer.")] * (MAX_FAILURES + 2)
    await desk.inbox.put(update(1))
    await desk.inbox.put(update(2))
    await desk.settled()
    assert desk.handled == [1, 2]
    for _ in range(MAX_FAILURES + 2):
        await desk.later(AWAY_SECONDS)
    assert desk.handled == [1, 2, *[1] * (MAX_FAILURES + 2)]
    assert (desk.given_up, desk.rows("state != 'done'")) == ([], [])


async def test_what_waited_before_there_were_lanes_is_handled(tmp_path: Path) -> None:
    database = Database(tmp_path / "citewire.db")
    before = Migrations("inbox")  # as the set was called in which each feature had its own tables
    before()(schema.create_inbox)
    database.migrate(before)
    insert = "insert into inbox (update_id, chat, payload, state, received) values (?, ?, ?, ?, 1700000000)"

    def fill(db: Connection) -> None:
        for number, state in [(1, "done"), (2, "waiting"), (3, "waiting"), (4, "dead")]:
            payload = None if state == "done" else update(number).to_json()
            db.execute(insert, [number, 0 if state == "done" else ANN, payload, state])

    database.write(fill)
    schema.migrate(database)
    async with at_work(Desk(database)) as desk:
        assert [(row["lane"], row["person"]) for row in desk.rows("state = 'dead'")] == [(f"{ANN}", ANN)]
        await desk.inbox.put(update(1))
        await desk.inbox.put(update(5))
        await desk.settled()
    assert desk.handled == [2, 3, 5]
    assert desk.most == 1
    database.close()


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
    ((update_id, reference),) = desk.given_up
    assert update_id == 1
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


async def test_while_telegram_is_away_a_chat_is_tried_seldom_and_after_it_once(database: Database) -> None:
    desk = Desk(database)
    chats, back = range(1, 41), desk.run + 60
    tries: dict[int, list[float]] = defaultdict(list)
    sent: list[int] = []

    async def handle(payload: dict[str, Any]) -> None:
        tries[payload["update_id"]].append(desk.run)
        if desk.run < back:
            raise NetworkError("httpx.ConnectError")
        sent.append(payload["update_id"])

    work = asyncio.create_task(desk.inbox.work(handle, desk.give_up))
    for chat in chats:
        await desk.inbox.put(update(chat, chat))
    await desk.settled()
    for _ in range(66):
        await desk.later(1)
    await desk.inbox.stop()
    await work
    assert sorted(sent) == [*chats]
    assert all(len(times) > 2 for times in tries.values())
    pauses = [later - earlier for times in tries.values() for earlier, later in pairwise(times)]
    assert min(pauses) >= OUTAGE_SECONDS


@pytest.mark.parametrize("jump", [-3600, 3600])
async def test_a_clock_that_jumps_changes_no_wait(desk: Desk, jump: int) -> None:
    desk.errors[1] = [RetryAfter(300), RuntimeError("no")]
    await desk.inbox.put(update(1))
    await desk.settled()
    desk.now += jump
    await desk.later(299)
    assert desk.handled == [1]
    await desk.later(1)
    desk.now += jump
    await desk.later(RETRY_SECONDS)
    assert desk.handled == [1] * 3


@pytest.mark.parametrize(
    ("passed", "left"),
    [(100, 200), (400, 0), (-3600, 300), (3600, 0)],
    ids=["a part of the wait", "more than it", "the clock jumped back", "the clock jumped on"],
)
async def test_a_wait_goes_on_after_a_restart_and_is_never_longer_than_asked(
    database: Database, passed: int, left: int
) -> None:
    async with at_work(Desk(database)) as first:
        first.errors[1] = [RetryAfter(300)]
        await first.inbox.put(update(1))
        await first.settled()
    second = Desk(database, first.now + passed)
    async with at_work(second):
        await second.settled()
        assert second.handled == ([] if left else [1])
        await second.later(max(left - 1, 0))
        assert second.handled == ([] if left else [1])
        await second.later(1)
        assert second.handled == [1]
    assert second.inbox._due == {}


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
    kept = {name: row[name] for name in ("update_id", "state", "payload", "chat", "person", "lane")}
    assert kept == DONE_ROW | {"update_id": 1}


def holds(database: Database, text: str) -> bool:
    """Whether any file of the database holds `text` in any of its bytes."""
    files = database.path.parent.glob(f"{database.path.name}*")
    return any(text.encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize("letters", [20, 30_000], ids=["short", "over many pages"])
async def test_what_is_done_is_soon_in_no_byte_of_the_files(
    database: Database, monkeypatch: pytest.MonkeyPatch, letters: int
) -> None:
    monkeypatch.setattr(bot.transport.inbox, "QUIET_SECONDS", 0.05)
    async with at_work(Desk(database)) as desk:
        desk.open.clear()
        for number in range(1, 30):
            text = f"question {number} of a person {'x' * letters} in private"
            await desk.inbox.put(update(number, ANN + number % 3, text))
        await desk.until(lambda: desk.running == 3)
        assert holds(database, "of a person")
        assert holds(database, "in private")
        desk.open.set()
        await desk.settled()
        await until(lambda: not holds(database, "of a person"))
        assert not holds(database, "in private")


async def test_a_long_wait_of_one_chat_keeps_no_trace_of_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.transport.inbox, "QUIET_SECONDS", 0.05)
    async with at_work(Desk(database)) as desk:
        desk.errors[1] = [RetryAfter(43_837)]
        await desk.inbox.put(update(1, ANN, "what Ann asks"))
        await desk.inbox.put(update(2, BEN, "what Ben asks"))
        await until(lambda: desk.handled and not holds(database, "what Ben asks"))
        assert sorted(desk.handled) == [1, 2]
        assert holds(database, "what Ann asks")


async def test_traces_go_as_soon_as_nobody_reads_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.transport.inbox, "QUIET_SECONDS", 0.05)
    async with at_work(Desk(database)) as desk:
        await desk.inbox.put(update(1, text="a private question"))
        with database.snapshot() as db:
            db.execute("select * from inbox").fetchall()
            await until(lambda: desk.handled and not desk.inbox.waiting())
            assert not database.scrub()
            assert holds(database, "a private question")
        await until(lambda: not holds(database, "a private question"))


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
    (wrapped,) = parsed([raw])
    await desk.inbox.put(wrapped)
    await desk.inbox.put(update(2))
    await desk.settled()
    assert desk.handled == [2]
    (dead,) = desk.rows("state = 'dead'")
    assert json.loads(dead["payload"]) == raw


@pytest.mark.parametrize("person", ["100", 2**63, 1.5, None])
def test_a_sender_whose_id_is_no_number_is_set_aside_and_stays_unknown(person: object) -> None:
    sender = {**user(ANN), "id": person}
    raw = {"update_id": 1, "message": {**message(1, GROUP, ANN), "from": sender}}
    (wrapped,) = parsed([raw])
    assert (wrapped.update_id, wrapped.api_kwargs) == (1, {UNPARSED: raw})
    assert sender_of(raw) == 0


async def test_keys_of_our_own_in_what_comes_in_mean_nothing(desk: Desk) -> None:
    raw = {"update_id": 1, "message": message(1, ANN, ANN), PARSED: {"update_id": 8}, PAYLOAD: "nonsense"}
    (came,) = parsed([raw])
    await desk.inbox.put(came)
    await desk.settled()
    assert desk.handled == [1]


async def test_what_is_not_an_update_is_passed_on(desk: Desk) -> None:
    await desk.inbox.put("a sentinel of PTB's own")
    assert await desk.inbox.get() == "a sentinel of PTB's own"
    assert desk.rows() == []


async def test_what_is_not_done_when_it_stops_is_done_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.transport.inbox, "GRACE_SECONDS", 0.01)
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
    monkeypatch.setattr(bot.transport.inbox, "GRACE_SECONDS", 0.0)
    for life in range(MAX_STARTS):
        async with at_work(Desk(database)) as desk:
            desk.open.clear()
            await desk.inbox.put(update(1))
            await desk.until(lambda desk=desk: desk.running)
        assert not desk.given_up, life
    async with at_work(Desk(database)) as desk:
        await desk.settled()
    assert desk.handled == []
    assert [update_id for update_id, _ in desk.given_up] == [1]


def fill_disk(database: Database) -> None:
    """Let the file grow no further, as on a full disk."""
    database.write(lambda db: db.execute("pragma max_page_count = 1").fetchone())


def free_disk(database: Database) -> None:
    """Let it grow again; a change in the same transaction as one that finds it full fails with that."""
    while True:
        with suppress(sqlite3.OperationalError):
            database.write(lambda db: db.execute("pragma max_page_count = 1000000").fetchone())
            return


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
    monkeypatch.setattr(bot.transport.inbox, "STORAGE_SECONDS", 0.01)
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
