"""A PostgreSQL server: its connections, and how its outages are reported."""

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

# A question waits this long for a connection, and for each response.
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 5.0
# No retries for this long after a failure, so that a thousand queued questions don't flood the server.
REST_SECONDS = 2.0
# Seconds between attempts to get a lock that another session holds.
LOOK = 0.2
# A silently lost server is noticed within 5 s of a question, otherwise within 30 s.
LINK: Any = {
    "connect_timeout": 2,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
}
CONNECTIONS = 8
# The server frees the locks of a client that lost power as fast.
SESSION = ";".join(
    f"set {name} = {value}"
    for name, value in (
        ("tcp_keepalives_idle", 10),
        ("tcp_keepalives_interval", 5),
        ("tcp_keepalives_count", 4),
        ("idle_session_timeout", 0),
    )
)
# Another session uses the same rows.
BUSY = (errors.LockNotAvailable, errors.DeadlockDetected)
# One statement failed, which is no reason to pause.
PASSING = (*BUSY, errors.QueryCanceled, errors.DiskFull)
UNABLE = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
# Retrying doesn't help.
REFUSALS = (
    psycopg.DataError,
    errors.ProgramLimitExceeded,
    errors.InsufficientPrivilege,
    errors.UndefinedObject,
    errors.UndefinedFile,
    errors.FeatureNotSupported,
)
# Bulk work has no timeouts, whatever the database sets.
UNLIMITED = {"statement_timeout": 0, "lock_timeout": 0, "idle_in_transaction_session_timeout": 0}


# The pool logs each attempt; the caller reports the outage.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


class NotSuitable(CitewireError):
    """The database at a URL can't hold an index; the text says what to do."""


class Server:
    """The server at a URL; raises Away if it is unreachable, too slow or read-only."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            named = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise NotSuitable("The URL of the index is none that PostgreSQL understands.") from None
        self._place = f"{named.get('host', 'localhost')}:{named.get('port', 5432)}"  # without the password
        self._pool: ConnectionPool[Connection] | None = None
        self._rests_until = 0.0
        self._why = ""  # the reason of the last failure

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yields a pooled connection in autocommit mode."""
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
        """Yields a snapshot of the tables in `schema` for one question, with a timeout."""
        settings = {"statement_timeout": int(ANSWER_SECONDS * 1000), "hnsw.iterative_scan": "strict_order"}
        with self._transaction("repeatable read read only", schema, **settings) as connection:
            yield connection

    @contextmanager
    def reading(self, schema: str) -> Iterator[Connection]:
        """Yields a snapshot of the tables in `schema` without a timeout."""
        settings = UNLIMITED | {"hnsw.iterative_scan": "strict_order"}
        with self._transaction("repeatable read read only", schema, **settings) as connection:
            yield connection

    @contextmanager
    def writing(self, schema: str) -> Iterator[Connection]:
        """Yields a transaction on the tables in `schema`, rolled back if anything fails."""
        with self._transaction("read committed", schema, **UNLIMITED) as connection:
            yield connection

    @contextmanager
    def _transaction(self, kind: str, schema: str, **settings: object) -> Iterator[Connection]:
        with self.connection() as connection, connection.transaction():
            connection.execute(f"set transaction isolation level {kind}")
            # pgvector's types are in whatever schema it was installed in.
            path = "set_config('search_path', %s || ', ' || current_setting('search_path'), true)"
            others = "".join(", set_config(%s, %s, true)" for _ in settings)
            values = [text for name, value in settings.items() for text in (name, str(value))]
            connection.execute(f"select {path}{others}", [schema, *values])
            yield connection

    def dedicated(self) -> Connection:
        """Returns a separate connection, which the caller closes."""
        with self.noticing():
            connection = psycopg.connect(self._url, autocommit=True, **LINK)
            _configure(connection)
            connection.execute("set statement_timeout = 0")
            return connection

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """Raises Away or NotSuitable if the server fails."""
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
        """Returns what went wrong; the pool only says that it has no connection."""
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
        """Closes all connections."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def _configure(connection: Connection) -> None:
    connection.execute(SESSION)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _alive(pool: ConnectionPool[Connection]) -> Connection:
    """Returns a working connection, dropping those a crash cut without the pool's own waiting check."""
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
    """A lock held by one session at a time; it ends with the session, so a kill frees it; see Lock."""

    def __init__(
        self, server: Server, name: str, taken: Callable[["AdvisoryLock"], None] = lambda _: None
    ) -> None:
        """Calls `taken` when the lock is acquired."""
        self._server = server
        self._name = name
        self._taken = taken
        self.session: Connection | None = None  # while held

    @property
    def is_locked(self) -> bool:
        """Whether this object holds it."""
        return self.session is not None

    def acquire(self, timeout: float | None = None) -> None:
        """Acquires the lock; raises filelock.Timeout after `timeout` seconds."""
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
        """Releases the lock."""
        if self.session is not None:
            with suppress(psycopg.Error):
                self.session.close()
            self.session = None
