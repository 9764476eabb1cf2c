"""The articles and their versions, in SQLite: the truth from which the index is made."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from typing import Any, Literal

from sqlite_utils import Database as Connection

from corpus import promotion_store
from corpus.article import Article
from corpus.article_tables import address, migrations
from corpus.database import Database
from corpus.errors import NotStored

Change = Literal["added", "changed", "unchanged"]
Announce = Callable[[Connection, Article, int | None], None]
"""Told of a new article, and of the feed that it came by, in the transaction that stores it."""
Withdrawal = Literal["gone", "removed"]
"""Why an article is withdrawn: its file has gone, or somebody took it out by hand."""

RECENT = 32
"""How many articles are kept in memory, so that one question doesn't read the same text again and again."""

FIELDS = "title, text, outlet, author, url, published, language, promotion"
STANDING = """from articles join versions on versions.article = articles.id
    and versions.hash = articles.version where articles.withdrawn is null"""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An article on its way in: where it came from, and a hash of the bytes it was read from.

    An origin that is known keeps its id. With `keep_id` an id that another origin holds is an
    error; else the id is made unique.
    """

    article: Article
    origin: str
    source_hash: str = ""
    keep_id: bool = False
    feed: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an origin."""

    id: str
    source_hash: str
    withdrawn: Withdrawal | None

    def stays(self, source_hash: str) -> bool:
        """Whether bytes with `source_hash` change nothing: they are known, or were removed by hand."""
        if self.withdrawn:
            return self.withdrawn == "removed"
        return self.source_hash == source_hash


def tell_nobody(db: Connection, article: Article, feed: int | None) -> None:
    """Announce nothing."""


class Store:
    """Articles by id, each in versions; what is withdrawn stays on record and is shown to nobody."""

    def __init__(self, database: Database, announce: Announce = tell_nobody) -> None:
        database.migrate(migrations)
        self._db = database
        self._announce = announce
        self._recent: dict[str, tuple[Article, str]] = {}  # as `current` has them, the latest last
        self._lock = Lock()

    def put(self, *incoming: Incoming, quiet: bool = False) -> list[Change]:
        """Store articles, all of them or (after NotStored) none; says of each what that changed.

        Each that is new is announced, unless `quiet`.
        """
        announce = None if quiet else self._announce
        return self._db.write(lambda db: [_put(db, each, announce) for each in incoming])

    def withdraw(self, ids: Iterable[str], why: Withdrawal) -> None:
        """Take articles out; NotStored, and nothing is taken out, where one of `ids` is not there."""
        self._db.write(lambda db: _withdraw_all(db, [*ids], why))

    def restore(self, ids: Iterable[str]) -> None:
        """Let articles stand again that were taken out by hand; NotStored, and none does, if one was not."""
        self._db.write(lambda db: _restore_all(db, ids))

    def judged(self, incoming: Incoming) -> Article:
        """An article on its way in with the promotion that it would have beside those that stand."""
        article, known = incoming.article, self.known(incoming.origin)
        spans = promotion_store.promoted(
            self._db.read(), article.text, article.outlet, known.id if known else ""
        )
        return replace(article, promotion=spans)

    def known(self, origin: str) -> Known | None:
        """What is known of an origin; None where nothing ever came from it."""
        sql = "select id, source_hash, withdrawn from articles where origin = ?"
        row = self._db.read().execute(sql, [origin]).fetchone()
        return Known(*row) if row else None

    def article(self, number: str) -> Article | None:
        """The standing version of an article; None where it is unknown or withdrawn.

        Whether it stands, and as which version, is read every time; its text only where it differs from
        the one read last.
        """
        sql = f"select version || promotion {STANDING} and id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        with self._lock:
            stored = self._recent.pop(number, None)
        if row and (stored is None or stored[1] != row[0]):
            stored = self.current(number)
        if row is None or stored is None:
            return None
        with self._lock:
            self._recent[number] = stored
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return stored[0]

    def current(self, number: str) -> tuple[Article, str] | None:
        """The standing version of an article and its fingerprint."""
        sql = f"select version, version || promotion, id, {FIELDS} {STANDING} and id = ?"
        row = self._db.read().execute(sql, [number]).fetchone()
        return (_article(row[2:]).hashed(row[0]), row[1]) if row else None

    def standing(self, numbers: Iterable[str]) -> Iterator[tuple[Article, str]]:
        """Those of the articles that stand, as `current` has them, read as they are asked for."""
        for number in numbers:
            if stored := self.current(number):
                yield stored

    def version(self, number: str, content_hash: str) -> Article | None:
        """A version of an article, whether it stands or not, to compare with what stands now."""
        sql = f"select article, {FIELDS} from versions where article = ? and hash = ?"
        row = self._db.read().execute(sql, [number, content_hash]).fetchone()
        return _article(row).hashed(content_hash) if row else None

    def by_url(self, url: str) -> str | None:
        """The id of the standing article at a URL, the one added last where several are."""
        sql = """select id from articles where address = ? and withdrawn is null
                 order by added desc, id limit 1"""
        row = self._db.read().execute(sql, [address(url)]).fetchone()
        return row[0] if row else None

    def articles(self, limit: int = -1) -> list[Article]:
        """The first `limit` standing articles (all by default), newest first, undated ones last."""
        order = "order by published desc nulls last, added desc, id limit ?"
        rows = self._db.read().execute(f"select id, {FIELDS} {STANDING} {order}", [limit])
        return [_article(row) for row in rows]

    def fingerprints(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """The standing articles, or those of `ids`, each with a text that differs when the index has to."""
        among = "" if ids is None else "and id in (select value from json_each(?))"
        sql = f"select id, version || promotion {STANDING} {among}"
        return dict(self._db.read().execute(sql, [] if ids is None else [json.dumps([*ids])]).fetchall())

    def state(self) -> int:
        """A number that differs after each change, by whichever process, to the file of the store."""
        return self._db.version()

    def holds(self, words: str) -> bool:
        """Whether the text of a standing article holds these words, to the letter."""
        sql = f"select 1 {STANDING} and instr(text, ?) limit 1"
        return self._db.read().execute(sql, [words]).fetchone() is not None

    def extent(self) -> tuple[int, str | None]:
        """How many articles stand, and the newest date that is known of one."""
        count = "select count(*) from articles where withdrawn is null"
        newest = """select published from versions where exists (select 1 from articles
            where id = article and version = hash and withdrawn is null) order by published desc limit 1"""
        row = self._db.read().execute(f"select ({count}), ({newest})").fetchone()
        return row[0], row[1]

    def is_new(self) -> bool:
        """Whether no article was ever stored, not even one that was withdrawn since."""
        return self._db.read().execute("select 1 from articles limit 1").fetchone() is None

    def dates(self) -> tuple[str, str] | None:
        """The oldest and the newest date of a standing article; None where none has one."""
        row = self._db.read().execute(f"select min(published), max(published) {STANDING}").fetchone()
        return (row[0], row[1]) if row[0] else None

    def common(self, field: Literal["outlet", "language"]) -> list[str]:
        """The outlets or the languages of the standing articles, the most common first."""
        sql = f"select {field} {STANDING} and {field} > '' group by 1 order by count(*) desc, 1"
        return [value for (value,) in self._db.read().execute(sql)]

    def characters(self, ids: Iterable[str]) -> int:
        """How long the standing versions of `ids` are together."""
        sql = f"select total(length(text)) {STANDING} and id in (select value from json_each(?))"
        return int(self._db.read().execute(sql, [json.dumps(list(ids))]).fetchone()[0])

    def origins(self, prefix: str) -> dict[str, Known]:
        """What is known of the origins that begin with `prefix`."""
        sql = "select origin, id, source_hash, withdrawn from articles where origin like ? || '%'"
        rows = self._db.read().execute(sql, [prefix])
        return {origin: Known(*rest) for origin, *rest in rows if origin.startswith(prefix)}


def _put(db: Connection, incoming: Incoming, announce: Announce | None) -> Change:
    article, origin = incoming.article, incoming.origin
    before = db.execute("select id, version, withdrawn from articles where origin = ?", [origin]).fetchone()
    article = replace(article, id=before[0] if before else _free_id(db, incoming))
    version = article.content_hash
    db.execute(
        """insert into articles (id, origin, source_hash, version, address, added)
           values (?, ?, ?, ?, ?, ?) on conflict (id) do update set source_hash = excluded.source_hash,
           version = excluded.version, address = excluded.address, withdrawn = null""",
        [article.id, origin, incoming.source_hash, version, address(article.url), _now()],
    )
    if before and before[1] == version and before[2] is None:
        return "unchanged"
    _add_version(db, article, version)
    if before and before[2] is None:
        return "changed"
    if announce:
        announce(db, article, incoming.feed)
    return "added"


def _free_id(db: Connection, incoming: Incoming) -> str:
    wanted = incoming.article.id
    for number in count(2):
        taken = db.execute("select origin from articles where id = ?", [wanted]).fetchone()
        if not taken:
            return wanted
        if incoming.keep_id:
            raise NotStored(f"The id {wanted!r} belongs to another article ({taken[0]}): choose another id.")
        wanted = f"{incoming.article.id}-{number}"
    raise AssertionError("there is always a free number")


def _add_version(db: Connection, article: Article, version: str) -> None:
    values = (
        article.title,
        article.text,
        article.outlet,
        article.author,
        article.url,
        article.published,
        article.language,
    )
    db.execute(
        f"insert or ignore into versions (article, hash, {FIELDS}, made) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', ?)",
        [article.id, version, *values, _now()],
    )
    promotion_store.shares(db, article)


def _withdraw_all(db: Connection, ids: Sequence[str], why: Withdrawal) -> None:
    for number in ids:
        sql = "update articles set withdrawn = ? where id = ? and withdrawn is null"
        if not db.execute(sql, [why, number]).rowcount:
            raise NotStored(f"There is no article {number!r}: `citewire articles` lists them.")
    promotion_store.withdrawn(db, ids)


def _restore_all(db: Connection, ids: Iterable[str]) -> None:
    restored = []
    for number in ids:
        sql = "update articles set withdrawn = null where id = ? and withdrawn = 'removed'"
        if not db.execute(sql, [number]).rowcount:
            raise NotStored(f"No article {number!r} was taken out by hand, so none can be put back.")
        row = db.execute(f"select id, {FIELDS} {STANDING} and id = ?", [number]).fetchone()
        restored.append(_article(row))
    promotion_store.shares(db, *restored)


def _article(row: tuple[Any, ...]) -> Article:
    spans = tuple((start, end) for start, end in json.loads(row[-1]))
    return Article(*(*row[:-1], spans))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
