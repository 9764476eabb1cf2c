"""What people ask, and what they get."""

import asyncio
import time
from collections.abc import Awaitable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from telegram import InlineKeyboardMarkup
from telegram import Message as Sent

from bot.asking import buttons
from bot.asking.about import About
from bot.asking.channel_posts import Posts
from bot.asking.followups import SOON, Reason, agreed, leans
from bot.asking.pages import Views
from bot.assistant import Assistant
from bot.chats.request import Asked
from bot.records.answers import Given, Ledger, Quote
from bot.records.daily_counts import Daily
from bot.text.message import Message
from bot.text.passages import opening
from bot.text.words import Words
from bot.transport.sender import Courier, Place, Undeliverable
from corpus.article import Article
from index.errors import Away, NoIndex
from index.searching.result import Result
from index.searching.search import MAX_QUESTION, NotAQuestion, TooLong, checked

T = TypeVar("T")

SLOW_SECONDS = 1.0  # a person who waits longer is shown that the bot is at work
FOUND = 6  # passages that are kept of an answer: those that it shows and those behind its buttons


class Questions:
    """Answers questions; searching happens on a thread of its own."""

    def __init__(
        self, assistant: Assistant, search_thread: Executor, courier: Courier, ledger: Ledger, views: Views,
        posts: Posts, about: About, daily: Daily,
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._search_thread = search_thread
        self._courier = courier
        self._ledger = ledger
        self._views = views
        self._posts = posts
        self._about = about
        self._daily = daily

    async def answer(self, asked: Asked) -> None:
        """Search for what was asked and send what was found, as a reply in the same place.

        Raises Away where the index is, once the person was told that the answer comes later.
        """
        began = time.monotonic()
        given = self._given(asked)
        first = self._posts.article_above(asked.message)
        about = self._assistant.store.article(given.about) if given.about else None
        try:
            searching = self._search(asked.text, given.before, first, about, promised=bool(asked.waits))
            result = await self._shown_at_work(asked.place, searching)
        except Away:
            await self._let_wait(asked, given)
            raise
        except (NotAQuestion, NoIndex) as error:
            if asked.how != "open":
                await self._courier.send(
                    asked.place, Message(refusal(error, asked.words)), asked.message.message_id
                )
            return
        if asked.how == "open" and asked.chat.quiet and result.state != "answered":
            return
        await self._send(asked, given, result, about)
        self._daily.count(result.state, time.monotonic() - began)
        if asked.waits:
            await self._ledger.remove(asked.waits.id)
        elif about is not None:
            await self._about.done(asked)

    def waiting(self, chat: int, number: int) -> Given | None:
        """The question of a message whose person was told that it waits; None where that is not so."""
        return self._ledger.waiting(chat, number)

    async def put_off(self, asked: Asked) -> None:
        """Say that a question came while the bot was away, with a button that has it answered now."""
        given = Given(
            asked.place.chat, "late", asked.place.thread, asked.message.message_id,
            person=asked.person, question=asked.text, code=asked.words.code,
        )  # fmt: skip
        keyboard = buttons.under_late(given, asked.words)
        said = Message(asked.words("while-away"))
        sent = await self._courier.send(asked.place, said, asked.message.message_id, keyboard)
        await self._ledger.note(replace(given, chat=sent.chat.id, message=sent.message_id))

    async def answer_late(self, given: Given, words: Words) -> None:
        """Put the answer to a question that was put off into the message that said so.

        Raises Away where the index is, once the message says that the answer comes later.
        """
        began, number = time.monotonic(), given.message
        if number is None or given.question is None:
            return
        try:
            result = await self._search(given.question, promised=given.state == "waits")
        except Away:
            if given.state == "late":
                await self._courier.edit(given.chat, number, Message(words("index-away")))
                await self._ledger.note(replace(given, state="waits"))
            raise
        except (NotAQuestion, NoIndex) as error:
            await self._courier.edit(given.chat, number, Message(refusal(error, words)))
            return
        given, (message, keyboard) = self._views.page(_found(given, result, words), 0, words)
        await self._courier.edit(given.chat, number, message, keyboard)
        await self._ledger.note(given)
        self._daily.count(result.state, time.monotonic() - began)

    async def _send(self, asked: Asked, given: Given, result: Result, about: Article | None) -> None:
        """Send what was found, and note it."""
        quiet = asked.chat.quiet and not asked.is_private
        given = _found(given, result, asked.words, quiet=quiet, about=about)
        given, (message, keyboard) = self._views.page(given, 0, asked.words)
        shown = [result.hits[rank] for rank in given.page(0)]
        quoted = self._posts.quotable(asked.message, shown[0]) if shown else None
        sent = await self._reply(asked, message, keyboard, quoted)
        await self._ledger.note(replace(given, chat=sent.chat.id, message=sent.message_id))

    async def _reply(
        self, asked: Asked, message: Message, keyboard: InlineKeyboardMarkup, quoted: tuple[int, str] | None
    ) -> Sent:
        """Answer by quoting the post that says so, where there is one that still does; else the question."""
        if quoted:
            number, said = quoted
            try:
                return await self._courier.send(asked.place, message, number, keyboard, quote=said)
            except Undeliverable as error:
                if error.closed != "message":
                    raise
        return await self._courier.send(asked.place, message, asked.message.message_id, keyboard)

    def _given(self, asked: Asked) -> Given:
        """The question as it is searched for; one that waited is understood as when it came."""
        waits = asked.waits
        about = None if waits else self._about.article(asked)
        before, reason = (waits.before, waits.reason) if waits else self._before(asked)
        return Given(
            asked.place.chat, "waits", asked.place.thread, asked.message.message_id,
            person=asked.person, question=asked.text, before=before, reason=reason, code=asked.words.code,
            about=waits.about if waits else about.id if about else None,
        )  # fmt: skip

    async def _let_wait(self, asked: Asked, given: Given) -> None:
        """Say once that the answer comes later, and keep how the question was understood."""
        if asked.waits or asked.how == "open":
            return
        said = Message(asked.words("index-away"))
        sent = await self._courier.send(asked.place, said, asked.message.message_id)
        await self._ledger.note(replace(given, message=sent.message_id))
        if given.about is not None:
            await self._about.done(asked)

    def _before(self, asked: Asked) -> tuple[str | None, Reason | None]:
        """The question that this one leans on, and why it does."""
        replied = asked.message.reply_to_message
        given = self._ledger.of_message(asked.place.chat, replied.message_id) if replied else None
        is_reply = given is not None
        if given is None and asked.is_private and replied is None:
            given = self._ledger.latest(asked.place.chat, asked.person, SOON)
        earlier = (given.before or given.question) if given else None
        if earlier is None or len(together(earlier, asked.text)) > MAX_QUESTION:
            return None, None
        reason = leans(asked.text, is_reply=is_reply)
        return (earlier, reason) if reason else (None, None)

    def _search(
        self, question: str, before: str | None = None, first: str | None = None,
        about: Article | None = None, *, promised: bool = False,
    ) -> Awaitable[Result]:  # fmt: skip
        """What a question finds, on the search thread; with the one before, where it leans on that.

        Raises NotAQuestion, and Away where the index is known to be, before anything is waited for. Where an
        answer was `promised`, an index that is not there yet is as good as away.
        """
        checked(question)
        self._assistant.absence.check()
        loop, assistant = asyncio.get_running_loop(), self._assistant

        def ask(text: str) -> Result:
            if about is not None:
                return assistant.ask_article(text, about.id, FOUND)
            return assistant.ask(text, FOUND, first)

        def search() -> Result:
            assistant.absence.check()  # a question before this one may have found it away
            try:
                alone = ask(question)
                return agreed(ask(together(before, question)), alone) if before else alone
            except NoIndex as error:
                if promised:
                    raise Away(str(error)) from error
                raise

        return loop.run_in_executor(self._search_thread, search)

    async def _shown_at_work(self, place: Place, work: Awaitable[T]) -> T:
        """The result of `work`; where it takes long, the person sees that the bot is typing."""
        working = asyncio.ensure_future(work)
        done, _ = await asyncio.wait([working], timeout=SLOW_SECONDS)
        if not done:
            await self._courier.show_typing(place)
        return await working


def together(before: str, question: str) -> str:
    """A question with the one that it leans on, as both are searched for."""
    return f"{before} {question}"


def refusal(error: NotAQuestion | NoIndex, words: Words) -> str:
    """What a person is told where nothing was searched for."""
    if isinstance(error, NoIndex):
        return words("not-ready")
    if isinstance(error, TooLong):
        return words("question-too-long", limit=MAX_QUESTION)
    return words("question-without-words")


def _found(
    given: Given, result: Result, words: Words, *, quiet: bool = False, about: Article | None = None
) -> Given:
    """The answer with what was found, the passages of its first page among it."""
    head, hits = opening(result, words, quiet=quiet, about=about)
    quotes = tuple(Quote.of(hit, 0 if hit in hits else None) for hit in result.hits)
    return replace(given, state=result.state, head=head, generation=result.generation,
                   articles=result.articles, quotes=quotes)  # fmt: skip
