"""Shared by all tests; nothing here stands in for SQLite, FAISS or telegram's own types."""

import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import httpcore
import httpx
import hypothesis
import pytest
import tiny
import topics

os.environ["PTB_TIMEDELTA"] = "true"  # as bot.server sets it

from encoders import HashEncoder
from fakes import Wired, wired
from paths import MODELS
from postgres import Server

from bot import schema
from bot.assistant import Assistant
from bot.config import Config, load
from bot.posting.watches import arrived
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.encoding.embed import Model
from index.local.index_store import LocalIndexStore
from index.postgres.index_store import PostgresIndexStore
from index.searching.confidence import OWN, Languages

hypothesis.settings.register_profile("tests", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("tests")


CAPES = ("Arden", "Brack", "Calder", "Dunmore", "Eskdale", "Farley", "Glenoe", "Inver")
COST = "How many million pounds did the lighthouse cost?"
"""A question that every article about a lighthouse answers."""


def lighthouse(number: int, cost: int = 0) -> Article:
    """An article about a lighthouse."""
    cape = CAPES[number]
    text = f"""Cape {cape} lies {number + 20} miles north of the harbour. Few people live there.
The lighthouse of Cape {cape} cost {cost or number + 2} million pounds. It opened in {1901 + number}.
No ship has run aground near {cape} since then."""
    known = {"outlet": "Coast Daily", "published": f"2024-11-{number + 11}"}
    return Article(
        f"light{number}", f"The light of {cape}", text, url=f"https://coast.example/{cape}", **known
    )


SLOW = {"bundled", "first_token", "launcher", "model", "postgres", "stoppable", "tiny_folder"}
"""The fixtures that load a model or start a server, which takes seconds in each process of pytest."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use one of these fixtures as slow."""
    for item in items:
        if isinstance(item, pytest.Function) and SLOW.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)


def seeds(few: int) -> range:
    """Return the seeds of a test that is marked `soak`: `few`, or as many as `make soak` asks for."""
    return range(int(os.environ.get("CITEWIRE_TEST_SEEDS", few)))


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Load the trusted certificates once per process instead of once per HTTP client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore, "default_ssl_context", cache(httpcore.default_ssl_context))
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database in a file, with all tables and nothing in them."""
    opened = Database(tmp_path / "citewire.db")
    schema.migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    """An empty store of articles."""
    return Store(database)


@pytest.fixture
def index_store(tmp_path: Path) -> LocalIndexStore:
    """An empty store of indexes."""
    return LocalIndexStore(tmp_path / "index")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL with pgvector: the one that CITEWIRE_TEST_PG names, else one started for us."""
    if named := os.environ.get("CITEWIRE_TEST_PG"):
        yield named
        return
    server = Server()
    yield server.url
    server.remove()


@pytest.fixture
def postgres_index_store(postgres: str) -> Iterator[PostgresIndexStore]:
    """An empty store of indexes in PostgreSQL."""
    index_store = PostgresIndexStore(postgres, f"test_{uuid.uuid4().hex}")
    yield index_store
    index_store.remove_all()
    index_store.close()


@pytest.fixture
def indexed(store: Store, index_store: LocalIndexStore) -> Store:
    """A store with an article a topic, all of them indexed."""
    topics.put(store, *map(topics.article, topics.TOPICS))
    topics.run(store, index_store)
    return store


def fit_to_words(data: Path) -> None:
    """Put coefficients for HashEncoder into a data folder, so that no test hangs on what was fitted last."""
    data.mkdir()
    coefficients = {"weights": {"cosine": 14, "match": 10.5, "coverage": 5.6}, "bias": -11.7}
    fitted = dict.fromkeys(get_args(Languages), coefficients)
    provenance = {"model": HashEncoder.name, "encoding": HashEncoder.encoding}
    (data / OWN).write_text(json.dumps(fitted | {"provenance": provenance}))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Settings with a data folder and an article folder of the test's own; user 1 is admin."""
    folder = tmp_path / "articles"
    folder.mkdir()
    fit_to_words(tmp_path / "data")
    return load(
        {"CITEWIRE_DATA": str(tmp_path / "data"), "CITEWIRE_CORPUS": str(folder), "CITEWIRE_ADMINS": "1"}
    )


@pytest.fixture
def assistant(config: Config) -> Iterator[Assistant]:
    """An assistant without articles, whose encoder knows words but no meaning."""
    made = Assistant(config, HashEncoder(), arrived)
    yield made
    made.close()


@pytest.fixture
def bring_up() -> Callable[[Assistant], None]:
    """Take in the article folder and index it."""

    def both(assistant: Assistant) -> None:
        assistant.take_in()
        assistant.reindex()

    return both


@pytest.fixture(scope="session")
def coast_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an indexed article a lighthouse, three paragraphs in a passage; tests copy it."""
    data = tmp_path_factory.mktemp("coast") / "data"
    fit_to_words(data)
    made = Assistant(load({"CITEWIRE_DATA": str(data)}), HashEncoder(), arrived)
    made.store.put(*(Incoming(lighthouse(n), f"id:{n}", keep_id=True) for n in range(len(CAPES))))
    made.reindex()
    made.close()
    return data


@pytest.fixture
def coast(config: Config, coast_data: Path) -> Iterator[Assistant]:
    """The assistant on its own copy of the articles about lighthouses."""
    shutil.copytree(coast_data, config.data, dirs_exist_ok=True)
    made = Assistant(config, HashEncoder(), arrived)
    yield made
    made.close()


@pytest.fixture
async def bot(coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    """The bot of bot.app that holds the articles about lighthouses."""
    async with wired(coast, monkeypatch, per_person=10_000, per_chat=10_000) as made:
        yield made


@pytest.fixture(scope="session")
def model() -> Model:
    """The real default model, for tests in which meaning matters."""
    return Model(models=MODELS)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small random model."""
    return tiny.save(tmp_path_factory.mktemp("tiny") / "tiny-bert", "mean")


@pytest.fixture(scope="session")
def bundled(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant on the bundled article with the real model."""
    data = tmp_path_factory.mktemp("bundled")
    made = Assistant(load({"CITEWIRE_DATA": str(data)}), model)
    made.take_in()
    made.reindex()
    yield made
    made.close()
