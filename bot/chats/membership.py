"""Tracks where the bot is added, removed, blocked or unblocked, and greets new chats."""

import logging
from collections.abc import Awaitable, Callable

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatType

from bot.chats.chat import Mode
from bot.chats.request import Context
from bot.chats.rights import ADMINS, is_there, may_write
from bot.chats.services import Services
from bot.text import SLOT, Message, Words, line, with_name, words_for
from bot.transport import Place, Undeliverable

log = logging.getLogger(__name__)

GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)

Listener = Callable[[Services, int], Awaitable[None]]
"""Called with a chat in which the bot may no longer write, or may write again."""


class MembershipUpdates:
    """Handles changes of the bot's own membership."""

    def __init__(self, services: Services, lost: Listener, regained: Listener) -> None:
        self._services = services
        self._lost = lost
        self._regained = regained

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handles one change."""
        change, chats = update.my_chat_member, self._services.chats
        if change is None:
            return
        if not is_there(change.new_chat_member):
            await chats.left(change.chat.id)
            await self._lost(self._services, change.chat.id)
            return
        await chats.came_back(change.chat.id)
        listener = self._regained if may_write(change.new_chat_member) else self._lost
        await listener(self._services, change.chat.id)
        if not is_there(change.old_chat_member) and change.chat.type != ChatType.PRIVATE:
            try:
                await _greet(self._services, change)
            except Undeliverable as error:
                log.info("No greeting could be sent: %s", error)


async def _greet(services: Services, change: ChatMemberUpdated) -> None:
    """Sends a greeting to a group; for channels, or if muted, to the person who added the bot."""
    chat, member, person = change.chat, change.new_chat_member, change.from_user
    words = words_for(services.chats.get(chat.id).language or person.language_code)
    muted = isinstance(member, ChatMemberRestricted) and not may_write(member)
    place = Place(person.id if muted or chat.type not in GROUPS else chat.id)
    if not services.config.is_open(person.id, chat.id):
        message = Message(words("not-open-here", id=str(chat.id)))
    elif chat.type not in GROUPS:
        message = with_name(words("joined-channel", title=SLOT), line(chat.title or ""))
    elif muted:
        message = with_name(words("may-not-write", title=SLOT), line(chat.title or ""))
    else:
        message = Message(_joined(services, chat.id, member, words))
    await services.sender.send(place, message)


def _joined(services: Services, chat: int, member: ChatMember, words: Words) -> str:
    """Explains what works in a group and what doesn't."""
    bot = services.sender.bot
    everything = bool(bot.can_read_all_group_messages) or member.status in ADMINS
    listed = ways(services.chats.get(chat).mode, words, f"@{bot.username}", everything=everything)
    lines = [
        words("joined", count=services.store.extent()[0], ways=listed),
        words("sees-all" if everything else "sees-some"),
        words("admins-settings"),
    ]
    return "\n\n".join(lines)


def ways(mode: Mode, words: Words, name: str, *, everything: bool) -> str:
    """Describes how to ask the bot in a group; mentions are listed only if the bot receives them."""
    listed = [words("ways-command"), words("ways-reply")]
    if everything:
        listed.append(words("ways-mention", bot=name))
    if mode == "questions":
        listed.append(words("ways-questions"))
    return words.either(listed)
