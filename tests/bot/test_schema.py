"""The tables of a database that an earlier version made: taken over, whichever of them it had made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from bot import schema
from bot.records.pending_items import PendingItems
from corpus.database import Database

ANN, FUTURE = 100, 4e9
EARLIER = {  # the sets of version 0.1, each with the steps that it had
    "chats": ["create_chats"],
    "inbox": ["create_inbox", "add_lanes", "add_asked"],
    "silences": ["create_silences"],
    "ledger": ["create_answers", "add_code_and_about", "index_unanswered", "index_waiting"],
    "outbox": ["create_deliveries"],
    "subscriptions": ["create_subscriptions", "add_titles"],
    "watches": ["create_watches"],
    "arrivals": ["create_fresh"],
}
DRAFTS = """create table drafts (id integer primary key autoincrement, person integer not null,
    incoming text not null, until real not null)"""
EXPECTED = """create table expected (chat integer not null, message integer not null, kind text not null,
    about text not null, until real not null, primary key (chat, message)) without rowid"""


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    opened = Database(tmp_path / "citewire.db")
    yield opened
    opened.close()


def made_by_an_earlier_version(database: Database, *names: str) -> None:
    """Make the tables of some sets, as the modules of their features did."""
    for name in names:
        steps = Migrations(name)
        for step in EARLIER[name]:
            steps()(getattr(schema, step))
        database.migrate(steps)


def tables(database: Database) -> set[str]:
    return set(database.read().table_names())


@pytest.mark.parametrize("names", [(), ("arrivals", "outbox", "subscriptions"), tuple(EARLIER)])
def test_the_tables_that_are_missing_are_made_and_the_others_keep_their_rows(
    older: Database, tmp_path: Path, names: tuple[str, ...]
) -> None:
    made_by_an_earlier_version(older, *names)
    if "arrivals" in names:
        older.write(lambda db: db.execute("insert into fresh (article) values ('light0')"))
    for _ in range(2):
        schema.migrate(older)
    fresh = Database(tmp_path / "fresh.db")
    schema.migrate(fresh)
    assert tables(older) == tables(fresh)
    fresh.close()
    left = older.read().execute("select article from fresh").fetchall()
    assert left == ([("light0",)] if "arrivals" in names else [])


def test_drafts_and_prompts_of_an_earlier_version_still_wait(older: Database) -> None:
    def fill(db: Connection) -> None:
        for sql in (DRAFTS, EXPECTED, "create table handles (id integer primary key, text text)"):
            db.execute(sql)
        db.execute("insert into drafts values (7, ?, '{}', ?)", [ANN, FUTURE])
        rows = [(ANN, 17, "title", "7:3", FUTURE), (ANN, 0, "article", "light0", FUTURE)]
        db.conn.executemany("insert into expected values (?, ?, ?, ?, ?)", rows)

    older.write(fill)
    schema.migrate(older)
    pending = PendingItems(older)
    assert pending.get("draft", "7", ANN).data == "{}"
    assert (pending.awaited(ANN, 17).kind, pending.awaited(ANN, 17).data) == ("title", "7:3")
    assert pending.awaited(ANN).data == "light0"
    assert not {"drafts", "expected", "handles"} & tables(older)
