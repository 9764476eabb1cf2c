"""The outbox in words, for admins: what waits, what nobody knows to have arrived, what failed."""

from bot.posting import outbox
from bot.posting.outbox import Row, State
from bot.text.passages import line, title
from corpus.database import Database
from corpus.store import Store

LISTED = 10  # of a kind
NAME = 60  # characters of an article's title or id
NOTHING = "Nothing has been put into the outbox yet."


def report(database: Database, store: Store, again: str) -> list[str]:
    """The outbox as it stands, in lines; `again` says how something uncertain is sent once more."""
    db = database.read()
    counts = outbox.counts(db)
    return [
        summary(counts),
        *_listed(f"Uncertain, so it may have arrived or not; {again}:", "uncertain", database, store),
        *_listed("Failed for good:", "failed", database, store),
    ]


def summary(counts: dict[State, int]) -> str:
    """How many there are in each state, in one sentence."""
    if not counts:
        return NOTHING
    parts = [
        (counts.get("waiting", 0) + counts.get("sending", 0), "waiting to be sent"),
        (counts.get("held", 0), "waiting for the index"),
        (counts.get("sent", 0), "sent"),
        (counts.get("uncertain", 0), "uncertain"),
        (counts.get("failed", 0), "failed"),
    ]
    return ", ".join(f"{count:,} {what}" for count, what in parts) + "."


def _listed(head: str, state: State, database: Database, store: Store) -> list[str]:
    """What is in one state, newest first; no line where that is nothing."""
    rows = outbox.rows(database.read(), state, LISTED)
    more = outbox.counts(database.read()).get(state, 0) - len(rows)
    older = [f"… and {more:,} before these."] if more > 0 else []
    return ["", head, *(_line(row, store) for row in rows), *older] if rows else []


def _line(row: Row, store: Store) -> str:
    article = store.article(row.article)
    name = line(title(article) if article else row.article, NAME)
    topic = f", topic {row.thread}" if row.thread else ""
    why = "the bot ended meanwhile" if row.why == "restart" else line(row.why or "")
    return f"{row.number}  {row.kind} to {row.chat}{topic}: {name} ({why})"
