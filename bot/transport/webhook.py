"""Updates by webhook: a listener that trusts nothing before the secret, and says yes once they are stored."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from telegram import Update

from bot.transport.client import parsed
from corpus.errors import CitewireError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header
LARGEST = 1024**2  # bytes of an update; aiohttp reads no more than that either
BODY_SECONDS = 10.0
IDLE_SECONDS = 75.0  # without a whole request; longer than a proxy keeps a connection open
CONNECTIONS = 200  # at once; Telegram opens a hundred at most
STOP_SECONDS = 3.0  # for updates that are just being stored

# What strangers send malformed is no error of ours, and would fill the log.
noise = logging.getLogger(f"{__name__}.noise")
noise.setLevel(logging.CRITICAL)

Put = Callable[[Update], Awaitable[None]]
"""Stores one update, or raises where that can't be done now."""


class Listener:
    """Takes what Telegram posts to `path` with the secret, and answers 200 when `put` has stored it.

    Anything else is refused by its head, before its body is read. TLS is for the proxy in front.
    """

    def __init__(self, put: Put, *, secret: str, path: str, host: str, port: int) -> None:
        self._put = put
        self._secret = secret.encode()
        self._path = path
        self._host = host
        self._port = port
        server = _Server(
            self._answer,
            logger=noise,
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=0,
            auto_decompress=False,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=STOP_SECONDS)

    async def start(self) -> int:
        """Listen from now on; the port. Raises CitewireError where it can't be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise CitewireError(
                f"CITEWIRE_WEBHOOK_HOST and _PORT can't be listened on: {error.strerror}."
            ) from error
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Take nothing more, once what is being stored is stored."""
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        status = self._refusal(request) or await self._take(request)
        response = web.Response(status=status)
        if status != HTTPStatus.OK:
            response.force_close()
        return response

    def _refusal(self, request: web.BaseRequest) -> HTTPStatus | None:
        """Why a request is refused by its head; None where it is not."""
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return HTTPStatus.FORBIDDEN
        if request.rel_url.raw_path != self._path:
            return HTTPStatus.NOT_FOUND
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if (request.content_length or 0) > LARGEST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    async def _take(self, request: web.BaseRequest) -> HTTPStatus:
        """Read and store an update."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        update = _parsed(body)
        if update is None:
            return HTTPStatus.BAD_REQUEST
        try:
            await self._put(update)
        except Exception:
            log.exception("An update was not stored; Telegram sends it again.")
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return HTTPStatus.OK


class _Server(web.Server):
    """aiohttp's server, with a bound to its connections."""

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > CONNECTIONS:
            asyncio.get_running_loop().call_soon(transport.abort)  # not before aiohttp has begun with it


def _parsed(body: bytes) -> Update | None:
    """The update that a body is, one that can't be handled in its wrapping; None if it is no update."""
    try:
        return next(iter(parsed([json.loads(body.decode(errors="replace"))])), None)
    except (ValueError, RecursionError):
        return None
