"""Items that await a person: drafts to decide on, prompts to reply to, actions to confirm.

One table, so that all of them survive restarts, expire and are forgotten in the same way.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database as Connection

from corpus.database import Database

Kind = Literal["draft", "confirmation", "id", "search", "article", "title", "words", "zone"]
"""A draft of an article; an action to confirm; an id or a search for which a button only has room for a
number; the article that the next question is about; replies to prompts."""

DAY = 86_400.0
SECONDS: dict[Kind, float] = {
    "draft": DAY, "confirmation": 60.0, "id": 30 * DAY, "search": DAY, "article": 600.0, "title": DAY,
    "words": DAY, "zone": DAY,
}  # fmt: skip
COLUMNS = "id, person, chat, message, kind, data"
ANY_MESSAGE = 0


@dataclass(frozen=True, slots=True)
class PendingItem:
    """One item; `message` is the prompt to be replied to, or ANY_MESSAGE."""

    id: int
    person: int
    chat: int
    message: int
    kind: Kind
    data: str


class PendingItems:
    """Looks up items by number, or by the chat and message that a reply is awaited for."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    async def add(
        self, kind: Kind, data: str, *, person: int = 0, chat: int = 0, message: int = ANY_MESSAGE
    ) -> int:
        """Stores an item for the SECONDS of its kind and returns its number."""
        row = (kind, data, person, chat, message)
        return await self._db.written(lambda db: _insert(db, row, self._clock()))

    async def numbers(self, kind: Kind, *texts: str, person: int = 0) -> list[str]:
        """Returns numbers, as digits, for texts too long for a button; a text keeps its number."""
        return await self._db.written(
            lambda db: [_number(db, kind, text, person, self._clock()) for text in texts]
        )

    def get(self, kind: Kind, number: str, person: int = 0) -> PendingItem | None:
        """Returns an item by its number; None if expired, of another kind or for another person."""
        condition = "id = ? and kind = ? and person = ?"
        return self._one(condition, int(number), kind, person) if _is_number(number) else None

    def text(self, kind: Literal["id", "search"], number: str, person: int = 0) -> str | None:
        """Returns the text behind a number, or None."""
        item = self.get(kind, number, person)
        return item.data if item else None

    def awaited(self, chat: int, message: int = ANY_MESSAGE) -> PendingItem | None:
        """Returns the item awaited in a chat, as the reply to a message or as the next message."""
        return self._one("chat = ? and message = ? and kind not in ('draft', 'confirmation')", chat, message)

    async def await_reply(self, kind: Kind, data: str, chat: int, message: int = ANY_MESSAGE) -> None:
        """Awaits a reply in a chat, replacing whatever was awaited there."""

        def change(db: Connection) -> None:
            _stop_awaiting(db, chat, message)
            _insert(db, (kind, data, 0, chat, message), self._clock())

        await self._db.written(change)

    async def stop_awaiting(self, chat: int, message: int = ANY_MESSAGE) -> None:
        """Stops awaiting a reply, because it arrived or is no longer wanted."""
        await self._db.written(lambda db: _stop_awaiting(db, chat, message))

    async def update(self, item: PendingItem, data: str) -> None:
        """Replaces the data of an item."""
        sql = "update pending_items set data = ? where id = ?"
        await self._db.written(lambda db: db.execute(sql, [data, item.id]))

    async def remove(self, item: PendingItem) -> bool:
        """Removes an item unless its data changed meanwhile; returns whether it did."""
        sql = "delete from pending_items where id = ? and data = ?"
        return await self._db.written(lambda db: db.execute(sql, [item.id, item.data]).rowcount > 0)

    def _one(self, condition: str, *values: object) -> PendingItem | None:
        sql = f"select {COLUMNS} from pending_items where {condition} and until > ?"
        row = self._db.read().execute(sql, [*values, self._clock()]).fetchone()
        return PendingItem(*row) if row else None


def forget_person(db: Connection, person: int) -> None:
    """Deletes a person's pending items, inside a transaction."""
    db.execute("delete from pending_items where ? in (person, chat)", [person])


def forget_expired(db: Connection, now: float) -> None:
    """Deletes expired items, inside a transaction."""
    db.execute("delete from pending_items where until <= ?", [now])


def _insert(db: Connection, row: tuple[Kind, str, int, int, int], now: float) -> int:
    forget_expired(db, now)
    sql = """insert into pending_items (kind, data, person, chat, message, until)
             values (?, ?, ?, ?, ?, ?) returning id"""
    return int(db.execute(sql, [*row, now + SECONDS[row[0]]]).fetchone()[0])


def _number(db: Connection, kind: Kind, text: str, person: int, now: float) -> str:
    known = db.execute(
        "update pending_items set until = ? where kind = ? and person = ? and data = ? returning id",
        [now + SECONDS[kind], kind, person, text],
    ).fetchone()
    return str(known[0] if known else _insert(db, (kind, text, person, 0, ANY_MESSAGE), now))


def _stop_awaiting(db: Connection, chat: int, message: int) -> None:
    sql = "delete from pending_items where chat = ? and message = ? and kind not in ('draft', 'confirmation')"
    db.execute(sql, [chat, message])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
