"""What `citewire eval` does: measure the answers on judged questions, or fit the confidence to them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.assistant import Assistant
from bot.progress import Bar
from corpus.errors import CitewireError
from index import evaluation, fitting
from index.evaluation import Evaluation
from index.judged import JudgedSet


def evaluate(
    assistant: Assistant, folders: Iterable[Path], foreign: Iterable[Path], every: int
) -> list[Evaluation]:
    """A run for each of `folders`, with those of `foreign` beside; `every` 2 asks each second question."""
    sets, others = _read(folders, every), _read(foreign, every)
    runs = []
    for judged in sets:
        with Bar(f"Asking {judged.name}", " questions") as bar:
            runs.append(evaluation.evaluate(judged, assistant.encoder, others, bar, assistant.confidence))
    return runs


def fit(assistant: Assistant, folders: Iterable[Path], every: int, file: Path) -> str:
    """Fit the confidence to `folders` and write its coefficients to `file`; returns how well it does."""
    sets = _read(folders, every)
    with Bar("Asking", " corpora") as bar:
        observed = fitting.observe(sets, assistant.encoder, bar)
    return fitting.fit_and_write(observed, [judged.name for judged in sets], assistant.encoder, file)


def plot(run: Evaluation, file: Path) -> None:
    """Draw one run into a PNG file."""
    try:
        from index.plot import draw
    except ImportError as error:
        raise CitewireError("--plot needs matplotlib: pip install matplotlib.") from error
    draw(run, file)


def as_table(runs: Sequence[Evaluation]) -> str:
    """The figures of all runs, a column each."""
    return evaluation.table([run.figures() for run in runs])


def as_json(runs: Sequence[Evaluation]) -> str:
    """The figures of all runs, a JSON object a line."""
    return "\n".join(json.dumps(run.figures(), ensure_ascii=False) for run in runs)


def _read(folders: Iterable[Path], every: int) -> list[JudgedSet]:
    return [JudgedSet.read(folder).every(every) for folder in folders]
