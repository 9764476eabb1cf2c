"""Links that open a page at the quoted sentence."""

import re
from urllib.parse import quote, urlsplit

from corpus.article import Article, Span

WORDS = 5  # words at each end of a sentence that a link carries
LONGEST = 100  # characters up to which a link carries a sentence whole
URL_LENGTH = 2000  # accepted by every browser and by Telegram


def deep_link(article: Article, sentence: Span) -> str:
    """Returns the article's URL with a text fragment for the sentence, else the plain URL.

    A text fragment finds the first match on the page, so it must be unique in the stored text
    (https://wicg.github.io/scroll-to-text-fragment/). "" if the article has no http(s) URL.
    """
    url = page(article)
    directive = _directive(article.text, sentence) if url else ""
    if not directive:
        return url
    bare = url.partition(":~:")[0]
    linked = f"{bare}{'' if '#' in bare else '#'}:~:text={directive}"
    return linked if len(linked) <= URL_LENGTH else url


def page(article: Article) -> str:
    """Returns the article's URL, or "" if a browser can't open it or a terminal can't print it as is."""
    url = article.url or ""
    sound = len(url) <= URL_LENGTH and url.isprintable() and " " not in url
    return url if sound and _is_web(url) else ""


def _directive(text: str, sentence: Span) -> str:
    """Returns the text directive for a sentence (whole, or its first and last words), "" if not unique."""
    start, end = sentence
    words = [m.span() for m in re.finditer(r"\S+", text[start:end])]
    if end - start <= LONGEST or len(words) <= 2 * WORDS:
        return _encode(text[start:end]) if _is_unique(text, text[start:end]) else ""
    head = text[start : start + words[WORDS - 1][1]]
    tail = text[start + words[-WORDS][0] : end]
    if _is_unique(text, head) and _is_unique(text[start + len(head) : end], tail):
        return f"{_encode(head)},{_encode(tail)}"
    return ""


def _is_unique(text: str, part: str) -> bool:
    """Returns whether `part` occurs once, compared like a browser: ignoring case and white space."""
    part, text = (" ".join(each.casefold().split()) for each in (part, text))
    return text.find(part) == text.rfind(part) >= 0


def _encode(part: str) -> str:
    """Percent-encodes text for a directive, including hyphens, which separate its parts."""
    return quote(" ".join(part.split()), safe="").replace("-", "%2D")


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
