"""The first sentences of an article, as quoted in a post."""

from itertools import dropwhile, takewhile

from bot.text.titles import line, title
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences

SUBSTANTIAL = 80  # minimum characters of the first paragraph; anything shorter is a byline or a date
OPENING = 600  # maximum characters of the first sentences


def first_sentences(article: Article) -> Span | None:
    """Returns the first substantial sentences, skipping promotion and the title; None if there are none."""
    spans = list(dropwhile(lambda span: not _is_substantial(article, span), paragraphs(article.text)))
    if not spans:
        return None
    start = spans[0][0]
    kept = takewhile(lambda span: not _is_promoted(article, span), spans)
    parts = (part for span in kept for part in sentences(article.text, *span, article.language))
    ends = [end for _, end in parts if end - start <= OPENING]
    return (start, ends[-1]) if ends else None


def _is_substantial(article: Article, span: Span) -> bool:
    start, end = span
    is_title = line(article.text[start:end]) == title(article)
    return end - start >= SUBSTANTIAL and not is_title and not _is_promoted(article, span)


def _is_promoted(article: Article, span: Span) -> bool:
    return any(start < span[1] and span[0] < end for start, end in article.promotion)
