"""Inline mode: a question in any chat offers passages; the chosen one is sent with its source."""

import logging
from secrets import token_urlsafe

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent, Update
from telegram.error import BadRequest

from bot.asking.buttons import to_page
from bot.assistant import Assistant
from bot.chats import Context
from bot.text import Words, line, passage, shown, title, words_for
from bot.transport.sender import NO_PREVIEW, entities
from index.errors import Away, NoIndex
from index.searching.confidence import PERHAPS
from index.searching.result import Hit
from index.searching.search import NotAQuestion

log = logging.getLogger(__name__)

OFFERED = 6
CACHED_SECONDS = 5  # Telegram reuses the offers this long, even for articles withdrawn since


class InlineQueries:
    """Answers inline queries; offers nothing to people who are not invited."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handles one inline query."""
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
            log.info("An inline query is too old or could not be answered: %s", error)

    async def _found(self, question: str, words: Words) -> tuple[list[Hit], str]:
        """Returns the passages that may answer, and the text shown if there are none."""
        try:
            self._assistant.outage.check()
            result = await self._assistant.searching(self._assistant.ask, question, OFFERED)
        except Away:
            return [], words("inline-away")
        except (NotAQuestion, NoIndex) as error:
            log.debug("Nothing to offer: %s", error)
            return [], words("inline-nothing")
        hits = [hit for hit in result.hits if hit.confidence >= PERHAPS and shown(hit.text).strip()]
        return hits, words("inline-nothing")


def _offer(hit: Hit, words: Words) -> InlineQueryResultArticle:
    """Returns a passage's title and outlet to choose from, and the message to send."""
    message = passage(hit, words)
    article = hit.article
    about = " · ".join(filter(None, [line(article.outlet or ""), line(article.text[slice(*hit.sentence)])]))
    content = InputTextMessageContent(
        message.text, entities=entities(message), link_preview_options=NO_PREVIEW
    )
    return InlineQueryResultArticle(
        token_urlsafe(9), title(article), content, reply_markup=to_page(hit, words), description=about
    )
