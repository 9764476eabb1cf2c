"""What admins do, in Telegram and in the terminal: each act is carried out, noted, indexed and reported."""

import asyncio
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Literal

from bot.chats import Workspace
from bot.posting import outbox
from bot.records import AuditLog
from bot.text import title, words_for
from bot.transport import Failure, apology
from corpus.database import Database
from corpus.errors import CitewireError, NotStored
from corpus.feeds.feed_reader import FeedReader
from corpus.feeds.feed_table import Followed
from corpus.store import Incoming
from corpus.submissions import Submissions
from index.building.sync import Report

KNOWN = "The index knows it."
NOT_KNOWN = "The index does not know it yet:"
NOTHING = "No article of that outlet was taken out by hand."
AGAIN = "It is sent once more."
SETTLED = "That is settled already."
KEPT = 300  # characters at either end of a reason that is too long

WHOLE = re.compile(r"(outlet|feed)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
FEED = re.compile("[0-9]{1,9}")


class NotSearchable(CitewireError):
    """Something was stored, but the index could not be updated; the text says both."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that an act is about: those with the ids `names`, or all of one outlet or feed.

    As text it is what the audit log calls them.
    """

    kind: Literal["article", "outlet", "feed"]
    names: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(self.names) if self.kind == "article" else f"{self.kind} {self.names[0]}"

    @classmethod
    def read(cls, text: str, *, feeds: bool = True) -> "Selection":
        """Read what an admin typed: `outlet NAME`, `feed NUMBER` unless `feeds` is off, or an id."""
        match = WHOLE.fullmatch(text)
        kind, name = (match[1].lower(), match[2].strip()) if match else ("", "")
        if kind == "outlet":
            return cls("outlet", (name,))
        if kind == "feed" and feeds:
            return cls("feed", (str(int(name)) if FEED.fullmatch(name) else "0",))
        return cls("article", (text,))

    @classmethod
    def load(cls, stored: str) -> "Selection":
        """Read what `dump` wrote."""
        kind, *names = json.loads(stored)
        return cls(kind, tuple(names))

    def dump(self) -> str:
        """Write it in a form in which an id can't be taken for an outlet or a feed."""
        return json.dumps([self.kind, *self.names])

    def ids(self, workspace: Workspace) -> list[str]:
        """The ids of its articles, which may be none; NotFollowed if there is no such feed."""
        if self.kind == "feed":
            return workspace.feeds.articles(workspace.feeds.get(int(self.names[0])).id)
        return workspace.catalogue.of_outlet(self.names[0]) if self.kind == "outlet" else [*self.names]


async def withdraw(workspace: Workspace, person: int, selection: Selection) -> str:
    """Withdraw articles; a feed that is withdrawn as a whole is no longer followed."""
    ids = selection.ids(workspace)
    if selection.kind == "outlet" and not ids:
        name = selection.names[0]
        raise NotStored(f"There is no such article of an outlet {name!r}: `citewire articles` lists them.")
    await asyncio.to_thread(workspace.store.withdraw, ids, "removed")
    if selection.kind == "feed":
        await workspace.feeds.remove(int(selection.names[0]))
    await workspace.audit.note(person, "withdraw", str(selection), f"{len(ids)} withdrawn")
    said = f"Articles withdrawn: {len(ids)}."
    await _update_index(workspace, f"{said} {NOT_KNOWN}")
    return f"{said} {KNOWN}"


async def restore(workspace: Workspace, person: int, selection: Selection) -> str:
    """Restore articles that were withdrawn by hand: single ones, or all of an outlet."""
    ids = [*selection.names]
    if selection.kind == "outlet":
        ids = workspace.catalogue.of_outlet(selection.names[0], withdrawn=True)
    if not ids:
        raise NotStored(NOTHING)
    await asyncio.to_thread(workspace.store.restore, ids)
    await workspace.audit.note(person, "restore", str(selection), f"{len(ids)} restored")
    said = f"Articles restored: {len(ids)}."
    await _update_index(workspace, f"{said} {NOT_KNOWN}")
    return f"{said} {KNOWN}"


async def add(workspace: Workspace, person: int, incoming: Incoming) -> str:
    """Store an article; what fills a new store is not announced."""
    is_first = workspace.store.is_new()
    (change,) = await asyncio.to_thread(workspace.store.put, incoming, quiet=is_first)
    number = stored_id(workspace, incoming)
    await workspace.audit.note(person, "add", number, change)
    said = f"{change.capitalize()}: {title(incoming.article)}\n{number}\n"
    await _update_index(workspace, f"{said}It can't be found yet:")
    return f"{said}It can be found now."


def stored_id(workspace: Workspace, incoming: Incoming) -> str:
    """The id under which an article is stored, which the store may have chosen."""
    known = workspace.store.known(incoming.origin)
    return known.id if known else incoming.article.id


def submissions(workspace: Workspace) -> Submissions:
    """What reads pages, files and posts that are handed in."""
    feeds = workspace.feeds
    return Submissions(workspace.store, workspace.catalogue, feeds.web, feeds.parser)


async def follow(workspace: Workspace, person: int, url: str) -> tuple[Followed, str]:
    """Follow a feed, or the one that a page names; returns the feed and the sentence to say."""
    try:
        feed = await workspace.feeds.add(url)
    except CitewireError as error:
        await workspace.audit.note(person, "addfeed", url, reason(error))
        raise
    said = f"Feed {feed.id} is followed: {feed.title}. Its articles of today come in without a post."
    await workspace.audit.note(person, "addfeed", url, said)
    return feed, said


async def unfollow(feeds: FeedReader, audit: AuditLog, person: int, number: int) -> str:
    """Stop following a feed; its articles stay."""
    feed = await feeds.remove(number)
    said = f"Feed {feed.id} is no longer followed: {feed.title}. Its articles stay."
    await audit.note(person, "removefeed", str(number), said)
    return said


async def roll_back(workspace: Workspace, person: int) -> str:
    """Let the previous index serve again, and bring it up to date."""
    try:
        described = await asyncio.to_thread(workspace.assistant.roll_back)
    except CitewireError as error:
        await workspace.audit.note(person, "roll back", "", str(error))
        raise
    said = f"{described.name} serves again."
    await workspace.audit.note(person, "roll back", described.name, said)
    report = await _update_index(workspace, said)
    return f"{said} {report.sentence()}"


async def send_again(database: Database, audit: AuditLog, person: int, number: int) -> bool:
    """Send a delivery again that may or may not have arrived; False if that is not in doubt."""
    is_sent = await database.written(partial(outbox.send_again, number=number))
    await audit.note(person, "outbox", f"again {number}", AGAIN if is_sent else SETTLED)
    return is_sent


def why(error: Exception) -> str:
    """Why something could not be done, for a person; an unexpected error is logged under a reference."""
    if isinstance(error, CitewireError):
        return reason(error)
    return apology(Failure.of(error).reference, words_for(None))


def reason(error: CitewireError) -> str:
    """Why something can't be done, without its middle if it repeats something long."""
    said = str(error)
    return said if len(said) <= 2 * KEPT else f"{said[:KEPT]}…{said[-KEPT:]}"


async def _update_index(workspace: Workspace, stored: str) -> Report:
    """Update the index; if that fails, NotSearchable says what was stored, then why it is not indexed."""
    try:
        return await workspace.update_index()
    except Exception as error:
        raise NotSearchable(f"{stored} {why(error)}") from error
