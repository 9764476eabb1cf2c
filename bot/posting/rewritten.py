"""Compares a quoted passage with its article as it is now: which sentences are gone, what replaced them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.records import RecordedPassage
from bot.text import Mark, Message, Words, add_source, page, passage, shown
from bot.text.passages import AROUND
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences
from index.searching.result import Hit

ALIKE = 60.0  # least similarity, in percent, of a sentence and what it became


@dataclass(frozen=True, slots=True)
class PassageDiff:
    """A passage that lost sentences since `old`; `current` is None if the article was withdrawn."""

    gone: tuple[str, ...]
    old: Article
    current: Article | None
    now: Hit | None  # what the passage became


def rewritten(quote: RecordedPassage, old: Article, current: Article | None) -> PassageDiff | None:
    """What became of a passage; None if each of its sentences is still there, to the letter."""
    said = [
        part
        for start, end in paragraphs(old.text)
        if start < quote.end and quote.start < end
        for part in sentences(old.text, max(start, quote.start), min(end, quote.end), old.language)
    ]
    texts = [old.text[slice(*span)] for span in said]
    gone = tuple(text for text in texts if current is None or text not in current.text)
    if not gone:
        return None
    return PassageDiff(gone, old, current, _now(quote, said, texts, current) if current else None)


def block(diff: PassageDiff, day: str, words: Words) -> Message:
    """The sentences that are gone, struck through, and under them what replaced them."""
    message = struck_out(diff, day, words)
    message.add("\n")
    if diff.now:
        message.append(passage(diff.now, words))
    else:
        message.add("— ")
        add_source(message, diff.current or diff.old, page(diff.current) if diff.current else "", words)
    return message


def struck_out(diff: PassageDiff, day: str, words: Words) -> Message:
    """The day of the change, and the sentences that are gone, struck through."""
    date = words.day(day)
    message = Message(words("changed-on", date=date) if diff.current else words("withdrawn-on", date=date))
    message.add("\n")
    start = len(message.text)
    message.add_foreign(shown(" ".join(diff.gone)))
    message.marks.append(Mark("struck", start, len(message.text)))
    return message


def _now(quote: RecordedPassage, said: Sequence[Span], texts: Sequence[str], article: Article) -> Hit | None:
    """What a passage became: what its sentences became, as far as their paragraphs stand together."""
    current = list(_quotable(article))
    became = [_nearest(text, current, article) for text in texts]
    found = [span for span in became if span]
    if not found:
        return None
    answering = (
        new for span, new in zip(said, became, strict=True) if new and _overlap(span, quote.sentence)
    )
    marked = next(answering, found[0])
    near = next(run for run in _together(found, article) if marked in run)
    start, end = min(s for s, _ in near), max(e for _, e in near)
    if end - start > AROUND:
        start, end = marked
    return Hit(article, start, end, marked, 0.0, quote.confidence, quote.signals)


def _together(found: Sequence[Span], article: Article) -> Iterator[list[Span]]:
    """The sentences that were found, in runs: between those of a run is no paragraph without one."""
    run: list[Span] = []
    for paragraph in paragraphs(article.text):
        held = [span for span in found if _overlap(span, paragraph)]
        if not held:
            yield run
            run = []
        run += held
    yield run


def _quotable(article: Article) -> Iterator[Span]:
    """The sentences of an article that may be quoted."""
    for start, end in paragraphs(article.text):
        if not any(_overlap((start, end), promoted) for promoted in article.promotion):
            yield from sentences(article.text, start, end, article.language)


def _nearest(text: str, spans: Sequence[Span], article: Article) -> Span | None:
    """The sentence most like an old one; None if none is like it."""
    choices = [article.text[slice(*span)] for span in spans]
    found = process.extractOne(text, choices, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return spans[found[2]] if found else None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
