"""The vector of a token in two bits a dimension: its sign, and whether it is one of the larger half.

With one bit, fewer questions in another language than the article find their passage first: .815 of those in
eleven languages instead of .835; with 32 bits .831.
"""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Codes = NDArray[np.uint8]

SMALL, LARGE = 1, 3
"""What the smaller and the larger half of the numbers count."""


def width(dimension: int) -> int:
    """The bytes that the code of one token takes."""
    return (2 * dimension + 7) // 8


def pack(tokens: Vectors) -> Codes:
    """The codes of some tokens, shape (tokens, width(dimension)): all signs, then all sizes."""
    sizes = np.abs(tokens)
    large = sizes > np.median(sizes, axis=1, keepdims=True)
    return np.packbits(np.hstack([tokens > 0, large]), axis=1)


def unpack(codes: Codes, dimension: int) -> Vectors:
    """What the codes stand for, each row of unit length, shape (len(codes), dimension)."""
    bits = np.unpackbits(codes, axis=1, count=2 * dimension).view(np.int8)
    signs, large = bits[:, :dimension], bits[:, dimension:]
    levels = (2 * signs - 1) * (SMALL + (LARGE - SMALL) * large)
    length = np.sqrt((SMALL**2 * (dimension - dimension // 2)) + LARGE**2 * (dimension // 2))
    return levels.astype(np.float32) / np.float32(length)
