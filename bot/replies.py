"""Messages to Telegram: entities instead of markup, quotations checked before and after."""

import logging
from collections.abc import Sequence

from telegram import LinkPreviewOptions, MessageEntity, ReplyParameters
from telegram import Message as Sent
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.answer import Message, shown
from corpus.store import Store

log = logging.getLogger(__name__)

KINDS = {
    "quote": MessageEntity.EXPANDABLE_BLOCKQUOTE,
    "bold": MessageEntity.BOLD,
    "link": MessageEntity.TEXT_LINK,
}
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Misquoted(Exception):
    """What would be shown, or was shown, is not what the article says."""


async def send(
    bot: ExtBot[None], store: Store, chat: int, messages: Sequence[Message], reply_to: int | None = None
) -> None:
    """Send messages in order, the first as a reply; Misquoted if a quotation is not exact.

    A message that Telegram returns with another quotation than was sent is deleted again.
    """
    for message in messages:
        check_stored(message, store)
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        sent = await bot.send_message(
            chat, message.text, entities=entities(message), reply_parameters=reply,
            link_preview_options=NO_PREVIEW,
        )  # fmt: skip
        reply_to = None
        await _check_sent(bot, message, sent)


def entities(message: Message) -> list[MessageEntity]:
    """The marks of a message as Telegram counts them, in UTF-16 units."""
    marks = [MessageEntity(KINDS[m.kind], m.start, m.end - m.start, url=m.url or None) for m in message.marks]
    return list(MessageEntity.adjust_message_entities_to_utf_16(message.text, marks))


def check_stored(message: Message, store: Store) -> None:
    """Misquoted unless each quotation is, to the letter, the slice of the article as it stands now."""
    for quotation in message.quotations:
        hit = quotation.hit
        article = store.article(hit.article.id)
        stored = shown(article.text[hit.start : hit.end]) if article else None
        if message.text[quotation.start : quotation.end] != stored:
            raise Misquoted(f"Article {hit.article.id} no longer says so at {hit.start}–{hit.end}.")


async def _check_sent(bot: ExtBot[None], message: Message, sent: Sent) -> None:
    """Withdraw a message whose quotations Telegram changed."""
    quotes = sent.parse_entities([MessageEntity.EXPANDABLE_BLOCKQUOTE])
    said = [quotes[entity] for entity in sorted(quotes, key=lambda entity: entity.offset)]
    if said == [message.text[q.start : q.end] for q in message.quotations]:
        return
    log.error("Telegram changed a quotation: message %s is withdrawn.", sent.message_id)
    try:
        await bot.delete_message(sent.chat_id, sent.message_id)
    except TelegramError:
        log.exception("Message %s could not be withdrawn.", sent.message_id)
    raise Misquoted("Telegram returned another text than was sent.")
