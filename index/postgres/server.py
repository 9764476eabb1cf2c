"""A PostgreSQL server: its connections, and what is told while it does not answer."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from filelock import Timeout
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolTimeout

from corpus.errors import CitewireError
from index.errors import Away, Full

Connection = psycopg.Connection[tuple[Any, ...]]

# A question waits so long for a connection, and for each answer.
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 5.0
# After a failure nobody tries again for so long: a thousand questions that wait are no storm.
REST_SECONDS = 2.0
# Seconds between two tries to get a lock that another holds.
LOOK = 0.2
# A server that is gone without a word is noticed within 5 s of a question, else within half a minute.
LINK: Any = {
    "connect_timeout": 2,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
}
CONNECTIONS = 8
# Who serves a machine that lost its power frees what it held as soon.
SESSION = ";".join(
    f"set {name} = {value}"
    for name, value in (
        ("tcp_keepalives_idle", 10),
        ("tcp_keepalives_interval", 5),
        ("tcp_keepalives_count", 4),
        ("idle_session_timeout", 0),
    )
)
# Somebody else uses the same rows.
BUSY = (errors.LockNotAvailable, errors.DeadlockDetected)
# One statement can't be done now: no reason to let the server rest.
PASSING = (*BUSY, errors.QueryCanceled, errors.DiskFull)
UNABLE = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
# What no waiting mends.
REFUSALS = (
    psycopg.DataError,
    errors.ProgramLimitExceeded,
    errors.InsufficientPrivilege,
    errors.UndefinedObject,
    errors.UndefinedFile,
    errors.FeatureNotSupported,
)
# Bulk work has no limits of time, whatever the database sets.
UNLIMITED = {"statement_timeout": 0, "lock_timeout": 0, "idle_in_transaction_session_timeout": 0}


# The pool tells of each of its tries; who uses it tells that the server is away.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


class NotSuitable(CitewireError):
    """What a URL names can't hold an index; the text says what to do."""


class Server:
    """The server that a URL names; Away wherever it can't be reached, is too slow, or may not be written."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            named = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise NotSuitable("The URL of the index is none that PostgreSQL understands.") from None
        self._place = f"{named.get('host', 'localhost')}:{named.get('port', 5432)}"  # never the password
        self._pool: ConnectionPool[Connection] | None = None
        self._rests_until = 0.0
        self._why = ""  # it could not be used a moment ago

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection from the pool, each statement a transaction of its own."""
        if time.monotonic() < self._rests_until:
            raise Away(self._why)
        with self.noticing():
            pool = self._open()
            connection = _alive(pool)
            try:
                yield connection
            finally:
                pool.putconn(connection)

    @contextmanager
    def asking(self, schema: str) -> Iterator[Connection]:
        """One state of the tables in `schema`, for one question, for which a person waits."""
        settings = {"statement_timeout": int(ANSWER_SECONDS * 1000), "hnsw.iterative_scan": "strict_order"}
        with self._transaction("repeatable read read only", schema, **settings) as connection:
            yield connection

    @contextmanager
    def reading(self, schema: str) -> Iterator[Connection]:
        """One state of the tables in `schema`, for as long as it takes."""
        settings = UNLIMITED | {"hnsw.iterative_scan": "strict_order"}
        with self._transaction("repeatable read read only", schema, **settings) as connection:
            yield connection

    @contextmanager
    def writing(self, schema: str) -> Iterator[Connection]:
        """A transaction on the tables in `schema`: committed at the end, undone where anything fails."""
        with self._transaction("read committed", schema, **UNLIMITED) as connection:
            yield connection

    @contextmanager
    def _transaction(self, kind: str, schema: str, **settings: object) -> Iterator[Connection]:
        with self.connection() as connection, connection.transaction():
            connection.execute(f"set transaction isolation level {kind}")
            # The types of pgvector stand in whatever schema it was installed in.
            path = "set_config('search_path', %s || ', ' || current_setting('search_path'), true)"
            others = "".join(", set_config(%s, %s, true)" for _ in settings)
            values = [text for name, value in settings.items() for text in (name, str(value))]
            connection.execute(f"select {path}{others}", [schema, *values])
            yield connection

    def dedicated(self) -> Connection:
        """A connection of its own, which its user closes."""
        with self.noticing():
            connection = psycopg.connect(self._url, autocommit=True, **LINK)
            _configure(connection)
            connection.execute("set statement_timeout = 0")
            return connection

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """Raises Away where the server was not able to do something."""
        try:
            yield
        except REFUSALS as error:
            raise NotSuitable(f"PostgreSQL at {self._place} refuses: {_first_line(error)}.") from error
        except UNABLE as error:
            why = f"PostgreSQL at {self._place} can't be used now: {self._reason(error)}."
            if not isinstance(error, PASSING):
                self._why, self._rests_until = why, time.monotonic() + REST_SECONDS
            raise (Full if isinstance(error, errors.DiskFull) else Away)(why) from error

    def _reason(self, error: psycopg.Error) -> str:
        """What went wrong; the pool says no more than that it has no connection."""
        if isinstance(error, PoolTimeout):
            try:
                psycopg.connect(self._url, connect_timeout=1).close()
            except psycopg.Error as refused:
                return _first_line(refused)
        return _first_line(error)

    def _open(self) -> ConnectionPool[Connection]:
        if self._pool is None:
            self._pool = ConnectionPool(
                self._url,
                kwargs={"autocommit": True, **LINK},
                min_size=0,
                max_size=CONNECTIONS,
                timeout=CONNECT_SECONDS,
                reconnect_timeout=REST_SECONDS,
                configure=_configure,
                open=True,
            )
        return self._pool

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def _configure(connection: Connection) -> None:
    connection.execute(SESSION)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _alive(pool: ConnectionPool[Connection]) -> Connection:
    """A connection that answers; those that a crash cut are let go of, where the pool's own check waits."""
    for _ in range(CONNECTIONS):
        connection = pool.getconn()
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.OperationalError:
            pool.putconn(connection)
        except BaseException:
            pool.putconn(connection)
            raise
        else:
            return connection
    return pool.getconn()


class AdvisoryLock:
    """A right that one session at a time has; it ends with the session, so a kill frees it; see Lock."""

    def __init__(
        self, server: Server, name: str, taken: Callable[["AdvisoryLock"], None] = lambda _: None
    ) -> None:
        """`taken` is told when it is."""
        self._server = server
        self._name = name
        self._taken = taken
        self.session: Connection | None = None  # while it is held

    @property
    def is_locked(self) -> bool:
        """Whether this object holds it."""
        return self.session is not None

    def acquire(self, timeout: float | None = None) -> None:
        """Take it; raises filelock.Timeout where it is taken for so many seconds."""
        until = None if timeout is None or timeout < 0 else time.monotonic() + timeout
        session = self._server.dedicated()
        try:
            with self._server.noticing():
                self._take(session, until)
        except BaseException:
            session.close()
            raise
        self.session = session
        self._taken(self)

    def _take(self, session: Connection, until: float | None) -> None:
        query = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
        while session.execute(query, [self._name]).fetchone() != (True,):
            if until is not None and time.monotonic() >= until:
                raise Timeout(self._name)
            time.sleep(LOOK)

    def release(self) -> None:
        """Give it back."""
        if self.session is not None:
            with suppress(psycopg.Error):
                self.session.close()
            self.session = None
