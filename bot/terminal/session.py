"""What the commands open and close again: settings, log, articles, assistant."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bot import config, logs
from bot.terminal.progress import Phases

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from corpus.database import Database
    from corpus.store import Store


def bring_up(assistant: "Assistant", *, full: bool = False) -> str:
    """Bring the articles up to their folder and the index up to the articles; says what that did."""
    with Phases() as bar:
        taken = assistant.take_in(bar)
    for refusal in taken.refused:
        click.echo(f"Not taken in: {refusal}", err=True)
    return index(assistant, full=full)


def goes_on(assistant: "Assistant") -> bool:
    """Whether the bot can answer at once, and goes on with a reindex that an admin asked for beside that."""
    from bot.admin import orders

    assistant.database.migrate(orders.migrations)
    left = [order for order in orders.rows(assistant.database.read()) if order.result is None]
    return bool(left) and assistant.is_ready()


def index(assistant: "Assistant", *, full: bool = False) -> str:
    """Bring the index up to the articles; says what that did."""
    with Phases() as bar:
        return assistant.reindex(bar, full=full).sentence()


def made_good(assistant: "Assistant") -> str:
    """Bring the index up to what was just stored; says what that did, or that it is still to be done."""
    from index.errors import Away

    try:
        return index(assistant)
    except Away as error:
        later = "That is done, but the index does not know it yet: `citewire reindex` tells it."
        raise Away(f"{later} {error}") from error


def note(database: "Database", act: str, about: str, result: str) -> None:
    """Write down what was done from the terminal."""
    from bot.records.audit import AuditLog

    AuditLog(database).note_terminal(act, about, result)


@contextmanager
def database() -> Iterator["Database"]:
    """The database alone, for commands that neither search nor index."""
    from corpus.database import Database

    settings = config.load()
    logs.set_up(settings.data, settings.log_level, *settings.secrets)
    opened = Database(settings.database)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def store() -> Iterator["Store"]:
    """The stored articles alone."""
    from corpus.store import Store

    with database() as opened:
        yield Store(opened)


@contextmanager
def assistant() -> Iterator["Assistant"]:
    """The assistant by the settings of the environment."""
    settings = config.load()
    logs.set_up(settings.data, settings.log_level, *settings.secrets)
    with opened(settings) as assistant:
        yield assistant


@contextmanager
def opened(settings: config.Config) -> Iterator["Assistant"]:
    """The assistant by settings."""
    from bot.assistant import Assistant

    assistant = Assistant(settings)
    try:
        yield assistant
    finally:
        assistant.close()
