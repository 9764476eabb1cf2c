"""Work on other people's bytes, in a process that can be killed: a few can keep a parser busy for hours."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from math import ceil
from multiprocessing import get_context
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from corpus.errors import CitewireError

SECONDS = 10.0
START_SECONDS = 60.0  # for the process to come up on a busy machine
MEMORY = 2**30  # bytes of address space
TASKS = 100  # of one process, so that nothing gathers in it for long
DEATHS = (TimeoutError, MemoryError, ProcessExpired, BrokenProcessPool)

T = TypeVar("T")


class ParseLimitExceeded(CitewireError):
    """A piece of work took too long or too much memory, and was ended."""


class ParserProcess:
    """Does one piece of work after the other in a process of its own, which starts with the first."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._turn = asyncio.Lock()

    async def run(self, function: Callable[..., T], *args: object, seconds: float = SECONDS) -> T:
        """What `function`, of the top level of a module, makes of `args`; all of it is copied over.

        Its errors are raised here. Raises ParseLimitExceeded where it takes longer than `seconds` or more
        than a gigabyte, or its process dies.
        """
        async with self._turn:
            pool = await self._ready()
            work = (seconds, function, *args)
            try:
                # pebble counts from when the process begins with it, and by a clock that may be set
                async with asyncio.timeout(seconds + START_SECONDS):
                    return await asyncio.wrap_future(pool.schedule(_bounded, work, timeout=seconds))
            except DEATHS as error:
                await asyncio.to_thread(self.close)
                raise ParseLimitExceeded(
                    f"This took more than {seconds:g} seconds or a gigabyte to read, so it was left."
                ) from error

    async def _ready(self) -> ProcessPool:
        """The process as it is, or a new one where there is none or it has died."""
        if self._pool and not self._pool.active:
            await asyncio.to_thread(self.close)
        self._pool = self._pool or ProcessPool(
            max_workers=1, max_tasks=TASKS, initializer=_enclose, context=get_context("spawn")
        )
        return self._pool

    def close(self) -> None:
        """End the process, whatever it does; waits until it has ended."""
        pool, self._pool = self._pool, None
        if pool:
            pool.stop()
            pool.join()


def _enclose() -> None:
    """What the process does first: forget the environment, which has secrets, and bound its memory."""
    os.environ.clear()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a parser in C would not hear of pebble's handler
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, MEMORY)


def _bounded(seconds: float, function: Callable[..., T], *args: object) -> T:
    """In the process: a second fence, which holds though nobody is left to kill it."""
    _limit(resource.RLIMIT_CPU, ceil(time.process_time() + seconds) + 1)
    return function(*args)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
