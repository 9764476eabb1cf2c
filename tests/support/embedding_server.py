"""An embedding server over OpenAI's API, which serves a real encoder and errs as it is told."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from aiohttp import web

from index.encoding.embed import Encoder

Answer = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
"""What is answered to a request instead of what is right, which it gets."""


class EmbeddingServer:
    """Serves `encoder` as `model`; `asked` are the texts of each request, `plan` its next answers."""

    def __init__(self, encoder: Encoder, model: str = "hash", key: str = "") -> None:
        self.model = model
        self.url = ""
        self.plan: deque[Answer | None] = deque()
        self.asked: list[list[str]] = []
        self.most_texts = 32
        self.longest = 100_000
        self.at_once = self.most_at_once = 0
        self._encoder = encoder
        self._key = key

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if self._key and request.headers.get("Authorization") != f"Bearer {self._key}":
            return web.json_response({"error": {"message": "no such key"}}, status=401)
        asked = await request.json()
        self.asked.append(asked["input"])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.plan.popleft() if self.plan else None
            return await answer(request, self.right(asked)) if answer else self._answer(asked)
        finally:
            self.at_once -= 1

    def _answer(self, asked: dict[str, Any]) -> web.Response:
        texts = asked["input"]
        if asked["model"] != self.model:
            return web.json_response({"error": {"message": "no such model"}}, status=404)
        if len(texts) > self.most_texts or any(len(text) > self.longest for text in texts):
            return web.json_response({"message": "too much", "type": "validation"}, status=413)
        return web.json_response(self.right(asked))

    def right(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The right answer."""
        vectors = [self._encoder.encode_question(text).vector.tolist() for text in asked["input"]]
        data = [{"object": "embedding", "index": i, "embedding": each} for i, each in enumerate(vectors)]
        return {"object": "list", "data": data, "model": self.model, "usage": {"total_tokens": 1}}


def status(code: int, **headers: str) -> Answer:
    """A refusal."""

    async def answer(_request: web.Request, _right: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=code, headers=headers)

    return answer


def body(text: str, **headers: str) -> Answer:
    """A whole answer of these words."""

    async def answer(_request: web.Request, _right: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json", headers=headers)

    return answer


def changed(change: Callable[[dict[str, Any]], object]) -> Answer:
    """The right answer but for what `change` does to it."""

    async def answer(_request: web.Request, right: dict[str, Any]) -> web.StreamResponse:
        change(right)
        return web.Response(text=json.dumps(right), content_type="application/json")

    return answer


def late(seconds: float) -> Answer:
    """The right answer, so much later."""

    async def answer(_request: web.Request, right: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.json_response(right)

    return answer


async def cut(request: web.Request, right: dict[str, Any]) -> web.StreamResponse:
    """Half of the right answer, then the end of the connection."""
    text = json.dumps(right).encode()
    response = web.StreamResponse(headers={"Content-Length": str(len(text))})
    await response.prepare(request)
    await response.write(text[: len(text) // 2])
    return await die(request, right)


async def die(request: web.Request, _right: dict[str, Any]) -> web.StreamResponse:
    """The end of the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@contextmanager
def serving(server: EmbeddingServer, port: int = 0) -> Iterator[EmbeddingServer]:
    """The server at its `url`, on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/embeddings", server.embeddings)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
