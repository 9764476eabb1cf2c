"""What Telegram shows before a conversation: the bot's commands and descriptions, by language."""

import hashlib
import logging

from sqlite_utils import Database as Connection
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.chats.request import Request
from bot.chats.router import Menu, Router
from bot.text import LANGUAGES, Words, words_for
from bot.transport import Bot
from corpus.database import Database

log = logging.getLogger(__name__)


async def introduce(bot: Bot, database: Database, router: Router) -> None:
    """Sends commands and descriptions to Telegram unless it has them; failures are only logged."""
    texts = [words_for(code)(name) for code in LANGUAGES for name in _texts(router)]
    digest = hashlib.sha256(repr([bot.id, *texts]).encode()).hexdigest()
    if database.read().execute("select 1 from introduced where digest = ?", [digest]).fetchone():
        return
    try:
        for code in ("", *LANGUAGES):  # "" for all other languages
            await _introduce(bot, router, code)
    except TelegramError as error:
        log.warning("The commands could not be set: %s", error)
        return
    database.submit(lambda db: _remember(db, digest))


async def show_admin_menu(request: Request, router: Router) -> None:
    """Sets an admin's command menu, which Telegram only allows in a chat that has messages."""
    commands = _menu(router, "admin", request.words)
    try:
        await request.message.get_bot().set_my_commands(commands, BotCommandScopeChat(request.chat.id))
    except TelegramError as error:
        log.warning("The admin menu could not be set: %s", error)


async def _introduce(bot: Bot, router: Router, code: str) -> None:
    words = words_for(code)
    private, group = _menu(router, "private", words), _menu(router, "group", words)
    await bot.set_my_commands(private, BotCommandScopeAllPrivateChats(), code)
    await bot.set_my_commands(group, BotCommandScopeAllGroupChats(), code)
    await bot.set_my_description(words("description"), code)
    await bot.set_my_short_description(words("description"), code)


def _menu(router: Router, menu: Menu, words: Words) -> list[BotCommand]:
    return [BotCommand(name, words(f"command-{name}")) for name in router.menu(menu)]


def _texts(router: Router) -> list[str]:
    names = dict.fromkeys((*router.menu("private"), *router.menu("group")))
    return [*(f"command-{name}" for name in names), "description"]


def _remember(db: Connection, digest: str) -> None:
    db.execute("delete from introduced")
    db.execute("insert into introduced values (?)", [digest])
