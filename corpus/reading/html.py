"""HTML to an article: the main text without the page around it, and only stated metadata."""

import json
import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.reading.metadata import iso_date, language_code, web_url
from corpus.reading.refusals import refuse_wall

HEAD = 1024  # bytes in which a browser looks for the charset
META_CHARSET = re.compile(
    rb"""<(?:meta\b|\?xml\b)[^>]*?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--[^>]*-->\s*)*<(?:!doctype\s+html|html|head|body|meta|article|div)\b",
    re.IGNORECASE,
)
ARTICLE_TYPE = re.compile("Article|Posting|Report")
DATE_META = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "date_published",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "date",
)
OUTLET_META = ("og:site_name", "citation_journal_title", "dc.publisher", "application-name")
FRAGMENT = 100  # characters; so little was perhaps only the edge of a wall
PROSE = 80  # a <time> in a paragraph longer than a byline tells of some other day
# What lxml and trafilatura are known to raise on other people's pages, which nobody typed.
UNREADABLE = (
    etree.LxmlError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def is_html(data: bytes) -> bool:
    """Whether `data` begins as a web page does, in any encoding that keeps ASCII letters."""
    return bool(MARKUP.match(data[: 2 * HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")))


def meta_charset(data: bytes) -> str | None:
    """The charset that a page states in its first bytes, as it is written there."""
    found = META_CHARSET.search(data[:HEAD])
    return found[1].decode("ascii", "replace") if found else None


def read_html(source: str, name: str) -> Article:
    """The article on a page; title and text are empty where the page has none.

    `name` is the page's file name or URL. What lxml or trafilatura can't take is NotAnArticle.
    """
    # Loading trafilatura takes a third of a second, which only those who read HTML should pay.
    from trafilatura import load_html

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs what we raise
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        tree = load_html(source)
        if tree is None:
            return Article(id="", title="", text=_without_tags(source))
        return _article(tree, name)
    except UNREADABLE as error:
        raise NotAnArticle(f"{name} is HTML that can't be read; send its text as .txt instead.") from error


def _without_tags(source: str) -> str:
    return re.sub("<[^<>]*>", " ", source).strip()


def _article(tree: HtmlElement, name: str) -> Article:
    from trafilatura import html2txt
    from trafilatura.metadata import extract_metadata

    linked = _linked_data(tree)
    # extract_metadata also guesses a date, a site name and a URL; those we read ourselves.
    found = extract_metadata(tree, extensive=False)
    seen = str(html2txt(tree))
    text = _main_text(tree)
    if len(text) < FRAGMENT:
        refuse_wall(_words(found.title) or "", f"{seen}\n{_without_script(tree)}", name)
    return Article(
        id="",
        title=_words(found.title) or "",
        author=_words(found.author),
        outlet=_outlet(tree, linked),
        url=_url(tree, name),
        published=_published(tree, linked),
        language=_language(tree),
        text=text,
    )


def _without_script(tree: HtmlElement) -> str:
    """What the page says to those who read it without JavaScript."""
    return "\n".join(tag.text_content() for tag in tree.iter("noscript"))


def _words(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _main_text(tree: HtmlElement) -> str:
    from trafilatura import bare_extraction
    from trafilatura.settings import DEFAULT_CONFIG, Document
    from trafilatura.xml import xmltotxt

    # Below this size trafilatura takes all of the page's text, run together on one line.
    settings = deepcopy(DEFAULT_CONFIG)
    settings["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(FRAGMENT)
    etree.strip_tags(tree, "q")  # it would end a paragraph after each
    document = bare_extraction(tree, include_comments=False, include_tables=False, config=settings)
    if not isinstance(document, Document):
        return ""
    for item in document.body.iter("item"):
        item.tag = "p"  # or a "- " that the page does not have would stand before it
    return str(xmltotxt(document.body, include_formatting=False)).strip()


def _linked_data(tree: HtmlElement) -> list[dict[str, Any]]:
    """The objects of the page's JSON-LD that describe an article."""
    found: list[dict[str, Any]] = []
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            found += _objects(json.loads(script.text or "", strict=False))
        except (ValueError, RecursionError):  # other people's JSON may be broken or bottomless
            continue
    return [thing for thing in found if ARTICLE_TYPE.search(str(thing.get("@type")))]


def _objects(value: object) -> Iterator[dict[str, Any]]:
    for thing in value if isinstance(value, list) else [value]:
        if isinstance(thing, dict):
            yield thing
            yield from (part for part in _list(thing.get("@graph")) if isinstance(part, dict))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _meta(tree: HtmlElement, names: tuple[str, ...]) -> Iterator[str]:
    """The contents of the page's meta tags, those that are named first first."""
    by_name: dict[str, str] = {}
    for tag in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            by_name.setdefault(tag.get(key, "").lower(), tag.get("content", "").strip())
    yield from (by_name[name] for name in names if by_name.get(name))


def _outlet(tree: HtmlElement, linked: list[dict[str, Any]]) -> str | None:
    for thing in linked:
        publisher = thing.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            return _words(publisher["name"])
    return next(map(_words, _meta(tree, OUTLET_META)), None)


def _url(tree: HtmlElement, name: str) -> str | None:
    links = [link.get("href", "") for link in tree.iterfind(".//link[@rel='canonical']")]
    for stated in [*links, *_meta(tree, ("og:url",))]:
        if stated.strip() and (url := web_url(stated, base=name)):
            return url
    return None


def _language(tree: HtmlElement) -> str | None:
    root = tree.getroottree().getroot()
    stated = [root.get("lang", ""), root.get("{http://www.w3.org/XML/1998/namespace}lang", "")]
    stated += [root.get("xml:lang", ""), *_meta(tree, ("og:locale", "language", "dc.language"))]
    return next(filter(None, map(language_code, stated)), None)


def _published(tree: HtmlElement, linked: list[dict[str, Any]]) -> str | None:
    """The date that the page states for itself; htmldate would guess one from text or URL."""
    stated = [*_meta(tree, DATE_META[:1])]
    stated += [str(thing.get("datePublished") or "") for thing in linked]
    stated += _meta(tree, DATE_META)
    stated += [tag.get("datetime") or tag.get("content") or "" for tag in _marked(tree)]
    return next(filter(None, map(iso_date, stated)), None) or _only_time(tree)


def _marked(tree: HtmlElement) -> list[HtmlElement]:
    return list(tree.xpath(".//*[@itemprop='datePublished'] | .//time[@pubdate]"))


def _only_time(tree: HtmlElement) -> str | None:
    """The date of the <time> tags about the article, when they all name one day."""
    scope = tree.find(".//article")
    times = (tree if scope is None else scope).iterfind(".//time[@datetime]")
    dates = [iso_date(time.get("datetime")) for time in times if not _aside(time)]
    days = {day[:10] if day else None for day in dates}
    return dates[0] if len(days) == 1 else None


def _aside(time: HtmlElement) -> bool:
    """Whether a <time> stands in prose, in comments or in the page's furniture."""
    for around in time.iterancestors():
        if around.tag in ("aside", "footer", "nav", "li", "blockquote"):
            return True
        if around.tag == "p" and len(around.text_content()) > PROSE:
            return True
        if "comment" in f"{around.get('class')} {around.get('id')}".lower():
            return True
    return False
