"""Inline mode: a question in any chat offers passages; the chosen one is sent with its source."""

import asyncio
import logging
from concurrent.futures import Executor
from secrets import token_urlsafe

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent, Update
from telegram.error import BadRequest

from bot.asking import buttons
from bot.assistant import Assistant
from bot.chats.request import Context
from bot.text.message import shown
from bot.text.passages import line, passage, title
from bot.text.words import Words, words_for
from bot.transport.sender import NO_PREVIEW, entities
from index.errors import Away, NoIndex
from index.searching.confidence import PERHAPS
from index.searching.result import Hit
from index.searching.search import NotAQuestion

log = logging.getLogger(__name__)

OFFERED = 6
CACHED_SECONDS = 5  # Telegram gives the same offers again for so long, also of what is withdrawn meanwhile


class Inline:
    """Answers inline queries; whoever is not invited is offered nothing."""

    def __init__(self, assistant: Assistant, search_thread: Executor) -> None:
        self._assistant = assistant
        self._search_thread = search_thread

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle an inline query."""
        query = update.inline_query
        if query is None:
            return
        words = words_for(query.from_user.language_code)
        hits: list[Hit] = []
        if not self._assistant.config.is_open(query.from_user.id, query.from_user.id):
            said = words("inline-closed")
        elif not query.query.strip():
            said = words("inline-ask")
        else:
            hits, said = await self._found(query.query, words)
        offers = [_offer(hit, words) for hit in hits]
        button = None if offers else InlineQueryResultsButton(said, start_parameter="inline")
        try:
            await query.answer(offers, CACHED_SECONDS, is_personal=True, button=button)
        except BadRequest as error:
            log.info("An inline query came too late or could not be answered: %s", error)

    async def _found(self, question: str, words: Words) -> tuple[list[Hit], str]:
        """The passages that may answer, and what is said where there are none."""
        loop = asyncio.get_running_loop()
        try:
            self._assistant.outage.check()
            result = await loop.run_in_executor(self._search_thread, self._assistant.ask, question, OFFERED)
        except Away:
            return [], words("inline-away")
        except (NotAQuestion, NoIndex) as error:
            log.debug("Nothing to offer: %s", error)
            return [], words("inline-nothing")
        hits = [hit for hit in result.hits if hit.confidence >= PERHAPS and shown(hit.text).strip()]
        return hits, words("inline-nothing")


def _offer(hit: Hit, words: Words) -> InlineQueryResultArticle:
    """A passage with its title and outlet to choose from, and what is sent if it is."""
    message = passage(hit, words)
    article = hit.article
    about = " · ".join(filter(None, [line(article.outlet or ""), line(article.text[slice(*hit.sentence)])]))
    content = InputTextMessageContent(
        message.text, entities=entities(message), link_preview_options=NO_PREVIEW
    )
    return InlineQueryResultArticle(
        token_urlsafe(9), title(article), content, reply_markup=buttons.to_page(hit, words), description=about
    )
