"""How much one person and one chat may ask, so that whoever floods slows nobody else."""

from collections.abc import Hashable
from typing import Literal

from bot.limiter import Pace

MINUTE = 60.0
REMEMBERED = 10_000  # people and chats; beyond that those who asked nothing of late are forgotten

Verdict = Literal["welcome", "person", "chat", "silent"]
"""Whether to answer; if not, whether to say so on account of the person or the chat, or not at all."""


class Quotas:
    """So many questions a minute, any of them at once; time is when a question was asked, in seconds."""

    def __init__(self, per_person: int, per_chat: int) -> None:
        self._limits = {"person": per_person, "chat": per_chat}
        self._paces: dict[Hashable, Pace] = {}
        self._newest = 0.0

    def admit(self, person: int, chat: int, asked: float) -> Verdict:
        """Count a question; who asks too much is told so once a minute.

        Chats are worked on side by side: an older question may come after a newer one, and counts as new.
        """
        asked = self._newest = max(asked, self._newest)
        paces: dict[Literal["person", "chat"], Pace] = {"person": self._pace("person", person, asked)}
        if chat != person:
            paces["chat"] = self._pace("chat", chat, asked)
        for kind, pace in paces.items():
            if pace.earliest(asked) > asked:
                return kind if self.may_tell(person if kind == "person" else chat, asked) else "silent"
        for pace in paces.values():
            pace.take(asked)
        return "welcome"

    def may_tell(self, whom: int, now: float) -> bool:
        """Whether somebody may be told now that it was too much; that is then counted."""
        now = self._newest = max(now, self._newest)
        told = self._paces.setdefault(("told", whom), Pace(MINUTE, 1, now - MINUTE))
        if told.earliest(now) > now:
            return False
        told.take(now)
        return True

    def forget(self, person: int) -> None:
        """Forget a person."""
        for kind in ("person", "told"):
            self._paces.pop((kind, person), None)

    def _pace(self, kind: Literal["person", "chat"], number: int, now: float) -> Pace:
        if len(self._paces) > REMEMBERED:
            self._paces = {key: pace for key, pace in self._paces.items() if not pace.is_idle(now)}
        limit = self._limits[kind]
        return self._paces.setdefault((kind, number), Pace(MINUTE / limit, limit, now - MINUTE))
