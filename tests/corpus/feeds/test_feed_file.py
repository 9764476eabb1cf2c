"""What is read from a feed, in every dialect; and that no feed takes more than it may."""

import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from press import entry, rss

from corpus.feeds.feed_file import Entry, Feed, NotAFeed, parse
from corpus.reading.parser_process import ParseLimitExceeded, ParserProcess

URL = "https://daily.example/news/feed"


def rss2(item: str, channel: str = "<title>The Daily</title>") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}<item>{item}</item></channel></rss>'


def atom(entry: str, about: str = "<title>The Daily</title>") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{about}<entry>{entry}</entry></feed>'


def rdf(item: str) -> str:
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Daily</title></channel>
        <item>{item}</item></rdf:RDF>"""


def json_feed(**item: object) -> str:
    about = {"version": "https://jsonfeed.org/version/1.1", "title": "The Daily", "language": "de-AT"}
    return json.dumps({**about, "items": [item]})


def only(feed: str | bytes, content_type: str = "") -> Entry:
    """The one entry of a feed."""
    (found,) = parse(feed.encode() if isinstance(feed, str) else feed, URL, content_type).entries
    return found


LINK = "<link>https://daily.example/a</link>"
ADDRESSES = {
    "RSS 2.0": rss2(f"<title>A</title>{LINK}<guid isPermaLink='false'>k</guid>"),
    "RSS 2.0, the guid is the link": rss2("<guid>https://daily.example/a</guid>"),
    "RSS 2.0, relative": rss2("<link>/a</link>"),
    "RSS 1.0": rdf(f"<title>A</title>{LINK}"),
    "Atom": atom("<id>k</id><link rel='self' href='/x'/><link rel='alternate' href='/a'/>"),
    "Atom with a base": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://daily.example/x/">'
    "<entry><link href='../a'/></entry></feed>",
    "JSON Feed": json_feed(id="k", url="../a"),
    "JSON Feed, linked": json_feed(id="k", external_url="https://daily.example/a"),
    "a byte order mark and a blank line": "\ufeff\n" + rss2(LINK),
    "an undeclared namespace": rss2(f"{LINK}<x:y>z</x:y>"),
    "an ampersand that stands alone": rss2(f"<title>B & B</title>{LINK}"),
}


@pytest.mark.parametrize("dialect", ADDRESSES)
def test_every_dialect_says_where_its_articles_are(dialect: str) -> None:
    assert only(ADDRESSES[dialect]).url == "https://daily.example/a"


KEYS = [
    (rss2(f"{LINK}<guid isPermaLink='false'> k </guid>"), "k"),
    (rss2("<link>http://daily.example/a/?utm_source=x</link>"), "https://daily.example/a"),
    (atom("<id>urn:k</id><link href='/a'/>"), "urn:k"),
    (json_feed(id=5, url="/a"), "5"),
]


@pytest.mark.parametrize(("feed", "key"), KEYS)
def test_an_entry_is_known_by_its_id_or_its_url(feed: str, key: str) -> None:
    assert only(feed).key == key


def test_an_entry_without_either_is_known_by_its_title() -> None:
    one, same = (only(rss2(f"<title>Rain</title><description>{n}</description>")).key for n in "ab")
    other = only(rss2("<title>Sun</title><description>a</description>")).key
    assert one == same != other


@pytest.mark.parametrize(
    ("feed", "title"),
    [
        (rss2(f"<title>A &lt;b&gt;bo&lt;/b&gt;ld one</title>{LINK}"), "A bold one"),
        (rss2(f"<title><![CDATA[Q&amp;A:<br>all]]></title>{LINK}"), "Q&A: all"),
        (rss2(f"<title>5 &lt; 6 &amp; 7</title>{LINK}"), "5 < 6 & 7"),
        (rss2(f"<title>\n  Two\n lines </title>{LINK}"), "Two lines"),
        (atom("<title type='html'>AT&amp;amp;T</title><link href='/a'/>"), "AT&T"),
        (atom("<title type='text'>1 &lt;b&gt; 2</title><link href='/a'/>"), "1 <b> 2"),
        (json_feed(title="<b> stays", url="/a"), "<b> stays"),
        (json_feed(title="a\ud800\0b", url="/a"), "a\ufffdb"),
        (rss2(f"<title>{'x' * 400}</title>{LINK}"), "x" * 300 + "…"),
    ],
)
def test_titles_are_plain_text(feed: str, title: str) -> None:
    assert only(feed).title == title


@pytest.mark.parametrize(
    ("feed", "published"),
    [
        (rss2(f"{LINK}<pubDate>Mon, 03 Jun 2024 10:00:00 GMT</pubDate>"), "2024-06-03T10:00:00+00:00"),
        (rdf(f"{LINK}<dc:date>2024-06-03</dc:date>"), "2024-06-03"),
        (atom("<link href='/a'/><published>2024-06-03T10:00:00Z</published>"), "2024-06-03T10:00:00+00:00"),
        (atom("<link href='/a'/><updated>2024-06-03T10:00:00Z</updated>"), None),
        (json_feed(url="/a", date_published="2024-06-03T10:00:00+02:00"), "2024-06-03T10:00:00+02:00"),
        (rss2(f"{LINK}<pubDate>yesterday</pubDate>"), None),
        (rss2(LINK), None),
    ],
)
def test_a_date_is_what_is_stated_or_none(feed: str, published: str | None) -> None:
    assert only(feed).published == published


@pytest.mark.parametrize(
    ("feed", "content"),
    [
        (rss2(f"{LINK}<description>A teaser.</description>"), ""),
        (
            rss2("<title>A</title><description>&lt;p&gt;All of it.&lt;/p&gt;</description>"),
            "<p>All of it.</p>",
        ),
        (atom("<link href='/a'/><content type='html'>&lt;p&gt;All.&lt;/p&gt;</content>"), "<p>All.</p>"),
        (json_feed(url="/a", content_text="One < two.\n\nThree."), "<p>One &lt; two.</p><p>Three.</p>"),
        (json_feed(url="/a", content_html="<p>All.</p>"), "<p>All.</p>"),
    ],
)
def test_the_text_of_an_article_in_a_feed_is_kept_and_a_teaser_is_not(feed: str, content: str) -> None:
    assert only(feed).content == content


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (atom("<link href='/a'/><updated>2024-06-03</updated>"), atom("<link href='/a'/>"), False),
        (rss2(f"{LINK}<title>A</title>"), rss2(f"{LINK}<title>B</title>"), False),
        (rss2(f"{LINK}<description>A</description>"), rss2(f"{LINK}<description>B</description>"), False),
        (rss2(f"{LINK}<guid isPermaLink='false'>1</guid>"), rss2(f"{LINK}<guid>2</guid>"), True),
        (
            rss2(f"{LINK}<description>A &lt;img src='1'&gt;</description>"),
            rss2(f"{LINK}<description>A &lt;img src='2'&gt;</description>"),
            True,
        ),
    ],
)
def test_an_edition_changes_with_what_the_feed_says_of_the_article(
    before: str, after: str, same: bool
) -> None:
    assert (only(before).edition == only(after).edition) == same


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_letters_are_read_as_the_header_or_the_feed_says(encoding: str) -> None:
    said = rss2(f"<title>Река</title>{LINK}")
    assert only(said.encode(encoding), f"application/rss+xml; charset={encoding}").title == "Река"
    if encoding != "utf-16":
        stated = said.replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
        assert only(stated.encode(encoding), "text/xml").title == "Река"


def test_what_a_feed_says_of_itself() -> None:
    feed = parse(rss([entry("https://daily.example/a", "A")]), URL)
    assert (feed.title, feed.language, feed.is_whole) == ("The Daily", "en", True)
    feed = parse(json_feed(url="/a").encode(), URL)
    assert (feed.title, feed.language) == ("The Daily", "de")


def test_an_entry_that_says_nothing_is_left_out() -> None:
    nothing = (
        "<title>Only a title</title>",
        "<link>mailto:a@b.example</link>",
        "<guid isPermaLink='false'>x</guid>",
        "",
    )
    assert [parse(rss2(item).encode(), URL).entries for item in nothing] == [()] * 4


@pytest.mark.parametrize("cut", range(0, 500, 7))
def test_a_feed_that_was_cut_short_has_no_half_an_entry(cut: int) -> None:
    entries = [entry(f"https://daily.example/{n}/some-story", f"Story {n}", f"key-{n}") for n in range(5)]
    whole = rss(entries)
    try:
        found = parse(whole[: len(whole) - 10 - cut], URL)
    except NotAFeed:
        return
    assert not found.is_whole
    assert {(e.key, e.url, e.title) for e in found.entries} <= {(e.key, e.url, e.title) for e in entries}


NONE: list[str | bytes] = [
    "", " ", "\0\0", "hello", "<html><body><p>News</p></body></html>", "{", "[]", "{}", '{"items": 5}', "<",
    "<x/>", '{"items": [' * 100_000, "[" * 100_000, b"\xff\xfe", b"\x89PNG\r\n\x1a\n", "/etc/passwd",
    "<!DOCTYPE rss>", '{"items": [' + "9" * 5000 + "]}",
]  # fmt: skip


@pytest.mark.parametrize("data", NONE, ids=range(len(NONE)))
def test_what_is_no_feed_is_refused_in_a_sentence(data: str | bytes) -> None:
    with pytest.raises(NotAFeed, match=r"^https://daily.example/news/feed is no feed; give the address"):
        parse(data if isinstance(data, bytes) else data.encode(), URL)


# Bombs.

SIZE = 2_000_000


def laughs(depth: int = 12, times: int = 10) -> str:
    """An entity that is made of others, each of them of others."""
    named = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * times}">' for n in range(depth))
    item = f"<title>&l{depth};</title>{LINK}"
    return f'<!DOCTYPE rss [<!ENTITY l0 "ha">{named}]>' + rss2(item).partition("?>")[2]


def entity(declared: str) -> str:
    """A feed whose title is an entity that reads something."""
    declared = f"<!DOCTYPE rss [{declared}]>"
    return f'<?xml version="1.0"?>{declared}' + rss2(f"<title>a&x;b</title>{LINK}").partition("?>")[2]


def filled(piece: str, item: Callable[[str], str]) -> str:
    return rss2(item(piece * (SIZE // len(piece))))


BOMBS: dict[str, Callable[[], str]] = {
    "entities of entities": laughs,
    "one large entity, often": lambda: entity(f'<!ENTITY x "{"y" * 10_000}">').replace("&x;", "&x;" * 10_000),
    "an entity of a file": lambda: entity('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "an entity of the web": lambda: entity('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'),
    "a parameter entity": lambda: entity('<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;'),
    "a foreign doctype": lambda: '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">' + rss2(LINK)[21:],
    "an inclusion": lambda: rss2(
        f'{LINK}<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    ),
    "attributes": lambda: rss2("<x " + " ".join(f"a{n}='1'" for n in range(SIZE // 12)) + f"/>{LINK}"),
    "one attribute": lambda: filled("y", lambda much: f"<x a='{much}'/>{LINK}"),
    "namespaces": lambda: rss2("".join(f"<n{n}:x xmlns:n{n}='urn:{n}'/>" for n in range(SIZE // 30)) + LINK),
    "items": lambda: rss2("</item><item>".join(f"<link>/{n}</link>" for n in range(SIZE // 30))),
    "one item": lambda: filled("Much is said. ", lambda much: f"{LINK}<description>{much}</description>"),
    "one title": lambda: filled("y", lambda much: f"{LINK}<title>{much}</title>"),
    "depth": lambda: rss2("<a>" * (SIZE // 7) + LINK + "</a>" * (SIZE // 7)),
    "tags that never end": lambda: rss2(LINK) + "<" * SIZE,
    "markup in titles": lambda: filled("&lt;b&gt;&lt;i", lambda much: f"{LINK}<title>{much}</title>"),
    "references": lambda: filled("&#8364;", lambda much: f"{LINK}<title>{much}</title>"),
    "one long number": lambda: json_feed(url="/a")[:-2] + ', "x": ' + "9" * SIZE + "}]}",
    "items of JSON": lambda: json.dumps({"items": [{"url": f"/{n}"} for n in range(SIZE // 20)]}),
}


@pytest.fixture(scope="module")
def opened() -> Callable[[], list[str]]:
    """The paths that were opened and the addresses that were asked for since it was last called."""
    seen: list[str] = []

    def note(event: str, args: tuple[object, ...]) -> None:
        if event in ("open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen"):
            seen.append(f"{event} {args[0]}")

    sys.addaudithook(note)

    def take() -> list[str]:
        taken = [each for each in seen if not each.endswith((".py", ".pyc", ".so"))]
        seen.clear()
        return taken

    return take


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    """A process for all of them."""
    made = ParserProcess()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_ends_in_time_with_few_small_entries_and_nothing_expanded(
    parser: ParserProcess, bomb: str
) -> None:
    data = BOMBS[bomb]().encode()
    try:
        feed: Feed = await parser.run(parse, data, URL, "application/rss+xml")
    except (NotAFeed, ParseLimitExceeded):
        return
    assert len(feed.entries) <= 200
    for each in feed.entries:
        assert max(map(len, (each.title, each.key, each.url))) <= 2000
        assert len(each.content) <= len(data)
        assert "haha" not in each.title
        assert "root:" not in f"{each.title}{each.content}"


@pytest.mark.parametrize("bomb", [name for name in BOMBS if name.startswith(("a ", "an ", "entities"))])
def test_nothing_is_read_and_nobody_asked_whatever_a_feed_says(bomb: str, opened) -> None:
    parse(rss([]), URL)
    opened()
    with suppress(NotAFeed):
        parse(BOMBS[bomb]().encode(), URL)
    assert opened() == []


def test_a_body_that_is_a_path_or_an_address_is_not_opened(tmp_path: Path, opened) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss([entry("https://daily.example/a", "A")]))
    parse(path.read_bytes(), URL)
    opened()
    for body in (str(path), path.as_uri(), "http://127.0.0.1:9/feed.xml", "feed.xml"):
        with pytest.raises(NotAFeed):
            parse(body.encode(), URL)
    assert opened() == []


def test_entities_are_not_expanded_in_memory_either() -> None:
    data = laughs().encode()
    parse(rss([]), URL)
    tracemalloc.start()
    try:
        parse(data, URL)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
