"""Feeds in the running bot: polled beside the questions, told of to admins, followed at their word."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakes import Wired, until, wired
from press import Bench, Press, entry, page, rss
from updates import buttons, tap

from bot.admin.desk import EXPIRED
from bot.admin.feeds import NONE, NUMBER, WHICH
from bot.assistant import Assistant
from bot.records.audit import AuditLog
from corpus.feeds.feed_reader import FeedReader
from corpus.feeds.fetch import Unfetched

ADMIN = 1  # user 1 is an admin in the fixture `config`
FEED = "https://daily.example/feed.xml"
PIER = """The pier of Norchester was rebuilt after the great storm of 1953.
It cost two million pounds, which the town paid for with a lottery.
The mayor said that nobody would build it again today."""
ASKED = "After which storm was the pier rebuilt?"


@pytest.fixture
def press() -> Press:
    """A web with one feed and an article that it doesn't list yet."""
    made = Press()
    made.put(FEED, rss([entry("https://daily.example/old", "The old harbour")]), "text/xml")
    made.put("https://daily.example/old", page("The old harbour", PIER.replace("pier", "harbour")))
    made.put("https://daily.example/pier", page("The pier", PIER))
    return made


@asynccontextmanager
async def bot_on(press: Press, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    """The bot on a web of the test's own."""
    monkeypatch.setattr("corpus.feeds.feed_reader.Web", lambda: press)
    monkeypatch.setattr("corpus.feeds.feed_reader.ParserProcess", Bench)
    async with wired(assistant, monkeypatch) as made:
        yield made
        await made.parts.poller.stop()


@pytest.fixture
async def server(press: Press, coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    """The bot on the web of `press`, with articles about lighthouses."""
    async with bot_on(press, coast, monkeypatch) as made:
        yield made


def list_the_pier(press: Press) -> None:
    """Have the feed list one article more."""
    old = entry("https://daily.example/old", "The old harbour")
    press.put(FEED, rss([entry("https://daily.example/pier", "The pier"), old]), "text/xml")


def put_clock_forward(made: Wired, seconds: float) -> None:
    """Let the poller think that time has passed."""
    made.parts.poller._clock = lambda: time.time() + seconds


async def says(made: Wired, text: str, user: int = ADMIN) -> str:
    """The one answer of the bot."""
    (sent,) = await made.tell(made.api.message(user, text))
    return sent["text"]


def sent_to_admins(made: Wired) -> list[str]:
    return [
        call.params["text"]
        for call in made.api.calls
        if call.method == "sendMessage" and call.params["chat_id"] == ADMIN
    ]


# What admins say.


async def test_an_admin_follows_lists_and_removes_feeds(server: Wired, coast: Assistant) -> None:
    assert await says(server, "/feeds") == NONE
    assert await says(server, "/addfeed") == WHICH
    assert "Feed 1 is followed: The Daily" in await says(server, f"/addfeed {FEED}")
    await server.parts.poller.poll()
    listed = await says(server, "/feeds")
    assert listed.startswith(f"1 · The Daily\n{FEED}\nArticles: 1, refused: 0. Asked again in ")
    assert await says(server, "/removefeed") == NUMBER
    assert await says(server, "/removefeed 99999999999999999999") == NUMBER
    assert await says(server, "/removefeed 7") == "There is no feed 7."
    assert (await says(server, "/removefeed 1")).startswith("Follow feed 1, The Daily, no longer?")
    asked = server.api.messages[-1]
    assert await says(server, "/feeds") != NONE
    yes = buttons(asked)["Remove"]
    await server.calls_after(tap(asked, yes, ADMIN))
    assert "no longer followed: The Daily" in asked.text
    for _ in range(500):
        await server.calls_after(tap(asked, yes, ADMIN))
    assert asked.text == EXPIRED
    assert await says(server, "/feeds") == NONE
    acts = [act for _, act in AuditLog(coast.database).newest(9)]
    assert [(act.person, act.act, act.about, act.result) for act in acts] == [
        (ADMIN, "removefeed", "1", "Feed 1 is no longer followed: The Daily. Its articles stay."),
        (
            ADMIN, "addfeed", FEED,
            "Feed 1 is followed: The Daily. Its articles of today come in without a post.",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://daily.example/none", "404"),
        ("https://daily.example/old", "https://daily.example/old is no feed; give"),
    ],
)
async def test_what_can_not_be_followed_is_said_in_a_sentence(server: Wired, url: str, said: str) -> None:
    assert said in await says(server, f"/addfeed {url}")


@pytest.mark.parametrize("command", ["feeds", f"addfeed {FEED}", "removefeed 1"])
async def test_nobody_else_may(server: Wired, press: Press, command: str) -> None:
    assert "Feed" not in await says(server, f"/{command}", user=200)
    assert press.asked == []


# What the poller does.


async def test_what_a_feed_brings_can_be_asked_about(server: Wired, press: Press, coast: Assistant) -> None:
    await says(server, f"/addfeed {FEED}")
    list_the_pier(press)
    put_clock_forward(server, 3600)
    server.parts.poller.start()
    number = await until(lambda: coast.store.by_url("https://daily.example/pier"))
    await until(lambda: list(coast.findable([number])))
    assert "great storm of 1953" in await says(server, ASKED, user=200)


async def test_a_loop_that_was_blocked_loses_no_turn(server: Wired, press: Press, coast: Assistant) -> None:
    server.parts.poller._worker._every = 0.01
    await says(server, f"/addfeed {FEED}")
    server.parts.poller.start()
    await until(lambda: coast.store.by_url("https://daily.example/old"))
    list_the_pier(press)
    put_clock_forward(server, 3600)
    time.sleep(1)  # noqa: ASYNC251 - this is the blockade
    await until(lambda: coast.store.by_url("https://daily.example/pier"))


async def test_a_feed_with_a_bug_keeps_no_other_from_its_turn(
    server: Wired, press: Press, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.put("https://daily.example/b.xml", rss([], "Bad"), "text/xml")
    await says(server, "/addfeed https://daily.example/b.xml")
    await says(server, f"/addfeed {FEED}")
    update = FeedReader.update

    async def with_a_bug(self, feed, *args, **more):
        if feed.title == "Bad":
            raise RuntimeError("a bug")
        return await update(self, feed, *args, **more)

    monkeypatch.setattr(FeedReader, "update", with_a_bug)
    put_clock_forward(server, 3600)
    await server.parts.poller.poll()
    assert coast.store.by_url("https://daily.example/old")


async def test_an_index_that_fell_behind_catches_up_in_the_next_round(
    server: Wired, press: Press, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await says(server, f"/addfeed {FEED}")
    list_the_pier(press)
    put_clock_forward(server, 3600)

    def fail(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Assistant, "reindex", fail)
        with pytest.raises(OSError, match="No space left"):
            await server.parts.poller.poll()
    assert coast.store.by_url("https://daily.example/pier")
    put_clock_forward(server, 7200)  # so that the feed, which has nothing new, has its turn again
    await server.parts.poller.poll()
    assert "great storm of 1953" in await says(server, ASKED, user=200)


async def test_admins_are_told_once_what_was_refused_and_what_is_off(server: Wired, press: Press) -> None:
    press.put("https://daily.example/old", page("Log in", "Please log in to continue.\nRemember me"))
    await says(server, f"/addfeed {FEED}")
    for _ in range(2):
        await server.parts.poller.poll()
    _, told = sent_to_admins(server)
    assert told.startswith(
        "Feed 1, The Daily:\nEntries that were not taken in: 1.\n• https://daily.example/old"
    )
    assert "login page" in told
    press.failures[FEED] = Unfetched("daily.example answers 410 Gone.", gone=True)
    put_clock_forward(server, 3600)
    for _ in range(2):
        await server.parts.poller.poll()
    *_, told = sent_to_admins(server)
    assert "It is no longer asked. daily.example answers 410 Gone." in told
    assert len(sent_to_admins(server)) == 3


async def test_a_notice_waits_while_telegram_is_away(server: Wired, press: Press) -> None:
    press.put("https://daily.example/old", page("Log in", "Please log in to continue.\nRemember me"))
    await says(server, f"/addfeed {FEED}")
    server.api.fault("sendMessage", "error", code=500)
    await server.parts.poller.poll()
    before = len(sent_to_admins(server))
    await server.parts.poller.poll()
    await server.parts.poller.poll()
    assert len(sent_to_admins(server)) == before + 1


async def test_a_stop_ends_a_turn_that_hangs_and_the_next_start_takes_it_up(
    press: Press, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bot_on(press, coast, monkeypatch) as server:
        await says(server, f"/addfeed {FEED}")
        hangs = asyncio.Event()

        async def hang(*_: object, **__: object) -> None:
            hangs.set()
            await asyncio.Event().wait()

        fetch, press.fetch = press.fetch, hang
        server.parts.poller.start()
        await hangs.wait()
    assert coast.store.by_url("https://daily.example/old") is None
    press.fetch = fetch
    async with bot_on(press, coast, monkeypatch) as server:
        put_clock_forward(server, 3600)
        await server.parts.poller.poll()
    assert coast.store.by_url("https://daily.example/old")
