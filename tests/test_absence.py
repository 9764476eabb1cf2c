"""While the index is away nothing is lost: what needs it waits, is told so, and is made good later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Line, Wired, until
from telegram import Update
from updates import ANN, private

import bot.inbox
from bot.assistant import Assistant
from bot.words import LANGUAGES, words_for

ADMIN, BEN = 1, 200
LATER = words_for("en")("index-away")

Json = dict[str, Any]


@pytest.fixture
def line(coast: Assistant) -> Line:
    """The line to the index of the assistant about lighthouses."""
    return Line(coast)


class People:
    """Writes to a bot at work, whose questions may wait."""

    def __init__(self, made: Wired, first: int = 1) -> None:
        self.made = made
        self._number = first

    async def write(self, *updates: Json) -> None:
        """Let updates come in, and wait until each is handled or waits for the index."""
        inbox = self.made.parts.inbox
        for update in updates:
            self.made.api.learn(update)
            await inbox.put(Update.de_json({"update_id": self._number, **update}, None))
            self._number += 1
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is handled, and what still waits waits for the index."""
        await until(lambda: not self._open())

    def _open(self) -> bool:
        sql = "select count(*) from inbox where state = 'waiting' and lane not glob 'aside:*'"
        (open_,) = self.made.parts.inbox._db.read().execute(sql).fetchone()
        return bool(open_ or self.made.parts.inbox._in_work)

    async def answered(self) -> None:
        """The index is found to be back, and all that waited is handled."""
        await self.made.parts.recovery.look()
        await until(lambda: not self.made.parts.inbox.waiting())


@asynccontextmanager
async def at_work(made: Wired, first: int = 1) -> AsyncIterator[People]:
    """The inbox at work, as bot.server has it work."""
    given_up: list[str] = []

    async def give_up(payload: Json, reference: str) -> None:
        given_up.append(reference)

    work = asyncio.create_task(made.parts.inbox.work(made.process, give_up))
    yield People(made, first)
    await made.parts.inbox.stop()
    await work
    assert not given_up
    assert not made.api.violations


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the index looks often."""
    monkeypatch.setattr(bot.inbox, "AWAY_SECONDS", 0.01)


@pytest.fixture
async def people(bot: Wired) -> AsyncIterator[People]:
    async with at_work(bot) as people:
        yield people


def texts(made: Wired, chat: int = ANN) -> list[str]:
    """What the bot said in a chat."""
    return [sent.text for sent in made.api.messages if sent.chat_id == chat]


def is_answer(sent: Sent) -> bool:
    return bool(sent.pieces("expandable_blockquote"))


def answers(made: Wired) -> list[Sent]:
    return [sent for sent in made.api.messages if is_answer(sent)]


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a_question_is_told_at_once_that_it_waits_and_is_answered_later(
    bot: Wired, people: People, line: Line, code: str
) -> None:
    line.is_cut = True
    user = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": code}
    asked = private(COST, user)
    await people.write(asked)
    assert texts(bot) == [words_for(code)("index-away")]
    line.is_cut = False
    await people.answered()
    (answer,) = answers(bot)
    assert len(texts(bot)) == 2
    assert answer.reply_parameters is not None
    assert answer.reply_parameters["message_id"] == asked["message"]["message_id"]


async def test_nobody_tries_an_index_that_is_away_but_one(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    await people.write(private(COST))
    tried = len(line.tries)
    await people.write(*(private(COST, person) for person in range(1000, 1040)))
    await bot.parts.recovery.look()
    assert len(line.tries) == tried + 1
    assert texts(bot, 1039) == [LATER]
    line.is_cut = False
    await people.answered()
    assert len(answers(bot)) == 41
