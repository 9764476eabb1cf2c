"""The message of a subscription: what it asks for, its buttons, and a preview of its next post."""

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.chats import Services
from bot.posting.post import digest, post
from bot.posting.subscription_buttons import KINDS, Buttons, Kind, Option
from bot.posting.subscriptions import Choices, Subscription
from bot.text import Message, Words, foreign, line, words_for
from bot.text.links import page as page_of
from bot.transport import NO_BUTTONS, View, openable
from corpus.article import Article

NAMED = 10  # chosen feeds, outlets or words that are named
LOOKED_THROUGH = 200  # of the newest articles, for one that a subscription wants


def screen(
    services: Services, name: str, subscription: Subscription, words: Words, chat: int, page: int = 0
) -> View:
    """A subscription as it is shown in a chat, with the buttons of one screen or one page of it."""
    if name == "next":
        return _preview(services, subscription, words)
    said = _summary(subscription, _feeds(services), words, here=subscription.chat == chat)
    return foreign("\n".join(said)), _keyboard(services, name, subscription, page, words)


def ended(subscription: Subscription, words: Words, chat: int) -> View:
    """The message after unsubscribing."""
    if subscription.chat == chat:
        return foreign(words("unsubscribed")), NO_BUTTONS
    return foreign(words("unsubscribed-from", title=chat_name(subscription, words))), NO_BUTTONS


def options(services: Services, kind: Kind, subscription: Subscription, words: Words) -> list[Option]:
    """What can be chosen, the most common first; then what is chosen but no longer exists."""
    labels: dict[int | str, str] = {}
    chosen = {value: str(value) for value in getattr(subscription.choices, kind)}
    if kind == "feeds":
        chosen = {number: words("feed-gone", number=name) for number, name in chosen.items()}
        labels.update(_feeds(services).items())
    elif kind == "outlets":
        labels.update({outlet: line(outlet) for outlet in services.store.common("outlet")})
    else:
        labels.update({code: words.language(code) for code in services.store.common("language")})
    gone = {value: label for value, label in chosen.items() if value not in labels}
    return [Option(label, value) for value, label in (labels | gone).items()]


def chat_name(subscription: Subscription, words: Words) -> str:
    """What people know the chat of a subscription by."""
    title = line(subscription.title) or (str(subscription.chat) if subscription.chat < 0 else "")
    return f"{title} › {subscription.thread}" if subscription.thread else title or words("our-chat")


def _keyboard(
    services: Services, screen: str, subscription: Subscription, page: int, words: Words
) -> InlineKeyboardMarkup:
    buttons = Buttons(subscription, words)
    for kind in KINDS:
        if screen == kind:
            return buttons.options(kind, options(services, kind, subscription, words), page)
    if screen == "what":
        return buttons.what([kind for kind in KINDS if options(services, kind, subscription, words)])
    plain = {"when": buttons.when, "zones": buttons.zones, "how": buttons.how}
    return plain.get(screen, buttons.menu)()


def _preview(services: Services, subscription: Subscription, words: Words) -> View:
    """The newest article that is wanted, as it would be posted."""
    choices, article = subscription.choices, _newest(services, subscription.choices)
    buttons = Buttons(subscription, words)
    if article is None:
        return Message(words("next-none")), buttons.under_preview("")
    theirs = words_for(services.chats.get(subscription.chat).language or choices.code)
    if choices.rhythm == "now":
        made = post(article, 0, choices, theirs, services.bot_name)
    else:
        made = digest([article], choices, theirs)
    message = Message(words("next-post") + "\n\n")
    message.append(made.message)
    return message, buttons.under_preview(openable(page_of(article)))


def _newest(services: Services, choices: Choices) -> Article | None:
    """The newest article that is wanted; None if there is none among the last ones."""
    for article in services.store.articles(LOOKED_THROUGH):
        if any(choices.want(article, feed) for feed in _feeds_of(services, article.id)):
            return article
    return None


def _feeds(services: Services) -> dict[int, str]:
    """The titles of the feeds by number."""
    rows = services.database.read().execute("select id, title from feeds order by title, id")
    return dict(rows.fetchall())


def _feeds_of(services: Services, article: str) -> list[int | None]:
    """The feeds that an article came by; [None] if it came by none."""
    rows = services.database.read().execute("select distinct feed from entries where article = ?", [article])
    return [feed for (feed,) in rows] or [None]


def _summary(subscription: Subscription, feeds: dict[int, str], words: Words, *, here: bool) -> list[str]:
    """The lines that say what a subscription asks for; `here`: in the chat that it is for."""
    name = "" if here else chat_name(subscription, words)
    title = words("subscription-here") if here else words("subscription-of", title=name)
    paused = [words("subscription-rests")] if subscription.paused is not None else []
    choices = subscription.choices
    return [title, *_what(choices, feeds, words), *_when(choices, words), *_how(choices, words), *paused]


def _what(choices: Choices, feeds: dict[int, str], words: Words) -> list[str]:
    languages = [words.language(code) for code in choices.languages]
    titles = [feeds.get(feed) or words("feed-gone", number=str(feed)) for feed in choices.feeds]
    include, exclude = _shown(choices.include), _shown(choices.exclude)
    chosen = [
        *([words("chosen-feeds", names=words.listed(_shown(titles)))] if titles else []),
        *([words("chosen-outlets", names=words.listed(_shown(choices.outlets)))] if choices.outlets else []),
        *([words("chosen-languages", names=words.listed(_shown(languages)))] if languages else []),
        *([words("chosen-include", names=words.either(include))] if include else []),
        *([words("chosen-exclude", names=words.either(exclude))] if exclude else []),
    ]
    return chosen or [words("chosen-everything")]


def _when(choices: Choices, words: Words) -> list[str]:
    time, zone = f"{choices.hour:02}:00", choices.zone
    if choices.rhythm == "daily":
        return [words("chosen-daily", time=time, zone=zone)]
    if choices.rhythm == "weekly":
        return [words("chosen-weekly", day=words.weekday(choices.weekday), time=time, zone=zone)]
    if choices.quiet is None:
        return [words("chosen-now")]
    start, end = (f"{hour:02}:00" for hour in choices.quiet)
    return [words("chosen-now"), words("chosen-quiet", start=start, end=end, zone=zone)]


def _how(choices: Choices, words: Words) -> list[str]:
    flags = [
        *([words("how-silent")] if choices.silent else []),
        *([words("how-preview")] if choices.preview else []),
        *([words("how-hashtags")] if choices.hashtags else []),
    ]
    return [words("chosen-how", names=words.listed(flags))] if flags else []


def _shown(names: Sequence[str]) -> list[str]:
    return [*(line(each) for each in names[:NAMED]), *(["…"] if len(names) > NAMED else [])]
