"""What a reindex costs those who ask meanwhile, and what a small one costs against a full one."""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.measures import ROUNDS, Row, collection, seconds
from benchmarks.texts import Texts
from corpus.store import Incoming
from index.building.sync import Indexer
from index.encoding.embed import Model
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher

ARTICLES = 300
ASKING = 4  # threads that ask without pause
ALONE = 20.0  # seconds that they ask while nothing else goes on, before and after


def rebuilding(texts: Texts, _sentences: int) -> Iterator[Row]:
    """One changed article against all, and questions while everything is made anew against as long alone."""
    model = Model()
    model.encode_question("ready?")
    articles = list(texts.more(ARTICLES, seed=0))
    with tempfile.TemporaryDirectory() as name, collection(Path(name), articles, model) as store:
        index_store = LocalIndexStore(Path(name) / "index")

        def change(number: int) -> None:
            changed = replace(articles[0], text=f"{articles[0].text}\n\nIt was said {number} times.")
            store.put(Incoming(changed, f"made:{changed.id}"))
            Indexer(store, index_store, model).run()

        one = median(seconds(lambda n=n: change(n)) for n in range(ROUNDS))  # type: ignore[misc]
        full = seconds(lambda: Indexer(store, index_store, model).run(full=True))
        yield Row(f"one changed article of {ARTICLES}, against all", one / full, "<= .02", f"{one:.2f} s")

        def asked(work: Callable[[], object]) -> list[float]:
            return _asked(texts.questions, lambda: Searcher(store, index_store, model), work)

        alone = asked(lambda: time.sleep(ALONE))
        during = asked(lambda: Indexer(store, index_store, model).run(full=True))
        alone += asked(lambda: time.sleep(ALONE))
        a, b = median(during), median(alone)
        detail = f"{a * 1e3:.0f} and {b * 1e3:.0f} ms, {len(during)} questions in {ASKING} threads"
        yield Row("a question while all is made anew, against before and after", a / b, "<= 2", detail)


def _asked(questions: list[str], searcher: Callable[[], Searcher], work: Callable[[], object]) -> list[float]:
    """What each question took that was asked while `work` went on; an error of one is raised."""
    stop, took, errors = threading.Event(), list[float](), list[Exception]()

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        try:
            with closing(searcher()) as asking:
                while not stop.is_set():
                    took.append(seconds(lambda: asking.ask(chance.choice(questions))))
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=ask, args=[seed]) for seed in range(ASKING)]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for error in errors:
        raise error
    return took
