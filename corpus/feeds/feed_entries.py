"""Turns feed entries into stored articles, deduplicated across feeds."""

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

ALIKE = 90  # of 100: similarity from which texts with the same title are one article
ALIKE_BY_ITSELF = 97  # the same, whatever the titles
COMPARED = 20_000  # characters of each text
RECENT = 50  # articles of a feed that a new one is compared with


@dataclass(frozen=True, slots=True)
class _Read:
    """An article from its page (None: from the feed itself), and the address the page claims."""

    article: Article
    page: Fetched | None
    digest: str
    claimed: str = ""


class FeedEntries:
    """Fetches, reads and stores the articles of feed entries."""

    def __init__(self, database: Database, store: Store, web: Web, parser: ParserProcess) -> None:
        self._db = database
        self._store = store
        self._web = web
        self._parser = parser

    async def take(self, entry: Waiting) -> tuple[str, Change]:
        """Stores an entry's article, announces it if new and the entry isn't quiet; returns its id.

        Raises Unfetched if there is no page, NotAnArticle or ParseLimitExceeded if it holds no article.
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
        """Returns the article contained in the feed itself."""
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
            article = replace(article, url=read.page.url)  # the claimed address was rejected
        incoming = Incoming(article, origin, read.digest, feed=entry.feed)
        (change,) = self._store.put(incoming, quiet=entry.quiet)
        sql = "select id from articles where origin = ?"
        return self._db.read().execute(sql, [origin]).fetchone()[0], change

    def _known(self, address: str) -> str | None:
        """Returns the article at an address, including one removed by hand, which stays removed."""
        sql = """select id from articles where address = ? and (withdrawn is null or withdrawn = 'removed')
                 order by withdrawn is null desc, added desc limit 1"""
        row = self._db.read().execute(sql, [address]).fetchone()
        return str(row[0]) if row else None

    def _ours(self, number: str, source: str) -> str | None:
        """Returns an article's origin if a page or feed at `source` may change it, else None.

        Only articles from feeds of the same site may, so no site can alter another's quotations.
        """
        sql = "select origin from articles where id = ? and withdrawn is null"
        row = self._db.read().execute(sql, [number]).fetchone()
        kind, _, url = str(row[0] if row else "").partition(":")
        return f"{kind}:{url}" if kind in ("web", "entry") and same_site(url, source) else None

    def _same_story(self, entry: Waiting, read: _Read) -> str | None:
        """Returns the article that this one repeats under another address, (nearly) unchanged."""
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
    """Returns whether two texts are the same article; `named`: whether their titles match.

    Texts that differ in their numbers may be a series, unless title and day match.
    """
    first, second = (article.text[:COMPARED] for article in (one, other))
    alike = ALIKE if named else ALIKE_BY_ITSELF
    if fuzz.ratio(first, second, score_cutoff=alike) < alike:
        return False
    days = {article.published[:10] for article in (one, other) if article.published}
    return (named and len(days) < 2) or re.findall(r"\d+", first) == re.findall(r"\d+", second)


def _completed(article: Article, entry: Waiting) -> Article:
    """Fills in what only the feed says about an article."""
    published = article.published or entry.published
    return replace(article, published=published, language=article.language or entry.language)
