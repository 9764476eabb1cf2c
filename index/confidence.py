"""Whether the best passage answers the question: one probability from raw signals.

Nothing here is relative to what else the corpus holds, so that the number means the same
on one article as on thousands.
"""

from dataclasses import astuple, dataclass
from math import exp

ANSWERED = 0.5
"""From this confidence on, a question counts as answered."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the confidence is made of, each between 0 and 1."""

    cosine: float  # of the question and the best sentence of the first passages
    coverage: float  # share of the question's content terms that the first passage holds
    names: float  # share of its names and numbers that the first passage or its title holds; 1 without any


# TODO fit
WEIGHTS = (8.0, 3.0, 1.5)
BIAS = -6.0


def confidence(signals: Signals) -> float:
    """The probability, 0 to 1, that the first passage answers the question."""
    score = BIAS + sum(w * s for w, s in zip(WEIGHTS, astuple(signals), strict=True))
    return 1 / (1 + exp(-score))
