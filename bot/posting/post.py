"""Posts and digests of new articles: outlet, date and the first sentences, word for word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chats import Services
from bot.posting.outbox import Delivery
from bot.posting.subscriptions import Choices, Subscriptions
from bot.records import AnswerRecord, RecordedPassage
from bot.text import (
    Mark,
    Message,
    Words,
    add_about,
    add_source,
    first_sentences,
    foreign,
    join,
    page,
    shown,
    title,
    words_for,
)
from bot.text.passages import quotation
from bot.transport import openable, rows
from corpus.article import Article

ASK = "https://t.me/{}?start=q_{}"


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the outbox, and how it is sent."""

    message: Message
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: int | None = None
    silent: bool = False
    preview: str = ""
    left: int = 0  # articles at the end of the delivery for which there was no room
    record: AnswerRecord | None = None  # what the answer log keeps once it has arrived


def compose(services: Services, delivery: Delivery, changed: Message | None = None) -> Post | None:
    """The post or digest of a delivery; None if its articles are withdrawn or its subscription ended.

    `changed`: what a post quoted before, which is shown above what it quotes now.
    """
    subscription = Subscriptions(services.database).of(delivery.chat, delivery.thread)
    articles = list(filter(None, map(services.store.article, delivery.articles)))
    if subscription is None or not articles:
        return None
    choices = subscription.choices
    words = words_for(services.chats.get(delivery.chat).language or choices.code)
    if delivery.is_digest:
        return digest(articles, choices, words)
    made = post(articles[0], delivery.numbers[0], choices, words, services.bot_name, changed)
    quotes = tuple(RecordedPassage.of(quotation.hit, 0) for quotation in made.message.quotations)
    thread = delivery.thread or None
    return replace(made, record=AnswerRecord(delivery.chat, "post", thread, quotes=quotes, code=words.code))


def post(
    article: Article, number: int, choices: Choices, words: Words, bot: str, changed: Message | None = None
) -> Post:
    """One article as a post; `number` is that of its delivery, which its link to ask about it carries."""
    message, about, opening = headline(article), Message(), first_sentences(article)
    add_about(about, article, words)
    quoted = quotation(article, opening) if opening else None
    for part in (about if about.text else None, changed, quoted):
        if part:
            message.add("\n")
            message.append(part)
    if choices.hashtags and (tag := hashtag(article)):
        message.add(f"\n{tag}")
    keyboard = _buttons(article, number, words, bot)
    return Post(message, keyboard, silent=choices.silent, preview=page(article) if choices.preview else "")


def headline(article: Article) -> Message:
    """The title of an article in bold."""
    message = foreign(title(article))
    message.marks.append(Mark("bold", 0, len(message.text)))
    return message


def digest(articles: Sequence[Article], choices: Choices, words: Words) -> Post:
    """Several articles as a list; only the first of them if there is no room for all."""
    messages = _listed(articles, words)
    count = len(articles)
    while len(messages) > 1:
        count -= 1
        messages = _listed(articles[:count], words)
    return Post(messages[0], silent=choices.silent, left=len(articles) - count)


def _listed(articles: Sequence[Article], words: Words) -> list[Message]:
    """A list of articles, in as few messages as the limits allow."""
    blocks = [Message(words("digest", count=len(articles)))]
    for article in articles:
        block = Message("• ")
        add_source(block, article, page(article), words)
        blocks.append(block)
    return join(blocks, "\n")


def hashtag(article: Article) -> str:
    """The outlet as a hashtag; "" if it contains no word."""
    tag = re.sub(r"\W+", "_", shown(article.outlet or "")).strip("_")
    return f"#{tag}" if tag and not tag.isdecimal() else ""


def _buttons(article: Article, number: int, words: Words, bot: str) -> InlineKeyboardMarkup:
    url = openable(page(article))
    read = [InlineKeyboardButton(words("read"), url=url)] if url else []
    return rows([*read, InlineKeyboardButton(words("ask-about"), url=ASK.format(bot, number))])
