"""What admins did: who, what, when, and what came of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from bot.text.passages import line
from corpus.database import Database

TERMINAL = 0  # in place of a person: whoever may use the machine
LONGEST = 500  # characters of a result
SHOWN = 300  # of all of an act

migrations = Migrations("audit")


@migrations()
def create_audit(db: Connection) -> None:
    """`person`: the numeric id of an admin; `at` in seconds of UNIX time."""
    db.execute(
        """create table audit (id integer primary key autoincrement, at real not null,
           person integer not null, act text not null, about text not null, result text not null)"""
    )


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an admin did; `about` is the article, feed or generation that it concerned."""

    at: float
    person: int
    act: str
    about: str
    result: str

    def sentence(self) -> str:
        """When, who, what and what came of it, on one line."""
        when = datetime.fromtimestamp(self.at, UTC)
        who = "terminal" if self.person == TERMINAL else str(self.person)
        return line(f"{when:%Y-%m-%d %H:%M} · {who} · {self.act} {self.about}: {self.result}", SHOWN)


class AuditLog:
    """The log of what admins did; it only ever grows."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    async def note(self, person: int, act: str, about: str, result: str) -> None:
        """Write down what a person did."""
        row = Act(self._clock(), person, act, about, result)
        await self._db.written(lambda db: put(db, row))

    def note_terminal(self, act: str, about: str, result: str) -> None:
        """Write down what was done from the terminal."""
        row = Act(self._clock(), TERMINAL, act, about, result)
        self._db.write(lambda db: put(db, row))

    def newest(self, limit: int, skip: int = 0) -> list[tuple[int, Act]]:
        """The last acts with their numbers, newest first, but for so many that are newer."""
        sql = "select id, at, person, act, about, result from audit order by id desc limit ? offset ?"
        rows = self._db.read().execute(sql, [limit, skip])
        return [(number, Act(*row)) for number, *row in rows]


def put(db: Connection, act: Act) -> None:
    """Write an act down in a transaction that is under way."""
    db.execute(
        "insert into audit (at, person, act, about, result) values (?, ?, ?, ?, ?)",
        [act.at, act.person, act.act, act.about, act.result[:LONGEST]],
    )
