"""Fetches pages and feeds; the only place that opens connections, and only to public addresses."""

import asyncio
import re
import socket
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from threading import Lock, Thread
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpcore
import idna

from corpus.errors import CitewireError
from corpus.feeds.addresses import is_public

AGENT = f"Citewire/{version('citewire')} (reads feeds and articles)"
ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5"
LIMIT = 5_000_000  # bytes of a page or feed, decompressed
SECONDS = 15.0  # from the first DNS lookup to the last byte
CONNECT_SECONDS = 5.0  # per address of a host, which leaves time for another
ADDRESSES = 3  # tried per host
HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
PHRASES = {status.value: status.phrase for status in HTTPStatus}
PORTS = frozenset({None, 80, 443, 8080, 8443})
HOST = re.compile(r"[a-z0-9_-][a-z0-9_.-]{0,252}|[0-9a-f:.]{2,45}")
STAYS = "!$%&'()*+,/:;=?@[]~|"  # sent unquoted, besides letters and digits
PACKED = frozenset({"gzip", "x-gzip", "deflate"})
LONGEST_WAIT = 7 * 24 * 3600.0
# Transport errors, specific before general.
FAILURES = {
    ssl.SSLCertVerificationError: "shows a certificate that can't be trusted",
    httpcore.ConnectError: "can't be reached",
    httpcore.ConnectTimeout: "can't be reached",
    httpcore.NetworkError: "breaks off the connection",
    httpcore.ProtocolError: "breaks off or sends no proper answer",
    zlib.error: "sends what can't be unpacked",
    OSError: "breaks off the connection",
}

Address = tuple[str, int]
"""An IP address in digits, and a port."""

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Returns all addresses of a host and port; raises OSError or UnicodeError if there are none."""


class Unfetched(CitewireError):
    """A fetch failed.

    `retry_after` is the server's Retry-After in seconds, `gone` whether it says the page is gone for good.
    """

    def __init__(self, sentence: str, *, retry_after: float | None = None, gone: bool = False) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: status 200, or 304 with an empty body if nothing has changed.

    `url` is the final URL, `moved` the permanent replacement for the requested one or ""; `etag` and
    `modified` are for the next request.
    """

    url: str
    status: int
    body: bytes
    content_type: str
    etag: str
    modified: str
    moved: str

    @property
    def charset(self) -> str | None:
        """The charset from the Content-Type header."""
        header = Message()
        header["Content-Type"] = self.content_type
        return header.get_content_charset()


class Web:
    """Fetches URLs; `resolve` looks up hosts, `is_allowed` decides which addresses may be contacted."""

    def __init__(
        self, *, resolve: Resolve | None = None, is_allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._wire = partial(_Wire, resolve or _resolve, is_allowed)
        self._tls: ssl.SSLContext | None = None
        self._lock = Lock()
        self._open: set[_Wire] = set()

    async def close(self) -> None:
        """Aborts running fetches."""
        for wire in list(self._open):
            await wire.close()

    async def fetch(
        self, url: str, *, etag: str = "", modified: str = "", limit: int = LIMIT, seconds: float = SECONDS
    ) -> Fetched:
        """Fetches `url`, or reports that it is unchanged since this `etag` and `modified`.

        Raises Unfetched otherwise, also above `limit` bytes or `seconds`.
        """
        asked = _openable(url)
        tls = self._tls or await asyncio.to_thread(self._certificates)
        wire = self._wire()
        self._open.add(wire)
        try:
            async with asyncio.timeout(seconds):
                pool = httpcore.AsyncConnectionPool(tls, network_backend=wire)
                return await _follow(pool, asked, {"etag": etag, "last-modified": modified}, limit)
        except TimeoutError as error:
            raise Unfetched(f"{asked.netloc} takes longer than {seconds:g} seconds.") from error
        finally:
            self._open.remove(wire)
            await wire.close()

    def _certificates(self) -> ssl.SSLContext:
        """The certificates that are trusted; loaded at the first fetch, since that takes a while."""
        with self._lock:
            if self._tls is None:
                self._tls = httpcore.default_ssl_context()
            return self._tls


class _Wire(httpcore.AsyncNetworkBackend):
    """The connections of one fetch, only to hosts whose addresses are all allowed."""

    def __init__(self, resolve: Resolve, is_allowed: Callable[[str], bool]) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._tcp = httpcore.AnyIOBackend()
        self._streams: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address, its_port in (await self._addresses(host, port))[:ADDRESSES]:
            try:
                stream = await self._tcp.connect_tcp(address, its_port, timeout=CONNECT_SECONDS)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self._streams.append(stream)
                return stream
        raise failure

    async def close(self) -> None:
        """Closes all connections, including those httpcore leaves open after a cancelled handshake."""
        for stream in self._streams:
            await stream.aclose()

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unfetched(f"{host} is not known; check the address.") from error
        if not all(self._is_allowed(address) for address, _ in found):
            raise Unfetched(f"{host} is not on the public internet, so it is not opened.")
        return found


async def _follow(
    pool: httpcore.AsyncConnectionPool, asked: SplitResult, known: dict[str, str], limit: int
) -> Fetched:
    """Follows redirects from `asked` and returns the final response."""
    moved, permanent = "", True
    for _ in range(HOPS + 1):
        with _plainly(asked.netloc):
            async with pool.stream("GET", _target(asked), headers=_headers(asked, known)) as response:
                to = _told(response).get("location", "") if response.status in REDIRECTS else ""
                if not to:
                    return await _taken(asked, response, known, limit, moved)
        asked = _openable(quote(to.encode("latin-1"), safe=STAYS + "#"), asked.geturl())
        permanent = permanent and response.status in PERMANENT
        moved = asked.geturl() if permanent else moved
    raise Unfetched(f"{asked.netloc} comes after more than {HOPS} redirects.")


async def _resolve(host: str, port: int) -> list[Address]:
    """Resolves a host in a daemon thread, since a lookup can take half a minute."""
    answer: Future[list[Address]] = Future()
    answer.set_running_or_notify_cancel()
    Thread(target=_ask_system, args=(answer, host, port), daemon=True).start()
    return await asyncio.wrap_future(answer)


def _ask_system(answer: Future[list[Address]], host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answer.set_result([(str(where[0]), int(where[1])) for *_, where in found])
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)


def _openable(url: str, base: str = "") -> SplitResult:
    """Returns `url`, resolved against `base`, in ASCII; raises Unfetched if it may not be opened."""
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
        path, query = quote(parts.path or "/", safe=STAYS), quote(parts.query, safe=STAYS)
    except ValueError as error:
        raise Unfetched("This is no web address; copy it from the browser.") from error
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host):
        raise Unfetched("This is no web address; it would begin with http:// or https:// and a host.")
    if "@" in parts.netloc:
        raise Unfetched("An address with a user name or password in it is not opened.")
    if port not in PORTS:
        raise Unfetched(f"Port {port} is not opened, only the usual ones of the web.")
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return SplitResult(parts.scheme, netloc, path, query, "")


def _target(asked: SplitResult) -> httpcore.URL:
    path = f"{asked.path}?{asked.query}" if asked.query else asked.path
    return httpcore.URL(scheme=asked.scheme, host=asked.hostname or "", port=asked.port, target=path)


def _headers(asked: SplitResult, known: dict[str, str]) -> list[tuple[bytes | str, bytes | str]]:
    headers = {
        "Host": asked.netloc,
        "User-Agent": AGENT,
        "Accept": ACCEPT,
        "Accept-Encoding": "identity",
        "Connection": "close",
        "If-None-Match": known["etag"],
        "If-Modified-Since": known["last-modified"],
    }
    return [(name, value.encode("latin-1")) for name, value in headers.items() if value]


def _told(response: httpcore.Response) -> dict[str, str]:
    """Returns a response's headers by lower-case name; of duplicates the first."""
    return {name.decode().lower(): value.decode("latin-1") for name, value in reversed(response.headers)}


@contextmanager
def _plainly(host: str) -> Iterator[None]:
    """Converts transport errors to Unfetched with a sentence about `host`."""
    try:
        yield
    except tuple(FAILURES) as error:
        causes = (error, *error.args)  # httpcore's errors wrap those of lower layers
        what = next(what for kind, what in FAILURES.items() if any(isinstance(c, kind) for c in causes))
        raise Unfetched(f"{host} {what}.") from error


async def _taken(
    asked: SplitResult, response: httpcore.Response, known: dict[str, str], limit: int, moved: str
) -> Fetched:
    """Returns the content of a response that is not a redirect."""
    told = _told(response)
    unchanged = response.status == HTTPStatus.NOT_MODIFIED and any(known.values())
    if unchanged:
        told = known | told
    elif response.status != HTTPStatus.OK:
        raise _refusal(asked.netloc, response.status, told)
    body = b"" if unchanged else await _body(response, told, limit, asked.netloc)
    content_type, etag, modified = (told.get(name, "") for name in ("content-type", *known))
    return Fetched(asked.geturl(), response.status, body, content_type, etag, modified, moved)


def _refusal(host: str, status: int, told: dict[str, str]) -> Unfetched:
    what = f"{status} {PHRASES.get(status, '')}".strip()
    wait = _seconds(told.get("retry-after", ""))
    return Unfetched(f"{host} answers {what}.", retry_after=wait, gone=status == HTTPStatus.GONE)


def _seconds(stated: str) -> float | None:
    """Parses a Retry-After header (seconds or a date) into seconds to wait."""
    if re.fullmatch("[0-9]{1,9}", stated):
        return min(float(stated), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return None
    left = until.replace(tzinfo=until.tzinfo or UTC).timestamp() - time.time()
    return min(max(left, 0.0), LONGEST_WAIT)


async def _body(response: httpcore.Response, told: dict[str, str], limit: int, host: str) -> bytes:
    """Returns a response's decompressed body; raises Unfetched above `limit` bytes."""
    too_large = Unfetched(f"{host} sends more than {limit / 10**6:g} MB.")
    if int(told.get("content-length", 0)) > limit:
        raise too_large
    packed = told.get("content-encoding", "identity").lower()
    if packed not in PACKED | {"identity", ""}:
        raise Unfetched(f"{host} sends a packing that it was not asked for.")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed in PACKED else None  # 32: gzip too
    body, received = bytearray(), 0
    async for chunk in response.aiter_stream():
        received += len(chunk)
        body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
        if max(received, len(body)) > limit:
            raise too_large
        await asyncio.sleep(0)  # one-byte chunks would block the event loop
    if unpack and not unpack.eof:
        raise zlib.error("incomplete")
    return bytes(body)
