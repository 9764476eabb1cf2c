"""Answers questions."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from telegram import Message as Received

from bot.asking import about, buttons, channel_posts, pages
from bot.asking.followups import SOON, agreed, leans
from bot.chats import Request, Services
from bot.records import AnswerRecord, DailyCounts, Reason, RecordedPassage
from bot.text import Message, Words
from bot.text.passages import opening
from bot.transport import Place, Undeliverable, View
from corpus.article import Article
from index.errors import Away, NoIndex
from index.searching.result import Result
from index.searching.search import MAX_QUESTION, NotAQuestion, TooLong, checked

T = TypeVar("T")

LATE_SECONDS = 600.0  # older questions are answered only after a tap
SLOW_SECONDS = 1.0  # before "typing" is shown
FOUND = 6  # passages stored per answer: those shown and those behind its buttons


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for: a question, the one it depends on, the article to rank first or search alone."""

    question: str
    before: str | None = None
    first: str | None = None
    about: Article | None = None
    promised: bool = False  # the person was told that the answer will follow


async def ask(services: Services, request: Request) -> None:
    """Answers a question; a message without text asks with the message it replies to."""
    waited = services.answers.waiting(request.place.chat, request.number)
    late = services.clock() - request.message.date.timestamp() > LATE_SECONDS
    text = request.text or _replied_text(request.message, services.sender.bot.id)
    if not text:
        attached = request.is_private and request.message.text is None
        await services.say(request, request.words("text-only" if attached else "how-to-ask"))
    elif waited is not None or not late:
        await _answer(services, replace(request, text=text), waited)
    elif request.how != "open":
        await _put_off(services, replace(request, text=text))


async def _answer(services: Services, request: Request, waited: AnswerRecord | None) -> None:
    """Searches and sends the answer, as a reply in the same place.

    Raises Away during an index outage, after telling the person that the answer will follow.
    """
    began = time.monotonic()
    record = _record(services, request, waited)
    article = services.store.article(record.about) if record.about else None
    first = channel_posts.article_above(services, request.message)
    search = Search(request.text, record.before, first, article, promised=waited is not None)
    try:
        result = await _shown_at_work(services, request.place, _find(services, search))
    except Away:
        if waited is None and request.how != "open":
            await _let_wait(services, request, record)
        raise
    except (NotAQuestion, NoIndex) as error:
        if request.how != "open":
            await services.sender.send(request.place, Message(refusal(error, request.words)), request.number)
        return
    if request.how == "open" and request.chat.quiet and result.state != "answered":
        return
    await _send(services, request, record, result, article)
    DailyCounts(services.database, services.clock).count(result.state, time.monotonic() - began)
    if waited is not None:
        await services.answers.remove(waited.id)
    elif article is not None:
        await about.done(services, request)


async def _put_off(services: Services, request: Request) -> None:
    """Says that a question arrived while the bot was stopped, with a button to answer it now."""
    record = replace(_asked(request), state="late")
    said, keyboard = Message(request.words("while-away")), buttons.under_late(record, request.words)
    sent = await services.sender.send(request.place, said, request.number, keyboard)
    await services.answers.note(replace(record, chat=sent.chat.id, message=sent.message_id))


async def answer_late(services: Services, record: AnswerRecord, words: Words) -> None:
    """Puts the answer to a postponed question into the message that announced the delay.

    Raises Away during an outage, after editing the message to say that the answer will follow.
    """
    began, number = time.monotonic(), record.message
    if number is None or record.question is None:
        return
    try:
        result = await _find(services, Search(record.question, promised=record.state == "waits"))
    except Away:
        if record.state == "late":
            await services.sender.edit(record.chat, number, Message(words("index-away")))
            await services.answers.note(replace(record, state="waits"))
        raise
    except (NotAQuestion, NoIndex) as error:
        await services.sender.edit(record.chat, number, Message(refusal(error, words)))
        return
    record, (message, keyboard) = pages.page(services, _found(record, result, words), 0, words)
    await services.sender.edit(record.chat, number, message, keyboard)
    await services.answers.note(record)
    DailyCounts(services.database, services.clock).count(result.state, time.monotonic() - began)


async def _send(
    services: Services, request: Request, record: AnswerRecord, result: Result, article: Article | None
) -> None:
    """Sends the answer and logs it."""
    quiet = request.chat.quiet and not request.is_private
    record = _found(record, result, request.words, quiet=quiet, article=article)
    record, view = pages.page(services, record, 0, request.words)
    shown = [result.hits[rank] for rank in record.page(0)]
    quoted = channel_posts.quotable(services, request.message, shown[0]) if shown else None
    sent = await _reply(services, request, view, quoted)
    await services.answers.note(replace(record, chat=sent.chat.id, message=sent.message_id))


async def _reply(
    services: Services, request: Request, view: View, quoted: tuple[int, str] | None
) -> Received:
    """Replies to the post that contains the answer, quoting it if still possible; else to the question."""
    message, keyboard = view
    if quoted:
        number, said = quoted
        try:
            return await services.sender.send(request.place, message, number, keyboard, quote=said)
        except Undeliverable as error:
            if error.closed != "message":
                raise
    return await services.sender.send(request.place, message, request.number, keyboard)


def _record(services: Services, request: Request, waited: AnswerRecord | None) -> AnswerRecord:
    """Returns the question's record; after an outage, with the context it had when it was asked."""
    if waited is not None:
        return replace(_asked(request), before=waited.before, reason=waited.reason, about=waited.about)
    chosen = about.chosen(services, request)
    before, reason = _before(services, request)
    return replace(_asked(request), before=before, reason=reason, about=chosen.id if chosen else None)


def _asked(request: Request) -> AnswerRecord:
    return AnswerRecord(
        request.place.chat, "waits", request.place.thread, request.number,
        person=request.person, question=request.text, code=request.words.code,
    )  # fmt: skip


async def _let_wait(services: Services, request: Request, record: AnswerRecord) -> None:
    """Says once that the answer will follow, and logs how the question was understood."""
    said = Message(request.words("index-away"))
    sent = await services.sender.send(request.place, said, request.number)
    await services.answers.note(replace(record, message=sent.message_id))
    if record.about is not None:
        await about.done(services, request)


def _before(services: Services, request: Request) -> tuple[str | None, Reason | None]:
    """Returns the question that this one depends on, and why."""
    replied, chat = request.message.reply_to_message, request.place.chat
    earlier = services.answers.of_message(chat, replied.message_id) if replied else None
    is_reply = earlier is not None
    if earlier is None and request.is_private and replied is None:
        earlier = services.answers.latest(chat, request.person, SOON)
    before = (earlier.before or earlier.question) if earlier else None
    if before is None or len(together(before, request.text)) > MAX_QUESTION:
        return None, None
    reason = leans(request.text, is_reply=is_reply)
    return (before, reason) if reason else (None, None)


def _find(services: Services, search: Search) -> Awaitable[Result]:
    """Searches on the search thread; a dependent question together with the previous one.

    Raises NotAQuestion, and Away during a known outage, before waiting. If an answer was promised, a missing
    index counts as away.
    """
    checked(search.question)
    assistant = services.assistant
    assistant.outage.check()

    def ask(text: str) -> Result:
        if search.about is not None:
            return assistant.ask_article(text, search.about.id, FOUND)
        return assistant.ask(text, FOUND, search.first)

    def find() -> Result:
        assistant.outage.check()  # an earlier question may have hit the outage
        try:
            alone = ask(search.question)
            return agreed(ask(together(search.before, search.question)), alone) if search.before else alone
        except NoIndex as error:
            if search.promised:
                raise Away(str(error)) from error
            raise

    return assistant.searching(find)


def _replied_text(message: Received, me: int) -> str:
    """Returns the text that a message replies to, or the quoted part; "" for the bot's own messages."""
    replied = message.reply_to_message
    if replied is None or (replied.from_user and replied.from_user.id == me):
        return ""
    return (message.quote.text if message.quote else "") or replied.text or replied.caption or ""


async def _shown_at_work(services: Services, place: Place, work: Awaitable[T]) -> T:
    """Awaits `work`; if it is slow, shows the bot as typing."""
    working = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([working], timeout=SLOW_SECONDS)
    if not done:
        await services.sender.show_typing(place)
    return await working


def together(before: str, question: str) -> str:
    """Joins a question with the one it depends on, as one search text."""
    return f"{before} {question}"


def refusal(error: NotAQuestion | NoIndex, words: Words) -> str:
    """Returns what a person is told if nothing was searched for."""
    if isinstance(error, NoIndex):
        return words("not-ready")
    if isinstance(error, TooLong):
        return words("question-too-long", limit=MAX_QUESTION)
    return words("question-without-words")


def _found(
    record: AnswerRecord, result: Result, words: Words, *, quiet: bool = False, article: Article | None = None
) -> AnswerRecord:
    """Returns the record with the results, and the passages of its first page marked."""
    head, hits = opening(result, words, quiet=quiet, about=article)
    quotes = tuple(RecordedPassage.of(hit, 0 if hit in hits else None) for hit in result.hits)
    return replace(
        record, state=result.state, head=head, generation=result.generation, articles=result.articles,
        quotes=quotes,
    )  # fmt: skip
