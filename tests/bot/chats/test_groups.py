"""In groups, topics and channels: what the bot says on joining, what admins set, and where it answers."""

from collections.abc import Callable
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Wired, wired
from updates import (
    ANN,
    ANONYMOUS,
    BOT,
    CHANNEL,
    GROUP,
    anonymous,
    as_channel,
    buttons,
    forwarded,
    group,
    membership,
    person,
    post,
    press,
    private,
    topic,
    where,
)

from bot.assistant import Assistant
from bot.chats.chat import Chat
from bot.text.words import LANGUAGES, Words, words_for

BEN, SMALL = 200, -300  # a basic group
ROBOT = {"id": 555, "is_bot": True, "first_name": "Robot", "username": "other_bot"}
UNSURE = "How many people live in the harbour of Paris?"
ABSENT = "Who lives near Paris?"
words = words_for("en")


def joined(chat: int | dict[str, Any] = GROUP, status: str = "member", by: Any = ANN, **rights: Any) -> Any:
    """The bot is added to a chat."""
    return membership(chat, "left", status, by, **rights)


def greeting(words: Words, *, sees_all: bool) -> str:
    """What is said on joining a group."""
    ways = [words("ways-command"), words("ways-reply")]
    ways += [words("ways-mention", bot="@test_bot")] if sees_all else []
    lines = [
        words("joined", count=8, ways=words.either(ways)), words("sees-all" if sees_all else "sees-some"),
        words("admins-settings"),
    ]  # fmt: skip
    return "\n\n".join(lines)


def told(bot: Wired) -> list[tuple[int, str]]:
    """All that was sent, and where."""
    return [(sent.chat_id, sent.text) for sent in bot.api.messages]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chat", [GROUP, SMALL])
@pytest.mark.parametrize(
    ("privacy", "status", "sees_all"),
    [(True, "member", False), (False, "member", True), (True, "administrator", True)],
)
async def test_on_joining_a_group_it_says_what_works_there(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch,
    language: str, chat: int, privacy: bool, status: str, sees_all: bool,
) -> None:  # fmt: skip
    async with wired(coast, monkeypatch) as bot:
        bot.api.me["can_read_all_group_messages"] = not privacy
        await bot.app.bot.initialize()
        await bot.app.bot.get_me()
        await bot.tell(joined(chat, status, person(ANN) | {"language_code": language}))
        assert told(bot) == [(chat, greeting(words_for(language), sees_all=sees_all))]
        assert not bot.api.violations


MUTED = {"can_send_messages": False}
NAMED = where(GROUP) | {"title": "Friends of @somebody t.me/them /them"}
ELSEWHERE: dict[str, tuple[Any, list[tuple[int, str]]]] = {
    "restricted": (joined(GROUP, "restricted", **MUTED), [(ANN, words("may-not-write", title="Town"))]),
    "a channel": (
        joined(where(CHANNEL, "channel"), "administrator"), [(ANN, words("joined-channel", title="Town"))],
    ),
    "restricted, but free to write": (
        joined(GROUP, "restricted", can_send_messages=True), [(GROUP, greeting(words, sees_all=False))],
    ),
    "somebody writes to it": (membership(ANN, "kicked", "member"), []),
    "promoted": (membership(GROUP, "member", "administrator"), []),
    "demoted": (membership(GROUP, "administrator", "member"), []),
    "muted": (membership(GROUP, "member", "restricted", **MUTED), []),
    "thrown out": (membership(GROUP, "member", "kicked"), []),
    "taken out while restricted": (membership(GROUP, "restricted", "restricted", is_member=False), []),
    "taken out of a channel": (membership(where(CHANNEL, "channel"), "administrator", "left"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", ELSEWHERE)
async def test_what_becomes_of_the_bot_is_told_only_where_it_is_new(bot: Wired, case: str) -> None:
    update, expected = ELSEWHERE[case]
    await bot.tell(update)
    assert told(bot) == expected
    assert not bot.api.violations


@pytest.mark.parametrize(
    "update", [joined(NAMED, "restricted", **MUTED), joined(NAMED | {"type": "channel"}, "administrator")]
)
async def test_the_name_of_a_chat_reaches_nobody(bot: Wired, update: Any) -> None:
    await bot.tell(update)
    (sent,) = bot.api.messages
    assert NAMED["title"] in sent.text
    assert sent.pieces("code") == ["@somebody", "t.me/them", "/them"]
    assert not {"mention", "url"} & {entity["type"] for entity in sent.entities}
    assert "/them" not in sent.pieces("bot_command")


@pytest.mark.parametrize(
    ("chat", "place"), [(where(GROUP), GROUP), (where(SMALL), SMALL), (where(CHANNEL, "channel"), ANN)]
)
async def test_where_it_is_not_open_it_says_what_would_open_it(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch, chat: dict[str, Any], place: int
) -> None:
    """In a channel, where all its readers would see it, to whoever added it."""
    async with wired(coast, monkeypatch, allowed=frozenset({BEN})) as bot:
        await bot.tell(joined(chat, "administrator"))
        assert told(bot) == [(place, words("not-open-here", id=str(chat["id"])))]


async def test_who_can_not_be_told_is_not(bot: Wired) -> None:
    bot.api.chats[ANN].bot = "left"  # Ann never wrote to the bot
    assert len(await bot.tell(joined(GROUP, "restricted", **MUTED))) == 1
    await bot.tell(joined(where(CHANNEL, "channel"), "administrator", by=ANONYMOUS))
    assert told(bot) == [(ANONYMOUS["id"], words("joined-channel", title="Town"))]


async def test_it_greets_again_where_it_was_thrown_out(bot: Wired) -> None:
    await bot.services.chats.choose(GROUP, "language", "de")
    for status, gone in [("member", False), ("kicked", True), ("member", False), ("left", True)]:
        await bot.tell(membership(GROUP, bot.api.chats[GROUP].bot if gone else "left", status))
        assert (bot.services.chats.get(GROUP).gone is not None) == gone
    assert told(bot) == [(GROUP, greeting(words_for("de"), sees_all=False))] * 2


# Settings.

ADMIN_STATUSES = {"creator": True, "administrator": True, "member": False, "restricted": False, "left": False}


@pytest.mark.parametrize(("status", "may"), ADMIN_STATUSES.items())
async def test_only_admins_of_the_group_see_its_settings(bot: Wired, status: str, may: bool) -> None:
    bot.api.chats[GROUP].members[ANN] = status
    await bot.tell(group("/settings"))
    (sent,) = bot.api.messages
    assert sent.text == words("settings-title" if may else "settings-only-admins")
    assert bool(buttons(sent)) == may


@pytest.mark.parametrize(
    ("update", "may"), [(anonymous("/settings"), True), (as_channel("/settings"), False)]
)
async def test_an_anonymous_admin_is_one_and_a_channel_is_none(bot: Wired, update: Any, may: bool) -> None:
    bot.api.chats[GROUP].members[ANONYMOUS["id"]] = "administrator"
    await bot.tell(update)
    assert bool(buttons(bot.api.messages[0])) == may


@pytest.fixture
async def settings(bot: Wired) -> Sent:
    """The settings of a group of which Ann is an admin, and Ben is not."""
    bot.api.chats[GROUP].members |= {ANN: "administrator", BEN: "member"}
    bot.api.users[BEN] = person(BEN)
    await bot.tell(group("/settings"))
    return bot.api.messages[-1]


def labelled(sent: Sent, part: str) -> str:
    """The button that says so."""
    return next(label for label in buttons(sent) if part in label)


MODE = {mode: words("settings-mode", mode=mode) for mode in ("mention", "questions", "off")}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (MODE["questions"], Chat(GROUP, "questions")), (MODE["off"], Chat(GROUP, "off")),
        (MODE["mention"], Chat(GROUP)), (words("settings-quiet"), Chat(GROUP, quiet=False)),
        ("Deutsch", Chat(GROUP, language="de")), ("English", Chat(GROUP, language="en")),
        (words("language-auto"), Chat(GROUP)),
    ],
)  # fmt: skip
async def test_a_setting_holds_once_its_button_is_pressed(
    bot: Wired, settings: Sent, label: str, expected: Chat
) -> None:
    calls = await bot.calls_after(press(settings, labelled(settings, label)))
    changed = expected != Chat(GROUP)
    answers = [call.method for call in calls if call.method != "getChatMember"]
    assert answers == ["answerCallbackQuery", *(["editMessageText"] if changed else [])]
    assert bot.services.chats.get(GROUP) == expected
    ticked = {each for each in buttons(settings) if each.startswith("✓")}
    theirs = words_for(expected.language)
    assert settings.text == theirs("settings-title")
    assert ticked == {
        "✓ " + each
        for each in (
            theirs("settings-mode", mode=expected.mode),
            LANGUAGES[expected.language] if expected.language else theirs("language-auto"),
            *([theirs("settings-quiet")] if expected.quiet else []),
        )
    }


async def test_each_setting_is_changed_alone(bot: Wired, settings: Sent) -> None:
    for label in (MODE["off"], words("settings-quiet"), "Español"):
        await bot.calls_after(press(settings, labelled(settings, label)))
    assert bot.services.chats.get(GROUP) == Chat(GROUP, "off", quiet=False, language="es")


@pytest.mark.parametrize("label", [MODE["off"], words("settings-quiet"), "Deutsch"])
async def test_nobody_but_an_admin_changes_them(bot: Wired, settings: Sent, label: str) -> None:
    for user, status in [(BEN, "member"), (ANN, "member"), (ANN, "left")]:
        bot.api.chats[GROUP].members[user] = status
        calls = await bot.calls_after(press(settings, labelled(settings, label), user))
        (answer,) = [call for call in calls if call.method != "getChatMember"]
        assert answer.params["text"] == words("settings-only-admins")
    assert bot.services.chats.get(GROUP) == Chat(GROUP)


async def test_where_it_can_not_be_known_who_is_an_admin_nothing_is_changed(
    bot: Wired, settings: Sent
) -> None:
    bot.api.fault("getChatMember", "error", description="Bad Request: member list is inaccessible")
    await bot.calls_after(press(settings, labelled(settings, MODE["off"])))
    assert bot.services.chats.get(GROUP) == Chat(GROUP)


async def test_an_admin_is_told_where_questions_would_not_arrive(bot: Wired, settings: Sent) -> None:
    *_, answer, _ = await bot.calls_after(press(settings, labelled(settings, MODE["questions"])))
    assert (answer.params["text"], answer.params["show_alert"]) == (words("sees-questions-needs"), True)
    bot.api.chats[GROUP].bot = "administrator"
    *_, answer, _ = await bot.calls_after(press(settings, labelled(settings, words("settings-quiet"))))
    assert answer.params["text"] == words("settings-saved")


async def test_in_private_only_the_language_is_set(bot: Wired) -> None:
    await bot.tell(private("/language"))
    (sent,) = bot.api.messages
    await bot.calls_after(press(sent, "Deutsch"))
    assert bot.services.chats.get(ANN) == Chat(ANN, language="de")
    assert sent.text == words_for("de")("language-title")
    (start,) = await bot.tell(private("/start"))
    assert start["text"] == words_for("de")("start")


# Modes.

SAID: dict[str, Callable[[Wired], dict[str, Any]]] = {
    "/ask": lambda _: group(f"/ask {COST}"),
    "mention": lambda _: group(f"@test_bot {COST}"),
    "reply": lambda bot: group(COST, reply_to=bot.api.messages[0]),
    "question": lambda _: group(COST),
    "unsure question": lambda _: group(UNSURE),
    "no question": lambda _: group(COST.rstrip("?")),
    "to another": lambda _: group(f"@somebody {COST}"),
    "/help": lambda _: group("/help"),
    "/settings": lambda _: group("/settings"),
    "/why": lambda _: group("/why"),
}
ASKED = {"/ask", "mention", "reply", "/help", "/settings", "/why"}


@pytest.mark.parametrize(
    ("mode", "quiet", "answered"),
    [
        ("mention", True, ASKED), ("mention", False, ASKED), ("questions", True, ASKED | {"question"}),
        ("questions", False, ASKED | {"question", "unsure question"}), ("off", True, {"/help", "/settings"}),
    ],
)  # fmt: skip
async def test_each_mode_has_its_way(bot: Wired, mode: str, quiet: bool, answered: set[str]) -> None:
    await bot.tell(joined())
    await bot.services.chats.choose(GROUP, "mode", mode)
    await bot.services.chats.choose(GROUP, "quiet", quiet)
    assert {name for name, said in SAID.items() if await bot.tell(said(bot))} == answered


@pytest.mark.parametrize(("quiet", "quotes"), [(True, 0), (False, 2)])
@pytest.mark.parametrize("question", [UNSURE, ABSENT])
async def test_who_asks_it_directly_gets_one_line_where_it_is_unsure_and_shall_be_silent(
    bot: Wired, quiet: bool, quotes: int, question: str
) -> None:
    await bot.services.chats.choose(GROUP, "quiet", quiet)
    await bot.tell(group(f"/ask {question}"))
    (sent,) = bot.api.messages
    assert len(sent.pieces("expandable_blockquote")) == (0 if question == ABSENT else quotes)
    assert words("show-nearest") in buttons(sent) or quotes
    if not sent.pieces("expandable_blockquote"):
        assert sent.text == words("not-held-newest", count=8, date=words.day("2024-11-18"))
        await bot.calls_after(press(sent, words("show-nearest")))
        assert sent.text.startswith(words("nearest"))
        assert len(sent.pieces("expandable_blockquote")) == 3


async def test_in_private_it_is_never_silent(bot: Wired) -> None:
    await bot.tell(private(UNSURE))
    assert len(bot.api.messages[0].pieces("expandable_blockquote")) == 2


async def test_a_group_is_answered_in_its_language(bot: Wired) -> None:
    await bot.services.chats.choose(GROUP, "language", "ru")
    await bot.tell(group(f"/ask {ABSENT}"))
    assert bot.api.messages[0].text.startswith(words_for("ru")("not-held", count=8)[:10])


# Topics.


@pytest.mark.parametrize("text", [f"/ask {COST}", f"@test_bot {COST}", "/help", "/ask", "/why", "/settings"])
async def test_what_is_asked_in_a_topic_is_answered_there(bot: Wired, text: str) -> None:
    await bot.tell(topic("created", 77))
    await bot.tell(group(text, thread=77))
    (sent,) = bot.api.messages
    assert sent.thread == 77
    assert not bot.api.violations


async def test_a_message_in_a_topic_is_no_reply_to_the_bot_that_made_the_topic(bot: Wired) -> None:
    await bot.tell(topic("created", 77, user=BOT))
    root = topic("created", 77, user=BOT)["message"]
    assert await bot.tell(group(COST, thread=77, reply_to=root)) == []


async def test_the_number_of_a_thread_that_is_no_topic_is_not_passed_on(bot: Wired) -> None:
    (sent,) = await bot.tell(group(f"/ask {COST}", reply_to=group("Hello")["message"]))
    assert "message_thread_id" not in sent
    assert not bot.api.violations


@pytest.mark.parametrize("state", ["closed", "deleted"])
@pytest.mark.parametrize("text", [f"/ask {COST}", "/help", "/ask"])
async def test_in_a_topic_that_is_no_more_nothing_is_retried_nor_sent_elsewhere(
    bot: Wired, state: str, text: str
) -> None:
    question = group(text, thread=77)
    bot.api.learn(question)
    bot.api.on("sendMessage", "received", lambda _: bot.api.chats[GROUP].topics.update({77: state}))
    assert len(await bot.tell(question)) == 1
    assert bot.api.messages == []
    assert bot.services.chats.get(GROUP).gone is None


async def test_a_question_that_was_deleted_is_answered_nowhere(bot: Wired) -> None:
    question = group(f"/ask {COST}")
    number = question["message"]["message_id"]
    bot.api.on("sendMessage", "received", lambda _: bot.api.chats[GROUP].messages.pop(number, None))
    assert len(await bot.tell(question)) == 1
    assert bot.api.messages == []


# Others.


@pytest.mark.parametrize("mode", ["mention", "questions"])
async def test_with_another_bot_it_never_talks(bot: Wired, mode: str) -> None:
    await bot.services.chats.choose(GROUP, "mode", mode)
    await bot.tell(group(f"/ask {COST}"))
    for _ in range(5):
        ours = bot.api.messages[-1]
        for text in (COST, f"@test_bot {COST}", f"/ask@test_bot {COST}", f"/ask {COST}"):
            assert await bot.tell(group(text, user=ROBOT, reply_to=ours)) == []
            assert await bot.tell(group(text, via_bot=ROBOT, reply_to=ours)) == []
    assert len(bot.api.messages) == 1


async def test_posts_of_channels_and_their_forwards_are_not_for_it(bot: Wired) -> None:
    await bot.services.chats.choose(GROUP, "mode", "questions")
    for update in (post(COST), post(f"/ask {COST}"), post(f"@test_bot {COST}")):
        assert await bot.tell(update) == []
        assert await bot.tell(forwarded(update)) == []
