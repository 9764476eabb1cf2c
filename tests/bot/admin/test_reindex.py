"""/reindex as an admin has it: one at a time, followed by its message, called off, taken up after a stop."""

import asyncio
import contextlib
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bot_api import Call
from bot_api_chats import Sent
from conftest import CAPES, lighthouse
from encoders import HashEncoder
from fakes import Wired, until, wired
from sqlite_utils import Database as Connection
from updates import buttons, press, private, tap

from bot.admin import reindex_jobs
from bot.admin.reindex import BUSY, ENDING, HOW, SETTLED, UNBEGUN, WAITS
from bot.admin.reindex_jobs import HEADS, MAX_RESULT, MEANWHILE, PAUSED, RESUMED
from bot.assistant import Assistant
from bot.config import Config
from bot.posting.watches import arrived
from bot.records.audit import AuditLog
from bot.transport.sender import Sender
from corpus.errors import CitewireError
from corpus.store import Incoming
from index.encoding.embed import Sentence
from index.encoding.texts import Text
from index.generation import Described

ADMIN, OTHER = 1, 2


class Held(HashEncoder):
    """A HashEncoder that gets on with articles slowly, but while it is let."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.may.set()
        self.begun = 0

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """As HashEncoder, in its own time."""
        self.begun += 1
        while not self.may.wait(0.002):
            done(1)
        return super().encode_passages(passages, done)


@pytest.fixture
def encoder() -> Held:
    return Held()


@pytest.fixture
def coast(config: Config, coast_data: Path, encoder: Held) -> Iterator[Assistant]:
    """An assistant on a copy of the articles about lighthouses."""
    shutil.copytree(coast_data, config.data, dirs_exist_ok=True)
    made = Assistant(replace(config, admins=frozenset({ADMIN, OTHER})), encoder, arrived)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are edited without much waiting."""
    monkeypatch.setattr("bot.admin.reindex_jobs.EVERY", 0.01)


@contextlib.asynccontextmanager
async def holding(encoder: Held) -> AsyncIterator[None]:
    """No article gets done meanwhile."""
    encoder.may.clear()
    yield
    encoder.may.set()


async def ask(made: Wired, text: str, user: int = ADMIN) -> Sent:
    """The message that answers an admin."""
    await made.tell(private(text, user))
    return made.api.messages[-1]


async def notice(made: Wired, update: dict[str, Any]) -> str:
    """What a tap is answered with."""
    calls = await made.calls_after(update)
    (said,) = (call.params["text"] for call in calls if call.method == "answerCallbackQuery")
    return str(said)


async def done(made: Wired) -> None:
    """Wait until nothing that was asked for is left."""
    worker, database = made.parts.reindexes, made.services.database
    await until(lambda: not worker.state() and not reindex_jobs.jobs(database.read()))


def edits(made: Wired, message: Sent) -> list[str]:
    """What a message was made to say, one after the other."""
    calls = [call.params for call in made.api.calls if call.method == "editMessageText"]
    return [params["text"] for params in calls if params["message_id"] == message.message_id]


def noted(coast: Assistant) -> list[tuple[int, str, str]]:
    """What the log of the admins' acts holds, the oldest first."""
    return [(act.person, act.act, act.result) for _, act in reversed(AuditLog(coast.database).newest(99))]


def put_another(coast: Assistant) -> None:
    coast.store.put(Incoming(replace(lighthouse(0), id="more"), "more", keep_id=True))


async def test_one_message_says_that_it_goes_on_and_then_what_was_done(bot: Wired, coast: Assistant) -> None:
    put_another(coast)
    sent = await ask(bot, "/reindex")
    await done(bot)
    assert sent.text.startswith(f"Articles: 1 added, 0 changed, 0 withdrawn, {len(CAPES)} unchanged, in 0.")
    assert buttons(sent) == {}
    assert noted(coast) == [(ADMIN, "reindex", sent.text)]
    assert coast.findable(["more"]) == ["more"]
    assert not bot.api.violations


async def test_what_is_new_in_the_folder_is_found_at_once(bot: Wired, coast: Assistant) -> None:
    (coast.config.corpus / "pier.txt").write_text("The pier was rebuilt after the great storm of 1953.")
    await ask(bot, "/reindex")
    await done(bot)
    (sent,) = await bot.tell(private("After which storm was the pier rebuilt?", 7))
    assert "great storm of 1953" in sent["text"]


async def test_files_that_are_refused_are_named_in_the_order_of_the_folder(
    bot: Wired, coast: Assistant
) -> None:
    for name in ("one.txt", "two.txt"):
        (coast.config.corpus / name).write_text("Log in to read on.")
    sent = await ask(bot, "/reindex")
    await done(bot)
    _, one, two = sent.text.splitlines()
    assert one.startswith("Not taken in: one.txt")
    assert two.startswith("Not taken in: two.txt")


async def test_meanwhile_the_message_says_how_far_it_is_and_people_are_answered(
    bot: Wired, coast: Assistant, encoder: Held
) -> None:
    before = coast.generation()
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        await until(lambda: "Encoding ▱▱" in sent.text)
        assert sent.text.startswith(HEADS[True])
        assert buttons(sent) == {"Cancel": "calloff"}
        (answer,) = await bot.tell(private("What did the lighthouse of Cape Wrath cost?", 7))
        assert "million pounds" in answer["text"]
        assert coast.generation() == before
    await done(bot)
    assert sent.text.startswith("Articles: 0 added")
    assert coast.generation() != before
    assert noted(coast) == [(ADMIN, "reindex full", sent.text)]
    assert not bot.api.violations


async def test_one_edit_is_made_at_a_time_and_the_last_one_says_what_was_done(
    bot: Wired, encoder: Held
) -> None:
    going: list[int] = []
    most = 0

    def received(_call: Call) -> None:
        nonlocal most
        going.append(1)
        most = max(most, len(going))

    bot.api.on("editMessageText", "received", received)
    bot.api.on("editMessageText", "answered", lambda _call: going.pop())
    bot.api.fault("editMessageText", "slow", times=99, seconds=0.05)  # five times what lies between two
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        await until(lambda: len(edits(bot, sent)) > 2)
    await done(bot)
    assert most == 1
    assert edits(bot, sent)[-1] == sent.text
    assert sent.text.startswith("Articles:")


async def test_what_came_of_it_is_noted_before_telegram_is_done_with_an_edit(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun, may = Sender.edit, asyncio.Event(), asyncio.Event()

    async def late(*given: Any) -> bool:
        begun.set()
        await may.wait()
        return await real(*given)

    monkeypatch.setattr(Sender, "edit", late)
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        await begun.wait()
    try:
        await until(lambda: noted(coast))
        (order,) = reindex_jobs.jobs(coast.database.read())
        assert sent.text.startswith(HEADS[True])
    finally:
        may.set()
    await done(bot)
    assert sent.text == order.result


@pytest.mark.parametrize("full", [False, True])
async def test_cancel_ends_it_within_a_batch_and_the_index_serves_as_before(
    bot: Wired, coast: Assistant, encoder: Held, full: bool
) -> None:
    put_another(coast)
    before = coast.generation()
    async with holding(encoder):
        sent = await ask(bot, "/reindex full" if full else "/reindex")
        await until(lambda: encoder.begun)
        assert await notice(bot, press(sent, "Cancel", ADMIN)) == ENDING
        await done(bot)
    assert "called off" in sent.text
    assert buttons(sent) == {}
    assert (coast.generation(), coast.findable(["more"])) == (before, [])
    assert noted(coast) == [
        (ADMIN, "call off a reindex", ENDING),
        (ADMIN, "reindex full" if full else "reindex", sent.text),
    ]
    assert await notice(bot, tap(sent, "calloff", ADMIN)) == SETTLED


async def test_of_twenty_one_runs_one_waits_and_the_others_share_that(
    bot: Wired, coast: Assistant, encoder: Held
) -> None:
    async with holding(encoder):
        texts = ["/reindex full", "/reindex", *["/reindex", "/reindex full"] * 9]
        users = [ADMIN, OTHER] * 10
        sent = [await ask(bot, text, user) for text, user in zip(texts, users, strict=True)]
        assert [WAITS in each.text for each in sent] == [False, True, *[False] * 18]
        assert [each.text for each in sent[2:]] == [BUSY] * 18
        assert len(reindex_jobs.jobs(coast.database.read())) == reindex_jobs.MAX_JOBS
    await done(bot)
    assert encoder.begun == 2
    assert [(person, act) for person, act, _ in noted(coast)] == [
        (ADMIN, "reindex full"),
        (OTHER, "reindex full"),  # since others who share it asked for that
    ]
    assert all(each.text.startswith("Articles:") for each in sent[:2])
    assert not bot.api.violations


async def test_what_waits_can_be_called_off_and_makes_room(
    bot: Wired, coast: Assistant, encoder: Held
) -> None:
    async with holding(encoder):
        await ask(bot, "/reindex full")
        waiting = await ask(bot, "/reindex")
        assert await notice(bot, press(waiting, "Cancel", ADMIN)) == waiting.text == UNBEGUN
        assert buttons(waiting) == {}
        assert WAITS in (await ask(bot, "/reindex")).text
    await done(bot)
    assert encoder.begun == 1


async def test_what_is_called_off_just_as_it_is_taken_up_does_not_run(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with holding(encoder):
        first, waiting = await ask(bot, "/reindex full"), await ask(bot, "/reindex full")
        await until(lambda: encoder.begun)
        real = reindex_jobs.begin_job

        def withdrawn_before(db: Connection, number: int, now: float) -> bool:
            assert reindex_jobs.call_off_job(db, ADMIN, waiting.message_id)
            return real(db, number, now)

        monkeypatch.setattr(reindex_jobs, "begin_job", withdrawn_before)
    await done(bot)
    assert first.text.startswith("Articles:")
    assert WAITS in waiting.text
    assert encoder.begun == 1
    assert len(noted(coast)) == 1
    assert bot.parts.reindexes.state() == ""


async def test_cancel_of_what_nobody_knows_any_more_takes_its_button_and_leaves_its_text(
    bot: Wired, coast: Assistant, encoder: Held
) -> None:
    async with holding(encoder):
        await ask(bot, "/reindex full")
        waiting = await ask(bot, "/reindex")
        coast.database.write(lambda db: reindex_jobs.call_off_job(db, ADMIN, waiting.message_id))
        text, cancel = waiting.text, press(waiting, "Cancel", ADMIN)
        assert [await notice(bot, cancel) for _ in range(2)] == [SETTLED, SETTLED]
        assert (waiting.text, buttons(waiting)) == (text, {})
    await done(bot)
    assert not bot.api.violations


async def test_it_and_its_message_outlive_a_restart(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with holding(encoder):
        sent, waiting = await ask(bot, "/reindex full"), await ask(bot, "/reindex")
        await until(lambda: encoder.begun)
        await bot.parts.reindexes.stop()
        assert sent.text == PAUSED
        assert buttons(sent) == {"Cancel": "calloff"}
    async with wired(coast, monkeypatch, bot.api, bot.time) as later:
        later.parts.reindexes.start()
        await done(later)
    assert sent.text.startswith("Articles: 0 added")
    assert waiting.text.startswith("Articles: 0 added")
    assert len(noted(coast)) == 2
    assert not bot.api.violations


async def test_a_small_one_says_after_a_restart_that_it_counts_the_rest_only(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_another(coast)
    async with holding(encoder):
        sent = await ask(bot, "/reindex")
        await until(lambda: encoder.begun)
        await bot.parts.reindexes.stop()
    async with wired(coast, monkeypatch, bot.api, bot.time) as later:
        later.parts.reindexes.start()
        await done(later)
    assert sent.text.splitlines()[1:] == [RESUMED]


async def test_what_came_of_it_is_told_when_telegram_is_back_and_once(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transport.errors.OUTAGE_SECONDS", 0.01)
    monkeypatch.setattr("bot.admin.reindex_jobs.EVERY", 99.0)
    async with holding(encoder):
        sent = await ask(bot, "/reindex")
        bot.api.fault("editMessageText", "error", times=3, code=500)
    await done(bot)
    assert sent.text.startswith("Articles:")
    assert [text.startswith("Articles:") for text in edits(bot, sent)].count(True) == 4
    assert len(noted(coast)) == 1


async def test_what_telegram_never_heard_is_told_after_a_restart_without_another_run(
    bot: Wired, coast: Assistant, encoder: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ask(bot, "/reindex full")
    bot.api.is_away = True
    await until(lambda: noted(coast))
    await bot.parts.reindexes.stop()
    assert sent.text.startswith(HEADS[True])
    bot.api.is_away = False
    async with wired(coast, monkeypatch, bot.api, bot.time) as later:
        later.parts.reindexes.start()
        await done(later)
    assert (sent.text, encoder.begun) == (noted(coast)[0][2], 1)


async def test_where_the_message_was_deleted_another_one_says_what_was_done(
    bot: Wired, encoder: Held
) -> None:
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        gone = "Bad Request: message to edit not found"
        bot.api.fault("editMessageText", "error", times=99, code=400, description=gone)
    await done(bot)
    assert bot.api.messages[-1].text.startswith("Articles:")
    assert sent.text.startswith(HEADS[True])


@pytest.mark.parametrize("letter", ["a", "🗼"])
async def test_of_an_error_that_is_too_long_for_a_message_the_beginning_is_told(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    def refuse(*_: object) -> None:
        raise CitewireError(letter * 5000)

    monkeypatch.setattr(Assistant, "take_in", refuse)
    sent = await ask(bot, "/reindex")
    await done(bot)
    assert sent.text == letter * MAX_RESULT
    assert not bot.api.violations


async def test_what_telegram_never_takes_is_given_up_and_the_next_one_runs(
    bot: Wired, coast: Assistant, encoder: Held
) -> None:
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        await until(lambda: encoder.begun)
        bot.api.fault("editMessageText", "error", times=99, code=400, description="Bad Request: no")
        bot.api.fault("sendMessage", "error", times=1, code=400, description="Bad Request: no")
    await done(bot)
    assert sent.text.startswith(HEADS[True])
    assert reindex_jobs.jobs(coast.database.read()) == []
    assert (await ask(bot, "/reindex")).message_id != sent.message_id
    await done(bot)
    assert len(noted(coast)) == 2


@pytest.mark.parametrize("change", ["begin_job", "end_job", "remove_job"])
async def test_while_the_disk_is_full_it_is_tried_again_until_it_is_done(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(bot.parts.reindexes._worker, "_retry", 0.01)
    full = iter([True, True])
    real: Callable[..., object] = getattr(reindex_jobs, change)

    def write(*given: Any, **named: Any) -> object:
        if next(full, False):
            raise sqlite3.OperationalError("database or disk is full")
        return real(*given, **named)

    monkeypatch.setattr(reindex_jobs, change, write)
    sent = await ask(bot, "/reindex")
    await done(bot)
    assert sent.text.startswith("Articles:")
    assert noted(coast) == [(ADMIN, "reindex", sent.text)]
    assert reindex_jobs.jobs(coast.database.read()) == []
    assert not list(full)


async def test_without_the_folder_of_articles_it_says_so(bot: Wired, coast: Assistant) -> None:
    coast.config = replace(coast.config, corpus=Path("/nonexistent"))
    sent = await ask(bot, "/reindex")
    await done(bot)
    assert sent.text.startswith("There is no folder /nonexistent")


async def test_a_bug_is_told_by_its_reference_alone(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "take_in", lambda *_: 1 / 0)
    sent = await ask(bot, "/reindex")
    await done(bot)
    assert sent.text.startswith("Sorry, something went wrong on my side")
    assert noted(coast) == [(ADMIN, "reindex", sent.text)]


async def test_other_words_are_no_order(bot: Wired, coast: Assistant) -> None:
    for text in ("/reindex now", "/reindex full please", "/reindex -full"):
        assert (await ask(bot, text)).text == HOW
    assert reindex_jobs.jobs(coast.database.read()) == []


@pytest.mark.parametrize("value", ["", "1", "x" * 50])
async def test_nobody_but_an_admin_calls_it_off(bot: Wired, encoder: Held, value: str) -> None:
    async with holding(encoder):
        sent = await ask(bot, "/reindex full")
        await bot.calls_after(tap(sent, f"calloff:{value}", 7))
        await asyncio.sleep(0)
    await done(bot)
    assert sent.text.startswith("Articles:")
    assert MEANWHILE not in sent.text


@pytest.mark.parametrize(
    ("error", "reason"),
    [(CitewireError("There is no room."), "There is no room."), (OSError(), "Sorry, something went wrong")],
)
async def test_that_the_index_before_serves_again_is_said_though_it_could_not_be_brought_up(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    coast.reindex(full=True)
    sent = await ask(bot, "/rollback")

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Assistant, "reindex", refuse)
    await bot.calls_after(press(sent, "Go back", ADMIN))
    assert sent.text.startswith(f"g000001 serves again. {reason}")
    assert coast.generation() == "g000001"


@pytest.mark.parametrize("text", ["/generations", "/rollback", "/status"])
async def test_the_indexes_are_looked_at_while_others_are_answered(
    bot: Wired, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    threads: list[threading.Thread] = []
    real = Assistant.generations

    def noting(assistant: Assistant) -> list[Described]:
        threads.append(threading.current_thread())
        return real(assistant)

    monkeypatch.setattr(Assistant, "generations", noting)
    await ask(bot, text)
    (thread,) = threads
    assert thread is not threading.current_thread()
