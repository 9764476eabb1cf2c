"""Background work that keeps running until the bot stops, whatever fails."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.transport.errors import Failure

RETRY_SECONDS = 5.0  # after a failure, such as a full disk


class BackgroundWorker:
    """Runs a step repeatedly: when woken, and every `every` seconds if that is set.

    After a failure, which is logged, the step is retried after `retry` seconds.
    """

    def __init__(
        self,
        step: Callable[[], Awaitable[None]],
        every: float | None = None,
        retry: float = RETRY_SECONDS,
        awake: asyncio.Event | None = None,
    ) -> None:
        """Takes `awake`, an event that wakes it, for code without access to the worker."""
        self._step = step
        self._every = every
        self._retry = retry
        self._awake = awake or asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()

    def start(self) -> None:
        """Starts the worker unless it is running."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Runs the next step now."""
        self._awake.set()

    async def stop(self, *, cancel: bool = False) -> None:
        """Stops after the current step, or cancels that step."""
        self.stopping.set()
        self.wake()
        if self._task is not None:
            if cancel:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self.stopping.is_set():
            self._awake.clear()
            pause = self._every
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 - nobody awaits this task, and the next step may succeed
                Failure.of(error)
                pause = self._retry
            await comes(self._awake, pause)


async def comes(event: asyncio.Event, seconds: float | None) -> bool:
    """Returns whether an event is set within `seconds`."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
