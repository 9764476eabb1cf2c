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
from bot.asking.channel_posts import ChannelPosts
from bot.asking.questions import Questions
from bot.asking.quota import Quotas
from bot.chats.addressed import Addressed, addressed
from bot.chats.chat import Chat, Chats
from bot.chats.prompts import Prompts
from bot.chats.request import Context, Handler, Request
from bot.config import Config
from bot.text.message import foreign
from bot.text.words import words_for
from bot.transport.sender import Place, Sender, Undeliverable
from index.errors import Away

log = logging.getLogger(__name__)

LATE_SECONDS = 600.0  # a question that waited longer is answered when its person still wants that
STALE_SECONDS = 300.0  # an admin's command that waited longer is not carried out
MOST_WAITING = 600  # questions, half a minute's work: who asks while more wait is asked to come back


class Reception:
    """The one way from a new message to what answers it."""

    def __init__(
        self,
        config: Config,
        sender: Sender,
        chats: Chats,
        posts: ChannelPosts,
        questions: Questions,
        commands: Mapping[str, Handler],
        prompts: Prompts,
        desk: Desk,
        handed: Handler,
        quotas: Quotas,
        crowd: Callable[[], int],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._sender = sender
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
            request = replace(_asked(message, wanted, chat), waits=waits)
            await self._revive(request)
            if self._is_admin(request):
                await self._desk.show_menu(request)
            try:
                await (self._resume if waits else self._admit)(request, wanted.command)
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
        return addressed(message, self._sender.bot.bot, mode)

    async def _admit(self, request: Request, command: str) -> None:
        """Answer what is asked, unless its person is not invited, floods, or asked long ago."""
        if not request.is_private and command not in ("", "ask", *self._commands):
            return  # for another bot that is here
        sent = request.message.date.timestamp()
        refusal = self._refusal(request, sent)
        if refusal is not None:
            if refusal and request.how != "open":
                await self._sender.say(request, refusal)
        elif is_handed(request.message) and self._is_admin(request, forwarded=True):
            await self._handed(request)
        elif not command and request.text and self._prompts.awaits(request.message):
            await self._prompts.take(request)
        elif command in ("", "ask"):
            await self._question(request, command, late=self._clock() - sent > LATE_SECONDS)
        elif command in self._desk.commands and self._is_admin(request):
            await self._obey(
                request, self._desk.commands[command], stale=self._clock() - sent > STALE_SECONDS
            )
        elif command in self._commands:
            await self._commands[command](request)
        elif request.is_private:
            await self._sender.say(request, request.words("unknown-command"))

    async def _resume(self, request: Request, command: str) -> None:
        """Go on with a question that waited for the index: it was admitted when it came."""
        if self._config.is_open(request.person, request.place.chat):
            await self._question(request, command, late=False)

    def _refusal(self, request: Request, sent: float) -> str | None:
        """What is said instead of an answer, "" for nothing; None where there is to be an answer.

        What is said here is said once a minute at most.
        """
        person, chat, words = request.person, request.place.chat, request.words
        if not self._config.is_open(person, chat):
            told = request.is_private and self._quotas.may_tell(person, sent)
            return words("not-invited", id=str(person)) if told else ""
        verdict = (
            "welcome"
            if self._is_admin(request, forwarded=is_handed(request.message))
            else self._quotas.admit(person, chat, sent, request.message.message_id)
        )
        if verdict == "person":
            return words("too-fast", limit=self._config.per_person)
        if verdict == "chat":
            return words("too-many-here")
        if verdict == "welcome" and self._crowd() > MOST_WAITING:
            return words("busy") if self._quotas.may_tell(person, sent) else ""
        return None if verdict == "welcome" else ""

    async def _question(self, request: Request, command: str, *, late: bool) -> None:
        """A question; one without words of its own is the message that it replies to."""
        text = request.text or _replied_text(request.message, self._sender.bot.id)
        if not text:
            attached = request.is_private and not command
            await self._sender.say(request, request.words("text-only" if attached else "how-to-ask"))
        elif not late:
            await self._questions.answer(replace(request, text=text))
        elif request.how != "open":
            await self._questions.put_off(replace(request, text=text))

    async def _obey(self, request: Request, handler: Handler, *, stale: bool) -> None:
        if stale:
            await self._sender.say(request, request.words("command-too-old"))
            return
        try:
            await handler(request)
        except Away as error:
            await self._sender.say(request, foreign(reason(error)))

    def _is_admin(self, request: Request, *, forwarded: bool = False) -> bool:
        """Whether an admin of the bot wrote it with their own hands, in their own chat with the bot.

        Identity is the numeric user id alone, since everything else can be chosen by anyone. What is
        `forwarded` is at most looked at, never obeyed.
        """
        message = request.message
        borrowed = (message.forward_origin and not forwarded) or message.via_bot or message.sender_chat
        return request.is_private and not borrowed and request.person in self._config.admins

    async def _revive(self, request: Request) -> None:
        """Who writes is there again, unless it was written before they left."""
        gone = request.chat.gone
        if gone is not None and request.message.date.timestamp() >= gone:
            await self._chats.came_back(request.chat.id)


def _received(update: Update) -> Received | None:
    """The new message of an update; a post counts as one in a channel alone."""
    post = update.channel_post
    return post if post and post.chat and post.chat.type == ChatType.CHANNEL else update.message


def _asked(message: Received, wanted: Addressed, chat: Chat) -> Request:
    """A message with all that answering it needs; who writes as a chat is known by that chat."""
    sender = message.sender_chat or message.from_user
    code = message.from_user.language_code if message.from_user else None
    return Request(
        message,
        Place.of(message),
        sender.id if sender else 0,
        wanted.how,
        wanted.text,
        chat,
        words_for(chat.language or code),
    )


def _replied_text(message: Received, me: int) -> str:
    """The words that a message replies to, or the part of them that it quotes; none of the bot's own."""
    replied = message.reply_to_message
    if replied is None or (replied.from_user and replied.from_user.id == me):
        return ""
    return (message.quote.text if message.quote else "") or replied.text or replied.caption or ""
