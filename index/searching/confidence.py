"""Whether the best passage answers the question: one probability from raw signals.

None compares the passage with others of the corpus, so that the number means the same on one
article as on thousands; only how many passages there were to choose from is counted in, since
the nearest of many is near by chance.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from math import exp, log
from pathlib import Path
from typing import Literal

from corpus.errors import CitewireError

ANSWERED = 0.45
"""From this confidence on, a question counts as answered: of squad2's .92, of foreign ones .02."""
PERHAPS = 0.2
"""From this one on, the passages may hold the answer (.98 and .10); below it, the articles don't."""

FITTED = Path(__file__).with_name("confidence.json")
"""The coefficients for the bundled model, with where they come from; `citewire eval --fit` makes them."""
PLAIN = FITTED.with_name("confidence-plain.json")
"""Those for the same model where it tells nothing of tokens."""

# Beyond so many passages the size of the corpus says no more; larger ones were not judged.
MANY_PASSAGES = 1000

State = Literal["answered", "perhaps", "absent"]


class NotFitted(CitewireError):
    """A file does not hold the coefficients of a confidence."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the confidence is made of, each between 0 and 1."""

    cosine: float  # of the question and the passage's best sentence
    match: float  # of the question's tokens and the marked sentence's
    coverage: float  # how much of the question the marked sentence covers, with what stands around it
    missing: float  # how much of the question its weightiest term is that the marked sentence lacks
    size: float  # of the corpus, see `size`


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model over the signals."""

    weights: Signals
    bias: float

    @classmethod
    def read(cls, path: Path = FITTED) -> "Confidence":
        """The coefficients in a file, 0 for a signal that it does not name; NotFitted where it holds none."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
            weights = Signals(
                **{each.name: float(values["weights"].get(each.name, 0)) for each in fields(Signals)}
            )
            return cls(weights, float(values["bias"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotFitted(
                f"{path} holds no coefficients: remove it, then make it anew by `citewire eval --fit`."
            ) from error

    def of(self, signals: Signals) -> float:
        """The probability, 0 to 1, that the passage answers the question."""
        found, weights = asdict(signals), asdict(self.weights)
        return 1 / (1 + exp(-self.bias - sum(weights[name] * found[name] for name in found)))

    def of_many(self, signals: Signals) -> float:
        """The same where the passage is the nearest of more than are held now, of those still to come too."""
        return self.of(replace(signals, size=1.0))


def fitted(encoding: str) -> Path:
    """The file of the coefficients that were fitted to a way of encoding."""
    return PLAIN if encoding.startswith("plain/") else FITTED


def _no_number(constant: str) -> float:
    raise ValueError(constant)


def state(confidence: float) -> State:
    """What a person is told at such a confidence."""
    return "answered" if confidence >= ANSWERED else "perhaps" if confidence >= PERHAPS else "absent"


def size(passages: int) -> float:
    """How large a corpus of so many passages is: 0 with one, 1 from MANY_PASSAGES on."""
    return min(1.0, log(max(passages, 1)) / log(MANY_PASSAGES))
