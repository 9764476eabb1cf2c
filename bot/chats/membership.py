"""What the bot says on joining a chat, and what it may do there."""

import logging
from collections.abc import Awaitable, Callable

from telegram import Bot, ChatMember, ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.chats.chat import Chats, Mode
from bot.chats.request import Context
from bot.config import Config
from bot.text.message import Message
from bot.text.passages import SLOT, line
from bot.text.words import Words, isolated, words_for
from bot.transport.sender import Place, Sender, Undeliverable
from corpus.store import Store

log = logging.getLogger(__name__)

ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)

Told = Callable[[int], Awaitable[None]]
"""Told of a chat in which the bot may write no longer, or again."""


class MembershipUpdates:
    """Follows where the bot is added, thrown out, blocked or let in again, and greets where it is new."""

    def __init__(
        self, config: Config, sender: Sender, chats: Chats, store: Store, lost: Told, regained: Told
    ) -> None:
        self._config = config
        self._sender = sender
        self._chats = chats
        self._store = store
        self._lost = lost
        self._regained = regained

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle a change of what the bot is in a chat."""
        change = update.my_chat_member
        if change is None:
            return
        if not is_there(change.new_chat_member):
            await self._chats.left(change.chat.id)
            await self._lost(change.chat.id)
            return
        await self._chats.came_back(change.chat.id)
        await (self._regained if may_write(change.new_chat_member) else self._lost)(change.chat.id)
        if not is_there(change.old_chat_member) and change.chat.type != ChatType.PRIVATE:
            try:
                await self._greet(change)
            except Undeliverable as error:
                log.info("No greeting could be sent: %s", error)

    async def _greet(self, change: ChatMemberUpdated) -> None:
        """One message in a group; where none can be written, or in a channel, to whoever added the bot."""
        chat, member, person = change.chat, change.new_chat_member, change.from_user
        words = words_for(self._chats.get(chat.id).language or person.language_code)
        muted = isinstance(member, ChatMemberRestricted) and not may_write(member)
        place = Place(person.id if muted or chat.type not in GROUPS else chat.id)
        if not self._config.is_open(person.id, chat.id):
            message = Message(words("not-open-here", id=str(chat.id)))
        elif chat.type not in GROUPS:
            message = _with_title(words("joined-channel", title=SLOT), chat.title)
        elif muted:
            message = _with_title(words("may-not-write", title=SLOT), chat.title)
        else:
            message = Message(self._greeting(chat.id, member, words))
        await self._sender.send(place, message)

    def _greeting(self, chat: int, member: ChatMember, words: Words) -> str:
        """What works here, what doesn't, and how an admin changes that."""
        bot = self._sender.bot
        everything = bool(bot.can_read_all_group_messages) or member.status in ADMINS
        listed = ways(self._chats.get(chat).mode, words, f"@{bot.username}", everything=everything)
        lines = [
            words("joined", count=self._store.extent()[0], ways=listed),
            words("sees-all" if everything else "sees-some"),
            words("admins-settings"),
        ]
        return "\n\n".join(lines)


def _with_title(text: str, title: str | None) -> Message:
    """A sentence of ours with the title of a chat, which others wrote, in its place."""
    before, _, after = text.partition(SLOT)
    message = Message(before)
    message.add_foreign(isolated(line(title or "")))
    message.add(after)
    return message


def ways(mode: Mode, words: Words, name: str, *, everything: bool) -> str:
    """How the bot can be asked in a group, as one phrase; a mention is named only where it arrives."""
    listed = [words("ways-command"), words("ways-reply")]
    if everything:
        listed.append(words("ways-mention", bot=name))
    if mode == "questions":
        listed.append(words("ways-questions"))
    return words.either(listed)


async def sees_all(bot: Bot, chat: int) -> bool:
    """Whether the bot gets every message of a group: its privacy mode is off, or it is an admin there."""
    return bool(bot.can_read_all_group_messages) or await is_chat_admin(bot, chat, bot.id)


async def is_chat_admin(bot: Bot, chat: int, person: int) -> bool:
    """Whether somebody is an admin of a chat at this moment; one who writes as the chat itself is."""
    if person == chat:
        return True
    if person < 0:  # a channel in whose name somebody writes
        return False
    try:
        member = await bot.get_chat_member(chat, person)
    except TelegramError as error:
        log.warning("Who is an admin could not be asked: %s", error)
        return False
    return member.status in ADMINS


async def may_post(bot: Bot, chat: int) -> bool:
    """Whether the bot itself may write in a chat at this moment."""
    try:
        member = await bot.get_chat_member(chat, bot.id)
    except TelegramError as error:
        log.info("What the bot may do in a chat could not be asked: %s", error)
        return False
    return is_there(member) and may_write(member)


def may_write(member: ChatMember) -> bool:
    """Whether a member who is there may write; in a channel that takes an admin with the right to post."""
    if isinstance(member, ChatMemberAdministrator):
        return member.can_post_messages is not False  # None in groups, where every admin may
    return not isinstance(member, ChatMemberRestricted) or member.can_send_messages


def is_there(member: ChatMember) -> bool:
    """Whether a member is in the chat."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
