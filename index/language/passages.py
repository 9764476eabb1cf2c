"""An article as passages: runs of whole sentences inside one paragraph, as slices of its stored text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences

# A paragraph is searched whole, since its sentences explain each other; only a longer one is parted.
MAX_CHARACTERS = 2000
# What reads well on a phone; showing more finds a little more and shows much less of the answer.
MAX_SHOWN = 600
MORE_SHOWN = 900
SPLITTER = f"sentences/1 passages<={MAX_CHARACTERS}"
"""Names this way of splitting; an index made in another way is rebuilt."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is searched: `text[start:end]` of its article, made of `sentences`."""

    start: int
    end: int
    paragraph: int
    sentences: tuple[Span, ...]


def passages(article: Article, language: str | None = None) -> Iterator[Passage]:
    """The passages of an article in order; its promotion is passed over."""
    for number, (start, end) in enumerate(paragraphs(article.text)):
        if any(start < stop and begin < end for begin, stop in article.promotion):
            continue
        for run in _runs(sentences(article.text, start, end, language)):
            yield Passage(run[0][0], run[-1][1], number, tuple(run))


def window(sentences: Sequence[Span], worth: Sequence[float]) -> Span:
    """What is shown of a passage: its best sentence and, while they fit, the better of its neighbours.

    At most MAX_SHOWN characters, unless the best sentence alone is longer.
    """
    first = last = max(range(len(sentences)), key=worth.__getitem__)
    while True:
        grown = [
            (worth[new], low, high)
            for new, low, high in ((first - 1, first - 1, last), (last + 1, first, last + 1))
            if 0 <= new < len(sentences) and sentences[high][1] - sentences[low][0] <= MAX_SHOWN
        ]
        if not grown:
            break
        _, first, last = max(grown)
    while last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= MORE_SHOWN:
        last += 1
    return sentences[first][0], sentences[last][1]


def _runs(spans: list[Span]) -> Iterator[list[Span]]:
    """Runs of about the same length, at most MAX_CHARACTERS unless one sentence is longer."""
    if not spans:
        return
    length = spans[-1][1] - spans[0][0]
    target = length / ceil(length / MAX_CHARACTERS)
    run: list[Span] = []
    for span in spans:
        if run and _is_full(run, span, target):
            yield run
            run = []
        run.append(span)
    yield run


def _is_full(run: list[Span], span: Span, target: float) -> bool:
    """Whether a run is nearer to its target length without the next sentence than with it."""
    without, with_it = run[-1][1] - run[0][0], span[1] - run[0][0]
    return with_it > MAX_CHARACTERS or with_it - target > target - without
