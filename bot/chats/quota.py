"""Question limits per person and per chat, so that flooding slows down nobody else."""

from collections import deque
from typing import Any, Literal

MINUTE = 60.0
REMEMBERED = 10_000  # people and chats, and questions; the oldest are dropped first

Kind = Literal["person", "chat", "told"]
Verdict = Literal["welcome", "person", "chat", "silent"]
"""Whether to answer; if not, whether to say so because of the person or the chat, or to stay silent."""


class Quotas:
    """Limits questions per minute; times are when questions were asked, in seconds."""

    def __init__(self, per_person: int, per_chat: int) -> None:
        self._limits: dict[Kind, int] = {"person": per_person, "chat": per_chat, "told": 1}
        self._counted: dict[tuple[Kind, int], deque[float]] = {}
        self._welcome: dict[tuple[int, int], None] = {}  # questions by chat and message, oldest first

    def admit(self, person: int, chat: int, asked: float, message: int) -> Verdict:
        """Counts a question, once even if retried; a refusal is announced once a minute.

        Chats are handled concurrently: a person's older question may arrive after a newer one, and counts as
        asked at the same time.
        """
        if (chat, message) in self._welcome:
            return "welcome"
        if not self._has_room("person", person, asked):
            return "person" if self.may_tell(person, asked) else "silent"
        if chat != person and not self._has_room("chat", chat, asked):
            return "chat" if self.may_tell(chat, asked) else "silent"
        self._count("person", person, asked)
        if chat != person:
            self._count("chat", chat, asked)
        self._welcome[chat, message] = None
        _bound(self._welcome)
        return "welcome"

    def may_tell(self, whom: int, now: float) -> bool:
        """Returns whether somebody may be told about a limit now, and counts that."""
        if not self._has_room("told", whom, now):
            return False
        self._count("told", whom, now)
        return True

    def forget(self, person: int) -> None:
        """Forgets a person."""
        self._counted.pop(("person", person), None)
        self._counted.pop(("told", person), None)
        self._welcome = {question: None for question in self._welcome if question[0] != person}

    def _has_room(self, kind: Kind, number: int, now: float) -> bool:
        times = self._counted.pop((kind, number), None)
        if times is None:
            return True
        self._counted[kind, number] = times  # last, so that flooders are not forgotten
        return len(times) < self._limits[kind] or max(now, times[-1]) - times[0] >= MINUTE

    def _count(self, kind: Kind, number: int, now: float) -> None:
        times = self._counted.setdefault((kind, number), deque(maxlen=self._limits[kind]))
        times.append(max([now, *times]))  # the deque drops the oldest
        _bound(self._counted)


def _bound(remembered: dict[Any, Any]) -> None:
    """Drops the oldest entry above REMEMBERED."""
    if len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]
