"""How good the answers are: judged questions, asked of articles that are indexed aside."""

import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

from corpus.article import Span
from corpus.database import Database
from corpus.intake import take_jsonl
from corpus.store import Store
from evaluation.judged import JudgedQuestion, JudgedSet, Kind, NotASet
from index.building.sync import Indexer
from index.encoding.embed import Encoder
from index.generation import recipe
from index.index_store import IndexStore
from index.place import temporary_index_store
from index.searching.confidence import Confidence, Signals
from index.searching.confidence import state as state_at
from index.searching.rerank import Reranker
from index.searching.search import NotAQuestion, Searcher

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""

DEPTH = 10
FIRST_CHARACTERS = 600
"""What a person reads before scrolling; hit@600c looks no further."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question; without its articles, of which a set has thousands."""

    kind: Kind
    confidence: float  # of the first hit
    signals: Signals | None
    characters: int  # shown of it
    right: tuple[bool, ...]  # of each hit: it overlaps an answer
    marked: bool  # the marked sentence of the first hit overlaps an answer
    early: bool  # an answer lies within the first 600 characters that are shown
    seconds: float


@dataclass
class Evaluation:
    """One run over one set."""

    name: str
    ran_on: dict[str, object]
    cost: dict[str, object]
    outcomes: list[Outcome] = field(default_factory=list)
    baselines: dict[str, float | None] = field(default_factory=dict)  # figures by name

    def figures(self) -> dict[str, object]:
        """Everything that was measured, for a table or as JSON; shares are between 0 and 1."""
        own = self._of("own")
        seconds = [each.seconds for each in self.outcomes]
        counts = {kind: len(self._of(kind)) for kind in ("own", "hard", "foreign")}
        return {
            "set": self.name,
            **{f"questions_{kind}": count for kind, count in counts.items()},
            **ranking([(each.right, each.early) for each in own]),
            "marked@1": _share(each.marked for each in own),
            **self.baselines,
            "characters_shown": _median([each.characters for each in own]),
            "auroc_cross": auroc(self._confidences("own"), self._confidences("foreign")),
            "auroc_hard": auroc(self._confidences("own"), self._confidences("hard")),
            **{
                f"{state}_{kind}": _share(state_at(each.confidence) == state for each in self._of(kind))
                for kind in ("own", "foreign", "hard")
                for state in ("answered", "perhaps")
            },
            "median_ms": 1000 * median(seconds),
            "p95_ms": 1000 * quantiles(seconds, n=20)[-1] if len(seconds) > 1 else None,
            **self.cost,
            **self.ran_on,
        }

    def _of(self, kind: str) -> list[Outcome]:
        return [each for each in self.outcomes if each.kind == kind]

    def _confidences(self, kind: str) -> list[float]:
        return [each.confidence for each in self._of(kind)]


def evaluate(
    judged: JudgedSet,
    encoder: Encoder,
    others: Sequence[JudgedSet],
    progress: Progress,
    confidence: Confidence | None = None,
    reranker: Reranker | None = None,
    index_url: str = "",
) -> Evaluation:
    """Index the articles aside, ask the questions, and judge each answer; nothing else is touched."""
    questions = judged.questions + judged.foreign(others)
    with indexed(judged.articles, encoder, confidence, reranker, index_url) as (searcher, cost):
        run = Evaluation(judged.name, ran_on(encoder, reranker), cost)
        for done, question in enumerate(questions, 1):
            run.outcomes.extend(ask(searcher, question))
            progress(done, len(questions))
    if not run.outcomes:
        raise NotASet(f"{judged.name} holds no questions.")
    run.cost["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return run


@contextmanager
def indexed(
    articles: Sequence[dict[str, Any]],
    encoder: Encoder,
    confidence: Confidence | None = None,
    reranker: Reranker | None = None,
    index_url: str = "",
) -> Iterator[tuple[Searcher, dict[str, object]]]:
    """A searcher on `articles` alone, in an index that goes with it, and what that cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "articles.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in articles), encoding="utf-8")
        with (
            closing(Database(folder / "citewire.db")) as database,
            temporary_index_store(folder / "index", index_url) as index_store,
        ):
            store = Store(database)
            take_jsonl(store, file)
            encoder.encode_question("ready?")  # loading the model is not the index's cost
            seconds = Indexer(store, index_store, encoder).run().seconds
            if reranker is not None:
                reranker.scores("ready?", ["ready"])  # nor the first question's
            searcher = Searcher(store, index_store, encoder, confidence=confidence, reranker=reranker)
            with closing(searcher):
                yield searcher, _cost(index_store, len(articles), seconds)


def ask(searcher: Searcher, question: JudgedQuestion) -> Iterator[Outcome]:
    """What comes of one question; nothing where it is none."""
    started = time.perf_counter()
    try:
        result = searcher.ask(question.text, DEPTH)
    except NotAQuestion:
        return
    seconds = time.perf_counter() - started
    shown = [(hit.article.id, (hit.start, hit.end)) for hit in result.hits]
    first = result.hits[0] if result.hits else None
    yield Outcome(
        question.kind,
        result.confidence,
        first.signals if first else None,
        len(first.text) if first else 0,
        tuple(question.is_answered_by(*each) for each in shown),
        first is not None and question.is_answered_by(first.article.id, first.sentence),
        is_early(question, shown),
        seconds,
    )


def is_early(question: JudgedQuestion, shown: Sequence[tuple[str, Span]]) -> bool:
    """Whether the first 600 characters of the passages `shown`, best first, contain an answer."""
    left = FIRST_CHARACTERS
    for article, (start, end) in shown:
        if question.is_answered_within(article, (start, min(end, start + left))):
            return True
        left -= end - start
    return False


def ranking(judged: Sequence[tuple[Sequence[bool], bool]]) -> dict[str, float | None]:
    """The figures of a ranking: for each question, which of its hits are right and whether one is early."""
    return {
        **{f"hit@{k}": _share(any(right[:k]) for right, _ in judged) for k in (1, 3, DEPTH)},
        f"mrr@{DEPTH}": _mean([_reciprocal_rank(right) for right, _ in judged]),
        f"hit@{FIRST_CHARACTERS}c": _share(early for _, early in judged),
    }


def ran_on(encoder: Encoder, reranker: Reranker | None = None) -> dict[str, object]:
    """What a run was made with, so that another can be compared with it."""
    return {
        **recipe(encoder),
        "reranker": reranker.name if reranker else None,
        "commit": _commit() or "unknown",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
    }


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        said = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:  # no git
        return ""
    return said.stdout.strip()


def _cost(index_store: IndexStore, articles: int, seconds: float) -> dict[str, object]:
    generation = index_store.current()
    if generation is None:
        raise NotASet("The articles hold nothing that can be indexed.")
    with closing(generation):
        passages, size = generation.counts().passages, generation.size()
    return {
        "generation": generation.name,
        "articles": articles,
        "passages": passages,
        "articles_per_second": articles / seconds,
        "passages_per_second": passages / seconds,
        "index_mb": size / 1e6,
    }


def _share(values: Iterator[bool]) -> float | None:
    return _mean([float(value) for value in values])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    return float(median(values)) if values else None


def _reciprocal_rank(right: Sequence[bool]) -> float:
    return 1 / (right.index(True) + 1) if True in right else 0.0


def auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """The chance that one of `high` is above one of `low`, half where they are alike."""
    if not high or not low:
        return None
    pairs = np.subtract.outer(np.array(high), np.array(low))
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def table(figures: Sequence[dict[str, object]]) -> str:
    """Figures of several runs side by side, a column a run."""
    lines = [[name, *(_shown(name, run[name]) for run in figures)] for name in figures[0]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines
    )


def _shown(name: str, value: object) -> str:
    if not isinstance(value, float):
        return "–" if value is None else str(value)
    return f"{value:,.1f}" if name.endswith(("_ms", "_mb", "_second", "_shown")) else f"{value:.3f}"
