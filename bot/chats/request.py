"""What handlers get of an update."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message
from telegram.ext import CallbackContext

from bot.chats.addressed import How
from bot.chats.chat import Chat
from bot.records.answers import AnswerRecord
from bot.text.words import Words
from bot.transport.client import Bot
from bot.transport.sender import Place

Context = CallbackContext[Bot, Any, Any, Any]

ALLOWED = ["message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
"""The kinds of updates that Telegram is asked for; the list stays there between runs."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message that is for the bot: what it asks, who asks it, where, and in which words to answer.

    `waits` is the question as it was understood when it came, where its person was told that it waits.
    """

    message: Message
    place: Place
    person: int
    how: How
    text: str
    chat: Chat
    words: Words
    waits: AnswerRecord | None = None

    @property
    def is_private(self) -> bool:
        """Whether it was asked in the person's own chat with the bot."""
        return self.how == "private"


Handler = Callable[[Request], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tap:
    """A button of the admin's desk that an admin tapped; `value` is what it carries."""

    query: CallbackQuery
    message: Message
    person: int
    value: str


TapHandler = Callable[[Tap], Awaitable[None]]
