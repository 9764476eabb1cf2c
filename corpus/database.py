"""One SQLite file with many readers and one writer."""

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.errors import CitewireError

T = TypeVar("T")
Queued = tuple[Callable[[Connection], Any], Future[Any]]

# Another process (a command beside the running bot) may hold the write lock for this long.
BUSY_SECONDS = 30
TOGETHER = 64  # changes in one transaction at most


# What SQLite says where the file itself may be sound: locked, no room, too many files open.
PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


class Unusable(CitewireError):
    """A database file can't be opened."""


def is_passing(error: BaseException) -> bool:
    """Whether an error of a database, or the cause of one, says nothing about its file and may pass."""
    cause = error.__cause__ if isinstance(error, Unusable) else error
    return isinstance(cause, OSError) or getattr(cause, "sqlite_errorcode", 0) & 0xFF in PASSING


class Database:
    """A SQLite file in WAL mode: one thread writes, each reading thread has its own connection.

    A connection shared between threads loses committed rows, and a transaction that begins by
    reading fails with "database is locked" when it comes to write: so neither happens here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: list[Connection] = []
        self._local = threading.local()
        self._watching: Connection | None = None
        self._lock = threading.Lock()
        self._queue: deque[Queued] = deque()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"write-{path.stem}")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._connection: Connection = self._writer.submit(self._connect).result()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise Unusable(f"{path} can't be used as a database: {error}.") from error

    def migrate(self, steps: Migrations) -> None:
        """Bring the file to the tables that `steps` describe, wholly or not at all."""
        self._writer.submit(self._migrate, steps).result()

    def write(self, change: Callable[[Connection], T]) -> T:
        """Run `change` in a transaction on the writing thread and wait for its commit."""
        return self.submit(change).result()

    def submit(self, change: Callable[[Connection], T]) -> Future[T]:
        """Queue `change` for the writing thread; the future is done once it is committed.

        One that raises is rolled back alone; where a commit fails, all that were in it have failed.
        """
        future: Future[T] = Future()
        self._queue.append((change, future))
        self._writer.submit(self._commit_queued)
        return future

    async def written(self, change: Callable[[Connection], T]) -> T:
        """As `write`, with an event loop that goes on meanwhile."""
        return await asyncio.wrap_future(self.submit(change))

    def read(self) -> Connection:
        """This thread's own connection, for reading only."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        return connection

    def version(self) -> int:
        """A number that differs after each commit to the file, by whichever process; costs next to nothing.

        SQLite counts for each connection by itself, so this one is asked from all threads.
        """
        with self._lock:
            if self._watching is None:
                self._watching = self._connect()
            return int(self._watching.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """This thread's reading connection, held at one state of the file for the whole block."""
        connection = self.read()
        with connection.atomic():
            yield connection

    def scrub(self) -> bool:
        """Empty the write-ahead log, which keeps what was deleted; False where somebody is using it."""
        return self._writer.submit(self._scrub).result()

    def close(self) -> None:
        """Finish what is queued and close every connection."""
        self._writer.shutdown(wait=True)
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _connect(self) -> Connection:
        conn = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
        self.path.chmod(0o600)
        connection = Connection(conn, execute_plugins=False)
        self._open.append(connection)
        _enable_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        return connection

    def _migrate(self, steps: Migrations) -> None:
        if not steps.pending(self._connection):
            return
        with _immediate(self._connection):  # a second process waits here, then finds nothing to do
            steps.apply(self._connection)

    def _scrub(self) -> bool:
        self._connection.execute("PRAGMA busy_timeout = 0")  # whoever writes shall not wait behind a reader
        try:
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def _commit_queued(self) -> None:
        """Commit together what has queued up: a disk takes as long for many changes as for one."""
        taken = [self._queue.popleft() for _ in range(min(TOGETHER, len(self._queue)))]
        queued = [(change, future) for change, future in taken if future.set_running_or_notify_cancel()]
        if not queued:
            return
        try:
            with _immediate(self._connection):
                outcomes = [self._outcome(change) for change, _ in queued]
        except BaseException as error:  # noqa: BLE001 - it is raised where the changes are waited for
            outcomes = [(None, error)] * len(queued)
        for (_, future), (result, failure) in zip(queued, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _outcome(self, change: Callable[[Connection], T]) -> tuple[T | None, BaseException | None]:
        """What a change returns or raises; one that raises is rolled back alone."""
        try:
            with self._connection.atomic():
                return change(self._connection), None
        except BaseException as error:
            if not self._connection.conn.in_transaction:  # SQLite gave up those before it, too
                raise
            return None, error


def _enable_wal(connection: Connection) -> None:
    """Put the file into WAL mode; of two that do so at once SQLite tells one "locked" without waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.enable_wal()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _immediate(connection: Connection) -> Iterator[None]:
    """A transaction that takes the write lock before it reads."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()  # also after a commit that failed, lest the next change find itself inside
        raise
