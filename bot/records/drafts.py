"""Articles that an admin was shown and has not yet put in or let go of."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming

SECONDS = 86_400.0  # after which a draft is forgotten

migrations = Migrations("drafts")


@migrations()
def create_drafts(db: Connection) -> None:
    """`incoming` is JSON; `until` UNIX time."""
    db.execute(
        """create table drafts (id integer primary key autoincrement, person integer not null,
           incoming text not null, until real not null)"""
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """An article on its way in that waits for a word of the person who handed it over."""

    id: int
    person: int
    incoming: Incoming


class Drafts:
    """Drafts by their numbers, each for its person alone."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    async def put(self, person: int, incoming: Incoming) -> Draft:
        """Keep what a person handed over, for a day."""
        sql = "insert into drafts (person, incoming, until) values (?, ?, ?) returning id"
        values = [person, json.dumps(asdict(incoming)), self._clock() + SECONDS]

        def change(db: Connection) -> int:
            db.execute("delete from drafts where until <= ?", [self._clock()])
            return int(db.execute(sql, values).fetchone()[0])

        return Draft(await self._db.written(change), person, incoming)

    def get(self, number: str, person: int) -> Draft | None:
        """A draft of a person; None where it was put in, let go of, or is older than a day."""
        sql = "select id, person, incoming from drafts where id = ? and person = ? and until > ?"
        row = self._db.read().execute(sql, [number, person, self._clock()]).fetchone()
        return Draft(row[0], row[1], _incoming(json.loads(row[2]))) if row else None

    async def keep(self, draft: Draft) -> None:
        """Keep a draft as it is now."""
        sql = "update drafts set incoming = ? where id = ?"
        await self._db.written(lambda db: db.execute(sql, [json.dumps(asdict(draft.incoming)), draft.id]))

    async def done(self, draft: Draft) -> None:
        """Forget a draft, unless it was changed meanwhile."""
        sql = "delete from drafts where id = ? and incoming = ?"
        await self._db.written(lambda db: db.execute(sql, [draft.id, json.dumps(asdict(draft.incoming))]))


def forget_person(db: Connection, person: int) -> None:
    """Forget the drafts of a person."""
    db.execute("delete from drafts where person = ?", [person])


def _incoming(stored: dict[str, Any]) -> Incoming:
    article = stored.pop("article")
    return Incoming(Article(**article | {"promotion": ()}), **stored)
