"""The buttons under a message; each carries an id that is checked when it comes back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.chats.chat import MODES, Chat
from bot.posting.watches import Watch
from bot.records.answers import AnswerRecord
from bot.text.links import deep_link
from bot.text.passages import citation
from bot.text.words import LANGUAGES, Words
from index.searching.result import Hit

COPIED = 256  # UTF-16 units that a button copies at most
NO_BUTTONS = InlineKeyboardMarkup([])
START = "https://t.me/{}?start=a_{}"

DATA = re.compile(
    r"(?:([pcv]):([\w-]{12}):(\w{1,2})|(now|watch):([\w-]{12})()|(mode|quiet|language):()(\w{0,9})"
    r"|(end):()(\d{1,15}))",
    re.ASCII,
)
"""What a button of ours carries: p page, c context and v vote of an answer; a late question, one that is to
stand; a setting; the end of a standing question. What admins tap is read by `desk.py`."""

Action = Literal["p", "c", "v", "now", "watch", "mode", "quiet", "language", "end"]


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a button that was tapped stands for."""

    action: Action
    answer: str  # its id, "" for what is about none
    value: str

    @classmethod
    def read(cls, data: str | None) -> "Tapped | None":
        """What `data` stands for; None where no button of ours carries it."""
        match = DATA.fullmatch(data or "")
        return cls(*(part for part in match.groups() if part is not None)) if match else None  # type: ignore[arg-type]


def under_answer(
    given: AnswerRecord, shown: Sequence[tuple[int, Hit]], page: int, words: Words, bot: str
) -> InlineKeyboardMarkup:
    """The buttons of a page; `shown` are its passages with their ranks. Open and Copy take the first."""
    names = [words("context-numbered", number=str(number)) for number in range(1, len(shown) + 1)]
    contexts = [
        tap(name if len(shown) > 1 else words("context"), f"c:{given.id}:{rank}")
        for name, (rank, _) in zip(names, shown, strict=True)
    ]
    further = any(quote.page is None or quote.page > page for quote in given.quotes)
    next_one = "more" if any(quote.page == page for quote in given.quotes) else "show-nearest"
    turning = [
        *([tap(words("back"), f"p:{given.id}:{page - 1}")] if page else []),
        *([tap(words(next_one), f"p:{given.id}:{page + 1}")] if further else []),
    ]
    votes = [tap("👍", f"v:{given.id}:u"), tap("👎", f"v:{given.id}:d")]
    sources = _source_buttons(shown[0][1], words, START.format(bot, given.id)) if shown else []
    stands = given.state == "absent" and given.question
    waiting = [tap(words("watch"), f"watch:{given.id}")] if stands else []
    return rows(contexts, sources, waiting, [*turning, *votes])


def under_context(given: AnswerRecord, rank: int, hit: Hit, words: Words, bot: str) -> InlineKeyboardMarkup:
    """The buttons of a passage that is shown in its context."""
    back = tap(words("back"), f"p:{given.id}:{given.quotes[rank].page or 0}")
    return rows(_source_buttons(hit, words, START.format(bot, given.id)), [back])


def under_late(given: AnswerRecord, words: Words) -> InlineKeyboardMarkup:
    """The button under what was asked while the bot was away."""
    return rows([tap(words("answer-now"), f"now:{given.id}")])


def under_watches(watches: Sequence[Watch], words: Words) -> InlineKeyboardMarkup:
    """The buttons that end standing questions, by their places in the list, five in a row."""
    ends = [
        tap(words("watch-end", number=str(place)), f"end:{watch.id}")
        for place, watch in enumerate(watches, 1)
    ]
    return rows(*(ends[first : first + 5] for first in range(0, len(ends), 5)))


def under_outbox(numbers: Sequence[int]) -> InlineKeyboardMarkup:
    """The buttons that have uncertain deliveries sent once more, for an admin, three in a row."""
    buttons = [tap(f"Send {number} again", f"d:again:{number}") for number in numbers]
    return rows(*(buttons[first : first + 3] for first in range(0, len(buttons), 3)))


def to_page(hit: Hit, words: Words) -> InlineKeyboardMarkup | None:
    """The button that opens the page of a passage, where it has one."""
    url = openable(deep_link(hit.article, hit.sentence))
    return rows([InlineKeyboardButton(words("open"), url=url)]) if url else None


def settings(chat: Chat, words: Words) -> InlineKeyboardMarkup:
    """The settings of a group, what holds now ticked."""
    modes = [
        [tap(ticked(words("settings-mode", mode=mode), mode == chat.mode), f"mode:{mode}")] for mode in MODES
    ]
    quiet = tap(ticked(words("settings-quiet"), chat.quiet), f"quiet:{int(not chat.quiet)}")
    return rows(*modes, [quiet], *_languages(chat, words))


def languages(chat: Chat, words: Words) -> InlineKeyboardMarkup:
    """The languages that the bot speaks, the chosen one ticked."""
    return rows(*_languages(chat, words))


def _languages(chat: Chat, words: Words) -> Iterable[list[InlineKeyboardButton]]:
    choices = [("", words("language-auto")), *LANGUAGES.items()]
    buttons = [tap(ticked(name, code == chat.language), f"language:{code}") for code, name in choices]
    return buttons[:3], buttons[3:]


def _source_buttons(hit: Hit, words: Words, permalink: str) -> list[InlineKeyboardButton]:
    url = openable(deep_link(hit.article, hit.sentence))
    return [
        *([InlineKeyboardButton(words("open"), url=url)] if url else []),
        _copy(words("copy-citation"), citation(hit.article, COPIED)),
        _copy(words("copy-link"), permalink),
    ]


def openable(url: str) -> str:
    """A link as a button may hold it: its host must have a dot; "" where it can't."""
    try:
        host = urlsplit(url).hostname or ""
        return quote(url, safe="%/:=&?~#+!$,;'@()*[]") if "." in host.strip(".") else ""
    except ValueError:
        return ""


def ticked(text: str, holds: bool) -> str:
    """What stands on a button, with a tick where it holds now."""
    return f"✓ {text}" if holds else text


def tap(text: str, data: str) -> InlineKeyboardButton:
    """A button that carries `data`."""
    return InlineKeyboardButton(text, callback_data=data)


def _copy(text: str, copied: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, copy_text=CopyTextButton(copied))


def rows(*rows: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Rows of buttons, the empty ones left out."""
    return InlineKeyboardMarkup([row for row in rows if row])
