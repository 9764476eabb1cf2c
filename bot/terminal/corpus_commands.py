"""The commands about the articles: put some in, list them, show one, take some out, put them back."""

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.terminal import session
from corpus.errors import CitewireError, NotStored

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from corpus.intake import Taken

WEB = re.compile("https?://", re.IGNORECASE)


@click.command()
@click.argument("sources", metavar="PATH|URL...", nargs=-1)
@click.option("--jsonl", type=click.Path(path_type=Path), help="Articles as JSON, one a line, ids kept.")
@click.option("--quiet", is_flag=True, help="Post them to no chat that is subscribed.")
def add(sources: tuple[str, ...], jsonl: Path | None, quiet: bool) -> None:
    """Add articles from files (.txt, .md, .html) or web addresses; they stay until they are removed."""
    from corpus.intake import take_jsonl

    if bool(sources) == bool(jsonl):
        raise CitewireError("Name the files or addresses to add, or one file of JSON lines with --jsonl.")
    with session.assistant() as assistant:
        if jsonl:
            taken = take_jsonl(assistant.store, jsonl, quiet=quiet)
        else:
            taken = _take(assistant, sources, quiet=quiet)
        about = str(jsonl or " ".join(sources))
        session.note(assistant.database, "add", about, f"{taken.added} added, {taken.changed} changed")
        click.echo(session.made_good(assistant))
    if taken.refused:
        raise CitewireError("Not added: " + " ".join(taken.refused))


@click.command()
@click.argument("words", nargs=-1)
@click.option("--withdrawn", is_flag=True, help="Those that were taken out, instead.")
def articles(words: tuple[str, ...], withdrawn: bool) -> None:
    """List the articles, newest first: all of them, or those whose title, outlet or id holds WORDS."""
    from bot.text.passages import line
    from corpus.catalogue import Catalogue

    with session.database() as database:
        for each in Catalogue(database).find(words, withdrawn=withdrawn)[0]:
            about = (each.published or "no date", each.outlet or "no outlet", line(each.title))
            click.echo("  ".join((each.id, *about)))


@click.command()
@click.argument("number", metavar="ID")
def show(number: str) -> None:
    """Print the stored text of an article, to the letter."""
    with session.store() as store:
        article = store.article(number)
    if article is None:
        raise CitewireError(f"There is no article {number!r}: `citewire articles` lists them.")
    sys.stdout.write(article.text)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--outlet", help="All articles of an outlet.")
@click.option(
    "--feed", type=click.IntRange(1, 10**9), help="All that came by a feed, which is followed no longer."
)
def remove(ids: tuple[str, ...], outlet: str | None, feed: int | None) -> None:
    """Take articles out: they are never found or quoted again."""
    if sum(map(bool, (ids, outlet, feed))) != 1:
        raise CitewireError("Name the articles to take out by their ids, or all of one --outlet or --feed.")
    with session.assistant() as assistant:
        chosen = _of_feed(assistant, feed) if feed else _of_outlet(assistant, outlet) if outlet else ids
        assistant.store.withdraw(chosen, "removed")
        if feed:
            asyncio.run(_follow_no_longer(assistant, feed))
        about = f"feed {feed}" if feed else f"outlet {outlet}" if outlet else " ".join(ids)
        session.note(assistant.database, "withdraw", about, f"{len(chosen)} withdrawn")
        click.echo(session.made_good(assistant))


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--outlet", help="All articles of an outlet that were taken out.")
def restore(ids: tuple[str, ...], outlet: str | None) -> None:
    """Put articles back that were taken out with `remove`."""
    if bool(ids) == bool(outlet):
        raise CitewireError("Name the articles to put back by their ids, or all of one --outlet.")
    with session.assistant() as assistant:
        chosen = _of_outlet(assistant, outlet, withdrawn=True) if outlet else ids
        assistant.store.restore(chosen)
        about = f"outlet {outlet}" if outlet else " ".join(ids)
        session.note(assistant.database, "restore", about, f"{len(chosen)} restored")
        click.echo(session.made_good(assistant))


def _take(assistant: "Assistant", sources: tuple[str, ...], *, quiet: bool) -> "Taken":
    """What came of files and web addresses."""
    from corpus.intake import take_files

    urls = [source for source in sources if WEB.match(source)]
    paths = [Path(source) for source in sources if source not in urls]
    quiet = quiet or assistant.store.is_new()
    taken = take_files(assistant.store, paths, quiet=quiet)
    if urls:
        asyncio.run(_take_pages(assistant, urls, taken, quiet=quiet))
    return taken


async def _take_pages(assistant: "Assistant", urls: list[str], taken: "Taken", *, quiet: bool) -> None:
    from corpus.catalogue import Catalogue
    from corpus.feeds.fetch import Web
    from corpus.reading.parser_process import ParserProcess
    from corpus.submissions import Submissions

    web, parser = Web(), ParserProcess()
    handed = Submissions(assistant.store, Catalogue(assistant.database), web, parser)
    try:
        for url in urls:
            try:
                taken.count(assistant.store.put(await handed.page(url), quiet=quiet))
            except CitewireError as error:
                taken.refused.append(str(error) if url in str(error) else f"{url}: {error}")
    finally:
        parser.close()


def _of_outlet(assistant: "Assistant", name: str, *, withdrawn: bool = False) -> list[str]:
    from corpus.catalogue import Catalogue

    found = Catalogue(assistant.database).of_outlet(name, withdrawn=withdrawn)
    if not found:
        raise NotStored(f"There is no such article of an outlet {name!r}: `citewire articles` lists them.")
    return found


def _of_feed(assistant: "Assistant", number: int) -> list[str]:
    from corpus.feeds.feed_reader import FeedReader

    feed_reader = FeedReader(assistant.database, assistant.store)
    return feed_reader.articles(feed_reader.get(number).id)


async def _follow_no_longer(assistant: "Assistant", number: int) -> None:
    from corpus.feeds.feed_reader import FeedReader

    await FeedReader(assistant.database, assistant.store).remove(number)
