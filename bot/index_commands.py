"""The commands about the index: bring it up, bring the one before back, list those that are kept."""

import click

from bot import opening


@click.command()
@click.option("--full", is_flag=True, help="Make everything anew beside the index that serves.")
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    default=0,
    help="Encode in so many processes; 0 means in this one.",
)
def reindex(full: bool, workers: int) -> None:
    """Bring the index up to the article files and to what was added."""
    with opening.assistant() as assistant:
        said = opening.bring_up(assistant, full=full, workers=workers)
        act = "reindex full" if full else "reindex"
        opening.note(assistant.database, act, assistant.generation(), said)
        click.echo(said)


@click.command()
def rollback() -> None:
    """Let the index before serve again; what came in since is indexed into it."""
    with opening.assistant() as assistant:
        back = assistant.roll_back()
        opening.note(assistant.database, "roll back", back.name, f"{back.name} serves again.")
        click.echo(f"{back.sentence()}\n{opening.index(assistant)}")


@click.command()
def generations() -> None:
    """List the indexes that are kept: the one that serves, and the one before it."""
    with opening.assistant() as assistant:
        for each in assistant.generations():
            click.echo(each.sentence())
