"""The table of updates: queued, handled, and dead letters.

Call every function inside a transaction of the writer thread.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Connection
from telegram import Update

KEEP_DONE = 2 * 86_400  # Telegram repeats an update for at most a day
KEEP_DEAD = 7 * 86_400

UNPARSED = "citewire_unparsed"
"""Key that carries an update PTB can't parse, as received."""

PARSED = "citewire_parsed"
"""Key that carries a parsed and checked update past PTB, inside an empty update."""

PAYLOAD = "citewire_payload"
"""Key under which a parsed update carries its original JSON, which is what gets stored."""

DONE = "state = 'done', payload = null, chat = 0, person = 0, lane = ''"
"""Keeps only the id of a handled update, to deduplicate repeats."""

# Slots that a lane must leave free: people watch a button they tapped until it is answered.
KEPT_FREE = {"tap": 0, "inline": 2}
KEPT_FREE_BY_CHATS = 4
ASIDE = "aside:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One queued update."""

    number: int
    update_id: int
    chat: int
    lane: str
    payload: str
    starts: int  # before this one
    failures: int


@dataclass(frozen=True, slots=True)
class Head:
    """The first update of a lane and the lane's queue length."""

    lane: str
    number: int
    waiting: int


def insert(db: Connection, update: Update, now: float) -> int:
    """Stores a new update, deletes old ones, and returns by how many the queue grew."""
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
    """Drops a person's earlier inline queries after more typing, and returns their number."""
    earlier = "state = 'waiting' and lane = ? and update_id < ?"
    return db.execute(f"update inbox set {DONE} where {earlier}", [lane, update_id]).rowcount


def heads(db: Connection) -> list[Head]:
    """Returns the first queued update of every lane, oldest first."""
    rows = db.execute(
        """select lane, min(number), count(*) from inbox where state = 'waiting'
           group by lane order by 2"""
    )
    return [Head(*row) for row in rows]


def waiting(db: Connection) -> int:
    """Returns the number of queued updates that have not been started."""
    sql = "select count(*) from inbox where state = 'waiting' and starts = 0"
    return int(db.execute(sql).fetchone()[0])


def begin(db: Connection, number: int) -> Entry:
    """Returns a queued update and counts one more start."""
    columns = "number, update_id, chat, lane, payload, starts, failures"
    row = db.execute(f"select {columns} from inbox where number = ?", [number]).fetchone()
    db.execute("update inbox set starts = starts + 1 where number = ?", [number])
    return Entry(*row)


def finish(db: Connection, number: int) -> None:
    """Marks an update as handled."""
    db.execute(f"update inbox set {DONE} where number = ?", [number])


def put_off(db: Connection, number: int, now: float, seconds: float, failures: int) -> None:
    """Schedules a retry after `seconds` and adds `failures`."""
    db.execute(
        """update inbox set starts = 0, failures = failures + ?, due = ?, asked = ? where number = ?""",
        [failures, now + seconds, seconds, number],
    )


def set_aside(db: Connection, entry: Entry, now: float, seconds: float) -> None:
    """Moves an update, unless forgotten, to the lane that waits for the index; not counted as a failure."""
    put_off(db, entry.number, now, seconds, 0)
    where = "number = ? and state = 'waiting'"
    db.execute(f"update inbox set lane = ? where {where}", [aside(entry.chat), entry.number])


def for_index(db: Connection) -> int:
    """Returns how many updates wait for the index."""
    sql = "select count(*) from inbox where state = 'waiting' and lane glob ?"
    return int(db.execute(sql, [f"{ASIDE}*"]).fetchone()[0])


def put_off_still(db: Connection, now: float) -> dict[int, float]:
    """Returns the remaining seconds by number after a restart, never more than originally asked."""
    still = db.execute(
        "select number, min(due - ?, asked) from inbox where state = 'waiting' and due > ?", [now, now]
    )
    return dict(still.fetchall())


def bury(db: Connection, number: int, reference: str) -> None:
    """Turns an update that failed for good into a dead letter, unless it was forgotten meanwhile."""
    db.execute(
        "update inbox set state = 'dead', reference = ? where number = ? and state = 'waiting'",
        [reference, number],
    )


def move_chat(db: Connection, old: int, new: int) -> None:
    """Moves queued updates from the group `old` to the supergroup `new` that it became."""
    rows = db.execute("select number, payload from inbox where state = 'waiting' and chat = ?", [old])
    for number, payload in rows.fetchall():
        db.execute(
            "update inbox set chat = ?, lane = replace(lane, ?, ?), payload = ? where number = ?",
            [new, str(old), str(new), json.dumps(moved(json.loads(payload), old, new)), number],
        )


def forget_person(db: Connection, person: int) -> None:
    """Drops a person's queued updates and dead letters."""
    db.execute(f"update inbox set {DONE} where state != 'done' and person = ?", [person])


@dataclass(frozen=True, slots=True)
class Address:
    """Where an update belongs; 0 for no chat or no sender."""

    chat: int
    person: int
    lane: str


def address(update: Update) -> Address:
    """Returns an update's chat, its sender, and the lane that keeps its order."""
    sender, chat = update.effective_user, update.effective_chat or update.effective_user
    person, where = (each.id if each else 0 for each in (sender, chat))
    if update.callback_query:
        return Address(where, person, f"tap:{person}")
    if update.inline_query:
        return Address(where, person, f"inline:{person}")
    return Address(where, person, str(where))


def aside(chat: int) -> str:
    """Returns a chat's lane for updates that wait for the index, so that its other updates don't."""
    return f"{ASIDE}{chat}"


def kept_free(lane: str) -> int:
    """Returns how many slots to keep free for shorter work when starting an update of this lane."""
    return KEPT_FREE.get(lane.partition(":")[0], KEPT_FREE_BY_CHATS)


def sender_of(raw: dict[str, Any]) -> int:
    """Returns the sender of an unparsable update if it can be found, else 0."""
    for event in raw.values():
        sender = event.get("from") if isinstance(event, dict) else None
        person = sender.get("id") if isinstance(sender, dict) else None
        if isinstance(person, int) and is_id(person):
            return person
    return 0


def is_id(value: object) -> bool:
    """Returns whether `value` is an integer that fits Telegram's ids and SQLite."""
    return isinstance(value, int) and -(2**63) <= value < 2**63


def moved(value: Any, old: int, new: int) -> Any:
    """Rewrites an update's JSON as if the group `old` had already been the supergroup `new`.

    Message numbers become 0: the supergroup counts from 1, so the old messages can't be replied to.
    """
    if isinstance(value, list):
        return [moved(each, old, new) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {key: moved(each, old, new) for key, each in value.items()}
    if value.get("id") == old and "type" in value:
        changed |= {"id": new, "type": "supergroup"}
    if "message_id" in value and changed != value:
        changed["message_id"] = 0
    return changed
