"""Whether the best passage answers the question: one probability from raw signals.

None compares the passage with others of the corpus, so that the number means the same on one
article as on thousands; only how many passages there were to choose from is counted in, since
the nearest of many is near by chance. What the signals are worth depends on the model, and on
whether question and passage are in one language that it reads, in two, or in one that it does not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp, isfinite, log
from operator import mul
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from corpus.errors import CitewireError

ANSWERED = 0.45
"""From this confidence on, a question counts as answered."""
PERHAPS = 0.2
"""From this one on, the passages may hold the answer; below it, the articles don't."""

FOLDER = Path(__file__).with_name("confidences")
"""The coefficients for some models, with where they come from; `citewire eval --fit` makes such files."""
OWN = "confidence.json"
"""The file in the data folder that holds those for the model in use."""

# Beyond so many passages the size of the corpus says no more; larger ones were not judged.
MANY_PASSAGES = 1000
# Likewise of a question with so many terms.
MANY_TERMS = 10

State = Literal["answered", "perhaps", "absent"]
Languages = Literal["same", "across", "unread"]
"""Question and passage in one language that the model reads, in two, or in one that it does not read."""


UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
NO_COEFFICIENTS = "{} holds no coefficients: remove it, then make it anew by `citewire eval --fit`."


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
    length: float = 0.0  # of the question, see `length`
    languages: Languages = "same"

    def numbers(self) -> tuple[float, ...]:
        """The signals in the order of NAMES."""
        return self.cosine, self.match, self.coverage, self.missing, self.size, self.length


NAMES = ("cosine", "match", "coverage", "missing", "size", "length")


class Coefficients(NamedTuple):
    """A logistic model over the signals."""

    weights: tuple[float, ...]  # in the order of NAMES
    bias: float

    def of(self, signals: Signals) -> float:
        """The probability, 0 to 1, that the passage answers the question."""
        return 1 / (1 + exp(-self.bias - sum(map(mul, self.weights, signals.numbers()))))


# What words alone say, as fitted to all-MiniLM-L6-v2 in ten languages that it does not read.
BY_WORDS = Coefficients((0.0, 0.0, 17.59, 0.0, -4.54, 1.35), -3.27)
JUST_BELOW = 1e-6


@dataclass(frozen=True)
class Confidence:
    """Coefficients for each way in which the languages of a question and a passage go together.

    Where there are none, the words decide; of a model without any the answer is never more than uncertain.
    """

    fitted: Mapping[Languages, Coefficients] = field(default_factory=dict)
    model: str = ""  # that they were fitted to, and its way of encoding

    @classmethod
    def read(cls, path: Path) -> "Confidence":
        """The coefficients in a file, 0 for a signal that it does not name; NotFitted where it holds none."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
            fitted = {key: _coefficients(values[key]) for key in get_args(Languages) if key in values}
            provenance = values.get("provenance", {})
            model = f"{provenance.get('model')} {provenance.get('encoding')}"
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise NotFitted(NO_COEFFICIENTS.format(path)) from error
        if not fitted:
            raise NotFitted(NO_COEFFICIENTS.format(path))
        return cls(fitted, model)

    def of(self, signals: Signals) -> float:
        """The probability, 0 to 1, that the passage answers the question."""
        if coefficients := self.fitted.get(signals.languages):
            return coefficients.of(signals)
        by_words = BY_WORDS.of(signals)
        # Words say the same whatever the model; of an unknown one the rest isn't known.
        sure = self.fitted and signals.languages == "unread"
        return by_words if sure else min(by_words, ANSWERED - JUST_BELOW)

    def of_many(self, signals: Signals) -> float:
        """The same where the passage is the nearest of more than are held now, of those still to come too."""
        return self.of(replace(signals, size=1.0))


def confidence_for(model: str, encoding: str, own: Path | None = None) -> Confidence:
    """The confidence for a model: in the file `own` if that is of it, else what is known of it."""
    wanted = f"{model} {encoding}"
    if own and own.exists() and (found := Confidence.read(own)).model == wanted:
        return found
    file = FOLDER / f"{model.partition('@')[0]}-{encoding.partition('/')[0]}.json"
    return Confidence.read(file) if file.exists() else Confidence()


def _coefficients(values: Mapping[str, object]) -> Coefficients:
    weights = values["weights"]
    if not isinstance(weights, dict):
        raise TypeError("no weights")
    numbers = [float(weights.get(name, 0)) for name in NAMES]
    bias = float(str(values["bias"]))
    if not all(map(isfinite, (*numbers, bias))):
        raise ValueError("no finite number")
    return Coefficients(tuple(numbers), bias)


def _no_number(constant: str) -> float:
    raise ValueError(constant)


def state(confidence: float) -> State:
    """What a person is told at such a confidence."""
    return "answered" if confidence >= ANSWERED else "perhaps" if confidence >= PERHAPS else "absent"


def size(passages: int) -> float:
    """How large a corpus of so many passages is: 0 with one, 1 from MANY_PASSAGES on."""
    return min(1.0, log(max(passages, 1)) / log(MANY_PASSAGES))


def length(terms: int) -> float:
    """How long a question of so many terms is: 1 from MANY_TERMS on."""
    return min(1.0, terms / MANY_TERMS)
