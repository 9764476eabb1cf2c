"""Taps on the buttons of a subscription, by whoever may change it at that moment."""

from dataclasses import replace
from typing import Literal

from bot.chats import Services, Tap, is_chat_admin
from bot.posting import subscription_prompts, subscription_screens
from bot.posting.subscription_buttons import KINDS, changed
from bot.posting.subscriptions import Subscription, Subscriptions

PATTERN = r"(\d{1,18}):([a-z]{3,9}):([+-]?[\w/]{0,40}):(\d{1,3})"
"""What a button carries: the number of the subscription, an action, its value, and the page shown."""

SCREEN_OF = {
    "all": "what",
    "rhythm": "when",
    "hour": "when",
    "weekday": "when",
    "quiet": "when",
    "zone": "when",
    "silent": "how",
    "preview": "how",
    "hashtags": "how",
}
"""The screen that is shown after a setting was changed."""
SCREENS = {"menu", "what", "when", "zones", "how", "next", *KINDS}


async def press(services: Services, tap: Tap) -> None:
    """Handle a tap on a button of a subscription."""
    number, action, *_ = tap.parts
    subscription = Subscriptions(services.database, services.clock).get(int(number))
    if subscription is None:
        await tap.answer(tap.words("subscription-gone"))
    elif not await _may_change(services, tap.person, subscription, action):
        is_paused = subscription.paused is not None and subscription.owner == tap.person
        await tap.answer(tap.words("subscription-rests" if is_paused else "subscribe-only-admins"))
    else:
        await _do(services, tap, subscription)


async def _may_change(services: Services, person: int, subscription: Subscription, action: str) -> bool:
    """Whether a person may change a subscription now; its owner may always end one that is paused."""
    if action in ("menu", "end") and subscription.paused is not None and subscription.owner == person:
        return True
    return await is_chat_admin(services.sender.bot, subscription.chat, person)


async def _do(services: Services, tap: Tap, subscription: Subscription) -> None:
    """Change a setting, prompt for text, unsubscribe or show another screen."""
    _, action, value, page = tap.parts
    if action in SCREEN_OF or (action in KINDS and value):
        await _set(services, tap, subscription)
    elif value:
        await tap.answer(tap.words("button-unknown"))
    elif action in ("words", "ask"):
        asked_for: Literal["words", "zone"] = "words" if action == "words" else "zone"
        await subscription_prompts.ask(services, tap, subscription, asked_for)
    elif action == "end":
        await tap.answer()
        await Subscriptions(services.database, services.clock).end(subscription.chat, subscription.thread)
        services.replace(tap, subscription_screens.ended(subscription, tap.words, tap.chat.id))
    elif action in SCREENS:
        await tap.answer()
        _show(services, tap, subscription, action, int(page))
    else:
        await tap.answer(tap.words("button-unknown"))


async def _set(services: Services, tap: Tap, subscription: Subscription) -> None:
    """Change a setting, and show the screen that it is on."""
    _, action, value, page = tap.parts
    kind = next((kind for kind in KINDS if kind == action), None)
    options = subscription_screens.options(services, kind, subscription, tap.words) if kind else []
    setting = changed(subscription.choices, action, value, options)
    if setting is None:
        await tap.answer(tap.words("button-unknown"))
        return
    await tap.answer(tap.words("settings-saved"))
    if replace(subscription.choices, **setting) == subscription.choices:
        return  # the message shows it already
    subscriptions = Subscriptions(services.database, services.clock)
    await subscriptions.choose(subscription.id, **setting)
    now = subscriptions.get(subscription.id) or subscription
    _show(services, tap, now, SCREEN_OF.get(action, action), int(page))


def _show(services: Services, tap: Tap, subscription: Subscription, screen: str, page: int) -> None:
    view = subscription_screens.screen(services, screen, subscription, tap.words, tap.chat.id, page)
    services.replace(tap, view)
