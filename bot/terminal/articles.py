"""The commands about articles: add, list, show, remove and restore them."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.terminal import session
from corpus.errors import CitewireError

if TYPE_CHECKING:
    from bot.chats.services import Workspace
    from corpus.intake import Taken

WEB = re.compile("https?://", re.IGNORECASE)


@click.command()
@click.argument("sources", metavar="PATH|URL...", nargs=-1)
@click.option("--jsonl", type=click.Path(path_type=Path), help="Articles as JSON, one a line, ids kept.")
@click.option("--quiet", is_flag=True, help="Post them to no chat that is subscribed.")
def add(sources: tuple[str, ...], jsonl: Path | None, quiet: bool) -> None:
    """Add articles from files (.txt, .md, .html) or web addresses; they stay until they are removed."""
    if bool(sources) == bool(jsonl):
        raise CitewireError("Name the files or addresses to add, or one file of JSON lines with --jsonl.")
    taken = session.run(_add, sources, jsonl, quiet=quiet)
    if taken.refused:
        raise CitewireError("Not added: " + " ".join(taken.refused))


@click.command()
@click.argument("words", nargs=-1)
@click.option("--withdrawn", is_flag=True, help="Those that were taken out, instead.")
def articles(words: tuple[str, ...], withdrawn: bool) -> None:
    """List the articles, newest first: all of them, or those whose title, outlet or id holds WORDS."""
    from bot.text.titles import line
    from corpus.catalogue import Catalogue

    with session.database() as database:
        for each in Catalogue(database).find(words, withdrawn=withdrawn)[0]:
            about = (each.published or "no date", each.outlet or "no outlet", line(each.title))
            click.echo("  ".join((each.id, *about)))


@click.command()
@click.argument("number", metavar="ID")
def show(number: str) -> None:
    """Print the stored text of an article, to the letter."""
    from corpus.store import Store

    with session.database() as database:
        article = Store(database).article(number)
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
    from bot.admin.acts import Selection, withdraw

    if sum(map(bool, (ids, outlet, feed))) != 1:
        raise CitewireError("Name the articles to take out by their ids, or all of one --outlet or --feed.")
    selection = Selection("article", ids)
    if outlet:
        selection = Selection("outlet", (outlet,))
    elif feed:
        selection = Selection("feed", (str(feed),))
    click.echo(session.run(withdraw, selection))


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--outlet", help="All articles of an outlet that were taken out.")
def restore(ids: tuple[str, ...], outlet: str | None) -> None:
    """Put articles back that were taken out with `remove`."""
    from bot.admin import acts

    if bool(ids) == bool(outlet):
        raise CitewireError("Name the articles to put back by their ids, or all of one --outlet.")
    selection = acts.Selection("outlet", (outlet,)) if outlet else acts.Selection("article", ids)
    click.echo(session.run(acts.restore, selection))


async def _add(
    workspace: "Workspace", person: int, sources: tuple[str, ...], jsonl: Path | None, *, quiet: bool
) -> "Taken":
    """Store articles, note that, and make them searchable."""
    from corpus.intake import take_jsonl

    if jsonl:
        taken = take_jsonl(workspace.store, jsonl, quiet=quiet)
    else:
        taken = await _take(workspace, sources, quiet=quiet)
    about = str(jsonl or " ".join(sources))
    await workspace.audit.note(person, "add", about, f"{taken.added} added, {taken.changed} changed")
    click.echo((await workspace.update_index()).sentence())
    return taken


async def _take(workspace: "Workspace", sources: tuple[str, ...], *, quiet: bool) -> "Taken":
    """Store what is in files and at web addresses."""
    from bot.admin.acts import submissions
    from corpus.intake import take_files

    store = workspace.store
    urls = [source for source in sources if WEB.match(source)]
    paths = [Path(source) for source in sources if source not in urls]
    quiet = quiet or store.is_new()
    taken = take_files(store, paths, quiet=quiet)
    for url in urls:
        try:
            taken.count(store.put(await submissions(workspace).page(url), quiet=quiet))
        except CitewireError as error:
            taken.refused.append(str(error) if url in str(error) else f"{url}: {error}")
    return taken
