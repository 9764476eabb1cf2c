"""/rollback and /generations: the index before serves again after one tap, once, and lacks nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from bot_api_chats import Sent
from conftest import lighthouse
from fakes import Wired
from updates import buttons, press, private, tap

from bot.admin import reindex_jobs
from bot.admin.desk import EXPIRED, LEFT, RUNNING
from bot.admin.reindex import ASKED, NONE_BEFORE
from bot.assistant import Assistant
from bot.records.audit import AuditLog
from corpus.store import Incoming

ADMIN, OTHER = 1, 200


@pytest.fixture
async def twice(bot: Wired, coast: Assistant) -> AsyncIterator[Wired]:
    """The bot with two generations, the second of which serves."""
    coast.reindex(full=True)
    yield bot
    assert not bot.api.violations


async def ask(made: Wired, text: str = "/rollback", user: int = ADMIN) -> Sent:
    """The message that answers an admin."""
    await made.tell(private(text, user))
    return made.api.messages[-1]


def noted(coast: Assistant) -> list[tuple[int, str, str, str]]:
    """What the log of the admins' acts holds, the oldest first."""
    acts = reversed(AuditLog(coast.database).newest(99))
    return [(act.person, act.act, act.about, act.result) for _, act in acts]


async def test_where_there_is_none_before_nothing_is_asked(bot: Wired, coast: Assistant) -> None:
    assert (await ask(bot)).text == NONE_BEFORE
    assert (await ask(bot, "/generations")).text.startswith("g000001, serves now")
    assert noted(coast) == []


async def test_one_tap_brings_it_back_with_what_came_in_since(twice: Wired, coast: Assistant) -> None:
    coast.store.put(Incoming(replace(lighthouse(0), id="more"), "more", keep_id=True))
    coast.reindex()
    sent = await ask(twice)
    head, before = sent.text.split("\n")
    assert head == ASKED
    assert before.startswith("g000001, the one before:")
    assert coast.generation() == "g000002"
    await twice.calls_after(press(sent, "Go back", ADMIN))
    assert sent.text.startswith("g000001 serves again. Articles: 1 added")
    assert buttons(sent) == {}
    assert coast.generation() == "g000001"
    assert coast.findable(["more", "light0"]) == ["more", "light0"]
    assert noted(coast) == [(ADMIN, "roll back", "g000001", "g000001 serves again.")]
    kept = (await ask(twice, "/generations")).text.split("\n\n")
    assert [each.split(":")[0] for each in kept] == ["g000001, serves now", "g000002, the one before"]


async def test_of_500_replays_none_does_anything(twice: Wired, coast: Assistant) -> None:
    sent = await ask(twice)
    before = sent.shown()
    data = buttons(sent)["Go back"]
    await twice.calls_after(press(sent, "Go back", ADMIN))
    for number in range(500):
        await twice.calls_after(tap(before, data, (ADMIN, OTHER)[number % 2]))
    assert coast.generation() == "g000001"
    assert len(noted(coast)) == 1
    assert sent.text == EXPIRED


async def test_cancel_leaves_all_as_it_is(twice: Wired, coast: Assistant) -> None:
    sent = await ask(twice)
    data = buttons(sent)["Go back"]
    await twice.calls_after(press(sent, "Cancel", ADMIN))
    assert sent.text == LEFT
    await twice.calls_after(tap(sent, data, ADMIN))
    assert coast.generation() == "g000002"


async def test_while_a_reindex_is_asked_for_there_is_no_way_back(twice: Wired, coast: Assistant) -> None:
    sent = await ask(twice)
    coast.database.write(lambda db: reindex_jobs.add_job(db, ADMIN, 1, ADMIN, full=True))
    await twice.calls_after(press(sent, "Go back", ADMIN))
    assert sent.text == RUNNING
    assert coast.generation() == "g000002"
    assert noted(coast) == [(ADMIN, "roll back", "", RUNNING)]


async def test_one_that_was_made_with_another_model_does_not_come_back(bot: Wired, coast: Assistant) -> None:
    coast.encoder.name = "hash@2"
    coast.reindex()
    sent = await ask(bot)
    await bot.calls_after(press(sent, "Go back", ADMIN))
    assert "the model was all-MiniLM-L6-v2@hash and is now hash@2" in sent.text
    assert coast.generation() == "g000002"
    assert noted(coast) == [(ADMIN, "roll back", "", sent.text)]
