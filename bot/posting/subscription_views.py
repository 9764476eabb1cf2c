"""What the message of a subscription shows: what it asks for with its buttons, or a preview."""

from collections.abc import Callable

from telegram import InlineKeyboardMarkup

from bot.asking.buttons import openable
from bot.asking.pages import View
from bot.chats.chat import Chats
from bot.posting.offers import Offers
from bot.posting.post import Post, digest, post
from bot.posting.subscription_buttons import KINDS, Buttons, Kind, Option
from bot.posting.subscription_summary import name, preview, summary
from bot.posting.subscriptions import Subscription
from bot.text.links import page as page_of
from bot.text.message import Message
from bot.text.passages import line
from bot.text.words import Words, words_for


class SubscriptionScreens:
    """Lays out subscriptions for the chats in which they are shown."""

    def __init__(self, offers: Offers, chats: Chats, bot_name: Callable[[], str]) -> None:
        self._offers = offers
        self._chats = chats
        self._bot_name = bot_name

    def menu(self, subscription: Subscription, words: Words, chat: int) -> View:
        """What a subscription asks for, and what of it can be refined."""
        return self._summary(subscription, words, chat), Buttons(subscription, words).menu()

    def screen(self, screen: str, subscription: Subscription, page: int, words: Words, chat: int) -> View:
        """A subscription with the buttons of one screen, of several pages where there is much to choose."""
        if screen == "next":
            return self._preview(subscription, words)
        return self._summary(subscription, words, chat), self._keyboard(screen, subscription, page, words)

    def ended(self, subscription: Subscription, words: Words, chat: int) -> View:
        """That there is no such subscription any more."""
        here = subscription.chat == chat
        said = Message()
        said.add_foreign(
            words("unsubscribed") if here else words("unsubscribed-from", title=name(subscription, words))
        )
        return said, InlineKeyboardMarkup([])

    def options(self, kind: Kind, subscription: Subscription, words: Words) -> list[Option]:
        """What can be chosen, the most common first; then what is chosen but is no more."""
        labels: dict[int | str, str] = {}
        chosen = {value: str(value) for value in getattr(subscription.choices, kind)}
        if kind == "feeds":
            chosen = {number: words("feed-gone", number=name) for number, name in chosen.items()}
            labels.update(self._offers.feeds().items())
        elif kind == "outlets":
            labels.update({outlet: line(outlet) for outlet in self._offers.outlets()})
        else:
            labels.update({code: words.language(code) for code in self._offers.languages()})
        gone = {value: label for value, label in chosen.items() if value not in labels}
        return [Option(label, value) for value, label in (labels | gone).items()]

    def _keyboard(
        self, screen: str, subscription: Subscription, page: int, words: Words
    ) -> InlineKeyboardMarkup:
        buttons = Buttons(subscription, words)
        for kind in KINDS:
            if screen == kind:
                return buttons.options(kind, self.options(kind, subscription, words), page)
        if screen == "what":
            return buttons.what([kind for kind in KINDS if self.options(kind, subscription, words)])
        plain = {"when": buttons.when, "zones": buttons.zones, "how": buttons.how}
        return plain.get(screen, buttons.menu)()

    def _summary(self, subscription: Subscription, words: Words, chat: int) -> Message:
        return summary(subscription, self._offers.feeds(), words, here=subscription.chat == chat)

    def _preview(self, subscription: Subscription, words: Words) -> View:
        """The newest article that is wanted, as it would be posted."""
        choices = subscription.choices
        article = self._offers.newest(choices)
        theirs = words_for(self._chats.get(subscription.chat).language or choices.code)
        made: Post | None = None
        if article is not None and choices.rhythm == "now":
            made = post(article, 0, choices, theirs, self._bot_name())
        elif article is not None:
            made = digest([article], choices, theirs)
        url = openable(page_of(article)) if article else ""
        return preview(made, words), Buttons(subscription, words).under_preview(url)
