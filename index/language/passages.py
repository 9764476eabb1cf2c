"""An article as passages: short paragraphs together, long ones in parts, as slices of its stored text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences

# Paragraphs stand together up to so many characters, since short ones explain each other.
TOGETHER = 700
# A longer one is parted, so that more than one place of it can be found and shown.
LONGEST = 1200
# A section of fewer characters goes on into the next one: a line under each heading is no passage.
SECTION = 200
# What reads well on a phone; showing more finds a little more and shows much less of the answer.
MAX_SHOWN = 600
MORE_SHOWN = 900
SPLITTER = f"sections/1 passages<={LONGEST}"
"""Names this way of splitting; an index made in another way is rebuilt."""

HEADING = 80
# It opens with a word, or a number before it, and ends without a stop; other figures make it data.
HEADED = re.compile(r"[#=\s]*(?:[\dIVX]{1,4}(?:[.)\d]{0,8}) )?[^\W\d_][^\d|;•:]*[^.,!…。！،۔।:;|]", re.DOTALL)
LEAD_IN = (":", "：")


class Line(NamedTuple):
    """A paragraph, or a sentence of one; a heading only says what the lines below it are about."""

    start: int
    end: int
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is searched: `text[start:end]` of its article, made of sentences and headings."""

    start: int
    end: int
    lines: tuple[Line, ...]


def passages(article: Article, language: str | None = None) -> Iterator[Passage]:
    """The passages of an article in order; its promotion is passed over."""
    for stretch in _stretches(article):
        for group in _together(article.text, _headed(article.text, stretch)):
            lines = [
                Line(*span, paragraph.heading)
                for paragraph in group
                for span in sentences(article.text, paragraph.start, paragraph.end, language)
            ]
            for run in _runs(lines):
                yield Passage(run[0].start, run[-1].end, tuple(run))


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


def _stretches(article: Article) -> Iterator[list[Span]]:
    """The paragraphs between the promotion of an article."""
    stretch: list[Span] = []
    for start, end in paragraphs(article.text):
        if any(start < stop and begin < end for begin, stop in article.promotion):
            yield stretch
            stretch = []
        else:
            stretch.append((start, end))
    yield stretch


def _headed(text: str, spans: Sequence[Span]) -> list[Line]:
    """The paragraphs, those marked that look like a heading and stand before one that doesn't.

    Of several that look so in a row the last is one: the others are the lines of a list.
    """
    looks_so = [_looks_like_heading(text[start:end]) for start, end in spans]
    before_prose = [not after for after in (*looks_so, True)[1:]]
    return [
        Line(*span, heading and prose_follows)
        for span, heading, prose_follows in zip(spans, looks_so, before_prose, strict=True)
    ]


def _looks_like_heading(line: str) -> bool:
    opens = next((letter for letter in line if letter.isalpha()), "")
    return len(line) <= HEADING and not opens.islower() and HEADED.fullmatch(line) is not None


def _together(text: str, lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The paragraphs in groups of at most TOGETHER characters; what leads in to others stands with them."""
    group: list[Line] = []
    for line in lines:
        if group and _is_full(group, line):
            kept = len(group)
            while kept and (group[kept - 1].heading or _leads_in(text, group[kept - 1 :])):
                kept -= 1
            if kept:
                yield group[:kept]
                group = group[kept:]
        group.append(line)
    if group:
        yield group


def _leads_in(text: str, lines: Sequence[Line]) -> bool:
    """Whether the first of some lines announces what follows, and little of that is there yet."""
    return text.endswith(LEAD_IN, 0, lines[0].end) and lines[-1].end - lines[0].start < SECTION


def _is_full(group: Sequence[Line], line: Line) -> bool:
    """Whether a paragraph begins another group: a heading does, unless there is hardly anything before it."""
    if line.heading:
        return group[-1].end - group[0].start >= SECTION
    return line.end - group[0].start > TOGETHER and not all(each.heading for each in group)


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of about the same length, at most LONGEST characters unless one sentence is longer."""
    if not lines:
        return
    length = lines[-1].end - lines[0].start
    target = length / ceil(length / LONGEST)
    goal = lines[0].start + target
    run: list[Line] = []
    for line in lines:
        if run and _ends(run, line, goal):
            yield run
            run = []
            goal = max(goal + target, line.start + target / 2)
        run.append(line)
    yield run


def _ends(run: Sequence[Line], line: Line, goal: float) -> bool:
    """Whether a run ends nearer to its goal without the next sentence than with it; never with a heading."""
    if run[-1].heading:
        return False
    return line.end - run[0].start > LONGEST or line.end - goal > goal - run[-1].end
