"""The commands that show what admins see in Telegram: status, outbox, stats, unanswered, audit."""

import asyncio
import time
from contextlib import closing

import click

from bot import config
from bot.terminal import session
from corpus.errors import CitewireError

limit = click.option(
    "--limit", type=click.IntRange(1, 10**9), default=20, show_default=True, help="How many lines at most."
)


@click.command()
def status() -> None:
    """Show what serves, what waits, and what is in trouble."""
    from bot.admin.status import status as lines
    from corpus.store import Store
    from index.place import index_store_at

    with session.database() as database:
        settings = config.load()
        with closing(index_store_at(settings.data / "index", settings.index_url)) as index_store:
            shown = lines(Store(database), database, index_store.generations, time.time())
    click.echo("\n".join(shown))


@click.command()
@click.option(
    "--again", type=click.IntRange(1, 10**9), metavar="NUMBER", help="Send one that is uncertain once more."
)
def outbox(again: int | None) -> None:
    """List what waits to be posted, what may have arrived or not, and what failed."""
    from bot.admin.acts import send_again
    from bot.admin.status import outbox_lines
    from bot.records.audit import TERMINAL, AuditLog
    from corpus.store import Store

    how = "citewire outbox --again NUMBER sends it once more"
    with session.database() as database:
        if again is not None and not asyncio.run(send_again(database, AuditLog(database), TERMINAL, again)):
            raise CitewireError(f"{again} is not uncertain: `citewire outbox` lists what is.")
        click.echo("\n".join(outbox_lines(Store(database), database, how)))


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=14, show_default=True, help="How many days.")
def stats(days: int) -> None:
    """Count the questions of the last days: how they went, and how long their answers took."""
    from bot.records.daily_counts import DailyCounts, summary, table

    with session.database() as database:
        counted = DailyCounts(database).last(days)
    click.echo("\n".join((*table(counted), "", summary(counted))))


@click.command()
@limit
def unanswered(limit: int) -> None:
    """List what was asked that the articles don't hold, the most frequent first."""
    from bot.records.unanswered import unanswered as lines

    with session.database() as database:
        for line in lines(database)[:limit]:
            click.echo(line)


@click.command()
@limit
def audit(limit: int) -> None:
    """List what admins did, newest first, in UTC."""
    from bot.records.audit import AuditLog

    with session.database() as database:
        for _, act in AuditLog(database).newest(limit):
            click.echo(act.sentence())
