"""The commands about the index: reindex, roll back, list, help other machines, copy."""

import time
from contextlib import closing

import click

from bot.terminal import session
from bot.terminal.progress import Phases
from corpus.errors import CitewireError

LOOK = 2.0  # seconds between two looks for a reindex to help with


@click.command()
@click.option("--full", is_flag=True, help="Make everything anew beside the index that serves.")
def reindex(full: bool) -> None:
    """Bring the index up to the article files and to what was added."""
    with session.assistant() as assistant:
        said = session.bring_up(assistant, full=full)
        act = "reindex full" if full else "reindex"
        session.note(assistant.database, act, assistant.generation(), said)
        click.echo(said)


@click.command()
def rollback() -> None:
    """Let the index before serve again; what came in since is indexed into it."""
    from bot.admin.acts import roll_back

    click.echo(session.run(roll_back))


@click.command()
def generations() -> None:
    """List the indexes that are kept: the one that serves, and the one before it."""
    with session.assistant() as assistant:
        for each in assistant.generations():
            click.echo(each.sentence())


@click.command()
def work() -> None:
    """Help other machines with a full reindex, until you press Ctrl-C.

    Needs CITEWIRE_INDEX_URL and the model, but neither the articles nor the database.
    """
    from bot.assistant import encoder_of
    from index.building.filling import help_fill
    from index.building.progress import StopFlag, untold
    from index.errors import Away
    from index.place import index_store_at

    settings = session.load_settings()
    if not settings.index_url:
        raise CitewireError(
            "Several machines can work on an index in PostgreSQL only: set CITEWIRE_INDEX_URL."
        )
    encoder, said = encoder_of(settings), ""
    with closing(index_store_at(settings.data / "index", settings.index_url)) as index_store:
        while True:
            try:
                put = help_fill(index_store, encoder, untold, StopFlag())
                now = f"Put in {put:,} articles." if put else "Waiting for a reindex to help with …"
            except Away as error:
                now = str(error)
            if now != said:
                click.echo(now, err=True)
            said = now
            time.sleep(LOOK)


@click.group()
def index() -> None:
    """Move the index from the data folder to PostgreSQL, or back."""


@index.command()
@click.option("--to", "to", metavar="URL", help="From the data folder to the PostgreSQL at URL.")
@click.option("--from", "of", metavar="URL", help="From the PostgreSQL at URL to the data folder.")
def copy(to: str | None, of: str | None) -> None:
    """Copy the index that serves, while it does, and verify the copy; then set CITEWIRE_INDEX_URL.

    What was interrupted goes on where it was when it is run again.
    """
    if (to is None) == (of is None):
        raise CitewireError("Say where the index goes: --to URL, or --from URL.")
    with session.assistant() as assistant, Phases() as bar:
        made = assistant.copy_index(to or of or "", bar, back=of is not None)
        session.note(assistant.database, "copy index", made.name, made.sentence())
    setting = "set CITEWIRE_INDEX_URL to that URL" if to else "leave CITEWIRE_INDEX_URL empty"
    click.echo(f"{made.sentence()}\nNow {setting}, and start Citewire anew.")
