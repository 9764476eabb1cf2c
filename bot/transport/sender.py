"""What the bot sends: entities instead of markup, quotations checked before and after, the right place."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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

from bot.chats.chat import Chats
from bot.text.message import Message, shown
from bot.transport.client import Bot
from bot.transport.pacing import Later
from corpus.store import Store

if TYPE_CHECKING:
    from bot.chats.request import Request

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
# Error texts, in lower case: the question was deleted, or the post does not say what is quoted of it; its
# topic was closed or deleted; the chat is not there; the bot may not write; the message shows that already,
# or can't be changed; the formatting or the buttons were refused.
QUESTION_GONE = (
    "message to be replied not found",
    "replied message not found",
    "quote_text_invalid",
    "quote not found",
)
TOPIC_GONE = ("thread not found", "topic_closed", "topic_deleted", "topic closed", "topic deleted")
NOT_FOUND = ("chat not found", "peer_id_invalid", "user not found")
MUTED = (
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "chat_restricted",
    "need administrator",
)
SAME = ("message is not modified",)
UNCHANGED = (*SAME, "message to edit not found", "message can't be edited", "message_id_invalid")
MALFORMED = ("entit", "button", "reply_markup", "reply markup", "keyboard")


Closed = Literal["chat", "topic", "message"]
CLOSED: dict[tuple[str, ...], Closed] = {QUESTION_GONE: "message", TOPIC_GONE: "topic", MUTED: "chat"}


class Misquoted(Exception):
    """What would be shown, or was shown, is not what the article says."""


class Undeliverable(Exception):
    """Nobody is there, or the bot may not write there: there is nothing to retry."""

    def __init__(self, why: str, closed: Closed) -> None:
        """`closed`: what takes no message from now on; "message" where only this one can't arrive."""
        super().__init__(why)
        self.closed = closed


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or one topic of a forum."""

    chat: int
    thread: int | None = None

    @classmethod
    def of(cls, message: MaybeInaccessibleMessage) -> "Place":
        """Where a message stands; a thread that is no topic of a forum is none to write to."""
        in_topic = isinstance(message, Sent) and message.is_topic_message
        return cls(message.chat.id, message.message_thread_id if in_topic else None)  # type: ignore[attr-defined]


class Sender:
    """Sends and edits messages, and notes where nobody is there any more."""

    def __init__(self, bot: Bot, store: Store, chats: Chats) -> None:
        self.bot = bot
        self._store = store
        self._chats = chats

    async def send(
        self,
        place: Place,
        message: Message,
        reply_to: int | None = None,
        keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ForceReply | None = None,
        *,
        quote: str = "",
        silent: bool = False,
        preview: str = "",
        later: Later | None = None,
    ) -> Sent:
        """Send a message; Misquoted if a quotation is not exact, Undeliverable where it can't arrive.

        A message that Telegram returns with another quotation than was sent is deleted again. `quote` is what
        the message that is replied to says, to the letter; `preview` the link of which a preview is shown;
        what may be sent `later` lets answers to people go first.
        """
        check_stored(message, self._store)
        # In a group an answer without its question would leave the comments or the topic where it was asked.
        alone = (place.chat > 0 or later is not None) and not quote
        reply = ReplyParameters(reply_to, None, alone, quote=quote or None) if reply_to else None

        async def attempt(formatting: dict[str, Any]) -> Sent:
            return await self.bot.send_message(
                place.chat,
                message.text,
                message_thread_id=place.thread,
                reply_parameters=reply,
                link_preview_options=_preview(preview),
                disable_notification=silent or None,
                rate_limit_args=later,
                **formatting,
            )

        try:
            sent: Sent = await self._formatted(attempt, message, keyboard)
        except ChatMigrated as error:
            await self._chats.move(place.chat, error.new_chat_id)
            place = Place(error.new_chat_id)
            return await self.send(
                place, message, keyboard=keyboard, silent=silent, preview=preview, later=later
            )
        except (Forbidden, BadRequest) as error:
            raise await self._explained(place.chat, error) from error
        await self._check_sent(message, sent)
        return sent

    async def show(self, place: Place, picture: bytes, caption: str) -> None:
        """Send a picture with a caption that quotes nothing; Undeliverable where it can't arrive."""
        try:
            await self.bot.send_photo(place.chat, picture, caption=caption, message_thread_id=place.thread)
        except (Forbidden, BadRequest) as error:
            raise await self._explained(place.chat, error) from error

    async def say(self, request: "Request", *messages: Message | str) -> None:
        """Send messages where something was asked; in a group as replies to it."""
        reply_to = None if request.is_private else request.message.message_id
        for each in messages:
            await self.send(request.place, Message(each) if isinstance(each, str) else each, reply_to)

    async def show_typing(self, place: Place) -> None:
        """Show for some seconds that something is being written; where that can't be, it is left out."""
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
        """Put another text and other buttons into a message of ours; whether it shows them now.

        One that is gone stays gone.
        """
        check_stored(message, self._store)

        async def attempt(formatting: dict[str, Any]) -> Sent | bool:
            return await self.bot.edit_message_text(
                message.text,
                chat,
                number,
                link_preview_options=_preview(preview),
                rate_limit_args=later,
                **formatting,
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
        self, attempt: Callable[[dict[str, Any]], Awaitable[Any]], message: Message, keyboard: Any
    ) -> Any:
        """The attempt as it should be; where Telegram refuses the formatting, once more in plain text."""
        try:
            return await attempt({"entities": entities(message), "reply_markup": _unless_empty(keyboard)})
        except BadRequest as error:
            if _says(error, (*SAME, *UNCHANGED)) or not _says(error, MALFORMED):
                raise
            log.error("Telegram refuses the formatting, so it goes without: %s", error)  # noqa: TRY400
            return await attempt({})

    async def _explained(self, chat: int, error: TelegramError) -> Exception:
        """The error, or Undeliverable where it is no use to try again; the chat is marked accordingly."""
        if isinstance(error, Forbidden):
            await self._chats.left(chat)
            return Undeliverable(str(error), "chat")
        if _says(error, NOT_FOUND):
            await self._chats.missed(chat)
            return Undeliverable(str(error), "message" if self._chats.get(chat).gone is None else "chat")
        for parts, closed in CLOSED.items():
            if _says(error, parts):
                return Undeliverable(str(error), closed)
        return error

    async def _check_sent(self, message: Message, sent: Sent) -> None:
        """Withdraw a message whose quotations Telegram changed."""
        quotes = sent.parse_entities([MessageEntity.EXPANDABLE_BLOCKQUOTE])
        said = [quotes[entity] for entity in sorted(quotes, key=lambda entity: entity.offset)]
        meant = [message.text[q.start : q.end] for q in message.quotations]
        if said == meant or (not said and sent.text == message.text.strip()):  # the latter without formatting
            return
        log.error("Telegram changed a quotation: message %s is withdrawn.", sent.message_id)
        try:
            await self.bot.delete_message(sent.chat_id, sent.message_id)
        except TelegramError:
            log.exception("Message %s could not be withdrawn.", sent.message_id)
        raise Misquoted("Telegram returned another text than was sent.")


def _preview(url: str) -> LinkPreviewOptions:
    """A small preview of a link, or none."""
    return LinkPreviewOptions(url=url, prefer_small_media=True) if url else NO_PREVIEW


def _unless_empty(keyboard: Any) -> Any:
    """A keyboard; None where it has no button, which Telegram takes for malformed."""
    empty = isinstance(keyboard, InlineKeyboardMarkup) and not keyboard.inline_keyboard
    return None if empty else keyboard


def entities(message: Message) -> list[MessageEntity]:
    """The marks of a message as Telegram counts them, in UTF-16 units."""
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
    """Misquoted unless each quotation is, to the letter, the slice of the article as it stands now."""
    for quotation in message.quotations:
        hit = quotation.hit
        article = store.article(hit.article.id)
        stored = shown(article.text[hit.start : hit.end]) if article else None
        if message.text[quotation.start : quotation.end] != stored:
            raise Misquoted(f"Article {hit.article.id} no longer says so at {hit.start}–{hit.end}.")


def _says(error: TelegramError, parts: tuple[str, ...]) -> bool:
    """Whether Telegram's text holds one of `parts`; PTB changes its case."""
    text = str(error).lower()
    return any(part in text for part in parts)
