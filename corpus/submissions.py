"""Turns submissions (a web address, a file or a post) into incoming articles."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from corpus.article import Article
from corpus.catalogue import Catalogue, Record
from corpus.errors import NotAnArticle
from corpus.feeds.feed_entries import is_same
from corpus.feeds.fetch import Web
from corpus.feeds.pages import read_page, refuse_front_page
from corpus.intake import MAX_BYTES, SUFFIXES
from corpus.reading.decode import storable
from corpus.reading.extract import extract, slug
from corpus.reading.html import is_html
from corpus.reading.parser_process import ParserProcess
from corpus.store import Incoming, Store
from corpus.urls import canonical

LONGEST = 2_000_000  # characters of a text; storing ten times as many would block everything else for seconds
KINDS = "Send the article as a .txt, .md or .html file."


@dataclass(frozen=True, slots=True)
class Post:
    """A channel post; `name` is the channel's username, "" if it is private."""

    channel: int
    number: int
    title: str
    name: str
    author: str | None
    date: datetime
    text: str


class Submissions:
    """Fetches and parses submissions, in a process that can be killed; stores nothing."""

    def __init__(self, store: Store, catalogue: Catalogue, web: Web, parser: ParserProcess) -> None:
        self._store = store
        self._catalogue = catalogue
        self._web = web
        self._parser = parser

    async def page(self, url: str) -> Incoming:
        """Returns the article at a web address; raises Unfetched, NotAnArticle or ParseLimitExceeded."""
        page = await self._web.fetch(url)
        refuse_front_page(url, page.url)
        article, _ = await read_page(page, self._parser)
        origin, held = f"web:{canonical(page.url)}", self._held(article)
        if held:  # whichever form of its address was submitted
            origin, article = held.origin, replace(article, url=held.url)
        return Incoming(article, origin, hashlib.sha256(page.body).hexdigest())

    async def file(self, data: bytes, name: str) -> Incoming:
        """Returns the article in a file; only letters, digits and the suffix of its name are used.

        Raises NotAnArticle or ParseLimitExceeded.
        """
        suffix = suffix_of(name)
        if suffix == ".txt" and is_html(data):
            suffix = ".html"
        stem = slug(PurePosixPath(storable(name).replace("\\", "/")).stem)
        article = await self._parser.run(extract, data, stem + suffix)
        if len(article.text) > LONGEST:
            raise NotAnArticle(f"That text has over {LONGEST // 10**6} million characters: send it in parts.")
        digest = hashlib.sha256(data).hexdigest()
        return Incoming(article, f"sent:{digest}", digest)

    async def post(self, post: Post) -> Incoming:
        """Returns the article in a post; an edited post is a new version of the same article."""
        name = f"{post.name or 'post'}-{post.number}.txt"
        data = storable(post.text).encode()
        article = await self._parser.run(extract, data, name, "utf-8")
        article = replace(
            article,
            outlet=storable(post.title),
            author=post.author,
            published=post.date.isoformat(),
            url=f"https://t.me/{post.name}/{post.number}" if post.name else None,
        )
        origin = f"post:{post.channel}/{post.number}"
        return Incoming(article, origin, hashlib.sha256(data).hexdigest())

    def _held(self, article: Article) -> Record | None:
        """Returns the stored web article that this one is a version of."""
        number = self._store.by_url(article.url or "") or ""
        standing, record = self._store.article(number), self._catalogue.get(number)
        if standing is None or record is None or not is_same(article, standing, named=True):
            return None
        return record if record.origin.startswith("web:") else None


def refuse_file(name: str, size: int | None) -> None:
    """Raises NotAnArticle for a file not worth fetching, by its name and stated size."""
    if suffix_of(name) not in SUFFIXES:
        raise NotAnArticle(f"I read no files of that kind. {KINDS}")
    if size is None or size > MAX_BYTES:
        raise NotAnArticle(f"That file is over {MAX_BYTES // 10**6} MB; no article is that long.")


def suffix_of(name: str) -> str:
    """Returns a file name's suffix in lower case."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()
