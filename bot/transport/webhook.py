"""Receives updates by webhook: checks the secret first and answers 200 only after storing the update."""

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
LARGEST = 1024**2  # bytes of an update; also aiohttp's limit
BODY_SECONDS = 10.0
IDLE_SECONDS = 75.0  # without a complete request; longer than proxies keep connections open
CONNECTIONS = 200  # concurrent; Telegram opens at most 100
STOP_SECONDS = 3.0  # for updates being stored

# Malformed requests from strangers are not our errors and would fill the log.
noise = logging.getLogger(f"{__name__}.noise")
noise.setLevel(logging.CRITICAL)

Put = Callable[[Update], Awaitable[None]]
"""Stores one update, or raises if that is not possible now."""


class Listener:
    """Accepts Telegram's posts to `path` with the secret, and answers 200 once `put` has stored them.

    Other requests are refused by their head, before the body is read. TLS is left to the proxy in front.
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
        """Starts listening and returns the port; raises CitewireError if it can't be bound."""
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
        """Stops accepting requests, after those being stored are done."""
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        status = self._refusal(request) or await self._take(request)
        response = web.Response(status=status)
        if status != HTTPStatus.OK:
            response.force_close()
        return response

    def _refusal(self, request: web.BaseRequest) -> HTTPStatus | None:
        """Returns the status that refuses a request by its head, or None."""
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
        """Reads and stores an update."""
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
    """aiohttp's server with a limit on connections."""

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > CONNECTIONS:
            asyncio.get_running_loop().call_soon(transport.abort)  # aiohttp must have set it up first


def _parsed(body: bytes) -> Update | None:
    """Returns the update in a body (wrapped if it can't be handled), or None if it is no update."""
    try:
        return next(iter(parsed([json.loads(body.decode(errors="replace"))])), None)
    except (ValueError, RecursionError):
        return None
