"""Corrections: messages that quoted what an article no longer says are edited, and their chats told.

Such a message shows what is gone struck out, with what replaced it. A chat is told of a change once; a change
that touches no quotation edits nothing.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlite_utils import Database as Connection
from telegram.error import TelegramError

from bot.asking import pages
from bot.chats import Services
from bot.posting import outbox, post
from bot.posting.outbox import Delivery
from bot.posting.post import Post
from bot.posting.rewritten import PassageDiff, block, rewritten, struck_out
from bot.records import AnswerRecord, RecordedPassage
from bot.text import SLOT, Message, Words, page, passage, title, with_name, words_for
from bot.transport import OUTAGE_SECONDS, Later, Misquoted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an article, and its day."""

    number: int
    article: str
    day: str


@dataclass(frozen=True, slots=True)
class Struck:
    """Since which day a passage is struck out, and a digest of the message as it was left."""

    shown: str
    day: str


async def correct(services: Services) -> None:
    """Correct what quoted the articles that changed; what can't be edited now is retried at the next call."""
    rows = services.database.read().execute("select max(number), article, day from altered group by article")
    for change in [Change(*row) for row in rows.fetchall()]:
        if await _correct_all(services, change):
            await services.database.written(partial(_done, change=change))


def compose(services: Services, delivery: Delivery) -> Post | None:
    """The reply that tells a chat of a change; None if its messages show nothing struck out any more."""
    answer = _newest(services, delivery)
    if answer is None:
        return None
    words, article = _words(services, answer), services.store.article(delivery.articles[0])
    if article is None:
        return Post(Message(words("correction-withdrawn")), reply_to=answer.message)
    message = with_name(words("correction", title=SLOT), title(article), page(article))
    return Post(message, reply_to=answer.message)


async def _correct_all(services: Services, change: Change) -> bool:
    """Correct the messages that quoted an article; returns whether none is left to be retried."""
    late = 0
    for answer in services.answers.quoting(change.article):
        await asyncio.sleep(0)  # there may be many, and people are answered in between
        try:
            await _correct(services, answer, change)
        except (TelegramError, Misquoted) as error:
            log.info("A message is corrected later: %s", error)
            late += 1
    if late:
        await asyncio.sleep(OUTAGE_SECONDS)
    return not late


async def _correct(services: Services, answer: AnswerRecord, change: Change) -> None:
    """Edit a message in which something that it shows of an article is gone, or is there again."""
    ranks = [rank for rank in answer.visible() if answer.quotes[rank].article == change.article]
    gone, struck = _gone(services, answer, ranks).keys(), _struck(services, answer)
    before = {rank: each for rank, each in struck.items() if rank in ranks}
    if not gone and not before:
        return
    now = dict.fromkeys(gone, change.day)
    days = {rank: each.day for rank, each in struck.items() if rank in gone or rank not in ranks}
    if gone == before.keys():
        left = _digest(_corrected(services, answer, now | days))
        if all(each.shown == left for each in before.values()):
            return  # the change is elsewhere in the article
    made = _corrected(services, answer, days | now)
    told = change if await _edit(services, answer, made) and gone - before.keys() else None
    shown, moment = _digest(made), services.clock()
    await services.database.written(lambda db: _keep(db, answer, ranks, now, shown, told, moment))


async def _edit(services: Services, answer: AnswerRecord, made: Post) -> bool:
    """Edit a message; returns whether it shows the correction now."""
    number, later = answer.message or 0, Later(_nothing)
    return await services.sender.edit(
        answer.chat, number, made.message, made.keyboard, preview=made.preview, later=later
    )


async def _nothing() -> None:
    """An edit may be repeated, so nothing is recorded before it."""


def _corrected(services: Services, answer: AnswerRecord, days: Mapping[int, str]) -> Post:
    """A post, or the page of an answer, as its articles are now.

    `days`: since when its passages are struck out, by rank.
    """
    words, number = _words(services, answer), answer.on_page()
    gone = _gone(services, answer, answer.page(number))
    if answer.state == "post":
        return _corrected_post(services, answer, gone.get(0), days.get(0, ""), words)
    blocks = {rank: block(each, days[rank], words) for rank, each in gone.items() if rank in days}
    return Post(*pages.corrected(services, answer, number, blocks, words))


def _corrected_post(
    services: Services, answer: AnswerRecord, gone: PassageDiff | None, day: str, words: Words
) -> Post:
    """A post as its subscription wants it; without subscription or article, the title and the quotation."""
    delivery = outbox.of_message(services.database.read(), answer.chat, answer.message or 0)
    changed = struck_out(gone, day, words) if gone else None
    made = post.compose(services, delivery, changed) if delivery else None
    return made or Post(_bare(services, answer.quotes[0], block(gone, day, words) if gone else None, words))


def _bare(services: Services, quote: RecordedPassage, changed: Message | None, words: Words) -> Message:
    store, hit = services.store, services.answers.hit(quote)
    article = store.article(quote.article) or store.version(quote.article, quote.version)
    message = post.headline(article) if article else Message()
    quoted = changed or (passage(hit, words) if hit else None)
    if quoted:
        message.add("\n")
        message.append(quoted)
    return message


def _gone(services: Services, answer: AnswerRecord, ranks: Iterable[int]) -> dict[int, PassageDiff]:
    """What became of the passages of which sentences are gone, by rank."""
    found = {rank: _rewritten(services, answer.quotes[rank]) for rank in ranks}
    return {rank: each for rank, each in found.items() if each}


def _rewritten(services: Services, quote: RecordedPassage) -> PassageDiff | None:
    current = services.store.article(quote.article)
    if current and current.content_hash == quote.version:
        return None
    old = services.store.version(quote.article, quote.version)
    return rewritten(quote, old, current) if old else None


def _struck(services: Services, answer: AnswerRecord) -> dict[int, Struck]:
    """What is struck out in a message, by rank."""
    sql = "select rank, shown, day from struck where answer = ?"
    return {rank: Struck(*rest) for rank, *rest in services.database.read().execute(sql, [answer.id])}


def _newest(services: Services, delivery: Delivery) -> AnswerRecord | None:
    """The last message at a place in which something of an article is struck out."""
    for answer in services.answers.quoting(delivery.articles[0], delivery.chat):
        struck = {answer.quotes[rank].article for rank in _struck(services, answer)}
        if (answer.thread or 0) == delivery.thread and delivery.articles[0] in struck:
            return answer
    return None


def _words(services: Services, answer: AnswerRecord) -> Words:
    return words_for(services.chats.get(answer.chat).language or answer.code)


def _keep(
    db: Connection,
    answer: AnswerRecord,
    ranks: Iterable[int],
    now: Mapping[int, str],
    shown: str,
    told: Change | None,
    moment: float,
) -> None:
    """Record what a message shows, and queue the reply that tells its chat of a change, once each."""
    for rank in ranks:
        db.execute("delete from struck where answer = ? and rank = ?", [answer.id, rank])
    for rank, day in now.items():
        db.execute("insert into struck values (?, ?, ?, ?)", [answer.id, rank, shown, day])
    db.execute("update struck set shown = ? where answer = ?", [shown, answer.id])
    db.execute("update answers set shown = ? where id = ?", [str(answer.on_page()), answer.id])
    if told:
        delivery = Delivery(answer.chat, answer.thread or 0, "correction", (told.article,), about=told.number)
        outbox.put(db, delivery, moment, moment)


def _done(db: Connection, change: Change) -> None:
    """Delete a change and the earlier ones of its article: every message was compared with it."""
    db.execute("delete from altered where article = ? and number <= ?", [change.article, change.number])


def _digest(made: Post) -> str:
    """A digest of everything that a message shows."""
    keyboard = made.keyboard.to_json() if made.keyboard else ""
    shown = repr((made.message.text, made.message.marks, keyboard))
    return hashlib.blake2s(shown.encode(), digest_size=16).hexdigest()
