"""What is measured, each against something that takes its turn with it in the same run."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.texts import RandomVectors, Texts
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.building.sync import Indexer
from index.encoding.codes import Vectors
from index.encoding.embed import Encoder, Model
from index.encoding.models import DEFAULT_MODEL, find_model
from index.local import tables
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher
from index.snapshot import NEAR_SENTENCES

CHARACTERS = 900  # of the passages that plain sentence-transformers encodes
BUILT = 12  # articles an index is built of
ROUNDS = 5
QUESTIONS = 200


class Row(NamedTuple):
    """One line of the table."""

    what: str
    ratio: float
    wanted: str
    detail: str


# What it does by itself with weights in half precision is slow without a GPU.
SINGLE = {"dtype": "float32"}


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def building(texts: Texts, _sentences: int) -> Iterator[Row]:
    """Articles a second into an index, against passages through sentence-transformers into a flat one."""
    import faiss
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    threads = torch.get_num_threads()
    disable_progress_bar()  # type: ignore[no-untyped-call]
    plain = SentenceTransformer(str(find_model(DEFAULT_MODEL)), device="cpu", model_kwargs=SINGLE)
    model = Model()
    model.encode_question("ready?")
    articles = list(texts.more(BUILT, seed=0))

    def theirs() -> None:
        torch.set_num_threads(threads)
        faiss.omp_set_num_threads(threads)
        parts = [a.text[i : i + CHARACTERS] for a in articles for i in range(0, len(a.text), CHARACTERS)]
        vectors = plain.encode(parts, show_progress_bar=False)
        faiss.IndexFlatIP(vectors.shape[1]).add(vectors)

    def ours() -> None:
        torch.set_num_threads(1)
        with tempfile.TemporaryDirectory() as folder, collection(Path(folder), articles, model):
            pass

    pairs = [(seconds(theirs), seconds(ours)) for _ in range(ROUNDS)]
    a, b = (median(column) for column in zip(*pairs, strict=True))
    detail = f"{BUILT / b:.1f} and {BUILT / a:.1f} articles a second"
    yield Row("building the index, speed against plain encoding", a / b, ">= 3", detail)


def questions(texts: Texts, sentences: int) -> Iterator[Row]:
    """A question among many sentences against its encoding alone; what is found; what it takes of memory."""
    model = Model()
    model.encode_question("ready?")
    with tempfile.TemporaryDirectory() as folder, _grown(Path(folder), texts, sentences, model) as searcher:
        searcher.ask("Who is ready?")
        asked = texts.questions[:QUESTIONS]
        encoding, whole = [], []
        for question in asked:
            encoding.append(seconds(lambda q=question: model.encode_question(q)))  # type: ignore[misc]
            whole.append(seconds(lambda q=question: searcher.ask(q)))  # type: ignore[misc]
        a, b = median(encoding), median(whole)
        held, recall, flat = _against_exact(Path(folder), [model.encode_question(q).vector for q in asked])
        memory = _memory(Path(folder))
    about, wanted = f"among {held:,} sentences", "<= 1.5" if sentences <= 100_000 else "<= 5"
    detail = f"{b * 1e3:.1f} and {a * 1e3:.1f} ms"
    yield Row(f"a question {about}, time against its encoding alone", b / a, wanted, detail)
    yield Row(f"the true ten {about} among those that FAISS finds", recall, ">= .98", "the rows decide")
    detail = f"{flat[0] * 1e3:.2f} and {flat[1] * 1e3:.2f} ms"
    yield Row(f"FAISS {about}, time against a flat index", flat[0] / flat[1], "", detail)
    size = held * 384 * 4
    detail = f"{memory / 1e6:.0f} and {size / 1e6:.0f} MB; the peak while it is loaded and searched"
    yield Row(f"memory of FAISS {about}, against the vectors", memory / size, "<= 1.3", detail)


def _against_exact(folder: Path, asked: list[Vectors]) -> tuple[int, float, tuple[float, float]]:
    """How many sentences there are, the recall of FAISS, and how long it and a flat index take."""
    import faiss

    index_store = LocalIndexStore(folder / "index")
    generation = index_store.find(index_store.names()[0])
    assert generation is not None
    index = generation.load_vectors()
    ids = index.ids()
    exact = faiss.IndexFlatIP(index.dimension)
    for start in range(0, len(ids), 10_000):
        some = ids[start : start + 10_000].tolist()
        exact.add(tables.vectors(generation.db.read(), some, index.dimension))
    generation.close()
    faiss.omp_set_num_threads(1)
    shares, ours, theirs = [], [], []
    for vector in asked[:100]:
        ours.append(seconds(lambda v=vector: index.search(v, NEAR_SENTENCES)))  # type: ignore[misc]
        theirs.append(seconds(lambda v=vector: exact.search(v[np.newaxis], 10)))  # type: ignore[misc]
        _, places = exact.search(vector[np.newaxis], 10)
        shares.append(len(set(index.search(vector, NEAR_SENTENCES)) & set(ids[places[0]].tolist())) / 10)
    return len(ids), float(np.mean(shares)), (median(ours), median(theirs))


PEAK = """
import sys
from pathlib import Path
import numpy as np
from index.local.index_store import LocalIndexStore
from index.encoding.models import DEFAULT_MODEL, find_model
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
generation = LocalIndexStore(Path(sys.argv[1])).current()
before = peak()
index = generation.load_vectors()
index.search(np.ones(index.dimension, dtype=np.float32), 100)
print(peak() - before)
"""


def _memory(folder: Path) -> int:
    """How many bytes more a process of its own holds, at its peak, to load and search the vectors."""
    command = [sys.executable, "-c", PEAK, str(folder / "index")]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def starting(_texts: Texts, _sentences: int) -> Iterator[Row]:
    """The first answer of a process, and other commands, against importing and loading the model alone."""
    load = (
        "from sentence_transformers import SentenceTransformer\n"
        f"SentenceTransformer({str(find_model(DEFAULT_MODEL))!r}, device='cpu', model_kwargs={SINGLE})"
    )
    citewire = [sys.executable, "-m", "bot"]
    commands = {
        "loading": [sys.executable, "-c", load],
        "ask": [*citewire, "ask", "How much will the UK pay?"],
        "articles": [*citewire, "articles"],
        "--help": [*citewire, "--help"],
    }
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CITEWIRE_DATA": folder}
        subprocess.run([*citewire, "reindex"], env=environment, capture_output=True, check=True)
        took: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                begun = time.perf_counter()
                subprocess.run(command, env=environment, capture_output=True, check=True)
                took[name].append(time.perf_counter() - begun)
    alone = median(took.pop("loading"))
    for name, times in took.items():
        wanted = "<= 1.1" if name == "ask" else "< .2"
        detail = f"{median(times):.2f} and {alone:.2f} s"
        yield Row(
            f"`citewire {name}`, against importing and loading the model",
            median(times) / alone,
            wanted,
            detail,
        )


@contextmanager
def collection(folder: Path, articles: list[Article], encoder: Encoder) -> Iterator[Store]:
    """A store and an index of `articles` in `folder`."""
    database = Database(folder / "citewire.db")
    store = Store(database)
    try:
        store.put(*(Incoming(article, f"made:{article.id}") for article in articles))
        Indexer(store, LocalIndexStore(folder / "index"), encoder).run()
        yield store
    finally:
        database.close()


@contextmanager
def _grown(folder: Path, texts: Texts, sentences: int, model: Model) -> Iterator[Searcher]:
    """The real articles among so many others, with random vectors, that there are about `sentences`."""
    with collection(folder, texts.articles, model) as store:
        for seed, some in enumerate(_thousands(max(0, sentences - len(texts.sentences)) // 50), 1):
            store.put(*(Incoming(article, f"made:{article.id}") for article in texts.more(some, seed)))
        Indexer(store, LocalIndexStore(folder / "index"), RandomVectors(model)).run()
        searcher = Searcher(store, LocalIndexStore(folder / "index"), model)
        try:
            yield searcher
        finally:
            searcher.close()


def _thousands(count: int) -> Iterator[int]:
    """`count`, in parts of a thousand."""
    while count > 0:
        yield min(count, 1000)
        count -= 1000
