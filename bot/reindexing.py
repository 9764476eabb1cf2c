"""The one place in the process that brings the index up to the articles."""

import asyncio
import threading

from bot.assistant import Assistant
from index.sync import Report


class Reindexing:
    """Runs one after another, on a thread; whoever asks while one runs shares the next one."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._stopped = threading.Event()
        self._running: asyncio.Task[Report] | None = None
        self._waiting: asyncio.Task[Report] | None = None

    async def bring_up(self) -> Report:
        """Make findable what is stored by now, and take out what was withdrawn; Cancelled at a stop."""
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next(self._running))
        return await asyncio.shield(self._waiting)

    async def stop(self) -> None:
        """Stop what runs; the index serves as before, and what is left is done at the next start."""
        self._stopped.set()
        tasks = [task for task in (self._running, self._waiting) if task]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _next(self, before: asyncio.Task[Report] | None) -> Report:
        """Wait for the run before; from then on whoever asks comes too late for this one."""
        if before:
            await asyncio.wait([before])
        self._running, self._waiting = self._waiting, None
        return await asyncio.to_thread(
            self._assistant.reindex, lambda _done, _total: None, self._stopped.is_set
        )
