"""Whether the best passage answers the question: one probability from raw signals.

None compares the passage with others of the corpus, so that the number means the same on one
article as on thousands; only how many passages there were to choose from is counted in, since
the nearest of many is near by chance.
"""

from dataclasses import astuple, dataclass
from math import exp, log
from typing import Literal

ANSWERED = 0.5
"""From this confidence on, a question counts as answered."""
PERHAPS = 0.2
"""From this one on, the passages may hold the answer; below it, the articles don't."""

State = Literal["answered", "perhaps", "absent"]

# Beyond so many passages the size of the corpus says no more; larger ones were not judged.
MANY_PASSAGES = 1000


@dataclass(frozen=True, slots=True)
class Signals:
    """What the confidence is made of, each between 0 and 1."""

    cosine: float  # of the question and the passage's best sentence
    coverage: float  # how much of the question the marked sentence covers, with what stands around it
    number_missing: float  # 1 where a number is asked for and the marked sentence holds none
    size: float  # of the corpus, see `size`


def size(passages: int) -> float:
    """How large a corpus of so many passages is: 0 with one, 1 from MANY_PASSAGES on."""
    return min(1.0, log(max(passages, 1)) / log(MANY_PASSAGES))


# By tests/fit_confidence.py on one half of the questions of squad2, xquad-en, halves of xquad-en, 32
# single articles of both and the bundled article, with all-MiniLM-L6-v2, 2026-11. Of the other half .94
# of squad2's right first hits count as answered and .026 of the foreign questions (AUROC .993), of single
# articles .98 and .004 (.9996); yet .80 of those that were written to deceive (.667). Names found or
# missing and margins added nothing.
WEIGHTS = (9.46, 5.76, -1.48, -3.03)
BIAS = -5.26


def state(confidence: float) -> State:
    """What a person is told at such a confidence."""
    return "answered" if confidence >= ANSWERED else "perhaps" if confidence >= PERHAPS else "absent"


def confidence(signals: Signals) -> float:
    """The probability, 0 to 1, that the passage answers the question."""
    score = BIAS + sum(w * s for w, s in zip(WEIGHTS, astuple(signals), strict=True))
    return 1 / (1 + exp(-score))
