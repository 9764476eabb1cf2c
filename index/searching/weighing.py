"""What makes a sentence worth showing: meaning, matching tokens, and covered terms.

The worth of a sentence is the sum of the three. The numbers are round ones: the figures on 23 sets in 13
languages are flat around them.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from index.encoding.codes import Vectors, unpack, width

Table = NDArray[np.float32]
Rows = NDArray[np.int64]

# A sentence's own cosine, and the best one of its passage, which says what the passage is about.
OWN_COSINE, BEST_COSINE = 0.4, 0.6
# How well the question's tokens and a sentence's match, one by one.
MATCH = 1.4
# More finds no more in thousands of passages, and less in one article, where rarity says little of words.
COVERAGE = 0.7
# What cosines and tokens count where the model does not read the language.
UNREAD = 0.1
# What a passage in another language than the question gets for the words that can't be compared.
OTHER_WORDS = 0.1
# What a term counts where the sentence does not hold it but something near it does: the sentence
# before it or the title, the sentence after it, its passage. Sentences lean on these ("It aims to …").
BEFORE, AFTER, PASSAGE = 0.7, 0.4, 0.3
ACROSS_PASSAGES = 0.7  # times the above, where the neighbour stands in another passage
# A word that is spelled alike counts half: "Kurdstan", "founder" for "founded", parts of German compounds.
ALIKE, ALIKE_FROM = 0.5, 0.5


def rarities(terms: Iterable[str], passages: int, frequencies: Mapping[str, int]) -> dict[str, float]:
    """How much each term tells: its inverse document frequency, above 0 even where all passages hold it."""
    counts = {term: frequencies.get(term, 0) for term in terms}
    return {term: log(1 + (passages - n + 0.5) / (n + 0.5)) for term, n in counts.items()}


def held_terms(texts: Iterable[Sequence[str]], wanted: Sequence[str]) -> Table:
    """1 where a text holds a wanted term, else 0, shape (texts, wanted)."""
    column = {term: i for i, term in enumerate(wanted)}
    lists = list(texts)
    held = np.zeros((len(lists), len(wanted)), dtype=np.float32)
    for row, text in enumerate(lists):
        for term in column.keys() & text:
            held[row, column[term]] = 1
    return held


def alike_terms(texts: Sequence[Sequence[str]], wanted: Sequence[str], held: Table) -> Table:
    """`held`, with ALIKE where a text holds a word that is spelled like a wanted one."""
    found = held.copy()
    alike = _alike({term for text in texts for term in text}, wanted)
    for row, text in enumerate(texts):
        for term in alike.keys() & text:
            columns = alike[term]
            found[row, columns] = np.maximum(found[row, columns], ALIKE)
    return found


def coverage(held: Table, above: Table, weights: Table, passage: Rows, follows: Table) -> Table:
    """How much of the question each sentence covers with what stands around it, 0 to 1, shape (sentences,).

    `held` has a row a sentence, in the order of the text, and so has `above`, which holds its title and
    heading; `weights` has a row a passage, and each a column a term. `passage` is the row of each
    sentence's passage, and `follows` how far the sentence goes on from the row above it.
    """
    before, after = np.zeros_like(held), np.zeros_like(held)
    before[1:] = held[:-1] * follows[1:, np.newaxis]
    after[:-1] = held[1:] * follows[1:, np.newaxis]
    starts = np.searchsorted(passage, np.arange(len(weights)))
    whole = np.maximum.reduceat(held, starts, axis=0)[passage]
    near = np.maximum(np.maximum(held, before), above)
    nearer = np.maximum(near, after)
    counted = (
        (1 - BEFORE) * held
        + (BEFORE - AFTER) * near
        + (AFTER - PASSAGE) * nearer
        + PASSAGE * np.maximum(nearer, whole)
    )
    covered: Table = (counted * weights[passage]).sum(axis=1)
    return covered


def _alike(terms: Iterable[str], wanted: Sequence[str]) -> dict[str, list[int]]:
    """Which wanted terms, by position, each term is spelled like: they share many trigrams (Dice)."""
    grams = [_trigrams(term) for term in wanted]
    every = frozenset().union(*grams)
    alike: dict[str, list[int]] = {}
    for term in terms:
        own = _trigrams(term)
        if len(own & every) * 2 <= ALIKE_FROM * len(own):  # nearly all terms, at little cost
            continue
        columns = [i for i, other in enumerate(grams) if other and _dice(own, other) >= ALIKE_FROM]
        if columns:
            alike[term] = columns
    return alike


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


@lru_cache(maxsize=200_000)
def _trigrams(term: str) -> frozenset[str]:
    if len(term) < 3 or term[0].isdigit():
        return frozenset()
    padded = f" {term} "
    return frozenset(padded[i : i + 3] for i in range(len(term)))


def meaning(cosine: Table, best_cosine: Table, matched: Table) -> Table:
    """What the cosines of sentences, the best ones of their passages, and matching tokens are worth."""
    worth: Table = OWN_COSINE * cosine + BEST_COSINE * best_cosine + MATCH * matched
    return worth


def under_headings(held: Table, headings: Rows, passage: Rows) -> Table:
    """What the heading above each sentence holds, shape as `held`; `headings` are its rows of headings."""
    rows = np.arange(len(held))
    last = np.full(len(held), -1)
    last[headings] = headings
    last = np.maximum.accumulate(last)
    headed = (last >= 0) & (passage[last] == passage) & (last != rows)
    found: Table = np.where(headed[:, np.newaxis], held[last], np.float32(0))
    return found


def matches(question: Vectors, sentences: Sequence[bytes]) -> Table:
    """How well each sentence matches a question, token by token, between -1 and 1, shape (len(sentences),).

    `question` has a row a token; each of `sentences` holds the codes of its tokens' vectors.
    The mean over the question's tokens of the best cosine in the sentence (MaxSim, Khattab and Zaharia
    2020); a sentence without tokens matches nothing.
    """
    dimension = question.shape[1]
    counts = np.array([len(codes) // width(dimension) for codes in sentences])
    found = np.zeros(len(sentences), dtype=np.float32)
    if not len(question) or not counts.any():
        return found
    codes = np.frombuffer(b"".join(sentences), dtype=np.uint8).reshape(-1, width(dimension))
    cosines = unpack(codes, dimension) @ question.T
    starts = (np.cumsum(counts) - counts)[counts > 0]
    found[counts > 0] = np.maximum.reduceat(cosines, starts, axis=0).mean(axis=1)
    return found
