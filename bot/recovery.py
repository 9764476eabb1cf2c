"""Finds out when the index is back, and makes good then what it lacks."""

import asyncio
from concurrent.futures import Executor

from bot.assistant import Assistant
from bot.reindexing import Reindexing
from index.errors import Away

RETRY_EVERY = 2.0  # seconds between two tries whether the index is back


class Recovery:
    """The one who tries, so that those who wait need not."""

    def __init__(self, assistant: Assistant, search_thread: Executor, reindexing: Reindexing) -> None:
        self._assistant = assistant
        self._search_thread = search_thread
        self._reindexing = reindexing

    async def look(self) -> None:
        """Try whether the index is back, where it is away."""
        if self._assistant.absence.since is not None:
            try:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._search_thread, self._assistant.look)
            except Away:
                return

    async def catch_up(self) -> None:
        """Bring the index up, where that could not be done when it was to be."""
        if self._reindexing.is_behind:
            try:
                await self._reindexing.bring_up()
            except Away:
                return
