"""The command line: `run`, `chat`, `ask` and `eval`, and the commands of this room's other modules.

torch and faiss take seconds to import, so everything that needs them is imported where it is used.
"""

import json
import logging
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import config
from bot.terminal import logs, session
from bot.terminal.articles import add, articles, remove, restore, show
from bot.terminal.feeds import feeds
from bot.terminal.index import generations, index, reindex, rollback, work
from bot.terminal.progress import Bar
from bot.terminal.reports import audit, outbox, stats, status, unanswered
from corpus.errors import CitewireError
from index.errors import Away

if TYPE_CHECKING:
    from bot.assistant import Assistant

log = logging.getLogger("citewire")


class OneLine(click.Group):
    """A group whose commands fail with one sentence; the log has the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; every error ends with one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except CitewireError as error:
            log.debug("%s", error)
            raise click.ClickException(str(error)) from error
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "citewire"
            raise click.ClickException(f"{error.format_message()} See {path} --help.") from error
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            reference = secrets.token_hex(3).upper()
            log.exception("Command failed (reference %s)", reference)
            message = f"Something went wrong; citewire.log in the data folder has more under {reference}."
            raise click.ClickException(message) from error


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="citewire")
def main() -> None:
    """Citewire answers questions about articles with passages of them, word for word, each with its source.

    Settings come from the environment or a file .env; .env.example lists them all.
    """


COMMANDS = (
    add, articles, show, remove, restore, feeds, outbox, reindex, rollback,
    generations, work, index, status, stats, unanswered, audit,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)


@main.command()
def run() -> None:
    """Bring the index up to date, then start the Telegram bot (without a token: a chat here)."""
    from filelock import FileLock, Timeout

    settings = config.load()
    logs.set_up(settings.data, settings.log_level, *settings.secrets, console=bool(settings.token))
    lock = FileLock(settings.data / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CitewireError(f"Citewire is already running on {settings.data}: stop it first.") from None
    with lock, session.assistant_with(settings) as assistant:
        try:
            if not (settings.token and session.goes_on(assistant)):
                click.echo(session.bring_up(assistant), err=True)
        except Away as error:
            if not settings.token:
                raise
            click.echo(f"{error} The bot starts all the same.", err=True)
        if settings.token:
            from bot.server import serve

            serve(assistant)
        else:
            click.echo(
                "No TELEGRAM_BOT_TOKEN is set, so I answer here; .env.example says how to go on Telegram."
            )
            from bot.terminal.chat import chat

            _load_model(assistant)
            chat(assistant)


@main.command()
def chat() -> None:
    """Ask questions in the terminal."""
    from bot.terminal.chat import chat as talk

    with session.assistant() as assistant:
        _make_ready(assistant)
        talk(assistant)


@main.command()
@click.argument("question", required=False)
@click.option("--questions", type=click.File(encoding="utf-8"), help="A file with a question a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a question.")
@click.option("--k", type=click.IntRange(1, 100), default=3, show_default=True, help="How many passages.")
def ask(question: str | None, questions: Iterable[str] | None, as_json: bool, k: int) -> None:
    """Answer a question, or each line of a file of questions."""
    if (question is None) == (questions is None):
        raise CitewireError("Give one question, or a file of them with --questions.")
    asked = [question] if question is not None else (line for line in questions or () if line.strip())
    with session.assistant() as assistant:
        _make_ready(assistant)
        for each in asked:
            click.echo(_as_json(assistant, each, k) if as_json else _as_text(assistant, each, k))


@main.command("eval")
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--foreign",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder whose questions these articles can't answer; may be given again.",
)
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Ask each Nth question.")
@click.option("--baselines", is_flag=True, help="Also rank by FTS5, and by a sum of BM25 and cosine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a folder.")
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw risk and reliability of the first folder."
)
@click.option(
    "--fit",
    type=click.Path(path_type=Path),
    help="Instead, fit the confidence to the folders and write its coefficients to this file.",
)
def evaluate(
    folders: tuple[Path, ...],
    foreign: tuple[Path, ...],
    every: int,
    baselines: bool,
    as_json: bool,
    plot: Path | None,
    fit: Path | None,
) -> None:
    """Measure the answers on folders of judged questions (articles.jsonl and questions.jsonl).

    The articles are indexed aside; those of the running bot are not touched.
    """
    from evaluation import report

    with session.assistant() as assistant:
        sets, others = report.read(folders, every), report.read(foreign, every)
        if fit:
            click.echo(report.fit(sets, assistant.encoder, fit, Bar))
            return
        how = (assistant.encoder, assistant.confidence, assistant.reranker, assistant.config.index_url)
        runs = report.evaluate(sets, others, *how, Bar, baselines)
    if plot:
        from evaluation.plot import draw

        draw(runs[0], plot)
    click.echo(report.as_json(runs) if as_json else report.as_table(runs))


def _as_json(assistant: "Assistant", question: str, k: int) -> str:
    from index.searching.search import NotAQuestion

    try:
        reply = assistant.ask(question, k).as_dict()
    except NotAQuestion as error:
        question = question.strip()
        nothing = {"answered": False, "state": "absent", "confidence": 0.0, "hits": []}
        reply = {"question": question, **nothing, "error": str(error)}
    return json.dumps(reply, ensure_ascii=False)


def _as_text(assistant: "Assistant", question: str, k: int) -> str:
    from bot.terminal.chat import text
    from bot.text.passages import answer
    from bot.text.words import words_for

    return text(answer(assistant.ask(question, k), words_for(None), k))


def _make_ready(assistant: "Assistant") -> None:
    """Bring everything up to date only where there is no index that can be searched."""
    if not assistant.is_ready():
        click.echo(session.bring_up(assistant), err=True)
    _load_model(assistant)


def _load_model(assistant: "Assistant") -> None:
    """Load the model before the first question; it takes seconds, so a person at the terminal is told."""
    if sys.stderr.isatty():
        click.echo("Loading the model …", err=True)
    assistant.warm_up()
