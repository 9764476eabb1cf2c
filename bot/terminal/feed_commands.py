"""`citewire feeds`: the feeds that are followed, from the terminal."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from bot.terminal import session
from bot.terminal.progress import Bar
from corpus.errors import CitewireError

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from corpus.database import Database
    from corpus.feeds.feed_reader import FeedReader, Update
    from corpus.feeds.feed_table import Followed
    from corpus.store import Store


@click.group()
def feeds() -> None:
    """Follow feeds: what is new in them is taken in."""


@feeds.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
def add(urls: tuple[str, ...]) -> None:
    """Follow feeds, or those that pages name; what they list now comes in without being announced."""
    with session.assistant() as assistant:
        updates, refused = asyncio.run(_add(assistant, urls))
        if updates:
            _report(updates)
            click.echo(session.made_good(assistant))
    if refused:
        raise CitewireError("Not added: " + " ".join(refused))


@feeds.command("list")
def list_all() -> None:
    """List the feeds, with how they do."""
    for feed in asyncio.run(_followed()):
        click.echo(f"{feed.id}  {feed.title}  {feed.url}  {feed.state(time.time())}")


@feeds.command()
@click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
def remove(number: int) -> None:
    """Follow a feed no longer; its articles stay."""
    click.echo(asyncio.run(_removed(number)))


@feeds.command()
def update() -> None:
    """Ask every feed now, but for those that failed and are to be left alone, and take in what is new."""
    with session.assistant() as assistant:
        _report(asyncio.run(_update(assistant)))
        click.echo(session.made_good(assistant))


@asynccontextmanager
async def _feed_reader(database: "Database", store: "Store | None" = None) -> AsyncIterator["FeedReader"]:
    from corpus.feeds.feed_reader import FeedReader
    from corpus.store import Store

    feed_reader = FeedReader(database, store or Store(database))
    try:
        yield feed_reader
    finally:
        await feed_reader.close()


async def _followed() -> list["Followed"]:
    with session.database() as database:
        async with _feed_reader(database) as feed_reader:
            return feed_reader.feeds()


async def _removed(number: int) -> str:
    with session.database() as database:
        async with _feed_reader(database) as feed_reader:
            feed = await feed_reader.remove(number)
        said = f"No longer followed: {feed.title}. Its articles stay."
        session.note(database, "removefeed", str(number), said)
        return said


async def _add(assistant: "Assistant", urls: Iterable[str]) -> tuple[list["Update"], list[str]]:
    """What came of following feeds, and a sentence for each that can't be followed."""
    updates, refused = [], []
    async with _feed_reader(assistant.database, assistant.store) as feed_reader:
        for url in urls:
            try:
                feed = await feed_reader.add(url)
            except CitewireError as error:
                refused.append(str(error))
            else:
                said = f"Followed as feed {feed.id}: {feed.title}"
                click.echo(said)
                session.note(assistant.database, "addfeed", url, said)
                updates += await _turn(feed_reader, feed)
    return updates, refused


async def _update(assistant: "Assistant") -> list["Update"]:
    async with _feed_reader(assistant.database, assistant.store) as feed_reader:
        return [each for feed in feed_reader.feeds() for each in await _turn(feed_reader, feed, early=True)]


async def _turn(feed_reader: "FeedReader", feed: "Followed", *, early: bool = False) -> list["Update"]:
    """A feed's turn, and as many more as it takes until no article waits."""
    with Bar(feed.title, " articles") as bar:
        updates = [await feed_reader.update(feed, time.time(), early=early, progress=bar)]
        while updates[-1].left:
            updates.append(await feed_reader.update(feed_reader.get(feed.id), time.time(), progress=bar))
    return updates


def _report(updates: list["Update"]) -> None:
    """What was taken in, and on standard error what was not."""
    for each in updates:
        for said in (each.failure, *each.refused):
            if said:
                click.echo(f"{each.feed.title}: {said}", err=True)
    failed, refused = sum(bool(each.failure) for each in updates), sum(len(each.refused) for each in updates)
    added, changed = sum(each.added for each in updates), sum(each.changed for each in updates)
    asked = len({each.feed.id for each in updates})
    click.echo(
        f"Feeds: {asked - failed} of {asked} answered. Articles: {added} added, {changed} changed, "
        f"{refused} refused, {sum(each.later for each in updates)} to be tried again."
    )
