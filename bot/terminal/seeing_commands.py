"""`citewire stats`, `unanswered` and `audit`: what admins see in Telegram, in the terminal."""

import click

from bot.terminal import session

limit = click.option(
    "--limit", type=click.IntRange(1, 10**9), default=20, show_default=True, help="How many lines at most."
)


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=14, show_default=True, help="How many days.")
def stats(days: int) -> None:
    """Count the questions of the last days: how they went, and how long their answers took."""
    from bot.admin.daily_report import summary, table
    from bot.records.daily_counts import DailyCounts

    with session.database() as database:
        counted = DailyCounts(database).last(days)
    click.echo("\n".join((*table(counted), "", summary(counted))))


@click.command()
@limit
def unanswered(limit: int) -> None:
    """List what was asked that the articles don't hold, the most frequent first."""
    from bot.admin.unanswered import unanswered as lacking
    from bot.records import answers

    with session.database() as database:
        database.migrate(answers.migrations)
        for question in lacking(database.read())[:limit]:
            click.echo(question.sentence())


@click.command()
@limit
def audit(limit: int) -> None:
    """List what admins did, newest first, in UTC."""
    from bot.records.audit import AuditLog

    with session.database() as database:
        for _, act in AuditLog(database).newest(limit):
            click.echo(act.sentence())
