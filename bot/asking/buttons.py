"""The buttons under an answer; each carries the answer's id, which is checked on a tap."""

from collections.abc import Sequence

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.records import AnswerRecord
from bot.text import Words
from bot.text.links import deep_link
from bot.text.passages import citation
from bot.transport import openable, rows, tap
from index.searching.result import Hit

COPIED = 256  # maximum UTF-16 units that a button can copy
START = "https://t.me/{}?start=a_{}"


def under_answer(
    answer: AnswerRecord, shown: Sequence[tuple[int, Hit]], page: int, words: Words, bot: str
) -> InlineKeyboardMarkup:
    """Returns a page's buttons for its passages `shown`, with ranks; Open and Copy use the first."""
    further = any(quote.page is None or quote.page > page for quote in answer.quotes)
    next_one = "more" if any(quote.page == page for quote in answer.quotes) else "show-nearest"
    turning = [
        *([tap(words("back"), f"p:{answer.id}:{page - 1}")] if page else []),
        *([tap(words(next_one), f"p:{answer.id}:{page + 1}")] if further else []),
    ]
    votes = [tap("👍", f"v:{answer.id}:u"), tap("👎", f"v:{answer.id}:d")]
    sources = _source_buttons(shown[0][1], words, START.format(bot, answer.id)) if shown else []
    can_wait = answer.state == "absent" and answer.question
    waiting = [tap(words("watch"), f"watch:{answer.id}")] if can_wait else []
    return rows(_contexts(answer, shown, words), sources, waiting, [*turning, *votes])


def under_context(answer: AnswerRecord, rank: int, hit: Hit, words: Words, bot: str) -> InlineKeyboardMarkup:
    """Returns the buttons of a passage shown in context."""
    back = tap(words("back"), f"p:{answer.id}:{answer.quotes[rank].page or 0}")
    return rows(_source_buttons(hit, words, START.format(bot, answer.id)), [back])


def under_late(answer: AnswerRecord, words: Words) -> InlineKeyboardMarkup:
    """Returns the button under a question that was asked while the bot was stopped."""
    return rows([tap(words("answer-now"), f"now:{answer.id}")])


def to_page(hit: Hit, words: Words) -> InlineKeyboardMarkup | None:
    """Returns the button that opens a passage's page, if it has one."""
    url = openable(deep_link(hit.article, hit.sentence))
    return rows([InlineKeyboardButton(words("open"), url=url)]) if url else None


def _contexts(
    answer: AnswerRecord, shown: Sequence[tuple[int, Hit]], words: Words
) -> list[InlineKeyboardButton]:
    several = len(shown) > 1
    return [
        tap(
            words("context-numbered", number=str(place)) if several else words("context"),
            f"c:{answer.id}:{rank}",
        )
        for place, (rank, _) in enumerate(shown, 1)
    ]


def _source_buttons(hit: Hit, words: Words, permalink: str) -> list[InlineKeyboardButton]:
    url = openable(deep_link(hit.article, hit.sentence))
    return [
        *([InlineKeyboardButton(words("open"), url=url)] if url else []),
        _copy(words("copy-citation"), citation(hit.article, COPIED)),
        _copy(words("copy-link"), permalink),
    ]


def _copy(text: str, copied: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, copy_text=CopyTextButton(copied))
