"""The long silences that Telegram asked for, kept over restarts."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.database import Database

log = logging.getLogger(__name__)

migrations = Migrations("silences")


@migrations()
def create_silences(db: Connection) -> None:
    """`until` is a UNIX time, `asked` the seconds that it was away when it was stored."""
    db.execute("create table silences (chat integer primary key, until real not null, asked real not null)")


class RetryAfterStore:
    """Which chats may not be written to for how long; the times of day count between two runs only."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    def left(self) -> dict[int, float]:
        """The seconds that are left of each silence, never more than were asked for."""
        now = self._clock()
        left = "select chat, min(until - ?, asked) from silences where until > ?"
        return dict(self._db.write(lambda db: db.execute(left, [now, now]).fetchall()))

    def remember(self, chat: int, seconds: float) -> None:
        """Store a silence without waiting for it, and drop those that are over."""
        now = self._clock()

        def change(db: Connection) -> None:
            db.execute("insert or replace into silences values (?, ?, ?)", [chat, now + seconds, seconds])
            db.execute("delete from silences where until <= ?", [now])

        self._db.submit(change).add_done_callback(_log_failure)


def forget_chat(db: Connection, chat: int) -> None:
    """A chat that is no more, or that nothing may be kept of."""
    db.execute("delete from silences where chat = ?", [chat])


def _log_failure(stored: Future[None]) -> None:
    if error := stored.exception():
        log.error("A silence could not be stored, a restart would break it.", exc_info=error)
