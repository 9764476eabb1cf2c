"""The outbox: what goes to chats by itself, each once; what may have arrived is never sent again by itself.

A delivery is *held* until its article can be found, *waiting* until it is due and its turn comes,
*sending* from the moment before the call to the moment after, and then *sent*, *failed*, or, where
nobody knows whether it arrived, *uncertain*.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

Kind = Literal["post", "watch", "correction"]
State = Literal["held", "waiting", "sending", "sent", "uncertain", "failed"]

OPEN: frozenset[State] = frozenset({"held", "waiting", "sending"})
"""The states out of which something is still to come."""

IN_DIGEST = 20  # articles of one digest; the others come in another one

migrations = Migrations("outbox")


@migrations()
def create_deliveries(db: Connection) -> None:
    """`due`: when it is to be sent, `retry`: not before; UNIX times. `digest`: with what else is due then."""
    db.execute(
        """create table deliveries (number integer primary key autoincrement, chat integer not null,
           thread integer not null, kind text not null, article text not null,
           about integer not null default 0, digest integer not null default 0,
           state text not null default 'held', due real not null,
           retry real not null default 0, message integer, why text, made real not null,
           unique (chat, thread, kind, article, about))"""
    )
    db.execute("create index deliveries_by_state on deliveries(state, chat, number, due, retry)")
    db.execute("create index deliveries_by_message on deliveries(chat, message)")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be sent to one place: an article, or several in a digest; `numbers` once it is stored."""

    chat: int
    thread: int
    kind: Kind
    articles: tuple[str, ...]
    about: int = 0
    is_digest: bool = False
    numbers: tuple[int, ...] = ()

    def without(self, last: int) -> "Delivery":
        """The same without so many articles at its end."""
        upto = len(self.numbers) - last
        return replace(self, articles=self.articles[:upto], numbers=self.numbers[:upto])


@dataclass(frozen=True, slots=True)
class Row:
    """One article on its way to one place, as the table has it; times are UNIX times."""

    number: int
    chat: int
    thread: int
    kind: Kind
    article: str
    state: State
    due: float
    why: str | None


def put(db: Connection, delivery: Delivery, due: float, now: float) -> None:
    """Write down that articles go to a place, each once; for a watch, `about` is its number."""
    for article in delivery.articles:
        db.execute(
            """insert or ignore into deliveries (chat, thread, kind, article, about, digest, due, made)
               values (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                delivery.chat,
                delivery.thread,
                delivery.kind,
                article,
                delivery.about,
                delivery.is_digest,
                due,
                now,
            ],
        )


def held(db: Connection) -> list[str]:
    """The articles for which something waits until they can be found."""
    rows = db.execute("select distinct article from deliveries where state = 'held'")
    return [article for (article,) in rows]


def release(db: Connection, articles: Iterable[str]) -> None:
    """These articles can be found now."""
    for article in articles:
        db.execute("update deliveries set state = 'waiting' where state = 'held' and article = ?", [article])


def due(db: Connection, now: float, busy: Iterable[int], most: int) -> list[Delivery]:
    """The next delivery of each chat that is not busy, those that wait for longest first.

    A chat gets its deliveries in order: one that is to be tried again later holds back those after it.
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
    """A delivery, with what goes into the same digest."""
    columns = "chat, thread, kind, article, about, digest"
    row = db.execute(f"select {columns} from deliveries where number = ?", [number]).fetchone()
    chat, thread, kind, article, about, digest = row
    together = [(number, article)]
    if digest:
        together = db.execute(
            """select number, article from deliveries where state = 'waiting' and digest
               and chat = ? and thread = ? and kind = ? and due <= ? order by number limit ?""",
            [chat, thread, kind, now, IN_DIGEST],
        ).fetchall()
    numbers, articles = zip(*together, strict=True)
    return Delivery(chat, thread, kind, articles, about, bool(digest), numbers)


def of_message(db: Connection, chat: int, message: int) -> Delivery | None:
    """The delivery of the one article that a message is about."""
    sql = "select min(number) from deliveries where chat = ? and message = ? and not digest"
    (number,) = db.execute(sql, [chat, message]).fetchone()
    return _delivery(db, number, 0.0) if number else None


def begin(db: Connection, numbers: Iterable[int]) -> bool:
    """It is being sent from now on; False where something of it was dropped meanwhile."""
    wanted = list(numbers)
    if not all(_state(db, number) == "waiting" for number in wanted):
        return False
    for number in wanted:
        db.execute("update deliveries set state = 'sending' where number = ?", [number])
    return True


def sent(db: Connection, numbers: Iterable[int], message: int) -> None:
    """It has arrived, as the message of that number."""
    for number in numbers:
        db.execute("update deliveries set state = 'sent', message = ? where number = ?", [message, number])


def ended(db: Connection, numbers: Iterable[int], state: State, why: str) -> None:
    """It has failed for good, or nobody knows whether it arrived."""
    for number in numbers:
        db.execute("update deliveries set state = ?, why = ? where number = ?", [state, why, number])


def withdraw(db: Connection, delivery: Delivery) -> None:
    """There is nothing to be sent any more; in a group that moved meanwhile there may still be."""
    for number in delivery.numbers:
        db.execute(
            """update deliveries set state = 'failed', why = 'withdrawn'
               where number = ? and chat = ? and state = 'waiting'""",
            [number, delivery.chat],
        )


def put_off(db: Connection, numbers: Iterable[int], until: float) -> None:
    """Nothing was sent: to be tried again, not before that time."""
    for number in numbers:
        db.execute("update deliveries set state = 'waiting', retry = ? where number = ?", [until, number])


def recover(db: Connection) -> None:
    """What was being sent when the process ended may have arrived."""
    db.execute("update deliveries set state = 'uncertain', why = 'restart' where state = 'sending'")


def send_again(db: Connection, number: int) -> bool:
    """An admin wants something that is uncertain sent once more; whether that is still so."""
    sql = """update deliveries set state = 'waiting', why = null, retry = 0
             where number = ? and state = 'uncertain'"""
    return bool(db.execute(sql, [number]).rowcount)


def counts(db: Connection) -> dict[State, int]:
    """How many there are in each state."""
    return dict(db.execute("select state, count(*) from deliveries group by state").fetchall())


def rows(db: Connection, state: State, most: int) -> list[Row]:
    """The last ones in a state, newest first."""
    columns = "number, chat, thread, kind, article, state, due, why"
    sql = f"select {columns} from deliveries where state = ? order by number desc limit ?"
    return [Row(*row) for row in db.execute(sql, [state, most])]


def reschedule(db: Connection, chat: int, thread: int, due: float, *, digest: bool) -> None:
    """The posts to a place that are not sent yet go by new times."""
    db.execute(
        """update deliveries set digest = ?, due = ? where chat = ? and thread = ?
           and kind = 'post' and state in ('held', 'waiting')""",
        [digest, due, chat, thread],
    )


def drop(db: Connection, chat: int, thread: int | None = None) -> None:
    """Nothing more goes to a chat, or no more posts to one topic of it."""
    where = "chat = ? and state in ('held', 'waiting')"
    if thread is None:
        db.execute(f"delete from deliveries where {where}", [chat])
    else:
        db.execute(f"delete from deliveries where {where} and thread = ? and kind = 'post'", [chat, thread])


def move_chat(db: Connection, old: int, new: int) -> None:
    """What goes to the group `old` goes to the supergroup `new` that it became."""
    db.execute("update or ignore deliveries set chat = ?, message = null where chat = ?", [new, old])
    db.execute("delete from deliveries where chat = ?", [old])


def _state(db: Connection, number: int) -> State | None:
    row = db.execute("select state from deliveries where number = ?", [number]).fetchone()
    return row[0] if row else None
