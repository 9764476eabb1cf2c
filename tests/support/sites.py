"""A web server of a few lines that says exactly what a test wants said, and who tried to connect to what."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

from corpus.feeds.addresses import is_public
from corpus.feeds.fetch import Address, Web

HERE = "127.8.8.8"
"""Where the sites of tests are; no test takes it for a hostile address."""

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]

_tried: list[Any] = []


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _tried.append(args[1])


sys.addaudithook(_note)  # the interpreter tells of every connection, whoever makes it


@contextmanager
def connections() -> Iterator[list[Any]]:
    """The addresses to which connections are tried meanwhile."""
    before = len(_tried)
    seen: list[Any] = []
    yield seen
    seen += _tried[before:]


def page(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """A whole answer."""
    stated = {"Content-Length": str(len(body))} | {n.replace("_", "-"): v for n, v in headers.items()}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{n}: {v}" for n, v in stated.items() if v)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(to: str, status: int = 302) -> bytes:
    """An answer that leads on."""
    return page(status=status, Location=to.encode("utf-8", "replace").decode("latin-1"))


@dataclass
class Site:
    """Answers each path; `heads` is what it was asked."""

    pages: Mapping[str, Answer]
    port: int = 0
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            answer = self.pages.get(head.split(" ")[1], page(status=404))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # they have had enough of it
        finally:
            writer.close()

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Every host is here."""
        return [(HERE, self.port)]


def is_here_or_public(address: str) -> bool:
    """What is_public says, and that the sites of tests may be gone to."""
    return address == HERE or is_public(address)


@asynccontextmanager
async def site(pages: Mapping[str, Answer], tls: SSLContext | None = None) -> AsyncIterator[Site]:
    """A site that is up meanwhile."""
    made = Site(pages)
    server = await asyncio.start_server(made.serve, HERE, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


@asynccontextmanager
async def web_of(
    pages: Mapping[str, Answer], tls: SSLContext | None = None
) -> AsyncIterator[tuple[Web, Site]]:
    """The web as it would be if every host were one site."""
    async with site(pages, tls) as made:
        web = Web(resolve=made.resolve, is_allowed=is_here_or_public)
        yield web, made
        await web.close()
