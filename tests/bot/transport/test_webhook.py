"""The listener over real HTTP: strangers are refused by their head, updates are stored before the yes."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from fakes import until
from telegram import Update
from telegram.error import TelegramError

from bot.transport import webhook
from bot.transport.inbox import Inbox
from bot.transport.webhook import LARGEST, SECRET_HEADER, Listener
from corpus.database import Database
from corpus.errors import CitewireError

SECRET = "hush-0123456789_ABC"
PATH = "/hook/citewire"
STRANGERS = [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET[:-1]}, {SECRET_HEADER: SECRET + "D"},
             {SECRET_HEADER: SECRET.lower()}, {SECRET_HEADER: "hüsh"}]  # fmt: skip


def update(number: int, text: str = "Who signed the pact?") -> dict[str, Any]:
    person = {"id": 100 + number % 50, "is_bot": False, "first_name": "Ann"}
    chat = {"id": person["id"], "type": "private", "first_name": "Ann"}
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": number, "message": message}


@dataclass
class Posts:
    """A listener at work, and a client for it."""

    client: ClientSession
    port: int

    async def post(self, body: Any, headers: dict[str, str] | None = None, path: str = PATH) -> int:
        """The status that a post gets; with the secret unless other headers are given."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {SECRET_HEADER: SECRET} if headers is None else headers
        async with self.client.post(f"http://127.0.0.1:{self.port}{path}", data=data, headers=sent) as answer:
            return answer.status

    async def begin(self, *lines: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection over which so much of a request went, and no more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(lines).encode(errors="surrogateescape"))
        return reader, writer

    async def status(self, *lines: str) -> int:
        """What the head of a request alone gets; 0 where the line is cut."""
        first = b""
        reader, writer = await self.begin(*lines, "", "")
        with closing(writer), suppress(ConnectionError):
            first = await reader.readline()
        return int(first.split()[1]) if first else 0


@asynccontextmanager
async def listening(put: Callable[[Update], Awaitable[None]]) -> AsyncIterator[Posts]:
    listener = Listener(put, secret=SECRET, path=PATH, host="127.0.0.1", port=0)
    port = await listener.start()
    try:
        async with ClientSession() as client:
            yield Posts(client, port)
    finally:
        await listener.stop()


@pytest.fixture
async def posts(database: Database) -> AsyncIterator[Posts]:
    """A listener that puts into a real inbox."""
    async with listening(Inbox(database).put) as posts:
        yield posts


def stored(database: Database, state: str = "waiting") -> list[int]:
    rows = database.read()["inbox"].rows_where("state = ?", [state], order_by="number")
    return [row["update_id"] for row in rows]


def head(length: int | str, secret: str = SECRET) -> list[str]:
    """The head of a post."""
    return [f"POST {PATH} HTTP/1.1", "Host: bot", f"{SECRET_HEADER}: {secret}", f"Content-Length: {length}"]


async def test_an_update_is_stored_when_the_answer_comes(posts: Posts, database: Database) -> None:
    for number in range(1, 4):
        assert await posts.post(update(number)) == 200
        assert stored(database) == [*range(1, number + 1)]


@pytest.mark.parametrize("headers", STRANGERS)
async def test_who_has_not_the_secret_is_refused(
    posts: Posts, database: Database, headers: dict[str, str]
) -> None:
    assert await posts.post(update(1), headers) == 403
    assert await posts.post(update(1), headers, "/elsewhere") == 403  # and learns nothing of the path
    assert stored(database) == []


async def test_a_strangers_body_is_not_waited_for(posts: Posts) -> None:
    assert await posts.status(*head(1000, "wrong")) == 403
    assert await posts.status(*head(10**9, "wrong")) == 403


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (head(0, SECRET + "\udcff"), 403),
        (head(LARGEST + 1), 413),
        (head(10**12), 413),
        ([f"GET {PATH} HTTP/1.1", "Host: bot", f"{SECRET_HEADER}: {SECRET}"], 405),
        (["POST /other HTTP/1.1", "Host: bot", f"{SECRET_HEADER}: {SECRET}", "Content-Length: 9"], 404),
        (head("many"), 400),
        (["\x01\x02 nonsense"], 400),
        ([*head(9), "X-Long: " + "x" * 20_000], 400),
    ],
    ids=[
        "no text",
        "a byte too large",
        "a terabyte",
        "no post",
        "another path",
        "no length",
        "no HTTP",
        "a long head",
    ],
)
async def test_what_is_no_update_is_refused_by_its_head(posts: Posts, lines: list[str], status: int) -> None:
    assert await posts.status(*lines) == status


async def test_an_endless_body_is_refused_where_it_becomes_too_large(
    posts: Posts, database: Database
) -> None:
    lines = [*head(0)[:-1], "Transfer-Encoding: chunked", "", ""]
    reader, writer = await posts.begin(*lines)
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    for _ in range(LARGEST // 65_536 + 1):
        writer.write(chunk)
    assert b" 413 " in await reader.readline()
    writer.close()
    assert stored(database) == []


async def test_an_update_of_a_megabyte_is_taken(posts: Posts, database: Database) -> None:
    body = json.dumps(update(1)).encode()
    assert await posts.post(body + b" " * (LARGEST - len(body))) == 200
    assert stored(database) == [1]


async def test_a_body_that_does_not_come_is_not_waited_for_long(
    posts: Posts, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.05)
    assert await posts.status(*head(100)) == 408
    assert stored(database) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b"{}", b'{"update_id": "1"}', b"\xff\xfe", b"[" * 500_000,
     json.dumps([update(1)]).encode()],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
async def test_what_is_no_update_is_refused(posts: Posts, database: Database, body: bytes) -> None:
    assert await posts.post(body) == 400
    assert stored(database) == stored(database, "dead") == []


async def test_an_update_that_cannot_be_parsed_is_set_aside_and_not_sent_again(
    posts: Posts, database: Database
) -> None:
    assert await posts.post({"update_id": 1, "message": {"date": "never"}}) == 200
    assert await posts.post(update(2)) == 200
    assert stored(database, "dead") == [1]
    assert stored(database) == [2]


async def test_where_it_cannot_be_stored_telegram_is_asked_to_send_it_again(
    posts: Posts, database: Database
) -> None:
    database.write(lambda db: db.execute("alter table inbox rename to elsewhere"))
    assert await posts.post(update(1)) == 500
    database.write(lambda db: db.execute("alter table elsewhere rename to inbox"))
    assert await posts.post(update(1)) == 200
    assert stored(database) == [1]


@pytest.mark.slow
async def test_a_thousand_updates_that_are_posted_three_times_have_a_thousand_effects(
    database: Database,
) -> None:
    inbox, handled = Inbox(database), Counter[int]()

    async def handle(payload: dict[str, Any]) -> None:
        handled[payload["update_id"]] += 1

    async def give_up(payload: dict[str, Any], reference: str) -> None:
        raise AssertionError

    work = asyncio.create_task(inbox.work(handle, give_up))
    async with listening(inbox.put) as posts:
        for first in range(0, 1000, 50):
            repeated = [number for number in range(first, first + 50) for _ in range(3)]
            statuses = await asyncio.gather(*(posts.post(update(number)) for number in repeated))
            assert {*statuses} == {200}
        await until(lambda: not inbox.waiting())
    await inbox.stop()
    await work
    assert handled == Counter(range(1000))


async def test_a_flood_of_junk_keeps_no_update_from_being_stored(posts: Posts, database: Database) -> None:
    async with AsyncExitStack() as halfway:
        for lines in [head(1000)[:2], [*head(1000), ""]] * 50:  # which never get on with it
            _, writer = await posts.begin(*lines, "")
            halfway.callback(writer.close)
        junk = [asyncio.create_task(refused(posts)) for _ in range(500)]
        assert await posts.post(update(1)) == 200
        assert stored(database) == [1]
        assert all(await asyncio.gather(*junk))
        assert await posts.post(update(2)) == 200
    assert stored(database) == [1, 2]


async def refused(posts: Posts) -> bool:
    """Whether a stranger's post is refused, before or after its body was sent."""
    try:
        return await posts.post(b"x" * 10_000, {SECRET_HEADER: "x"}) == 403
    except ClientError:
        return True


async def test_there_are_not_more_connections_than_the_bound(
    posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "CONNECTIONS", 3)
    held = [(await posts.begin(*head(1000), ""))[1] for _ in range(3)]
    assert await posts.status(*head(1000, "wrong")) == 0
    held.pop().close()
    async with asyncio.timeout(60):
        while await posts.status(*head(1000, "wrong")) != 403:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    for writer in held:
        writer.close()


async def test_neither_strangers_nor_the_secret_come_into_the_log(
    posts: Posts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await posts.post(update(1))
    await posts.post(update(1), {SECRET_HEADER: "a stranger's"})
    await posts.status("a stranger's nonsense", f"{SECRET_HEADER}: {SECRET}")
    await posts.status(*head("many"))
    assert "stranger" not in caplog.text
    assert SECRET not in caplog.text


async def test_what_is_being_stored_when_it_stops_is_stored_and_acknowledged() -> None:
    begun, go_on, taken = asyncio.Event(), asyncio.Event(), list[int]()

    async def put(received: Update) -> None:
        begun.set()
        await go_on.wait()
        taken.append(received.update_id)

    listener = Listener(put, secret=SECRET, path=PATH, host="127.0.0.1", port=0)
    port = await listener.start()
    async with ClientSession() as client:
        posting = asyncio.create_task(Posts(client, port).post(update(1)))
        await begun.wait()
        stopping = asyncio.create_task(listener.stop())
        go_on.set()
        assert await posting == 200
        await stopping
    assert taken == [1]


async def test_a_failure_of_ours_is_logged_and_the_update_sent_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures: list[Exception] = [RuntimeError("a bug"), TelegramError("full")]

    async def put(received: Update) -> None:
        if failures:
            raise failures.pop(0)

    async with listening(put) as posts:
        assert [await posts.post(update(1)) for _ in range(3)] == [500, 500, 200]
    assert "RuntimeError: a bug" in caplog.text


async def test_a_port_that_is_taken_is_told_in_one_sentence(posts: Posts) -> None:
    second = Listener(put=Inbox.put, secret=SECRET, path=PATH, host="127.0.0.1", port=posts.port)
    with pytest.raises(CitewireError, match=r"CITEWIRE_WEBHOOK_HOST and _PORT can't be listened on: .*\.$"):
        await second.start()
