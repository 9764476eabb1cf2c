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
from bot.asking.channel_posts import ChannelPosts
from bot.asking.followups import SOON, Reason, agreed, leans
from bot.asking.pages import AnswerPages
from bot.assistant import Assistant
from bot.chats.request import Request
from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage
from bot.records.daily_counts import DailyCounts
from bot.text.message import Message
from bot.text.passages import opening
from bot.text.words import Words
from bot.transport.sender import Place, Sender, Undeliverable
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
        self,
        assistant: Assistant,
        search_thread: Executor,
        sender: Sender,
        answer_log: AnswerLog,
        views: AnswerPages,
        posts: ChannelPosts,
        about: About,
        daily: DailyCounts,
    ) -> None:
        self._assistant = assistant
        self._search_thread = search_thread
        self._sender = sender
        self._answer_log = answer_log
        self._views = views
        self._posts = posts
        self._about = about
        self._daily = daily

    async def answer(self, request: Request) -> None:
        """Search for what was asked and send what was found, as a reply in the same place.

        Raises Away where the index is, once the person was told that the answer comes later.
        """
        began = time.monotonic()
        given = self._given(request)
        first = self._posts.article_above(request.message)
        about = self._assistant.store.article(given.about) if given.about else None
        try:
            searching = self._search(request.text, given.before, first, about, promised=bool(request.waits))
            result = await self._shown_at_work(request.place, searching)
        except Away:
            await self._let_wait(request, given)
            raise
        except (NotAQuestion, NoIndex) as error:
            if request.how != "open":
                await self._sender.send(
                    request.place, Message(refusal(error, request.words)), request.message.message_id
                )
            return
        if request.how == "open" and request.chat.quiet and result.state != "answered":
            return
        await self._send(request, given, result, about)
        self._daily.count(result.state, time.monotonic() - began)
        if request.waits:
            await self._answer_log.remove(request.waits.id)
        elif about is not None:
            await self._about.done(request)

    def waiting(self, chat: int, number: int) -> AnswerRecord | None:
        """The question of a message whose person was told that it waits; None where that is not so."""
        return self._answer_log.waiting(chat, number)

    async def put_off(self, request: Request) -> None:
        """Say that a question came while the bot was away, with a button that has it answered now."""
        given = AnswerRecord(
            request.place.chat,
            "late",
            request.place.thread,
            request.message.message_id,
            person=request.person,
            question=request.text,
            code=request.words.code,
        )
        keyboard = buttons.under_late(given, request.words)
        said = Message(request.words("while-away"))
        sent = await self._sender.send(request.place, said, request.message.message_id, keyboard)
        await self._answer_log.note(replace(given, chat=sent.chat.id, message=sent.message_id))

    async def answer_late(self, given: AnswerRecord, words: Words) -> None:
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
                await self._sender.edit(given.chat, number, Message(words("index-away")))
                await self._answer_log.note(replace(given, state="waits"))
            raise
        except (NotAQuestion, NoIndex) as error:
            await self._sender.edit(given.chat, number, Message(refusal(error, words)))
            return
        given, (message, keyboard) = self._views.page(_found(given, result, words), 0, words)
        await self._sender.edit(given.chat, number, message, keyboard)
        await self._answer_log.note(given)
        self._daily.count(result.state, time.monotonic() - began)

    async def _send(
        self, request: Request, given: AnswerRecord, result: Result, about: Article | None
    ) -> None:
        """Send what was found, and note it."""
        quiet = request.chat.quiet and not request.is_private
        given = _found(given, result, request.words, quiet=quiet, about=about)
        given, (message, keyboard) = self._views.page(given, 0, request.words)
        shown = [result.hits[rank] for rank in given.page(0)]
        quoted = self._posts.quotable(request.message, shown[0]) if shown else None
        sent = await self._reply(request, message, keyboard, quoted)
        await self._answer_log.note(replace(given, chat=sent.chat.id, message=sent.message_id))

    async def _reply(
        self,
        request: Request,
        message: Message,
        keyboard: InlineKeyboardMarkup,
        quoted: tuple[int, str] | None,
    ) -> Sent:
        """Answer by quoting the post that says so, where there is one that still does; else the question."""
        if quoted:
            number, said = quoted
            try:
                return await self._sender.send(request.place, message, number, keyboard, quote=said)
            except Undeliverable as error:
                if error.closed != "message":
                    raise
        return await self._sender.send(request.place, message, request.message.message_id, keyboard)

    def _given(self, request: Request) -> AnswerRecord:
        """The question as it is searched for; one that waited is understood as when it came."""
        waits = request.waits
        about = None if waits else self._about.article(request)
        before, reason = (waits.before, waits.reason) if waits else self._before(request)
        return AnswerRecord(
            request.place.chat,
            "waits",
            request.place.thread,
            request.message.message_id,
            person=request.person,
            question=request.text,
            before=before,
            reason=reason,
            code=request.words.code,
            about=waits.about if waits else about.id if about else None,
        )

    async def _let_wait(self, request: Request, given: AnswerRecord) -> None:
        """Say once that the answer comes later, and keep how the question was understood."""
        if request.waits or request.how == "open":
            return
        said = Message(request.words("index-away"))
        sent = await self._sender.send(request.place, said, request.message.message_id)
        await self._answer_log.note(replace(given, message=sent.message_id))
        if given.about is not None:
            await self._about.done(request)

    def _before(self, request: Request) -> tuple[str | None, Reason | None]:
        """The question that this one leans on, and why it does."""
        replied = request.message.reply_to_message
        given = self._answer_log.of_message(request.place.chat, replied.message_id) if replied else None
        is_reply = given is not None
        if given is None and request.is_private and replied is None:
            given = self._answer_log.latest(request.place.chat, request.person, SOON)
        earlier = (given.before or given.question) if given else None
        if earlier is None or len(together(earlier, request.text)) > MAX_QUESTION:
            return None, None
        reason = leans(request.text, is_reply=is_reply)
        return (earlier, reason) if reason else (None, None)

    def _search(
        self,
        question: str,
        before: str | None = None,
        first: str | None = None,
        about: Article | None = None,
        *,
        promised: bool = False,
    ) -> Awaitable[Result]:
        """What a question finds, on the search thread; with the one before, where it leans on that.

        Raises NotAQuestion, and Away where the index is known to be, before anything is waited for. Where an
        answer was `promised`, an index that is not there yet is as good as away.
        """
        checked(question)
        self._assistant.outage.check()
        loop, assistant = asyncio.get_running_loop(), self._assistant

        def ask(text: str) -> Result:
            if about is not None:
                return assistant.ask_article(text, about.id, FOUND)
            return assistant.ask(text, FOUND, first)

        def search() -> Result:
            assistant.outage.check()  # a question before this one may have found it away
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
            await self._sender.show_typing(place)
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
    given: AnswerRecord, result: Result, words: Words, *, quiet: bool = False, about: Article | None = None
) -> AnswerRecord:
    """The answer with what was found, the passages of its first page among it."""
    head, hits = opening(result, words, quiet=quiet, about=about)
    quotes = tuple(RecordedPassage.of(hit, 0 if hit in hits else None) for hit in result.hits)
    return replace(
        given,
        state=result.state,
        head=head,
        generation=result.generation,
        articles=result.articles,
        quotes=quotes,
    )
