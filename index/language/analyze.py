"""Text to the terms that full-text search and coverage compare."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from index.language.languages import SNOWBALL, stop_words

ANALYZER = "snowball+bigrams/3"
"""Names this way of making terms; an index made in another way is rebuilt."""

# Written without spaces between words: Han, kana, Hangul, Thai, Lao, Burmese, Khmer.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
# Vowel signs within the words of India's and Sri Lanka's scripts, which \w leaves out.
MARKS = "\u0900-\u0963\u0971-\u0dff"
TOKEN = re.compile(rf"\d+(?:[.,\u066b\u066c]\d+)*|[{UNSPACED}]+|(?:(?![{UNSPACED}\d])[\w'’{MARKS}])+")
GROUPED = re.compile(r"\d{1,3}(?:[.,\u066c]\d{3})+")
# Hebrew and Arabic vowel signs and the tatweel: written or left out as one likes.
VOWEL_SIGNS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u0640]")
# Accents of Latin and Greek letters, left out by many who type; й and ё are letters of their own.
ACCENTS = re.compile("(?<=[a-zα-ω])[\u0300-\u036f]+")


def terms(text: str, language: str) -> list[str]:
    """The stems of the words of `text` in order, stop words left out.

    Numbers stay whole; scripts without spaces between words become bigrams.
    `language` is an ISO 639-1 code; one without a Snowball stemmer, like "", leaves words as they are.
    """
    return [term for token in tokens(text) for term in _terms(token, language)]


def tokens(text: str) -> Iterator[str]:
    """The words, numbers and unspaced runs of `text`, case folded."""
    folded = VOWEL_SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())
    for match in TOKEN.finditer(folded):
        yield match.group()


@lru_cache(maxsize=200_000)
def _terms(token: str, language: str) -> tuple[str, ...]:
    if token[0].isdigit():
        return (_number(token),)
    if re.match(f"[{UNSPACED}]", token):
        return tuple(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    word = re.sub(r"['’]s?$", "", token.strip("'’")).replace("’", "").replace("'", "")
    if not word or word in stop_words(language):
        return ()
    stemmer = _stemmer(language)
    return (without_accents(stemmer.stemWord(word) if stemmer else word),)


def without_accents(word: str) -> str:
    """`word` without its accents, which go last, since stemmers know endings by them."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", word)))


def _number(token: str) -> str:
    """300,000 and 300.000 and 300000 are one number; 1.5 and 1,5 are another."""
    if GROUPED.fullmatch(token):
        return re.sub(r"\D", "", token)
    return re.sub(r"\D", "_", token)


@lru_cache(maxsize=32)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = SNOWBALL.get(language)
    return Stemmer.Stemmer(name) if name else None
