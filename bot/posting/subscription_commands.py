"""/subscribe, /subscriptions and /unsubscribe; and what owners hear when the bot may no longer post."""

import logging
from collections.abc import Iterable

from telegram import ChatShared
from telegram.error import TelegramError

from bot.chats import Request, Services, is_chat_admin
from bot.chats.rights import may_post
from bot.posting.subscription_buttons import listed, picking
from bot.posting.subscription_screens import chat_name, screen
from bot.posting.subscriptions import NOBODY, Subscription, Subscriptions
from bot.text import Message, foreign, words_for
from bot.transport import Place, Undeliverable

log = logging.getLogger(__name__)


async def subscribe(services: Services, request: Request) -> None:
    """Subscribe the chat or topic to every article, or the chat that was picked with a button."""
    subscriptions, words = _stored(services), request.words
    if request.message.chat_shared is not None:
        await _subscribe_picked(services, request, request.message.chat_shared)
    elif await _may_change(services, request):
        known = subscriptions.of(*_here(request))
        title = "" if request.is_private else request.message.chat.title or ""
        made = await subscriptions.begin(*_here(request), request.person, _code(request), title)
        await _show(services, request, made, "" if known else words("subscribed"))
        if request.is_private:
            said = Message(words("subscribe-elsewhere"))
            await services.sender.send(request.place, said, keyboard=picking(words))


async def list_subscriptions(services: Services, request: Request) -> None:
    """List a person's subscriptions; outside their private chat, show the one of the chat or topic."""
    if request.is_private:
        await _list_owned(services, request)
    elif await _may_change(services, request):
        subscription = _stored(services).of(*_here(request))
        if subscription is None:
            await services.say(request, request.words("not-subscribed"))
        else:
            await _show(services, request, subscription)


async def unsubscribe(services: Services, request: Request) -> None:
    """End the subscription of the chat or topic."""
    if await _may_change(services, request):
        ended = await _stored(services).end(*_here(request))
        await services.say(request, request.words("unsubscribed" if ended else "not-subscribed"))


async def lost(services: Services, chat: int, thread: int | None = None) -> None:
    """Pause the subscriptions of a chat or topic in which the bot may no longer post; tell their owners."""
    await _tell_owners(services, chat, await _stored(services).pause(chat, thread), paused=True)


async def regained(services: Services, chat: int) -> None:
    """Resume the subscriptions of a chat in which the bot may post again, and tell their owners."""
    await _tell_owners(services, chat, await _stored(services).resume(chat), paused=False)


async def _subscribe_picked(services: Services, request: Request, picked: ChatShared) -> None:
    bot, words, chat = services.sender.bot, request.words, picked.chat_id
    if not await may_post(bot, chat):
        await services.say(request, words("subscribe-may-not-post"))
    elif not await is_chat_admin(bot, chat, request.person):
        await services.say(request, words("subscribe-only-admins"))
    else:
        known, title = _stored(services).of(chat), picked.title or ""
        made = await _stored(services).begin(chat, 0, request.person, _code(request), title)
        said = "" if known else words("subscribed-chat", title=chat_name(made, words))
        await _show(services, request, made, said)


async def _list_owned(services: Services, request: Request) -> None:
    words, here = request.words, _stored(services).of(*_here(request))
    others = [each for each in _stored(services).owned(request.person) if each != here]
    if here is None and not others:
        await services.say(request, words("no-subscriptions"))
        return
    keyboard = listed([*([here] if here else []), *others], lambda each: chat_name(each, words))
    await services.show(request, (Message(words("subscriptions")), keyboard))


async def _show(services: Services, request: Request, subscription: Subscription, said: str = "") -> None:
    """Show a subscription with its menu; `said` takes the place of its summary."""
    message, keyboard = screen(services, "menu", subscription, request.words, request.place.chat)
    await services.show(request, (foreign(said) if said else message, keyboard))


async def _may_change(services: Services, request: Request) -> bool:
    """Whether the sender may subscribe and unsubscribe the chat; if not, they are told so."""
    chat, person = request.place.chat, request.person
    if request.is_private or await is_chat_admin(services.sender.bot, chat, person):
        return True
    await services.say(request, request.words("subscribe-only-admins"))
    return False


async def _tell_owners(services: Services, chat: int, owners: Iterable[int], *, paused: bool) -> None:
    """Tell the owners of a chat's subscriptions; in place of NOBODY, the admins of the bot."""
    admins = services.config.admins
    for person in sorted({each for owner in owners for each in (admins if owner == NOBODY else [owner])}):
        own, found = _stored(services).owned(person), _stored(services).in_chat(chat)
        words = words_for(services.chats.get(person).language or (own[0].choices.code if own else None))
        title = chat_name(found[0], words) if found else str(chat)
        said = words("subscription-paused" if paused else "subscription-resumed", title=title)
        try:
            await services.sender.send(Place(person), foreign(said))
        except (TelegramError, Undeliverable) as error:
            log.warning("The owner of a subscription could not be told: %s", error)


def _stored(services: Services) -> Subscriptions:
    return Subscriptions(services.database, services.clock)


def _here(request: Request) -> tuple[int, int]:
    return request.place.chat, request.place.thread or 0


def _code(request: Request) -> str:
    sender = request.message.from_user
    return (sender.language_code if sender else None) or ""
