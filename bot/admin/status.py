"""The state of the bot in lines, for Telegram and the terminal: index, inbox, outbox, feeds, reindexes."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.admin import acts, reindex_jobs
from bot.admin.reindex_jobs import ReindexWorker
from bot.assistant import IndexOutage
from bot.chats import Request, Services, Tap
from bot.posting import outbox
from bot.text import foreign, join, line, listed, title
from bot.transport import View, in_rows, inbox_table, rows, tap
from corpus.database import Database
from corpus.feeds.feed_table import FOLLOWED, Followed
from corpus.store import Store
from index.errors import Away
from index.generation import Described

NO_INDEX = "There is no index yet."
NO_DELIVERIES = "Nothing has been put into the outbox yet."
HOW = "a button sends it once more"
LISTED = 10  # deliveries of each kind
NAME = 60  # characters of an article's title or id
LINE = 180  # UTF-16 units of a line of the outbox: all that are listed make one message

Generations = Callable[[], Iterable[Described]]
"""Lists the indexes that are kept; Away if they can't be reached."""


async def show_status(worker: ReindexWorker, services: Services, request: Request) -> None:
    """/status shows the state of the bot."""
    assistant, now = services.assistant, services.clock()
    lines = await asyncio.to_thread(
        status,
        services.store,
        services.database,
        assistant.generations,
        now,
        worker.state(),
        assistant.outage,
    )
    await services.say(request, *join([foreign(each) for each in lines], "\n"))


async def show_outbox(services: Services, request: Request) -> None:
    """/outbox lists deliveries that failed or are uncertain; a button sends one of these again."""
    await services.show(request, _outbox_view(services))


async def send_again(services: Services, tapped: Tap) -> None:
    """Send a delivery again if it is still uncertain, and update the list."""
    number = int(tapped.parts[0])
    is_sent = await acts.send_again(services.database, services.audit, tapped.person, number)
    await tapped.answer(acts.AGAIN if is_sent else acts.SETTLED)
    services.replace(tapped, _outbox_view(services))


def status(
    store: Store,
    database: Database,
    generations: Generations,
    now: float,
    running: str = "",
    outage: IndexOutage | None = None,
) -> list[str]:
    """The state of the bot; `running` is the progress of this process's reindex."""
    db = database.read()
    count, newest = store.extent()
    return [
        *_index(generations, outage, inbox_table.for_index(db)),
        f"Articles: {count:,}" + (f", the newest of {newest[:10]}." if newest else "."),
        f"Inbox: {inbox_table.waiting(db):,} waiting.",
        f"Outbox: {_summary(outbox.counts(db))}",
        *_feeds([Followed(*row) for row in db.execute(f"{FOLLOWED} order by id")], now),
        *_reindexes(reindex_jobs.jobs(db), running),
    ]


def outbox_lines(store: Store, database: Database, how: str) -> list[str]:
    """The state of the outbox; `how` says how something uncertain is sent again."""
    return [
        _summary(outbox.counts(database.read())),
        *_deliveries(f"Uncertain, so it may have arrived or not; {how}:", "uncertain", store, database),
        *_deliveries("Failed for good:", "failed", store, database),
    ]


def _index(generations: Generations, outage: IndexOutage | None, waiting: int) -> list[str]:
    """The index that serves, and since when it can't be reached, if so."""
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
    """How many feeds there are, and the state of those that fail or are off."""
    troubled = [feed for feed in feeds if feed.off or feed.failures]
    return [
        f"Feeds: {len(feeds):,} followed, {len(troubled):,} in trouble.",
        *(f"{feed.id} · {feed.title}: {feed.state(now)}" for feed in troubled),
    ]


def _reindexes(jobs: list[reindex_jobs.ReindexJob], running: str) -> list[str]:
    """The reindexes that are pending; another process sees of one that runs only that it does."""
    return [
        running or "A reindex runs." if job.began is not None else "A reindex waits."
        for job in jobs
        if job.result is None
    ]


def _summary(counts: dict[outbox.State, int]) -> str:
    """How many deliveries are in each state, in one sentence."""
    if not counts:
        return NO_DELIVERIES
    parts = [
        (counts.get("waiting", 0) + counts.get("sending", 0), "waiting to be sent"),
        (counts.get("held", 0), "waiting for the index"),
        (counts.get("sent", 0), "sent"),
        (counts.get("uncertain", 0), "uncertain"),
        (counts.get("failed", 0), "failed"),
    ]
    return ", ".join(f"{count:,} {what}" for count, what in parts) + "."


def _deliveries(head: str, state: outbox.State, store: Store, database: Database) -> list[str]:
    """The deliveries in one state, newest first, under a heading; nothing if there are none."""
    deliveries = outbox.rows(database.read(), state, LISTED)
    more = outbox.counts(database.read()).get(state, 0) - len(deliveries)
    older = [f"… and {more:,} before these."] if more > 0 else []
    return ["", head, *(_delivery(each, store) for each in deliveries), *older] if deliveries else []


def _delivery(row: outbox.Row, store: Store) -> str:
    article = store.article(row.article)
    name = line(title(article) if article else row.article, NAME)
    topic = f", topic {row.thread}" if row.thread else ""
    why = "the bot ended meanwhile" if row.why == "restart" else line(row.why or "")
    return f"{row.number}  {row.kind} to {row.chat}{topic}: {name} ({why})"


def _outbox_view(services: Services) -> View:
    """The outbox with a button for each delivery that is uncertain, three in a row."""
    lines = [listed(each, LINE) for each in outbox_lines(services.store, services.database, HOW)]
    numbers = [row.number for row in outbox.rows(services.database.read(), "uncertain", LISTED)]
    again = [tap(f"Send {number} again", f"again:{number}") for number in numbers]
    return join(lines, "\n")[0], rows(*in_rows(again, 3))
