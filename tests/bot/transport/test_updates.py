"""Which updates have which effect, and that none whatever stops the bot."""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from bot_api_text import found
from fakes import Wired, until, wired
from telegram import Message, Update
from updates import (
    ANN,
    ANONYMOUS,
    BOT,
    CHANNEL,
    GROUP,
    TELEGRAM,
    inline,
    membership,
    person,
    private,
    tap,
    where,
)

from bot.admin.reindex_jobs import HEADS, MEANWHILE
from bot.assistant import Assistant
from bot.config import load
from bot.text.words import words_for
from bot.transport.client import UpdatesRequest, parsed
from bot.transport.inbox_table import PARSED, PAYLOAD, UNPARSED

Json = dict[str, Any]

ADMIN = 1  # user 1 is an admin in the fixture `config`
QUESTION = "How many pounds did the lighthouse on the northern cape cost?"
ARTICLE = """The lighthouse on the northern cape cost 12 million pounds. It opened in May.
Harbour master Ines Vidal said that “every ship is welcome” at the new pier.
"""

USER = person(ANN)
ROBOT = {"id": 555, "is_bot": True, "first_name": "Robot", "username": "other_bot"}
PRIVATE_CHAT, GROUP_CHAT, CHANNEL_CHAT = where(ANN), where(GROUP), where(CHANNEL, "channel")
FORWARDED = {"type": "user", "sender_user": USER, "date": 1_700_000_000}
HIDDEN = {"type": "hidden_user", "sender_user_name": "Someone", "date": 1_700_000_000}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL_CHAT, "message_id": 5, "date": 1_700_000_000}
FILE = {"file_id": "A", "file_unique_id": "B"}
PICTURE = FILE | {"width": 90, "height": 90}
VOICE = FILE | {"duration": 3}
STICKER = PICTURE | {"type": "regular", "is_animated": False, "is_video": False}
QUERY = {"id": "1", "from": USER}
OLD = {"message_id": 4, "date": 1_700_000_000, "chat": PRIVATE_CHAT, "text": "an old message"}
OURS = OLD | {"chat": GROUP_CHAT, "from": BOT}

words = words_for("en")
SAID = {
    words("start"): "start",
    words("help", bot="@test_bot"): "help",
    words("privacy", days=load({}).keep_days): "privacy",
    words("new-topic"): "forgot the question",
    words("forgotten"): "forgot the person",
    words("language-title"): "which language",
    words("settings-only-admins"): "only admins",
    words("why-how"): "how to ask why",
    words("how-to-ask"): "how to ask",
    words("text-only"): "text only",
    words("unknown-command"): "unknown command",
    words("permalink-gone"): "no such answer",
    f"{HEADS[False]}\n{MEANWHILE}": "reindexing",
}


@pytest.fixture
async def bot(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wired]:
    (assistant.config.corpus / "lighthouse.txt").write_text(ARTICLE)
    bring_up(assistant)
    async with wired(assistant, monkeypatch, per_person=1000, per_chat=1000) as made:
        yield made


def effects(sent: list[Json]) -> list[str]:
    """What a person was told: one word for each message."""
    told = []
    for message in sent:
        kinds = {entity["type"] for entity in message.get("entities", [])}
        quoted = "answered" if "expandable_blockquote" in kinds else "other"
        listed = "articles" if message["text"].startswith("I answer from") else quoted
        in_group = "help in groups" if message["text"].startswith("Here I answer") else listed
        told.append(SAID.get(message["text"], in_group))
    return told


# What was written, by whom, where (0: their own chat), what else the message holds, and what comes of it.
MESSAGES = {
    "a question": (QUESTION, ANN, 0, {}, ["answered"]),
    "a question of the admin": (QUESTION, ADMIN, 0, {}, ["answered"]),
    "a question in reply to a message": (QUESTION, ANN, 0, {"reply_to_message": OLD}, ["answered"]),
    "a question with a link in it": (f"{QUESTION} bbc.com", ANN, 0, {}, ["answered"]),
    "/ask": (f"/ask {QUESTION}", ANN, 0, {}, ["answered"]),
    "/ask and a new line": (f"/ask\n{QUESTION}", ANN, 0, {}, ["answered"]),
    "/ask to us": (f"/ask@test_bot {QUESTION}", ANN, 0, {}, ["answered"]),
    "/ASK": (f"/ASK {QUESTION}", ANN, 0, {}, ["answered"]),
    "/ask to US": (f"/ask@TEST_BOT {QUESTION}", ANN, 0, {}, ["answered"]),
    "/ask to another bot": (f"/ask@other_bot {QUESTION}", ANN, 0, {}, []),
    "/ask without its entity": (f"/ask {QUESTION}", ANN, 0, {"entities": []}, ["answered"]),
    "/ask after a word": (f"{QUESTION} /ask", ANN, 0, {}, ["answered"]),
    "/ask without a question": ("/ask", ANN, 0, {}, ["how to ask"]),
    "/ask and spaces": ("/ask  \n ", ANN, 0, {}, ["how to ask"]),
    "/start": ("/start", ANN, 0, {}, ["start"]),
    "/help": ("/help", ANN, 0, {}, ["help"]),
    "/privacy": ("/privacy", ANN, 0, {}, ["privacy"]),
    "/articles": ("/articles", ANN, 0, {}, ["articles"]),
    "/new": ("/new", ANN, 0, {}, ["forgot the question"]),
    "/forgetme": ("/forgetme", ANN, 0, {}, ["forgot the person"]),
    "/language": ("/language", ANN, 0, {}, ["which language"]),
    "/why": ("/why", ANN, 0, {}, ["how to ask why"]),
    "an unknown command": ("/drop_tables", ANN, 0, {}, ["unknown command"]),
    "an unknown command to US": ("/drop@Test_Bot", ANN, 0, {}, ["unknown command"]),
    "an unknown command to another bot": ("/drop@other_bot", ANN, 0, {}, []),
    "a command without a text": (None, ANN, 0, {"entities": found("/ask")}, []),
    "a forwarded question": (QUESTION, ANN, 0, {"forward_origin": FORWARDED}, ["answered"]),
    "a question forwarded from a channel": (QUESTION, ANN, 0, {"forward_origin": FROM_CHANNEL}, ["answered"]),
    "a question via another bot": (QUESTION, ANN, 0, {"via_bot": ROBOT}, ["answered"]),
    "a question via us": (QUESTION, ANN, 0, {"via_bot": BOT}, []),
    "a question from a bot": (QUESTION, 555, 0, {"from": ROBOT}, []),
    "a question from ourselves": (QUESTION, ANN, 0, {"from": BOT}, []),
    "a question from nobody": (QUESTION, ANN, 0, {"from": None}, []),
    "a question in a group": (QUESTION, ANN, GROUP, {}, []),
    "/ask in a group": (f"/ask {QUESTION}", ANN, GROUP, {}, ["answered"]),
    "/ask in a group to another bot": (f"/ask@other_bot {QUESTION}", ANN, GROUP, {}, []),
    "/ask in a group without a question": ("/ask", ANN, GROUP, {}, ["how to ask"]),
    "/ask in a group in reply to a question": (
        "/ask", ANN, GROUP, {"reply_to_message": OLD | {"text": QUESTION}}, ["answered"],
    ),
    "/help in a group": ("/help", ANN, GROUP, {}, ["help in groups"]),
    "/start in a group": ("/start", ANN, GROUP, {}, ["help in groups"]),
    "/settings in a group": ("/settings", ANN, GROUP, {}, ["only admins"]),
    "an unknown command in a group": ("/drop_tables", ANN, GROUP, {}, []),
    "a mention in a group": (f"@test_bot {QUESTION}", ANN, GROUP, {}, ["answered"]),
    "a mention alone in a group": ("@test_bot", ANN, GROUP, {}, ["how to ask"]),
    "a mention of another bot": (f"@other_bot {QUESTION}", ANN, GROUP, {}, []),
    "a reply to us in a group": (QUESTION, ANN, GROUP, {"reply_to_message": OURS}, ["answered"]),
    "an anonymous group admin": (QUESTION, ANN, GROUP, {"from": ANONYMOUS, "sender_chat": GROUP_CHAT}, []),
    "/ask of an anonymous group admin": (
        f"/ask {QUESTION}", ANN, GROUP, {"from": ANONYMOUS, "sender_chat": GROUP_CHAT}, ["answered"],
    ),
    "somebody as a channel": (QUESTION, ANN, GROUP, {"sender_chat": CHANNEL_CHAT}, []),
    "/ask of somebody as a channel": (
        f"/ask {QUESTION}", ANN, GROUP, {"sender_chat": CHANNEL_CHAT}, ["answered"],
    ),
    "a sender_chat in a private chat": (QUESTION, ANN, 0, {"sender_chat": CHANNEL_CHAT}, []),
    "an automatic forward": (
        QUESTION, ANN, GROUP,
        {"from": TELEGRAM, "sender_chat": CHANNEL_CHAT, "is_automatic_forward": True}, [],
    ),
    "/reindex of the admin": ("/reindex", ADMIN, 0, {}, ["reindexing"]),
    "/REINDEX of the admin": ("/REINDEX@Test_bot", ADMIN, 0, {}, ["reindexing"]),
    "/reindex of another": ("/reindex", ANN, 0, {}, ["unknown command"]),
    "/reindex to another bot": ("/reindex@other_bot", ADMIN, 0, {}, []),
    "/reindex forwarded by the admin": (
        "/reindex", ADMIN, 0, {"forward_origin": FORWARDED}, ["unknown command"],
    ),
    "/reindex of a hidden person forwarded by the admin": (
        "/reindex", ADMIN, 0, {"forward_origin": HIDDEN}, ["unknown command"],
    ),
    "/reindex of the admin via a bot": ("/reindex", ADMIN, 0, {"via_bot": ROBOT}, ["unknown command"]),
    "/reindex of the admin via us": ("/reindex", ADMIN, 0, {"via_bot": BOT}, []),
    "/reindex of the admin in a group": ("/reindex", ADMIN, GROUP, {}, []),
    "/reindex of an anonymous admin": (
        "/reindex", ADMIN, GROUP, {"from": ANONYMOUS, "sender_chat": GROUP_CHAT}, [],
    ),
    "/reindex in the admin's name": (
        "/reindex", ANN, 0, {"from": USER | {"username": "1"}}, ["unknown command"],
    ),
    "/reindex of a bot with the admin's id": ("/reindex", ADMIN, 0, {"from": ROBOT | {"id": ADMIN}}, []),
    "/reindex in the admin's chat by another": ("/reindex", ADMIN, 0, {"from": USER}, []),
    "/reindex in a caption": (
        None, ADMIN, 0, {"photo": [PICTURE], "caption": "/reindex"}, ["text only"],
    ),
    "/ask in a caption": (
        None, ANN, 0, {"photo": [PICTURE], "caption": f"/ask {QUESTION}"}, ["text only"],
    ),
    "a voice message": (None, ANN, 0, {"voice": VOICE}, ["text only"]),
    "a sticker": (None, ANN, 0, {"sticker": STICKER}, ["text only"]),
    "a photo": (None, ANN, 0, {"photo": [PICTURE]}, ["text only"]),
    "a photo with a question": (None, ANN, 0, {"photo": [PICTURE], "caption": QUESTION}, ["text only"]),
    "a document": (None, ANN, 0, {"document": FILE}, ["text only"]),
    "a video note": (None, ANN, 0, {"video_note": VOICE | {"length": 9}}, ["text only"]),
    "a place": (None, ANN, 0, {"location": {"longitude": 1.5, "latitude": 2.5}}, ["text only"]),
    "a contact": (None, ANN, 0, {"contact": {"phone_number": "1", "first_name": "B"}}, ["text only"]),
    "a die": (None, ANN, 0, {"dice": {"emoji": "🎲", "value": 3}}, ["text only"]),
    "a story": (None, ANN, 0, {"story": {"id": 3, "chat": CHANNEL_CHAT}}, ["text only"]),
    "a photo in a group": (None, ANN, GROUP, {"photo": [PICTURE]}, []),
    "a message without content": (None, ANN, 0, {}, []),
    "somebody pinned a message": (None, ANN, 0, {"pinned_message": OLD}, []),
    "a new member": (None, ANN, GROUP, {"new_chat_members": [USER]}, []),
    "a member who left": (None, ANN, GROUP, {"left_chat_member": USER}, []),
    "a group that moved": (None, ANN, GROUP, {"migrate_from_chat_id": -5}, []),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", MESSAGES)
async def test_a_message_has_its_effect(bot: Wired, case: str) -> None:
    text, user, chat, more, expected = MESSAGES[case]
    update = bot.api.message(user, text, chat, **more)
    assert effects(await bot.tell(update)) == expected
    assert not bot.api.violations


MEMBER = membership(ANN, "member", "kicked")["my_chat_member"]
OTHER_KINDS = [
    ("edited_message", QUESTION, ANN, {"edit_date": 1_700_000_001}),
    ("edited_message", "/reindex", ADMIN, {"edit_date": 1_700_000_001}),
    ("channel_post", QUESTION, ANN, {"chat": CHANNEL_CHAT, "from": None, "sender_chat": CHANNEL_CHAT}),
    ("channel_post", "/reindex", ADMIN, {"chat": CHANNEL_CHAT}),
    ("channel_post", "/reindex", ADMIN, {}),
    ("edited_channel_post", QUESTION, ANN, {"chat": CHANNEL_CHAT}),
    ("business_message", QUESTION, ANN, {"business_connection_id": "b"}),
    ("business_message", "/reindex", ADMIN, {"business_connection_id": "b"}),
    ("edited_business_message", "/reindex", ADMIN, {"business_connection_id": "b"}),
    ("guest_message", "/reindex", ADMIN, {}),
]


@pytest.mark.parametrize(("kind", "text", "user", "more"), OTHER_KINDS)
async def test_what_is_no_new_message_has_none(
    bot: Wired, kind: str, text: str, user: int, more: Json
) -> None:
    (message,) = bot.api.message(user, text, **more).values()
    calls = len(bot.api.calls)
    assert await bot.tell({kind: message}) == []
    assert len(bot.api.calls) == calls


@pytest.mark.parametrize(
    ("update", "methods"),
    [
        (tap(OLD, "/reindex"), ["answerCallbackQuery"]),
        (inline(QUESTION), ["answerInlineQuery"]),
        ({"my_chat_member": MEMBER}, []),
        ({"chat_member": MEMBER}, []),
        ({"message": None}, []),
        ({}, []),
    ],
)
async def test_updates_without_a_message_send_none(bot: Wired, update: Json, methods: list[str]) -> None:
    assert [call.method for call in await bot.calls_after(update)] == methods


async def test_an_answer_replies_to_its_question(bot: Wired) -> None:
    update = bot.api.message(ANN, QUESTION)
    (sent,) = await bot.tell(update)
    assert sent["reply_parameters"]["message_id"] == update["message"]["message_id"]


async def test_the_admin_gets_a_menu_once(bot: Wired) -> None:
    for user in (ANN, ADMIN, ADMIN):
        await bot.tell(bot.api.message(user, QUESTION))
    menus = [call for call in bot.api.calls if call.method == "setMyCommands"]
    assert [call.params["scope"]["chat_id"] for call in menus] == [ADMIN]
    assert "reindex" in [command["command"] for command in menus[0].params["commands"]]


HOSTILE = [
    "A" * 5000, "😀" * 2000, "\u202eevil\u202c", "\u200b\ufeff\u2066", "\u0301" * 1000, "\0\x01\x1b[31m",
    "مرحبا بالعالم", "שלום", "👩\u200d👩\u200d👧", "<b>&amp;</b>", "{{7*7}}", "${jndi:ldap://x.y/z}", "%00",
    "'; drop table x; --", "../../etc/passwd", "\r\n\r\n", "a\ud800b", "\udc00", "\ud83d", 'NEAR("a" *', "-1",
]  # fmt: skip


def payloads(number: int) -> Iterator[str]:
    """Deep-link payloads: such as Telegram allows, and worse."""
    chance = random.Random(6)
    allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    for count in range(number):
        if count < len(HOSTILE):
            yield HOSTILE[count]
        elif count % 2:
            yield "".join(chance.choices(allowed, k=chance.randint(1, 64)))
        else:
            yield "".join(chr(chance.choice([*range(32, 127), 0x202E, 0x1F600])) for _ in range(300))


@pytest.mark.parametrize(("prefix", "effect"), [("", "start"), ("a_", "no such answer")])
async def test_start_says_the_same_whatever_its_payload(bot: Wired, prefix: str, effect: str) -> None:
    for payload in payloads(100):
        assert effects(await bot.tell(bot.api.message(ANN, f"/start {prefix}{payload}"))) == [effect], payload
    assert {call.method for call in bot.api.calls} == {"getMe", "sendMessage"}


# Ten thousand odd updates.

MESSAGE_KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post",
    "business_message", "edited_business_message", "guest_message",
)  # fmt: skip
POLL = {
    "id": "1", "question": "?", "options": [{"text": "a", "voter_count": 0, "persistent_id": "1"}],
    "total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular",
    "allows_multiple_answers": False, "allows_revoting": True, "members_only": False,
}  # fmt: skip
INVOICE = {"total_amount": 5, "invoice_payload": "x", "currency": "XTR"}
BOOST = {"boost_id": "1", "source": {"source": "premium", "user": USER}}
REACTED = {"chat": GROUP_CHAT, "message_id": 4, "date": 1_700_000_000}
KINDS: dict[str, Json] = {
    "inline_query": QUERY | {"query": QUESTION, "offset": ""},
    "chosen_inline_result": {"result_id": "1", "from": USER, "query": QUESTION},
    "callback_query": QUERY | {"chat_instance": "1", "data": "/reindex", "message": OLD},
    "shipping_query": QUERY
    | {
        "invoice_payload": "x",
        "shipping_address": {
            "country_code": "GB", "state": "", "city": "L",
            "street_line1": "", "street_line2": "", "post_code": "",
        },
    },
    "pre_checkout_query": QUERY | INVOICE,
    "poll": POLL,
    "poll_answer": {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["1"], "user": USER},
    "my_chat_member": MEMBER,
    "chat_member": MEMBER,
    "chat_join_request": {"chat": GROUP_CHAT, "from": USER, "date": 1_700_000_000, "user_chat_id": ANN},
    "chat_boost": {
        "chat": GROUP_CHAT, "boost": BOOST | {"add_date": 1_700_000_000, "expiration_date": 1_800_000_000},
    },
    "removed_chat_boost": BOOST | {"chat": GROUP_CHAT, "remove_date": 1_700_000_000},
    "message_reaction": REACTED
    | {"user": USER, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]},
    "message_reaction_count": REACTED
    | {"reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": 2}]},
    "business_connection": {
        "id": "b", "user": USER, "user_chat_id": ANN, "date": 1_700_000_000, "is_enabled": True,
    },
    "deleted_business_messages": {"business_connection_id": "b", "chat": PRIVATE_CHAT, "message_ids": [4]},
    "purchased_paid_media": {"from": USER, "paid_media_payload": "x"},
    "managed_bot": {"user": USER, "bot": ROBOT},
}  # fmt: skip
CONTENTS: list[Json] = [
    {},
    {"text": QUESTION},
    {"poll": POLL},
    {"venue": {"location": {"longitude": 1.5, "latitude": 2.5}, "title": "Cape", "address": "1"}},
    {"invoice": INVOICE | {"title": "t", "description": "d", "start_parameter": ""}},
    {"successful_payment": INVOICE | {"telegram_payment_charge_id": "1", "provider_payment_charge_id": "1"}},
    {"game": {"title": "t", "description": "d", "photo": [PICTURE]}},
    {"audio": VOICE},
    {"video": PICTURE | {"duration": 3}},
    {"animation": PICTURE | {"duration": 3}},
    {"new_chat_title": "t"},
    {"delete_chat_photo": True},
    {"group_chat_created": True},
    {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
    {"users_shared": {"request_id": 1, "users": [{"user_id": ANN}]}},
    {"chat_shared": {"request_id": 1, "chat_id": GROUP}},
    {"write_access_allowed": {}},
    {"forum_topic_created": {"name": "t", "icon_color": 1}},
    {"video_chat_ended": {"duration": 1}},
    {"web_app_data": {"data": "x", "button_text": "y"}},
    {"quote": {"text": "q", "position": 0}, "reply_to_message": OLD},
    {"external_reply": {"origin": HIDDEN}},
    {"reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "x"}]]}},
    *(
        {key: value for key, value in more.items() if value is not None} | ({"text": text} if text else {})
        for text, _, _, more, _ in MESSAGES.values()
    ),
]
HUGE = [2**31, 2**52, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, -(10**18), 0, -1, 1e300]
STRANGE: dict[type, list[Any]] = {str: HOSTILE, int: HUGE, bool: [True], list: [[], [None]], dict: [{}]}


def odd_update(chance: random.Random) -> Json:
    """An update of any kind: half of them sound, the others with fields removed or made strange."""
    kind = chance.choice([*KINDS, *MESSAGE_KINDS, *["message"] * 12])
    content = KINDS.get(kind) or {
        "message_id": chance.randint(1, 2**31),
        "date": chance.choice([1_700_000_000, int(time.time())]),
        "chat": chance.choice(
            [PRIVATE_CHAT, PRIVATE_CHAT, PRIVATE_CHAT | {"id": ADMIN}, GROUP_CHAT, CHANNEL_CHAT]
        ),
        "from": chance.choice([USER, USER, USER | {"id": ADMIN}, ROBOT, ANONYMOUS]),
        **chance.choice(CONTENTS),
    }
    if "text" in content and chance.random() < 0.3:
        content = content | {"text": chance.choice(HOSTILE)}
    update = json.loads(json.dumps({kind: content}))
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 5])):
        spoil(update, chance)
    return update


def spoil(value: Any, chance: random.Random) -> None:
    """Remove or change one field, at any depth."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
            value = value[key]
        elif chance.random() < 0.5:
            del value[key]
            return
        else:
            value[key] = chance.choice([None, *STRANGE.get(type(value[key]), ())])
            return


def states(assistant: Assistant) -> dict[str, int]:
    """How many updates the inbox holds in which state."""
    rows = assistant.database.read().execute("select state, count(*) from inbox group by state")
    return dict(rows.fetchall())


def failed(assistant: Assistant) -> int:
    """How many updates were set aside because handling them failed."""
    sql = "select count(*) from inbox where failures > 0 or reference is not null"
    return assistant.database.read().execute(sql).fetchone()[0]


def test_the_odd_updates_are_of_every_kind_that_ptb_knows() -> None:
    assert {*KINDS, *MESSAGE_KINDS} == set(Update.ALL_TYPES)
    for kind, content in KINDS.items():
        assert Update.de_json({"update_id": 1, kind: content}, None)[kind] is not None


async def test_the_token_is_not_in_what_python_shows_of_the_bot(bot: Wired) -> None:
    assert bot.api.token not in repr(bot.app.bot)


def test_what_is_no_update_at_all_is_left_out() -> None:
    junk = [5, None, "x", [], {}, {"update_id": None}, {"update_id": "1"}, {"update_id": 10**30}]
    payload = json.dumps({"ok": True, "result": [*junk, {"update_id": 3}]}).encode()
    assert [each["update_id"] for each in UpdatesRequest.parse_json_payload(payload)["result"]] == [3]


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400, 1e300])
@pytest.mark.parametrize("place", ["message_id", "message_thread_id", "reply_to_message"])
def test_an_update_with_a_number_that_no_database_takes_is_set_aside(place: str, number: float) -> None:
    (message,) = private(QUESTION, reply_to=OLD, message_thread_id=7).values()
    sound = {"update_id": 7, "message": message}
    huge = OLD | {"message_id": number} if place == "reply_to_message" else number
    odd = {"update_id": 8, "message": message | {place: huge}}
    first, second = parsed([sound, odd])
    assert json.loads(first.api_kwargs[PAYLOAD]) == sound
    assert (second.update_id, second.api_kwargs) == (8, {UNPARSED: odd})


async def test_half_a_surrogate_pair_becomes_one_sign_that_a_file_takes(bot: Wired) -> None:
    text = f"{chr(0xD800)}@test_bot{chr(0xDC00)} {QUESTION}"
    mention = {"type": "mention", "offset": 1, "length": 9}
    asked = bot.api.message(ANN, text, GROUP, entities=[mention])
    payload = json.dumps({"ok": True, "result": [{"update_id": 7, **asked}]}).encode()
    (wrapped,) = UpdatesRequest.parse_json_payload(payload)["result"]
    update = json.loads(wrapped[PARSED].api_kwargs[PAYLOAD])
    assert wrapped[PARSED].message.text == update["message"]["text"] == f"\ufffd@test_bot\ufffd {QUESTION}"
    assert effects(await bot.tell({"message": update["message"]})) == ["answered"]


async def test_an_update_is_parsed_when_it_comes_and_when_it_is_handled_and_stored_as_it_came(
    bot: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"update_id": 7, **bot.api.message(ANN, QUESTION), "a_field_to_come": {"text": "ž"}}
    parsed_texts, handled = [], []
    real = Message.de_json

    def noted(data: Json, telegram: Any = None) -> Message:
        parsed_texts.append(data["text"])
        return real(data, telegram)

    monkeypatch.setattr(Message, "de_json", noted)

    async def handle(payload: Json) -> None:
        handled.append(payload)
        await bot.app.process_update(Update.de_json(payload, bot.app.bot))

    payload = json.dumps({"ok": True, "result": [asked]}).encode()
    for update in Update.de_list(UpdatesRequest.parse_json_payload(payload)["result"], bot.app.bot):
        await bot.parts.inbox.put(update)
    parsed_before = len(parsed_texts)
    working = asyncio.create_task(bot.parts.inbox.work(handle, lambda chat, reference: asyncio.sleep(0)))
    await until(lambda: bot.api.messages)
    await bot.parts.inbox.stop()
    await working
    assert handled == [asked]
    assert (parsed_before, parsed_texts.count(QUESTION)) == (1, 2)


@pytest.mark.slow
async def test_ten_thousand_odd_updates_stop_nothing(
    bot: Wired, assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(
        logging.CRITICAL, "bot.transport.client"
    )  # hundreds are set aside, with a traceback each
    unsafe = partial(assistant.database._connection.execute, "pragma synchronous = off")
    assistant.database._writer.submit(unsafe).result()  # 30,000 commits; no crash is tested here
    chance = random.Random(7)
    working = asyncio.create_task(bot.parts.inbox.work(bot.process, lambda chat, reference: asyncio.sleep(0)))
    for first in range(0, 10_000, 100):
        updates = [{"update_id": first + n, **odd_update(chance)} for n in range(1, 100)]
        probe = bot.api.message(1000 + first, QUESTION)
        payload = json.dumps({"ok": True, "result": [*updates, {"update_id": first + 100, **probe}]})
        for raw in UpdatesRequest.parse_json_payload(payload.encode())["result"]:
            await bot.parts.inbox.put(Update.de_json(raw, bot.app.bot))
        chat = probe["message"]["chat"]["id"]
        (told,) = await until(lambda chat=chat: [m for m in bot.api.messages if m.chat_id == chat])
        assert told.pieces("expandable_blockquote")
    await until(lambda: "waiting" not in states(assistant))
    assert failed(assistant) == 0
    assert states(assistant)["done"] > 5000
    await bot.parts.inbox.stop()
    await working
