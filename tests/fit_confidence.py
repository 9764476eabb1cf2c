"""Fit the confidence anew: python tests/fit_confidence.py EVAL_FOLDER ARTICLE QUESTIONS [--every N]

Prints WEIGHTS and BIAS for index/confidence.py, and how they do on questions that they were not
fitted on. Answerable means that the first hit was right; a wrong first hit is left out. Foreign
questions are those of articles that the indexed ones share no title with: squad2 and xquad-en
have 16 titles and 78 paragraphs in common, so that most of one set's questions have, by its
neighbours at least, to do with the other's articles.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.database import Database
from corpus.intake import take_jsonl
from corpus.store import Store
from index.embed import Model
from index.generation import Shelf
from index.search import NotAQuestion, Result, Searcher
from index.sync import Indexer

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]

# What each group weighs together: right answers and foreign questions of corpora of three sizes,
# those written to deceive little, since no signal of a retriever tells them apart.
SHARES = {
    ("squad2", "right"): 1.0, ("squad2", "foreign"): 1.0, ("squad2", "hard"): 0.15,
    ("xquad-en", "right"): 1.0, ("half", "right"): 0.5, ("half", "foreign"): 1.0,
    ("single", "right"): 1.0, ("single", "foreign"): 1.0, ("single", "hard"): 0.075,
    ("article", "right"): 0.3, ("article", "foreign"): 0.1, ("article", "gibberish"): 0.1,
    ("article", "near_miss"): 0.2, ("article", "promotion"): 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """The signals of one question's first hit."""

    group: str
    kind: str
    held: bool  # out of the fit
    signals: tuple[float, ...]


def judge(
    group: str, articles: Rows, asked: Iterable[tuple[dict[str, Any], str]], model: Model
) -> Iterator[Judged]:
    """Index `articles` aside and ask (question, kind) of them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "articles.jsonl")
        file.write_text("\n".join(json.dumps(article) for article in articles))
        store = Store(Database(Path(folder, "corpus.db")))
        take_jsonl(store, file)
        shelf = Shelf(Path(folder, "index"))
        Indexer(store, shelf, model).run()
        searcher = Searcher(store, shelf, model)
        for number, (question, kind) in enumerate(asked):
            try:
                result = searcher.ask(question["question"], 1)
            except NotAQuestion:
                continue
            if kind == "answerable":
                kind = "right" if is_right(result, question) else "wrong"
            if result.signals:
                held = question["split"] == "held" if "split" in question else number % 2 == 1
                yield Judged(group, kind, held, astuple(result.signals))
        searcher.close()


def is_right(result: Result, question: dict[str, Any]) -> bool:
    """Whether the first hit overlaps an answer."""
    if not result.hits or result.hits[0].article.id != question["article"]:
        return False
    hit = result.hits[0]
    return any(hit.start < end and begin < hit.end for begin, end in question["spans"])


def collect(folder: Path, article: Path, questions: Path, every: int, model: Model) -> Iterator[Judged]:
    """All judged questions: two whole sets, halves, single articles, and the bundled article."""
    sets = {name: (read(folder / name / "articles.jsonl"), read(folder / name / "questions.jsonl"))
            for name in ("squad2", "xquad-en")}  # fmt: skip
    everything = [question for _, asked in sets.values() for question in asked]
    titles = {row["id"]: row["title"] for articles, _ in sets.values() for row in articles}
    for name, (articles, asked) in sets.items():
        yield from judge(name, articles, choose(articles, everything, titles, asked[::every]), model)
    articles, asked = sets["xquad-en"]
    for half in (articles[::2], articles[1::2]):
        yield from judge("half", half, choose(half, asked, titles, asked[::every]), model)
    pick = random.Random(3)
    for single in [*sets["squad2"][0], *articles[::3]]:
        few = list(choose([single], pick.sample(everything, 100), titles, everything))
        own = [pair for pair in few if pair[1] != "foreign"]
        foreign = [pair for pair in few if pair[1] == "foreign"]
        yield from judge("single", [single], pick.sample(own, min(60, len(own))) + foreign, model)
    yield from judge("article", *bundled(article, questions), model)


def choose(
    articles: Rows, others: Rows, titles: dict[str, str], own: Rows
) -> Iterator[tuple[dict[str, Any], str]]:
    """The questions of `own` about `articles`, and the answered ones of `others` foreign to them."""
    ids = {row["id"] for row in articles}
    topics = {row["title"] for row in articles}
    for question in own:
        if question["article"] in ids:
            yield question, "answerable" if question["answerable"] else "hard"
    for question in others:
        if question["answerable"] and titles[question["article"]] not in topics:
            yield question, "foreign"


def bundled(article: Path, questions: Path) -> tuple[Rows, list[tuple[dict[str, Any], str]]]:
    """The bundled article and its questions, with the kind of those that it does not answer."""
    text = article.read_text()
    asked = []
    for question in read(questions):
        spans = [[text.index(answer), text.index(answer) + len(answer)] for answer in question["answers"]]
        question |= {"article": "bundled", "spans": spans}
        asked.append((question, "answerable" if question["answerable"] else question["kind"]))
    return [{"id": "bundled", "title": text.partition("\n")[0], "text": text}], asked


def read(path: Path) -> Rows:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def logistic(signals: Floats, answered: Floats, weights: Floats) -> Floats:
    """The coefficients of a logistic regression, the bias last, by Newton's method."""
    x = np.hstack([signals, np.ones((len(signals), 1))])
    found = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found))
        gradient = x.T @ (weights * (answered - p)) - 1e-4 * found
        curvature = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-4 * np.eye(len(found))
        found += np.linalg.solve(curvature, gradient)
    return found


def auroc(high: Floats, low: Floats) -> float:
    """The chance that one of `high` is above one of `low`."""
    pairs = high[:, None] - low[None, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def main() -> None:
    """Fit on the one half, report on the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("folder", "article", "questions"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--every", type=int, default=3, help="take every Nth question")
    args = parser.parse_args()
    rows = list(collect(args.folder, args.article, args.questions, args.every, Model()))
    fitted = [row for row in rows if not row.held and (row.group, row.kind) in SHARES]
    sizes = {key: sum((row.group, row.kind) == key for row in fitted) for key in SHARES}
    weights = np.array([SHARES[row.group, row.kind] / sizes[row.group, row.kind] for row in fitted])
    answered = np.array([row.kind == "right" for row in fitted], dtype=float)
    found = logistic(np.array([row.signals for row in fitted]), answered, weights / weights.mean())
    print("WEIGHTS =", tuple(found[:-1].round(2).tolist()), "BIAS =", round(float(found[-1]), 2))  # noqa: T201
    report([row for row in rows if row.held], found)


def report(rows: list[Judged], found: Floats) -> None:
    """The share of each group and kind that counts as answered, and how well the kinds part."""
    groups = sorted({(row.group, row.kind) for row in rows})
    scores: dict[tuple[str, str], Floats] = {}
    for group, kind in groups:
        signals = np.array([row.signals for row in rows if (row.group, row.kind) == (group, kind)])
        scores[group, kind] = signals @ found[:-1] + found[-1]
    for (group, kind), values in scores.items():
        right = scores.get((group, "right"))
        area = f"auroc {auroc(right, values):.4f}" if right is not None and kind != "right" else ""
        print(f"{group:9} {kind:10} n {len(values):5} answered {(values >= 0).mean():.3f} {area}")  # noqa: T201


if __name__ == "__main__":
    main()
