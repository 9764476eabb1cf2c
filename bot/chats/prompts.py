"""What somebody types because a button asked for it: words and time zone of a subscription, a title."""

import logging
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from telegram import CallbackQuery, ForceReply
from telegram import Message as Shown
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.asking.answer_taps import notify
from bot.chats.membership import is_chat_admin
from bot.chats.request import Request
from bot.posting.subscription_views import SubscriptionScreens
from bot.posting.subscriptions import Subscription, Subscriptions
from bot.records.expected import Awaited, Expected
from bot.text.message import Message
from bot.text.words import Words
from bot.transport.sender import Place, Sender, Undeliverable

log = logging.getLogger(__name__)

MOST_WORDS, LONGEST_WORD = 30, 60
PARTING = re.compile(r"[\n,;،؛、，；]")
MINUS = "-−–—"


class Prompts:
    """Asks for a reply, and takes it from whoever may change the subscription when it comes."""

    def __init__(
        self,
        sender: Sender,
        subscriptions: Subscriptions,
        views: SubscriptionScreens,
        expected: Expected,
        retitle: Callable[[Request, str], Awaitable[bool]],
    ) -> None:
        self._sender = sender
        self._subscriptions = subscriptions
        self._views = views
        self._expected = expected
        self._retitle = retitle

    async def ask(
        self,
        query: CallbackQuery,
        message: Shown,
        subscription: Subscription,
        kind: Literal["words", "zone"],
        words: Words,
    ) -> None:
        """Answer a tap, and ask for a reply; not in a channel, where everybody would read it."""
        in_channel = message.chat.type == ChatType.CHANNEL
        await notify(query, words("asked-in-private") if in_channel else None, alert=in_channel)
        place = Place(query.from_user.id) if in_channel else Place.of(message)
        first = message.reply_to_message  # by which Telegram knows who is to reply
        reply_to = first.message_id if first and not in_channel else None
        said = Message(words("ask-words") if kind == "words" else words("ask-zone"))
        try:
            sent = await self._sender.send(place, said, reply_to, ForceReply(selective=bool(reply_to)))
        except (TelegramError, Undeliverable) as error:
            log.info("Nobody could be asked for the %s of a subscription: %s", kind, error)
            return
        await self._expected.put(sent.chat.id, Awaited(kind, str(subscription.id)), sent.message_id)

    def awaits(self, message: Shown) -> bool:
        """Whether a message replies to one that asked for a reply."""
        replied = message.reply_to_message
        if replied is None or replied.from_user is None or replied.from_user.id != self._sender.bot.id:
            return False
        return self._expected.get(message.chat.id, replied.message_id) is not None

    async def take(self, request: Request) -> None:
        """Take a reply that was asked for; it is waited for until it can be used."""
        replied = request.message.reply_to_message
        awaited = self._expected.get(request.place.chat, replied.message_id) if replied else None
        if replied is None or awaited is None:
            await self._sender.say(request, request.words("subscription-gone"))
        elif await (
            self._retitle(request, awaited.about)
            if awaited.kind == "title"
            else self._refine(request, awaited)
        ):
            await self._expected.done(request.place.chat, replied.message_id)

    async def _refine(self, request: Request, awaited: Awaited) -> bool:
        """Take words or a time zone; whether they could be used."""
        subscription = self._subscriptions.get(int(awaited.about))
        if subscription is None:
            await self._sender.say(request, request.words("subscription-gone"))
        elif not await is_chat_admin(self._sender.bot, subscription.chat, request.person):
            await self._sender.say(request, request.words("subscribe-only-admins"))
        elif (
            typed := read_words(request.text) if awaited.kind == "words" else read_zone(request.text)
        ) is None:
            await self._sender.say(request, _refusal(awaited, request.words))
        else:
            await self._subscriptions.choose(subscription.id, **typed)
            changed = self._subscriptions.get(subscription.id) or subscription
            screen = "menu" if awaited.kind == "words" else "when"  # where the zone can be read
            message, keyboard = self._views.screen(screen, changed, 0, request.words, request.place.chat)
            await self._sender.send(request.place, message, request.message.message_id, keyboard)
            return True
        return False


def read_words(text: str) -> dict[str, Any] | None:
    """The words that are asked for and those, after a minus, that are not; None where they are too many."""
    parts = [" ".join(part.split()) for part in PARTING.split(text)]
    include = tuple(dict.fromkeys(part for part in parts if part and part[0] not in MINUS))
    left_out = (part[1:].strip() for part in parts if part and part[0] in MINUS)
    exclude = tuple(dict.fromkeys(filter(None, left_out)))
    every = include + exclude
    if len(every) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in every):
        return None
    return {"include": include, "exclude": exclude}


def read_zone(text: str) -> dict[str, Any] | None:
    """A time zone by its name, or by the city in it where that is enough; None where there is none."""
    typed = "_".join(text.split()).casefold()
    zone = _zones().get(typed)
    return {"zone": zone} if zone else None


@cache
def _zones() -> dict[str, str]:
    """Every time zone by what it may be called."""
    zones = sorted(zone for zone in available_timezones() if zone != "localtime")
    cities: dict[str, set[str]] = {}
    for zone in zones:
        cities.setdefault(zone.rpartition("/")[2].casefold(), set()).add(zone)
    by_city = {city: zone for city, (zone, *others) in cities.items() if not others}
    return by_city | {zone.casefold(): zone for zone in zones}


def _refusal(awaited: Awaited, words: Words) -> str:
    if awaited.kind == "words":
        return words("too-many-words", limit=MOST_WORDS)
    return words("zone-unknown")
