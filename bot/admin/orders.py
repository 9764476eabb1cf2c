"""The reindexes that admins asked for, until each was told what came of its own: one runs, one may wait."""

from dataclasses import dataclass

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

MOST = 2  # at once; whoever asks for more shares the one that waits

migrations = Migrations("orders")


@migrations()
def create_reindexes(db: Connection) -> None:
    """`message` of `chat` shows how far it is, `began` when it was first taken up (UNIX time).

    `result` is what is to be said of one that has ended.
    """
    db.execute(
        """create table reindexes (number integer primary key autoincrement, full integer not null,
           chat integer not null, message integer not null, person integer not null, began real, result text,
           unique (chat, message))"""
    )


@dataclass(frozen=True, slots=True)
class ReindexJob:
    """A reindex that an admin asked for; `began` is None until it is taken up."""

    number: int
    full: bool
    chat: int
    message: int
    person: int
    began: float | None
    result: str | None

    @property
    def act(self) -> str:
        """What its person did."""
        return "reindex full" if self.full else "reindex"


def rows(db: Connection) -> list[ReindexJob]:
    """All of them, in the order in which they were asked for."""
    columns = "number, full, chat, message, person, began, result"
    found = db.execute(f"select {columns} from reindexes order by number")
    return [ReindexJob(number, bool(full), *rest) for number, full, *rest in found]


def share(db: Connection, *, full: bool) -> bool:
    """Where one waits already, have it do what is asked for too; whether it does."""
    waiting = rows(db)[MOST - 1 :]
    if waiting:
        db.execute("update reindexes set full = max(full, ?) where number = ?", [full, waiting[-1].number])
    return bool(waiting)


def put(db: Connection, chat: int, message: int, person: int, *, full: bool) -> bool:
    """Put one at the end, unless it is shared by one that waits; whether it was put there."""
    if share(db, full=full):
        return False
    values = [full, chat, message, person]
    db.execute("insert into reindexes (full, chat, message, person) values (?, ?, ?, ?)", values)
    return True


def begin(db: Connection, number: int, now: float) -> bool:
    """Note that one is taken up, unless it was withdrawn; one that was before keeps the time of that."""
    change = "update reindexes set began = coalesce(began, ?) where number = ?"
    return db.execute(change, [now, number]).rowcount > 0


def end(db: Connection, number: int, result: str) -> None:
    """Note what is to be said of one that has ended."""
    db.execute("update reindexes set result = ? where number = ?", [result, number])


def drop(db: Connection, number: int) -> None:
    """Forget one whose person was told."""
    db.execute("delete from reindexes where number = ?", [number])


def withdraw(db: Connection, chat: int, message: int) -> bool:
    """Forget one that nobody has taken up; whether there was one."""
    where = "chat = ? and message = ? and began is null and result is null"
    return db.execute(f"delete from reindexes where {where}", [chat, message]).rowcount > 0
