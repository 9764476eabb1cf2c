"""The audit log of admin actions: who, what, when, and the result."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database as Connection

from bot.text import line
from corpus.database import Database

TERMINAL = 0  # in place of a person: anyone with access to the machine
LONGEST = 500  # characters of a result
SHOWN = 300  # of an action on one line


@dataclass(frozen=True, slots=True)
class Act:
    """One admin action; `about` is the article, feed or generation concerned."""

    at: float
    person: int
    act: str
    about: str
    result: str

    def sentence(self) -> str:
        """Returns time, person, action and result on one line."""
        when = datetime.fromtimestamp(self.at, UTC)
        who = "terminal" if self.person == TERMINAL else str(self.person)
        return line(f"{when:%Y-%m-%d %H:%M} · {who} · {self.act} {self.about}: {self.result}", SHOWN)


class AuditLog:
    """The append-only log of admin actions."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    async def note(self, person: int, act: str, about: str, result: str) -> None:
        """Logs an action of a person."""
        row = Act(self._clock(), person, act, about, result)
        await self._db.written(lambda db: put(db, row))

    def note_terminal(self, act: str, about: str, result: str) -> None:
        """Logs an action from the terminal."""
        row = Act(self._clock(), TERMINAL, act, about, result)
        self._db.write(lambda db: put(db, row))

    def newest(self, limit: int, skip: int = 0) -> list[tuple[int, Act]]:
        """Returns the last actions with their numbers, newest first, after skipping `skip`."""
        sql = "select id, at, person, act, about, result from audit order by id desc limit ? offset ?"
        rows = self._db.read().execute(sql, [limit, skip])
        return [(number, Act(*row)) for number, *row in rows]


def put(db: Connection, act: Act) -> None:
    """Logs an action inside the current transaction."""
    db.execute(
        "insert into audit (at, person, act, about, result) values (?, ?, ?, ?, ?)",
        [act.at, act.person, act.act, act.about, act.result[:LONGEST]],
    )
