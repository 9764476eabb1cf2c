"""Which updates are for us, and how handlers see them."""

from typing import Any

from telegram import Message, Update
from telegram.ext import CallbackContext, ExtBot, filters

Bot = ExtBot[None]
Context = CallbackContext[Bot, Any, Any, Any]

ALLOWED = ["message"]
"""The kinds of updates that Telegram is asked for; the list stays there between runs."""


class NewPrivate(filters.UpdateFilter):
    """New messages that a person wrote in their own chat with the bot: no edits, no channels."""

    def filter(self, update: Update) -> bool:
        """Whether `update` is such a message."""
        message = update.message
        return (
            message is not None
            and message.from_user is not None
            and not message.from_user.is_bot
            and message.chat is not None  # whatever PTB's types say
            and message.chat.id == message.from_user.id
            and message.sender_chat is None
        )


class FromAdmin(NewPrivate):
    """Of those, the messages that an admin wrote with their own hands: not forwarded, not via a bot.

    Identity is the numeric user id alone, since everything else can be chosen by anyone.
    """

    def __init__(self, admins: frozenset[int]) -> None:
        super().__init__()
        self._admins = admins

    def filter(self, update: Update) -> bool:
        """Whether `update` is such a message."""
        if not super().filter(update):
            return False
        message = new_message(update)
        borrowed = message.forward_origin or message.via_bot or message.is_automatic_forward
        return not borrowed and message.chat.id in self._admins


def new_message(update: Update) -> Message:
    """The message that a handler was chosen for by one of these filters."""
    if update.message is None:
        raise TypeError("A handler for new messages got another update.")
    return update.message
