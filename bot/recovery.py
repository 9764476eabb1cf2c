"""Finds out when the index is back, and makes good then what it lacks."""

import asyncio
from concurrent.futures import Executor
from contextlib import suppress

from bot.assistant import Assistant
from bot.indexing import IndexUpdater
from index.building.progress import Stopped
from index.errors import Away

RETRY_EVERY = 2.0  # seconds between two tries whether the index is back


class OutageProbe:
    """The one who tries, so that those who wait need not."""

    def __init__(self, assistant: Assistant, search_thread: Executor, indexing: IndexUpdater) -> None:
        self._assistant = assistant
        self._outage = assistant.outage
        self._search_thread = search_thread
        self._indexing = indexing
        self._made_good = 0  # of what was missed

    async def look(self) -> None:
        """Try whether the index is back, where it is away."""
        if self._outage.since is not None:
            with suppress(Away):
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._search_thread, self._assistant.look)

    async def catch_up(self) -> None:
        """Bring the index up where anything was missed: it may lack what came or went meanwhile."""
        missed = self._outage.missed
        if missed > self._made_good:
            with suppress(Away, Stopped):
                await self._indexing.bring_up()
                self._made_good = missed
