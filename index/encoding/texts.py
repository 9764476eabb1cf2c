"""Texts on their way to a model: in parts that it reads at once, in batches of like length."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from corpus.article import Span

BATCH_TOKENS = 2048


class Text(NamedTuple):
    """Sentences that are read together, with their spans in the text that they make up."""

    text: str
    sentences: Sequence[Span]
    language: str = ""  # where it is not known


def parts(passage: Text, most: int, count: Callable[[str], int]) -> Iterator[Text]:
    """The passage in runs of whole sentences of at most `most` tokens, or of one sentence.

    `count` tells how many tokens a text is.
    """
    if most and count(passage.text) <= most:
        yield passage
        return
    run: list[Span] = []
    for start, end in passage.sentences:
        if run and count(passage.text[run[0][0] : end]) > most:
            yield _part(passage, run)
            run = []
        run.append((start, end))
    if run:
        yield _part(passage, run)


def _part(passage: Text, run: Sequence[Span]) -> Text:
    by = run[0][0]
    return passage._replace(
        text=passage.text[by : run[-1][1]], sentences=[(start - by, end - by) for start, end in run]
    )


def batches(tokens: Sequence[int]) -> list[list[int]]:
    """Indices grouped by like length, about BATCH_TOKENS tokens a group with padding."""
    groups: list[list[int]] = []
    for i in sorted(range(len(tokens)), key=tokens.__getitem__):
        if not groups or (len(groups[-1]) + 1) * tokens[i] > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(i)
    return groups
