"""The updates that wait for the bot, fetched by it or posted to its webhook."""

import asyncio
import contextlib
import itertools
import re
import threading
import time

from aiohttp import ClientError, ClientSession, ClientTimeout
from bot_api_text import Json, Unforeseen, ok

UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # come only if asked for
LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
SECRET = re.compile("[A-Za-z0-9_-]{0,256}")
POLLED = "Conflict: can't use getUpdates method while webhook is active"


class Queue:
    """Updates in order, until they are acknowledged."""

    def __init__(self) -> None:
        self.pending: list[tuple[int, Json]] = []
        self.allowed_updates: list[str] = []
        self.webhook: Json = {"url": ""}
        self.webhook_pause = 0.05  # seconds after a post that was not taken
        self.webhook_error: Json = {}
        self._update_ids = itertools.count(700_000_001)
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None

    def push_raw(self, update: Json) -> int:
        """Let anything arrive as an update, wanted or not, however malformed."""
        with self._changed:
            update_id = next(self._update_ids)
            self.pending.append((update_id, {"update_id": update_id, **update}))
            self._changed.notify_all()
        self._wake()
        return update_id

    def wanted(self, update: Json) -> bool:
        """Whether the bot asked for updates of this kind."""
        return bool(update.keys() & (set(self.allowed_updates) or update.keys() - UNASKED))

    def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve from now on, in this loop."""
        self._loop, self._poll, self._due = loop, asyncio.Event(), asyncio.Event()

    def _wake(self) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(lambda: (self._poll.set(), self._due.set()))

    async def do_get_updates(self, p: Json) -> list[Json]:
        if self.webhook["url"]:
            raise Unforeseen(POLLED, 409)
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
            raise Unforeseen("Conflict: terminated by other getUpdates request", 409)
        return [update for _, update in self.pending[: min(p.get("limit", 100), 100)]]

    def _allow(self, p: Json) -> None:
        self.allowed_updates = p.get("allowed_updates", self.allowed_updates)
        self.pending = [] if p.get("drop_pending_updates") else self.pending

    def do_set_webhook(self, p: Json) -> bool:
        url, secret = p.get("url", ""), p.get("secret_token", "")
        why = "bad webhook: an HTTPS URL must be provided for webhook"
        ok(not url or url.startswith("https://") or LOOPBACK.match(url), why)
        ok(SECRET.fullmatch(secret), "secret token is too long or contains unallowed characters")
        ok(1 <= p.get("max_connections", 40) <= 100, "wrong number of connections")
        self._allow(p)
        self.webhook, self.webhook_error = {"url": url, "secret_token": secret}, {}
        self._wake()
        return True

    do_delete_webhook = do_set_webhook

    def do_get_webhook_info(self, p: Json) -> Json:
        counted = {"pending_update_count": len(self.pending), "has_custom_certificate": False}
        allowed = {"url": self.webhook["url"], "allowed_updates": self.allowed_updates}
        return counted | allowed | self.webhook_error

    async def _deliver(self) -> None:
        """Post one update after the other to a webhook on loopback, each until it is taken."""
        async with ClientSession(timeout=ClientTimeout(10)) as session:
            while True:
                await self._due.wait()
                self._due.clear()
                while self.pending and LOOPBACK.match(self.webhook["url"]):
                    number, update = self.pending[0]
                    if await self._posted(session, update):
                        with self._changed:
                            self.pending = [entry for entry in self.pending if entry[0] != number]
                            self._changed.notify_all()
                    else:
                        await asyncio.sleep(self.webhook_pause)

    async def _posted(self, session: ClientSession, update: Json) -> bool:
        secret = self.webhook["secret_token"]
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with session.post(self.webhook["url"], json=update, headers=headers) as response:
                if response.ok:
                    return True
                error = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (ClientError, TimeoutError) as failure:
            error = f"Connection failed: {failure}"
        with self._changed:
            self.webhook_error = {"last_error_date": int(time.time()), "last_error_message": error}
            self._changed.notify_all()
        return False
