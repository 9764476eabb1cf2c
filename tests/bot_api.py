"""A small Bot API server on loopback: real HTTP, Telegram's own strictness, faults on demand.

It runs in a thread of its own, so that an asyncio test, a plain one and a bot in another process
use it alike. What the live server would refuse or would not know is listed in `violations`.
"""

import asyncio
import contextlib
import inspect
import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import telegram
from aiohttp import web
from telegram.constants import ChatAction, ReactionEmoji

Json = dict[str, Any]

NOT_TEXT = {
    int: "chat_id message_id message_thread_id offset limit timeout max_connections",
    bool: "disable_notification protect_content show_alert is_big drop_pending_updates",
    list: "entities commands reaction allowed_updates",
    dict: "link_preview_options reply_parameters reply_markup scope",
}
TYPES = {name: kind for kind, names in NOT_TEXT.items() for name in names.split()}
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # come only if asked for
EXCLUSIVE = (  # kinds of entities that never overlap one another
    {"blockquote", "expandable_blockquote"},
    {"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"},
)
COMMAND = re.compile(r"(?<![\w/@])/\w{1,64}(?:@\w{3,32})?(?![\w/])")
LINK = re.compile(r"(https?://)?([^/?#:\s]+\.[^/?#:\s]+(?::\d+)?)((?:[/?#]\S*)?)", re.IGNORECASE)
DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")


class Refused(Exception):
    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        description = f"Bad Request: {description}" if code == 400 else description
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        self.body |= {"parameters": parameters} if parameters else {}


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
class Sent:
    """One message of the bot as it now stands in the chat."""

    chat_id: int
    message_id: int
    text: str
    entities: list[Json]
    reply_parameters: Json | None
    reply_markup: Json | None
    deleted: bool = False

    def pieces(self, kind: str) -> list[str]:
        """The parts of the text under the entities of one kind."""
        raw = self.text.encode("utf-16-le")
        spans = [_span(e) for e in self.entities if e["type"] == kind]
        return [raw[2 * start : 2 * end].decode("utf-16-le") for start, end in spans]


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


class BotApi:
    def __init__(self, token: str = "123456789:AAHtest-0123456789abcdefghijklmnopq") -> None:
        self.token = token
        self.me = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "test_bot"}
        self.calls: list[Call] = []
        self.messages: list[Sent] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.hooks: list[tuple[str, str, Callable[[Call], object]]] = []
        self.pending: list[tuple[int, Json]] = []
        self.allowed_updates: list[str] = []
        self.webhook_url = ""
        self.chats: dict[int, Json] = {}
        self.commands: dict[tuple[str, int | None, str], list[Json]] = {}
        self._queries: set[str] = set()
        self._ids, self._update_ids = itertools.count(1), itertools.count(700_000_001)
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the Bot API server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.__exit__)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._poll = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.base_url, self.base_file_url = f"{root}/bot", f"{root}/file/bot"
        ready.set()
        await self._stop.wait()
        await runner.cleanup()

    # What a test asks for.

    def wait_for(self, predicate: Callable[[], Any], timeout: float = 10) -> Any:
        """The first true `predicate()`, asked anew after each call and each push."""
        with self._changed:
            value = self._changed.wait_for(predicate, timeout)
            assert value, f"waited {timeout} s in vain; the last calls: {self.calls[-5:]}"
            return value

    async def until(self, predicate: Callable[[], Any], timeout: float = 10) -> Any:  # noqa: ASYNC109
        return await asyncio.to_thread(self.wait_for, predicate, timeout)

    def on(self, method: str, when: str, callback: Callable[[Call], object]) -> None:
        """Run `callback` when a call is "received" (nothing done yet) or "answered" (written)."""
        assert when in {"received", "answered"}, when
        self.hooks.append((method, when, callback))

    def fault(self, method: str, kind: str, **details: Any) -> None:
        assert kind in str(Fault.__doc__), kind
        self.faults.append(Fault(method, kind, **details))

    # What people do.

    def message(self, user_id: int, text: str | None, chat_id: int = 0, **more: Any) -> Json:
        """The update of a private message or, with `chat_id`, of one in a group."""
        user = {"id": user_id, "is_bot": False, "first_name": "Ann", "language_code": "en"}
        return {"message": self._message(chat_id or user_id, text, **{"from": user, **more})}

    def channel_post(self, chat_id: int, text: str | None, **more: Any) -> Json:
        chat = self.chats.setdefault(chat_id, {"id": chat_id, "type": "channel", "title": "Daily"})
        return {"channel_post": self._message(chat_id, text, sender_chat=chat, **more)}

    def edited(self, update: Json, text: str) -> Json:
        """The update that comes when the message of `update` is changed."""
        ((kind, old),) = update.items()
        new = {"text": text, "entities": _commands(text), "edit_date": int(time.time())}
        return {f"edited_{kind}": old | new}

    def callback(self, user_id: int, sent: Sent, data: str) -> Json:
        """The update that comes when a button of a message is pressed."""
        user = {"id": user_id, "is_bot": False, "first_name": "Ann"}
        query_id = str(next(self._ids))
        self._queries.add(query_id)
        query = {"id": query_id, "from": user, "chat_instance": "1", "data": data}
        return {"callback_query": query | {"message": self._shown(sent)}}

    def push(self, update: Json) -> int:
        """Let an update arrive, if the bot asked for its kind; its id."""
        wanted = set(self.allowed_updates) or update.keys() - UNASKED
        return self.push_raw(update) if update.keys() & wanted else next(self._update_ids)

    def push_raw(self, update: Json) -> int:
        """Let anything arrive as an update, wanted or not, however malformed."""
        with self._changed:
            update_id = next(self._update_ids)
            self.pending.append((update_id, {"update_id": update_id, **update}))
            self._changed.notify_all()
        self._loop.call_soon_threadsafe(lambda: self._poll.set())
        return update_id

    def _message(self, chat_id: int, text: str | None, **more: Any) -> Json:
        kind = "private" if chat_id > 0 else "supergroup" if chat_id < -(10**12) else "group"
        name = "first_name" if chat_id > 0 else "title"
        chat = self.chats.setdefault(chat_id, {"id": chat_id, "type": kind, name: "Ann"})
        message = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat}
        message |= {"text": text, "entities": _commands(text or ""), **more}
        return {name: value for name, value in message.items() if value not in (None, [])}

    # What the bot gets.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        token, _, method = request.path.removeprefix("/bot").partition("/")
        if token != self.token:
            self.violations.append(f"{method}: a token that is not the bot's")
            known = re.fullmatch(r"\d+:[\w-]{35}", token)
            refused = Refused("Unauthorized", 401) if known else Refused("Not Found", 404)
            return web.json_response(refused.body, status=refused.code)
        params = {name: _loaded(name, str(raw)) for name, raw in (await request.post()).items()}
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
            if refused.code != 409:
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
            _ok(name in given or not needed, f"{name} is empty")
        for name, value in given.items():
            _ok(isinstance(value, TYPES.get(name, str)), f"can't parse {name}")
        if call.method == "getUpdates":
            return await run(given)
        with self._changed:
            return run(given)

    def do_get_me(self, p: Json) -> Json:
        return self.me

    async def do_get_updates(self, p: Json) -> list[Json]:
        if self.webhook_url:
            raise Refused("Conflict: can't use getUpdates method while webhook is active", 409)
        with self._changed:
            self._allow(p)
            self.pending = [(n, update) for n, update in self.pending if n >= p.get("offset", 0)]
        self._poll.set()  # ends the poll before this one
        mine = self._poll = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(p.get("timeout", 0)):
                while not self.pending and self._poll is mine:
                    mine.clear()
                    await mine.wait()
        if self._poll is not mine:
            raise Refused("Conflict: terminated by other getUpdates request", 409)
        return [update for _, update in self.pending[: min(p.get("limit", 100), 100)]]

    def _allow(self, p: Json) -> None:
        self.allowed_updates = p.get("allowed_updates", self.allowed_updates)
        self.pending = [] if p.get("drop_pending_updates") else self.pending

    def do_set_webhook(self, p: Json) -> bool:
        self._allow(p)
        self.webhook_url = p.get("url", "")
        return True

    do_delete_webhook = do_set_webhook

    def do_get_webhook_info(self, p: Json) -> Json:
        counted = {"pending_update_count": len(self.pending), "has_custom_certificate": False}
        return counted | {"url": self.webhook_url, "allowed_updates": self.allowed_updates}

    def do_send_message(self, p: Json) -> Json:
        reply = p.get("reply_parameters")
        sent = Sent(p["chat_id"], next(self._ids), **_content(p), reply_parameters=reply)
        self.messages.append(sent)
        return self._shown(sent)

    def do_edit_message_text(self, p: Json) -> Json:
        sent, new = self._sent(p, "edit"), _content(p)
        _ok(any(getattr(sent, name) != new[name] for name in new), "message is not modified")
        vars(sent).update(new)
        return self._shown(sent, edit_date=int(time.time()))

    def do_delete_message(self, p: Json) -> bool:
        self._sent(p, "delete").deleted = True
        return True

    def _sent(self, p: Json, what: str) -> Sent:
        wanted = (p.get("chat_id"), p.get("message_id"), False)
        for sent in self.messages:
            if (sent.chat_id, sent.message_id, sent.deleted) == wanted:
                return sent
        raise Refused(f"message to {what} not found")

    def _shown(self, sent: Sent, **more: Any) -> Json:
        """The message as the API shows it."""
        kept = {"entities": sent.entities, "reply_markup": sent.reply_markup}
        more |= {"from": self.me, "message_id": sent.message_id}
        return self._message(sent.chat_id, sent.text, **kept, **more)

    def do_set_my_commands(self, p: Json) -> bool:
        for command in p["commands"]:
            name, description = command["command"], command["description"]
            _ok(bool(re.fullmatch("[a-z0-9_]{1,32}", name)), "BOT_COMMAND_INVALID")
            _ok(1 <= len(description) <= 256, "BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_scope(p)] = p["commands"]
        return True

    def do_delete_my_commands(self, p: Json) -> bool:
        self.commands.pop(_scope(p), None)
        return True

    def do_get_my_commands(self, p: Json) -> list[Json]:
        return self.commands.get(_scope(p), [])

    def do_set_my_description(self, p: Json) -> bool:
        return _ok(len(p.get("description", "")) <= 512, "bot description is too long")

    def do_set_my_short_description(self, p: Json) -> bool:
        return _ok(len(p.get("short_description", "")) <= 120, "bot description is too long")

    def do_send_chat_action(self, p: Json) -> bool:
        return _ok(p["action"] in list(ChatAction), "wrong parameter action in request")

    def do_answer_callback_query(self, p: Json) -> bool:
        _ok(len(p.get("text", "")) <= 200, "MESSAGE_TOO_LONG")
        _ok(p["callback_query_id"] in self._queries, "query is too old or query ID is invalid")
        self._queries.remove(p["callback_query_id"])
        return True

    def do_set_message_reaction(self, p: Json) -> bool:
        emoji = [each["emoji"] for each in p.get("reaction", [])]
        return _ok(len(emoji) < 2 and set(emoji) <= set(ReactionEmoji), "REACTION_INVALID")


def _ok(fine: bool, otherwise: str) -> bool:
    if not fine:
        raise Refused(otherwise)
    return True


def _loaded(name: str, raw: str) -> Any:
    """The value of a form's field: PTB sends texts as they are and all else as JSON."""
    with contextlib.suppress(ValueError):
        return json.loads(raw) if name in TYPES else raw
    return raw


def _scope(p: Json) -> tuple[str, int | None, str]:
    scope = p.get("scope", {"type": "default"})
    return scope["type"], scope.get("chat_id"), p.get("language_code", "")


def _content(p: Json) -> Json:
    """What a message shows, from the parameters that send or edit it."""
    _ok("parse_mode" not in p, "parse_mode is not known here: send entities")
    text, entities = tidy(p["text"], p.get("entities", []))
    for button in itertools.chain(*p.get("reply_markup", {}).get("inline_keyboard", [])):
        _ok(len(button.get("callback_data", "").encode()) <= 64, "BUTTON_DATA_INVALID")
        _ok(bool(LINK.fullmatch(button.get("url", "a.b"))), "inline keyboard button URL is invalid")
    return {"text": text, "entities": entities, "reply_markup": p.get("reply_markup")}


# Text and entities as TDLib cleans them; offsets are UTF-16 units throughout.


def tidy(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """What the live server makes of a text and its entities."""
    kept, place = "", [0]  # place[i]: where unit i comes to stand, -1 amid a surrogate pair
    for char in text:
        new = "" if DROPPED.match(char) else " " if char < " " and char != "\n" else char
        kept += new
        place += [-1] * (_units(char) - 1) + [place[-1] + _units(new)]
    kept = re.sub("[\u200e\u200f](?=[\u200e\u200f])", "\u200c", kept).rstrip(" \n")
    moved = [m for e in entities if (m := _moved(e, place))]
    lead = len(kept) - len(kept.lstrip(" \n"))
    lead = min([lead, *(e["offset"] for e in moved)])  # never trimmed into an entity
    body = kept[lead:]
    _ok(bool(body), "text must be non-empty")
    _ok(_units(body) <= 4096, "message is too long")
    result: list[Json] = []
    for entity in sorted(moved, key=lambda e: (e["offset"], -e["length"])):
        start, end = entity["offset"] - lead, min(_span(entity)[1] - lead, _units(body))
        rivals = next((group for group in EXCLUSIVE if entity["type"] in group), set())
        before = max((_span(e)[1] for e in result if e["type"] in rivals), default=0)
        if before <= start < end:
            result.append(entity | {"offset": start, "length": end - start})
    return body, result[:100]


def _moved(entity: Json, place: list[int]) -> Json | None:
    """The entity where its text comes to stand; None if the server drops it."""
    start, end = _span(entity)
    _ok(0 <= start <= end < len(place), f"entity at {start} ends after the end of the text")
    _ok(-1 not in (place[start], place[end]), f"entity at {start} splits a UTF-16 symbol")
    moved = entity | {"offset": place[start], "length": place[end] - place[start]}
    if not moved["length"]:
        return None
    if entity["type"] == "text_link":
        if not (link := LINK.fullmatch(entity["url"])):
            return None
        scheme, host, path = link.groups("")
        path = path if path.startswith("/") else f"/{path}"
        moved["url"] = f"{scheme or 'http://'}{host}".lower() + path
    return moved


def _commands(text: str) -> list[Json]:
    return [
        {"type": "bot_command", "offset": _units(text[: m.start()]), "length": len(m[0])}
        for m in COMMAND.finditer(text)
    ]


def _span(entity: Json) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
