"""Articles taken out and put back by admins: one, all of an outlet, all that came by a feed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.admin.desk import question, reason, reason_not
from bot.asking.answer_taps import notify
from bot.asking.buttons import NO_BUTTONS
from bot.asking.pages import View
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.records.audit import AuditLog
from bot.records.confirmations import Confirmations
from bot.records.handles import Handles
from bot.text.message import foreign
from bot.text.passages import line
from bot.transport.sender import Place, Sender
from corpus.catalogue import Catalogue
from corpus.errors import CitewireError, NotStored
from corpus.feeds.feed_reader import FeedReader
from corpus.store import Store

WITHDRAW = (
    "Send /withdraw and the id of an article, or take out all of a source: "
    "/withdraw outlet and its name, /withdraw feed and its number."
)
NOTHING = "No article of that outlet was taken out by hand."
RESTORE = "Send /restore and the id of an article that was withdrawn, or /restore outlet and its name."
WHOLE = re.compile(r"(outlet|feed)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
FEED = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The articles that an act is about: by their ids when it is done, and as a person calls them.

    `about` is what the audit calls them.
    """

    about: str
    named: str
    ids: Callable[[], list[str]]
    feed: int | None = None


class Withdrawing:
    """Each act is asked about where it takes something out, and is made good in the index at once."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        feed_reader: FeedReader,
        sender: Sender,
        handles: Handles,
        confirmations: Confirmations,
        audit: AuditLog,
        bring_up: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feed_reader = feed_reader
        self._sender = sender
        self._handles = handles
        self._confirmations = confirmations
        self._audit = audit
        self._bring_up = bring_up

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"withdraw": self._withdraw, "restore": self._restore}

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {"withdraw": self._tap_withdraw, "restore": self._tap_restore}

    async def _withdraw(self, request: Request) -> None:
        if not request.text:
            await self._sender.say(request, foreign(WITHDRAW))
            return
        message, keyboard = self._question(request, partial(self._choose, request.text))
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _tap_withdraw(self, tapped: Tap) -> None:
        await notify(tapped.query)
        number = self._handles.text(tapped.value) or ""
        message, keyboard = self._question(tapped, partial(self._article, number))
        await self._sender.send(Place.of(tapped.message), message, keyboard=keyboard)

    async def _restore(self, request: Request) -> None:
        text = request.text
        said = await self._put_back(request.person, text, self._withdrawn(text)) if text else RESTORE
        await self._sender.say(request, foreign(said))

    async def _tap_restore(self, tapped: Tap) -> None:
        await notify(tapped.query)
        number = self._handles.text(tapped.value) or ""
        said = await self._put_back(tapped.person, number, [number])
        await self._sender.send(Place.of(tapped.message), foreign(said))

    def _question(self, request: Request | Tap, choose: Callable[[], Chosen]) -> View:
        """What is asked before articles are taken out, or why there are none to."""
        try:
            chosen = choose()
        except CitewireError as error:
            return foreign(reason(error)), NO_BUTTONS
        said = f"Withdraw {chosen.named}? It is then neither found nor shown to anybody."
        act = partial(self._take_out, request.person, chosen)
        return question(request, said, "Withdraw", act, self._confirmations)

    def _choose(self, text: str) -> Chosen:
        """The articles that /withdraw names; NotStored or NotFollowed where there are none."""
        match = WHOLE.fullmatch(text)
        kind, name = (match[1].lower(), match[2].strip()) if match else ("", text)
        if kind == "feed":
            feed = self._feed_reader.get(int(name) if FEED.fullmatch(name) else 0)
            ids = partial(self._feed_reader.articles, feed.id)
            named = f"the {len(ids())} articles that came by feed {feed.id}, {feed.title},"
            return Chosen(f"feed {feed.id}", f"{named} and follow it no longer", ids, feed.id)
        if kind == "outlet":
            ids = partial(self._catalogue.of_outlet, name)
            if not ids():
                raise NotStored(f"No article of an outlet called {line(name)} stands: /articles lists them.")
            return Chosen(f"outlet {name}", f"all {len(ids())} articles of the outlet {line(name)}", ids)
        return self._article(name)

    def _article(self, number: str) -> Chosen:
        """One article by its id, which may read like anything; NotStored where it is none."""
        record = self._catalogue.get(number)
        if record is None or record.withdrawn:
            raise NotStored(f"There is no article {line(number)}: /articles lists them.")
        return Chosen(number, f"“{line(record.title)}” ({line(number)})", lambda: [number])

    async def _take_out(self, person: int, chosen: Chosen) -> str:
        ids = chosen.ids()
        await asyncio.to_thread(self._store.withdraw, ids, "removed")
        if chosen.feed is not None:
            await self._feed_reader.remove(chosen.feed)
        await self._audit.note(person, "withdraw", chosen.about, f"{len(ids)} withdrawn")
        return await self._made_good(f"Articles withdrawn: {len(ids)}.")

    def _withdrawn(self, text: str) -> list[str]:
        """The articles that /restore names."""
        match = WHOLE.fullmatch(text)
        is_outlet = match is not None and match[1].lower() == "outlet"
        return self._catalogue.of_outlet(match[2], withdrawn=True) if match and is_outlet else [text]

    async def _put_back(self, person: int, about: str, ids: list[str]) -> str:
        """Let articles stand again; what to say of it. `about` is what the audit calls them."""
        if not ids:
            return NOTHING
        try:
            await asyncio.to_thread(self._store.restore, ids)
        except NotStored as error:
            return reason(error)
        await self._audit.note(person, "restore", about, f"{len(ids)} restored")
        return await self._made_good(f"Articles restored: {len(ids)}.")

    async def _made_good(self, said: str) -> str:
        """Bring the index up to what was done, and say so."""
        if lacking := await reason_not(self._bring_up):
            return f"{said} The index does not know it yet: {lacking}"
        return f"{said} The index knows it."
