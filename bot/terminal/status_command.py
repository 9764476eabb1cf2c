"""`citewire status`: how the bot does, from the terminal."""

from contextlib import closing

import click

from bot import config
from bot.terminal import session


@click.command()
def status() -> None:
    """Show what serves, what waits, and what is in trouble."""
    from bot.admin.status import TABLES, report
    from corpus.store import Store
    from index.place import index_store_at

    with session.database() as database:
        for migrations in TABLES:
            database.migrate(migrations)
        settings = config.load()
        with closing(index_store_at(settings.data / "index", settings.index_url)) as index_store:
            click.echo("\n".join(report(database, Store(database), index_store.generations)))
