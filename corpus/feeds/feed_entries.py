"""An entry of a feed to an article in the store, which it is once, however often feeds tell of it."""

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from html import escape

from rapidfuzz import fuzz

from corpus.article import Article
from corpus.database import Database
from corpus.errors import NotAnArticle
from corpus.feeds.feed_table import Waiting
from corpus.feeds.fetch import Fetched, Web
from corpus.feeds.pages import read_page, refuse_front_page
from corpus.reading.extract import extract
from corpus.reading.parser_process import ParserProcess
from corpus.store import Change, Incoming, Store
from corpus.urls import canonical, same_site

ALIKE = 90  # of 100: texts under one name that are one article, trivially edited
ALIKE_BY_ITSELF = 97  # whatever they are named
COMPARED = 20_000  # characters of each
RECENT = 50  # articles of a feed with which a new one is compared


@dataclass(frozen=True, slots=True)
class _Read:
    """An article as its page (None: the feed itself) has it, and the address that the page claims."""

    article: Article
    page: Fetched | None
    digest: str
    claimed: str = ""


class Arrivals:
    """Fetches, reads and stores what feeds tell of."""

    def __init__(self, database: Database, store: Store, web: Web, parser: ParserProcess) -> None:
        self._db = database
        self._store = store
        self._web = web
        self._parser = parser

    async def take(self, entry: Waiting) -> tuple[str, Change]:
        """Take in the article of an entry, announced where it is new, unless the entry is quiet; its id.

        Raises Unfetched where there is no page, NotAnArticle or TooHard where it is none.
        """
        known = None if entry.article else self._known(entry.address)
        if known:
            return known, "unchanged"
        read = await self._read(entry)
        return await asyncio.to_thread(self._keep, entry, read)

    async def _read(self, entry: Waiting) -> _Read:
        if not entry.url:
            return await self._read_content(entry)
        page = await self._web.fetch(entry.url)
        refuse_front_page(entry.url, page.url)
        try:
            article, claimed = await read_page(page, self._parser)
        except NotAnArticle:
            if not (entry.content and same_site(entry.feed_url, page.url)):
                raise
            return await self._read_content(entry)
        outlet = article.outlet or (entry.outlet if same_site(entry.feed_url, page.url) else None)
        article = replace(article, outlet=outlet)
        return _Read(_completed(article, entry), page, hashlib.sha256(page.body).hexdigest(), claimed)

    async def _read_content(self, entry: Waiting) -> _Read:
        """The article as the feed itself holds it."""
        head = f"<head><title>{escape(entry.title)}</title></head>"
        page = f"<html>{head}<body><article>{entry.content}</article></body></html>".encode()
        name = f"{entry.title.replace('/', ' ') or 'entry'}.html"
        article = await self._parser.run(extract, page, name, "utf-8")
        article = replace(
            article, title=entry.title or article.title, url=entry.url or None, outlet=entry.outlet
        )
        return _Read(_completed(article, entry), None, hashlib.sha256(page).hexdigest())

    def _keep(self, entry: Waiting, read: _Read) -> tuple[str, Change]:
        address = canonical(read.page.url) if read.page else entry.address
        source = read.page.url if read.page else entry.feed_url
        known = entry.article or self._known(address)
        if known:
            origin = self._ours(known, source)
        else:
            known = self._same_story(entry, read)
            origin = None if known else self._new_origin(entry, read, address)
        if origin is None:
            return known or "", "unchanged"
        article = read.article
        if read.page and not (read.claimed and origin == f"web:{read.claimed}"):
            article = replace(article, url=read.page.url)  # a claim of the page that was not believed
        incoming = Incoming(article, origin, read.digest, feed=entry.feed)
        (change,) = self._store.put(incoming, quiet=entry.quiet)
        sql = "select id from articles where origin = ?"
        return self._db.read().execute(sql, [origin]).fetchone()[0], change

    def _known(self, address: str) -> str | None:
        """The article at an address; also one that somebody took out by hand, which stays out."""
        sql = """select id from articles where address = ? and (withdrawn is null or withdrawn = 'removed')
                 order by withdrawn is null desc, added desc limit 1"""
        row = self._db.read().execute(sql, [address]).fetchone()
        return str(row[0]) if row else None

    def _ours(self, number: str, source: str) -> str | None:
        """The origin of an article that a page or feed at `source` may change; None where it may not.

        Only what came from that site by a feed, lest one site write what another is quoted with.
        """
        sql = "select origin from articles where id = ? and withdrawn is null"
        row = self._db.read().execute(sql, [number]).fetchone()
        kind, _, url = str(row[0] if row else "").partition(":")
        return f"{kind}:{url}" if kind in ("web", "entry") and same_site(url, source) else None

    def _same_story(self, entry: Waiting, read: _Read) -> str | None:
        """The article that this one repeats under another address, unchanged or nearly so."""
        sql = """select article, max(key = ? or title = ? collate nocase and title != '') from entries
                 where feed = ? and id != ? and article is not null group by article
                 order by max(id) desc limit ?"""
        values = [entry.key, entry.title, entry.feed, entry.id, RECENT]
        found = [(str(number), bool(named)) for number, named in self._db.read().execute(sql, values)]
        for number, named in [(self._known(read.claimed), True), *found]:
            other = self._store.article(number) if number else None
            if other and is_same(read.article, other, named=named):
                return number
        return None

    def _new_origin(self, entry: Waiting, read: _Read, address: str) -> str:
        if not entry.url:
            return f"entry:{canonical(entry.feed_url)}{entry.address}"
        trusted = read.claimed and not self._known(read.claimed)  # some sites claim one address for all pages
        return f"web:{read.claimed if trusted else address}"


def is_same(one: Article, other: Article, *, named: bool) -> bool:
    """Whether two texts are one article, `named` alike or not.

    What differs in its numbers may be a series, unless it has one name and one day.
    """
    first, second = (article.text[:COMPARED] for article in (one, other))
    alike = ALIKE if named else ALIKE_BY_ITSELF
    if fuzz.ratio(first, second, score_cutoff=alike) < alike:
        return False
    days = {article.published[:10] for article in (one, other) if article.published}
    return (named and len(days) < 2) or re.findall(r"\d+", first) == re.findall(r"\d+", second)


def _completed(article: Article, entry: Waiting) -> Article:
    """An article with what only its feed says of it."""
    published = article.published or entry.published
    return replace(article, published=published, language=article.language or entry.language)
