"""Fit the confidence to judged questions, and say how it does on those that it was not fitted to."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.judged import JudgedQuestion, JudgedSet, Kind, NotASet
from evaluation.measure import Progress, ask, auroc, indexed, ran_on, table
from index.encoding.embed import Encoder
from index.searching.confidence import ANSWERED, NAMES, Coefficients, Confidence, Languages, Signals

Floats = NDArray[np.float64]

# Single articles are many small corpora: so many of a set, with so many questions of each kind.
SINGLES, ASKED = 16, 60
# What each kind of question weighs in a corpus; no signal of a retriever tells the hard ones apart.
SHARES: dict[Kind, float] = {"own": 1.0, "foreign": 1.5, "hard": 0.1}
# Which way each signal speaks, in the order of NAMES.
SIGNS = np.array([1, 1, 1, -1, -1, 1])
# Across languages there is less to tell them by; few false answers come first.
FOREIGN_ACROSS = 6.0


@dataclass(frozen=True, slots=True)
class Observed:
    """The signals of one question's first hit; `corpus` names a set and how much of it was indexed."""

    corpus: str
    kind: Kind
    held_out: bool
    signals: Signals


def observe(sets: Sequence[JudgedSet], encoder: Encoder, progress: Progress) -> list[Observed]:
    """Ask the questions of all sets of whole sets, halves and single articles, with foreign ones beside."""
    corpora = [(name, part) for judged in sets for name, part in _corpora(judged)]
    observed: list[Observed] = []
    for done, (name, part) in enumerate(corpora, 1):
        foreign = JudgedSet(name, [], part.foreign(sets)).at_most(max(ASKED, len(part.questions)))
        observed.extend(_observe(name, part, foreign.questions, encoder))
        progress(done, len(corpora))
    return observed


def is_held_out(question: JudgedQuestion) -> bool:
    """Whether a question is kept from the fit: in every corpus that it is asked of, or in none."""
    return zlib.crc32(question.text.encode(errors="replace")) % 2 == 1


def fit(observed: Sequence[Observed], model: str = "") -> Confidence:
    """A logistic regression for each way in which the languages of questions and passages go together.

    Each corpus, and each kind of question in it, weighs what it should. Raises NotASet where there are only
    questions that the articles answer, or only others.
    """
    # Where nothing was answered, what parts the questions from others may be the corpus: some are larger.
    answering = {(each.corpus, each.signals.languages) for each in observed if each.kind == "own"}
    rows: dict[Languages, list[Observed]] = {}
    for each in observed:
        if not each.held_out and (each.corpus, each.signals.languages) in answering:
            rows.setdefault(each.signals.languages, []).append(each)
    fitted = {key: _fit(some) for key, some in rows.items() if len({each.kind == "own" for each in some}) > 1}
    if not fitted:
        raise NotASet("A fit needs both questions that the articles answer and others.")
    return Confidence(fitted, model)


def _fit(rows: Sequence[Observed]) -> Coefficients:
    groups = [(each.corpus, each.kind) for each in rows]
    counts = Counter(groups)
    shares = SHARES | ({"foreign": FOREIGN_ACROSS} if rows[0].signals.languages == "across" else {})
    weights = np.array([shares[kind] / counts[corpus, kind] for corpus, kind in groups])
    answered = np.array([each.kind == "own" for each in rows], dtype=float)
    signals = np.array([each.signals.numbers() for each in rows])
    found = _signed(signals, answered, weights / weights.mean())
    return Coefficients(tuple(round(float(each), 2) for each in found[:-1]), round(float(found[-1]), 2))


def _signed(signals: Floats, answered: Floats, weights: Floats) -> Floats:
    """The coefficients without those of the wrong sign: what speaks for an answer never counts against it."""
    used = np.ones(len(SIGNS), dtype=bool)
    while True:
        found = np.zeros(len(SIGNS) + 1)
        found[[*used, True]] = _logistic(signals[:, used], answered, weights)
        wrong = found[:-1] * SIGNS < 0
        if not wrong.any():
            return found
        used &= ~wrong


def report(confidence: Confidence, observed: Sequence[Observed]) -> list[dict[str, object]]:
    """How the held-out questions of each corpus and kind do."""
    found: dict[tuple[str, Languages, Kind], list[float]] = {}
    for each in observed:
        if each.held_out:
            key = each.corpus, each.signals.languages, each.kind
            found.setdefault(key, []).append(confidence.of(each.signals))
    return [
        {
            "corpus": corpus,
            "languages": languages,
            "kind": kind,
            "questions": len(values),
            "answered": round(float(np.mean(np.array(values) >= ANSWERED)), 3),
            "auroc": None if kind == "own" else _auroc(found.get((corpus, languages, "own"), []), values),
        }
        for (corpus, languages, kind), values in sorted(found.items())
    ]


def fit_and_write(observed: Sequence[Observed], sets: Sequence[str], encoder: Encoder, path: Path) -> str:
    """Store the coefficients where `Confidence.read` finds them, and what they are from; returns a table."""
    confidence = fit(observed, f"{encoder.name} {encoder.encoding}")
    held_out = report(confidence, observed)
    values: dict[str, object] = {
        **{
            languages: {"weights": dict(zip(NAMES, found.weights, strict=True)), "bias": found.bias}
            for languages, found in confidence.fitted.items()
        },
        "provenance": {"sets": list(sets), **ran_on(encoder), "held_out": held_out},
    }
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    return table(held_out)


def _auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    value = auroc(high, low)
    return None if value is None else round(value, 4)


def _corpora(judged: JudgedSet) -> Iterator[tuple[str, JudgedSet]]:
    ids = [row["id"] for row in judged.articles]
    yield f"{judged.name} whole", judged
    if len(ids) > 1:
        yield from ((f"{judged.name} halves", judged.part(half)) for half in (ids[::2], ids[1::2]))
        step = max(1, len(ids) // SINGLES)
        singles = (judged.part([each]) for each in ids[::step][:SINGLES])
        yield from ((f"{judged.name} singles", single.at_most(ASKED)) for single in singles)


def _observe(
    name: str, part: JudgedSet, foreign: list[JudgedQuestion], encoder: Encoder
) -> Iterator[Observed]:
    with indexed(part.articles, encoder) as (searcher, _):
        for question in part.questions + foreign:
            for outcome in ask(searcher, question):
                wrong = question.kind == "own" and not any(outcome.right[:1])
                if outcome.signals and not wrong:
                    yield Observed(name, question.kind, is_held_out(question), outcome.signals)


def _logistic(signals: Floats, answered: Floats, weights: Floats) -> Floats:
    """The coefficients of a logistic regression, the bias last, by Newton's method."""
    x = np.hstack([signals, np.ones((len(signals), 1))])
    found = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found))
        gradient = x.T @ (weights * (answered - p)) - 1e-4 * found
        curvature = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-4 * np.eye(len(found))
        found += np.linalg.solve(curvature, gradient)
    return found
