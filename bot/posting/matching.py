"""Asks the standing questions of each new article, and tells what it answers."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from sqlite_utils import Database as Connection

from bot.asking.pages import AnswerPages
from bot.asking.questions import FOUND
from bot.assistant import Assistant
from bot.chats.chat import Chats
from bot.posting import arrivals, outbox, watches
from bot.posting.outbox import Delivery
from bot.posting.post import Post
from bot.posting.watches import Watch, Watches
from bot.records import answers
from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage
from bot.text.words import words_for
from index.errors import Away, NoIndex
from index.searching.confidence import ANSWERED
from index.searching.result import Result
from index.searching.search import NotAQuestion


class WatchMatcher:
    """Every article once, each question alone, so that what people ask meanwhile goes between."""

    def __init__(
        self,
        assistant: Assistant,
        search_thread: Executor,
        asked: Watches,
        chats: Chats,
        given: AnswerLog,
        views: AnswerPages,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._assistant = assistant
        self._search_thread = search_thread
        self._watches = asked
        self._chats = chats
        self._answer_log = given
        self._views = views
        self._clock = clock

    async def once(self) -> None:
        """Ask the standing questions of what is new and can be found by now; what is left is asked later."""
        waiting = arrivals.fresh(self._assistant.database.read())
        if not waiting:
            return
        try:
            for article in await asyncio.to_thread(self._assistant.findable, waiting):
                await self._ask_all(article)
                await self._watches.write(partial(arrivals.done, article=article))
        except (NoIndex, Away):  # it is being renewed, or does not answer
            return

    def compose(self, delivery: Delivery) -> Post | None:
        """What an article says to a standing question; None where either is gone."""
        watch, (article,) = self._watches.get(delivery.about), delivery.articles
        number = self._watches.answer(delivery.about, article)
        given = self._answer_log.get(number) if number else None
        if watch is None or given is None or not self._answer_log.hit(given.quotes[0]):
            return None
        _, (message, keyboard) = self._views.page(given, 0, words_for(given.code))
        return Post(message, keyboard, watch.message, given=given)

    async def _ask_all(self, article: str) -> None:
        for watch in self._watches.all():
            is_open = self._assistant.config.is_open(watch.person, watch.chat)
            if is_open and self._chats.get(watch.chat).gone is None:
                await self._ask(watch, article)

    async def _ask(self, watch: Watch, article: str) -> None:
        """Ask one question of one article; what answers it goes to the outbox."""
        loop, ask = asyncio.get_running_loop(), self._assistant.ask_article
        try:
            result = await loop.run_in_executor(self._search_thread, ask, watch.question, article, FOUND)
        except NotAQuestion:  # it was asked when other questions could be
            return
        if self._is_sure(result):
            await self._watches.write(partial(self._tell, watch=watch, result=result))

    def _is_sure(self, result: Result) -> bool:
        """Whether an article answers a question that waits for as many as may come, however few are there."""
        sure = self._assistant.confidence.of_many
        return bool(result.hits) and sure(result.hits[0].signals) >= ANSWERED

    def _tell(self, db: Connection, watch: Watch, result: Result) -> None:
        """Put the answer of an article into the outbox, unless it tells the same story as one before."""
        hit, now = result.hits[0], self._clock()
        given = self._given(watch, result)
        if watches.tell(db, watch.id, hit, given.id):
            answers.put(db, replace(given, made=now))
            delivery = Delivery(watch.chat, watch.thread, "watch", (hit.article.id,), about=watch.id)
            outbox.put(db, delivery, now, now)

    def _given(self, watch: Watch, result: Result) -> AnswerRecord:
        words = words_for(self._chats.get(watch.chat).language or watch.code)
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
