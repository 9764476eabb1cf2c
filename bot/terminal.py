"""The assistant in the terminal: for people without a bot, and for the commands."""

import sys
from collections.abc import Iterator
from itertools import pairwise

import click

from bot.answer import Message, answer
from bot.assistant import Assistant
from corpus.errors import CitewireError

GREETING = "Ask about the articles; an empty line ends."


def chat(assistant: Assistant) -> None:
    """Answer questions from standard input, one a line, until it ends."""
    interactive = sys.stdin.isatty()
    if interactive:
        click.echo(GREETING)
    for question in _questions(interactive):
        try:
            messages = answer(assistant.ask(question))
            click.echo("\n\n".join(styled(message) for message in messages))
        except CitewireError as error:
            click.echo(str(error))
        click.echo()


def styled(message: Message) -> str:
    """A message for a terminal: quotations behind a bar, marks bold, links written out."""
    pieces: list[str] = []
    edges = sorted({0, len(message.text), *(edge for m in message.marks for edge in (m.start, m.end))})
    for start, end in pairwise(edges):
        kinds = {mark.kind for mark in message.marks if mark.start <= start and end <= mark.end}
        text = message.text[start:end]
        if "quote" in kinds:
            text = text.replace("\n", "\n│ ")
        if any(mark.kind == "quote" and mark.start == start for mark in message.marks):
            text = "│ " + text
        pieces.append(click.style(text, bold=True) if "bold" in kinds else text)
        pieces += [f" <{m.url}>" for m in message.marks if m.kind == "link" and m.end == end]
    return "".join(pieces)


def _questions(interactive: bool) -> Iterator[str]:
    if not interactive:
        yield from (line for line in sys.stdin if line.strip())
        return
    import readline  # noqa: F401 - gives input() its history and editing

    while True:
        try:
            line = input("\n? ")
        except (EOFError, KeyboardInterrupt):
            return
        if not line.strip():
            return
        yield line
