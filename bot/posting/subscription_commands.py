"""/subscribe and what belongs to it: who gets new articles in a chat, and which."""

import logging
from collections.abc import Iterable, Sequence

from telegram import ChatShared
from telegram.error import TelegramError

from bot.chats.chat import Chats
from bot.chats.membership import is_chat_admin, may_post
from bot.chats.request import Handler, Request
from bot.posting.subscription_buttons import listed, picking
from bot.posting.subscription_summary import name
from bot.posting.subscription_views import SubscriptionScreens
from bot.posting.subscriptions import NOBODY, Subscription, Subscriptions
from bot.text.message import Message
from bot.text.words import Words, words_for
from bot.transport.sender import Place, Sender, Undeliverable

log = logging.getLogger(__name__)


class Subscribing:
    """Subscribes a chat or a topic for whoever may; everything at once, refined later."""

    def __init__(
        self,
        sender: Sender,
        chats: Chats,
        subscriptions: Subscriptions,
        views: SubscriptionScreens,
        admins: Iterable[int],
    ) -> None:
        """`admins`: those of the bot, who are told of what nobody is known to have subscribed."""
        self._sender = sender
        self._chats = chats
        self._subscriptions = subscriptions
        self._views = views
        self._admins = sorted(admins)

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"subscribe": self._subscribe, "subscriptions": self._list, "unsubscribe": self._unsubscribe}

    async def lost(self, chat: int) -> None:
        """The bot may not post in a chat any more."""
        await self.tell_paused(chat, await self._subscriptions.pause(chat))

    async def regained(self, chat: int) -> None:
        """The bot may post in a chat, as it may have before."""
        await self._tell_owners(chat, await self._subscriptions.resume(chat), rests=False)

    async def tell_paused(self, chat: int, owners: Sequence[int]) -> None:
        """Tell the owners of a chat's subscriptions that nothing can be posted there."""
        await self._tell_owners(chat, owners, rests=True)

    async def _subscribe(self, request: Request) -> None:
        """Subscribe where it was sent, or the chat that somebody picked."""
        if request.message.chat_shared is not None:
            await self._subscribe_picked(request, request.message.chat_shared)
        elif await self._may(request):
            known = self._subscriptions.of(*_here(request))
            title = "" if request.is_private else request.message.chat.title or ""
            made = await self._subscriptions.begin(*_here(request), request.person, _code(request), title)
            await self._show(request, made, "" if known else request.words("subscribed"))
            if request.is_private:
                said = Message(request.words("subscribe-elsewhere"))
                await self._sender.send(request.place, said, keyboard=picking(request.words))

    async def _subscribe_picked(self, request: Request, picked: ChatShared) -> None:
        bot, words, chat = self._sender.bot, request.words, picked.chat_id
        if not await may_post(bot, chat):
            await self._sender.say(request, words("subscribe-may-not-post"))
        elif not await is_chat_admin(bot, chat, request.person):
            await self._sender.say(request, words("subscribe-only-admins"))
        else:
            known = self._subscriptions.of(chat)
            made = await self._subscriptions.begin(
                chat, 0, request.person, _code(request), picked.title or ""
            )
            said = "" if known else words("subscribed-chat", title=name(made, words))
            await self._show(request, made, said)

    async def _list(self, request: Request) -> None:
        """What somebody subscribed; elsewhere than in their own chat, what is subscribed there."""
        if request.is_private:
            await self._list_owned(request)
        elif await self._may(request):
            subscription = self._subscriptions.of(*_here(request))
            if subscription is None:
                await self._sender.say(request, request.words("not-subscribed"))
            else:
                await self._show(request, subscription)

    async def _list_owned(self, request: Request) -> None:
        words, here = request.words, self._subscriptions.of(*_here(request))
        others = [each for each in self._subscriptions.owned(request.person) if each != here]
        if here is None and not others:
            await self._sender.say(request, words("no-subscriptions"))
            return
        keyboard = listed([*([here] if here else []), *others], lambda each: name(each, words))
        await self._sender.send(request.place, Message(words("subscriptions")), keyboard=keyboard)

    async def _unsubscribe(self, request: Request) -> None:
        if await self._may(request):
            ended = await self._subscriptions.end(*_here(request))
            await self._sender.say(request, request.words("unsubscribed" if ended else "not-subscribed"))

    async def _show(self, request: Request, subscription: Subscription, said: str = "") -> None:
        """What is said of a subscription, else what it asks for, with its buttons."""
        message, keyboard = self._views.menu(subscription, request.words, request.place.chat)
        if said:
            message = Message()
            message.add_foreign(said)
        reply_to = None if request.is_private else request.message.message_id
        await self._sender.send(request.place, message, reply_to, keyboard)

    async def _may(self, request: Request) -> bool:
        """Whether somebody may subscribe the chat, who else is told that they may not."""
        if request.is_private or await is_chat_admin(self._sender.bot, request.place.chat, request.person):
            return True
        await self._sender.say(request, request.words("subscribe-only-admins"))
        return False

    async def _tell_owners(self, chat: int, owners: Iterable[int], *, rests: bool) -> None:
        people = {person for owner in owners for person in ([owner] if owner != NOBODY else self._admins)}
        for person in sorted(people):
            words = self._words_of(person)
            said = words(
                "subscription-paused" if rests else "subscription-resumed", title=self._title(chat, words)
            )
            await self._tell(person, said)

    async def _tell(self, person: int, text: str) -> None:
        message = Message()
        message.add_foreign(text)
        try:
            await self._sender.send(Place(person), message)
        except (TelegramError, Undeliverable) as error:
            log.warning("The owner of a subscription could not be told: %s", error)

    def _words_of(self, person: int) -> Words:
        """The words for somebody: those that they chose, or that they subscribed with."""
        own = self._subscriptions.owned(person)
        return words_for(self._chats.get(person).language or (own[0].choices.code if own else None))

    def _title(self, chat: int, words: Words) -> str:
        found = self._subscriptions.in_chat(chat)
        return name(found[0], words) if found else str(chat)


def _here(request: Request) -> tuple[int, int]:
    return request.place.chat, request.place.thread or 0


def _code(request: Request) -> str:
    sender = request.message.from_user
    return (sender.language_code if sender else None) or ""
