"""What became of a passage that was quoted: which of its sentences are gone, and what stands there now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.records.answers import RecordedPassage
from bot.text.links import page
from bot.text.message import Mark, Message, shown
from bot.text.passages import AROUND, add_source, passage
from bot.text.words import Words
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences
from index.searching.result import Hit

ALIKE = 60.0  # percent of its characters that a sentence shares at least with what it became


@dataclass(frozen=True, slots=True)
class PassageDiff:
    """A passage of which sentences are gone: `old` held them, `standing` is the article now if it stands."""

    gone: tuple[str, ...]
    old: Article
    standing: Article | None
    now: Hit | None  # what the passage became


def rewritten(quote: RecordedPassage, old: Article, standing: Article | None) -> PassageDiff | None:
    """What became of a passage; None where each of its sentences still stands, to the letter."""
    said = [
        part
        for start, end in paragraphs(old.text)
        if start < quote.end and quote.start < end
        for part in sentences(old.text, max(start, quote.start), min(end, quote.end), old.language)
    ]
    texts = [old.text[slice(*span)] for span in said]
    gone = tuple(text for text in texts if standing is None or text not in standing.text)
    if not gone:
        return None
    return PassageDiff(gone, old, standing, _now(quote, said, texts, standing) if standing else None)


def block(passed: PassageDiff, day: str, words: Words) -> Message:
    """The sentences that are gone, struck through, with what stands there now under them."""
    message = struck(passed, day, words)
    message.add("\n")
    if passed.now:
        message.append(passage(passed.now, words))
    else:
        message.add("— ")
        add_source(
            message, passed.standing or passed.old, page(passed.standing) if passed.standing else "", words
        )
    return message


def struck(passed: PassageDiff, day: str, words: Words) -> Message:
    """When a passage changed, and its sentences that are gone, struck through."""
    date = words.day(day)
    message = Message(words("changed-on", date=date) if passed.standing else words("withdrawn-on", date=date))
    message.add("\n")
    start = len(message.text)
    message.add_foreign(shown(" ".join(passed.gone)))
    message.marks.append(Mark("struck", start, len(message.text)))
    return message


def _now(quote: RecordedPassage, said: Sequence[Span], texts: Sequence[str], article: Article) -> Hit | None:
    """What a passage became: what its sentences became, as far as they stand together still."""
    standing = list(_standing(article))
    became = [_nearest(text, standing, article) for text in texts]
    found = [span for span in became if span]
    if not found:
        return None
    answering = (
        new for span, new in zip(said, became, strict=True) if new and _overlap(span, quote.sentence)
    )
    marked = next(answering, found[0])
    around = next(span for span in paragraphs(article.text) if _overlap(span, marked))
    near = [span for span in found if _overlap(span, around)]
    start, end = min(s for s, _ in near), max(e for _, e in near)
    if end - start > AROUND:
        start, end = marked
    return Hit(article, start, end, marked, 0.0, quote.confidence, quote.signals)


def _standing(article: Article) -> Iterator[Span]:
    """The sentences of an article that may be quoted."""
    for start, end in paragraphs(article.text):
        if not any(_overlap((start, end), promoted) for promoted in article.promotion):
            yield from sentences(article.text, start, end, article.language)


def _nearest(text: str, spans: Sequence[Span], article: Article) -> Span | None:
    """The sentence that is most like one of before; None where none is."""
    choices = [article.text[slice(*span)] for span in spans]
    found = process.extractOne(text, choices, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return spans[found[2]] if found else None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
