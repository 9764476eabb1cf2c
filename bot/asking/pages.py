"""What a message shows of an answer: a page of its passages, or one of them in its context."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.asking import buttons
from bot.records.answers import AnswerLog, AnswerRecord
from bot.text.message import Message
from bot.text.passages import PASSAGES, in_context, laid_out, passage, under
from bot.text.words import Words
from index.searching.result import Hit

View = tuple[Message, InlineKeyboardMarkup]


class AnswerPages:
    """Lays out answers from the ledger; what is withdrawn since, or rewritten, is shown no more."""

    def __init__(self, answer_log: AnswerLog, bot_name: Callable[[], str]) -> None:
        self._answer_log = answer_log
        self._bot_name = bot_name

    def page(self, given: AnswerRecord, number: int, words: Words) -> tuple[AnswerRecord, View]:
        """A page of an answer; one that was never shown is laid out now, and comes back in the answer."""
        known = given.page(number)
        is_new = number > 0 and not known
        unshown = [rank for rank, quote in enumerate(given.quotes) if quote.page is None]
        standing = list(self._standing(given, unshown if is_new else known))[:PASSAGES]
        heading = _heading(given, number, words, found=bool(standing))
        message, *_ = laid_out(heading, [hit for _, hit in standing], words)
        shown = standing[: len(message.quotations)]
        pages = {rank: number if place < len(shown) else None for place, (rank, _) in enumerate(standing)}
        given = _with_pages(given, pages)  # what finds no room waits for the next page
        return given, (message, buttons.under_answer(given, shown, number, words, self._bot_name()))

    def corrected(self, given: AnswerRecord, number: int, gone: Mapping[int, Message], words: Words) -> View:
        """A page of an answer, with what became of the passages that are gone."""
        standing = dict(self._standing(given, [rank for rank in given.page(number) if rank not in gone]))
        blocks = {rank: passage(hit, words) for rank, hit in standing.items()} | {**gone}
        heading = _heading(given, number, words, found=bool(blocks))
        message, *_ = under(heading, [blocks[rank] for rank in sorted(blocks)])
        shown = list(standing.items())
        return message, buttons.under_answer(given, shown, number, words, self._bot_name())

    def context(self, given: AnswerRecord, rank: int, words: Words) -> View | None:
        """A passage of an answer with what stands around it; None where it stands no more."""
        hit = self._answer_log.hit(given.quotes[rank])
        if hit is None:
            return None
        keyboard = buttons.under_context(given, rank, hit, words, self._bot_name())
        return passage(in_context(hit), words), keyboard

    def _standing(self, given: AnswerRecord, ranks: list[int]) -> Iterator[tuple[int, Hit]]:
        for rank in ranks:
            hit = self._answer_log.hit(given.quotes[rank])
            if hit is not None:
                yield rank, hit


def _heading(given: AnswerRecord, number: int, words: Words, *, found: bool) -> str:
    """What stands above the passages of a page; where there are none, what became of them."""
    if number == 0:
        return given.head or ("" if found else words("permalink-withdrawn"))
    if not found:
        return words("no-more")
    return words("more-passages" if given.state == "answered" else "nearest")


def _with_pages(given: AnswerRecord, pages: Mapping[int, int | None]) -> AnswerRecord:
    quotes = [replace(q, page=pages.get(rank, q.page)) for rank, q in enumerate(given.quotes)]
    return replace(given, quotes=tuple(quotes))
