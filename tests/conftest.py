"""Shared by all tests; nothing here stands in for SQLite, FAISS or telegram's own types."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ["PTB_TIMEDELTA"] = "true"  # as bot.app sets it

from encoders import HashEncoder

from bot.assistant import Assistant
from bot.config import Config, load
from corpus.database import Database
from corpus.store import Store
from index.embed import Model

BUNDLED = Path(__file__).parent.parent / "corpus" / "articles"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database in a file."""
    opened = Database(tmp_path / "citewire.db")
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    """An empty store of articles."""
    return Store(database)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Settings with a data folder and an article folder of the test's own; user 1 is admin."""
    folder = tmp_path / "articles"
    folder.mkdir()
    return load(
        {
            "CITEWIRE_DATA": str(tmp_path / "data"),
            "CITEWIRE_CORPUS": str(folder),
            "CITEWIRE_ADMINS": "1",
        }
    )


@pytest.fixture
def assistant(config: Config) -> Iterator[Assistant]:
    """An assistant without articles, whose encoder knows words but no meaning."""
    made = Assistant(config, HashEncoder())
    yield made
    made.close()


@pytest.fixture
def bring_up() -> Callable[[Assistant], None]:
    """Take in the article folder and index it."""

    def both(assistant: Assistant) -> None:
        assistant.take_in(lambda _done, _total: None)
        assistant.reindex(lambda _done, _total: None)

    return both


@pytest.fixture(scope="session")
def model() -> Model:
    """The real bundled model, for tests in which meaning matters."""
    return Model()


@pytest.fixture(scope="session")
def bundled(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant on the bundled article with the real model."""
    data = tmp_path_factory.mktemp("bundled")
    made = Assistant(load({"CITEWIRE_DATA": str(data)}), model)
    made.take_in(lambda _done, _total: None)
    made.reindex(lambda _done, _total: None)
    yield made
    made.close()
