"""Updates the index from the articles; the only place in the process that does."""

import asyncio
from contextlib import suppress

from bot.assistant import Assistant
from corpus.errors import CitewireError
from corpus.intake import Taken
from index.building.progress import Progress, Step, StopFlag, Stopped, untold
from index.building.sync import Report
from index.errors import Away

PATIENCE = 15.0  # seconds
RETRY_EVERY = 2.0  # between checks whether the index is back


class Late(CitewireError):
    """The index is busy."""


class IndexUpdater:
    """Runs one update at a time, on a thread; requests during a run share the next one.

    An admin's reindex runs beside these: it may take long, and new articles should be searchable at once.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._stop_flag = StopFlag()
        self._running: asyncio.Task[Report] | None = None
        self._waiting: asyncio.Task[Report] | None = None

    async def bring_up(self) -> Report:
        """Indexes what is stored and removes what was withdrawn; raises Stopped on shutdown."""
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next(self._running))
        return await asyncio.shield(self._waiting)

    async def soon(self) -> Report:
        """Runs `bring_up` for somebody who is waiting; raises Late after PATIENCE or during an outage."""
        try:
            return await asyncio.wait_for(self.bring_up(), PATIENCE)
        except TimeoutError:
            raise Late("it is at work on something longer, and follows by itself.") from None
        except Away as error:
            raise Late(f"{error} It follows by itself.") from error

    async def run(self, progress: Progress, stop_flag: StopFlag, *, full: bool) -> tuple[Taken, Report]:
        """Updates articles from their folder, then the index; raises Stopped or Cancelled."""

        def read(step: Step) -> None:
            stop_flag.check()
            progress(step)

        def both() -> tuple[Taken, Report]:
            taken = self._assistant.take_in(read)
            return taken, self._assistant.reindex(progress, stop_flag, full=full)

        return await asyncio.to_thread(both)

    async def stop(self) -> None:
        """Stops running updates; the index stays as it was, and the next start catches up."""
        self._stop_flag.stop()
        tasks = [task for task in (self._running, self._waiting) if task]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _next(self, before: asyncio.Task[Report] | None) -> Report:
        """Waits for the previous run; later requests no longer join this one."""
        if before:
            await asyncio.wait([before])
        self._running, self._waiting = self._waiting, None
        return await asyncio.to_thread(self._assistant.reindex, untold, self._stop_flag)


class OutageProbe:
    """Polls the index during an outage and catches up afterwards."""

    def __init__(self, assistant: Assistant, indexing: IndexUpdater) -> None:
        self._assistant = assistant
        self._outage = assistant.outage
        self._indexing = indexing
        self._made_good = 0  # failures already caught up with

    async def look(self) -> None:
        """Checks during an outage whether the index is back."""
        if self._outage.since is not None:
            with suppress(Away):
                await self._assistant.searching(self._assistant.look)

    async def catch_up(self) -> None:
        """Updates the index after failures, since it may lack changes made meanwhile."""
        missed = self._outage.missed
        if missed > self._made_good:
            with suppress(Away, Stopped):
                await self._indexing.bring_up()
                self._made_good = missed
