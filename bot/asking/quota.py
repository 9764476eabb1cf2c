"""How much one person and one chat may ask, so that whoever floods slows nobody else."""

from collections import deque
from typing import Any, Literal

MINUTE = 60.0
REMEMBERED = 10_000  # people and chats, and questions; beyond that what is oldest is forgotten

Kind = Literal["person", "chat", "told"]
Verdict = Literal["welcome", "person", "chat", "silent"]
"""Whether to answer; if not, whether to say so on account of the person or the chat, or not at all."""


class Quotas:
    """So many questions in any minute; time is when a question was asked, in seconds."""

    def __init__(self, per_person: int, per_chat: int) -> None:
        self._limits: dict[Kind, int] = {"person": per_person, "chat": per_chat, "told": 1}
        self._counted: dict[tuple[Kind, int], deque[float]] = {}
        self._welcome: dict[tuple[int, int], None] = {}  # questions by chat and message, the oldest first

    def admit(self, person: int, chat: int, asked: float, message: int) -> Verdict:
        """Count a question, and once only if it is tried again; who asks too much is told so once a minute.

        Chats are worked on side by side: a person's older question may come after a newer one, and counts as
        if it had been asked with it.
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
        """Whether somebody may be told now that it was too much; that is then counted."""
        if not self._has_room("told", whom, now):
            return False
        self._count("told", whom, now)
        return True

    def forget(self, person: int) -> None:
        """Forget a person."""
        self._counted.pop(("person", person), None)
        self._counted.pop(("told", person), None)
        self._welcome = {question: None for question in self._welcome if question[0] != person}

    def _has_room(self, kind: Kind, number: int, now: float) -> bool:
        times = self._counted.pop((kind, number), None)
        if times is None:
            return True
        self._counted[kind, number] = times  # last, so that whoever floods is not forgotten
        return len(times) < self._limits[kind] or max(now, times[-1]) - times[0] >= MINUTE

    def _count(self, kind: Kind, number: int, now: float) -> None:
        times = self._counted.setdefault((kind, number), deque(maxlen=self._limits[kind]))
        times.append(max([now, *times]))  # of as many as are allowed the oldest is let go
        _bound(self._counted)


def _bound(remembered: dict[Any, Any]) -> None:
    """Forget the oldest where too much is remembered."""
    if len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]
