"""/subscribe in every kind of chat, and from the private one: who may, and who is told what."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Wired, wired
from telegram import Update
from updates import (
    ANN,
    BOT,
    CHANNEL,
    GROUP,
    anonymous,
    as_channel,
    buttons,
    edited,
    group,
    membership,
    migration,
    person,
    picked,
    post,
    press,
    private,
    tap,
    where,
)

from bot.assistant import Assistant
from bot.chats.request import ALLOWED
from bot.posting.subscriptions import Choices, Subscription
from bot.text.words import LANGUAGES, words_for

BEN, SMALL, SUPERGROUP = 200, -300, -1_000_000_000_300
words = words_for("en")
MENU = {words(each) for each in ("menu-what", "menu-when", "menu-how", "menu-next", "menu-unsubscribe")}


@pytest.fixture(autouse=True)
def admins(bot: Wired) -> None:
    """Ann is an admin of a group and of a channel in which the bot is; Ben is a member there."""
    for chat, kind in [(GROUP, "supergroup"), (CHANNEL, "channel"), (SMALL, "group")]:
        bot.api.chats.learn(where(chat, kind)).members |= {ANN: "administrator", BEN: "member"}
    bot.api.users |= {ANN: person(ANN), BEN: person(BEN)}


def all_of(bot: Wired) -> list[tuple[int, int, int]]:
    """Which chats and topics are subscribed, and who did it."""
    rows = bot.services.database.read().execute("select chat, thread, owner from subscriptions order by id")
    return rows.fetchall()


def only(bot: Wired) -> Subscription:
    """The one subscription that there is."""
    ((chat, thread, _),) = all_of(bot)
    found = bot.subscriptions.of(chat, thread)
    assert found is not None
    return found


# Who may.

WHERE: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "in private": (private("/subscribe"), (ANN, 0, ANN)),
    "in a group": (group("/subscribe"), (GROUP, 0, ANN)),
    "in a small group": (group("/subscribe", SMALL), (SMALL, 0, ANN)),
    "in a topic": (group("/subscribe", thread=77), (GROUP, 77, ANN)),
    "as an anonymous admin": (anonymous("/subscribe"), (GROUP, 0, GROUP)),
    "as a post in a channel": (post("/subscribe"), (CHANNEL, 0, CHANNEL)),
    "by picking a channel": (picked(CHANNEL), (CHANNEL, 0, ANN)),
    "by picking a group": (picked(GROUP), (GROUP, 0, ANN)),
}


@pytest.mark.parametrize("case", WHERE)
async def test_one_message_subscribes_a_chat_to_everything_at_once(bot: Wired, case: str) -> None:
    update, expected = WHERE[case]
    (sent, *_) = await bot.tell(update)
    assert all_of(bot) == [expected]
    assert only(bot).choices in (Choices(code="en"), Choices())  # a post is from nobody
    is_picked = "picking" in case
    assert sent["text"] == (words("subscribed-chat", title="Town") if is_picked else words("subscribed"))
    assert sent["chat_id"] == (ANN if is_picked else expected[0])
    assert sent.get("message_thread_id", 0) == expected[1]
    assert buttons(bot.api.messages[0]).keys() == MENU
    assert not bot.api.violations


@pytest.mark.parametrize("case", WHERE)
async def test_subscribing_again_shows_what_is_refined(bot: Wired, case: str) -> None:
    update, _ = WHERE[case]
    await bot.tell(update)
    await bot.subscriptions.choose(only(bot).id, outlets=("Coast Daily",))
    (sent, *_) = await bot.tell(update)
    assert words("chosen-outlets", names="Coast Daily") in sent["text"]
    assert only(bot).choices.outlets == ("Coast Daily",)


async def test_each_topic_is_subscribed_alone(bot: Wired) -> None:
    await bot.tell(group("/subscribe", thread=77))
    await bot.tell(group("/subscribe", thread=78))
    await bot.tell(group("/unsubscribe", thread=77))
    assert all_of(bot) == [(GROUP, 78, ANN)]


@pytest.mark.parametrize("mode", ["mention", "questions", "off"])
async def test_a_group_may_want_articles_and_no_answers(bot: Wired, mode: str) -> None:
    await bot.services.chats.choose(GROUP, "mode", mode)
    for text, count in [("/subscribe", 1), ("/subscriptions", 1), ("/unsubscribe", 0)]:
        assert len(await bot.tell(group(text))) == 1
        assert len(all_of(bot)) == count


@pytest.mark.parametrize("status", ["member", "restricted", "left", "kicked"])
@pytest.mark.parametrize("text", ["/subscribe", "/subscriptions", "/unsubscribe"])
async def test_nobody_but_an_admin_subscribes_a_group(bot: Wired, status: str, text: str) -> None:
    await bot.tell(group("/subscribe"))
    bot.api.chats[GROUP].members[BEN] = status
    for update in (group(text, user=BEN), as_channel(text)):
        (sent,) = await bot.tell(update)
        assert sent["text"] == words("subscribe-only-admins")
        assert "reply_markup" not in sent
    assert all_of(bot) == [(GROUP, 0, ANN)]


async def test_of_a_channel_nobody_asks_whether_it_is_an_admin(bot: Wired) -> None:
    (sent,) = await bot.calls_after(as_channel("/subscribe"))
    assert sent.params["text"] == words("subscribe-only-admins")


async def test_who_is_an_admin_is_asked_at_that_moment(bot: Wired) -> None:
    await bot.tell(picked(CHANNEL))
    (menu,) = bot.api.messages
    bot.api.chats[CHANNEL].members[ANN] = "member"
    calls = await bot.calls_after(press(menu, words("menu-unsubscribe")))
    assert [call.method for call in calls] == ["getChatMember", "answerCallbackQuery"]
    assert calls[1].params["text"] == words("subscribe-only-admins")
    await bot.tell(picked(SMALL))
    bot.api.fault("getChatMember", "error", description="Bad Request: member list is inaccessible", times=2)
    await bot.tell(picked(GROUP))
    assert all_of(bot) == [(CHANNEL, 0, ANN), (SMALL, 0, ANN)]


SETTINGS = ("end::0", "all::0", "rhythm:daily:0", "zone:UTC:0", "silent:1:0", "words::0", "menu::0")


def attempts(chance: random.Random, menu: Sent, prompt: Sent) -> Iterator[dict[str, Any]]:
    """Fifty ways in which Ben tries to get at chats that are not his."""
    number = buttons(menu)[words("back")].split(":")[1]
    elsewhere = private("hello", BOT)["message"] | {"chat": where(BEN)}
    foreign = {"type": "channel", "chat": where(CHANNEL - 1, "channel"), "message_id": 1, "date": 1}
    for _ in range(10):
        yield picked(chance.choice([CHANNEL, GROUP, SMALL]), BEN)
        yield tap(menu, f"s:{number}:{chance.choice(SETTINGS)}", BEN)
        yield tap(elsewhere, f"s:{number}:{chance.choice(SETTINGS)}", BEN)
        yield group(chance.choice(["-pounds", "pounds", "-"]), GROUP, BEN, reply_to=prompt)
        yield chance.choice([
            group("/unsubscribe", GROUP, BEN), group("/subscribe", SMALL, BEN),
            group("/subscribe", GROUP, BEN, thread=77), as_channel("/unsubscribe", GROUP),
            post("/subscribe", forward_origin=foreign),
        ])  # fmt: skip


async def test_of_fifty_foreign_attempts_none_is_accepted(bot: Wired) -> None:
    chance = random.Random(7)
    await bot.tell(group("/subscribe"))
    menu = bot.api.messages[-1]
    await bot.calls_after(press(menu, words("menu-what")))
    await bot.calls_after(press(menu, words("what-words")))
    prompt = bot.api.messages[-1]
    assert prompt.text == words("ask-words")
    table = "select * from subscriptions"
    before = bot.services.database.read().execute(table).fetchall()
    tried = list(attempts(chance, menu, prompt))
    assert len(tried) == 50
    for update in tried:
        for chat in (GROUP, CHANNEL, SMALL):
            bot.api.chats[chat].members[BEN] = chance.choice(["member", "restricted", "left", "kicked"])
        await bot.calls_after(update)
        assert bot.services.database.read().execute(table).fetchall() == before
    assert not bot.api.violations


async def test_a_stranger_subscribes_nothing(coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset({BEN})) as bot:
        bot.api.chats.learn(where(CHANNEL, "channel")).members[ANN] = "creator"
        bot.api.chats[GROUP].members |= {ANN: "creator", BEN: "administrator"}
        for update in (private("/subscribe"), group("/subscribe"), picked(CHANNEL), post("/subscribe")):
            await bot.tell(update)
        assert all_of(bot) == []
        await bot.tell(group("/subscribe", user=BEN))
        menu = bot.api.messages[-1]
        *_, answer = await bot.calls_after(press(menu, words("menu-unsubscribe")))
        assert answer.params["text"] == words("button-unknown")
        assert all_of(bot) == [(GROUP, 0, BEN)]


# From the private chat.


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_private_chat_offers_to_pick_a_channel_or_a_group(bot: Wired, language: str) -> None:
    theirs = words_for(language)
    _, offer = await bot.tell(private("/subscribe", person(ANN) | {"language_code": language}))
    assert offer["text"] == theirs("subscribe-elsewhere")
    ((channel, town),) = offer["reply_markup"]["keyboard"]
    assert (channel["text"], town["text"]) == (theirs("pick-channel"), theirs("pick-group"))
    assert channel["request_chat"]["chat_is_channel"]
    assert not town["request_chat"]["chat_is_channel"]
    for side in ("user", "bot"):
        assert channel["request_chat"][f"{side}_administrator_rights"]["can_post_messages"]
    assert not bot.api.violations


@pytest.mark.parametrize(
    ("chat", "status", "rights"),
    [
        (CHANNEL, "left", {}), (CHANNEL, "kicked", {}),
        (CHANNEL, "administrator", {"can_post_messages": False}), (GROUP, "left", {}), (GROUP, "kicked", {}),
        (GROUP, "restricted", {"can_send_messages": False}),
    ],
)  # fmt: skip
async def test_where_the_bot_may_not_post_it_says_what_it_needs(
    bot: Wired, chat: int, status: str, rights: dict[str, Any]
) -> None:
    bot.api.chats[chat].set_member(BOT, status, **rights)
    (sent,) = await bot.tell(picked(chat))
    assert sent["text"] == words("subscribe-may-not-post")
    assert all_of(bot) == []
    assert not bot.api.violations


async def test_who_is_no_admin_of_the_picked_chat_is_told_so(bot: Wired) -> None:
    (sent,) = await bot.tell(picked(CHANNEL, BEN))
    assert sent["text"] == words("subscribe-only-admins")
    assert all_of(bot) == []


async def test_a_person_sees_what_they_subscribed_wherever(bot: Wired) -> None:
    (nothing,) = await bot.tell(private("/subscriptions"))
    assert nothing["text"] == words("no-subscriptions")
    for update in (
        picked(CHANNEL, title="Harbour News"),
        group("/subscribe", thread=77),
        private("/subscribe"),
    ):
        await bot.tell(update)
    await bot.tell(private("/subscribe", BEN))
    await bot.tell(private("/subscriptions"))
    listed = bot.api.messages[-1]
    assert listed.text == words("subscriptions")
    assert list(buttons(listed)) == [words("our-chat"), "Harbour News", "Town › 77"]
    await bot.calls_after(press(listed, "Harbour News"))
    assert listed.text.startswith(words("subscription-of", title="Harbour News"))
    assert buttons(listed).keys() == MENU
    await bot.calls_after(press(listed, words("menu-unsubscribe")))
    assert listed.text == words("unsubscribed-from", title="Harbour News")
    assert buttons(listed) == {}
    assert [chat for chat, _, _ in all_of(bot)] == [GROUP, ANN, BEN]


async def test_a_chat_sees_its_own_subscription_alone(bot: Wired) -> None:
    (nothing,) = await bot.tell(group("/subscriptions"))
    assert nothing["text"] == words("not-subscribed")
    await bot.tell(private("/subscribe"))
    await bot.tell(group("/subscribe"))
    await bot.tell(group("/subscriptions"))
    assert bot.api.messages[-1].text == "\n".join(
        [words("subscription-here"), words("chosen-everything"), words("chosen-now")]
    )


@pytest.mark.parametrize(
    "update", [private("/unsubscribe"), group("/unsubscribe"), post("/unsubscribe")], ids=["me", "us", "all"]
)
async def test_unsubscribing_ends_it(bot: Wired, update: dict[str, Any]) -> None:
    (subscribe,) = ({kind: content | {"text": "/subscribe"}} for kind, content in update.items())
    await bot.tell(subscribe)
    (sent,) = await bot.tell(update)
    assert sent["text"] == words("unsubscribed")
    assert all_of(bot) == []
    (sent,) = await bot.tell(update)
    assert sent["text"] == words("not-subscribed")


# Channels.


@pytest.mark.parametrize(
    "text",
    [COST, f"/ask {COST}", "/help", "/start", "/settings", "/privacy", "/forgetme", "/reindex", "/why",
     f"@test_bot {COST}", "/subscribe@other_bot", "Send /subscribe", "", "/subscribe me?/"],
)  # fmt: skip
async def test_in_a_channel_nothing_else_is_ever_answered(bot: Wired, text: str) -> None:
    update = post(text)
    is_command = text.startswith("/subscribe me")
    assert bool(await bot.tell(update)) == is_command
    assert await bot.calls_after(edited(update, "/subscribe")) == []
    assert len(all_of(bot)) == is_command


async def test_what_is_posted_in_a_channel_is_not_even_stored(bot: Wired) -> None:
    for update, wanted in [(post(COST), False), (post("/help"), False), (post("/subscribe"), True)]:
        made = Update.de_json({"update_id": 1, **update}, None)
        assert bot.parts.inbox._wants(made) == wanted


# Thrown out, and back.

LOST = [
    (CHANNEL, "administrator", "left", {}), (CHANNEL, "administrator", "kicked", {}),
    (CHANNEL, "administrator", "administrator", {"can_post_messages": False}),
    (GROUP, "member", "kicked", {}), (GROUP, "member", "restricted", {"can_send_messages": False}),
    (GROUP, "restricted", "restricted", {"is_member": False, "can_send_messages": True}),
]  # fmt: skip


@pytest.mark.parametrize(("chat", "old", "new", "rights"), LOST)
async def test_a_subscription_rests_while_the_bot_may_not_post_and_its_owner_is_told_once(
    bot: Wired, chat: int, old: str, new: str, rights: dict[str, Any]
) -> None:
    await bot.tell(picked(chat))
    kind = bot.api.chats[chat].info
    told = [await bot.tell(membership(kind, old, new, BEN, **rights)) for _ in range(3)]
    paused = words("subscription-paused", title="Town")
    assert [[(m["chat_id"], m["text"]) for m in each] for each in told] == [[(ANN, paused)], [], []]
    assert only(bot).paused is not None
    back = {"can_post_messages": True} if chat == CHANNEL else {"can_send_messages": True, "is_member": True}
    status = "administrator" if chat == CHANNEL else "restricted"
    told = [await bot.tell(membership(kind, new, status, BEN, **back)) for _ in range(2)]
    said = [[m["text"] for m in each if m["chat_id"] == ANN] for each in told]
    assert said == [[words("subscription-resumed", title="Town")], []]
    assert only(bot).paused is None


async def test_somebody_who_blocks_the_bot_rests_too_and_is_told_nothing(bot: Wired) -> None:
    await bot.tell(private("/subscribe"))
    assert await bot.tell(membership(ANN, "member", "kicked", ANN)) == []
    assert only(bot).paused is not None
    assert await bot.tell(membership(ANN, "kicked", "member", ANN)) == []
    assert only(bot).paused is None


@pytest.mark.parametrize("update", [anonymous("/subscribe"), post("/subscribe")], ids=["group", "channel"])
async def test_of_what_nobody_is_known_to_have_subscribed_the_admins_of_the_bot_are_told(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch, update: dict[str, Any]
) -> None:
    async with wired(coast, monkeypatch, admins=frozenset({BEN})) as bot:
        place = next(iter(update.values()))["chat"]
        bot.api.chats.learn(place)
        bot.api.chats.learn(where(BEN))
        await bot.tell(update)
        status = "administrator" if place["id"] == CHANNEL else "member"
        told = [await bot.tell(membership(place, status, "kicked", ANN)) for _ in range(2)]
        paused = words("subscription-paused", title="Town")
        assert [[(m["chat_id"], m["text"]) for m in each] for each in told] == [[(BEN, paused)], []]
        assert only(bot).paused is not None


async def test_without_admins_of_the_bot_it_rests_in_silence(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, admins=frozenset()) as bot:
        await bot.tell(anonymous("/subscribe"))
        assert await bot.tell(membership(GROUP, "member", "kicked", BEN)) == []
        assert only(bot).paused is not None


async def test_an_owner_ends_what_rests_though_nobody_can_say_whether_they_are_an_admin(bot: Wired) -> None:
    await bot.tell(picked(CHANNEL))
    await bot.tell(membership(where(CHANNEL, "channel"), "administrator", "kicked", BEN))
    await bot.tell(private("/subscriptions"))
    listed = bot.api.messages[-1]
    await bot.calls_after(press(listed, "Town"))
    assert words("subscription-rests") in listed.text
    *_, answer = await bot.calls_after(press(listed, words("menu-when")))
    assert answer.params["text"] == words("subscription-rests")
    assert buttons(listed).keys() == MENU  # nothing of it can be changed
    await bot.calls_after(press(listed, words("menu-unsubscribe")))
    assert all_of(bot) == []


async def test_an_owner_who_can_not_be_told_holds_nothing_up(bot: Wired) -> None:
    await bot.tell(picked(CHANNEL))
    bot.api.chats[ANN].bot = "kicked"
    await bot.tell(membership(where(CHANNEL, "channel"), "administrator", "kicked", BEN))
    assert only(bot).paused is not None


async def test_a_subscription_follows_a_group_that_becomes_a_supergroup(bot: Wired) -> None:
    await bot.tell(group("/subscribe", SMALL))
    for update in migration(SMALL, SUPERGROUP):
        await bot.tell(update)
    assert all_of(bot) == [(SUPERGROUP, 0, ANN)]


async def test_who_is_forgotten_is_subscribed_no_more(bot: Wired) -> None:
    await bot.tell(private("/subscribe"))
    await bot.tell(picked(CHANNEL))
    await bot.tell(private("/forgetme"))
    assert all_of(bot) == [(CHANNEL, 0, 0)]


def test_telegram_is_asked_for_what_is_posted_in_channels() -> None:
    assert ALLOWED == ["message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
