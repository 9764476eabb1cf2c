"""What a person or the bot may do in a chat, asked of Telegram when needed and never cached."""

import logging

from telegram import Bot, ChatMember, ChatMemberAdministrator, ChatMemberRestricted
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

log = logging.getLogger(__name__)

ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


async def is_chat_admin(bot: Bot, chat: int, person: int) -> bool:
    """Returns whether a person is an admin of a chat, or writes as the chat itself."""
    if person == chat:
        return True
    if person < 0:  # somebody who writes as a channel
        return False
    try:
        member = await bot.get_chat_member(chat, person)
    except TelegramError as error:
        log.warning("Admin rights could not be checked: %s", error)
        return False
    return member.status in ADMINS


async def sees_all(bot: Bot, chat: int) -> bool:
    """Returns whether the bot gets all messages of a group: privacy mode off, or admin there."""
    return bool(bot.can_read_all_group_messages) or await is_chat_admin(bot, chat, bot.id)


async def may_post(bot: Bot, chat: int) -> bool:
    """Returns whether the bot may write in a chat."""
    try:
        member = await bot.get_chat_member(chat, bot.id)
    except TelegramError as error:
        log.info("The bot's rights in a chat could not be checked: %s", error)
        return False
    return is_there(member) and may_write(member)


def may_write(member: ChatMember) -> bool:
    """Returns whether a member may write; in channels, only admins with the right to post."""
    if isinstance(member, ChatMemberAdministrator):
        return member.can_post_messages is not False  # None in groups, where every admin may
    return not isinstance(member, ChatMemberRestricted) or member.can_send_messages


def is_there(member: ChatMember) -> bool:
    """Returns whether a member is in the chat."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
