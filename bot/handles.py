"""Short numbers for what buttons are about and would not fit into one: ids, words to search for."""

import asyncio

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.database import Database

KEPT = 10_000  # texts; the oldest are forgotten then, and their buttons say so

migrations = Migrations("handles")


@migrations()
def create_handles(db: Connection) -> None:
    """Each text once."""
    db.execute("create table handles (id integer primary key autoincrement, text text not null unique)")


class Handles:
    """Numbers that stand for texts, over restarts."""

    def __init__(self, database: Database) -> None:
        database.migrate(migrations)
        self._db = database

    async def of(self, *texts: str) -> list[str]:
        """The numbers of texts, in digits."""
        return await asyncio.wrap_future(self._db.submit(lambda db: [_number(db, text) for text in texts]))

    def text(self, number: str) -> str | None:
        """The text that a number stands for; None where it stands for none."""
        sql = "select text from handles where id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        return row[0] if row else None


def _number(db: Connection, text: str) -> str:
    known = db.execute("select id from handles where text = ?", [text]).fetchone()
    if known:
        return str(known[0])
    (number,) = db.execute("insert into handles (text) values (?) returning id", [text]).fetchone()
    db.execute("delete from handles where id <= ?", [number - KEPT])
    return str(number)
