"""/status and `citewire status`: what serves, what waits, what is in trouble."""

from pathlib import Path

from conftest import CAPES
from encoders import HashEncoder
from fakes import Wired
from launcher import Terminal
from test_outbox_admin import fill
from updates import private

from bot.admin import reindex_jobs
from bot.admin.status import NO_INDEX
from bot.assistant import Assistant
from corpus.database import Database

ADMIN = 1
FEED = """insert into feeds (url, address, title, due, asked, failures, off, added)
          values (?, ?, ?, 0, 0, ?, ?, 0)"""


async def says(made: Wired, text: str) -> list[str]:
    """The lines of the one answer."""
    (sent,) = await made.tell(private(text, ADMIN))
    return str(sent["text"]).splitlines()


async def test_an_admin_sees_all_of_it(bot: Wired, coast: Assistant) -> None:
    index, *rest = await says(bot, "/status")
    assert index.startswith(f"Index: {coast.generation()}, serves now:")
    assert f"articles: {len(CAPES)}," in index
    assert rest == [
        f"Articles: {len(CAPES)}, the newest of 2024-11-{len(CAPES) + 10}.",
        "Inbox: 0 waiting.",
        "Outbox: Nothing has been put into the outbox yet.",
        "Feeds: 0 followed, 0 in trouble.",
    ]


async def test_what_is_uncertain_or_in_trouble_is_named(bot: Wired, coast: Assistant) -> None:
    fill(coast.database, ("uncertain", "restart"), ("failed", "Forbidden"))
    rows = [("a", "a", "A", 0, None), ("b", "b", "B", 3, None), ("c", "c", "C", 10, "It is gone.")]
    coast.database.write(lambda db: db.conn.executemany(FEED, rows))
    *_, outbox, feeds, failing, off = await says(bot, "/status")
    assert "1 uncertain, 1 failed" in outbox
    assert feeds == "Feeds: 3 followed, 2 in trouble."
    assert failing.startswith("2 · B: Articles: 0, refused: 0. Failures in a row: 3.")
    assert off == "3 · C: Articles: 0, refused: 0. No longer asked. It is gone."


def test_the_terminal_says_it_without_a_bot_and_before_anything_is_there(tmp_path: Path) -> None:
    citewire = Terminal(tmp_path)
    assert citewire("status").stdout.splitlines()[:2] == [NO_INDEX, "Articles: 0."]


def test_the_terminal_sees_what_another_process_was_asked_for(tmp_path: Path) -> None:
    citewire = Terminal(tmp_path, HashEncoder())
    citewire("reindex")
    (first,) = (line for line in citewire("status").stdout.splitlines() if line.startswith("Index:"))
    assert "articles: 1," in first
    database = Database(tmp_path / "citewire.db")
    database.write(
        lambda db: [reindex_jobs.add_job(db, ADMIN, message, ADMIN, full=True) for message in (1, 2)]
    )
    database.write(lambda db: reindex_jobs.begin_job(db, 1, 0.0))
    database.close()
    assert citewire("status").stdout.splitlines()[-2:] == ["A reindex runs.", "A reindex waits."]
