"""/subscribe and what belongs to it: who gets new articles in a chat, and which."""

import logging
from collections.abc import Sequence

from telegram.error import TelegramError

from bot.chats import Chats
from bot.courier import Courier, Place, Undeliverable
from bot.groups import is_chat_admin
from bot.message import Message
from bot.subscriptions import Subscriptions
from bot.updates import Asked, Handler
from bot.words import words_for

log = logging.getLogger(__name__)


class Subscribing:
    """Subscribes a chat or a topic for whoever may; everything at once, refined later."""

    def __init__(self, courier: Courier, chats: Chats, subscriptions: Subscriptions) -> None:
        self._courier = courier
        self._chats = chats
        self._subscriptions = subscriptions

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"subscribe": self._subscribe, "unsubscribe": self._unsubscribe}

    async def tell_paused(self, chat: int, owners: Sequence[int]) -> None:
        """Tell the owners of a chat's subscriptions that nothing can be posted there."""
        for owner in owners:
            words = words_for(self._chats.get(owner).language)
            try:
                await self._courier.send(Place(owner), Message(words("subscription-paused", id=str(chat))))
            except (TelegramError, Undeliverable) as error:
                log.warning("The owner of a subscription could not be told: %s", error)

    async def _subscribe(self, asked: Asked) -> None:
        if not await self._may(asked):
            return
        code = asked.message.from_user.language_code if asked.message.from_user else None
        await self._subscriptions.begin(*self._here(asked), asked.person, code or "")
        await self._courier.say(asked, asked.words("subscribed"))

    async def _unsubscribe(self, asked: Asked) -> None:
        if await self._may(asked):
            ended = await self._subscriptions.end(*self._here(asked))
            await self._courier.say(asked, asked.words("unsubscribed" if ended else "not-subscribed"))

    async def _may(self, asked: Asked) -> bool:
        """Whether somebody may subscribe the chat, who else is told that they may not."""
        if asked.is_private or await is_chat_admin(self._courier.bot, asked.chat.id, asked.person):
            return True
        await self._courier.say(asked, asked.words("settings-only-admins"))
        return False

    def _here(self, asked: Asked) -> tuple[int, int]:
        return asked.place.chat, asked.place.thread or 0
