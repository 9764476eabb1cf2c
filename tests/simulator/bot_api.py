"""A small Bot API server on loopback: real HTTP, Telegram's own strictness, faults on demand.

It runs in a thread of its own, so that an asyncio test, a plain one and a bot in another process
use it alike. What the live server would refuse or would not know is listed in `violations`, but for
what a bot can't know beforehand: that it was blocked, a topic closed, a query too old.
"""

import asyncio
import contextlib
import inspect
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import telegram
import updates
from aiohttp import web
from bot_api_methods import Methods
from bot_api_queue import Queue
from bot_api_text import Json, Refused, Unforeseen, ok

NOT_TEXT = {
    int: "message_id message_thread_id user_id offset limit timeout max_connections cache_time",
    bool: "disable_notification protect_content show_alert is_big drop_pending_updates is_personal",
    list: "entities caption_entities commands reaction allowed_updates results",
    dict: "link_preview_options reply_parameters reply_markup scope button",
    bytes: "photo",
}
TYPES: dict[str, Any] = {name: kind for kind, names in NOT_TEXT.items() for name in names.split()}
TYPES["chat_id"] = (int, str)


@dataclass
class Call:
    """One request; status 0: not answered yet, or the line was cut by a fault."""

    method: str
    params: Json
    at: float
    executed: bool = False
    status: int = 0
    response: Json | None = None


@dataclass
class Fault:
    """What becomes of `times` calls of a method, after so many good ones.

    status: an HTML page; reset: cut, not executed; lost: executed, then cut; slow: executed late;
    retry_after, conflict: Telegram's 429 and 409; error: as said.
    """

    method: str
    kind: str
    times: int = 1
    after: int = 0
    chat_id: int | None = None  # only calls about this chat
    seconds: int = 1
    status: int = 502
    code: int = 400
    description: str = "refused"
    parameters: Json = field(default_factory=dict)

    def refusal(self) -> Refused | None:
        return {
            "retry_after": Refused(
                f"Too Many Requests: retry after {self.seconds}", 429, retry_after=self.seconds
            ),
            "conflict": Refused("Conflict: terminated by other getUpdates request", 409),
            "error": Refused(self.description, self.code, **self.parameters),
        }.get(self.kind)


class BotApi(Methods, Queue):
    """The server; a test reads and changes its state as it likes."""

    def __init__(self, token: str = "123456789:AAHtest-0123456789abcdefghijklmnopq") -> None:
        Methods.__init__(self)
        Queue.__init__(self)
        self.token = token
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.hooks: list[tuple[str, str, Callable[[Call], object]]] = []
        self.is_away = False  # no connection is made; where the calls come without HTTP
        self.unmade: list[Any] = []  # the chats to which something was to be sent meanwhile

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(60), "the Bot API server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.__exit__)

    async def _serve(self, ready: threading.Event) -> None:
        self._open(asyncio.get_running_loop())
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.base_url, self.base_file_url = f"{root}/bot", f"{root}/file/bot"
        delivering = asyncio.create_task(self._deliver())
        ready.set()
        await self._stop.wait()
        delivering.cancel()
        await runner.cleanup()

    # What a test asks for.

    def wait_for(self, predicate: Callable[[], Any], timeout: float = 60) -> Any:
        """The first true `predicate()`, asked anew after each call and each push."""
        with self._changed:
            value = self._changed.wait_for(predicate, timeout)
            assert value, f"waited {timeout} s in vain; the last calls: {self.calls[-5:]}"
            return value

    async def until(self, predicate: Callable[[], Any], timeout: float = 60) -> Any:  # noqa: ASYNC109
        return await asyncio.to_thread(self.wait_for, predicate, timeout)

    def on(self, method: str, when: str, callback: Callable[[Call], object]) -> None:
        """Run `callback` when a call is "received" (nothing done yet) or "answered" (written)."""
        assert when in {"received", "answered"}, when
        self.hooks.append((method, when, callback))

    def fault(self, method: str, kind: str, **details: Any) -> None:
        assert kind in str(Fault.__doc__), kind
        self.faults.append(Fault(method, kind, **details))

    def message(self, user_id: int, text: str | None, chat_id: int = 0, **more: Any) -> Json:
        """The update of a private message or, with `chat_id`, of one in a group."""
        if chat_id:
            return updates.group(text, chat_id, user_id, **more)
        return updates.private(text, user_id, **more)

    def push(self, update: Json) -> int:
        """Let an update arrive, if the bot asked for its kind; its id."""
        with self._changed:
            self.learn(update)
        return self.push_raw(update) if self.wanted(update) else next(self._update_ids)

    # What the bot gets.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        token, _, method = request.path.removeprefix("/bot").partition("/")
        if token != self.token:
            self.violations.append(f"{method}: a token that is not the bot's")
            known = re.fullmatch(r"\d+:[\w-]{35}", token)
            refused = Refused("Unauthorized", 401) if known else Refused("Not Found", 404)
            return web.json_response(refused.body, status=refused.code)
        params = {name: _loaded(name, raw) for name, raw in (await request.post()).items()}
        call = Call(method, params, time.monotonic())
        with self._changed:
            self.calls.append(call)
            fault = self._next_fault(call)
            self._changed.notify_all()
        self._tell("received", call)
        status, body = await self._answer(call, fault)
        response = web.Response(status=status or 500, text="<html>", content_type="text/html")
        if body:
            response = web.json_response(body, status=status)
        call.status, call.response = status, body
        if not status and request.transport:
            request.transport.abort()
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
            self._tell("answered", call)
        with self._changed:
            self._changed.notify_all()
        return response

    def _tell(self, when: str, call: Call) -> None:
        for method, moment, callback in self.hooks:
            if (method, moment) == (call.method, when):
                callback(call)

    def _next_fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            about = fault.chat_id in (None, call.params.get("chat_id"))
            if fault.method == call.method and about and fault.times:
                fault.after -= 1
                fault.times -= fault.after < 0
                if fault.after < 0:
                    return fault
        return None

    async def _answer(self, call: Call, fault: Fault | None) -> tuple[int, Json | None]:
        """Status and JSON; without JSON an HTML page, without status the line is cut."""
        fault = fault or Fault(call.method, "none")
        if fault.kind in {"status", "reset"}:
            return (fault.status if fault.kind == "status" else 0), None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if refused := fault.refusal():
            return refused.code, refused.body
        try:
            result = await self._execute(call)
        except Refused as refused:
            if not isinstance(refused, Unforeseen):
                self.violations.append(f"{call.method}: {refused}")
            return refused.code, refused.body
        call.executed = True
        return (0, None) if fault.kind == "lost" else (200, {"ok": True, "result": result})

    async def _execute(self, call: Call) -> Any:
        name = "_".join(re.findall("[A-Z]?[a-z]+", call.method)).lower()
        run = getattr(self, f"do_{name}", None)
        if run is None:
            raise Refused("Not Found: method not found", 404)
        accepts, given = inspect.signature(getattr(telegram.Bot, name)).parameters, call.params
        unknown = sorted(given.keys() - accepts.keys())
        self.violations += [f"{call.method}: unknown parameter {name}" for name in unknown]
        for name, parameter in accepts.items():
            needed = parameter.default is parameter.empty and name != "self"
            ok(name in given or not needed, f"{name} is empty")
        for name, value in given.items():
            ok(isinstance(value, TYPES.get(name, str)), f"can't parse {name}")
        if call.method == "getUpdates":
            return await run(given)
        with self._changed:
            try:
                return run(given)
            except KeyError as missing:
                raise Refused(f"can't find field {missing}") from None


def _loaded(name: str, raw: str | web.FileField) -> Any:
    """The value of a form's field: a file's bytes; PTB sends texts as they are and all else as JSON."""
    if isinstance(raw, web.FileField):
        return raw.file.read()
    with contextlib.suppress(ValueError):
        return json.loads(raw) if name in TYPES else raw
    return raw
