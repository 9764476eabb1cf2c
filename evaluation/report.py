"""What `citewire eval` does: measure the answers on judged questions, or fit the confidence to them."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from evaluation import baselines, fitting, measure
from evaluation.judged import JudgedSet, crossed
from evaluation.measure import Evaluation, Progress
from index.encoding.embed import Encoder
from index.searching.confidence import Confidence
from index.searching.rerank import Reranker

Bar = Callable[[str, str], AbstractContextManager[Progress]]
"""Makes a progress bar of its label and its unit."""


def read(folders: Iterable[Path], every: int) -> list[JudgedSet]:
    """The sets in `folders`; `every` 2 leaves each second question."""
    return [JudgedSet.read(folder).every(every) for folder in folders]


def evaluate(
    sets: Sequence[JudgedSet],
    others: Sequence[JudgedSet],
    encoder: Encoder,
    confidence: Confidence,
    reranker: Reranker | None,
    index_url: str,
    bar: Bar,
    compare: bool = False,
) -> list[Evaluation]:
    """A run for each of `sets`, with the questions of `others` as foreign ones beside its own.

    With `compare`, each run has the figures of the baselines, too.
    """
    runs = []
    for judged in sets:
        with bar(f"Asking {judged.name}", " questions") as progress:
            runs.append(measure.evaluate(judged, encoder, others, progress, confidence, reranker, index_url))
        if compare:
            with bar(f"Comparing {judged.name}", " questions") as progress:
                runs[-1].baselines = baselines.compare(judged, encoder, progress)
    return runs


def fit(sets: Sequence[JudgedSet], encoder: Encoder, file: Path, bar: Bar) -> str:
    """Fit the confidence to `sets` and write its coefficients to `file`; returns how well it does.

    Translations are also asked in each other's languages.
    """
    sets = [*sets, *crossed(sets)]
    with bar("Asking", " corpora") as progress:
        observed = fitting.observe(sets, encoder, progress)
    return fitting.fit_and_write(observed, [judged.name for judged in sets], encoder, file)


def as_table(runs: Sequence[Evaluation]) -> str:
    """The figures of all runs, a column each."""
    return measure.table([run.figures() for run in runs])


def as_json(runs: Sequence[Evaluation]) -> str:
    """The figures of all runs, a JSON object a line."""
    return "\n".join(json.dumps(run.figures(), ensure_ascii=False) for run in runs)
