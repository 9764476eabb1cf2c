"""Deletes personal data, and moves a chat's rows when its id changes."""

import asyncio

from sqlite_utils import Database as Connection

from bot.asking import channel_posts
from bot.chats import Request, Services, chat
from bot.posting import outbox, subscriptions, watches
from bot.records import answers, pending_items
from bot.transport import inbox_table, pacing
from corpus.database import Database

DAY = 86_400.0


async def forget_me(services: Services, request: Request) -> None:
    """Handles /forgetme."""
    await forget_person(services, request.person)
    await services.say(request, request.words("forgotten"))


async def forget_person(services: Services, person: int) -> None:
    """Deletes everything stored about a person."""
    services.quotas.forget(person)
    await services.database.written(lambda db: _forget(db, person))


async def forget_old(services: Services) -> None:
    """Deletes personal data older than CITEWIRE_KEEP_DAYS, and all data of people who left before that."""
    before = services.clock() - services.config.keep_days * DAY

    def change(db: Connection) -> None:
        answers.forget_before(db, before)
        pending_items.forget_expired(db, services.clock())
        gone = db.execute("select id from chats where id > 0 and gone < ?", [before]).fetchall()
        for (person,) in gone:
            _forget(db, person)

    await services.database.written(change)
    await asyncio.to_thread(services.database.scrub)


async def move_chat(database: Database, old: int, new: int) -> None:
    """Moves a group's rows to the supergroup it became; safe to repeat."""
    if old != new:
        await database.written(lambda db: _move(db, old, new))


def _forget(db: Connection, person: int) -> None:
    for table in (watches, answers, inbox_table, pending_items, subscriptions):
        table.forget_person(db, person)
    pacing.forget_chat(db, person)
    chat.forget_chat(db, person)


def _move(db: Connection, old: int, new: int) -> None:
    for table in (chat, answers, pacing, channel_posts, subscriptions, watches, outbox, inbox_table):
        table.move_chat(db, old, new)
