"""The one place in the process that brings the index up to the articles."""

import asyncio

from bot.assistant import Assistant
from corpus.errors import CitewireError
from corpus.intake import Taken
from index.building.progress import Progress, Step, StopFlag, untold
from index.building.sync import Report
from index.errors import Away
from index.generation import Described

PATIENCE = 15.0  # seconds


class Late(CitewireError):
    """The index is busy."""


class IndexUpdater:
    """Runs one after another, on a thread; whoever asks while one runs shares the next one.

    What an admin asks for runs beside these: it may take long, and what comes in is to be found at once.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._stop_flag = StopFlag()
        self._running: asyncio.Task[Report] | None = None
        self._waiting: asyncio.Task[Report] | None = None

    async def bring_up(self) -> Report:
        """Make findable what is stored by now, and take out what was withdrawn; Stopped at a stop."""
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next(self._running))
        return await asyncio.shield(self._waiting)

    async def soon(self) -> Report:
        """As `bring_up`, but for whoever tapped and may want to tap again: Late where it has to wait."""
        try:
            return await asyncio.wait_for(self.bring_up(), PATIENCE)
        except TimeoutError:
            raise Late("it is at work on something longer, and follows by itself.") from None
        except Away as error:
            raise Late(f"{error} It follows by itself.") from error

    async def run(self, progress: Progress, stop_flag: StopFlag, *, full: bool) -> tuple[Taken, Report]:
        """Bring the articles up to their folder and the index up to the articles; Stopped or Cancelled."""

        def read(step: Step) -> None:
            stop_flag.check()
            progress(step)

        def both() -> tuple[Taken, Report]:
            taken = self._assistant.take_in(read)
            return taken, self._assistant.reindex(progress, stop_flag, full=full)

        return await asyncio.to_thread(both)

    async def roll_back(self) -> Described:
        """Let the generation before serve again; see Shelf.roll_back."""
        return await asyncio.to_thread(self._assistant.roll_back)

    async def stop(self) -> None:
        """Stop what runs; the index serves as before, and what is left is done at the next start."""
        self._stop_flag.stop()
        tasks = [task for task in (self._running, self._waiting) if task]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _next(self, before: asyncio.Task[Report] | None) -> Report:
        """Wait for the run before; from then on whoever asks comes too late for this one."""
        if before:
            await asyncio.wait([before])
        self._running, self._waiting = self._waiting, None
        return await asyncio.to_thread(self._assistant.reindex, untold, self._stop_flag)
