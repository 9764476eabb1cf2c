"""The outbox: posts, answers to watches and corrections, each sent to a place once.

A delivery is *held* until its article is searchable, *waiting* until it is due and it is the chat's turn,
*sending* while the API call runs, and then *sent*, *failed* or, if nothing tells whether it arrived,
*uncertain*; an uncertain one is sent again only if an admin says so.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlite_utils import Database as Connection

Kind = Literal["post", "watch", "correction"]
State = Literal["held", "waiting", "sending", "sent", "uncertain", "failed"]

OPEN: frozenset[State] = frozenset({"held", "waiting", "sending"})
"""The states of deliveries that may still be sent."""

IN_DIGEST = 20  # articles of one digest; the rest follow in another


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article for one chat or topic, or several as a digest; `numbers` are set once it is stored."""

    chat: int
    thread: int
    kind: Kind
    articles: tuple[str, ...]
    about: int = 0
    is_digest: bool = False
    numbers: tuple[int, ...] = ()

    def without(self, last: int) -> "Delivery":
        """The same delivery without its last articles."""
        upto = len(self.numbers) - last
        return replace(self, articles=self.articles[:upto], numbers=self.numbers[:upto])


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: one article for one chat or topic; `due` is a UNIX time."""

    number: int
    chat: int
    thread: int
    kind: Kind
    article: str
    state: State
    due: float
    why: str | None


def put(db: Connection, delivery: Delivery, due: float, now: float) -> None:
    """Queue articles for a place, each once; `about` is the number of a watch or a change."""
    place = [delivery.chat, delivery.thread, delivery.kind]
    for article in delivery.articles:
        db.execute(
            """insert or ignore into deliveries (chat, thread, kind, article, about, digest, due, made)
               values (?, ?, ?, ?, ?, ?, ?, ?)""",
            [*place, article, delivery.about, delivery.is_digest, due, now],
        )


def held(db: Connection) -> list[str]:
    """The articles of held deliveries."""
    rows = db.execute("select distinct article from deliveries where state = 'held'")
    return [article for (article,) in rows]


def release(db: Connection, articles: Iterable[str]) -> None:
    """Let the deliveries of these articles go: they are searchable now."""
    for article in articles:
        db.execute("update deliveries set state = 'waiting' where state = 'held' and article = ?", [article])


def due(db: Connection, now: float, busy: Iterable[int], most: int) -> list[Delivery]:
    """The next delivery of each chat that is not busy, the oldest first, at most `most`.

    A chat gets its deliveries in order: one that is retried later holds back those after it.
    """
    rows = db.execute(
        """select number from deliveries where retry <= :now and number in (
               select min(number) from deliveries where state = 'waiting' and due <= :now
               and chat not in (select chat from deliveries where state = 'sending')
               and chat not in (select value from json_each(:busy)) group by chat)
           order by number limit :most""",
        {"now": now, "busy": json.dumps([*busy]), "most": most},
    ).fetchall()
    return [_delivery(db, number, now) for (number,) in rows]


def _delivery(db: Connection, number: int, now: float) -> Delivery:
    """A delivery by its number, with the other articles of its digest."""
    columns = "chat, thread, kind, article, about, digest"
    row = db.execute(f"select {columns} from deliveries where number = ?", [number]).fetchone()
    chat, thread, kind, article, about, digest = row
    parts = [(number, article)]
    if digest:
        parts = db.execute(
            """select number, article from deliveries where state = 'waiting' and digest
               and chat = ? and thread = ? and kind = ? and due <= ? order by number limit ?""",
            [chat, thread, kind, now, IN_DIGEST],
        ).fetchall()
    numbers, articles = zip(*parts, strict=True)
    return Delivery(chat, thread, kind, articles, about, bool(digest), numbers)


def of_message(db: Connection, chat: int, message: int) -> Delivery | None:
    """The delivery that was sent as a message; None for digests."""
    sql = "select min(number) from deliveries where chat = ? and message = ? and not digest"
    (number,) = db.execute(sql, [chat, message]).fetchone()
    return _delivery(db, number, 0.0) if number else None


def begin(db: Connection, numbers: Iterable[int]) -> bool:
    """Mark rows as being sent; returns False, and marks none, if one of them is no longer waiting."""
    wanted = list(numbers)
    if not all(_state(db, number) == "waiting" for number in wanted):
        return False
    for number in wanted:
        db.execute("update deliveries set state = 'sending' where number = ?", [number])
    return True


def sent(db: Connection, numbers: Iterable[int], message: int) -> None:
    """Mark rows as sent, as the message of that number."""
    for number in numbers:
        db.execute("update deliveries set state = 'sent', message = ? where number = ?", [message, number])


def ended(db: Connection, numbers: Iterable[int], state: State, why: str) -> None:
    """Mark rows as failed or uncertain."""
    for number in numbers:
        db.execute("update deliveries set state = ?, why = ? where number = ?", [state, why, number])


def withdraw(db: Connection, delivery: Delivery) -> None:
    """Mark a delivery as failed because nothing is left to send, unless its group moved meanwhile."""
    for number in delivery.numbers:
        db.execute(
            """update deliveries set state = 'failed', why = 'withdrawn'
               where number = ? and chat = ? and state = 'waiting'""",
            [number, delivery.chat],
        )


def put_off(db: Connection, numbers: Iterable[int], until: float) -> None:
    """Have rows that were not sent retried, not before a time."""
    for number in numbers:
        db.execute("update deliveries set state = 'waiting', retry = ? where number = ?", [until, number])


def recover(db: Connection) -> None:
    """Mark what was being sent when the process ended as uncertain: it may have arrived."""
    db.execute("update deliveries set state = 'uncertain', why = 'restart' where state = 'sending'")


def send_again(db: Connection, number: int) -> bool:
    """Queue an uncertain delivery again; returns whether it still was uncertain."""
    sql = """update deliveries set state = 'waiting', why = null, retry = 0
             where number = ? and state = 'uncertain'"""
    return bool(db.execute(sql, [number]).rowcount)


def counts(db: Connection) -> dict[State, int]:
    """The number of rows in each state."""
    return dict(db.execute("select state, count(*) from deliveries group by state").fetchall())


def rows(db: Connection, state: State, most: int) -> list[Row]:
    """The rows in a state, newest first, at most `most`."""
    columns = "number, chat, thread, kind, article, state, due, why"
    sql = f"select {columns} from deliveries where state = ? order by number desc limit ?"
    return [Row(*row) for row in db.execute(sql, [state, most])]


def reschedule(db: Connection, chat: int, thread: int, due: float, *, digest: bool) -> None:
    """Give the posts to a place that are not sent yet a new time and form."""
    db.execute(
        """update deliveries set digest = ?, due = ? where chat = ? and thread = ?
           and kind = 'post' and state in ('held', 'waiting')""",
        [digest, due, chat, thread],
    )


def drop(db: Connection, chat: int, thread: int | None = None) -> None:
    """Delete what is queued for a chat, or the posts that are queued for one of its topics."""
    where = "chat = ? and state in ('held', 'waiting')"
    if thread is None:
        db.execute(f"delete from deliveries where {where}", [chat])
    else:
        db.execute(f"delete from deliveries where {where} and thread = ? and kind = 'post'", [chat, thread])


def move_chat(db: Connection, old: int, new: int) -> None:
    """Give the supergroup `new` the deliveries of the group `old`, inside a transaction."""
    db.execute("update or ignore deliveries set chat = ?, message = null where chat = ?", [new, old])
    db.execute("delete from deliveries where chat = ?", [old])


def _state(db: Connection, number: int) -> State | None:
    row = db.execute("select state from deliveries where number = ?", [number]).fetchone()
    return row[0] if row else None
