"""Work in parts, several at once, that tells how far it is and ends when it is told to."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

# Seconds between two looks at whether the work is to end, while no part of it does.
LOOK = 1.0

Part = TypeVar("Part")
Made = TypeVar("Made")


def in_parts(
    make: Callable[[Part, Event], Made],
    parts: Sequence[Part],
    size: Callable[[Part], int],
    done: Callable[[int], None],
    at_once: int,
) -> list[Made]:
    """What `make` makes of each part, in their order; `done(size)` as each ends, and `done(0)` meanwhile.

    The first error, of `make` or of `done`, ends the work and is raised; the event that `make` gets is set
    when nobody waits for the rest any more.
    """
    over = Event()
    with ThreadPoolExecutor(at_once) as pool:
        futures = {pool.submit(make, part, over): size(part) for part in parts}
        left = set(futures)
        try:
            while left:
                ended, left = wait(left, LOOK, FIRST_COMPLETED)
                made = [(future.result(), futures[future]) for future in ended]
                done(sum(characters for _, characters in made))
        finally:
            over.set()
            pool.shutdown(cancel_futures=True)
    return [future.result() for future in futures]
