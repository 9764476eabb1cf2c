"""What is posted of a new article: who reported it when, and its first sentences word for word."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.asking.buttons import openable
from bot.chats.chat import Chats
from bot.posting.outbox import Delivery
from bot.posting.subscriptions import Choices, Subscriptions
from bot.records.answers import AnswerRecord, RecordedPassage
from bot.text.links import page
from bot.text.message import Mark, Message, join, shown
from bot.text.passages import add_about, add_source, line, quotation, title
from bot.text.words import Words, words_for
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from corpus.store import Store
from index.language.sentences import sentences

SUBSTANTIAL = 80  # characters that the first paragraph has at least; what is shorter is a byline or a date
OPENING = 600  # characters of the first sentences
ASK = "https://t.me/{}?start=q_{}"


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the outbox, and how it is to be sent."""

    message: Message
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: int | None = None
    silent: bool = False
    preview: str = ""
    left: int = 0  # articles at the end of the delivery that it has no room for
    given: AnswerRecord | None = None  # what the ledger keeps of it once it has arrived


class PostComposer:
    """Makes posts and digests of deliveries, as each subscription wants them."""

    def __init__(
        self, store: Store, subscriptions: Subscriptions, chats: Chats, bot_name: Callable[[], str]
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._chats = chats
        self._bot_name = bot_name

    def compose(self, delivery: Delivery, changed: Message | None = None) -> Post | None:
        """What a delivery looks like now; None where its articles are withdrawn or nobody wants them.

        `changed`: what a post quoted before, which stands above what it quotes now.
        """
        subscription = self._subscriptions.of(delivery.chat, delivery.thread)
        articles = list(filter(None, map(self._store.article, delivery.articles)))
        if subscription is None or not articles:
            return None
        choices = subscription.choices
        words = words_for(self._chats.get(delivery.chat).language or choices.code)
        if delivery.is_digest:
            return digest(articles, choices, words)
        made = post(articles[0], delivery.numbers[0], choices, words, self._bot_name(), changed)
        return replace(made, given=replace(self.quotes(delivery, made), code=words.code))

    def quotes(self, delivery: Delivery, made: Post) -> AnswerRecord:
        """What the ledger keeps of a post: the articles, versions and spans that it quotes."""
        quotes = tuple(RecordedPassage.of(quotation.hit, 0) for quotation in made.message.quotations)
        return AnswerRecord(delivery.chat, "post", delivery.thread or None, quotes=quotes)


def post(
    article: Article, number: int, choices: Choices, words: Words, bot: str, changed: Message | None = None
) -> Post:
    """One article as a post; `number` is that of its delivery, by which it can be asked about."""
    message = Message()
    message.add_foreign(title(article))
    message.marks.append(Mark("bold", 0, len(message.text)))
    about = Message()
    add_about(about, article, words)
    if about.text:
        message.add("\n")
        message.append(about)
    if changed:
        message.add("\n")
        message.append(changed)
    opening = first_sentences(article)
    if opening:
        message.add("\n")
        message.append(quotation(article, opening))
    if choices.hashtags and (tag := hashtag(article)):
        message.add(f"\n{tag}")
    return Post(
        message,
        _buttons(article, number, words, bot),
        silent=choices.silent,
        preview=page(article) if choices.preview else "",
    )


def digest(articles: Sequence[Article], choices: Choices, words: Words) -> Post:
    """Several articles as a list, the first of them where there is no room for all."""
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


def first_sentences(article: Article) -> Span | None:
    """The first substantial sentences of an article, neither promotion nor its title; None if it has none."""
    spans = list(dropwhile(lambda span: not _is_substantial(article, span), paragraphs(article.text)))
    if not spans:
        return None
    start = spans[0][0]
    kept = takewhile(lambda span: not _is_promoted(article, span), spans)
    parts = (part for span in kept for part in sentences(article.text, *span, article.language))
    ends = [end for _, end in parts if end - start <= OPENING]
    return (start, ends[-1]) if ends else None


def _is_substantial(article: Article, span: Span) -> bool:
    start, end = span
    is_title = line(article.text[start:end]) == title(article)
    return end - start >= SUBSTANTIAL and not is_title and not _is_promoted(article, span)


def _is_promoted(article: Article, span: Span) -> bool:
    return any(start < span[1] and span[0] < end for start, end in article.promotion)


def hashtag(article: Article) -> str:
    """The outlet as a hashtag; "" where it has no word."""
    tag = re.sub(r"\W+", "_", shown(article.outlet or "")).strip("_")
    return f"#{tag}" if tag and not tag.isdecimal() else ""


def _buttons(article: Article, number: int, words: Words, bot: str) -> InlineKeyboardMarkup:
    url = openable(page(article))
    read = [InlineKeyboardButton(words("read"), url=url)] if url else []
    about = InlineKeyboardButton(words("ask-about"), url=ASK.format(bot, number))
    return InlineKeyboardMarkup([[*read, about]])
