"""Acts that admins have to confirm before they are carried out."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

from bot.admin import acts, reindex_jobs
from bot.chats import Request, Services, Tap
from bot.records import PendingItem
from bot.text import foreign
from bot.transport import plain, rows, tap
from corpus.errors import CitewireError

EXPIRED = "That was asked more than a minute ago, or is done already: nothing was changed."
LEFT = "Nothing was changed."
RUNNING = "A reindex runs or waits: let it end, or call it off, then go back."

ActName = Literal["withdraw", "unfollow", "roll back"]
Act = Callable[[Services, int, str], Awaitable[str]]
"""Takes the person who confirmed it and what it is about; returns what to say."""


async def _roll_back(services: Services, person: int, _about: str) -> str:
    """Roll back unless a reindex is pending; the index update may take as long as it needs."""
    if reindex_jobs.jobs(services.database.read()):
        await services.audit.note(person, "roll back", "", RUNNING)
        raise CitewireError(RUNNING)
    return await acts.roll_back(replace(services, update_index=services.indexing.bring_up), person)


ACTS: dict[ActName, Act] = {
    "withdraw": lambda services, person, about: acts.withdraw(services, person, acts.Selection.load(about)),
    "unfollow": lambda services, person, about: acts.unfollow(
        services.feeds, services.audit, person, int(about)
    ),
    "roll back": _roll_back,
}


async def question(
    services: Services, request: Request | Tap, text: str, button: str, act: ActName, about: str = ""
) -> None:
    """Ask before an act; its button works once, for a minute, for the same person in the same chat."""
    data = json.dumps([act, about])
    chat = request.place.chat
    number = await services.pending.add("confirmation", data, person=request.person, chat=chat)
    choice = [tap(button, f"yes:{number}"), tap("Cancel", f"no:{number}")]
    await services.show(request, (foreign(text), rows(choice)))


async def confirm(services: Services, tapped: Tap) -> None:
    """Carry out the act that was asked about; a second tap, a late one and somebody else's do nothing."""
    await tapped.answer()
    item = await _removed(services, tapped)
    if item is None:
        services.replace(tapped, plain(EXPIRED))
        return
    name, about = json.loads(item.data)
    try:
        said = await ACTS[name](services, tapped.person, about)
    except Exception as error:  # noqa: BLE001 - a retry would find no confirmation; the log has it
        said = acts.why(error)
    services.replace(tapped, plain(said))


async def leave(services: Services, tapped: Tap) -> None:
    """Drop the act that was asked about."""
    await tapped.answer()
    await _removed(services, tapped)
    services.replace(tapped, plain(LEFT))


async def outcome(act: Awaitable[str]) -> str:
    """What to say of an act: what it returns, or why it can't be done."""
    try:
        return await act
    except CitewireError as error:
        return acts.reason(error)


async def _removed(services: Services, tapped: Tap) -> PendingItem | None:
    """The confirmation that a button belongs to, if it was still pending and this tap removed it."""
    item = services.pending.get("confirmation", tapped.parts[0], tapped.person)
    if item is None or item.chat != tapped.chat.id or not await services.pending.remove(item):
        return None
    return item
