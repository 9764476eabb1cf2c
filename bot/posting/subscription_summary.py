"""What a subscription asks for, in words, and what it would post next."""

from collections.abc import Sequence

from bot.posting.post import Post
from bot.posting.subscriptions import Choices, Subscription
from bot.text.message import Message
from bot.text.passages import line
from bot.text.words import Words

NAMED = 10  # of the feeds, outlets or words that are chosen


def summary(subscription: Subscription, feeds: dict[int, str], words: Words, *, here: bool) -> Message:
    """What a subscription asks for; `here` in the chat that it is for, `feeds` are titles by number."""
    choices = subscription.choices
    title = words("subscription-here") if here else words("subscription-of", title=name(subscription, words))
    paused = [words("subscription-rests")] if subscription.paused is not None else []
    lines = [title, *_what(choices, feeds, words), *_when(choices, words), *_how(choices, words), *paused]
    message = Message()
    message.add_foreign("\n".join(lines))
    return message


def preview(post: Post | None, words: Words) -> Message:
    """The next post as it would look, and that it is none yet."""
    if post is None:
        return Message(words("next-none"))
    message = Message(words("next-post") + "\n\n")
    message.append(post.message)
    return message


def name(subscription: Subscription, words: Words) -> str:
    """What a person knows the chat of a subscription by."""
    title = line(subscription.title) or (str(subscription.chat) if subscription.chat < 0 else "")
    return f"{title} › {subscription.thread}" if subscription.thread else title or words("our-chat")


def _what(choices: Choices, feeds: dict[int, str], words: Words) -> list[str]:
    languages = [words.language(code) for code in choices.languages]
    titles = [feeds.get(feed) or words("feed-gone", number=str(feed)) for feed in choices.feeds]
    chosen = [
        *([words("chosen-feeds", names=_listed(titles, words))] if titles else []),
        *([words("chosen-outlets", names=_listed(choices.outlets, words))] if choices.outlets else []),
        *([words("chosen-languages", names=_listed(languages, words))] if languages else []),
        *([words("chosen-include", names=words.either(_shown(choices.include)))] if choices.include else []),
        *([words("chosen-exclude", names=words.either(_shown(choices.exclude)))] if choices.exclude else []),
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


def _listed(names: Sequence[str], words: Words) -> str:
    return words.listed(_shown(names))


def _shown(names: Sequence[str]) -> list[str]:
    return [*(line(each) for each in names[:NAMED]), *(["…"] if len(names) > NAMED else [])]
