"""What the tests let a workshop do; top-level functions, since its process looks them up by their names."""

import os
import re
import resource
import signal
import sys
import time

from corpus.errors import NotAnArticle


def echo(*given: object) -> tuple[object, ...]:
    """What was given."""
    return given


def process() -> int:
    """Which process this is."""
    return os.getpid()


def refuse(reason: str) -> None:
    """Find no article."""
    raise NotAnArticle(reason)


def spin() -> None:
    """Work forever."""
    while True:
        pass


def spin_in_c() -> None:
    """Work forever in a C function, where no Python code hears of signals."""
    re.match(r"(a|aa)+$", "a" * 200 + "b")


def nap() -> None:
    """Wait forever, which takes no processor time."""
    time.sleep(10**6)


def hoard() -> int:
    """Take two gigabytes."""
    return len(bytearray(2 << 30))


def leave(status: int) -> None:
    """End the process."""
    os._exit(status)


def die() -> None:
    """End the process as the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


class Unsendable(Exception):
    """Takes more to make than its text, so its copy can't be made."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("lost")


def fail_oddly() -> None:
    """Fail with what can't be sent back."""
    raise Unsendable(1, 2)


def environment() -> dict[str, str]:
    """What the process knows from outside."""
    return dict(os.environ)


def imported(*names: str) -> list[str]:
    """Which of these packages are here."""
    return [name for name in names if name in sys.modules]


def bounds() -> tuple[int, int, int]:
    """The most memory, processor time and size of a core."""
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
    memory, seconds, core = (resource.getrlimit(kind)[0] for kind in kinds)
    return memory, seconds, core
