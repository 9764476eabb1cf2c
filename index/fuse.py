"""What makes a sentence worth showing besides the words that it covers: its meaning, and two hints.

The worth of a sentence is meaning + coverage + hints, each part a round number near the weights of a
softmax regression over squad2 and six languages of XQuAD; the figures are flat around them.
"""

import re

import numpy as np

from index.coverage import Table

# A sentence's own cosine, and the best one of its passage, which says what the passage is about.
OWN_COSINE, BEST_COSINE = 0.4, 0.6
# What the question's tokens and a sentence's have in common, one by one.
MATCH = 1.1
# More finds no more in thousands of passages, and less in one article, where rarity says little of words.
COVERAGE = 0.6
# An English model's cosines say little of other languages.
UNREAD_LANGUAGE = 0.2
ENGLISH_MODEL = re.compile(r"all-|.*-en\b")
BM25 = 0.1  # times the share of the best passage's
NUMBER = 0.1  # for a sentence with a number where one is asked for

ASKS_NUMBER = re.compile(
    r"how (?:many|much|long|far|old|large|big|high|tall|often|fast|wide)|\bwhen\b"
    r"|(?:what|which) (?:percent|number|year|age|date|day|month|century|decade|temperature)"
    r"|wie ?viel|wie (?:lange|alt|hoch|groß|weit|oft)|\bwann\b|welche[smnr]? (?:jahr|anteil|prozent)"
    r"|cuánt|cuándo|qué (?:año|porcentaje|edad)|combien|\bquand\b|quelle année"
    r"|сколько|когда|как(?:ой|ом) год|процент|как (?:долго|часто|далеко)"
    r"|(?:^| )كم|متى|أي عام|多少|几|何时|哪一?年|什么时候|多[大长高久远]",
    re.IGNORECASE,
)


def meaning(cosine: Table, best_cosine: Table) -> Table:
    """What the cosines of sentences and the best ones of their passages are worth."""
    worth: Table = OWN_COSINE * cosine + BEST_COSINE * best_cosine
    return worth


def reading(model: str, language: str) -> float:
    """How far the cosines of `model` count in `language`."""
    return UNREAD_LANGUAGE if ENGLISH_MODEL.match(model) and language != "en" else 1.0


def shares(values: Table) -> Table:
    """`values` as shares of the highest one."""
    return values / np.float32(max(values.max(initial=0.0), 1e-9))


def asks_number(question: str) -> bool:
    """Whether a number, a date or an amount would answer the question."""
    return bool(ASKS_NUMBER.search(question))


def has_number(text: list[str]) -> bool:
    """Whether a sentence of the terms `text` holds a number in digits."""
    return any(term[0].isdigit() for term in text)
