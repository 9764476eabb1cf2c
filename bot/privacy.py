"""What is kept about people, and how it is forgotten."""

import asyncio
import time
from collections.abc import Callable

from sqlite_utils import Database as Connection

from bot.asking.quota import Quotas
from bot.posting import subscriptions, watches
from bot.records import answers, drafts, expected, handles
from bot.transport import inbox_table, silences
from corpus.database import Database

DAY = 86_400.0


class People:
    """Forgets people: when they ask for it, when they have left, and everybody after some days."""

    def __init__(
        self, database: Database, quotas: Quotas, keep_days: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._db = database
        self._quotas = quotas
        self._keep = keep_days * DAY
        self._clock = clock

    async def forget(self, person: int) -> None:
        """Delete all that is kept about a person."""
        self._quotas.forget(person)
        await self._db.written(lambda db: _forget(db, person))

    async def forget_old(self) -> None:
        """Delete what is kept about anybody for longer than it may be, and all about people who left."""
        before = self._clock() - self._keep

        def change(db: Connection) -> None:
            answers.forget_before(db, before)
            handles.forget_before(db, before)
            gone = db.execute("select id from chats where id > 0 and gone < ?", [before]).fetchall()
            for (person,) in gone:
                _forget(db, person)

        await self._db.written(change)
        await asyncio.to_thread(self._db.scrub)


def _forget(db: Connection, person: int) -> None:
    watches.forget_person(db, person)
    answers.forget_person(db, person)
    inbox_table.forget_person(db, person)
    silences.forget_chat(db, person)
    expected.forget_person(db, person)
    drafts.forget_person(db, person)
    handles.forget_person(db, person)
    subscriptions.forget_person(db, person)
    db.execute("delete from chats where id = ?", [person])
