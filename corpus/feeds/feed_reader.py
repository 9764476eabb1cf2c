"""Follows feeds: polls each in turn and stores its new articles."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database as Connection

from corpus.database import Database
from corpus.errors import CitewireError, NotAnArticle
from corpus.feeds import feed_table
from corpus.feeds.feed_entries import FeedEntries
from corpus.feeds.feed_file import Feed, NotAFeed, named_feed, parse
from corpus.feeds.feed_table import FOLLOWED, WAITING, Followed, Waiting
from corpus.feeds.fetch import Fetched, Unfetched, Web
from corpus.reading.parser_process import ParseLimitExceeded, ParserProcess
from corpus.store import Store

TRIES = 3  # per article page
PAGES_SECONDS = 60.0  # per feed and turn
NOTICE_EVERY = 86400.0  # per feed
TOLD = 5  # refusals listed in a notice

P = ParamSpec("P")
T = TypeVar("T")


class NotFollowed(CitewireError):
    """No such feed is followed."""


@dataclass
class Update:
    """Results of one feed's turn, in articles; `left` are still queued, `later` are retried later."""

    feed: Followed
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0
    later: int = 0
    refused: list[str] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about a feed for its admins, covering entries up to `last`."""

    feed: int
    last: int
    text: str


class FeedReader:
    """Follows feeds; `update` handles one feed's turn in bounded time.

    `changed` is set when a feed is added.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        web: Web | None = None,
        parser: ParserProcess | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        database.migrate(feed_table.migrations)
        self._db = database
        self.web = web or Web()
        self.parser = parser or ParserProcess()
        self.changed = asyncio.Event()
        self._clock = clock
        self._feed_entries = FeedEntries(database, store, self.web, self.parser)

    async def add(self, url: str) -> Followed:
        """Follows the feed at a URL, or linked from the page there; current entries are stored quietly.

        A feed already followed stays unchanged, but is polled again if it was off. Raises Unfetched, NotAFeed
        or ParseLimitExceeded.
        """
        url, fetched, found = await self._feed_at(url)
        now = self._clock()
        number = await self._write(feed_table.follow, url, fetched, found, now)
        self.changed.set()
        return self.get(number)

    async def remove(self, number: int) -> Followed:
        """Unfollows a feed, keeping its articles; raises NotFollowed."""
        feed = self.get(number)
        await self._set("delete from feeds where id = ?", number)
        return feed

    def get(self, number: int) -> Followed:
        """Returns a feed by its number; raises NotFollowed."""
        found = self._feeds("where id = ?", number)
        if not found:
            raise NotFollowed(f"There is no feed {number}.")
        return found[0]

    def feeds(self) -> list[Followed]:
        """Returns all followed feeds in the order they were added."""
        return self._feeds("order by id")

    def articles(self, number: int) -> list[str]:
        """Returns the ids of a feed's articles that are not withdrawn."""
        sql = """select distinct article from entries join articles on articles.id = article
                 where feed = ? and withdrawn is null"""
        return [article for (article,) in self._db.read().execute(sql, [number])]

    def due(self, now: float) -> list[Followed]:
        """Returns the feeds due for polling and those with queued articles, most overdue first.

        A clock that was set back delays no feed.
        """
        return self._feeds(
            """where off is null and (due <= ?1 or asked > ?1)
               or exists (select 1 from entries where feed = feeds.id and entries.due <= ?1) order by due""",
            now,
        )

    async def update(
        self,
        feed: Followed,
        now: float,
        *,
        early: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Update:
        """Polls a feed if due and stores its articles; `early` polls before it is due, unless it failed.

        `progress` is called with the number of articles done and their total.
        """
        update = Update(feed)
        is_due = feed.due <= now or feed.asked > now or (early and not feed.failures)
        if is_due and not feed.off:
            try:
                await self._ask(feed, now)
            except (Unfetched, NotAFeed, ParseLimitExceeded) as error:
                update.failure = str(error)
                await self._write(feed_table.failed, feed, error, now)
        await self._take_in(update, now, progress)
        return update

    def untold(self, now: float) -> list[Notice]:
        """Returns notices of feeds switched off and refused entries, once a day per feed."""
        feeds = self._feeds(
            """where told is null and off is not null or coalesce(told, 0) < ? and exists
               (select 1 from entries where feed = feeds.id and refused is not null and not told)""",
            now - NOTICE_EVERY,
        )
        return [self._notice(feed) for feed in feeds]

    async def told(self, notice: Notice, now: float) -> None:
        """Records that a notice was sent."""
        await self._write(feed_table.note_told, notice.feed, notice.last, now)

    async def close(self) -> None:
        """Stops fetching and parsing."""
        await self.web.close()
        await asyncio.to_thread(self.parser.close)

    def _feeds(self, which: str, *values: object) -> list[Followed]:
        return [Followed(*row) for row in self._db.read().execute(f"{FOLLOWED} {which}", values)]

    async def _write(
        self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._db.written(lambda db: change(db, *args, **kwargs))

    async def _set(self, sql: str, *values: object) -> None:
        await self._write(lambda db: db.execute(sql, values))

    async def _feed_at(self, url: str) -> tuple[str, Fetched, Feed]:
        """Returns the URL, response and content of the feed at a URL or linked there."""
        fetched = await self.web.fetch(url)
        try:
            return url, fetched, await self._parse(fetched)
        except NotAFeed:
            named = await self.parser.run(named_feed, fetched.body, fetched.url)
            if named is None:
                raise
        fetched = await self.web.fetch(named)
        return named, fetched, await self._parse(fetched)

    async def _parse(self, fetched: Fetched) -> Feed:
        return await self.parser.run(parse, fetched.body, fetched.url, fetched.content_type)

    async def _ask(self, feed: Followed, now: float) -> None:
        """Polls a feed; reschedules it first, so that a feed that crashes us isn't retried at once."""
        sql = "update feeds set asked = ?, due = ? where id = ?"
        await self._set(sql, now, now + feed_table.turn(feed.url), feed.id)
        fetched = await self.web.fetch(feed.url, etag=feed.etag, modified=feed.modified)
        found = None if fetched.status == 304 else await self._parse(fetched)
        await self._write(feed_table.answered, feed.id, fetched, found, now)

    async def _take_in(self, update: Update, now: float, progress: Callable[[int, int], None]) -> None:
        """Stores queued articles one by one until the turn is over."""
        end = self._clock() + PAGES_SECONDS
        sql = f"{WAITING} where entries.feed = ? and entries.due <= ? order by entries.id"
        waiting = [Waiting(*row) for row in self._db.read().execute(sql, [update.feed.id, now])]
        for number, entry in enumerate(waiting):
            if self._clock() > end:
                update.left = len(waiting) - number
                break
            if not await self._write(feed_table.claim, entry, now):
                continue  # another process has it
            retry_after = await self._take(update, entry)
            if retry_after:
                sql = "update entries set due = max(due, ?) where feed = ? and due is not null"
                await self._set(sql, now + retry_after, entry.feed)
                break
            progress(number + 1, len(waiting))

    async def _take(self, update: Update, entry: Waiting) -> float | None:
        """Stores one article; returns the seconds its server asks to wait."""
        article, refused = entry.article, None
        try:
            article, change = await self._feed_entries.take(entry)
            setattr(update, change, getattr(update, change) + 1)
        except Unfetched as error:
            if entry.tries + 1 < TRIES and not error.gone:
                update.later += 1
                return error.retry_after
            refused = _about(entry, error)
        except (NotAnArticle, ParseLimitExceeded) as error:
            refused = _about(entry, error)
        update.refused += [refused] if refused else []
        await self._write(feed_table.done, entry, article, refused)
        return None

    def _notice(self, feed: Followed) -> Notice:
        sql = (
            "select id, refused from entries where feed = ? and refused is not null and not told order by id"
        )
        refused = self._db.read().execute(sql, [feed.id]).fetchall()
        lines = [f"Feed {feed.id}, {feed.title}:"]
        if feed.off:
            lines.append(f"It is no longer asked. {feed.off} /addfeed {feed.url} has it asked again.")
        if refused:
            lines.append(f"Entries that were not taken in: {len(refused)}.")
            lines += [f"• {why}" for _, why in refused[:TOLD]]
        return Notice(feed.id, refused[-1][0] if refused else 0, "\n".join(lines))


def _about(entry: Waiting, error: CitewireError) -> str:
    """Returns why an entry was refused, with its URL."""
    return str(error) if not entry.url or entry.url in str(error) else f"{entry.url}: {error}"
