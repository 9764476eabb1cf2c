"""A result as messages: text with marks, for Telegram and the terminal alike."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.links import deep_link, page
from corpus.article import Article
from index.confidence import PERHAPS
from index.result import Hit, Result

LIMIT = 4096
"""UTF-16 units of a Telegram message."""
TITLE = 100  # characters of a title or an outlet in a source line
UNSURE = 2  # passages shown where it is not sure that they answer
ALSO = 3  # further articles named under a passage that they share

# What Telegram drops or changes, and what could make text read as something else: controls,
# zero-width characters (joiners aside, which scripts and emoji need), direction overrides.
UNSHOWN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u030a\u0333\u033f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
RING = re.compile("[AUauwy]\u030a")  # å in two characters, of which Telegram would drop the second
MARK_CLASS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
FLOOD = re.compile(f"({MARK_CLASS}{{3}}){MARK_CLASS}+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a message that is shown in a certain way; offsets in code points."""

    kind: Literal["quote", "bold", "link"]
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Which part of a message quotes which part of an article."""

    start: int
    end: int
    hit: Hit


@dataclass
class Message:
    """Text on its way to a person, with its marks and quotations."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    quotations: list[Quotation] = field(default_factory=list)

    def add(self, text: str, kind: Literal["quote", "bold", "link"] | None = None, url: str = "") -> None:
        """Append text, marked as `kind`."""
        start = len(self.text)
        self.text += text
        if kind and text:
            self.marks.append(Mark(kind, start, len(self.text), url))

    def append(self, other: "Message") -> None:
        """Append another message, marks and all."""
        by = len(self.text)
        self.text += other.text
        self.marks += [Mark(m.kind, m.start + by, m.end + by, m.url) for m in other.marks]
        self.quotations += [Quotation(q.start + by, q.end + by, q.hit) for q in other.quotations]


def answer(result: Result) -> list[Message]:
    """The messages that answer a question, each within Telegram's limit, parted between passages."""
    hits = [hit for hit in result.hits if hit.confidence >= PERHAPS and shown(hit.text).strip()]
    head = [Message(f"Searched for: {shown(result.corrected)}")] if result.corrected else []
    if not hits:
        return _join([*head, Message(not_held(result.articles, result.newest))])
    if result.state != "answered":
        hits = hits[:UNSURE]
        head.append(Message("I am not sure that this answers it. The nearest that the articles have:"))
    return _join([*head, *_period(result), *map(_passage, hits)])


def _period(result: Result) -> list[Message]:
    """Of which time the passages are, where the question asked about one."""
    if result.period:
        return [Message(f"From articles {result.period.said}:")]
    if result.outside:
        return [Message(f"No article {result.outside.said} answers this; from all articles:")]
    return []


def not_held(articles: int, newest: str | None) -> str:
    """The sentence that says that the articles don't hold the answer, and what they are."""
    if not articles:
        return "There are no articles yet, so I can't answer."
    dated = f", the newest from {day(newest)}" if newest else ""
    return f"That is not in the articles. I looked through {count(articles)}{dated}."


def listing(articles: Sequence[Article], total: int) -> list[Message]:
    """The articles as a list; says how many more there are."""
    blocks = [Message(f"I answer from {count(total)}:")]
    for article in articles:
        line = Message("• ")
        _add_source(line, article, page(article))
        blocks.append(line)
    if total > len(articles):
        blocks.append(Message(f"… and {total - len(articles):,} more."))
    return _join(blocks, "\n")


def count(articles: int) -> str:
    """How many articles, in words."""
    return f"{articles:,} article{'' if articles == 1 else 's'}"


def shown(text: str) -> str:
    """Text as it is shown: the one normalisation that a quotation goes through.

    Tabs and the odd controls become nothing or a space, as Telegram would make them, marks that
    pile up are cut to three; every letter, space and sign stays.
    """
    text = text.replace("\t", " ").replace("\r\n", "\n")
    text = RING.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    return FLOOD.sub(r"\1", UNSHOWN.sub("", text))


def day(published: str) -> str:
    """An ISO 8601 date or date-time as a day: 28 Nov 2024."""
    date = datetime.fromisoformat(published)
    return f"{date.day} {date:%b %Y}"


def utf16(text: str) -> int:
    """The length of `text` as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _passage(hit: Hit) -> Message:
    """One passage, its answering sentence bold, with its source under it."""
    text, (start, end) = hit.article.text, hit.sentence
    quoted = shown(hit.text)
    # Its parts are cut out of the whole as it is shown, since marks may pile up across their edges.
    first, last = (min(len(shown(text[hit.start : edge])), len(quoted)) for edge in (start, end))
    message = Message(quoted)
    message.marks.append(Mark("quote", 0, len(quoted)))
    if first < last:
        message.marks.append(Mark("bold", first, last))
    message.quotations.append(Quotation(0, len(quoted), hit))
    message.add("\n— ")
    _add_source(message, hit.article, deep_link(hit.article, hit.sentence))
    for article in hit.also[:ALSO]:
        message.add("\n   also in ")
        _add_source(message, article, page(article))
    if len(hit.also) > ALSO:
        message.add(f"\n   and in {count(len(hit.also) - ALSO)} more")
    return message


def _add_source(message: Message, article: Article, url: str) -> None:
    """Title, outlet and date of an article, as far as they are known."""
    message.add(title(article), "link" if url else None, url)
    rest = [_line(article.outlet or ""), day(article.published) if article.published else ""]
    message.add("".join(f" · {part}" for part in rest if part))


def title(article: Article) -> str:
    """An article's title on one line; its first words where it has none."""
    return _line(article.title) or _line(article.text[: 2 * TITLE])


def _line(text: str) -> str:
    words = " ".join(shown(text).split())
    return words if len(words) <= TITLE else words[:TITLE].rsplit(" ", 1)[0] + "…"


def _join(blocks: Sequence[Message], between: str = "\n\n") -> list[Message]:
    """Blocks put together into as few messages as the limit allows."""
    messages: list[Message] = []
    for block in blocks:
        if messages and utf16(messages[-1].text + between + block.text) <= LIMIT:
            messages[-1].add(between)
            messages[-1].append(block)
        else:
            messages.append(block)
    return messages
