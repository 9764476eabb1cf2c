"""How much one person and one chat may ask, so that whoever floods slows nobody else."""

from collections import deque
from typing import Literal

MINUTE = 60.0
REMEMBERED = 10_000  # people and chats; beyond that whoever asked nothing for longest is forgotten

Kind = Literal["person", "chat", "told"]
Verdict = Literal["welcome", "person", "chat", "silent"]
"""Whether to answer; if not, whether to say so on account of the person or the chat, or not at all."""


class Quotas:
    """So many questions in any minute; time is when a question was asked, in seconds."""

    def __init__(self, per_person: int, per_chat: int) -> None:
        self._limits: dict[Kind, int] = {"person": per_person, "chat": per_chat, "told": 1}
        self._counted: dict[tuple[Kind, int], deque[float]] = {}

    def admit(self, person: int, chat: int, asked: float) -> Verdict:
        """Count a question; who asks too much is told so once a minute.

        Chats are worked on side by side: a person's older question may come after a newer one, and counts as
        if it had been asked with it.
        """
        if not self._has_room("person", person, asked):
            return "person" if self.may_tell(person, asked) else "silent"
        if chat != person and not self._has_room("chat", chat, asked):
            return "chat" if self.may_tell(chat, asked) else "silent"
        self._count("person", person, asked)
        if chat != person:
            self._count("chat", chat, asked)
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

    def _has_room(self, kind: Kind, number: int, now: float) -> bool:
        times = self._counted.pop((kind, number), None)
        if times is None:
            return True
        self._counted[kind, number] = times  # last, so that whoever floods is not forgotten
        return len(times) < self._limits[kind] or max(now, times[-1]) - times[0] >= MINUTE

    def _count(self, kind: Kind, number: int, now: float) -> None:
        times = self._counted.setdefault((kind, number), deque(maxlen=self._limits[kind]))
        times.append(max([now, *times]))  # of as many as are allowed the oldest is let go
        if len(self._counted) > REMEMBERED:
            del self._counted[next(iter(self._counted))]
