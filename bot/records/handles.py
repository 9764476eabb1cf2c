"""Short numbers for what buttons are about and would not fit into one: ids, words to search for."""

import time
from collections.abc import Callable

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.database import Database

KEPT = 10_000  # texts; the oldest are forgotten then, and their buttons say so

migrations = Migrations("handles")


@migrations()
def create_handles(db: Connection) -> None:
    """Each text once; `person`: who searched for it last, at `made` (UNIX time), null for an id."""
    db.execute(
        """create table handles (id integer primary key autoincrement, text text not null unique,
           person integer, made real)"""
    )


class Handles:
    """Numbers that stand for texts, over restarts."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    async def of(self, *texts: str) -> list[str]:
        """The numbers of texts, in digits."""
        return await self._db.written(lambda db: [_number(db, text) for text in texts])

    async def of_search(self, text: str, person: int) -> str:
        """The number of what a person searched for, in digits; it is forgotten as the person is."""
        now = self._clock()
        return await self._db.written(lambda db: _number(db, text, person, now))

    def text(self, number: str) -> str | None:
        """The text that a number stands for; None where it stands for none."""
        sql = "select text from handles where id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        return row[0] if row else None


def forget_person(db: Connection, person: int) -> None:
    """Delete what a person searched for, inside a transaction."""
    db.execute("delete from handles where person = ?", [person])


def forget_before(db: Connection, time_before: float) -> None:
    """Delete what anybody last searched for earlier than a time, inside a transaction."""
    db.execute("delete from handles where person is not null and made < ?", [time_before])


def _number(db: Connection, text: str, person: int | None = None, now: float | None = None) -> str:
    """The number of a text; one that is an id too is nobody's."""
    known = db.execute(
        "update handles set person = iif(person is null, null, ?), made = ? where text = ? returning id",
        [person, now, text],
    ).fetchone()
    if known:
        return str(known[0])
    sql = "insert into handles (text, person, made) values (?, ?, ?) returning id"
    (number,) = db.execute(sql, [text, person, now]).fetchone()
    db.execute("delete from handles where id <= ?", [number - KEPT])
    return str(number)
