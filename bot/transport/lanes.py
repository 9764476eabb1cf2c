"""Lanes: which updates wait for one another, and what may still be begun when much is in work."""

from dataclasses import dataclass
from typing import Any

from telegram import Update

# Places that one of the lane must leave free: people who tap a button watch it until it is answered.
KEPT_FREE = {"tap": 0, "inline": 2}
KEPT_FREE_BY_CHATS = 4
ASIDE = "aside:"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an update belongs; 0 for no chat and for nobody."""

    chat: int
    person: int
    lane: str


def address(update: Update) -> Address:
    """The chat that an update is about, who sent it, and the lane in which its order is kept."""
    sender, chat = update.effective_user, update.effective_chat or update.effective_user
    person, where = (each.id if each else 0 for each in (sender, chat))
    if update.callback_query:
        return Address(where, person, f"tap:{person}")
    if update.inline_query:
        return Address(where, person, f"inline:{person}")
    return Address(where, person, str(where))


def aside(chat: int) -> str:
    """The lane of what waits in a chat until the index is back, so that the rest there goes on."""
    return f"{ASIDE}{chat}"


def kept_free(lane: str) -> int:
    """How many places stay free for shorter work when one of this lane is begun."""
    return KEPT_FREE.get(lane.partition(":")[0], KEPT_FREE_BY_CHATS)


def sender_of(raw: dict[str, Any]) -> int:
    """Who sent an update that can't be parsed, as far as that can be seen; else 0."""
    for event in raw.values():
        sender = event.get("from") if isinstance(event, dict) else None
        person = sender.get("id") if isinstance(sender, dict) else None
        if isinstance(person, int) and is_id(person):
            return person
    return 0


def is_id(value: object) -> bool:
    """Whether `value` is a number as Telegram's ids are, and SQLite's integers."""
    return isinstance(value, int) and -(2**63) <= value < 2**63


def moved(value: Any, old: int, new: int) -> Any:
    """The JSON of an update as if the group `old` had been the supergroup `new` already.

    Its messages have the number 0, since the supergroup counts anew: none can be replied to.
    """
    if isinstance(value, list):
        return [moved(each, old, new) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {key: moved(each, old, new) for key, each in value.items()}
    if value.get("id") == old and "type" in value:
        changed |= {"id": new, "type": "supergroup"}
    if "message_id" in value and changed != value:
        changed["message_id"] = 0
    return changed
