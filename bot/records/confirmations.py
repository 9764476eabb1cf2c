"""Acts that are asked about once more before they are done."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

SECONDS = 60.0
MOST = 100  # that wait at once; the oldest is forgotten then

Act = Callable[[], Awaitable[str]]
"""Does what was confirmed, and returns what to say of it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act that waits for a tap."""

    person: int
    chat: int
    until: float
    act: Act


class Confirmations:
    """Each act has a button that works once, for a minute, for one person in one chat."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, Waiting] = {}

    def ask(self, person: int, chat: int, act: Act) -> str:
        """Have an act wait; returns the word that its button carries."""
        while len(self._waiting) >= MOST:
            del self._waiting[next(iter(self._waiting))]
        nonce = secrets.token_urlsafe(12)
        self._waiting[nonce] = Waiting(person, chat, self._clock() + SECONDS, act)
        return nonce

    def take(self, nonce: str, person: int, chat: int) -> Act | None:
        """The act that waits under a word, once; None where it isn't theirs, or too late."""
        waiting = self._waiting.get(nonce)
        if waiting is None or (waiting.person, waiting.chat) != (person, chat):
            return None
        del self._waiting[nonce]
        return waiting.act if self._clock() <= waiting.until else None
