"""The table of updates: those that wait, those that were handled, and the dead letters.

Every function here is to be called inside a transaction of the writing thread.
"""

import json
from dataclasses import dataclass

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram import Update

from bot.transport.lanes import ASIDE, address, aside, moved, sender_of

KEEP_DONE = 2 * 86_400  # Telegram repeats an update for a day at most
KEEP_DEAD = 7 * 86_400

UNPARSED = "citewire_unparsed"
"""The key under which an update that PTB can't parse comes in whole."""

PARSED = "citewire_parsed"
"""The key under which an update comes in past PTB, which wraps it in an empty one, parsed and checked."""

PAYLOAD = "citewire_payload"
"""The key under which a parsed update carries the JSON that it was parsed from, which is what is stored."""

DONE = "state = 'done', payload = null, chat = 0, person = 0, lane = ''"
"""Only the id stays of what is done, so that the update is not taken twice."""

migrations = Migrations("inbox")


@migrations()
def create_inbox(db: Connection) -> None:
    """`payload` is the update as JSON until it is done; `due` and `received` are UNIX times."""
    db.execute(
        """create table inbox (number integer primary key autoincrement,
           update_id integer not null unique, chat integer not null, payload text,
           state text not null, starts integer not null default 0,
           failures integer not null default 0, due real not null default 0,
           received real not null, reference text)"""
    )
    db.execute("create index inbox_by_state on inbox(state, chat, number)")
    db.execute("create index inbox_by_age on inbox(state, received)")


@migrations()
def add_lanes(db: Connection) -> None:
    """`lane` holds the updates that wait for one another; `person` sent the update, 0 if nobody did."""
    db.execute("alter table inbox add column lane text not null default ''")
    db.execute("alter table inbox add column person integer not null default 0")
    db.execute("update inbox set lane = chat where state != 'done'")
    db.execute(
        """update inbox set person = coalesce(cast(json_extract(payload, '$.message.from.id') as integer), 0)
           where state != 'done' and json_valid(payload)"""
    )
    db.execute("drop index inbox_by_state")
    db.execute("create index inbox_by_lane on inbox(state, lane, number)")


@migrations()
def add_asked(db: Connection) -> None:
    """`asked`: for how many seconds an update that is due later was put off."""
    db.execute("alter table inbox add column asked real not null default 0")


@dataclass(frozen=True, slots=True)
class Entry:
    """One update that waits."""

    number: int
    update_id: int
    chat: int
    lane: str
    payload: str
    starts: int  # before this one
    failures: int


@dataclass(frozen=True, slots=True)
class Head:
    """The first update of a lane, and how many wait there in all."""

    lane: str
    number: int
    waiting: int


def insert(db: Connection, update: Update, now: float) -> int:
    """Store an update unless it is known, forget what is long done; how many more are waiting now."""
    raw = update.api_kwargs.get(UNPARSED)
    to = address(update)
    new = db.execute(
        """insert or ignore into inbox (update_id, chat, person, lane, payload, state, received)
           values (?, ?, ?, ?, ?, ?, ?)""",
        [
            update.update_id,
            to.chat,
            sender_of(raw) if raw else to.person,
            to.lane,
            json.dumps(raw) if raw else update.api_kwargs.get(PAYLOAD) or update.to_json(),
            "dead" if raw else "waiting",
            now,
        ],
    ).rowcount
    db.execute("delete from inbox where state = 'done' and received < ?", [now - KEEP_DONE])
    db.execute("delete from inbox where state = 'dead' and received < ?", [now - KEEP_DEAD])
    if raw or not new:
        return 0
    return 1 - _supersede(db, to.lane, update.update_id) if update.inline_query else 1


def _supersede(db: Connection, lane: str, update_id: int) -> int:
    """Let be the earlier inline queries of a person, who has typed on; how many those are."""
    earlier = "state = 'waiting' and lane = ? and update_id < ?"
    return db.execute(f"update inbox set {DONE} where {earlier}", [lane, update_id]).rowcount


def heads(db: Connection) -> list[Head]:
    """The first waiting update of every lane, in the order in which they came."""
    rows = db.execute(
        """select lane, min(number), count(*) from inbox where state = 'waiting'
           group by lane order by 2"""
    )
    return [Head(*row) for row in rows]


def waiting(db: Connection) -> int:
    """How many updates wait that nobody works on."""
    sql = "select count(*) from inbox where state = 'waiting' and starts = 0"
    return int(db.execute(sql).fetchone()[0])


def begin(db: Connection, number: int) -> Entry:
    """Hand out a waiting update, and count its start as one more."""
    columns = "number, update_id, chat, lane, payload, starts, failures"
    row = db.execute(f"select {columns} from inbox where number = ?", [number]).fetchone()
    db.execute("update inbox set starts = starts + 1 where number = ?", [number])
    return Entry(*row)


def finish(db: Connection, number: int) -> None:
    """Done."""
    db.execute(f"update inbox set {DONE} where number = ?", [number])


def put_off(db: Connection, number: int, now: float, seconds: float, failures: int) -> None:
    """It is to be tried again after so many seconds; `failures` of its own are added."""
    db.execute(
        """update inbox set starts = 0, failures = failures + ?, due = ?, asked = ? where number = ?""",
        [failures, now + seconds, seconds, number],
    )


def set_aside(db: Connection, entry: Entry, now: float, seconds: float) -> None:
    """It waits for the index, unless it was forgotten, out of the way of what comes after it: no failure."""
    put_off(db, entry.number, now, seconds, 0)
    where = "number = ? and state = 'waiting'"
    db.execute(f"update inbox set lane = ? where {where}", [aside(entry.chat), entry.number])


def for_index(db: Connection) -> int:
    """How many wait for the index."""
    sql = "select count(*) from inbox where state = 'waiting' and lane glob ?"
    return int(db.execute(sql, [f"{ASIDE}*"]).fetchone()[0])


def put_off_still(db: Connection, now: float) -> dict[int, float]:
    """What is to wait on after a restart: seconds by number, never more than were asked for."""
    still = db.execute(
        "select number, min(due - ?, asked) from inbox where state = 'waiting' and due > ?", [now, now]
    )
    return dict(still.fetchall())


def bury(db: Connection, number: int, reference: str) -> None:
    """It failed for good: a dead letter, unless it was forgotten meanwhile."""
    db.execute(
        "update inbox set state = 'dead', reference = ? where number = ? and state = 'waiting'",
        [reference, number],
    )


def move_chat(db: Connection, old: int, new: int) -> None:
    """What waits in the group `old` waits in the supergroup `new` that it became."""
    rows = db.execute("select number, payload from inbox where state = 'waiting' and chat = ?", [old])
    for number, payload in rows.fetchall():
        db.execute(
            "update inbox set chat = ?, lane = replace(lane, ?, ?), payload = ? where number = ?",
            [new, str(old), str(new), json.dumps(moved(json.loads(payload), old, new)), number],
        )


def forget_person(db: Connection, person: int) -> None:
    """Keep nothing that a person sent: what waits is not handled any more, nor are dead letters kept."""
    db.execute(f"update inbox set {DONE} where state != 'done' and person = ?", [person])
