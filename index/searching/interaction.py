"""Late interaction: each token of a question meets the token of a sentence that is most like it."""

from collections.abc import Sequence

import numpy as np

from index.encoding.embed import Vectors
from index.searching.coverage import Table


def matches(question: Vectors, sentences: Sequence[bytes]) -> Table:
    """How well each sentence matches a question, token by token, between -1 and 1, shape (len(sentences),).

    `question` has a row a token; each of `sentences` holds the signs of its tokens' vectors, 8 to a byte.
    The mean over the question's tokens of the best cosine in the sentence (MaxSim, Khattab and Zaharia
    2020); a sentence without tokens matches nothing.
    """
    dimension = question.shape[1]
    width = (dimension + 7) // 8
    counts = np.array([len(codes) // width for codes in sentences])
    found = np.zeros(len(sentences), dtype=np.float32)
    if not len(question) or not counts.any():
        return found
    codes = np.frombuffer(b"".join(sentences), dtype=np.uint8).reshape(-1, width)
    bits = np.unpackbits(codes, axis=1, count=dimension).astype(np.float32)
    # A sign is 2 × bit - 1, and all dimensions of a unit vector of signs weigh the same.
    cosines = (2 * (bits @ question.T) - question.sum(axis=1)) / np.float32(np.sqrt(dimension))
    starts = (np.cumsum(counts) - counts)[counts > 0]
    found[counts > 0] = np.maximum.reduceat(cosines, starts, axis=0).mean(axis=1)
    return found
