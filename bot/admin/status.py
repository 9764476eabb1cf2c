"""How the bot does, in lines, for admins: what serves, what waits, what is in trouble."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.admin import orders
from bot.admin.orders import ReindexJob
from bot.admin.outbox_report import summary
from bot.outage import IndexOutage
from bot.posting import outbox
from bot.transport import inbox_table
from corpus.database import Database
from corpus.feeds import feed_table
from corpus.feeds.feed_table import FOLLOWED, Followed
from corpus.store import Store
from index.errors import Away
from index.generation import Described

NO_INDEX = "There is no index yet."
TABLES = (feed_table.migrations, orders.migrations, outbox.migrations, inbox_table.migrations)
"""What has to be there, which a running bot sees to."""


Generations = Callable[[], Iterable[Described]]
"""Lists the indexes that are kept; Away where it can't."""


def report(
    database: Database,
    store: Store,
    generations: Generations,
    running: str = "",
    outage: IndexOutage | None = None,
) -> list[str]:
    """All of it, a line or a few each.

    `running` is how far the reindex of this process is, and `absence` what it knows of the index being away.
    """
    db = database.read()
    count, newest = store.extent()
    return [
        *_index(generations, outage, inbox_table.for_index(db)),
        f"Articles: {count:,}" + (f", the newest of {newest[:10]}." if newest else "."),
        f"Inbox: {inbox_table.waiting(db):,} waiting.",
        f"Outbox: {summary(outbox.counts(db))}",
        *_feeds([Followed(*row) for row in db.execute(f"{FOLLOWED} order by id")], time.time()),
        *_reindexes(orders.rows(db), running),
    ]


def _index(generations: Generations, outage: IndexOutage | None, waiting: int) -> list[str]:
    """What serves, and since when the index is away, if it is."""
    try:
        serving = [f"Index: {each.sentence()}" for each in generations() if each.serves] or [NO_INDEX]
    except Away as error:
        return [_away(outage, waiting), str(error)]
    is_away = outage is not None and outage.since is not None
    return [*serving, _away(outage, waiting)] if is_away else serving


def _away(outage: IndexOutage | None, waiting: int) -> str:
    since = outage.since if outage else None
    began = f" since {datetime.fromtimestamp(since, UTC):%H:%M} UTC" if since is not None else ""
    return f"Index: away{began}, {waiting:,} {'question waits' if waiting == 1 else 'questions wait'}."


def _feeds(feeds: list[Followed], now: float) -> list[str]:
    """How many there are, and how those do that fail or are off."""
    troubled = [feed for feed in feeds if feed.off or feed.failures]
    return [
        f"Feeds: {len(feeds):,} followed, {len(troubled):,} in trouble.",
        *(f"{feed.id} · {feed.title}: {feed.state(now)}" for feed in troubled),
    ]


def _reindexes(open_orders: list[ReindexJob], running: str) -> list[str]:
    """What admins asked for and wait for; `running` or, from another process, that it runs."""
    return [
        running or "A reindex runs." if order.began is not None else "A reindex waits."
        for order in open_orders
        if order.result is None
    ]
