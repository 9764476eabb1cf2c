"""/watch and /watches: questions that are put to every new article until somebody ends them."""

from bot.asking.answer_taps import known
from bot.asking.questions import refusal, together
from bot.chats import Request, Services, Tap, is_chat_admin
from bot.posting.watches import MOST, Watch, Watches
from bot.records import AnswerRecord
from bot.text import Message, Words, line
from bot.transport import View, in_rows, rows
from bot.transport.buttons import tap as button
from index.searching.search import NotAQuestion, checked


async def watch(services: Services, request: Request) -> None:
    """Watch for the question after the command, or for that of the answer it replies to."""
    replied = request.message.reply_to_message
    answer = services.answers.of_message(request.place.chat, replied.message_id) if replied else None
    if answer and not request.text:
        said = await _watch_answered(services, answer, request.person, request.words)
    elif request.text:
        said = await _watch_typed(services, request)
    else:
        said = request.words("watch-how")
    await services.say(request, said)


async def list_watches(services: Services, request: Request) -> None:
    """List the watches of a group; in private, those of the person in any chat."""
    message, keyboard = _listed(services, request.place.chat, request.words)
    await services.sender.send(request.place, message, request.number, keyboard)


async def tap_watch(services: Services, tap: Tap) -> None:
    """Watch for the question of an answer, for whoever tapped its button."""
    answer = await known(services, tap)
    if answer is not None:
        await tap.answer(await _watch_answered(services, answer, tap.person, tap.words), alert=True)


async def tap_end(services: Services, tap: Tap) -> None:
    """End a watch, and show those that are left."""
    number = int(tap.parts[0])
    if not await _may_end(services, tap, number):
        await tap.answer(tap.words("watch-not-yours"))
        return
    await Watches(services.database).end(number)
    await tap.answer(tap.words("watch-ended"))
    services.replace(tap, _listed(services, tap.chat.id, tap.words))


async def _watch_answered(services: Services, answer: AnswerRecord, person: int, words: Words) -> str:
    """Watch for the question of an answer; returns what the person is told."""
    if answer.question is None:
        return words("answer-too-old")
    question = together(answer.before, answer.question) if answer.before else answer.question
    watch = Watch(answer.chat, answer.thread or 0, person, question, answer.asked, words.code)
    return await _begin(services, watch, words)


async def _watch_typed(services: Services, request: Request) -> str:
    """Watch for a question as typed; returns what the person is told."""
    try:
        question = checked(request.text)
    except NotAQuestion as error:
        return refusal(error, request.words)
    place, words = request.place, request.words
    watch = Watch(place.chat, place.thread or 0, request.person, question, request.number, words.code)
    return await _begin(services, watch, words)


async def _begin(services: Services, watch: Watch, words: Words) -> str:
    begun = await Watches(services.database, services.clock).begin(watch)
    if begun == "full":
        return words("watches-full", limit=MOST)
    return words("watching" if begun == "begun" else "watching-already")


async def _may_end(services: Services, tap: Tap, number: int) -> bool:
    """Whether a watch may be ended: by its person, in its group by admins; true if it has ended."""
    watch = Watches(services.database).get(number)
    if watch is None or watch.person == tap.person:
        return True
    is_here = watch.chat == tap.chat.id < 0
    return is_here and await is_chat_admin(services.sender.bot, tap.chat.id, tap.person)


def _listed(services: Services, chat: int, words: Words) -> View:
    """The watches of a group, or of a person, each with a button that ends it."""
    stored = Watches(services.database)
    watches = stored.of_chat(chat) if chat < 0 else stored.of_person(chat)
    message, ends = Message(words("watches" if watches else "watches-none")), []
    for place, watch in enumerate(watches, 1):
        message.add(f"\n{place}. ")
        message.add_foreign(line(watch.question))
        ends.append(button(words("watch-end", number=str(place)), f"end:{watch.id}"))
    return message, rows(*in_rows(ends, 5))
