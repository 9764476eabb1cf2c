"""Receives messages and taps: decides whether they are for the bot and allowed, and routes them."""

import logging
from collections.abc import Callable

from telegram import Message as Received
from telegram import Update
from telegram.constants import ChatType

from bot.admin import adding
from bot.admin.acts import reason
from bot.asking import channel_posts, questions
from bot.chats import Command, Context, Request, Router, Services, Tap
from bot.chats.addressed import Addressed, addressed
from bot.chats.chat import Chat
from bot.chats.introduction import show_admin_menu
from bot.chats.request import answer_tap
from bot.privacy import move_chat
from bot.records import PendingItem
from bot.text import foreign, words_for
from bot.transport import Place, Undeliverable
from index.errors import Away

log = logging.getLogger(__name__)

MOST_WAITING = 600  # updates, half a minute's work; above this, people are asked to come back


class Reception:
    """Passes each update to its handler."""

    def __init__(self, services: Services, router: Router, crowd: Callable[[], int]) -> None:
        """Takes `crowd`, the queue length without the excess of people who flood."""
        self._services = services
        self._router = router
        self._crowd = crowd
        self._have_menu: set[int] = set()  # admin chats

    async def take_message(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handles a new message."""
        message = _received(update)
        if message is None or message.chat is None:
            return
        services = self._services
        if message.migrate_to_chat_id:
            await move_chat(services.database, message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await move_chat(services.database, message.migrate_from_chat_id, message.chat.id)
        await channel_posts.note(services, message)
        chat = services.chats.get(message.chat.id)
        wanted = self._addressed(message, chat)
        if wanted is None:
            return
        request = _request(message, wanted, chat)
        await self._revive(request)
        await self._show_menu(request)
        try:
            await self._handle(request, wanted.command)
        except Undeliverable as error:
            log.info("An answer could not be delivered: %s", error)

    async def take_tap(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handles a tap; unknown and forbidden buttons are answered with "no longer works"."""
        query = update.callback_query
        if query is None:
            return
        message, person = query.message, query.from_user.id
        chat = self._services.chats.get(message.chat.id if message else person)
        words = words_for(chat.language or query.from_user.language_code)
        is_admin = chat.id == person in self._services.config.admins
        route = self._router.button(query.data or "", is_admin=is_admin)
        if (
            route is None
            or not isinstance(message, Received)
            or not self._services.config.is_open(person, chat.id)
        ):
            await answer_tap(query, words("button-unknown"))
            return
        button, parts = route
        try:
            await button.handle(self._services, Tap(query, message, person, chat, words, parts))
        except Undeliverable as error:
            log.info("The result of a tap could not be delivered: %s", error)

    def wants(self, update: Update) -> bool:
        """Returns whether to store an update; group messages not meant for the bot are dropped."""
        message = _received(update)
        if message is None or message.chat is None:
            return message is None
        tells = message.migrate_to_chat_id or message.migrate_from_chat_id or message.is_automatic_forward
        return bool(tells) or self._addressed(message, self._services.chats.get(message.chat.id)) is not None

    def _addressed(self, message: Received, chat: Chat) -> Addressed | None:
        mode = "mention" if chat.mode == "off" and self._awaited(message) else chat.mode
        return addressed(message, self._services.sender.bot.bot, mode)

    def _awaited(self, message: Received) -> PendingItem | None:
        """Returns the pending prompt that a message replies to, if any."""
        replied, me = message.reply_to_message, self._services.sender.bot.id
        if replied is None or replied.from_user is None or replied.from_user.id != me:
            return None
        return self._services.pending.awaited(message.chat.id, replied.message_id)

    async def _handle(self, request: Request, command: str) -> None:
        """Answers a request unless its person is not invited, floods, or asked too long ago."""
        services = self._services
        if services.answers.waiting(request.place.chat, request.number) is not None:
            if services.config.is_open(request.person, request.place.chat):  # it was admitted on arrival
                await questions.ask(services, request)
            return
        if not request.is_private and command not in ("", *self._router.names()):
            return  # for another bot in this group
        sent = request.message.date.timestamp()
        refusal = self._refusal(request, sent)
        if refusal is None:
            await self._route(request, command, services.clock() - sent)
        elif refusal and request.how != "open":
            await services.say(request, refusal)

    async def _route(self, request: Request, command: str, age: float) -> None:
        """Routes a request; `age` is the seconds since it was sent."""
        message = request.message
        if adding.is_submission(message) and self._is_admin(request, forwarded=True):
            await adding.submit(self._services, request)
        elif not command and request.text and (item := self._awaited(message)):
            await self._take_reply(request, item)
        elif not command:
            await questions.ask(self._services, request)
        elif route := self._router.command(command, is_admin=self._is_admin(request)):
            await self._obey(request, route, age)
        elif request.is_private:
            await self._services.say(request, request.words("unknown-command"))

    def _refusal(self, request: Request, sent: float) -> str | None:
        """Returns the refusal, at most once a minute per person; "" for silence, None to answer."""
        services, words = self._services, request.words
        person, chat, quotas = request.person, request.place.chat, services.quotas
        if not services.config.is_open(person, chat):
            told = request.is_private and quotas.may_tell(person, sent)
            return words("not-invited", id=str(person)) if told else ""
        submitted = adding.is_submission(request.message)
        if not self._is_admin(request, forwarded=submitted):
            verdict = quotas.admit(person, chat, sent, request.number)
            if verdict == "person":
                return words("too-fast", limit=services.config.per_person)
            if verdict != "welcome":
                return words("too-many-here") if verdict == "chat" else ""
        if self._crowd() > MOST_WAITING:
            return words("busy") if quotas.may_tell(person, sent) else ""
        return None

    async def _take_reply(self, request: Request, item: PendingItem) -> None:
        """Handles the reply to a prompt, which stays pending until a reply is usable."""
        handle = self._router.reply(item.kind)
        if handle is None:
            await self._services.say(request, request.words("subscription-gone"))
        elif await handle(self._services, request, item):
            await self._services.pending.stop_awaiting(item.chat, item.message)

    async def _obey(self, request: Request, route: Command, age: float) -> None:
        if age > route.stale_after:
            await self._services.say(request, request.words("command-too-old"))
            return
        try:
            await route.handle(self._services, request)
        except Away as error:
            if route.who == "everybody":
                raise
            await self._services.say(request, foreign(reason(error)))

    def _is_admin(self, request: Request, *, forwarded: bool = False) -> bool:
        """Returns whether a bot admin wrote this in person, in their private chat with the bot.

        Only the numeric user id counts, as anything else can be faked. Pass `forwarded` to accept forwards,
        which may be read as submissions but never executed.
        """
        message = request.message
        borrowed = (message.forward_origin and not forwarded) or message.via_bot or message.sender_chat
        return request.is_private and not borrowed and request.person in self._services.config.admins

    async def _show_menu(self, request: Request) -> None:
        if self._is_admin(request) and request.chat.id not in self._have_menu:
            self._have_menu.add(request.chat.id)
            await show_admin_menu(request, self._router)

    async def _revive(self, request: Request) -> None:
        """Records that a chat is reachable again, unless this was written before it was left."""
        gone = request.chat.gone
        if gone is not None and request.message.date.timestamp() >= gone:
            await self._services.chats.came_back(request.chat.id)


def _received(update: Update) -> Received | None:
    """Returns the new message of an update; posts count only in channels."""
    post = update.channel_post
    return post if post and post.chat and post.chat.type == ChatType.CHANNEL else update.message


def _request(message: Received, wanted: Addressed, chat: Chat) -> Request:
    """Builds the request of a message; somebody who writes as a chat is identified by that chat."""
    sender = message.sender_chat or message.from_user
    words = words_for(chat.language or (message.from_user.language_code if message.from_user else None))
    person = sender.id if sender else 0
    return Request(message, Place.of(message), person, wanted.how, wanted.text, chat, words)
