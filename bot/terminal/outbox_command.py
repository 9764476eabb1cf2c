"""`citewire outbox`: what is on its way to chats, from the terminal."""

import click

from bot.terminal import session
from corpus.errors import CitewireError


@click.command()
@click.option(
    "--again", type=click.IntRange(1, 10**9), metavar="NUMBER", help="Send one that is uncertain once more."
)
def outbox(again: int | None) -> None:
    """List what waits to be posted, what may have arrived or not, and what failed."""
    from bot.admin.outbox_report import report
    from bot.posting import outbox as table
    from corpus.store import Store

    with session.database() as database:
        database.migrate(table.migrations)
        if again is not None:
            if not database.write(lambda db: table.send_again(db, again)):
                raise CitewireError(f"{again} is not uncertain: `citewire outbox` lists what is.")
            session.note(database, "outbox", f"again {again}", "It is sent once more.")
        how = "citewire outbox --again NUMBER sends it once more"
        click.echo("\n".join(report(database, Store(database), how)))
