"""Takes every new message: whether it is for the bot, whether it may be answered now, and who answers it."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from telegram import Message as Received
from telegram import Update
from telegram.constants import ChatType

from bot.admin.adding import is_handed
from bot.admin.desk import Desk, reason
from bot.asking.channel_posts import Posts
from bot.asking.questions import Questions
from bot.asking.quota import Quotas
from bot.chats.addressed import Addressed, addressed
from bot.chats.chat import Chat, Chats
from bot.chats.prompts import Prompts
from bot.chats.request import Asked, Context, Handler
from bot.config import Config
from bot.text.message import foreign
from bot.text.words import words_for
from bot.transport.sender import Courier, Place, Undeliverable
from index.errors import Away

log = logging.getLogger(__name__)

LATE_SECONDS = 600.0  # a question that waited longer is answered when its person still wants that
STALE_SECONDS = 300.0  # an admin's command that waited longer is not carried out
MOST_WAITING = 600  # questions, half a minute's work: who asks while more wait is asked to come back


class Reception:
    """The one way from a new message to what answers it."""

    def __init__(
        self, config: Config, courier: Courier, chats: Chats, posts: Posts, questions: Questions,
        commands: Mapping[str, Handler], prompts: Prompts, desk: Desk, handed: Handler, quotas: Quotas,
        crowd: Callable[[], int],
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._config = config
        self._courier = courier
        self._chats = chats
        self._posts = posts
        self._questions = questions
        self._commands = commands
        self._prompts = prompts
        self._desk = desk
        self._handed = handed
        self._quotas = quotas
        self._crowd = crowd
        self._clock = clock

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle a new message."""
        message = _received(update)
        if message is None or message.chat is None:
            return
        if message.migrate_to_chat_id:
            await self._chats.move(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await self._chats.move(message.migrate_from_chat_id, message.chat.id)
        await self._posts.note(message)
        chat = self._chats.get(message.chat.id)
        wanted = self._addressed(message, chat)
        if wanted is not None:
            waits = self._questions.waiting(message.chat.id, message.message_id)
            asked = replace(_asked(message, wanted, chat), waits=waits)
            await self._revive(asked)
            if self._is_admin(asked):
                await self._desk.show_menu(asked)
            try:
                await (self._resume if waits else self._admit)(asked, wanted.command)
            except Undeliverable as error:
                log.info("Nobody could be answered there: %s", error)

    def wants(self, update: Update) -> bool:
        """Whether an update needs handling; what people say in groups among themselves is not even stored."""
        message = _received(update)
        if message is None or message.chat is None:
            return message is None
        tells = message.migrate_to_chat_id or message.migrate_from_chat_id or message.is_automatic_forward
        return bool(tells) or self._addressed(message, self._chats.get(message.chat.id)) is not None

    def _addressed(self, message: Received, chat: Chat) -> Addressed | None:
        mode = "mention" if chat.mode == "off" and self._prompts.awaits(message) else chat.mode
        return addressed(message, self._courier.bot.bot, mode)

    async def _admit(self, asked: Asked, command: str) -> None:
        """Answer what is asked, unless its person is not invited, floods, or asked long ago."""
        if not asked.is_private and command not in ("", "ask", *self._commands):
            return  # for another bot that is here
        sent = asked.message.date.timestamp()
        refusal = self._refusal(asked, sent)
        if refusal is not None:
            if refusal and asked.how != "open":
                await self._courier.say(asked, refusal)
        elif is_handed(asked.message) and self._is_admin(asked, forwarded=True):
            await self._handed(asked)
        elif not command and asked.text and self._prompts.awaits(asked.message):
            await self._prompts.take(asked)
        elif command in ("", "ask"):
            await self._question(asked, command, late=self._clock() - sent > LATE_SECONDS)
        elif command in self._desk.commands and self._is_admin(asked):
            await self._obey(asked, self._desk.commands[command], stale=self._clock() - sent > STALE_SECONDS)
        elif command in self._commands:
            await self._commands[command](asked)
        elif asked.is_private:
            await self._courier.say(asked, asked.words("unknown-command"))

    async def _resume(self, asked: Asked, command: str) -> None:
        """Go on with a question that waited for the index: it was admitted when it came."""
        if self._config.is_open(asked.person, asked.place.chat):
            await self._question(asked, command, late=False)

    def _refusal(self, asked: Asked, sent: float) -> str | None:
        """What is said instead of an answer, "" for nothing; None where there is to be an answer.

        What is said here is said once a minute at most.
        """
        person, chat, words = asked.person, asked.place.chat, asked.words
        if not self._config.is_open(person, chat):
            told = asked.is_private and self._quotas.may_tell(person, sent)
            return words("not-invited", id=str(person)) if told else ""
        verdict = (
            "welcome"
            if self._is_admin(asked, forwarded=is_handed(asked.message))
            else self._quotas.admit(person, chat, sent, asked.message.message_id)
        )
        if verdict == "person":
            return words("too-fast", limit=self._config.per_person)
        if verdict == "chat":
            return words("too-many-here")
        if verdict == "welcome" and self._crowd() > MOST_WAITING:
            return words("busy") if self._quotas.may_tell(person, sent) else ""
        return None if verdict == "welcome" else ""

    async def _question(self, asked: Asked, command: str, *, late: bool) -> None:
        """A question; one without words of its own is the message that it replies to."""
        text = asked.text or _replied_text(asked.message, self._courier.bot.id)
        if not text:
            attached = asked.is_private and not command
            await self._courier.say(asked, asked.words("text-only" if attached else "how-to-ask"))
        elif not late:
            await self._questions.answer(replace(asked, text=text))
        elif asked.how != "open":
            await self._questions.put_off(replace(asked, text=text))

    async def _obey(self, asked: Asked, handler: Handler, *, stale: bool) -> None:
        if stale:
            await self._courier.say(asked, asked.words("command-too-old"))
            return
        try:
            await handler(asked)
        except Away as error:
            await self._courier.say(asked, foreign(reason(error)))

    def _is_admin(self, asked: Asked, *, forwarded: bool = False) -> bool:
        """Whether an admin of the bot wrote it with their own hands, in their own chat with the bot.

        Identity is the numeric user id alone, since everything else can be chosen by anyone. What is
        `forwarded` is at most looked at, never obeyed.
        """
        message = asked.message
        borrowed = (message.forward_origin and not forwarded) or message.via_bot or message.sender_chat
        return asked.is_private and not borrowed and asked.person in self._config.admins

    async def _revive(self, asked: Asked) -> None:
        """Who writes is there again, unless it was written before they left."""
        gone = asked.chat.gone
        if gone is not None and asked.message.date.timestamp() >= gone:
            await self._chats.came_back(asked.chat.id)


def _received(update: Update) -> Received | None:
    """The new message of an update; a post counts as one in a channel alone."""
    post = update.channel_post
    return post if post and post.chat and post.chat.type == ChatType.CHANNEL else update.message


def _asked(message: Received, wanted: Addressed, chat: Chat) -> Asked:
    """A message with all that answering it needs; who writes as a chat is known by that chat."""
    sender = message.sender_chat or message.from_user
    code = message.from_user.language_code if message.from_user else None
    return Asked(
        message, Place.of(message), sender.id if sender else 0, wanted.how, wanted.text, chat,
        words_for(chat.language or code),
    )  # fmt: skip


def _replied_text(message: Received, me: int) -> str:
    """The words that a message replies to, or the part of them that it quotes; none of the bot's own."""
    replied = message.reply_to_message
    if replied is None or (replied.from_user and replied.from_user.id == me):
        return ""
    return (message.quote.text if message.quote else "") or replied.text or replied.caption or ""
