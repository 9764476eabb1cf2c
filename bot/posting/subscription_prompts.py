"""Prompts for the words and the time zone of a subscription, and the replies to them."""

import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from telegram import ForceReply
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.chats import Request, Services, Tap, is_chat_admin
from bot.posting.subscription_screens import screen
from bot.posting.subscriptions import Subscription, Subscriptions
from bot.records import PendingItem
from bot.text import Message
from bot.transport import Place, Undeliverable

log = logging.getLogger(__name__)

MOST_WORDS, LONGEST_WORD = 30, 60
SEPARATOR = re.compile(r"[\n,;،؛、，；]")
MINUS = "-−–—"


async def ask(
    services: Services, tap: Tap, subscription: Subscription, kind: Literal["words", "zone"]
) -> None:
    """Answer a tap, and prompt for a reply; for a channel in private, since all its readers would see it."""
    words, in_channel = tap.words, tap.message.chat.type == ChatType.CHANNEL
    await tap.answer(words("asked-in-private") if in_channel else None, alert=in_channel)
    place = Place(tap.person) if in_channel else tap.place
    first = tap.message.reply_to_message  # its author is the one whom a selective prompt addresses
    reply_to = first.message_id if first and not in_channel else None
    said = Message(words("ask-words") if kind == "words" else words("ask-zone"))
    try:
        sent = await services.sender.send(place, said, reply_to, ForceReply(selective=bool(reply_to)))
    except (TelegramError, Undeliverable) as error:
        log.info("The prompt for the %s of a subscription could not be sent: %s", kind, error)
        return
    await services.pending.await_reply(kind, str(subscription.id), sent.chat.id, sent.message_id)


async def take_words(services: Services, request: Request, item: PendingItem) -> bool:
    """Take the words of a subscription; returns whether they could be used."""
    refusal = request.words("too-many-words", limit=MOST_WORDS)
    return await _take(services, request, item, read_words, refusal, "menu")


async def take_zone(services: Services, request: Request, item: PendingItem) -> bool:
    """Take the time zone of a subscription; returns whether it could be used."""
    return await _take(services, request, item, read_zone, request.words("zone-unknown"), "when")


async def _take(
    services: Services,
    request: Request,
    item: PendingItem,
    read: Callable[[str], dict[str, Any] | None],
    refusal: str,
    shown: str,
) -> bool:
    """Read a reply and change the subscription, then show the screen on which that can be seen."""
    subscriptions = Subscriptions(services.database, services.clock)
    subscription = subscriptions.get(int(item.data))
    if subscription is None:
        await services.say(request, request.words("subscription-gone"))
    elif not await is_chat_admin(services.sender.bot, subscription.chat, request.person):
        await services.say(request, request.words("subscribe-only-admins"))
    elif (typed := read(request.text)) is None:
        await services.say(request, refusal)
    else:
        await subscriptions.choose(subscription.id, **typed)
        now = subscriptions.get(subscription.id) or subscription
        message, keyboard = screen(services, shown, now, request.words, request.place.chat)
        await services.sender.send(request.place, message, request.number, keyboard)
        return True
    return False


def read_words(text: str) -> dict[str, Any] | None:
    """The words to include and, those after a minus, to exclude; None if they are too many or too long."""
    parts = [" ".join(part.split()) for part in SEPARATOR.split(text)]
    include = tuple(dict.fromkeys(part for part in parts if part and part[0] not in MINUS))
    left_out = (part[1:].strip() for part in parts if part and part[0] in MINUS)
    exclude = tuple(dict.fromkeys(filter(None, left_out)))
    every = include + exclude
    if len(every) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in every):
        return None
    return {"include": include, "exclude": exclude}


def read_zone(text: str) -> dict[str, Any] | None:
    """A time zone by its name, or by its city where that is unambiguous; None if there is none."""
    typed = "_".join(text.split()).casefold()
    zone = _zones().get(typed)
    return {"zone": zone} if zone else None


@cache
def _zones() -> dict[str, str]:
    """Every time zone by its name and, where only one has it, by its city."""
    zones = sorted(zone for zone in available_timezones() if zone != "localtime")
    cities: dict[str, set[str]] = {}
    for zone in zones:
        cities.setdefault(zone.rpartition("/")[2].casefold(), set()).add(zone)
    by_city = {city: zone for city, (zone, *others) in cities.items() if not others}
    return by_city | {zone.casefold(): zone for zone in zones}
