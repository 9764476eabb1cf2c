"""Two pictures of a run: what a threshold would cost, and whether the confidence means what it says."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.measure import Evaluation, Outcome
from index.searching.confidence import ANSWERED, PERHAPS

BINS = 10


def draw(run: Evaluation, path: Path) -> None:
    """Draw risk against coverage, and reliability, into a PNG file."""
    plain = [each for each in run.outcomes if each.kind != "hard"]
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, other = figure.subplots(1, 2)
    if plain:
        _risk(left, plain, "answered or foreign")
        _reliability(other, plain)
    if len(run.outcomes) > len(plain):
        _risk(left, run.outcomes, "and those that only seem answered")
    left.legend()
    figure.suptitle(f"{run.name}: {len(run.outcomes):,} questions")
    figure.savefig(path, dpi=120, format="png")


def _risk(axes: Axes, outcomes: Sequence[Outcome], name: str) -> None:
    """Of all questions, how many would be answered from each confidence on, and how many of those wrongly."""
    ordered = sorted(outcomes, key=lambda each: -each.confidence)
    wrong = np.cumsum([not any(each.right[:1]) for each in ordered])
    answered = np.arange(1, len(ordered) + 1)
    axes.plot(answered / len(ordered), wrong / answered, label=name)
    for threshold, state in ((ANSWERED, "answered"), (PERHAPS, "perhaps")):
        if count := sum(each.confidence >= threshold for each in ordered):
            at = (count / len(ordered), wrong[count - 1] / count)
            axes.plot(*at, "o", color="black")
            axes.annotate(f" {state}", at, va="top")
    axes.set(xlabel="share of questions answered", ylabel="share of those answered wrongly", ylim=(0, 1))
    axes.set_title("Risk against coverage")


def _reliability(axes: Axes, outcomes: Sequence[Outcome]) -> None:
    """How often the first passage is right where the confidence is about so high."""
    bins = np.array([min(int(each.confidence * BINS), BINS - 1) for each in outcomes])
    right = np.array([any(each.right[:1]) for each in outcomes])
    for number in np.unique(bins):
        inside = bins == number
        axes.bar((number + 0.5) / BINS, right[inside].mean(), width=0.9 / BINS, color="tab:blue")
        axes.annotate(f"{inside.sum():,}", ((number + 0.5) / BINS, 0.02), ha="center", fontsize=7)
    axes.plot([0, 1], [0, 1], "k--", linewidth=1)
    axes.set(xlabel="confidence", ylabel="share of first passages that are right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Reliability, answered or foreign questions")
