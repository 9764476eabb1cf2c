"""Who is answered and when: not the uninvited, not too much, not what is stale; and who is obeyed."""

from collections import Counter
from typing import Any

import pytest
from conftest import COST
from fakes import Wired, wired
from updates import (
    ANN,
    ANONYMOUS,
    BOT,
    CHANNEL,
    GROUP,
    TELEGRAM,
    ago,
    anonymous,
    as_channel,
    buttons,
    edited,
    group,
    person,
    post,
    press,
    private,
)

from bot.admin import adding, articles, feeds, figures, reindex, reindex_jobs, status, withdrawing
from bot.admin.reindex_jobs import HEADS
from bot.asking.questions import LATE_SECONDS
from bot.assistant import Assistant
from bot.reception import MOST_WAITING
from bot.routes import STALE_SECONDS
from bot.text.words import words_for

OBEYED = {
    "reindex": HEADS[False], "feeds": feeds.NONE, "addfeed": feeds.WHICH,
    "removefeed": feeds.NUMBER, "outbox": status.NO_DELIVERIES, "rollback": reindex.NONE_BEFORE,
    "generations": "g000001, serves now:", "status": "Index: g000001, serves now:",
    "add": adding.HOW, "article": articles.WHICH, "withdraw": withdrawing.WITHDRAW,
    "restore": withdrawing.RESTORE,
    "stats": figures.NO_QUESTIONS, "unanswered": figures.HELD, "audit": figures.IDLE,
}  # fmt: skip
"""What each command is answered with, to begin with."""
ADMIN, BEN = 1, 200  # user 1 is an admin in the fixture `config`
ADMIN_COMMANDS = sorted(OBEYED)
words = words_for("en")


def quotes(message: dict[str, Any]) -> bool:
    """Whether a message shows passages."""
    return any(each["type"] == "expandable_blockquote" for each in message.get("entities", []))


# Late.


@pytest.mark.parametrize("where", ["private", "group", "topic"])
async def test_what_was_asked_while_it_was_away_is_answered_when_somebody_still_wants_it(
    bot: Wired, where: str
) -> None:
    date = ago(LATE_SECONDS + 5)
    update = {
        "private": private(COST, date=date),
        "group": group(f"/ask {COST}", date=date),
        "topic": group(f"/ask {COST}", thread=77, date=date),
    }[where]
    (sent,) = await bot.tell(update)
    assert sent["text"] == words("while-away")
    assert sent["reply_parameters"]["message_id"] == update["message"]["message_id"]
    (message,) = bot.api.messages
    assert message.thread == (77 if where == "topic" else None)
    if where != "private":
        refused, *more = await bot.calls_after(press(message, words("answer-now"), BEN))
        assert (refused.params["text"], more) == (words("not-yours"), [])
    again = [press(message, words("answer-now")) for _ in range(3)]
    methods = [[call.method for call in await bot.calls_after(each)] for each in again]
    assert methods == [
        ["answerCallbackQuery", "editMessageText"],
        ["answerCallbackQuery"],
        ["answerCallbackQuery"],
    ]
    assert len(message.pieces("expandable_blockquote")) == 3
    await bot.calls_after(press(message, "More"))
    assert message.text.startswith(words("more-passages"))
    assert len(bot.api.messages) == 1
    assert not bot.api.violations


async def test_what_waited_for_less_is_answered_at_once(bot: Wired) -> None:
    for update in (private(COST, date=ago(LATE_SECONDS - 30)), group(f"/ask {COST}", date=ago(30))):
        (sent,) = await bot.tell(update)
        assert quotes(sent)


async def test_what_nobody_put_to_the_bot_is_not_answered_late(bot: Wired) -> None:
    await bot.services.chats.choose(GROUP, "mode", "questions")
    assert await bot.tell(group(COST, date=ago(LATE_SECONDS + 5))) == []
    assert len(await bot.tell(group(COST))) == 1


async def test_a_late_question_that_was_forgotten_is_not_answered(bot: Wired) -> None:
    await bot.tell(group(f"/ask {COST}", date=ago(LATE_SECONDS + 5)))
    (message,) = bot.api.messages
    await bot.forget(ANN)
    (answered,) = await bot.calls_after(press(message, words("answer-now")))
    assert answered.params["text"] == words("answer-too-old")


@pytest.mark.parametrize(
    ("question", "said"),
    [("?!", words("question-without-words")), ("x" * 1001, words("question-too-long", limit=1000))],
)
async def test_a_late_question_that_is_none_is_told_so(bot: Wired, question: str, said: str) -> None:
    await bot.tell(private(question, date=ago(LATE_SECONDS + 5)))
    (message,) = bot.api.messages
    await bot.calls_after(press(message, words("answer-now")))
    assert message.text == said
    assert buttons(message) == {}


async def test_late_commands_are_carried_out_but_for_those_of_admins(bot: Wired) -> None:
    (sent,) = await bot.tell(private("/privacy", date=ago(86_000)))
    assert sent["text"].startswith(words("privacy", days=7)[:20])


@pytest.mark.parametrize("command", ADMIN_COMMANDS)
async def test_a_stale_command_of_an_admin_is_not_carried_out(
    bot: Wired, coast: Assistant, command: str
) -> None:
    coast.store.withdraw(["light1"], "removed")
    before = coast.generation()
    (sent,) = await bot.tell(private(f"/{command}", ADMIN, date=ago(STALE_SECONDS + 5)))
    assert sent["text"] == words("command-too-old")
    await bot.parts.reindexes.stop()
    assert coast.generation() == before
    (fresh,) = await bot.tell(private(f"/{command}", ADMIN, date=ago(STALE_SECONDS - 30)))
    assert fresh["text"].startswith(OBEYED[command])


# Uninvited.


@pytest.mark.parametrize(
    ("allowed", "answered"),
    [
        (set(), {"ann", "ann in the group", "ben", "ben in the group", "admin", "admin in the group"}),
        ({ANN}, {"ann", "ann in the group", "admin", "admin in the group"}),
        ({GROUP}, {"ann in the group", "ben in the group", "admin", "admin in the group"}),
        ({BEN, GROUP}, {"ann in the group", "ben", "ben in the group", "admin", "admin in the group"}),
        ({-5}, {"admin", "admin in the group"}),
    ],
)
async def test_only_the_invited_are_answered(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch, allowed: set[int], answered: set[str]
) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset(allowed)) as bot:
        told = {}
        for name, user in [("ann", ANN), ("ben", BEN), ("admin", ADMIN)]:
            told[name] = await bot.tell(private(COST, user))
            told[f"{name} in the group"] = await bot.tell(group(f"/ask {COST}", GROUP, user))
    assert {name for name, sent in told.items() if sent and quotes(sent[0])} == answered
    refused = {name: [each["text"] for each in sent] for name, sent in told.items() if name not in answered}
    numbers = {"ann": ANN, "ben": BEN}
    assert refused == {
        name: [words("not-invited", id=str(numbers[name]))] if name in numbers else [] for name in refused
    }


async def test_the_uninvited_are_told_so_once_a_minute(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset({BEN})) as bot:
        for text in (COST, "/start", "/privacy", "/ask", "/forgetme") * 10:
            await bot.tell(private(text, date=ago(30)))
        await bot.tell(private(COST, date=ago(-31)))
    assert len(bot.api.messages) == 2


# Too much.


async def test_who_asks_too_much_is_told_once_and_nobody_else_waits(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = ago(20)
    async with wired(coast, monkeypatch, per_person=3) as bot:
        for _ in range(20):
            await bot.tell(private(COST, date=now))
            await bot.tell(group(f"/ask {COST}", date=now))
        told = Counter(sent.text for sent in bot.api.messages if not sent.pieces("expandable_blockquote"))
        assert told == {words("too-fast", limit=3): 1}
        assert len(bot.api.messages) == 4
        assert quotes((await bot.tell(group(f"/ask {COST}", GROUP, BEN, date=now)))[0])
        assert quotes((await bot.tell(private(COST, date=now + 60)))[0])


async def test_a_group_that_asks_too_much_is_told_once(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = ago(20)
    async with wired(coast, monkeypatch, per_chat=3) as bot:
        for user in range(300, 320):
            await bot.tell(group(f"/ask {COST}", GROUP, user, date=now))
        said = [sent.text for sent in bot.api.messages if not sent.pieces("expandable_blockquote")]
        assert (len(bot.api.messages), said) == (4, [words("too-many-here")])
        assert quotes((await bot.tell(private(COST, 300, date=now)))[0])
        assert quotes((await bot.tell(group(f"/ask {COST}", GROUP - 1, 301, date=now)))[0])


async def test_what_nobody_put_to_the_bot_is_refused_in_silence(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, per_person=2) as bot:
        await bot.services.chats.choose(GROUP, "mode", "questions")
        for _ in range(10):
            await bot.tell(group(COST))
        assert len(bot.api.messages) == 2
        assert all(sent.pieces("expandable_blockquote") for sent in bot.api.messages)


async def test_while_too_many_wait_each_is_asked_once_to_come_back(bot: Wired) -> None:
    bot.parts.inbox._crowd = MOST_WAITING + 1
    now = ago(20)
    for _ in range(5):
        for user in (ANN, BEN):
            await bot.tell(private(COST, user, date=now))
    assert [(sent.chat_id, sent.text) for sent in bot.api.messages] == [
        (ANN, words("busy")),
        (BEN, words("busy")),
    ]
    bot.parts.inbox._crowd = MOST_WAITING
    assert quotes((await bot.tell(private(COST, date=now)))[0])


async def test_an_admin_is_never_told_that_it_is_too_much(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, per_person=1) as bot:
        for _ in range(5):
            assert quotes((await bot.tell(private(COST, ADMIN)))[0])


# Who is an admin.

HIM = person(ADMIN)
FORWARD = {"type": "user", "sender_user": HIM, "date": 1_700_000_000}
HIDDEN = {"type": "hidden_user", "sender_user_name": "Ann", "date": 1_700_000_000}
CHANNEL_CHAT = {"id": CHANNEL, "type": "channel", "title": "Daily"}
IDENTITIES: dict[str, Any] = {
    "another person": lambda text: private(text, ANN),
    "a person with the admin's number for a name": lambda text: private(
        text, person(ANN) | {"username": "1"}
    ),
    "a person in the admin's chat": lambda text: private(text, ADMIN, **{"from": person(ANN)}),
    "a bot with the admin's id": lambda text: private(text, HIM | {"is_bot": True}),
    "the bot itself": lambda text: private(text, ADMIN, **{"from": BOT}),
    "nobody": lambda text: private(text, ADMIN, **{"from": None}),
    "a forward by the admin": lambda text: private(text, ADMIN, forward_origin=FORWARD),
    "a forward of the admin": lambda text: private(text, ANN, forward_origin=FORWARD),
    "a forward of somebody hidden": lambda text: private(text, ADMIN, forward_origin=HIDDEN),
    "the admin through another bot": lambda text: private(text, ADMIN, via_bot=BOT | {"id": 5}),
    "the admin as a channel in private": lambda text: private(text, ADMIN, sender_chat=CHANNEL_CHAT),
    "the admin in a group": lambda text: group(text, GROUP, ADMIN),
    "the admin in a topic": lambda text: group(text, GROUP, ADMIN, thread=77),
    "an anonymous admin": lambda text: anonymous(text),
    "somebody as a channel": lambda text: as_channel(text),
    "Telegram": lambda text: private(text, TELEGRAM),
    "an anonymous admin in private": lambda text: private(text, ANONYMOUS | {"is_bot": False}),
    "a channel": lambda text: post(text),
    "an edit of the admin": lambda text: edited(private("Hello", ADMIN), text),
}


async def assert_not_obeyed(bot: Wired, identity: str, command: str) -> None:
    """Send a command in three spellings: in private it counts as unknown, elsewhere nothing is said."""
    for text in (f"/{command}", f"/{command}@test_bot", f"/{command.upper()} now"):
        sent = await bot.tell(IDENTITIES[identity](text))
        assert {each["text"] for each in sent} <= {words("unknown-command")}


@pytest.mark.parametrize("identity", IDENTITIES)
async def test_nobody_but_an_admin_is_obeyed(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, identity: str
) -> None:
    obeyed = []
    monkeypatch.setattr(Assistant, "reindex", lambda *_, **__: obeyed.append(identity))
    await assert_not_obeyed(bot, identity, "reindex")
    await bot.parts.reindexes.stop()
    assert obeyed == reindex_jobs.jobs(coast.database.read()) == []


@pytest.mark.parametrize("command", ADMIN_COMMANDS)
async def test_no_admin_command_works_for_another_person_or_outside_of_private_chats(
    bot: Wired, command: str
) -> None:
    for identity in ("another person", "the admin in a group", "a channel"):
        await assert_not_obeyed(bot, identity, command)


@pytest.mark.parametrize("command", ADMIN_COMMANDS)
async def test_an_admin_is_obeyed(coast: Assistant, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    assert len(ADMIN_COMMANDS) >= 1
    async with wired(coast, monkeypatch) as bot:
        (sent,) = await bot.tell(private(f"/{command}", ADMIN))
        assert sent["text"].startswith(OBEYED[command])


# Who is there.


async def test_whoever_writes_is_there_again_unless_it_was_written_before_they_left(bot: Wired) -> None:
    await bot.services.chats.left(ANN)
    await bot.tell(private(COST, date=ago(60)))
    assert bot.services.chats.get(ANN).gone is not None
    await bot.tell(private(COST, date=ago(-2)))
    assert bot.services.chats.get(ANN).gone is None


async def test_who_leaves_while_they_are_answered_is_marked_and_that_is_all(bot: Wired) -> None:
    bot.api.fault("sendMessage", "error", code=403, description="Forbidden: bot was blocked by the user")
    assert await bot.tell(private(COST)) != []
    assert bot.services.chats.get(ANN).gone is not None
