"""Sends messages: as entities instead of markup, with quotations checked before and after sending."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from telegram import (
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram import Message as Sent
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.text import Message, shown
from bot.transport.client import Bot
from bot.transport.pacing import Later
from corpus.store import Store

log = logging.getLogger(__name__)

KINDS = {
    "quote": MessageEntity.EXPANDABLE_BLOCKQUOTE,
    "bold": MessageEntity.BOLD,
    "link": MessageEntity.TEXT_LINK,
    "code": MessageEntity.CODE,
    "date": MessageEntity.DATE_TIME,
    "struck": MessageEntity.STRIKETHROUGH,
}
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Lower-case error texts: the question was deleted or the quoted text changed; the topic was closed or
# deleted; the chat is unknown; the bot may not write; the message already shows that or can't be edited; the
# formatting or the buttons were refused.
QUESTION_GONE = ("replied not found", "replied message not found", "quote_text_invalid", "quote not found")
TOPIC_GONE = ("thread not found", "topic_closed", "topic_deleted", "topic closed", "topic deleted")
NOT_FOUND = ("chat not found", "peer_id_invalid", "user not found")
MUTED = ("enough rights", "have no rights", "write_forbidden", "chat_restricted", "need administrator")
SAME = ("message is not modified",)
UNCHANGED = (*SAME, "message to edit not found", "message can't be edited", "message_id_invalid")
MALFORMED = ("entit", "button", "reply_markup", "reply markup", "keyboard")


Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ForceReply
Closed = Literal["chat", "topic", "message"]
CLOSED: dict[tuple[str, ...], Closed] = {QUESTION_GONE: "message", TOPIC_GONE: "topic", MUTED: "chat"}


class Misquoted(Exception):
    """A quotation to be sent, or just sent, differs from the article."""


class Undeliverable(Exception):
    """The chat can't be reached or the bot may not write there; retrying is pointless."""

    def __init__(self, why: str, closed: Closed) -> None:
        """Takes `closed`: what accepts no more messages; "message" if only this one can't arrive."""
        super().__init__(why)
        self.closed = closed


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or one topic of a forum."""

    chat: int
    thread: int | None = None

    @classmethod
    def of(cls, message: MaybeInaccessibleMessage) -> "Place":
        """Returns a message's place; threads that are not forum topics are ignored."""
        in_topic = isinstance(message, Sent) and message.is_topic_message
        return cls(message.chat.id, message.message_thread_id if in_topic else None)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class ChatEvents:
    """Callbacks for what Telegram's errors reveal about chats.

    `left`: nobody is there any more. `missed`: the chat was not found; returns whether that counts as gone.
    `moved`: a group became the supergroup with the second id.
    """

    left: Callable[[int], Awaitable[None]]
    missed: Callable[[int], Awaitable[bool]]
    moved: Callable[[int, int], Awaitable[None]]


class Sender:
    """Sends and edits messages, and reports unreachable chats."""

    def __init__(self, bot: Bot, store: Store, events: ChatEvents) -> None:
        self.bot = bot
        self._store = store
        self._events = events

    async def send(
        self, place: Place, message: Message, reply_to: int | None = None, keyboard: Keyboard | None = None,
        *, quote: str = "", silent: bool = False, preview: str = "", later: Later | None = None,
    ) -> Sent:  # fmt: skip
        """Sends a message; raises Misquoted for an inexact quotation, Undeliverable if it can't arrive.

        A message is deleted if Telegram returns it with a changed quotation. `quote` is an exact excerpt of
        the message replied to; `preview` the link to preview; `later` makes the call yield to answers.
        """
        check_stored(message, self._store)
        # In a group, an answer without its question would leave the comments or the topic it was asked in.
        alone = (place.chat > 0 or later is not None) and not quote
        reply = ReplyParameters(reply_to, None, alone, quote=quote or None) if reply_to else None

        attempt = partial(
            self.bot.send_message,
            place.chat,
            message.text,
            message_thread_id=place.thread,
            reply_parameters=reply,
            link_preview_options=_preview(preview),
            disable_notification=silent or None,
            rate_limit_args=later,
        )
        try:
            sent: Sent = await self._formatted(attempt, message, keyboard)
        except ChatMigrated as error:
            await self._events.moved(place.chat, error.new_chat_id)
            place = Place(error.new_chat_id)
            return await self.send(
                place, message, keyboard=keyboard, silent=silent, preview=preview, later=later
            )
        except (Forbidden, BadRequest) as error:
            raise await self._explained(place.chat, error) from error
        await self._check_sent(message, sent)
        return sent

    async def show(self, place: Place, picture: bytes, caption: str) -> None:
        """Sends a picture with a caption that quotes nothing; raises Undeliverable if it can't arrive."""
        try:
            await self.bot.send_photo(place.chat, picture, caption=caption, message_thread_id=place.thread)
        except (Forbidden, BadRequest) as error:
            raise await self._explained(place.chat, error) from error

    async def show_typing(self, place: Place) -> None:
        """Shows "typing" for some seconds; errors are ignored."""
        try:
            await self.bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.thread)
        except TelegramError as error:
            log.debug("Typing could not be shown: %s", error)

    async def edit(
        self,
        chat: int,
        number: int,
        message: Message,
        keyboard: InlineKeyboardMarkup | None = None,
        *,
        preview: str = "",
        later: Later | None = None,
    ) -> bool:
        """Replaces the text and buttons of one of our messages; returns whether it shows them now.

        A deleted message is ignored.
        """
        check_stored(message, self._store)

        attempt = partial(
            self.bot.edit_message_text,
            message.text,
            chat,
            number,
            link_preview_options=_preview(preview),
            rate_limit_args=later,
        )
        try:
            sent = await self._formatted(attempt, message, keyboard)
        except (Forbidden, BadRequest, ChatMigrated) as error:
            if not _says(error, UNCHANGED):
                log.warning("A message could not be changed: %s", error)
            return _says(error, SAME)
        if isinstance(sent, Sent):
            await self._check_sent(message, sent)
        return True

    async def _formatted(
        self, attempt: Callable[..., Awaitable[Any]], message: Message, keyboard: Any
    ) -> Any:
        """Makes the attempt; if Telegram refuses the formatting, retries in plain text."""
        try:
            return await attempt(entities=entities(message), reply_markup=_unless_empty(keyboard))
        except BadRequest as error:
            if _says(error, (*SAME, *UNCHANGED)) or not _says(error, MALFORMED):
                raise
            log.error("Telegram refuses the formatting; retrying in plain text: %s", error)  # noqa: TRY400
            return await attempt()

    async def _explained(self, chat: int, error: TelegramError) -> Exception:
        """Returns the error, or Undeliverable if retrying is pointless, and marks the chat accordingly."""
        if isinstance(error, Forbidden):
            await self._events.left(chat)
            return Undeliverable(str(error), "chat")
        if _says(error, NOT_FOUND):
            return Undeliverable(str(error), "chat" if await self._events.missed(chat) else "message")
        for parts, closed in CLOSED.items():
            if _says(error, parts):
                return Undeliverable(str(error), closed)
        return error

    async def _check_sent(self, message: Message, sent: Sent) -> None:
        """Deletes a message whose quotations Telegram changed and raises Misquoted."""
        quotes = sent.parse_entities([MessageEntity.EXPANDABLE_BLOCKQUOTE])
        said = [quotes[entity] for entity in sorted(quotes, key=lambda entity: entity.offset)]
        meant = [message.text[q.start : q.end] for q in message.quotations]
        if said == meant or (not said and sent.text == message.text.strip()):  # the latter if sent as plain
            return
        log.error("Telegram changed a quotation: message %s is withdrawn.", sent.message_id)
        try:
            await self.bot.delete_message(sent.chat_id, sent.message_id)
        except TelegramError:
            log.exception("Message %s could not be deleted.", sent.message_id)
        raise Misquoted("Telegram returned another text than was sent.")


def _preview(url: str) -> LinkPreviewOptions:
    """Returns options for a small link preview, or for none."""
    return LinkPreviewOptions(url=url, prefer_small_media=True) if url else NO_PREVIEW


def _unless_empty(keyboard: Any) -> Any:
    """Returns a keyboard, or None if it has no buttons, which Telegram would reject."""
    empty = isinstance(keyboard, InlineKeyboardMarkup) and not keyboard.inline_keyboard
    return None if empty else keyboard


def entities(message: Message) -> list[MessageEntity]:
    """Returns a message's marks as Telegram's entities, in UTF-16 units."""
    marks = [
        MessageEntity(
            KINDS[m.kind],
            m.start,
            m.end - m.start,
            url=m.url or None,
            unix_time=m.time,
            date_time_format="d" if m.time else None,
        )
        for m in message.marks
    ]
    return list(MessageEntity.adjust_message_entities_to_utf_16(message.text, marks))


def check_stored(message: Message, store: Store) -> None:
    """Raises Misquoted unless each quotation exactly matches the article as currently stored."""
    for quotation in message.quotations:
        hit = quotation.hit
        article = store.article(hit.article.id)
        stored = shown(article.text[hit.start : hit.end]) if article else None
        if message.text[quotation.start : quotation.end] != stored:
            raise Misquoted(f"Article {hit.article.id} no longer says so at {hit.start}–{hit.end}.")


def _says(error: TelegramError, parts: tuple[str, ...]) -> bool:
    """Returns whether Telegram's error text contains one of `parts`; PTB changes its case."""
    text = str(error).lower()
    return any(part in text for part in parts)
