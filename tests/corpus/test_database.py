"""One writer, many readers, several processes: nothing locked, nothing lost, nothing half done."""

import ast
import multiprocessing
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from paths import ROOT
from sqlite_utils import Migrations

from corpus.database import BUSY_SECONDS, TOGETHER, Database, Unusable

SPAWN = multiprocessing.get_context("spawn")
WRITERS, WRITES, READERS = 8, 500, 4
BESIDE = 100  # writes of a second process, which has to wait for the lock each time

steps = Migrations("test")


@steps()
def create_marks(db):
    db.execute("create table marks (writer text not null, number integer not null)")
    db.execute("create index marks_by_writer on marks(writer)")
    db.execute("create table totals (writer text primary key, marks integer not null)")


@pytest.fixture
def marked(database):
    """A database with the tables of `steps`."""
    database.migrate(steps)
    return database


def mark(writer, number):
    """A change of two rows that belong together: it reads, then writes."""

    def change(db):
        before = db.execute("select count(*) from marks where writer = ?", [writer]).fetchone()[0]
        db.execute("insert into marks values (?, ?)", [writer, number])
        db.execute("insert or replace into totals values (?, ?)", [writer, before + 1])
        return number

    return change


def counts(db):
    """The rows, and what `totals` says that they are."""
    return db.execute(
        "select (select count(*) from marks), (select coalesce(sum(marks), 0) from totals)"
    ).fetchone()


def marks(database):
    return database.read().execute("select count(*) from marks").fetchone()[0]


def write_from_another_process(path, writes):
    other = Database(Path(path))
    other.migrate(steps)
    for number in range(writes):
        other.write(mark("process", number))
    other.close()


def start(*arguments):
    process = SPAWN.Process(target=write_from_another_process, args=arguments)
    process.start()
    return process


@pytest.mark.slow
def test_eight_writers_four_readers_and_a_second_process_never_meet_a_lock(marked):
    beside = start(str(marked.path), BESIDE)
    acknowledged: list[int] = []
    looks: list[tuple[int, int]] = []
    done = threading.Event()

    def write(writer):
        futures: list[Future[int]] = []
        for number in range(WRITES):
            if number % 2:
                acknowledged.append(marked.write(mark(writer, number)))
            else:
                futures.append(marked.submit(mark(writer, number)))
        acknowledged.extend(future.result() for future in futures)

    def read():
        while not done.is_set():
            with marked.snapshot() as db:
                looks.append(counts(db))
            time.sleep(0.002)  # else four readers keep the interpreter to themselves

    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        readers = [pool.submit(read) for _ in range(READERS)]
        writers = [pool.submit(write, f"thread {n}") for n in range(WRITERS)]
        try:
            for writer in writers:
                writer.result()
            beside.join(60)
        finally:
            done.set()
        for reader in readers:
            reader.result()

    assert beside.exitcode == 0
    assert len(acknowledged) == WRITERS * WRITES
    assert counts(marked.read()) == (WRITERS * WRITES + BESIDE,) * 2
    assert len(looks) > 100
    assert all(rows == told for rows, told in looks)  # no reader ever saw half a change


def test_a_failed_change_is_rolled_back_whole(marked):
    marked.write(mark("a", 1))

    def fails(db):
        mark("a", 2)(db)
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        marked.write(fails)
    assert counts(marked.read()) == (1, 1)
    marked.write(mark("a", 3))
    assert counts(marked.read()) == (2, 2)


def test_a_change_that_fails_at_its_commit_is_rolled_back_and_the_next_one_works(marked):
    marked.write(lambda db: db.execute("create table parents (id integer primary key)"))
    marked.write(
        lambda db: db.execute(
            "create table children (parent integer references parents(id) deferrable initially deferred)"
        )
    )

    def orphan(db):
        mark("a", 1)(db)
        db.execute("insert into children values (7)")

    with pytest.raises(sqlite3.IntegrityError):
        marked.write(orphan)
    marked.write(mark("a", 2))
    assert counts(marked.read()) == (1, 1)


@contextmanager
def held(database):
    """Keep the writing thread busy for the time of the block, so that changes queue up behind it."""
    begun, release = threading.Event(), threading.Event()
    holding = database.submit(lambda db: begun.set() or release.wait(60))
    assert begun.wait(60)
    try:
        yield
    finally:
        release.set()
    assert holding.result()


def test_a_failed_change_harms_none_of_those_it_is_committed_with(marked):
    def fails(db):
        mark("b", 1)(db)
        db.execute("insert into nowhere values (1)")

    with held(marked):
        futures = [marked.submit(mark("a", n)) for n in range(5)]
        bad = marked.submit(fails)
        futures += [marked.submit(mark("a", n)) for n in range(5)]
    assert isinstance(bad.exception(), sqlite3.OperationalError)
    assert [future.result() for future in futures] == [*range(5), *range(5)]
    assert counts(marked.read()) == (10, 10)


def test_what_queues_up_is_committed_together_and_none_is_done_before(marked):
    commits = []
    with held(marked):
        marked._connection.conn.set_trace_callback(commits.append)
        futures = [marked.submit(mark("a", number)) for number in range(TOGETHER - 1)]
        done = marked.submit(lambda db: [future.done() for future in futures])
    assert done.result() == [False] * len(futures)
    assert [future.result() for future in futures] == [*range(TOGETHER - 1)]
    assert commits.count("COMMIT") == 2  # what held the thread, then all the others


@pytest.mark.parametrize(
    "gives_up",
    ["insert or rollback into totals values ('taken', 1)", "insert into children values (7)"],
    ids=["in the midst", "at the commit"],
)
def test_where_a_transaction_fails_as_a_whole_all_that_were_in_it_are_told(marked, gives_up):
    marked.write(mark("taken", 1))
    marked.write(
        lambda db: db.execute(
            """create table children
               (writer text references totals(writer) deferrable initially deferred)"""
        )
    )
    with held(marked):
        futures = [
            marked.submit(mark("a", 1)),
            marked.submit(lambda db: db.execute(gives_up)),
            marked.submit(mark("a", 2)),
        ]
    assert {type(future.exception()) for future in futures} == {sqlite3.IntegrityError}
    assert counts(marked.read()) == (1, 1)
    marked.write(mark("a", 3))
    assert counts(marked.read()) == (2, 2)


def test_a_change_that_nobody_waits_for_any_more_is_not_made(marked):
    with held(marked):
        kept, cancelled = marked.submit(mark("a", 1)), marked.submit(mark("a", 2))
        assert cancelled.cancel()
    assert kept.result() == 1
    assert marks(marked) == 1


@pytest.mark.parametrize(
    "sql", ["insert into marks values ('x', 1)", "delete from marks", "drop table marks", "vacuum"]
)
def test_a_reading_connection_can_not_write(marked, sql):
    marked.write(mark("a", 1))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        marked.read().execute(sql)
    assert marks(marked) == 1


def test_each_thread_reads_by_a_connection_of_its_own(marked):
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(marked.read).result()
        assert other.submit(marked.read).result() is theirs
    assert marked.read() is marked.read() is not theirs


def test_a_snapshot_holds_one_state_while_writes_go_on(marked):
    marked.write(mark("a", 1))
    with marked.snapshot() as db:
        before = counts(db)
        for number in range(20):
            marked.write(mark("a", number))
            assert counts(db) == before
        with marked.snapshot() as inner:  # one inside another is the same state
            assert counts(inner) == before
    assert counts(marked.read()) == (21, 21)


def test_a_snapshot_that_ends_in_an_error_lets_go_of_its_state(marked):
    def looks_and_fails():
        with marked.snapshot() as db:
            assert counts(db) == (0, 0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        looks_and_fails()
    marked.write(mark("a", 1))
    assert marks(marked) == 1


def test_a_reader_sees_what_another_process_committed(marked):
    assert marks(marked) == 0
    beside = start(str(marked.path), 3)
    beside.join(60)
    assert marks(marked) == 3


def test_processes_that_open_and_migrate_at_once_all_succeed(tmp_path):
    path = tmp_path / "fresh" / "citewire.db"
    together = [start(str(path), 20) for _ in range(3)]
    for process in together:
        process.join(60)
    assert [process.exitcode for process in together] == [0] * 3
    database = Database(path)
    database.migrate(steps)
    assert marks(database) == 60
    database.close()


def test_a_new_file_opened_by_many_at_once_is_open_to_all(tmp_path):
    # SQLite tells one of two that switch a file to WAL "locked" without waiting.
    def open_and_migrate(path):
        together.wait()
        database = Database(path)
        database.migrate(steps)
        database.write(mark("a", 1))
        database.close()

    together = threading.Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        for number in range(20):
            list(pool.map(open_and_migrate, [tmp_path / f"{number}.db"] * 6))


def test_a_migration_that_fails_leaves_the_file_as_it_was(database):
    before = database.read().table_names()
    halfway = Migrations("halfway")

    @halfway()
    def first(db):
        db.execute("create table first (id integer)")

    @halfway()
    def second(db):
        db.execute("create table second (id integer)")
        raise RuntimeError("out of power")

    with pytest.raises(RuntimeError, match="out of power"):
        database.migrate(halfway)
    assert database.read().table_names() == before
    database.migrate(steps)  # and the writer still works
    assert "marks" in database.read().table_names()


def test_only_the_owner_may_read_the_files(tmp_path):
    database = Database(tmp_path / "data" / "citewire.db")
    database.migrate(steps)
    database.write(mark("a", 1))
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.path.parent.iterdir()}
    assert rights == dict.fromkeys(["citewire.db", "citewire.db-wal", "citewire.db-shm"], 0o600)
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700
    database.close()


def test_commits_are_on_disk_before_they_are_acknowledged(marked):
    def settings(db):
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [db.execute(f"pragma {name}").fetchone()[0] for name in names]

    assert marked.write(settings) == ["wal", 2, 1]  # 2 is FULL


def test_closing_finishes_what_is_queued(marked):
    futures = [marked.submit(mark("a", number)) for number in range(200)]
    marked.close()
    assert all(future.done() for future in futures)
    again = Database(marked.path)
    assert marks(again) == 200
    again.close()


def log_of(database):
    return database.path.with_name(database.path.name + "-wal")


def test_scrubbing_leaves_nothing_of_what_was_deleted_in_any_file(marked):
    for number in range(50):
        marked.write(mark(f"a writer to forget, number {number}", number))
    files = [marked.path, log_of(marked)]
    assert any(b"to forget" in file.read_bytes() for file in files)
    marked.write(lambda db: db.execute("delete from marks"))
    marked.write(lambda db: db.execute("delete from totals"))
    assert b"to forget" in log_of(marked).read_bytes()
    assert marked.scrub()
    assert not any(b"to forget" in file.read_bytes() for file in files)
    marked.write(mark("a", 1))
    assert marks(marked) == 1


def test_scrubbing_waits_for_no_reader_and_harms_none(marked):
    marked.write(mark("a", 1))
    with marked.snapshot() as db:
        assert counts(db) == (1, 1)
        marked.write(mark("a", 2))
        assert not marked.scrub()
        marked.write(mark("a", 3))
        assert counts(db) == (1, 1)
    assert marked.scrub()
    assert log_of(marked).stat().st_size == 0
    assert counts(marked.read()) == (3, 3)


def test_after_scrubbing_a_write_waits_for_another_process_as_before(marked):
    marked.scrub()
    assert marked.write(lambda db: db.execute("pragma busy_timeout").fetchone()[0]) == BUSY_SECONDS * 1000


@pytest.mark.parametrize("content", [b"This is a letter, not a database. " * 100, b"SQLite format 3\0" * 200])
def test_a_file_that_is_no_database_is_told_in_one_sentence_that_names_it(tmp_path, content):
    path = tmp_path / "citewire.db"
    path.write_bytes(content)
    with pytest.raises(Unusable, match=r"citewire\.db can't be used as a database"):
        Database(path)
    assert path.read_bytes() == content


def test_a_writer_that_is_killed_in_a_transaction_leaves_nothing_of_it(marked):
    program = (
        "import os, pathlib, sys\n"
        "from corpus.database import Database\n"
        "def change(db):\n"
        "    db.execute(\"insert into marks values ('killed', 1)\")\n"
        "    os.kill(os.getpid(), 9)\n"
        "Database(pathlib.Path(sys.argv[1])).write(change)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, marked.path], cwd=ROOT, check=False)
    assert killed.returncode == -9
    marked.write(mark("a", 1))
    assert counts(marked.read()) == (1, 1)


def trees():
    for package in ("corpus", "index", "bot"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def last_name(node):
    return getattr(node, "attr", getattr(node, "id", ""))


def changes(tree):
    """What is passed to a database, a generation or the inbox to be run in a transaction."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
            continue
        receiver = last_name(call.func.value)
        if (call.func.attr, receiver) == ("_write", "self") or (
            call.func.attr in ("write", "written", "submit", "change")
            and receiver in ("db", "_db", "database", "_database", "generation")
        ):
            given = call.args[0]
            is_partial = isinstance(given, ast.Call) and last_name(given.func) == "partial"
            yield given.args[0] if is_partial else given


def takes_connection(function):
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(a.annotation and re.search(r"\bConnection\b", ast.unparse(a.annotation)) for a in given)


def waits(node):
    asynchronous = (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)
    return [n.lineno for n in ast.walk(node) if isinstance(n, asynchronous)]


def test_no_change_awaits():
    changed = 0
    for path, tree in trees():
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        for change in changes(tree):
            changed += 1
            is_ours = not isinstance(change, ast.Attribute) or last_name(change.value) == "self"
            named = [f for f in functions if is_ours and f.name == last_name(change)]
            for body in [change, *named]:
                assert not waits(body), f"{path}: a change awaits at line {waits(body)}"
    assert changed >= 10  # the rule would hold of nothing if the calls were named otherwise


def test_no_function_that_is_given_a_connection_awaits():
    for path, tree in trees():
        for function in ast.walk(tree):
            # a function that is given a change, which is given a Connection, is no change itself
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and takes_connection(function):
                assert not waits(function) or "Callable" in ast.unparse(function.args), (
                    f"{path}: {function.name} awaits"
                )


def test_no_await_stands_inside_a_snapshot():
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.With) and any("snapshot" in ast.unparse(i) for i in node.items):
                assert not any(isinstance(n, ast.Await) for n in ast.walk(node)), path.name
