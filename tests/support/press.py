"""A web of a test's own: pages, feeds and redirects by URL, with the interface of corpus.feeds.fetch.Web."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from corpus.feeds.feed_file import Entry
from corpus.feeds.fetch import Fetched, Unfetched


@dataclass
class Press:
    """What is at each URL; `asked` are the URLs that were fetched, in order."""

    pages: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    redirects: dict[str, tuple[str, bool]] = field(default_factory=dict)
    failures: dict[str, Unfetched] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    conditions: list[tuple[str, str]] = field(default_factory=list)

    def put(self, url: str, body: str | bytes, content_type: str = "text/html; charset=utf-8") -> None:
        """Have something at a URL."""
        self.pages[url] = (body.encode() if isinstance(body, str) else body, content_type)

    async def fetch(self, url: str, *, etag: str = "", modified: str = "", **_: object) -> Fetched:
        """As Web.fetch; a page's ETag is its hash, unless `etags` has one."""
        self.asked.append(url)
        self.conditions.append((etag, modified))
        moved, permanent = "", True
        while (asked := url.partition("?")[0]) in self.redirects:
            url, this = self.redirects[asked]
            permanent = permanent and this
            moved = url if permanent else moved
        if url in self.failures:
            raise self.failures[url]
        there = url if url in self.pages else url.partition("?")[0]  # sites don't mind what they don't know
        if there not in self.pages:
            raise Unfetched("The site answers 404 Not Found.")
        body, content_type = self.pages[there]
        mark = self.etags.get(url) or hashlib.sha256(body).hexdigest()
        if etag == mark:
            return Fetched(url, 304, b"", content_type, etag, modified, moved)
        return Fetched(url, 200, body, content_type, mark, "Mon, 03 Jun 2024 10:00:00 GMT", moved)

    async def close(self) -> None:
        """Nothing is open."""


class Bench:
    """A workshop that does the work where it is."""

    async def run(self, function: Callable[..., Any], *args: object, seconds: float = 10.0) -> Any:
        """As Workshop.run."""
        return function(*args)

    def close(self) -> None:
        """Nothing was begun."""


def page(title: str, text: str, head: str = "") -> str:
    """A web page with an article; paragraphs are parted by newlines."""
    paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n"))
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>{head}'
    return (
        f"<!doctype html><html><head>{head}</head>"
        f"<body><article><h1>{escape(title)}</h1>{paragraphs}</article></body></html>"
    )


def entry(url: str, title: str, key: str = "", published: str | None = None, content: str = "") -> Entry:
    """What a feed says of an article."""
    return Entry(key or url, url, title, published, content, "")


def rss(entries: Sequence[Entry], title: str = "The Daily") -> bytes:
    """A feed of entries."""
    items = "".join(_item(each) for each in entries)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{escape(title)}</title>
<language>en-gb</language>{items}</channel></rss>""".encode()


def _item(each: Entry) -> str:
    fields = {
        "title": each.title,
        "link": each.url,
        "dc:date": each.published,
        "content:encoded": each.content,
    }
    said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value)
    return f'<item>{said}<guid isPermaLink="false">{escape(each.key)}</guid></item>'
