"""While the index is away nothing is lost: what needs it waits, is told so, and is made good later."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import CAPES, COST, lighthouse
from fakes import AWAY, Line, Wired, until, wired
from telegram import Update
from updates import ANN, GROUP, ago, group, inline, migration, press, private

import bot.transport.inbox
from bot.admin import reindex_jobs
from bot.asking.questions import LATE_SECONDS
from bot.assistant import Assistant
from bot.posting.watch_matcher import ask_watches
from bot.text.words import LANGUAGES, words_for
from bot.transport.inbox import CROWD, MAX_FAILURES
from corpus.article import Article
from corpus.store import Incoming

ADMIN, BEN = 1, 200
ARDEN = "How many million pounds did the lighthouse of Cape Arden cost?"
words = words_for("en")
LATER = words("index-away")

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
        for update in updates:
            self.made.api.learn(update)
            await self.made.parts.inbox.put(Update.de_json({"update_id": self._number, **update}, None))
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
        await self.made.parts.probe.look()
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
    monkeypatch.setattr(bot.transport.inbox, "AWAY_SECONDS", 0.01)


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


@pytest.mark.slow
async def test_nobody_tries_an_index_that_is_away_but_one(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    asking = range(1000, 1040)
    await people.write(*(private(COST, person) for person in asking))
    assert line.tries == ["ask"]
    await people.write(*(private(COST, person) for person in asking))
    await bot.parts.probe.look()
    assert line.tries == ["ask", "ask"]
    assert all(texts(bot, person) == [LATER, LATER] for person in asking)
    line.is_cut = False
    await people.answered()
    assert len(answers(bot)) == 80


async def test_who_floods_meanwhile_makes_no_crowd(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    await people.write(*(private(COST) for _ in range(3 * CROWD)), private(COST, BEN))
    await until(lambda: bot.parts.inbox.crowd() == CROWD + 1)
    line.is_cut = False
    await people.answered()
    assert texts(bot, BEN)[0] == LATER
    assert len(answers(bot)) == 3 * CROWD + 1


async def test_a_question_about_one_article_stays_one(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    await bot.services.pending.await_reply("article", "light3", ANN)
    line.is_cut = True
    await people.write(private(COST), private(COST))
    line.is_cut = False
    await people.answered()
    about, everything = answers(bot)
    assert about.pieces("text_link") == [lighthouse(3).title]
    assert len(everything.pieces("text_link")) > 1


async def test_a_waiting_question_holds_up_nothing_else_in_its_chat(
    bot: Wired, people: People, line: Line
) -> None:
    await people.write(private(COST))
    (answer,) = answers(bot)
    line.is_cut = True
    await people.write(private(COST), private("/privacy"), press(answer, "👍"), private("/help"))
    *_, waits, privacy, help_ = texts(bot)
    assert (waits, privacy.split(":")[0]) == (LATER, "What I keep about you")
    assert "/ask" in help_
    await people.write(private(COST))
    assert texts(bot)[-1] == LATER
    line.is_cut = False
    await people.answered()
    assert len(answers(bot)) == 3


async def test_what_waits_in_a_chat_is_answered_in_order(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    asked = [private(ARDEN.replace("Arden", cape)) for cape in CAPES[:4]]
    await people.write(*asked)
    line.is_cut = False
    await people.answered()
    replies = [sent.reply_parameters["message_id"] for sent in answers(bot) if sent.reply_parameters]
    assert replies == [each["message"]["message_id"] for each in asked]


async def test_what_waits_is_answered_after_a_restart_too_and_told_no_second_time(
    coast: Assistant, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.is_cut = True
    async with wired(coast, monkeypatch) as before, at_work(before) as people:
        await people.write(private(COST))
    async with wired(coast, monkeypatch, before.api) as after, at_work(after, 2) as people:
        await until(lambda: not people.made.parts.inbox._in_work)
        await people.write(private("/privacy"))
        line.is_cut = False
        await people.answered()
    assert [sent.text == LATER for sent in after.api.messages] == [True, False, False]
    assert len(answers(after)) == 1


async def test_what_waited_costs_no_failure_and_is_admitted_but_once(
    coast: Assistant, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, per_person=2) as made, at_work(made) as people:
        line.is_cut = True
        await people.write(private(COST), private(COST), private(COST))
        assert [text == LATER for text in texts(made)] == [True, True, False]
        for _ in range(MAX_FAILURES + 1):  # it is back for no longer than a look
            line.is_cut = False
            await made.parts.probe.look()
            line.is_cut = True
            await until(lambda: coast.outage.since is not None)
            await people.settle()
        rows = coast.database.read().execute("select distinct state, failures from inbox where failures > 0")
        assert rows.fetchall() == []
        made.parts.inbox._crowd = 10_000
        line.is_cut = False
        await people.answered()
        assert len(answers(made)) == 2


async def test_a_question_that_waited_long_is_answered_and_not_put_off(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    line.is_cut = True
    await people.write(private(COST), group(f"/ask {COST}"))
    long_ago = (
        "update inbox set payload = json_set(payload, '$.message.date', 1700000000) where lane glob 'aside:*'"
    )
    coast.database.write(lambda db: db.execute(long_ago))
    line.is_cut = False
    await people.answered()
    assert [sent.chat_id for sent in answers(bot)] == [ANN, GROUP]


async def test_it_is_understood_as_when_it_came(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    await people.write(private(ARDEN))
    line.is_cut = True
    await people.write(private("And the lighthouse of Cape Brack?"))
    coast.database.write(lambda db: db.execute("update answers set made = 0 where state != 'waits'"))
    line.is_cut = False
    await people.answered()
    given = bot.services.answers.of_message(ANN, answers(bot)[-1].message_id)
    assert given is not None
    assert (given.reason, given.before) == (
        "joins", ARDEN
    )  # fmt: skip
    assert not coast.database.read().execute("select * from answers where state = 'waits'").fetchall()


async def test_where_no_index_is_there_yet_it_waits_on(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    await people.write(private(COST))
    index_store = line.real["_index_store"]
    pointer = index_store._pointer.read_bytes()
    index_store._pointer.unlink()
    line.is_cut = False
    await bot.parts.probe.look()
    await people.write(private("/privacy"))
    assert answers(bot) == []
    index_store._pointer.write_bytes(pointer)
    await people.answered()
    assert len(answers(bot)) == 1
    assert texts(bot).count(LATER) == 1


async def test_what_nobody_put_to_the_bot_waits_in_silence(bot: Wired, people: People, line: Line) -> None:
    await bot.services.chats.choose(GROUP, "mode", "questions")
    line.is_cut = True
    await people.write(group(COST))
    assert texts(bot, GROUP) == []
    line.is_cut = False
    await people.answered()
    assert [is_answer(sent) for sent in bot.api.messages] == [True]


async def test_what_is_no_question_is_refused_at_once(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    await people.write(private("?!"), private(COST), private("?!"))
    refused = words("question-without-words")
    assert texts(bot) == [refused, LATER, refused]


async def test_who_is_forgotten_is_not_answered(bot: Wired, people: People, line: Line) -> None:
    line.is_cut = True
    await people.write(private(COST), private("/forgetme"))
    line.is_cut = False
    await people.answered()
    assert texts(bot) == [LATER, words("forgotten")]


async def test_what_waits_in_a_group_waits_in_the_supergroup_that_it_becomes(
    bot: Wired, people: People, line: Line
) -> None:
    old = -500
    line.is_cut = True
    await people.write(group(f"/ask {COST}", old), group(f"/ask {COST}", old))
    await people.write(*migration(old, GROUP))
    line.is_cut = False
    await people.answered()
    assert [sent.chat_id for sent in answers(bot)] == [GROUP, GROUP]


async def test_a_tap_for_a_late_answer_has_the_message_say_so_and_then_answer(
    bot: Wired, people: People, line: Line
) -> None:
    await people.write(private(COST, date=ago(LATE_SECONDS + 5)))
    (sent,) = bot.api.messages
    line.is_cut = True
    await people.write(press(sent, words("answer-now")))
    assert sent.text == LATER
    line.is_cut = False
    await people.answered()
    assert is_answer(sent)


async def test_an_inline_query_is_offered_nothing_and_says_why(
    bot: Wired, people: People, line: Line
) -> None:
    line.is_cut = True
    query = inline(COST)
    await people.write(query)
    answer = bot.api.answers[query["inline_query"]["id"]]
    assert answer["results"] == []
    assert answer["button"]["text"] == words("inline-away")
    await until(lambda: not bot.parts.inbox.waiting())


async def test_why_is_said_all_the_same(bot: Wired, people: People, line: Line) -> None:
    await people.write(private(COST))
    (answer,) = answers(bot)
    line.is_cut = True
    await people.write(private(COST))
    *_, waits = bot.api.messages
    await people.write(private("/why", reply_to=answer), private("/why", reply_to=waits))
    said, later = texts(bot)[-2:]
    assert said.startswith(words("why-question", question=COST))
    assert words("why-index-changed") not in said
    assert later == LATER


async def test_the_log_says_once_that_it_is_away_and_once_that_it_is_back(
    bot: Wired, people: People, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        line.is_cut = True
        await people.write(private(COST), private(COST, BEN))
        for _ in range(3):
            await bot.parts.probe.look()
            await bot.parts.probe.catch_up()
        line.is_cut = False
        await people.answered()
    told = [(each.levelname, each.message) for each in caplog.records if each.levelno >= logging.WARNING]
    assert told == [("WARNING", f"The index is away: {AWAY}"), ("WARNING", "The index is back.")]
    assert not [each for each in caplog.records if each.exc_info]


# What is not asked by people.


async def test_standing_questions_and_posts_wait(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    await ask_watches(bot.services)
    await people.write(private("/subscribe"), private("/watch Where was a whale seen?", BEN))
    whale = Article("whale", "A whale", "A whale was seen off the pier on Sunday morning.", outlet="Daily")
    coast.store.put(Incoming(whale, "whale"))
    line.is_cut = True
    before = len(bot.api.messages)
    await ask_watches(bot.services)
    await bot.work_off(seconds=5)
    assert len(bot.api.messages) == before
    line.is_cut = False
    await bot.parts.probe.look()
    await bot.parts.probe.catch_up()
    await ask_watches(bot.services)
    await bot.work_off()
    assert [sent.chat_id for sent in bot.api.messages[before:]] == [ANN, BEN]


async def test_what_is_withdrawn_is_shown_to_nobody_and_leaves_the_index_later(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    line.is_cut = True
    await people.write(private("/withdraw light0", ADMIN))
    await people.write(press(bot.api.messages[-1], "Withdraw", ADMIN))
    await until(lambda: AWAY in texts(bot, ADMIN)[-1])
    assert texts(bot, ADMIN)[-1].endswith("It follows by itself.")
    line.is_cut = False
    await bot.parts.probe.look()
    await people.write(private(ARDEN))
    assert CAPES[0] not in "".join(answers(bot)[-1].pieces("text_link"))
    await bot.parts.probe.catch_up()
    with closing(coast._index_store.current()) as generation:
        assert "light0" not in generation.fingerprints()


async def test_articles_from_feeds_are_found_once_it_is_back(
    bot: Wired, line: Line, coast: Assistant
) -> None:
    poller = bot.parts.poller
    coast.store.put(Incoming(replace(lighthouse(0), id="more"), "more", keep_id=True))
    poller._is_behind = True
    line.is_cut = True
    await poller.poll()
    line.is_cut = False
    await bot.parts.probe.look()
    assert coast.findable(["more"]) == []
    await bot.parts.probe.catch_up()
    assert coast.findable(["more"]) == ["more"]


async def test_a_reindex_that_was_asked_for_goes_on_when_it_is_back(
    bot: Wired, people: People, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for waiting in ("EVERY", "AGAIN"):
        monkeypatch.setattr(reindex_jobs, waiting, 0.01)
    line.is_cut = True
    await people.write(private("/reindex", ADMIN))
    (sent,) = bot.api.messages
    await until(lambda: f"{AWAY} {reindex_jobs.AWAY}" in sent.text)
    line.is_cut = False
    await until(lambda: sent.text.startswith("Articles: "))


async def test_a_reindex_that_waits_for_it_can_be_called_off(
    bot: Wired, people: People, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for waiting in ("EVERY", "AGAIN"):
        monkeypatch.setattr(reindex_jobs, waiting, 0.01)
    line.is_cut = True
    await people.write(private("/reindex full", ADMIN))
    (sent,) = bot.api.messages
    await people.write(press(sent, "Cancel", ADMIN))
    await until(lambda: sent.text.startswith("Reindexing was called off"))


@pytest.mark.parametrize("command", ["/generations", "/rollback"])
async def test_an_admin_is_told_at_once_what_can_not_be_done(
    bot: Wired, people: People, line: Line, command: str
) -> None:
    line.is_cut = True
    await people.write(private(command, ADMIN))
    assert texts(bot, ADMIN) == [AWAY]
    await until(lambda: not bot.parts.inbox.waiting())


async def test_a_way_back_that_can_not_be_gone_now_changes_nothing(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    coast.reindex(full=True)
    await people.write(private("/rollback", ADMIN))
    line.is_cut = True
    await people.write(press(bot.api.messages[-1], "Go back", ADMIN))
    await until(lambda: texts(bot, ADMIN)[-1] == AWAY)
    line.is_cut = False
    assert coast.generation() == "g000002"


async def test_status_says_since_when_it_is_away_and_how_many_wait(
    bot: Wired, people: People, line: Line, coast: Assistant
) -> None:
    line.is_cut = True
    await people.write(private(COST), private(COST), private(COST, BEN))
    await people.write(private("/status", ADMIN))
    since = f"{datetime.fromtimestamp(coast.outage.since or 0, UTC):%H:%M}"
    assert texts(bot, ADMIN)[0].splitlines()[:2] == [
        f"Index: away since {since} UTC, 3 questions wait.", AWAY
    ]  # fmt: skip
    line.is_cut = False
    await people.answered()
    await people.write(private("/status", ADMIN))
    assert texts(bot, ADMIN)[1].startswith("Index: g000001")
    assert "away" not in texts(bot, ADMIN)[1]


async def test_stats_are_shown_without_the_golden_questions(bot: Wired, people: People, line: Line) -> None:
    await people.write(private(COST))
    line.is_cut = True
    await people.write(private("/stats", ADMIN))
    (shown,) = [call for call in bot.api.calls if call.method == "sendPhoto"]
    assert "Golden" not in shown.params["caption"]
