"""What commands open and close again: settings, log, database, assistant, and a workspace for acts."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from bot import config
from bot.terminal import logs
from bot.terminal.progress import Phases
from index.errors import Away

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.chats.services import Workspace
    from corpus.database import Database
    from index.building.sync import Report

P = ParamSpec("P")
T = TypeVar("T")


def load_settings() -> config.Config:
    """Load the settings of the environment, and begin to log."""
    loaded = config.load()
    logs.set_up(loaded.data, loaded.log_level, *loaded.secrets)
    return loaded


@contextmanager
def database() -> Iterator["Database"]:
    """Open the database alone, for commands that neither search nor index."""
    from bot import schema
    from corpus.database import Database

    opened = Database(load_settings().database)
    try:
        schema.migrate(opened)
        yield opened
    finally:
        opened.close()


@contextmanager
def assistant() -> Iterator["Assistant"]:
    """Open the assistant by the settings of the environment."""
    with assistant_with(load_settings()) as opened:
        yield opened


@contextmanager
def assistant_with(settings: config.Config) -> Iterator["Assistant"]:
    """Open the assistant by settings; new articles are announced to subscriptions and watches."""
    from bot.assistant import Assistant, is_to_unpack
    from bot.posting.watches import arrived

    if is_to_unpack(settings) and sys.stderr.isatty():
        click.echo("Unpacking the model, which is done once …", err=True)
    opened = Assistant(settings, announce=arrived)
    try:
        yield opened
    finally:
        opened.close()


def run(
    act: Callable[Concatenate["Workspace", int, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Carry out an act of an admin from the terminal, in a workspace of its own."""
    from bot.records.audit import TERMINAL

    with assistant() as opened:
        return asyncio.run(_in_workspace(opened, lambda workspace: act(workspace, TERMINAL, *args, **kwargs)))


async def _in_workspace(assistant: "Assistant", act: Callable[["Workspace"], Awaitable[T]]) -> T:
    from bot.chats.services import Workspace
    from bot.records.audit import AuditLog
    from corpus.feeds.feed_reader import FeedReader

    signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's waits until the index is done
    audit, feeds = AuditLog(assistant.database), FeedReader(assistant.database, assistant.store)
    update_index = partial(_update_index, assistant)
    try:
        return await act(Workspace(assistant=assistant, feeds=feeds, audit=audit, update_index=update_index))
    finally:
        await feeds.close()


async def _update_index(assistant: "Assistant") -> "Report":
    """Bring the index up to what was stored, with progress bars."""
    try:
        with Phases() as bar:
            return assistant.reindex(bar)
    except Away as error:
        raise Away(f"{error} Saved, but not searchable yet. Run `citewire reindex`.") from error


def bring_up(assistant: "Assistant", *, full: bool = False) -> str:
    """Bring the articles up to their folder and the index up to the articles; returns what that did."""
    with Phases() as bar:
        taken = assistant.take_in(bar)
    for refusal in taken.refused:
        click.echo(f"Not taken in: {refusal}", err=True)
    with Phases() as bar:
        return assistant.reindex(bar, full=full).sentence()


def goes_on(assistant: "Assistant") -> bool:
    """Whether the bot can answer at once, and continues a reindex that an admin asked for beside that."""
    from bot.admin.reindex_jobs import jobs

    left = [job for job in jobs(assistant.database.read()) if job.result is None]
    return bool(left) and assistant.is_ready()


def note(database: "Database", act: str, about: str, result: str) -> None:
    """Note in the audit log what was done from the terminal."""
    from bot.records.audit import AuditLog

    AuditLog(database).note_terminal(act, about, result)
