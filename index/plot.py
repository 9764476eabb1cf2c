"""Two pictures of a run: what a threshold would cost, and whether the confidence means what it says."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from index.confidence import ANSWERED, PERHAPS
from index.evaluation import Evaluation

BINS = 10


def draw(run: Evaluation, path: Path) -> None:
    """Draw risk against coverage, and reliability, into a PNG file."""
    confidence = np.array([each.confidence for each in run.judged])
    right = np.array([any(each.right[:1]) for each in run.judged])
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, other = figure.subplots(1, 2)
    _risk(left, confidence, right)
    _reliability(other, confidence, right)
    figure.suptitle(f"{run.name}: {len(run.judged):,} questions")
    figure.savefig(path, dpi=120, format="png")


def _risk(axes: Axes, confidence: np.ndarray, right: np.ndarray) -> None:
    """Of all questions, how many would be answered from each confidence on, and how many of those wrongly."""
    order = np.argsort(-confidence)
    answered = np.arange(1, len(order) + 1)
    risk = np.cumsum(~right[order]) / answered
    axes.plot(answered / len(order), risk)
    for threshold, name in ((ANSWERED, "answered"), (PERHAPS, "perhaps")):
        if count := int((confidence >= threshold).sum()):
            axes.plot(count / len(order), risk[count - 1], "o", label=f"{name}, from {threshold}")
    axes.set(xlabel="share of questions answered", ylabel="share of those answered wrongly", ylim=(0, None))
    axes.set_title("Risk against coverage")
    if (confidence >= PERHAPS).any():
        axes.legend()


def _reliability(axes: Axes, confidence: np.ndarray, right: np.ndarray) -> None:
    """How often the first passage is right where the confidence is about so high."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    for number in np.unique(bins):
        inside = bins == number
        axes.bar((number + 0.5) / BINS, right[inside].mean(), width=0.9 / BINS, color="tab:blue")
        axes.annotate(f"{inside.sum():,}", ((number + 0.5) / BINS, 0.02), ha="center", fontsize=7)
    axes.plot([0, 1], [0, 1], "k--", linewidth=1)
    axes.set(xlabel="confidence", ylabel="share of first passages that are right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Reliability, with the number of questions")
