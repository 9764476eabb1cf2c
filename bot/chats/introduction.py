"""What Telegram shows of the bot before anybody writes: its commands and its description, by language."""

import hashlib
import logging
from collections.abc import Sequence

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.text.words import LANGUAGES, Words, words_for
from bot.transport.client import Bot
from corpus.database import Database

log = logging.getLogger(__name__)

PRIVATE = (
    "ask",
    "articles",
    "subscribe",
    "subscriptions",
    "watch",
    "watches",
    "why",
    "new",
    "language",
    "privacy",
    "forgetme",
    "help",
)
GROUP = ("ask", "why", "subscribe", "watch", "watches", "settings", "privacy", "help")
ADMIN = (
    *PRIVATE,
    "add",
    "article",
    "withdraw",
    "restore",
    "feeds",
    "addfeed",
    "removefeed",
    "outbox",
    "reindex",
    "rollback",
    "generations",
    "status",
    "stats",
    "unanswered",
    "audit",
)

migrations = Migrations("introduction")


@migrations()
def create_introduced(db: Connection) -> None:
    """What Telegram was told last, as a digest: it keeps it, so it is told again only when it changed."""
    db.execute("create table introduced (digest text not null)")


def menu(names: Sequence[str], words: Words) -> list[BotCommand]:
    """Commands with what they do."""
    return [BotCommand(name, words(f"command-{name}")) for name in names]


async def introduce(bot: Bot, database: Database) -> None:
    """Tell Telegram the commands and what the bot is; a refusal is no reason not to answer."""
    database.migrate(migrations)
    digest = hashlib.sha256(repr([bot.id, *_all_of_it()]).encode()).hexdigest()
    if database.read().execute("select 1 from introduced where digest = ?", [digest]).fetchone():
        return
    try:
        for code in ("", *LANGUAGES):
            await _introduce(bot, code)
    except TelegramError as error:
        log.warning("The commands could not be set: %s", error)
        return
    database.submit(lambda db: _remember(db, digest))


async def _introduce(bot: Bot, code: str) -> None:
    """In one language; "" for whoever speaks none of ours."""
    words = words_for(code)
    await bot.set_my_commands(menu(PRIVATE, words), BotCommandScopeAllPrivateChats(), code)
    await bot.set_my_commands(menu(GROUP, words), BotCommandScopeAllGroupChats(), code)
    await bot.set_my_description(words("description"), code)
    await bot.set_my_short_description(words("description"), code)


def _all_of_it() -> list[str]:
    names = [f"command-{name}" for name in dict.fromkeys((*PRIVATE, *GROUP))]
    return [words_for(code)(name) for code in LANGUAGES for name in (*names, "description")]


def _remember(db: Connection, digest: str) -> None:
    db.execute("delete from introduced")
    db.execute("insert into introduced values (?)", [digest])
