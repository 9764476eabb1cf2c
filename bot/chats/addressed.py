"""Decides for every new message whether it is meant for the bot."""

import re
from dataclasses import dataclass
from typing import Literal

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatType
from telegram.ext import filters

from bot.chats.chat import Mode

How = Literal["private", "command", "reply", "mention", "open"]
"""How it arrived: private chat, command, reply to the bot, mention, or not addressed to anybody."""

COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+(.*))?\s*\Z", re.DOTALL | re.ASCII)
ASKS = re.compile(r"[?？؟\u037e⁇⁈⁉]\W*\Z")
# These work even in mode "off", which could not be changed otherwise.
SUBSCRIBING = {"subscribe", "subscriptions", "unsubscribe"}
ALWAYS = {"settings", "privacy", "forgetme", "help", *SUBSCRIBING}

# Content without text, though it may have a caption.
ATTACHED = (
    (~filters.SUCCESSFUL_PAYMENT & filters.ATTACHMENT)  # PTB warns about payments, which are not supported
    | filters.POLL
    | filters.Dice.ALL
    | filters.LOCATION
    | filters.CONTACT
    | filters.STORY
)


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a message asks of the bot: a command with its arguments, or a question."""

    how: How
    text: str
    command: str = ""


def addressed(message: Message, me: User, mode: Mode) -> Addressed | None:
    """Returns what a new message asks of the bot; None if it is not meant for the bot.

    Ignored: messages by bots (this one included), and messages forwarded into a group by hand or by Telegram.
    People who write as a group or channel count as people. In channels, only subscription commands posted by
    the channel itself are accepted.
    """
    if message.chat is None or _is_from_a_bot(message, me):  # despite PTB's types
        return None
    if message.chat.type == ChatType.PRIVATE:
        return _in_private(message, me)
    if message.chat.type == ChatType.CHANNEL:
        return _in_channel(message, me)
    if message.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP) or message.forward_origin:
        return None
    found = _in_group(message, me, mode)
    if found and mode == "off" and found.command not in ALWAYS:
        return None
    return found


def _is_from_a_bot(message: Message, me: User) -> bool:
    if message.is_automatic_forward or (message.via_bot and message.via_bot.id == me.id):
        return True
    if message.sender_chat is not None:  # Telegram's placeholder senders are bots, not the people behind
        return message.sender_chat.type == ChatType.PRIVATE or message.chat.type == ChatType.PRIVATE
    return message.from_user is None or message.from_user.is_bot


def _in_private(message: Message, me: User) -> Addressed | None:
    if message.from_user is None or message.from_user.id != message.chat.id:
        return None
    if message.chat_shared is not None:  # picked for a subscription
        return Addressed("private", "", "subscribe")
    if message.text is None:
        return Addressed("private", "") if ATTACHED.check_update(Update(0, message)) else None
    if message.text.startswith("/"):
        return _command(message.text, me, "private")
    return Addressed("private", message.text)


def _in_channel(message: Message, me: User) -> Addressed | None:
    posted_here = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    if message.text is None or message.forward_origin or message.via_bot or not posted_here:
        return None
    found = _command(message.text, me, "command")
    return found if found and found.command in SUBSCRIBING else None


def _in_group(message: Message, me: User, mode: Mode) -> Addressed | None:
    text = message.text
    if text is None or message.via_bot:
        return None
    entities = message.parse_entities()
    if any(entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0 for entity in entities):
        return _command(text, me, "command")
    ours = [entity for entity, part in entities.items() if _names(entity, part, me)]
    if ours:
        return Addressed("mention", _without(text, ours))
    opens_with = next((e for e in entities if e.offset == 0), None)
    if opens_with and opens_with.type in (MessageEntity.MENTION, MessageEntity.TEXT_MENTION):
        return None  # for somebody else
    if _replies_to(message, me):
        return Addressed("reply", text)
    return Addressed("open", text) if mode == "questions" and ASKS.search(text) else None


def _command(text: str, me: User, how: How) -> Addressed | None:
    """Parses a command; returns None if it names another bot."""
    match = COMMAND.match(text)
    if match is None:
        return Addressed(how, "", "?") if how == "private" else None
    name, bot, rest = match.groups()
    if bot and bot.lower() != (me.username or "").lower():
        return None
    return Addressed(how, (rest or "").strip(), name.lower())


def _names(entity: MessageEntity, part: str, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and part.lower() == f"@{me.username}".lower()


def _without(text: str, mentions: list[MessageEntity]) -> str:
    """Returns the text without the bot's names; offsets are UTF-16 units."""
    raw = text.encode("utf-16-le")
    for entity in sorted(mentions, key=lambda each: -each.offset):
        raw = raw[: 2 * entity.offset] + raw[2 * (entity.offset + entity.length) :]
    return raw.decode("utf-16-le").strip(" ,:;–—-\n\t")


def _replies_to(message: Message, me: User) -> bool:
    """Returns whether it replies to the bot; in a topic every message replies to the topic's first."""
    replied = message.reply_to_message
    return bool(
        replied and replied.from_user and replied.from_user.id == me.id and not replied.forum_topic_created
    )
