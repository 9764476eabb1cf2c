"""The assistant in the terminal: for people without a bot, and for the commands."""

import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise

import click

from bot.assistant import Assistant
from bot.text import Message, answer, words_for
from corpus.errors import CitewireError

GREETING = "Ask about the articles; an empty line ends."


def chat(assistant: Assistant) -> None:
    """Answer questions from standard input, one a line, until it ends."""
    interactive = sys.stdin.isatty()
    if interactive:
        click.echo(GREETING)
    for question in _questions(interactive):
        if not interactive:
            click.echo(f"? {question.strip()}")
        try:
            click.echo(text(answer(assistant.ask(question), words_for(None))))
        except CitewireError as error:
            click.echo(str(error))
        click.echo()


def text(messages: Iterable[Message]) -> str:
    """Messages as text for standard output; what is bold stands between ** where that is no terminal."""
    return "\n\n".join(styled(message, plain=not sys.stdout.isatty()) for message in messages)


def styled(message: Message, *, plain: bool = False) -> str:
    """A message as text: quotations behind a bar, what is bold in bold, links written out."""
    pieces: list[str] = []
    edges = sorted({0, len(message.text), *(edge for m in message.marks for edge in (m.start, m.end))})
    for start, end in pairwise(edges):
        kinds = {mark.kind for mark in message.marks if mark.start <= start and end <= mark.end}
        piece = message.text[start:end]
        if "bold" in kinds:
            piece = f"**{piece}**" if plain else click.style(piece, bold=True)
        if "quote" in kinds:
            piece = piece.replace("\n", "\n│ ")
        if any(mark.kind == "quote" and mark.start == start for mark in message.marks):
            piece = "│ " + piece
        pieces.append(piece)
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
