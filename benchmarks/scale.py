"""How far an index goes: in files and in PostgreSQL, at several sizes, against files at the first size."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.blends import NEAREST, Blends
from benchmarks.measures import Row, seconds
from benchmarks.texts import PARAGRAPHS, SENTENCES, Texts
from corpus.database import Database
from corpus.store import Incoming, Store
from index.building.sync import Indexer
from index.encoding.embed import Model, Sentence
from index.encoding.texts import Text
from index.index_store import IndexStore
from index.local.index_store import LocalIndexStore
from index.postgres.index_store import PostgresIndexStore
from index.searching.search import Searcher

QUESTIONS = 200
STORED = 1000  # articles that are made up and stored at once
NAMESPACE = "citewire_benchmark"


class Request(NamedTuple):
    """What a process found out that did nothing but ask."""

    encoding: list[float]  # seconds, a question each
    whole: list[float]
    near: list[float]
    found: list[list[str]]  # the passages that are near each question
    memory: int  # the bytes by which it grew


def scale(texts: Texts, _sentences: int, *, sizes: Sequence[int], url: str) -> Iterator[Row]:
    """Building and asking at each of `sizes`; in PostgreSQL too, where `url` names one."""
    first: dict[str, float] = {}
    model = Model()
    real = model.encode_passages([Text(each, [(0, len(each))]) for each in texts.sentences], lambda _: None)
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            _grow(Path(name), texts, size)
            for place in ("", url) if url else ("",):
                where = f"{'PostgreSQL' if place else 'files'}, {size:,} sentences"
                for what, figure, detail in _measured(Path(name), texts, place, model, real):
                    yield Row(f"{where}: {what}", figure / first.setdefault(what, figure), "", detail)


def _grow(folder: Path, texts: Texts, sentences: int) -> None:
    """Store the real articles, and so many others that there are about so many sentences."""
    wanted = max(0, sentences - len(texts.sentences)) // (PARAGRAPHS * SENTENCES)
    with closing(Database(folder / "citewire.db")) as database:
        store = Store(database)
        store.put(*(Incoming(article, f"made:{article.id}") for article in texts.articles))
        have = len(store.fingerprints()) - len(texts.articles)
        for seed in range(have // STORED, -(-wanted // STORED)):
            some = texts.more(min(STORED, wanted - seed * STORED), seed)
            store.put(*(Incoming(article, f"made:{article.id}") for article in some))


def _measured(
    folder: Path, texts: Texts, url: str, model: Model, real: Sequence[Sentence]
) -> Iterator[tuple[str, float, str]]:
    """What is measured, its figure, and the figure in words."""
    questions = texts.questions[:QUESTIONS]
    blends = Blends(model, real, np.stack([model.encode_question(each).vector for each in questions]))
    with (
        closing(Database(folder / "citewire.db")) as database,
        closing(_index_store(folder, url)) as index_store,
    ):
        whole = seconds(lambda: Indexer(Store(database), index_store, blends).run(full=True))
        [generation, *_] = index_store.generations()
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            asked = alone.submit(_asked, folder, url, questions).result()
        for name in index_store.everything():
            index_store.remove(name)
    built = whole - blends.seconds
    yield "building, without encoding", built, f"{built:.0f} s"
    yield "on disk", generation.bytes, f"{generation.bytes / 1e6:,.0f} MB"
    yield "memory of the process that asks", asked.memory, f"{asked.memory / 1e6:,.0f} MB"
    for what, times in (
        ("its encoding alone", asked.encoding),
        ("a question", asked.whole),
        ("meaning", asked.near),
    ):
        for share in (50, 95):
            time = float(np.percentile(times, share))
            yield f"{what}, p{share}", time, f"{time * 1e3:.1f} ms"
    recall = _recall(asked.found, blends.nearest())
    yield f"the true {NEAREST} passages among as many that are near", recall, f"{recall:.3f}"


def _recall(found: Sequence[Sequence[str]], true: Sequence[set[str]]) -> float:
    return float(
        np.mean([len(own.intersection(some)) / NEAREST for some, own in zip(found, true, strict=True)])
    )


def _index_store(folder: Path, url: str) -> IndexStore:
    return PostgresIndexStore(url, NAMESPACE) if url else LocalIndexStore(folder / "index")


def _asked(folder: Path, url: str, questions: Sequence[str]) -> Request:
    """Ask `questions`, in a process that did nothing before."""
    model = Model()
    encoding = [seconds(lambda q=each: model.encode_question(q)) for each in questions]  # type: ignore[misc]
    before = _memory()
    with (
        closing(Database(folder / "citewire.db")) as database,
        closing(_index_store(folder, url)) as index_store,
    ):
        searcher = Searcher(Store(database), index_store, model)
        searcher.ask(questions[0])
        whole = [seconds(lambda q=each: searcher.ask(q)) for each in questions]  # type: ignore[misc]
        grown = _memory() - before
        searcher.close()
        near, found = _near(index_store, model, questions)
    return Request(encoding[10:], whole, near, found, grown)


def _near(
    index_store: IndexStore, model: Model, questions: Sequence[str]
) -> tuple[list[float], list[list[str]]]:
    """How long it takes to find what is near each question, and the passages."""
    generation = index_store.current()
    assert generation is not None
    times, passages = [], []
    with closing(generation), generation.view() as view:
        for question in questions:
            vector = model.encode_question(question).vector
            times.append(seconds(lambda v=vector: view.near(v)))  # type: ignore[misc]
            passages.append([view.passage_text(number) for number in view.near(vector)[:NEAREST]])
    return times, passages


def _memory() -> int:
    """The bytes of memory that this process has now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
