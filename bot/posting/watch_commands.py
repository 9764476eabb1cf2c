"""/watch and what belongs to it: questions that stand until their person ends them."""

from collections.abc import Sequence

from bot.asking import buttons
from bot.asking.pages import View
from bot.asking.questions import refusal, together
from bot.chats.membership import is_chat_admin
from bot.chats.request import Handler, Request
from bot.posting.watches import MOST, Begun, Watch, Watches
from bot.records.answers import AnswerLog, AnswerRecord
from bot.text.message import Message
from bot.text.passages import line
from bot.text.words import Words
from bot.transport.sender import Sender
from index.searching.search import NotAQuestion, checked


class Watching:
    """Lets questions stand, lists them, and ends them."""

    def __init__(self, sender: Sender, watches: Watches, answer_log: AnswerLog) -> None:
        self._sender = sender
        self._watches = watches
        self._answer_log = answer_log

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"watch": self._watch, "watches": self._list}

    async def begin(self, given: AnswerRecord, person: int, words: Words) -> str:
        """Let the question of an answer stand for whoever taps its button; what they are told."""
        if given.question is None:
            return words("answer-too-old")
        question = together(given.before, given.question) if given.before else given.question
        watch = Watch(given.chat, given.thread or 0, person, question, given.asked, words.code)
        return outcome(await self._watches.begin(watch), words)

    async def end(self, number: int, person: int, chat: int) -> bool:
        """Whether a question stands no more; who asked it may end it, and the admins of that chat may."""
        watch = self._watches.get(number)
        if watch and watch.person != person:
            is_here = watch.chat == chat < 0
            if not (is_here and await is_chat_admin(self._sender.bot, chat, person)):
                return False
        await self._watches.end(number)
        return True

    def view(self, chat: int, words: Words) -> View:
        """The list of what stands in a chat; in a private chat, of all that its person asked anywhere."""
        return listed(self._watches.of_chat(chat) if chat < 0 else self._watches.of_person(chat), words)

    async def _watch(self, request: Request) -> None:
        """A question is to stand: the one that was written, or that of the answer which is replied to."""
        replied = request.message.reply_to_message
        given = self._answer_log.of_message(request.place.chat, replied.message_id) if replied else None
        if given and not request.text:
            await self._sender.say(request, await self.begin(given, request.person, request.words))
        elif request.text:
            await self._sender.say(request, await self._begin(request))
        else:
            await self._sender.say(request, request.words("watch-how"))

    async def _begin(self, request: Request) -> str:
        try:
            question = checked(request.text)
        except NotAQuestion as error:
            return refusal(error, request.words)
        watch = Watch(
            request.place.chat,
            request.place.thread or 0,
            request.person,
            question,
            request.message.message_id,
            request.words.code,
        )
        return outcome(await self._watches.begin(watch), request.words)

    async def _list(self, request: Request) -> None:
        message, keyboard = self.view(request.place.chat, request.words)
        await self._sender.send(request.place, message, request.message.message_id, keyboard)


def outcome(begun: Begun, words: Words) -> str:
    """What somebody is told who wants a question to stand."""
    if begun == "full":
        return words("watches-full", limit=MOST)
    return words("watching" if begun == "begun" else "watching-already")


def listed(watches: Sequence[Watch], words: Words) -> View:
    """Standing questions, each with a button that ends it."""
    message = Message(words("watches" if watches else "watches-none"))
    for place, watch in enumerate(watches, 1):
        message.add(f"\n{place}. ")
        message.add_foreign(line(watch.question))
    return message, buttons.under_watches(watches, words)
