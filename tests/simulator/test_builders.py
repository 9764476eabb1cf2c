"""The updates that tests build are such as PTB parses and Telegram sends."""

from typing import Any

import pytest
import updates
from bot_api_chats import Chat, Sent
from telegram import Update
from updates import ANN, CHANNEL, GROUP

BASIC = -5
REAL = {"message_id": 7, "date": 1_700_000_000, "chat": updates.where(GROUP), "text": "said"}
SENT = Sent(
    Chat(ANN), 3, "Which?", [], {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}, None, {}
)
OLD, NEW = updates.migration(BASIC, GROUP)

# What PTB reads from an update: dotted names and their values.
BUILT: dict[str, tuple[dict, dict[str, object]]] = {
    "private": (
        updates.private("hello"),
        {"message.chat.type": "private", "effective_user.id": ANN, "message.text": "hello"},
    ),
    "command": (updates.private("/ask@test_bot x"), {"message.entities.0.length": len("/ask@test_bot")}),
    "mention": (updates.group("so, @test_bot?"), {"message.entities.0.type": "mention"}),
    "caption": (
        updates.private(None, photo=[{"file_id": "A", "file_unique_id": "B", "width": 9, "height": 9}],
                        caption="by @someone"),
        {"message.caption_entities.0.type": "mention"},
    ),
    "group": (updates.group("x", BASIC), {"message.chat.type": "group", "message.message_thread_id": None}),
    "reply in a group": (
        updates.group("x", BASIC, reply_to=REAL),
        {"message.reply_to_message.text": "said", "message.message_thread_id": None},
    ),
    "reply in a supergroup": (
        updates.group("x", reply_to=REAL),
        {"message.chat.type": "supergroup", "message.message_thread_id": 7, "message.is_topic_message": None},
    ),
    "reply to the bot": (
        updates.private("x", reply_to=SENT),
        {"message.reply_to_message.from_user.is_bot": True},
    ),
    "in a topic": (
        updates.group("x", thread=50),
        {
            "message.message_thread_id": 50,
            "message.is_topic_message": True,
            "message.chat.is_forum": True,
            "message.reply_to_message.message_id": 50,
            "message.reply_to_message.forum_topic_created.name": "News",
        },
    ),
    "reply in a topic": (
        updates.group("x", reply_to=REAL, thread=50),
        {"message.message_thread_id": 50, "message.reply_to_message.message_id": 7},
    ),
    "topic created": (
        updates.topic("created", 50),
        {"message.message_id": 50, "message.forum_topic_created.name": "News"},
    ),
    "topic closed": (updates.topic("closed", 50), {"message.message_thread_id": 50}),
    "anonymous": (
        updates.anonymous("x"),
        {"message.from_user.id": 1087968824, "message.sender_chat.id": GROUP},
    ),
    "as a channel": (
        updates.as_channel("x"),
        {"message.from_user.id": 136817688, "message.sender_chat.type": "channel"},
    ),
    "post": (updates.post("x"), {"channel_post.chat.id": CHANNEL, "effective_user": None}),
    "automatic forward": (
        updates.forwarded(updates.post("x /y")),
        {
            "message.from_user.id": 777000,
            "message.is_automatic_forward": True,
            "message.forward_origin.chat.id": CHANNEL,
            "message.entities.0.type": "bot_command",
        },
    ),
    "edited": (updates.edited(updates.private("/x"), "y"), {"edited_message.text": "y"}),
    "edited post": (updates.edited(updates.post("x"), "y"), {"edited_channel_post.entities": ()}),
    "migrated to": (OLD, {"message.chat.id": BASIC, "message.migrate_to_chat_id": GROUP}),
    "migrated from": (NEW, {"message.chat.id": GROUP, "message.migrate_from_chat_id": BASIC}),
    "blocked": (
        updates.membership(ANN, "member", "kicked"),
        {"my_chat_member.new_chat_member.status": "kicked", "my_chat_member.chat.type": "private"},
    ),
    "promoted": (
        updates.membership(GROUP, "member", "administrator", by=5, can_pin_messages=True),
        {
            "my_chat_member.new_chat_member.can_pin_messages": True,
            "my_chat_member.new_chat_member.can_manage_chat": False,
            "my_chat_member.from_user.id": 5,
        },
    ),
    "muted": (
        updates.membership(GROUP, "member", "restricted"),
        {"my_chat_member.new_chat_member.can_send_messages": False},
    ),
    "another member": (
        updates.membership(GROUP, "left", "creator", user=updates.person(5)),
        {"chat_member.new_chat_member.user.id": 5},
    ),
    "tap": (
        updates.tap(SENT, "a", user=5),
        {
            "callback_query.data": "a",
            "callback_query.from_user.id": 5,
            "callback_query.message.text": "Which?",
            "callback_query.message.reply_markup.inline_keyboard.0.0.text": "A",
        },
    ),
    "tap on an inline message": (updates.tap("I", "a"), {"callback_query.inline_message_id": "I"}),
    "inline query": (
        updates.inline("x"),
        {"inline_query.query": "x", "inline_query.offset": "", "inline_query.chat_type": "sender"},
    ),
    "chosen result": (updates.chosen("r", "x"), {"chosen_inline_result.result_id": "r"}),
}  # fmt: skip


def read(value: Any, path: str) -> object:
    """What stands at a path of attributes and positions."""
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


@pytest.mark.parametrize("case", BUILT)
def test_ptb_reads_what_is_built(case: str) -> None:
    update, expected = BUILT[case]
    parsed = Update.de_json({"update_id": 1, **update}, None)
    assert {path: read(parsed, path) for path in expected} == expected
    assert set(parsed.to_dict()) == {"update_id", *update}


def test_messages_of_a_chat_are_numbered_upwards_and_supergroups_for_themselves() -> None:
    def numbers(chat: int) -> list[int]:
        return [updates.group("x", chat)["message"]["message_id"] for _ in range(3)]

    first, second = numbers(-1_000_000_000_111), numbers(-1_000_000_000_222)
    assert first == second == sorted(set(first))
    here, there = numbers(BASIC), numbers(BASIC - 1)
    assert here[-1] < there[0]


def test_a_field_can_be_taken_away_or_replaced() -> None:
    message = updates.private("x", date=5, **{"from": None})["message"]
    assert "from" not in message
    assert message["date"] == 5
