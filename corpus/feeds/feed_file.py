"""Parses RSS, Atom and JSON Feed into entries with plain titles and absolute URLs."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from io import BytesIO
from typing import Any

from corpus.errors import CitewireError
from corpus.reading.decode import CONTROLS, storable
from corpus.reading.html import UNREADABLE
from corpus.reading.metadata import iso_date, language_code, web_url
from corpus.urls import canonical

MOST = 200  # entries read from a feed, from the top
TITLE = 300  # characters
KEY = 300
URL = 2000
BREAK = re.compile(r"<(?:br|/?(?:p|div|li|h[1-6]))\b[^<>]*>", re.IGNORECASE)
TAG = re.compile("<[^<>]*>")
# The end of a complete feed; UTF-16 adds a null byte per letter.
END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*-->\s*)?$", re.IGNORECASE | re.DOTALL)
TAIL = 2000
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


class NotAFeed(CitewireError):
    """The bytes are not a feed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the key its feed knows it by, and its article's URL ("" if none).

    `content` is HTML, "" if the feed only has a teaser; a changed `edition` means a changed entry.
    """

    key: str
    url: str
    title: str
    published: str | None
    content: str
    edition: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's metadata and its entries in order; `is_whole` is False if it was truncated."""

    title: str
    language: str | None
    entries: tuple[Entry, ...]
    is_whole: bool = True


def parse(data: bytes, url: str, content_type: str = "") -> Feed:
    """Parses the feed in `data`, fetched from `url` with this Content-Type; raises NotAFeed."""
    try:
        is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        feed = _json(data, url) if is_json else _xml(data, url, content_type)
    except UNREADABLE as error:
        raise _not_a_feed(url) from error
    if feed is None:
        raise _not_a_feed(url)
    return feed


def named_feed(data: bytes, url: str) -> str | None:
    """Returns the first feed that a web page links as an alternate form of itself."""
    from lxml.html import document_fromstring

    try:
        tree = document_fromstring(data)
        base = next((web_url(tag.get("href", ""), base=url) for tag in tree.iter("base")), None) or url
        links = [link for link in tree.iter("link") if "alternate" in link.get("rel", "").lower().split()]
        named = [link.get("href") for link in links if link.get("type", "").lower().strip() in FEED_TYPES]
        return next(filter(None, (web_url(href, base=base) for href in named if href)), None)
    except UNREADABLE:
        return None


def _not_a_feed(url: str) -> NotAFeed:
    return NotAFeed(
        f"{url} is no feed; give the address of an RSS, Atom or JSON feed, or of a page with one."
    )


def _xml(data: bytes, url: str, content_type: str) -> Feed | None:
    import feedparser

    found = feedparser.parse(
        BytesIO(data),  # a string could be taken for a path or an address, and opened
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,  # only text is used
        resolve_relative_uris=False,
    )
    if not found.get("version"):
        return None
    is_whole = bool(END.search(data[-TAIL:].replace(b"\0", b"").rstrip()))
    entries = [_xml_entry(entry, url, found["version"]) for entry in found["entries"][:MOST]]
    about = found["feed"]
    return Feed(
        title=_title(about),
        language=language_code(about.get("language") or ""),
        entries=tuple(filter(None, entries if is_whole else entries[:-1])),  # the last may be truncated
        is_whole=is_whole,
    )


def _xml_entry(entry: Any, url: str, version: str) -> Entry | None:
    # feedparser warns when `updated` is read but missing
    updated = str(entry["updated"]) if "updated" in entry else ""
    published = str(entry.get("published") or (updated if version.startswith("rss") else ""))
    link = str(entry.get("link") or "")
    details = list(entry.get("content") or []) or ([] if link else [entry.get("summary_detail") or {}])
    content = next((_as_html(str(each.get("value") or ""), is_html=_is_html(each)) for each in details), "")
    said = _text(str(entry.get("summary") or ""))
    return _entry(str(entry.get("id") or ""), link, url, _title(entry), published, content, updated or said)


def _title(thing: Any) -> str:
    detail = thing.get("title_detail") or {}
    title = str(thing.get("title") or "")
    return _line(_text(title) if _is_html(detail) else title)


def _is_html(detail: Any) -> bool:
    return "html" in str(detail.get("type"))


def _json(data: bytes, url: str) -> Feed | None:
    found = json.loads(data.decode("utf-8-sig", "replace"), strict=False)
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        return None
    language = language_code(_string(found, "language"))
    items = [item for item in found["items"][:MOST] if isinstance(item, dict)]
    entries = tuple(entry for item in items if (entry := _json_entry(item, url)))
    return Feed(_line(_string(found, "title")), language, entries)


def _json_entry(item: dict[str, Any], url: str) -> Entry | None:
    content = _string(item, "content_html") or _as_html(_string(item, "content_text"), is_html=False)
    link = _string(item, "url") or _string(item, "external_url")
    edition = _string(item, "date_modified") or _text(content)
    published = _string(item, "date_published")
    return _entry(_string(item, "id"), link, url, _line(_string(item, "title")), published, content, edition)


def _string(thing: dict[str, Any], name: str) -> str:
    """Returns a field as text, "" if missing or of another type; ids may be numbers."""
    value = thing.get(name)
    return str(value) if isinstance(value, str | int) else ""


def _entry(
    guid: str, link: str, base: str, title: str, published: str, content: str, edition: str
) -> Entry | None:
    """Returns an entry, or None if nothing identifies it or it has neither URL nor content."""
    url = web_url(storable(link), base=base) or "" if link.strip() else ""
    url = url if canonical(url) and len(url) <= URL else ""
    named = storable(guid.strip()) or canonical(url) or (title and _digest(title))
    key = named if len(named) <= KEY else _digest(named)
    content = storable(content)
    if not key or not (url or content):
        return None
    date = iso_date(published) if published.strip() else None
    return Entry(key, url, title, date, content, _digest(f"{title}\0{edition}"))


def _as_html(text: str, *, is_html: bool) -> str:
    if is_html:
        return text
    paragraphs = re.split(r"\n\s*\n", text)
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs if paragraph.strip())


def _text(html: str) -> str:
    return unescape(TAG.sub("", BREAK.sub(" ", html)))


def _line(text: str) -> str:
    """Returns text on one line, without characters that can't be stored or shown."""
    line = " ".join(CONTROLS.sub("", storable(text)).split())
    return line if len(line) <= TITLE else line[:TITLE].rstrip() + "…"


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()
