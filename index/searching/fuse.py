"""What makes a sentence worth showing, and how much each part counts.

The worth of a sentence is meaning + match + coverage + a little for its passage's BM25. The numbers are
round ones: the figures on squad2 and six languages of XQuAD are flat around them.
"""

import re

import numpy as np

from index.searching.coverage import Table

# A sentence's own cosine, and the best one of its passage, which says what the passage is about.
OWN_COSINE, BEST_COSINE = 0.4, 0.6
# How well the question's tokens and a sentence's match, one by one.
MATCH = 1.1
# More finds no more in thousands of passages, and less in one article, where rarity says little of words.
COVERAGE = 0.6
# An English model's cosines say little of other languages.
UNREAD_LANGUAGE = 0.1
ENGLISH_MODEL = re.compile(r"(.*/)?all-|.*-en\b")
BM25 = 0.1  # times the share of the best passage's


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
