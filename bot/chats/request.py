"""What handlers receive: a request or a tap, with its chat and the words to answer in."""

import logging
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.chats.addressed import How
from bot.chats.chat import Chat
from bot.text import Words
from bot.transport import Bot, Place

log = logging.getLogger(__name__)

Context = CallbackContext[Bot, Any, Any, Any]

ALLOWED = ["message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
"""Update types requested from Telegram, which keeps the list between runs."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message for the bot: a question, or a command with its arguments in `text`."""

    message: Message
    place: Place
    person: int
    how: How
    text: str
    chat: Chat
    words: Words

    @property
    def is_private(self) -> bool:
        """Whether it was sent in the person's private chat with the bot."""
        return self.how == "private"

    @property
    def number(self) -> int:
        """The number of its message."""
        return self.message.message_id


@dataclass(frozen=True, slots=True)
class Tap:
    """A tapped button; `parts` is what the button carries after its word."""

    query: CallbackQuery
    message: Message
    person: int
    chat: Chat
    words: Words
    parts: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The place of the message with the button."""
        return Place.of(self.message)

    @property
    def number(self) -> int:
        """The number of the message with the button."""
        return self.message.message_id

    async def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answers the tap; call it before anything else."""
        await answer_tap(self.query, text, alert=alert)


async def answer_tap(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Answers a tap; ignores Telegram's refusal if it waited too long."""
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        log.debug("A tap could not be answered: %s", error)
