"""The commands for everybody."""

import asyncio
from dataclasses import replace
from secrets import token_urlsafe

from bot.asking import buttons
from bot.asking.about import QUESTION, About
from bot.asking.pages import AnswerPages
from bot.asking.why import why
from bot.assistant import Assistant
from bot.chats.membership import is_chat_admin, sees_all, ways
from bot.chats.request import Handler, Request
from bot.privacy import People
from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage
from bot.text.message import Message
from bot.text.passages import listing, title
from bot.transport.sender import Sender
from index.errors import Away

LISTED = 20  # articles that /articles names
PERMALINK = "a_"


class Commands:
    """What each command does; questions and the admin's commands are elsewhere."""

    def __init__(
        self,
        assistant: Assistant,
        sender: Sender,
        answer_log: AnswerLog,
        views: AnswerPages,
        people: People,
        about: About,
    ) -> None:
        self._assistant = assistant
        self._sender = sender
        self._answer_log = answer_log
        self._views = views
        self._people = people
        self._about = about

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {
            "start": self._start,
            "help": self._help,
            "privacy": self._privacy,
            "articles": self._articles,
            "why": self._why,
            "new": self._new,
            "forgetme": self._forget_me,
            "language": self._settings,
            "settings": self._settings,
        }

    async def _start(self, request: Request) -> None:
        """A greeting, or what a link leads to: an answer, or a question about the article of a post."""
        if not request.is_private:
            await self._help(request)
        elif request.text.startswith(PERMALINK):
            await self._open_again(request, request.text.removeprefix(PERMALINK))
        elif request.text.startswith(QUESTION):
            await self._about.begin(request, request.text.removeprefix(QUESTION))
        else:
            await self._sender.say(request, request.words("start"))

    async def _help(self, request: Request) -> None:
        name = f"@{self._sender.bot.username}"
        if request.is_private:
            await self._sender.say(request, request.words("help", bot=name))
        else:
            everything = await sees_all(self._sender.bot, request.chat.id)
            listed = ways(request.chat.mode, request.words, name, everything=everything)
            await self._sender.say(request, request.words("help-group", ways=listed))

    async def _privacy(self, request: Request) -> None:
        await self._sender.say(request, request.words("privacy", days=self._assistant.config.keep_days))

    async def _articles(self, request: Request) -> None:
        store = self._assistant.store
        newest, (total, _) = store.articles(LISTED), store.extent()
        await self._sender.say(request, *listing(newest, total, request.words))

    async def _why(self, request: Request) -> None:
        replied = request.message.reply_to_message
        given = self._answer_log.of_message(request.place.chat, replied.message_id) if replied else None
        if given is None:
            await self._sender.say(request, request.words("why-unknown" if replied else "why-how"))
        elif given.state == "waits":
            await self._sender.say(request, request.words("index-away"))
        else:
            await self._sender.say(
                request, why(given, self._answer_log, await self._serving(given), request.words)
            )

    async def _serving(self, given: AnswerRecord) -> str:
        """The name of the index that serves; while that is away, that of the index which answered."""
        try:
            return await asyncio.to_thread(self._assistant.generation)
        except Away:
            return given.generation

    async def _new(self, request: Request) -> None:
        await self._answer_log.start_afresh(request.place.chat, request.person)
        await self._sender.say(request, request.words("new-topic"))

    async def _forget_me(self, request: Request) -> None:
        await self._people.forget(request.person)
        await self._sender.say(request, request.words("forgotten"))

    async def _settings(self, request: Request) -> None:
        """The settings of a group for its admins; in a private chat, the language."""
        words = request.words
        if request.is_private:
            message, keyboard = Message(words("language-title")), buttons.languages(request.chat, words)
        elif await is_chat_admin(self._sender.bot, request.chat.id, request.person):
            message, keyboard = Message(words("settings-title")), buttons.settings(request.chat, words)
        else:
            await self._sender.say(request, words("settings-only-admins"))
            return
        await self._sender.send(request.place, message, request.message.message_id, keyboard)

    async def _open_again(self, request: Request, number: str) -> None:
        """Show an answer anew, as one of this chat; says so where its article has changed since."""
        given = self._answer_log.get(number)
        quotes = [quote for quote in given.quotes if quote.page == 0] if given else []
        if given is None or not quotes:
            await self._sender.say(request, request.words("permalink-gone"))
            return
        changes = [said for quote in quotes if (said := self._changed(quote, request))]
        again = replace(
            given,
            id=token_urlsafe(9),
            chat=request.place.chat,
            thread=None,
            asked=None,
            person=request.person,
            question=None,
            before=None,
            reason=None,
            shown="0",
            made=0.0,
            code=request.words.code,
            head="\n".join(dict.fromkeys(changes)),
        )
        again, (message, keyboard) = self._views.page(again, 0, request.words)
        sent = await self._sender.send(request.place, message, request.message.message_id, keyboard)
        await self._answer_log.note(replace(again, message=sent.message_id))

    def _changed(self, quote: RecordedPassage, request: Request) -> str:
        """What became of a passage since it was quoted; "" where nothing did."""
        article = self._assistant.store.article(quote.article)
        if article is None:
            return request.words("permalink-withdrawn")
        if article.content_hash == quote.version:
            return ""
        if self._answer_log.hit(quote):
            return request.words("permalink-changed")
        return request.words("permalink-rewritten", title=title(article))
