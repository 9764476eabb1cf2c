"""What an admin has to confirm: one tap, a minute, one person, one chat, over restarts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bot_api_chats import Sent
from fakes import FakeTime, Wired, wired
from telegram import Message
from updates import buttons, press, private

from bot.admin import desk
from bot.admin.acts import Selection
from bot.assistant import Assistant
from bot.chats.chat import Chat
from bot.chats.request import Tap
from bot.records.pending_items import SECONDS, PendingItems
from bot.text.words import words_for
from corpus.database import Database

ADMIN, OTHER = 1, 2  # user 1 is an admin in the fixture `config`
MINUTE = SECONDS["confirmation"]


@pytest.fixture
def pending(database: Database, time: FakeTime) -> PendingItems:
    return PendingItems(database, time.clock)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def asked(bot: Wired) -> AsyncIterator[Sent]:
    """The question whether an article is to be withdrawn."""
    await bot.tell(private("/withdraw light0", ADMIN))
    yield bot.api.messages[-1]
    await bot.services.edits.stop()


class Query:
    """A tap that can be answered."""

    async def answer(self, *_: object, **__: object) -> None:
        """As telegram.CallbackQuery."""


def tapped(bot: Wired, asked: Sent, person: int = ADMIN, chat: int = ADMIN, number: str = "") -> Tap:
    """A tap on the first button of a question, or on one with another number."""
    shown: dict[str, Any] = asked.shown()
    message = Message.de_json(shown | {"chat": shown["chat"] | {"id": chat}}, bot.app.bot)
    number = number or next(iter(buttons(asked).values())).partition(":")[2]
    return Tap(Query(), message, person, Chat(chat), words_for("en"), (number,))  # type: ignore[arg-type]


def standing(assistant: Assistant) -> bool:
    return "light0" in assistant.store.fingerprints()


async def test_of_500_takers_at_once_one_gets_it(pending: PendingItems) -> None:
    number = await pending.add("confirmation", "act", person=ADMIN, chat=ADMIN)
    item = pending.get("confirmation", str(number), ADMIN)
    assert item is not None
    removed = await asyncio.gather(*(pending.remove(item) for _ in range(500)))
    assert sum(removed) == 1
    assert pending.get("confirmation", str(number), ADMIN) is None


@pytest.mark.parametrize(("seconds", "works"), [(MINUTE - 0.1, True), (MINUTE + 0.1, False), (86_400, False)])
async def test_it_works_for_a_minute(
    pending: PendingItems, time: FakeTime, seconds: float, works: bool
) -> None:
    number = await pending.add("confirmation", "act", person=ADMIN, chat=ADMIN)
    time.now += seconds
    assert (pending.get("confirmation", str(number), ADMIN) is not None) == works


async def test_a_number_of_another_kind_confirms_nothing(pending: PendingItems) -> None:
    number = await pending.add("draft", "act", person=ADMIN, chat=ADMIN)
    assert pending.get("confirmation", str(number), ADMIN) is None


async def test_one_tap_does_it_and_the_next_one_nothing(bot: Wired, coast: Assistant, asked: Sent) -> None:
    tap = tapped(bot, asked)
    await desk.confirm(bot.services, tap)
    assert not standing(coast)
    coast.store.restore(["light0"])
    await desk.confirm(bot.services, tap)
    assert standing(coast)


@pytest.mark.parametrize(("person", "chat"), [(OTHER, ADMIN), (ADMIN, OTHER), (OTHER, OTHER)])
@pytest.mark.parametrize("handle", [desk.confirm, desk.leave])
async def test_nobody_else_can_use_it_or_use_it_up(
    bot: Wired, coast: Assistant, asked: Sent, person: int, chat: int, handle: Any
) -> None:
    mine = tapped(bot, asked)
    await handle(bot.services, tapped(bot, asked, person, chat))
    assert standing(coast)
    await desk.confirm(bot.services, mine)
    assert not standing(coast)


@pytest.mark.parametrize("number", ["0", "999", "9" * 18])
async def test_a_number_that_was_never_given_does_nothing(
    bot: Wired, coast: Assistant, asked: Sent, number: str
) -> None:
    await desk.confirm(bot.services, tapped(bot, asked, number=number))
    await asyncio.gather(*bot.services.edits._tasks)
    assert (asked.text, standing(coast)) == (desk.EXPIRED, True)


async def test_it_can_be_confirmed_after_a_restart(
    bot: Wired, coast: Assistant, asked: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, bot.api, bot.time) as later:
        await later.calls_after(press(asked, "Withdraw", ADMIN))
    assert not standing(coast)


@pytest.mark.parametrize(
    ("text", "selection", "name"),
    [
        ("light0", Selection("article", ("light0",)), "light0"),
        ("outlet", Selection("article", ("outlet",)), "outlet"),
        ("OUTLET  The  Post ", Selection("outlet", ("The  Post",)), "outlet The  Post"),
        ("feed 007", Selection("feed", ("7",)), "feed 7"),
        ("feed x", Selection("feed", ("0",)), "feed 0"),
        ("feeds 3", Selection("article", ("feeds 3",)), "feeds 3"),
    ],
)
def test_a_selection_is_read_named_and_stored(text: str, selection: Selection, name: str) -> None:
    assert Selection.read(text) == selection
    assert str(selection) == name
    assert Selection.load(selection.dump()) == selection


def test_an_id_that_reads_like_an_outlet_is_stored_as_an_id() -> None:
    selection = Selection("article", ("outlet The Post",))
    assert Selection.load(selection.dump()) == selection
    assert Selection.read("feed 3", feeds=False) == Selection("article", ("feed 3",))
