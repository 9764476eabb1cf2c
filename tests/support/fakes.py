"""Stand-ins for what is slow or outside: small classes with the real interface."""

import asyncio
import itertools
import json
import logging
import math
import sys
import time
from bisect import bisect_left, insort
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from bot_api import BotApi, Call, _loaded
from sqlite_utils import Database as Connection
from telegram import Update
from telegram.error import NetworkError
from telegram.ext import Application
from telegram.request import BaseRequest, RequestData

import bot.app
import bot.posting.broadcast
from bot.app import Parts
from bot.assistant import Assistant
from bot.chats.services import Services
from bot.posting import outbox
from bot.posting.subscriptions import Subscriptions
from bot.privacy import forget_person
from bot.transport.client import parsed
from bot.transport.inbox_table import PAYLOAD
from bot.transport.pacing import Pacer
from bot.transport.worker import BackgroundWorker
from index.errors import Away

T = TypeVar("T")

AWAY = "The index at far.example does not answer."
LONG_AFTER = 4_000_000_000.0  # the time of day of the broadcast: whatever a test stores is due by then


class FakeTime:
    """A clock that stands still until everybody sleeps, then jumps to when the first one wakes."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waking: list[float] = []  # in order
        self._work: list[Future[Any]] = []

    def clock(self) -> float:
        """As time.monotonic."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """As asyncio.sleep."""
        until = self.now + seconds
        insort(self._waking, until)
        try:
            while self.now < until:
                await asyncio.sleep(0)
                if until == self._waking[0] and all(work.done() for work in self._work):
                    self.now = max(self.now, until)
        finally:
            self._waking.remove(until)

    def stands_still_for(self, submit: Callable[[T], Future[Any]]) -> Callable[[T], Future[Any]]:
        """`submit`, for whose work in another thread the clock waits: on a busy machine it isn't later."""

        def submitted(change: T) -> Future[Any]:
            future = submit(change)
            self._work = [*(work for work in self._work if not work.done()), future]
            return future

        return submitted


class LocalRequest(BaseRequest):
    """PTB's calls to a BotApi in the same process, without HTTP."""

    read_timeout = 5.0

    def __init__(self, api: BotApi) -> None:
        self._api = api

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """What the server would answer."""
        if "/file/" in url:
            return 200, self._api.files[url.rsplit("/", 1)[1]]
        raw = request_data.json_parameters if request_data else {}
        files = (request_data.multipart_data if request_data else None) or {}
        if self._api.is_away:
            self._api.unmade.append(raw.get("chat_id"))
            raise NetworkError("httpx.ConnectError: refused") from httpx.ConnectError("refused")
        given = {n: _loaded(n, v) for n, v in raw.items()} | {n: file[1] for n, file in files.items()}
        call = Call(url.rsplit("/", 1)[1], given, time.monotonic())
        self._api.calls.append(call)
        self._api._tell("received", call)
        call.status, call.response = await self._api._answer(call, self._api._next_fault(call))
        self._api._tell("answered", call)
        if not call.status:
            raise NetworkError("httpx.ReadError: the line was cut") from httpx.ReadError("the line was cut")
        return call.status, json.dumps(call.response).encode()


@dataclass
class Wired:
    """The bot put together as bot.app does, with a BotApi in the process and no waiting between calls."""

    api: BotApi
    parts: Parts
    time: FakeTime
    subscriptions: Subscriptions

    @property
    def services(self) -> Services:
        """What handlers share."""
        return self.parts.services

    async def forget(self, person: int) -> None:
        """Have a person forgotten."""
        await forget_person(self.services, person)

    @property
    def app(self) -> Application:
        """PTB's application."""
        return self.parts.app

    async def process(self, payload: dict[str, Any]) -> None:
        """Handle an update, given as JSON with its update_id, as it comes in from the wire."""
        for update in parsed([payload]):
            if stored := update.api_kwargs.get(PAYLOAD):
                await self.app.process_update(Update.de_json(json.loads(stored), self.app.bot))

    def failure(self, update_id: int) -> BaseException | None:
        """What went wrong with an update, if anything did."""
        failure = self.parts.inbox._failures.pop(update_id, None)
        return failure and failure.error

    async def tell(self, update: dict[str, Any]) -> list[dict[str, Any]]:
        """What the bot sends after an update, all going well: the parameters of its sendMessage calls."""
        return [call.params for call in await self.calls_after(update) if call.method == "sendMessage"]

    async def calls_after(self, update: dict[str, Any]) -> list[Call]:
        """Every call of the bot while it handles an update, all going well, and until its edits are made."""
        before = len(self.api.calls)
        self.api.learn(update)
        await self.process({"update_id": before + 1, **update})
        assert self.failure(before + 1) is None
        await asyncio.gather(*self.services.edits._tasks)
        return self.api.calls[before:]

    async def work_off(self, seconds: float = math.inf) -> None:
        """Let the broadcast send what it holds, for so many seconds at most, and stop it."""
        broadcast, end = self.parts.broadcast, self.time.now + seconds
        broadcast._worker, broadcast._looked = BackgroundWorker(broadcast._look, 0.001), -math.inf
        await broadcast._release()
        broadcast.start()
        async with asyncio.timeout(60):
            while self.time.now < end:
                await asyncio.sleep(0)
                if not broadcast._tasks:
                    if not outbox.OPEN & outbox.counts(broadcast._db.read()).keys():
                        break
                    self.time.now = min(self._next(broadcast._db.read()), end)
        await broadcast.stop()

    def _next(self, db: Connection) -> float:
        """When the broadcast has something to do next."""
        if outbox.due(db, LONG_AFTER + self.time.now, (), 1):
            return self.time.now
        later = "select min(retry) from deliveries where state = 'waiting' and retry > ?"
        (at,) = db.execute(later, [LONG_AFTER + self.time.now]).fetchone()
        return self.time.now + 1 if at is None else at - LONG_AFTER


@asynccontextmanager
async def working(made: Wired) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """The inbox at work, as bot.server has it work: lets updates come in and waits until they are handled."""
    numbers = itertools.count(1)

    async def give_up(payload: dict[str, Any], reference: str) -> None:
        """Nobody is told."""

    async def arrive(*updates: dict[str, Any]) -> None:
        for update in updates:
            made.api.learn(update)
            await made.parts.inbox.put(Update.de_json({"update_id": next(numbers), **update}, None))
        await until(lambda: not made.parts.inbox.waiting())

    work = asyncio.create_task(made.parts.inbox.work(made.process, give_up))
    yield arrive
    await made.parts.inbox.stop()
    await work


@contextmanager
def logging_restored() -> Iterator[None]:
    """Undo on exit what logs.set_up changes: handlers, levels, captured warnings and sys.excepthook."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers = root.handlers[:]
    chatty = ("httpx", "httpcore", "faiss", "sentence_transformers", "transformers")
    loggers = (root, *map(logging.getLogger, chatty))
    levels = [logger.level for logger in loggers]
    root.handlers.clear()  # set_up closes those it finds
    try:
        yield
    finally:
        logging.captureWarnings(False)
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        sys.excepthook = hook


class Line:
    """The line between an assistant and its index, which a test can cut: then all of the index is away."""

    def __init__(self, assistant: Assistant) -> None:
        self.is_cut = False
        self.tries: list[str] = []  # what was tried while it was cut
        self.real = {part: getattr(assistant, part) for part in ("_index_store", "_searcher", "_finds")}
        for part, real in self.real.items():
            setattr(assistant, part, Distant(real, self))


class Distant:
    """A part of an index at the end of a line."""

    def __init__(self, real: object, line: Line) -> None:
        self._real = real
        self._line = line

    def __getattr__(self, name: str) -> Any:
        if self._line.is_cut and name != "close":
            self._line.tries.append(name)
            raise Away(AWAY)
        return getattr(self._real, name)


def traces(path: Path, *sought: int | str) -> set[int | str]:
    """Which texts and numbers stand in any byte of a database, its log of changes and the log beside it.

    Numbers in digits, and in six bytes as SQLite stores them from 2 ** 31 on.
    """
    held = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.stem}*"))
    return {each for each in sought if str(each).encode() in held} | {
        each for each in sought if isinstance(each, int) and each.to_bytes(6) in held
    }


def most(times: list[float], seconds: float) -> int:
    """How many of these times at most fall into one window that is so long."""
    times = sorted(times)
    return max(bisect_left(times, start + seconds) - i for i, start in enumerate(times))


async def until(predicate: Callable[[], Any]) -> Any:
    """The first true `predicate()`, tried again and again; fails when it takes long."""
    async with asyncio.timeout(60):
        while not (value := predicate()):  # noqa: ASYNC110 - nothing here tells of a change
            await asyncio.sleep(0.005)
    return value


@asynccontextmanager
async def wired(
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    api: BotApi | None = None,
    pace: FakeTime | None = None,
    **settings: object,
) -> AsyncIterator[Wired]:
    """The bot of bot.app.put_together; the wire and time are local, nothing else is.

    `settings` are fields of the assistant's config to be set otherwise; with `api` and `pace` of another one
    it is the same Telegram later.
    """
    api, pace = api or BotApi(), pace or FakeTime()
    for waiting in ("LOOK_SECONDS", "TOGETHER_SECONDS"):
        monkeypatch.setattr(bot.posting.broadcast, waiting, 0.001)
    monkeypatch.setattr(bot.posting.broadcast, "GRACE_SECONDS", 60.0)  # a disk may take long to write
    monkeypatch.setattr(bot.app, "HTTPXRequest", lambda **_: LocalRequest(api))
    monkeypatch.setattr(bot.app, "Pacer", partial(Pacer, pace.clock, pace.sleep))
    monkeypatch.setattr(assistant.database, "submit", pace.stands_still_for(assistant.database.submit))
    assistant.config = replace(assistant.config, token=api.token, **settings)
    parts = bot.app.put_together(assistant)
    parts.broadcast._clock = lambda: LONG_AFTER + pace.now
    await parts.app.initialize()
    yield Wired(api, parts, pace, Subscriptions(assistant.database))
    await asyncio.gather(parts.reindexes.stop(), parts.poller.stop(), parts.services.edits.stop())
    await parts.app.shutdown()


async def tapped(bot: Wired, update: dict[str, Any]) -> tuple[str, list[str]]:
    """What a tap is answered, and what is called after that."""
    calls = await bot.calls_after(update)
    assert [call.method for call in calls].count("answerCallbackQuery") == 1
    answer, *more = calls
    assert answer.params["callback_query_id"] == update["callback_query"]["id"]
    return answer.params.get("text", ""), [call.method for call in more]
