"""How the bot does, in lines, for admins: what serves, what waits, what is in trouble."""

import time
from collections.abc import Iterable

from bot import orders, outbox, pending
from bot.orders import Order
from bot.outbox_report import summary
from corpus import followed
from corpus.database import Database
from corpus.followed import FOLLOWED, Followed
from corpus.store import Store
from index.generation import Described

NO_INDEX = "There is no index yet."
TABLES = (followed.migrations, orders.migrations, outbox.migrations, pending.migrations)
"""What has to be there, which a running bot sees to."""


def report(
    database: Database, store: Store, generations: Iterable[Described], running: str = ""
) -> list[str]:
    """All of it, a line or a few each; `running` is how far the reindex of this process is."""
    db = database.read()
    serving = [f"Index: {each.sentence()}" for each in generations if each.serves] or [NO_INDEX]
    count, newest = store.extent()
    return [
        *serving,
        f"Articles: {count:,}" + (f", the newest of {newest[:10]}." if newest else "."),
        f"Inbox: {pending.waiting(db):,} waiting.",
        f"Outbox: {summary(outbox.counts(db))}",
        *_feeds([Followed(*row) for row in db.execute(f"{FOLLOWED} order by id")], time.time()),
        *_reindexes(orders.rows(db), running),
    ]


def _feeds(feeds: list[Followed], now: float) -> list[str]:
    """How many there are, and how those do that fail or are off."""
    troubled = [feed for feed in feeds if feed.off or feed.failures]
    return [
        f"Feeds: {len(feeds):,} followed, {len(troubled):,} in trouble.",
        *(f"{feed.id} · {feed.title}: {feed.state(now)}" for feed in troubled),
    ]


def _reindexes(open_orders: list[Order], running: str) -> list[str]:
    """What admins asked for and wait for; `running` or, from another process, that it runs."""
    return [
        running or "A reindex runs." if order.began is not None else "A reindex waits."
        for order in open_orders
        if order.result is None
    ]
