"""Puts the watches to new articles, and composes what they are told."""

import asyncio
from dataclasses import replace
from functools import partial

from sqlite_utils import Database as Connection

from bot.asking import pages
from bot.asking.questions import FOUND
from bot.chats import Services
from bot.posting import outbox, watches
from bot.posting.outbox import Delivery
from bot.posting.post import Post
from bot.posting.watches import Watch, Watches
from bot.records import AnswerRecord, RecordedPassage, answers
from bot.text import words_for
from index.errors import Away, NoIndex
from index.searching.confidence import ANSWERED
from index.searching.result import Hit, Result
from index.searching.search import NotAQuestion


async def ask_watches(services: Services) -> None:
    """Put every watch to the new articles that are searchable by now; the others are left for later."""
    waiting = watches.unmatched(services.database.read())
    if not waiting:
        return
    try:
        for article in await asyncio.to_thread(services.assistant.findable, waiting):
            await _ask_all(services, article)
            await services.database.written(partial(watches.matched, article=article))
    except (NoIndex, Away):  # it is being replaced, or unreachable
        return


def compose(services: Services, delivery: Delivery) -> Post | None:
    """What an article answers to a watch; None if either is gone."""
    stored, (article,) = Watches(services.database), delivery.articles
    watch, number = stored.get(delivery.about), stored.answer(delivery.about, article)
    answer = services.answers.get(number) if number else None
    if watch is None or answer is None or not services.answers.hit(answer.quotes[0]):
        return None
    _, (message, keyboard) = pages.page(services, answer, 0, words_for(answer.code))
    return Post(message, keyboard, watch.message, record=answer)


async def _ask_all(services: Services, article: str) -> None:
    for watch in Watches(services.database).all():
        is_open = services.config.is_open(watch.person, watch.chat)
        if is_open and services.chats.get(watch.chat).gone is None:
            await _ask(services, watch, article)


async def _ask(services: Services, watch: Watch, article: str) -> None:
    """Put one watch to one article, in a search of its own so that people's questions go between."""
    assistant = services.assistant
    try:
        result = await assistant.searching(assistant.ask_article, watch.question, article, FOUND)
    except NotAQuestion:  # it was accepted under earlier rules
        return
    # A watch sees every future article, so its confidence is computed as for a large corpus.
    if result.hits and assistant.confidence.of_many(result.hits[0].signals) >= ANSWERED:
        answer = replace(_answer(services, watch, result), made=services.clock())
        await services.database.written(partial(_tell, watch=watch, hit=result.hits[0], answer=answer))


def _tell(db: Connection, watch: Watch, hit: Hit, answer: AnswerRecord) -> None:
    """Queue the answer of an article, unless the watch was told the same before."""
    if watches.tell(db, watch.id, hit, answer.id):
        answers.put(db, answer)
        delivery = Delivery(watch.chat, watch.thread, "watch", (hit.article.id,), about=watch.id)
        outbox.put(db, delivery, answer.made, answer.made)


def _answer(services: Services, watch: Watch, result: Result) -> AnswerRecord:
    words = words_for(services.chats.get(watch.chat).language or watch.code)
    quotes = tuple(RecordedPassage.of(hit, None if rank else 0) for rank, hit in enumerate(result.hits))
    return AnswerRecord(
        watch.chat,
        "answered",
        watch.thread or None,
        watch.message,
        person=watch.person,
        question=watch.question,
        head=words("watch-answered", question=watch.question),
        quotes=quotes,
        generation=result.generation,
        articles=result.articles,
        code=words.code,
    )
