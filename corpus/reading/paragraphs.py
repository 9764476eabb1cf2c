"""Where an article's paragraphs begin and end."""

import re

from corpus.article import Span

BLOCK = re.compile(r"\S(?:.|\n(?![^\S\n]*\n))*")
LINE = re.compile(r"\S(?:.*\S)?")
# Hard-wrapped text fills its lines to a margin; editors put that at 60 to 100 characters.
WRAPPED = range(45, 101)


def paragraphs(text: str) -> list[Span]:
    """The spans of the paragraphs of `text`, in order, without the white space around them.

    Paragraphs are parted by one newline or by more; only in a block whose lines were
    evidently wrapped at a margin is a single newline a space.
    """
    spans: list[Span] = []
    for block in BLOCK.finditer(text):
        lines = [m.span() for m in LINE.finditer(text, *block.span())]
        spans += [(lines[0][0], lines[-1][1])] if _is_wrapped(text, lines) else lines
    return spans


def _is_wrapped(text: str, lines: list[Span]) -> bool:
    """Whether most line ends of a block stand inside a sentence and near one margin."""
    full = lines[:-1]
    if not full or any(end - start not in WRAPPED for start, end in full):
        return False
    inside = sum(text[end - 1] not in ".!?…:”\"'»)。" for _, end in full)
    return inside * 2 >= len(full)
