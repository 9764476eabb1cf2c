"""Views of an answer: a page of its passages, or one passage in its context.

Both are laid out from the answer log; passages withdrawn or reworded since are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.asking import buttons
from bot.chats import Services
from bot.records import AnswerRecord
from bot.text import Message, Words, passage
from bot.text.passages import PASSAGES, in_context, laid_out, under
from bot.transport import View
from index.searching.result import Hit


def page(services: Services, answer: AnswerRecord, number: int, words: Words) -> tuple[AnswerRecord, View]:
    """Lays out a page; returns the answer, with a new page's passages recorded in it, and the view."""
    known = answer.page(number)
    is_new = number > 0 and not known
    unshown = [rank for rank, quote in enumerate(answer.quotes) if quote.page is None]
    standing = list(_standing(services, answer, unshown if is_new else known))[:PASSAGES]
    heading = _heading(answer, number, words, found=bool(standing))
    message, *_ = laid_out(heading, [hit for _, hit in standing], words)
    shown = standing[: len(message.quotations)]  # the rest is left for the next page
    pages = {rank: number if place < len(shown) else None for place, (rank, _) in enumerate(standing)}
    answer = _with_pages(answer, pages)
    return answer, (message, buttons.under_answer(answer, shown, number, words, services.bot_name))


def corrected(
    services: Services, answer: AnswerRecord, number: int, gone: Mapping[int, Message], words: Words
) -> View:
    """Lays out a page with replacements for the passages that are `gone`, by rank."""
    standing = dict(_standing(services, answer, [rank for rank in answer.page(number) if rank not in gone]))
    blocks = {rank: passage(hit, words) for rank, hit in standing.items()} | {**gone}
    heading = _heading(answer, number, words, found=bool(blocks))
    message, *_ = under(heading, [blocks[rank] for rank in sorted(blocks)])
    return message, buttons.under_answer(answer, [*standing.items()], number, words, services.bot_name)


def context(services: Services, answer: AnswerRecord, rank: int, words: Words) -> View | None:
    """Lays out a passage in its context; returns None if it no longer exists."""
    hit = services.answers.hit(answer.quotes[rank])
    if hit is None:
        return None
    keyboard = buttons.under_context(answer, rank, hit, words, services.bot_name)
    return passage(in_context(hit), words), keyboard


def _standing(services: Services, answer: AnswerRecord, ranks: list[int]) -> Iterator[tuple[int, Hit]]:
    for rank in ranks:
        hit = services.answers.hit(answer.quotes[rank])
        if hit is not None:
            yield rank, hit


def _heading(answer: AnswerRecord, number: int, words: Words, *, found: bool) -> str:
    """Returns the text above a page's passages; without passages, what became of them."""
    if number == 0:
        return answer.head or ("" if found else words("permalink-withdrawn"))
    if not found:
        return words("no-more")
    return words("more-passages" if answer.state == "answered" else "nearest")


def _with_pages(answer: AnswerRecord, pages: Mapping[int, int | None]) -> AnswerRecord:
    quotes = [replace(q, page=pages.get(rank, q.page)) for rank, q in enumerate(answer.quotes)]
    return replace(answer, quotes=tuple(quotes))
