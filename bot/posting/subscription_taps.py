"""Taps on the buttons of a subscription: what they change, for whoever may change it at that moment."""

from dataclasses import replace
from typing import Literal

from telegram import CallbackQuery, Update
from telegram import Message as Shown

from bot.asking.answer_taps import notify
from bot.chats.chat import Chats
from bot.chats.membership import is_chat_admin
from bot.chats.prompts import Prompts
from bot.chats.request import Context
from bot.config import Config
from bot.posting.subscription_buttons import KINDS, Pressed, changed
from bot.posting.subscription_views import SubscriptionScreens
from bot.posting.subscriptions import Subscription, Subscriptions
from bot.text.words import Words, words_for
from bot.transport.edits import EditQueue
from bot.transport.sender import Sender

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
"""What is shown after a setting."""
SCREENS = {"menu", "what", "when", "zones", "how", "next", *KINDS}


class Refining:
    """Answers taps: each shows another screen, changes a setting, asks for words or ends the subscription."""

    def __init__(
        self,
        config: Config,
        sender: Sender,
        chats: Chats,
        subscriptions: Subscriptions,
        views: SubscriptionScreens,
        prompts: Prompts,
        edits: EditQueue,
    ) -> None:
        self._config = config
        self._sender = sender
        self._chats = chats
        self._subscriptions = subscriptions
        self._views = views
        self._prompts = prompts
        self._edits = edits

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle a tap."""
        query = update.callback_query
        if query is None:
            return
        message, pressed, person = query.message, Pressed.read(query.data), query.from_user.id
        chat = self._chats.get(message.chat.id if message else person)
        words = words_for(chat.language or query.from_user.language_code)
        if pressed is None or not isinstance(message, Shown) or not self._config.is_open(person, chat.id):
            await notify(query, words("button-unknown"))
            return
        subscription = self._subscriptions.get(pressed.number)
        if subscription is None:
            await notify(query, words("subscription-gone"))
        elif not await self._may(person, subscription, pressed.action):
            rests = subscription.paused is not None and subscription.owner == person  # an admin all the same
            await notify(query, words("subscription-rests" if rests else "subscribe-only-admins"))
        else:
            await self._press(query, message, subscription, pressed, words)

    async def _may(self, person: int, subscription: Subscription, action: str) -> bool:
        """Whether somebody may change a subscription now; one that rests its owner may end in any case."""
        if action in ("menu", "end") and subscription.paused is not None and subscription.owner == person:
            return True
        return await is_chat_admin(self._sender.bot, subscription.chat, person)

    async def _press(
        self, query: CallbackQuery, message: Shown, subscription: Subscription, pressed: Pressed, words: Words
    ) -> None:
        action, place = pressed.action, message.chat.id
        if action in SCREEN_OF or (action in KINDS and pressed.value):
            await self._set(query, message, subscription, pressed, words)
        elif pressed.value:
            await notify(query, words("button-unknown"))
        elif action in ("words", "ask"):
            asked_for: Literal["words", "zone"] = "words" if action == "words" else "zone"
            await self._prompts.ask(query, message, subscription, asked_for, words)
        elif action == "end":
            await notify(query)
            await self._subscriptions.end(subscription.chat, subscription.thread)
            self._edits.put(place, message.message_id, self._views.ended(subscription, words, place))
        elif action in SCREENS:
            await notify(query)
            view = self._views.screen(action, subscription, pressed.page, words, place)
            self._edits.put(place, message.message_id, view)
        else:
            await notify(query, words("button-unknown"))

    async def _set(
        self, query: CallbackQuery, message: Shown, subscription: Subscription, pressed: Pressed, words: Words
    ) -> None:
        """Change a setting, and show it among those beside it."""
        kind = next((kind for kind in KINDS if kind == pressed.action), None)
        options = self._views.options(kind, subscription, words) if kind else []
        setting = changed(subscription.choices, pressed, options)
        if setting is None:
            await notify(query, words("button-unknown"))
            return
        await notify(query, words("settings-saved"))
        if replace(subscription.choices, **setting) == subscription.choices:
            return  # it is shown so already
        await self._subscriptions.choose(subscription.id, **setting)
        now = self._subscriptions.get(subscription.id) or subscription
        screen, place = SCREEN_OF.get(pressed.action, pressed.action), message.chat.id
        view = self._views.screen(screen, now, pressed.page, words, place)
        self._edits.put(place, message.message_id, view)
