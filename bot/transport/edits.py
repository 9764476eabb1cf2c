"""Queues message edits; for each message only the latest pending edit is sent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.transport.buttons import View
from bot.transport.errors import Failure
from bot.transport.sender import Sender

log = logging.getLogger(__name__)

Done = Callable[[], Awaitable[None]]


class EditQueue:
    """Sends one edit per message at a time; of the edits queued meanwhile only the latest is sent."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._wanted: dict[tuple[int, int], tuple[View, Done | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, chat: int, message: int, view: View, done: Done | None = None) -> None:
        """Queues an edit of a message and calls `done` after it is shown."""
        key = (chat, message)
        in_work = self._wanted.get(key)
        if in_work is None or in_work[0] != view:
            self._wanted[key] = (view, done)
        if in_work is None:
            task = asyncio.create_task(self._edit(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Drops queued edits: people can tap again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _edit(self, key: tuple[int, int]) -> None:
        shown = None
        try:
            while (wanted := self._wanted[key]) is not shown:
                view, done = shown = wanted
                await self._sender.edit(*key, *view)
                if done:
                    await done()
        except Exception as error:  # noqa: BLE001 - nobody awaits this task
            Failure.of(error)
        finally:
            del self._wanted[key]
