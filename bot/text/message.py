"""Outgoing messages as text with marks, for Telegram and the terminal."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from index.searching.result import Hit

LIMIT = 4096
"""Maximum length of a Telegram message, in UTF-16 units."""
ENTITIES = 100
"""Maximum entities per message; Telegram drops the rest."""

# Characters that Telegram drops or changes, or that can disguise text: controls, zero-width characters
# (except joiners, which scripts and emoji need), direction overrides.
UNSHOWN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u030a\u0333\u033f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
RING = re.compile("[AUauwy]\u030a")  # å as two characters; Telegram would drop the second
MARK_CLASS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
FLOOD = re.compile(f"({MARK_CLASS}{{3}}){MARK_CLASS}+")
# What Telegram would turn into a mention, a command or a link to itself outside fixed-width text.
PINGS = re.compile(
    r"(?<!\w)@\w{2,}|(?<![\w/<>])/\w+(?:@\w+)?"
    r"|(?<![\w@.-])(?:tg://|(?:https?://)?(?:[\w-]+\.)*(?:t|telegram)\.(?:me|dog)\b)\S*",
    re.IGNORECASE,
)
PINGS_PARTED = 8  # with more pings than this, everything from the first to the last is fixed-width

Kind = Literal["quote", "bold", "link", "code", "date", "struck"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A formatted part of a message; offsets in code points."""

    kind: Kind
    start: int
    end: int
    url: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """The part of a message that quotes a part of an article."""

    start: int
    end: int
    hit: Hit


@dataclass
class Message:
    """Text to be sent, with its marks and quotations."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    quotations: list[Quotation] = field(default_factory=list)

    def add(self, text: str, kind: Kind | None = None, url: str = "", time: datetime | None = None) -> None:
        """Appends text, marked as `kind`."""
        start = len(self.text)
        self.text += text
        if kind and text:
            self.marks.append(Mark(kind, start, len(self.text), url, time))

    def add_foreign(self, text: str, parted: int = PINGS_PARTED) -> None:
        """Appends text written by others, in which mentions, commands and chat links are disabled.

        Up to `parted` of them are marked one by one, more as one range.
        """
        start = len(self.text)
        self.text += text
        pings = [(start + ping.start(), start + ping.end()) for ping in PINGS.finditer(text)]
        if len(pings) > parted:
            pings = [(pings[0][0], pings[-1][1])]
        self.marks += [Mark("code", *ping) for ping in pings]

    def append(self, other: "Message") -> None:
        """Appends another message with its marks."""
        by = len(self.text)
        self.text += other.text
        self.marks += [Mark(m.kind, m.start + by, m.end + by, m.url, m.time) for m in other.marks]
        self.quotations += [Quotation(q.start + by, q.end + by, q.hit) for q in other.quotations]

    @property
    def entities(self) -> int:
        """Maximum number of entities in Telegram, which splits bold text at fixed-width text."""
        return len(self.marks) + sum(mark.kind == "code" for mark in self.marks)


def foreign(text: str) -> Message:
    """Returns a message of text written by others."""
    message = Message()
    message.add_foreign(text)
    return message


def listed(text: str, longest: int) -> Message:
    """Returns a list line of text written by others: at most `longest` UTF-16 units and one mark."""
    message = Message()
    message.add_foreign(cut(text, longest), parted=1)
    return message


def join(blocks: Sequence[Message], between: str = "\n\n") -> list[Message]:
    """Joins blocks into as few messages as the limits allow."""
    messages: list[Message] = []
    for block in blocks:
        if messages and _fit(messages[-1], between, block):
            messages[-1].add(between)
            messages[-1].append(block)
        else:
            messages.append(block)
    return messages


def _fit(message: Message, between: str, block: Message) -> bool:
    """Returns whether both fit into one message."""
    short = utf16(message.text + between + block.text) <= LIMIT
    return short and message.entities + block.entities <= ENTITIES


def shown(text: str) -> str:
    """Returns text as it is displayed: the only normalisation applied to a quotation.

    Tabs become spaces, control characters are dropped as Telegram would, stacked combining marks are cut to
    three; every letter, space and sign stays.
    """
    text = text.replace("\t", " ").replace("\r\n", "\n")
    text = RING.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    return FLOOD.sub(r"\1", UNSHOWN.sub("", text))


def utf16(text: str) -> int:
    """Returns the length of `text` in UTF-16 units, as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, longest: int) -> str:
    """Truncates text to `longest` UTF-16 units."""
    if utf16(text) <= longest:
        return text
    return text.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"
