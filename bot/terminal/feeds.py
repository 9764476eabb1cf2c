"""`citewire feeds`: follow feeds, and take in what is new in them."""

import asyncio
import time
from typing import TYPE_CHECKING

import click

from bot.terminal import session
from bot.terminal.progress import Bar
from corpus.errors import CitewireError

if TYPE_CHECKING:
    from bot.chats.services import Workspace
    from corpus.feeds.feed_reader import FeedReader, Update
    from corpus.feeds.feed_table import Followed


@click.group()
def feeds() -> None:
    """Follow feeds: what is new in them is taken in."""


@feeds.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
def add(urls: tuple[str, ...]) -> None:
    """Follow feeds, or those that pages name; what they list now comes in without being announced."""
    refused = session.run(_add, urls)
    if refused:
        raise CitewireError("Not added: " + " ".join(refused))


@feeds.command("list")
def list_all() -> None:
    """List the feeds, with how they do."""
    from corpus.feeds.feed_reader import FeedReader
    from corpus.store import Store

    with session.database() as database:
        for feed in FeedReader(database, Store(database)).feeds():
            click.echo(f"{feed.id}  {feed.title}  {feed.url}  {feed.state(time.time())}")


@feeds.command()
@click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
def remove(number: int) -> None:
    """Follow a feed no longer; its articles stay."""
    from bot.admin.acts import unfollow
    from bot.records.audit import TERMINAL, AuditLog
    from corpus.feeds.feed_reader import FeedReader
    from corpus.store import Store

    with session.database() as database:
        feeds, audit = FeedReader(database, Store(database)), AuditLog(database)
        click.echo(asyncio.run(unfollow(feeds, audit, TERMINAL, number)))


@feeds.command()
def update() -> None:
    """Ask every feed now, but for those that failed and are to be left alone, and take in what is new."""
    session.run(_update)


async def _add(workspace: "Workspace", person: int, urls: tuple[str, ...]) -> list[str]:
    """Follow feeds and take in what they list; returns a sentence for each that can't be followed."""
    from bot.admin.acts import follow

    updates: list[Update] = []
    refused = []
    for url in urls:
        try:
            feed, said = await follow(workspace, person, url)
        except CitewireError as error:
            refused.append(str(error))
        else:
            click.echo(said)
            updates += await _poll(workspace.feeds, feed)
    if updates:
        await _report(workspace, updates)
    return refused


async def _update(workspace: "Workspace", _person: int) -> None:
    feeds = workspace.feeds
    await _report(
        workspace, [each for feed in feeds.feeds() for each in await _poll(feeds, feed, early=True)]
    )


async def _poll(feeds: "FeedReader", feed: "Followed", *, early: bool = False) -> list["Update"]:
    """Poll a feed until no article of it is left."""
    with Bar(feed.title, " articles") as bar:
        updates = [await feeds.update(feed, time.time(), early=early, progress=bar)]
        while updates[-1].left:
            updates.append(await feeds.update(feeds.get(feed.id), time.time(), progress=bar))
    return updates


async def _report(workspace: "Workspace", updates: list["Update"]) -> None:
    """Print what came in, and to standard error what did not; then make it searchable."""
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
    click.echo((await workspace.update_index()).sentence())
