"""The feeds that are followed: each is asked in its turn, and what it tells of is taken in."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database as Connection

from corpus.database import Database
from corpus.errors import CitewireError, NotAnArticle
from corpus.feeds import feed_table
from corpus.feeds.feed_entries import Arrivals
from corpus.feeds.feed_file import Feed, NotAFeed, named_feed, parse
from corpus.feeds.feed_table import FOLLOWED, WAITING, Followed, Waiting
from corpus.feeds.fetch import Fetched, Unfetched, Web
from corpus.reading.parser_process import ParseLimitExceeded, ParserProcess
from corpus.store import Store

TRIES = 3  # of an article's page
PAGES_SECONDS = 60.0  # of one feed's turn; then it is the next one's
NOTICE_EVERY = 86400.0  # of one feed
TOLD = 5  # refusals that a notice has in full

P = ParamSpec("P")
T = TypeVar("T")


class NotFollowed(CitewireError):
    """No such feed is followed."""


@dataclass
class Update:
    """What one turn of a feed brought, in articles; `left` wait still, `later` can't be had for now."""

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
    """What whoever looks after the feeds should know of one, up to its entry `last`."""

    feed: int
    last: int
    text: str


class FeedReader:
    """Follows feeds; `update` is the turn of one of them, in bounded time."""

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
        self._web = web or Web()
        self._parser = parser or ParserProcess()
        self._clock = clock
        self._arrivals = Arrivals(database, store, self._web, self._parser)

    async def add(self, url: str) -> Followed:
        """Follow the feed at a URL, or the one that the page there names; what it lists now comes in quietly.

        One that is followed already stays as it is, but is asked again if it was off. Raises
        Unfetched, NotAFeed or TooHard.
        """
        url, fetched, found = await self._feed_at(url)
        now = self._clock()
        return self.get(await self._write(feed_table.follow, url, fetched, found, now))

    async def remove(self, number: int) -> Followed:
        """Follow a feed no longer, or NotFollowed; its articles stay."""
        feed = self.get(number)
        await self._set("delete from feeds where id = ?", number)
        return feed

    def get(self, number: int) -> Followed:
        """The feed with a number, or NotFollowed."""
        found = self._feeds("where id = ?", number)
        if not found:
            raise NotFollowed(f"There is no feed {number}.")
        return found[0]

    def feeds(self) -> list[Followed]:
        """Every feed that is followed, in the order in which they were added."""
        return self._feeds("order by id")

    def articles(self, number: int) -> list[str]:
        """The ids of the standing articles that came by a feed."""
        sql = """select distinct article from entries join articles on articles.id = article
                 where feed = ? and withdrawn is null"""
        return [article for (article,) in self._db.read().execute(sql, [number])]

    def due(self, now: float) -> list[Followed]:
        """The feeds whose turn it is and those with articles that wait, the longest overdue first.

        A clock that was put back keeps no feed waiting.
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
        """Ask a feed if that is due, and take in what it told of; with `early` before, unless it failed.

        `progress` is told how many articles are done, of how many.
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
        """What is to be told of feeds that went off and of entries that were refused, of each once a day."""
        feeds = self._feeds(
            """where told is null and off is not null or coalesce(told, 0) < ? and exists
               (select 1 from entries where feed = feeds.id and refused is not null and not told)""",
            now - NOTICE_EVERY,
        )
        return [self._notice(feed) for feed in feeds]

    async def told(self, notice: Notice, now: float) -> None:
        """Note that a notice was given."""
        await self._write(feed_table.note_told, notice.feed, notice.last, now)

    async def close(self) -> None:
        """End what fetches and reads."""
        await self._web.close()
        await asyncio.to_thread(self._parser.close)

    def _feeds(self, which: str, *values: object) -> list[Followed]:
        return [Followed(*row) for row in self._db.read().execute(f"{FOLLOWED} {which}", values)]

    async def _write(
        self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._db.written(lambda db: change(db, *args, **kwargs))

    async def _set(self, sql: str, *values: object) -> None:
        await self._write(lambda db: db.execute(sql, values))

    async def _feed_at(self, url: str) -> tuple[str, Fetched, Feed]:
        """The feed at a URL or named there, under which URL it was asked for, and how it came."""
        fetched = await self._web.fetch(url)
        try:
            return url, fetched, await self._parse(fetched)
        except NotAFeed:
            named = await self._parser.run(named_feed, fetched.body, fetched.url)
            if named is None:
                raise
        fetched = await self._web.fetch(named)
        return named, fetched, await self._parse(fetched)

    async def _parse(self, fetched: Fetched) -> Feed:
        return await self._parser.run(parse, fetched.body, fetched.url, fetched.content_type)

    async def _ask(self, feed: Followed, now: float) -> None:
        """Ask a feed what is new; its next turn is set before, lest one that kills us do so again at once."""
        sql = "update feeds set asked = ?, due = ? where id = ?"
        await self._set(sql, now, now + feed_table.turn(feed.url), feed.id)
        fetched = await self._web.fetch(feed.url, etag=feed.etag, modified=feed.modified)
        found = None if fetched.status == 304 else await self._parse(fetched)
        await self._write(feed_table.answered, feed.id, fetched, found, now)

    async def _take_in(self, update: Update, now: float, progress: Callable[[int, int], None]) -> None:
        """Take in the articles that wait, each for itself, until the turn is over."""
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
        """Take in one article; returns how long its server wants to be left alone."""
        article, refused = entry.article, None
        try:
            article, change = await self._arrivals.take(entry)
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
    """Why an entry was refused, with its URL."""
    return str(error) if not entry.url or entry.url in str(error) else f"{entry.url}: {error}"
