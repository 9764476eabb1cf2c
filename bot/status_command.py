"""`citewire status`: how the bot does, from the terminal."""

import click

from bot import config, opening


@click.command()
def status() -> None:
    """Show what serves, what waits, and what is in trouble."""
    from bot.status import TABLES, report
    from corpus.store import Store
    from index.shelf import Shelf

    with opening.database() as database:
        for migrations in TABLES:
            database.migrate(migrations)
        shelf = Shelf(config.load().data / "index")
        click.echo("\n".join(report(database, Store(database), shelf.generations)))
