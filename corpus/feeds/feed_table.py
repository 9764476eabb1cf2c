"""The rows of feeds and their entries; each step changes them in one transaction."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from zlib import crc32

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.errors import CitewireError
from corpus.feeds.feed_file import Entry, Feed
from corpus.feeds.fetch import Fetched, Unfetched
from corpus.urls import canonical

INTERVAL = 30 * 60.0  # seconds between polls of a feed
FIRST_WAIT = 5 * 60.0  # after a failure; doubles with each consecutive one
MOST_FAILURES = 10  # consecutive, over about two days
FIRST_DAY = 86400.0  # in which a truncated feed may still list older entries
FORGET_AFTER = 180 * 86400.0  # after an entry was last listed by its feed

migrations = Migrations("newsstand")


@migrations()
def create_feeds(db: Connection) -> None:
    """Creates `feeds`, polled when `due`, and `entries`, whose articles are pending when `due`."""
    for statement in (
        """create table feeds (id integer primary key autoincrement, url text not null,
           address text not null unique, title text not null, language text, etag text not null default '',
           modified text not null default '', due real not null, asked real not null,
           failures integer not null default 0, off text, added real not null, first_done real, told real)""",
        """create table entries (id integer primary key, feed integer not null references feeds(id)
           on delete cascade, address text not null, key text not null, url text not null,
           title text not null, published text, content text not null, edition text not null,
           quiet integer not null, article text references articles(id), refused text,
           told integer not null default 0, tries integer not null default 0, due real,
           seen real not null, unique (feed, address))""",
        "create index entries_due on entries(feed, due) where due is not null",
        "create index entries_refused on entries(feed, told) where refused is not null",
    ):
        db.execute(statement)


@dataclass(frozen=True, slots=True)
class Followed:
    """A followed feed, with the numbers of its articles and of its refused entries.

    `off` says why it is no longer polled; times are seconds since 1970.
    """

    id: int
    url: str
    title: str
    etag: str
    modified: str
    due: float
    asked: float
    failures: int
    off: str | None
    articles: int
    refused: int

    def state(self, now: float) -> str:
        """Returns its state for display."""
        minutes = max(0, round((self.due - now) / 60))
        if self.off:
            doing = f"No longer asked. {self.off}"
        elif self.failures:
            doing = f"Failures in a row: {self.failures}. Asked again in {minutes} min."
        else:
            doing = f"Asked again in {minutes} min."
        return f"Articles: {self.articles}, refused: {self.refused}. {doing}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry whose article is pending, with its feed's data.

    `address` is its canonical URL or, without one, # and its key; `article` is its earlier article, if any.
    """

    id: int
    feed: int
    address: str
    key: str
    url: str
    title: str
    published: str | None
    content: str
    edition: str
    quiet: bool
    article: str | None
    tries: int
    due: float
    outlet: str
    feed_url: str
    language: str | None


FOLLOWED = f"""select {", ".join(f.name for f in fields(Followed)[:-2])},
    (select count(distinct article) from entries where feed = feeds.id),
    (select count(*) from entries where feed = feeds.id and refused is not null) from feeds"""
WAITING = f"""select {", ".join(f"entries.{f.name}" for f in fields(Waiting)[:-3])}, feeds.title, feeds.url,
    feeds.language from entries join feeds on feeds.id = entries.feed"""


def follow(db: Connection, url: str, fetched: Fetched, found: Feed, now: float) -> int:
    """Stores a feed and its entries; a known feed under another form of its URL is only polled again."""
    url = fetched.moved or url
    forms = [canonical(url), canonical(fetched.url)]
    same = db.execute("select id from feeds where address in (?, ?)", forms).fetchone()
    if same:
        db.execute(
            "update feeds set off = null, failures = 0, due = ? where id = ? and off > ''", [now, *same]
        )
        return int(same[0])
    values = [url, forms[0], found.title or forms[0], now + turn(url), now, now]
    sql = """insert into feeds (url, address, title, due, asked, added)
             values (?, ?, ?, ?, ?, ?) returning id"""
    number = int(db.execute(sql, values).fetchone()[0])
    answered(db, number, fetched, found, now)
    return number


def answered(db: Connection, number: int, fetched: Fetched, found: Feed | None, now: float) -> None:
    """Stores a feed's response; `found` is None if nothing is new."""
    db.execute("update feeds set failures = 0 where id = ?", [number])
    if fetched.moved:  # unless another feed is there
        sql = "update or ignore feeds set url = ?, address = ? where id = ?"
        db.execute(sql, [fetched.moved, canonical(fetched.moved), number])
    if found is None:
        return
    sql = "update feeds set title = coalesce(nullif(?, ''), title), language = ? where id = ?"
    db.execute(sql, [found.title, found.language, number])
    _list(db, number, found, now)
    if found.is_whole:  # otherwise "not modified" would hide the rest next time
        sql = "update feeds set etag = ?, modified = ? where id = ?"
        db.execute(sql, [fetched.etag, fetched.modified, number])


def _list(db: Connection, number: int, found: Feed, now: float) -> None:
    """Stores the listed entries; new and changed ones become pending."""
    added, first_done = db.execute("select added, first_done from feeds where id = ?", [number]).fetchone()
    # One day of tolerance for time zones; entries older than the feed's addition are not news.
    since = (datetime.fromtimestamp(added, UTC) - timedelta(days=1)).date().isoformat()
    by_address = {canonical(entry.url) or f"#{entry.key}": entry for entry in reversed(found.entries)}
    for address, entry in by_address.items():
        quiet = first_done is None or (entry.published or since) < since
        _note(db, number, address, entry, now, quiet=quiet)
    if first_done is None and by_address and (found.is_whole or now - added > FIRST_DAY):
        db.execute("update feeds set first_done = ? where id = ?", [now, number])
    db.execute("delete from entries where feed = ? and seen < ?", [number, now - FORGET_AFTER])


def _note(db: Connection, number: int, address: str, entry: Entry, now: float, *, quiet: bool) -> None:
    sql = "update entries set seen = ? where feed = ? and address = ? and edition = ?"
    if db.execute(sql, [now, number, address, entry.edition]).rowcount:
        return
    db.execute(
        """insert into entries (feed, address, key, url, title, published, content, edition, quiet, due, seen)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (feed, address) do update set
           key = excluded.key, url = excluded.url, title = excluded.title, published = excluded.published,
           content = excluded.content, edition = excluded.edition, tries = 0, due = excluded.due,
           seen = excluded.seen""",
        [
            number,
            address,
            entry.key,
            entry.url,
            entry.title,
            entry.published,
            entry.content,
            entry.edition,
            quiet,
            now,
            now,
        ],
    )


def failed(db: Connection, feed: Followed, error: CitewireError, now: float) -> None:
    """Delays a feed with backoff, at least its Retry-After; switches it off if gone or after many errors."""
    failures = feed.failures + 1
    wait = turn(feed.url, FIRST_WAIT * 2 ** (failures - 1))
    if isinstance(error, Unfetched) and error.retry_after:
        wait = max(wait, error.retry_after)
    off = None
    if isinstance(error, Unfetched) and error.gone:
        off = str(error)
    elif failures >= MOST_FAILURES:
        off = f"It failed {failures} times in a row, at last so: {error}"
    sql = "update feeds set failures = ?, due = ?, off = ?, told = iif(? is null, told, null) where id = ?"
    db.execute(sql, [failures, now + wait, off, off, feed.id])


def turn(url: str, seconds: float = INTERVAL) -> float:
    """Returns `seconds` ±10 % depending on the URL, to spread feeds that started together."""
    return seconds * (0.9 + 0.2 * crc32(url.encode()) / 2**32)


def claim(db: Connection, entry: Waiting, now: float) -> bool:
    """Returns whether this process got the entry; reschedules it first in case it crashes us."""
    sql = "update entries set due = ?, tries = tries + 1 where id = ? and due = ?"
    return bool(db.execute(sql, [now + FIRST_WAIT * 2**entry.tries, entry.id, entry.due]).rowcount)


def done(db: Connection, entry: Waiting, article: str | None, refused: str | None) -> None:
    """Stores an entry's result, unless the entry has changed meanwhile."""
    sql = """update entries set article = ?, refused = ?, told = 0, due = null, tries = 0, content = ''
             where id = ? and edition = ?"""
    db.execute(sql, [article, refused, entry.id, entry.edition])


def note_told(db: Connection, number: int, last: int, now: float) -> None:
    """Records that a feed's notice was sent, covering entries up to `last`."""
    db.execute("update feeds set told = ? where id = ?", [now, number])
    sql = "update entries set told = 1 where feed = ? and id <= ? and refused is not null"
    db.execute(sql, [number, last])
