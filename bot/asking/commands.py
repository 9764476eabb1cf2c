"""The commands for everybody."""

import asyncio
from dataclasses import replace
from secrets import token_urlsafe

from bot.asking import buttons
from bot.asking.about import QUESTION, About
from bot.asking.pages import Views
from bot.asking.why import why
from bot.assistant import Assistant
from bot.chats.membership import is_chat_admin, sees_all, ways
from bot.chats.request import Asked, Handler
from bot.privacy import People
from bot.records.answers import Given, Ledger, Quote
from bot.text.message import Message
from bot.text.passages import listing, title
from bot.transport.sender import Courier
from index.errors import Away

LISTED = 20  # articles that /articles names
PERMALINK = "a_"


class Commands:
    """What each command does; questions and the admin's commands are elsewhere."""

    def __init__(
        self, assistant: Assistant, courier: Courier, ledger: Ledger, views: Views, people: People,
        about: About,
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._courier = courier
        self._ledger = ledger
        self._views = views
        self._people = people
        self._about = about

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {
            "start": self._start, "help": self._help, "privacy": self._privacy, "articles": self._articles,
            "why": self._why, "new": self._new, "forgetme": self._forget_me, "language": self._settings,
            "settings": self._settings,
        }  # fmt: skip

    async def _start(self, asked: Asked) -> None:
        """A greeting, or what a link leads to: an answer, or a question about the article of a post."""
        if not asked.is_private:
            await self._help(asked)
        elif asked.text.startswith(PERMALINK):
            await self._open_again(asked, asked.text.removeprefix(PERMALINK))
        elif asked.text.startswith(QUESTION):
            await self._about.begin(asked, asked.text.removeprefix(QUESTION))
        else:
            await self._courier.say(asked, asked.words("start"))

    async def _help(self, asked: Asked) -> None:
        name = f"@{self._courier.bot.username}"
        if asked.is_private:
            await self._courier.say(asked, asked.words("help", bot=name))
        else:
            everything = await sees_all(self._courier.bot, asked.chat.id)
            listed = ways(asked.chat.mode, asked.words, name, everything=everything)
            await self._courier.say(asked, asked.words("help-group", ways=listed))

    async def _privacy(self, asked: Asked) -> None:
        await self._courier.say(asked, asked.words("privacy", days=self._assistant.config.keep_days))

    async def _articles(self, asked: Asked) -> None:
        store = self._assistant.store
        newest, (total, _) = store.articles(LISTED), store.extent()
        await self._courier.say(asked, *listing(newest, total, asked.words))

    async def _why(self, asked: Asked) -> None:
        replied = asked.message.reply_to_message
        given = self._ledger.of_message(asked.place.chat, replied.message_id) if replied else None
        if given is None:
            await self._courier.say(asked, asked.words("why-unknown" if replied else "why-how"))
        elif given.state == "waits":
            await self._courier.say(asked, asked.words("index-away"))
        else:
            await self._courier.say(asked, why(given, self._ledger, await self._serving(given), asked.words))

    async def _serving(self, given: Given) -> str:
        """The name of the index that serves; while that is away, that of the index which answered."""
        try:
            return await asyncio.to_thread(self._assistant.generation)
        except Away:
            return given.generation

    async def _new(self, asked: Asked) -> None:
        await self._ledger.start_afresh(asked.place.chat, asked.person)
        await self._courier.say(asked, asked.words("new-topic"))

    async def _forget_me(self, asked: Asked) -> None:
        await self._people.forget(asked.person)
        await self._courier.say(asked, asked.words("forgotten"))

    async def _settings(self, asked: Asked) -> None:
        """The settings of a group for its admins; in a private chat, the language."""
        words = asked.words
        if asked.is_private:
            message, keyboard = Message(words("language-title")), buttons.languages(asked.chat, words)
        elif await is_chat_admin(self._courier.bot, asked.chat.id, asked.person):
            message, keyboard = Message(words("settings-title")), buttons.settings(asked.chat, words)
        else:
            await self._courier.say(asked, words("settings-only-admins"))
            return
        await self._courier.send(asked.place, message, asked.message.message_id, keyboard)

    async def _open_again(self, asked: Asked, number: str) -> None:
        """Show an answer anew, as one of this chat; says so where its article has changed since."""
        given = self._ledger.get(number)
        quotes = [quote for quote in given.quotes if quote.page == 0] if given else []
        if given is None or not quotes:
            await self._courier.say(asked, asked.words("permalink-gone"))
            return
        changes = [said for quote in quotes if (said := self._changed(quote, asked))]
        again = replace(
            given, id=token_urlsafe(9), chat=asked.place.chat, thread=None, asked=None, person=asked.person,
            question=None, before=None, reason=None, shown="0", made=0.0,
            code=asked.words.code, head="\n".join(dict.fromkeys(changes)),
        )  # fmt: skip
        again, (message, keyboard) = self._views.page(again, 0, asked.words)
        sent = await self._courier.send(asked.place, message, asked.message.message_id, keyboard)
        await self._ledger.note(replace(again, message=sent.message_id))

    def _changed(self, quote: Quote, asked: Asked) -> str:
        """What became of a passage since it was quoted; "" where nothing did."""
        article = self._assistant.store.article(quote.article)
        if article is None:
            return asked.words("permalink-withdrawn")
        if article.content_hash == quote.version:
            return ""
        if self._ledger.hit(quote):
            return asked.words("permalink-changed")
        return asked.words("permalink-rewritten", title=title(article))
