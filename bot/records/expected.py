"""What a person is expected to write next: the reply to a prompt, or a question about one article."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.database import Database

Kind = Literal["article", "words", "zone", "title"]

SECONDS: dict[Kind, float] = {"article": 600.0, "words": 86_400.0, "zone": 86_400.0, "title": 86_400.0}
ANY = 0  # in place of a message: whatever is written next, a reply or not

migrations = Migrations("expected")


@migrations()
def create_expected(db: Connection) -> None:
    """`message`: the prompt that is to be replied to; `until` when (UNIX time) it is waited for."""
    db.execute(
        """create table expected (chat integer not null, message integer not null, kind text not null,
           about text not null, until real not null, primary key (chat, message)) without rowid"""
    )


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is waited for; `about` is the article, or the number of the subscription or of the draft."""

    kind: Kind
    about: str


class Expected:
    """What is waited for in each chat; after a while it is not waited for any more."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    def get(self, chat: int, message: int = ANY) -> Awaited | None:
        """What is waited for in a chat, as the reply to a message."""
        sql = "select kind, about from expected where chat = ? and message = ? and until > ?"
        row = self._db.read().execute(sql, [chat, message, self._clock()]).fetchone()
        return Awaited(*row) if row else None

    async def put(self, chat: int, awaited: Awaited, message: int = ANY) -> None:
        """Wait for something from now on."""
        until = self._clock() + SECONDS[awaited.kind]

        def change(db: Connection) -> None:
            db.execute("delete from expected where until < ?", [self._clock()])
            db.execute(
                "insert or replace into expected values (?, ?, ?, ?, ?)",
                [chat, message, awaited.kind, awaited.about, until],
            )

        await self._db.written(change)

    async def done(self, chat: int, message: int = ANY) -> None:
        """It came, or is not wanted any more."""
        sql = "delete from expected where chat = ? and message = ?"
        await self._db.written(lambda db: db.execute(sql, [chat, message]))


def forget_person(db: Connection, person: int) -> None:
    """Nothing is waited for from a person any more."""
    db.execute("delete from expected where chat = ?", [person])
