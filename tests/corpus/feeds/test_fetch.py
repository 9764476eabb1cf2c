"""What comes of a fetch, over real connections; where nothing may come of it, no connection is tried."""

import asyncio
import gzip
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpcore
import pytest
from fakes import until
from hostile import INSIDE, NOT_OPENED, SPELLINGS
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA
from sites import HERE, Answer, connections, is_here_or_public, page, redirect, site, web_of

import corpus.feeds.fetch
from corpus.feeds.fetch import LONGEST_WAIT, Address, Fetched, Unfetched, Web, _openable, _seconds

URL = "http://news.example/"
TLS = DATA / "tls"
MB = 10**6


async def fetched(answer: Answer, url: str = URL, **how: object) -> Fetched:
    """What comes of fetching a site's only page."""
    async with web_of({"/": answer}) as (web, _):
        return await web.fetch(url, **how)


async def refusal(answer: Answer, **how: object) -> Unfetched:
    """What is said where nothing comes of it."""
    with pytest.raises(Unfetched) as refused:
        await fetched(answer, **how)
    return refused.value


class Names:
    """A name server: gives each answer once, and the last one from then on."""

    def __init__(self, *answers: list[Address]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def resolve(self, host: str, port: int) -> list[Address]:
        """The next answer."""
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_a_page_comes_as_it_is() -> None:
    answer = page(
        b"<p>\xe9", ETag='"1"', Last_Modified="Mon, 04 Nov 2024", Content_Type="text/html; charset=L1"
    )
    got = await fetched(answer)
    assert got == Fetched(URL, 200, b"<p>\xe9", "text/html; charset=L1", '"1"', "Mon, 04 Nov 2024", moved="")
    assert got.charset == "l1"


@pytest.mark.parametrize(
    ("stated", "charset"),
    [
        ("text/html;charset=utf-8", "utf-8"),
        ('text/html; Charset="Windows-1251"; x=y', "windows-1251"),
        ("text/html", None),
        ("", None),
        ("text/html; charset=", None),
        (";;=;\xff", None),
    ],
)
async def test_the_header_names_the_charset(stated: str, charset: str | None) -> None:
    assert ((await fetched(page(b"x", Content_Type=stated))).charset or None) == charset


async def test_a_server_is_asked_for_plain_bytes_and_told_who_asks() -> None:
    async with web_of({"/a?b=c%20%C3%BC": page(b"x")}) as (web, asked):
        await web.fetch("http://news.example:8080/a?b=c ü#d")
    lines = asked.heads[0].split("\r\n")
    assert lines[0] == "GET /a?b=c%20%C3%BC HTTP/1.1"
    assert {"Host: news.example:8080", "Accept-Encoding: identity", "Connection: close"} <= set(lines)
    assert [line.split("/")[0] for line in lines if line.startswith("User-Agent")] == ["User-Agent: Citewire"]
    assert not [line for line in lines if line.startswith("If-")]


async def test_what_has_not_changed_is_not_sent_again() -> None:
    async with web_of({"/": page(status=304, Content_Length="")}) as (web, asked):
        got = await web.fetch(URL, etag='W/"é"', modified="Mon, 04 Nov 2024 10:00:00 GMT")
    assert (got.status, got.body, got.etag, got.modified) == (
        304,
        b"",
        'W/"é"',
        "Mon, 04 Nov 2024 10:00:00 GMT",
    )
    assert 'If-None-Match: W/"é"' in asked.heads[0]
    assert "If-Modified-Since: Mon, 04 Nov 2024 10:00:00 GMT" in asked.heads[0]


@pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 400, 403, 404, 410, 418, 500, 503])
async def test_no_other_status_is_a_page(status: int) -> None:
    refused = await refusal(page(status=status, Content_Length=""))
    assert str(refused).startswith(f"news.example answers {status} ")
    assert refused.gone == (status == 410)
    assert refused.retry_after is None


@pytest.mark.parametrize(
    ("stated", "wait"),
    [("120", 120.0), ("0", 0.0), ("9" * 9, LONGEST_WAIT), ("-5", None), ("soon", None), ("9" * 5000, None)],
)
async def test_a_server_says_how_long_to_wait(stated: str, wait: float | None) -> None:
    assert (await refusal(page(status=429, Retry_After=stated))).retry_after == wait


async def test_a_server_says_until_when_to_wait() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    assert 7000 < ((await refusal(page(status=503, Retry_After=until))).retry_after or 0) <= 7200
    past = await refusal(page(status=503, Retry_After="Mon, 04 Nov 2024 10:00:00 GMT"))
    assert past.retry_after == 0.0


@given(st.text(st.characters(max_codepoint=255)))
def test_any_wait_is_none_or_bounded(stated: str) -> None:
    wait = _seconds(stated)
    assert wait is None or 0 <= wait <= LONGEST_WAIT


@given(st.text(), st.sampled_from(["", "http://news.example/a"]))
def test_any_text_is_an_address_in_ascii_or_refused(url: str, base: str) -> None:
    try:
        asked = _openable(url, base)
    except Unfetched:
        return
    assert asked.geturl().isascii()
    assert _openable(asked.geturl()) == asked


# Redirects


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((301, 302), "/1"),
        ((302, 301), ""),
        ((303,), ""),
        ((307, 307), ""),
        ((301, 301, 301, 301, 301), "/5"),
    ],
)
async def test_only_what_moved_for_good_has_a_new_address(statuses: tuple[int, ...], moved: str) -> None:
    chain = {f"/{n}": redirect(f"/{n + 1}", status) for n, status in enumerate(statuses)}
    async with web_of({**chain, f"/{len(statuses)}": page(b"here")}) as (web, _):
        got = await web.fetch("http://news.example/0")
    assert got.body == b"here"
    assert got.url == f"http://news.example/{len(statuses)}"
    assert got.moved == (moved and f"http://news.example{moved}")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("//other.example/é b#c", "http://other.example/%C3%A9%20b"),
        ("HTTP://Other.Example:80", "http://other.example:80/"),
        ("?q=1;2", "http://news.example/a?q=1;2"),
        ("b", "http://news.example/b"),
        ("/%7Eb", "http://news.example/%7Eb"),
    ],
)
async def test_a_redirect_is_seen_from_where_it_is(location: str, url: str) -> None:
    path = url.split("example", 1)[1].removeprefix(":80")
    async with web_of({"/a": redirect(location), path: page(b"here")}) as (web, _):
        assert (await web.fetch("http://news.example/a")).url == url


@pytest.mark.parametrize("count", [6, 100])
async def test_redirects_end(count: int) -> None:
    async with web_of({f"/{n}": redirect(f"/{n + 1}") for n in range(count)}) as (web, asked):
        with pytest.raises(Unfetched, match="redirects"):
            await web.fetch("http://news.example/0")
    assert len(asked.heads) == 6


async def test_a_redirect_to_nowhere_is_no_page() -> None:
    assert str(await refusal(page(status=302))).startswith("news.example answers 302")
    assert "redirects" in str(await refusal(redirect("/")))


async def test_certificates_are_loaded_once_by_the_first_fetches(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, load = [], httpcore.default_ssl_context

    def slowly() -> ssl.SSLContext:
        time.sleep(0.05)
        loaded.append(1)
        return load()

    monkeypatch.setattr(httpcore, "default_ssl_context", slowly)
    async with web_of({"/": page()}) as (web, _):
        assert loaded == []
        await asyncio.gather(*(web.fetch(URL) for _ in range(4)))
    assert loaded == [1]


# Where nobody is to go


@pytest.mark.parametrize("url", NOT_OPENED)
async def test_what_is_no_address_of_the_web_is_not_opened(url: str) -> None:
    names = Names([("10.0.0.1", 80)])
    web = Web(resolve=names.resolve)
    with connections() as tried, pytest.raises(Unfetched):
        await web.fetch(url)
    assert (tried, names.asked) == ([], [])


@pytest.mark.parametrize("host", [*SPELLINGS, *(f"[{a}]" if ":" in a else a for a in INSIDE)])
@pytest.mark.parametrize("url", ["http://{}/", "https://{}:8443/feed.xml"])
async def test_no_spelling_of_an_address_inside_is_connected_to(host: str, url: str) -> None:
    with connections() as tried, pytest.raises(Unfetched):
        await Web().fetch(url.format(host))
    assert tried == []


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("others", [[], ["8.8.8.8"], ["2606:4700:4700::1111", "8.8.8.8"]])
async def test_a_host_of_which_one_address_is_inside_is_not_connected_to(
    address: str, others: list[str]
) -> None:
    for answer in ([*others, address], [address, *others]):
        web = Web(resolve=Names([(each, 80) for each in answer]).resolve)
        with connections() as tried, pytest.raises(Unfetched, match="public"):
            await web.fetch(URL)
        assert tried == []


@pytest.mark.parametrize("host", [*SPELLINGS, *(f"[{a}]" if ":" in a else a for a in INSIDE)])
async def test_no_redirect_leads_inside(host: str) -> None:
    hops = 1 + len(host) % 5
    chain = {f"/{n}": redirect(f"/{n + 1}", 301) for n in range(hops - 1)}
    async with site({**chain, f"/{hops - 1}": redirect(f"http://{host}/")}) as asked:

        async def resolve(name: str, port: int) -> list[Address]:
            return await (asked.resolve if name == "news.example" else corpus.feeds.fetch._resolve)(
                name, port
            )

        web = Web(resolve=resolve, is_allowed=is_here_or_public)
        with connections() as tried, pytest.raises(Unfetched):
            await web.fetch("http://news.example/0")
    assert tried == [(HERE, asked.port)] * hops


@pytest.mark.parametrize("url", [url for url in NOT_OPENED if ":" in url and url.isascii()])
async def test_no_redirect_leads_out_of_the_web(url: str) -> None:
    async with web_of({"/": redirect(url, 301)}) as (web, asked):
        with connections() as tried, pytest.raises(Unfetched):
            await web.fetch(URL)
    assert set(tried) == {(HERE, asked.port)}


@pytest.mark.parametrize("address", INSIDE)
async def test_an_address_that_changes_after_the_check_is_never_used(address: str) -> None:
    async with site({"/": redirect("/again"), "/again": page(b"here")}) as asked:
        names = Names([(HERE, asked.port)], [(address, asked.port)])
        web = Web(resolve=names.resolve, is_allowed=is_here_or_public)
        with connections() as tried, pytest.raises(Unfetched, match="public"):
            await web.fetch(URL)
    assert tried == [(HERE, asked.port)]
    assert names.asked == [("news.example", 80)] * 2  # once for each connection


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with web_of({"/": page(b"here")}) as (web, asked):
        with connections() as tried:
            assert (await web.fetch(URL)).body == b"here"
    assert tried == [(HERE, asked.port)]


async def test_a_host_is_reached_by_another_of_its_addresses() -> None:
    async with site({"/": page(b"here")}) as asked, site({}) as closed:
        pass_by = ("127.9.9.9", closed.port)
        names = Names([pass_by, (HERE, asked.port)])
        web = Web(resolve=names.resolve, is_allowed=lambda _: True)
        with connections() as tried:
            assert (await web.fetch(URL)).body == b"here"
    assert tried == [pass_by, (HERE, asked.port)]


@pytest.mark.parametrize("addresses", [[], ["127.9.9.9"] * 9])
async def test_a_host_that_cannot_be_reached_is_named(addresses: list[str]) -> None:
    async with site({}) as closed:
        pass
    web = Web(resolve=Names([(a, closed.port) for a in addresses]).resolve, is_allowed=lambda _: True)
    with connections() as tried, pytest.raises(Unfetched, match=r"^news\.example can't be reached\.$"):
        await web.fetch(URL)
    assert len(tried) <= 3


async def test_a_name_that_nobody_knows_is_named() -> None:
    with pytest.raises(Unfetched, match="not known"):
        await Web().fetch(f"http://{'a' * 64}.example/")


async def test_a_name_server_that_never_answers_keeps_nobody() -> None:
    async def resolve(host: str, port: int) -> list[Address]:
        return await asyncio.Future()

    with pytest.raises(Unfetched, match="longer than"):
        await Web(resolve=resolve).fetch(URL, seconds=0.05)


# Certificates


@pytest.mark.parametrize(
    ("trusted", "host", "answer"),
    [
        (True, "site.example", "here"),
        (True, "other.example", "certificate"),
        (False, "site.example", "certificate"),
    ],
)
async def test_a_certificate_must_be_trusted_and_of_the_name(
    trusted: bool, host: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncached = httpcore.default_ssl_context.__wrapped__
    monkeypatch.setattr(httpcore, "default_ssl_context", uncached)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    async with web_of({"/": page(b"here")}, server) as (web, asked):
        try:
            said = (await web.fetch(f"https://{host}:8443/")).body.decode()
        except Unfetched as refused:
            said = str(refused)
    assert answer in said
    assert len(asked.heads) == (answer == "here")


async def test_a_server_without_certificates_is_not_spoken_to_in_the_clear() -> None:
    async with web_of({"/": page(b"here")}) as (web, asked):
        with pytest.raises(Unfetched):
            await web.fetch("https://news.example/", seconds=0.3)
    assert asked.heads == []


# Sizes, packings, and servers that play for time


async def test_a_page_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert len((await fetched(page(b"x" * MB), limit=MB)).body) == MB
    assert "1 MB" in str(await refusal(page(b"x" * (MB + 1)), limit=MB))
    unstated = b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (MB + 1)
    assert "1 MB" in str(await refusal(unstated, limit=MB))


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_what_comes_packed_all_the_same_is_unpacked(pack: Callable[[bytes], bytes]) -> None:
    name = "gzip" if pack is gzip.compress else "Deflate"
    answer = page(pack(b"x" * MB), Content_Encoding=name)
    assert (await fetched(answer, limit=MB)).body == b"x" * MB
    assert "0.9 MB" in str(await refusal(answer, limit=900_000))


@pytest.mark.parametrize("packing", ["br", "zstd", "compress", "gzip, gzip", "gzip,br", "x"])
async def test_other_packings_are_refused(packing: str) -> None:
    body = gzip.compress(gzip.compress(b"x"))
    assert "packing" in str(await refusal(page(body, Content_Encoding=packing)))


CUT = gzip.compress(b"x" * 99, mtime=0)[:-1]


@pytest.mark.parametrize("body", [b"", b"x", CUT, b"\x1f\x8b" + b"\0" * 99])
async def test_what_cannot_be_unpacked_is_refused(body: bytes) -> None:
    assert "unpacked" in str(await refusal(page(body, Content_Encoding="gzip")))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0" * 1000,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsho",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\nxx",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 50_000 + b"\r\n",
    ],
)
async def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    assert str(await refusal(answer)).startswith("news.example ")


async def test_more_than_the_stated_length_is_not_taken() -> None:
    assert (await fetched(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nherexxxx")).body == b"here"


def forever(head: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """An answer that never ends."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def packed_forever(block: bytes) -> Answer:
    """gzip without end: after a full flush the same bytes say the same again."""
    packer = zlib.compressobj(wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return forever(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + head, piece)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "a head of which each byte takes long": forever(b"HTTP/1.1 ", b"2", 0.02),
    "headers, each of which takes long": forever(OK, b"X: x\r\n", 0.02),
    "a body of which each byte takes long": forever(OK + b"\r\n", b"x", 0.02),
    "silence after the connection": forever(b"", b"", 0.02),
    "silence after the head": forever(OK + b"Content-Length: 9\r\n\r\n", b"", 0.02),
    "one header": forever(OK + b"X: ", b"x" * 65536),
    "promises of an answer": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2500),
    "a body": forever(OK + b"\r\n", b"x" * 65536),
    "chunks": forever(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "chunks of a byte": forever(CHUNKED, b"1\r\nx\r\n" * 10000),
    "the length of a chunk": forever(CHUNKED, b"0" * 65536),
    "what is said of a chunk": forever(CHUNKED + b"1;", b"x" * 65536),
    "trailers": forever(CHUNKED + b"0\r\n", b"X: x\r\n" * 10000),
    "gzip of nothing": packed_forever(b""),
    "gzip of zeros": packed_forever(b"\0" * 10 * MB),
    "what comes after gzip": forever(
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x"), b"x" * 65536
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ENDLESS)
async def test_what_never_ends_is_left_and_little_of_it_kept(what: str) -> None:
    tracemalloc.start()
    try:
        async with asyncio.timeout(30):
            refused = await refusal(ENDLESS[what], seconds=0.4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(refused).startswith("news.example ")
    assert peak < 25 * MB


async def test_a_fetch_that_hangs_holds_up_no_other() -> None:
    silent = forever(b"", b"", 0.02)
    async with web_of({"/": silent, "/fast": page(b"here")}) as (web, _):
        hanging = [asyncio.create_task(web.fetch(URL, seconds=20)) for _ in range(10)]
        assert (await web.fetch(URL + "fast")).body == b"here"
        assert not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        assert (await web.fetch(URL + "fast")).body == b"here"


async def test_closing_breaks_off_what_is_being_fetched() -> None:
    async with web_of({"/": forever(OK + b"\r\n", b"x", 0.02)}) as (web, asked):
        hanging = asyncio.create_task(web.fetch(URL, seconds=20))
        await until(lambda: asked.heads)
        await web.close()
        with pytest.raises(Unfetched, match="breaks off"):
            await hanging
