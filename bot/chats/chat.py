"""Stored state of each chat: its settings and whether it can be reached."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database as Connection

from corpus.database import Database

Mode = Literal["mention", "questions", "off"]
MODES: tuple[Mode, ...] = ("mention", "questions", "off")
Choice = Literal["mode", "quiet", "language"]

DEAD_AFTER = 5  # times "chat not found"; being blocked or removed counts at once

# A chat with default values needs no row.
NOTHING = "mode = 'mention' and quiet = 1 and language = '' and missed = 0 and gone is null"


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat and its settings."""

    id: int
    mode: Mode = "mention"
    quiet: bool = True  # silent when unsure; for groups
    language: str = ""  # "" for the language of the person who asks
    gone: float | None = None


class Chats:
    """Stores chats with settings or delivery problems; all others have the defaults of `Chat`."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def get(self, number: int) -> Chat:
        """Returns a chat's current state."""
        sql = "select id, mode, quiet, language, gone from chats where id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        return Chat(row[0], row[1], bool(row[2]), row[3], row[4]) if row else Chat(number)

    async def choose(self, number: int, choice: Choice, value: object) -> None:
        """Stores a setting of a chat."""
        await self._change(number, f"{choice} = ?", [value])

    async def left(self, number: int) -> None:
        """Records that the bot was blocked or removed, or the chat deleted."""
        await self._change(number, "gone = coalesce(gone, ?)", [self._clock()])

    async def missed(self, number: int) -> bool:
        """Counts a "chat not found"; returns True once DEAD_AFTER of them mark it as gone."""
        gone = "gone = iif(missed + 1 >= ?, coalesce(gone, ?), gone)"
        await self._change(number, f"missed = missed + 1, {gone}", [DEAD_AFTER, self._clock()])
        return self.get(number).gone is not None

    async def came_back(self, number: int) -> None:
        """Records that the chat can be reached again."""
        await self._change(number, "gone = null, missed = 0", [])

    async def _change(self, number: int, assignment: str, values: list[object]) -> None:
        def change(db: Connection) -> None:
            db.execute("insert or ignore into chats (id) values (?)", [number])
            db.execute(f"update chats set {assignment} where id = ?", [*values, number])
            db.execute(f"delete from chats where id = ? and {NOTHING}", [number])

        await self._db.written(change)


def move_chat(db: Connection, old: int, new: int) -> None:
    """Gives the supergroup `new` the settings of the group `old`, inside a transaction.

    Only the first time: rows written for the old group after that are nobody's choice.
    """
    if db.execute("insert or ignore into moved values (?, ?)", [old, new]).rowcount:
        db.execute("update or replace chats set id = ?, gone = null, missed = 0 where id = ?", [new, old])
    forget_chat(db, old)


def forget_chat(db: Connection, number: int) -> None:
    """Deletes a chat's row, inside a transaction."""
    db.execute("delete from chats where id = ?", [number])
