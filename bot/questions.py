"""What people ask in private chats, and what they get."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from telegram import Message as Asked
from telegram import Update
from telegram.constants import ChatAction

from bot import texts
from bot.answer import Message, answer, listing
from bot.assistant import Assistant
from bot.replies import send
from bot.updates import Bot, Context, new_message
from index.search import NoIndex, NotAQuestion

T = TypeVar("T")
Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]

LISTED = 20  # articles that /articles names
SLOW_SECONDS = 1.0  # a person who waits longer is shown that the bot is at work


class Questions:
    """Handlers for everybody; searching happens on a thread of its own."""

    def __init__(self, assistant: Assistant, search_thread: Executor) -> None:
        self._assistant = assistant
        self._search_thread = search_thread

    async def text(self, update: Update, context: Context) -> None:
        """A plain message is a question."""
        asked = new_message(update)
        await self._answer(context.bot, asked, asked.text or "")

    async def ask(self, update: Update, context: Context) -> None:
        """/ask and a question."""
        asked = new_message(update)
        question = re.sub(r"^/\S+\s*", "", asked.text or "")
        if question.strip():
            await self._answer(context.bot, asked, question)
        else:
            await self._say(context.bot, asked, texts.HOW_TO_ASK)

    async def articles(self, update: Update, context: Context) -> None:
        """/articles lists the newest articles."""
        store = self._assistant.store
        newest, (total, _) = store.articles(LISTED), store.extent()
        await send(context.bot, store, new_message(update).chat_id, listing(newest, total))

    async def unknown_command(self, update: Update, context: Context) -> None:
        """A command that nobody took; one that names another bot is none of ours."""
        asked = new_message(update)
        name = [*(asked.text or "").split(maxsplit=1), ""][0]
        if "@" not in name or name.lower().endswith(f"@{context.bot.username.lower()}"):
            await self._say(context.bot, asked, texts.UNKNOWN_COMMAND)

    def says(self, text: str) -> Handler:
        """A handler that always says the same."""

        async def handler(update: Update, context: Context) -> None:
            await self._say(context.bot, new_message(update), text)

        return handler

    async def _answer(self, bot: Bot, asked: Asked, question: str) -> None:
        try:
            searching = asyncio.get_running_loop().run_in_executor(
                self._search_thread, self._assistant.ask, question
            )
            messages = answer(await _shown_at_work(bot, asked.chat_id, searching))
        except NotAQuestion as error:
            messages = [Message(str(error))]
        except NoIndex:
            messages = [Message(texts.NOT_READY)]
        await send(bot, self._assistant.store, asked.chat_id, messages, asked.message_id)

    async def _say(self, bot: Bot, asked: Asked, text: str) -> None:
        await send(bot, self._assistant.store, asked.chat_id, [Message(text)])


async def _shown_at_work(bot: Bot, chat: int, work: asyncio.Future[T]) -> T:
    """The result of `work`; where it takes long, the person sees that the bot is typing."""
    done, _ = await asyncio.wait([work], timeout=SLOW_SECONDS)
    if not done:
        await bot.send_chat_action(chat, ChatAction.TYPING)
    return await work
