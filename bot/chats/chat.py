"""What is known of each chat: how it wants to be answered, and whether anybody is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from bot.posting import outbox, subscriptions, watches
from bot.transport import inbox_table
from corpus.database import Database

Mode = Literal["mention", "questions", "off"]
MODES: tuple[Mode, ...] = ("mention", "questions", "off")

DEAD_AFTER = 5  # times that Telegram did not find a chat; being blocked or thrown out counts at once

# What is kept of a chat of which there is nothing to keep, not even its id.
NOTHING = "mode = 'mention' and quiet = 1 and language = '' and missed = 0 and gone is null"
# What becomes of the rows of a group in a supergroup, which counts its messages anew.
MOVING = (
    "update answers set chat = :new, message = null, asked = null where chat = :old",
    "update or replace silences set chat = :new where chat = :old",
    "delete from posts where chat = :old",
)

migrations = Migrations("chats")


@migrations()
def create_chats(db: Connection) -> None:
    """`gone`: since when (UNIX time) nobody is there; `moved`: what groups became supergroups."""
    db.execute(
        """create table chats (id integer primary key, mode text not null default 'mention',
           quiet integer not null default 1, language text not null default '',
           missed integer not null default 0, gone real) without rowid"""
    )
    db.execute("create table moved (old integer primary key, new integer not null)")


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat as it wants to be answered."""

    id: int
    mode: Mode = "mention"
    quiet: bool = True  # silent when unsure; for groups
    language: str = ""  # "" for that of the person who asks
    gone: float | None = None


class Chats:
    """The chats that chose something or can't be reached; all others are as `Chat` is by default."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    def get(self, number: int) -> Chat:
        """A chat as it is now."""
        sql = "select id, mode, quiet, language, gone from chats where id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        return Chat(row[0], row[1], bool(row[2]), row[3], row[4]) if row else Chat(number)

    async def choose(self, number: int, choice: Literal["mode", "quiet", "language"], value: object) -> None:
        """Keep what a chat chose."""
        await self._change(number, f"{choice} = ?", [value])

    async def left(self, number: int) -> None:
        """Nobody is there any more: blocked, thrown out, or deleted."""
        await self._change(number, "gone = coalesce(gone, ?)", [self._clock()])

    async def missed(self, number: int) -> None:
        """Telegram did not find the chat; after DEAD_AFTER times it counts as gone."""
        gone = "gone = iif(missed + 1 >= ?, coalesce(gone, ?), gone)"
        await self._change(number, f"missed = missed + 1, {gone}", [DEAD_AFTER, self._clock()])

    async def came_back(self, number: int) -> None:
        """Somebody is there again."""
        await self._change(number, "gone = null, missed = 0", [])

    async def move(self, old: int, new: int) -> None:
        """A group became a supergroup: all that is its own goes along, however often that is told."""
        await self._db.written(lambda db: _move(db, old, new))

    async def _change(self, number: int, assignment: str, values: list[object]) -> None:
        def change(db: Connection) -> None:
            db.execute("insert or ignore into chats (id) values (?)", [number])
            db.execute(f"update chats set {assignment} where id = ?", [*values, number])
            db.execute(f"delete from chats where id = ? and {NOTHING}", [number])

        await self._db.written(change)


def _move(db: Connection, old: int, new: int) -> None:
    """What the group chose wins over what is kept of the supergroup, which began a moment ago.

    It does so once: what is noted of the group after that is no choice of anybody. A message about the
    move that waited until it was made tells of the supergroup alone.
    """
    if old == new:
        return
    if db.execute("insert or ignore into moved values (?, ?)", [old, new]).rowcount:
        db.execute("update or replace chats set id = ?, gone = null, missed = 0 where id = ?", [new, old])
    db.execute("delete from chats where id = ?", [old])
    for change in MOVING:
        db.execute(change, {"old": old, "new": new})
    subscriptions.move_chat(db, old, new)
    watches.move_chat(db, old, new)
    outbox.move_chat(db, old, new)
    inbox_table.move_chat(db, old, new)
