"""The outbox as admins see it: what is uncertain is listed, and sent once more at one tap or one command."""

from pathlib import Path
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import lighthouse
from fakes import Wired
from launcher import Terminal, failed
from updates import buttons, private, tap

from bot.admin import acts, status
from bot.assistant import Assistant
from bot.posting import outbox
from bot.posting.outbox import Delivery
from bot.records.audit import AuditLog
from bot.text.words import words_for
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store

ADMIN, BEN, TOWN = 1, 200, -5  # user 1 is an admin in the fixture `config`
words = words_for("en")


def fill(database: Database, *states: tuple[str, str]) -> None:
    """Posts about lighthouses to a group, in these states for these reasons."""

    def change(db: Any) -> None:
        for number, (state, why) in enumerate(states, 1):
            outbox.put(db, Delivery(TOWN, 4, "post", (f"light{number - 1}",)), 0, 0)
            outbox.ended(db, [number], state, why)  # type: ignore[arg-type]

    database.write(change)


@pytest.fixture
async def listed(bot: Wired, coast: Assistant) -> Sent:
    """What an admin is shown, with two deliveries that are uncertain."""
    fill(coast.database, ("uncertain", "restart"), ("failed", "Forbidden"), ("uncertain", "Timed out"))
    await bot.tell(private("/outbox", ADMIN))
    return bot.api.messages[-1]


def states(assistant: Assistant) -> list[str]:
    return [row["state"] for row in assistant.database.read()["deliveries"].rows]


async def test_an_admin_sees_what_is_uncertain_and_what_failed_and_why(listed: Sent, bot: Wired) -> None:
    assert listed.text.splitlines() == [
        "0 waiting to be sent, 0 waiting for the index, 0 sent, 2 uncertain, 1 failed.",
        "",
        f"Uncertain, so it may have arrived or not; {status.HOW}:",
        f"3  post to {TOWN}, topic 4: {lighthouse(2).title} (Timed out)",
        f"1  post to {TOWN}, topic 4: {lighthouse(0).title} (the bot ended meanwhile)",
        "",
        "Failed for good:",
        f"2  post to {TOWN}, topic 4: {lighthouse(1).title} (Forbidden)",
    ]
    assert list(buttons(listed).values()) == ["again:3", "again:1"]
    assert not bot.api.violations


async def test_a_tap_sends_it_once_more_and_once_only(bot: Wired, coast: Assistant, listed: Sent) -> None:
    before = listed.shown()
    for said in (acts.AGAIN, acts.SETTLED):
        answer, *_ = await bot.calls_after(tap(before, "again:3", ADMIN))
        assert (answer.method, answer.params["text"]) == ("answerCallbackQuery", said)
    assert states(coast) == ["uncertain", "failed", "waiting"]
    assert list(buttons(listed).values()) == ["again:1"]
    assert "1 waiting to be sent" in listed.text
    noted = [act for _, act in AuditLog(coast.database).newest(9)]
    assert [(act.person, act.about, act.result) for act in noted] == [
        (ADMIN, "again 3", acts.SETTLED),
        (ADMIN, "again 3", acts.AGAIN),
    ]
    assert not bot.api.violations


@pytest.mark.parametrize("number", [2, 99])
async def test_what_is_not_uncertain_is_not_sent_again(
    bot: Wired, coast: Assistant, listed: Sent, number: int
) -> None:
    before = states(coast)
    answer, *_ = await bot.calls_after(tap(listed, f"again:{number}", ADMIN))
    assert answer.params["text"] == acts.SETTLED
    assert states(coast) == before


async def test_nobody_else_has_anything_sent_again(bot: Wired, coast: Assistant, listed: Sent) -> None:
    await bot.tell(private("Hello", BEN))
    foreign = bot.api.messages[-1]
    for message, person in ((foreign, BEN), (foreign, ADMIN), (listed, BEN)):
        answer, *more = await bot.calls_after(tap(message, "again:1", person))
        assert (answer.params["text"], more) == (words("button-unknown"), [])
    (said,) = await bot.tell(private("/outbox", BEN))
    assert said["text"] == words("unknown-command")
    assert states(coast) == ["uncertain", "failed", "uncertain"]


@pytest.mark.parametrize(
    ("data", "said"),
    [(f"again:{value}", acts.SETTLED) for value in (2, 99, 10**17)]
    + [(f"again:{value}", words("button-unknown")) for value in ("", "x", "-1", "1_0", " 1", "1:1", 10**18)]
    + [(f"{data}:1", words("button-unknown")) for data in ("d", "d:other", "d:withdraw", "other")],
)
async def test_data_that_no_button_carries_sends_nothing(
    bot: Wired, coast: Assistant, listed: Sent, data: str, said: str
) -> None:
    before = states(coast)
    answer, *_ = await bot.calls_after(tap(listed, data, ADMIN))
    assert (answer.params["text"], states(coast)) == (said, before)


async def test_a_button_of_version_0_1_still_sends_it_again(
    bot: Wired, coast: Assistant, listed: Sent
) -> None:
    answer, *_ = await bot.calls_after(tap(listed, "d:again:3", ADMIN))
    assert (answer.params["text"], states(coast)[-1]) == (acts.AGAIN, "waiting")


@pytest.mark.parametrize("title", ["🌊" * 90, "@all /start " * 7, "🌊 @all " * 11])
async def test_a_long_list_fits_into_a_message_and_names_the_newest(
    bot: Wired, coast: Assistant, title: str
) -> None:
    long = [Article(f"light{n}", title, "Waves everywhere.") for n in range(60)]
    coast.store.put(*(Incoming(article, f"long:{article.id}", keep_id=False) for article in long[8:]))
    fill(coast.database, *[("failed", "🌊" * 300)] * 30, *[("uncertain", "x" * 300)] * 30)
    await bot.tell(private("/outbox", ADMIN))
    sent = bot.api.messages[-1]
    assert next(iter(buttons(sent).values())) == "again:60"
    assert len(buttons(sent)) == status.LISTED
    numbers = [int(line.split()[0]) for line in sent.text.splitlines() if " post to " in line]
    assert numbers == [*range(60, 50, -1), *range(30, 20, -1)]
    assert sent.text.endswith("… and 20 before these.")
    assert not bot.api.violations


def test_the_terminal_lists_and_sends_once_more(tmp_path: Path) -> None:
    citewire = Terminal(tmp_path)
    assert citewire("outbox").stdout == status.NO_DELIVERIES + "\n"
    database = Database(tmp_path / "citewire.db")
    Store(database).put(Incoming(lighthouse(0), "id:0", keep_id=True))
    fill(database, ("uncertain", "restart"))
    database.close()
    line = f"1  post to {TOWN}, topic 4: {lighthouse(0).title} (the bot ended meanwhile)"
    assert line in citewire("outbox").stdout.splitlines()
    done = citewire("outbox", "--again", "1")
    assert done.stdout.startswith("1 waiting to be sent, 0 waiting for the index, 0 sent, 0 uncertain,")
    assert failed(citewire("outbox", "--again", "1")).startswith("Error: 1 is not uncertain")
    noted = [line.split(" · ", 1)[1] for line in citewire("audit").stdout.splitlines()]
    assert noted == [f"terminal · outbox again 1: {said}" for said in (acts.SETTLED, acts.AGAIN)]
