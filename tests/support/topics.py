"""Articles about a topic each, which tests of the index put in and take out."""

from typing import Any

from encoders import HashEncoder

from corpus.article import Article
from corpus.store import Incoming, Store
from index.building.sync import Indexer, Report
from index.encoding.embed import Encoder
from index.local.index_store import LocalIndexStore

TOPICS = ["bridge", "harvest", "election", "orchestra", "glacier", "lighthouse"]


def article(topic: str, text: str = "", **fields: Any) -> Article:
    """An article about a topic."""
    text = text or (
        f"The {topic} was the talk of the town on Monday. Nobody had seen such a {topic} before.\n"
        f"Officials said that the {topic} would cost £300,000. It opens in May."
    )
    return Article(topic, f"The {topic}", text, **fields)


def put(store: Store, *articles: Article) -> None:
    """Store articles."""
    store.put(*(Incoming(each, f"test:{each.id}") for each in articles))


def run(
    store: Store, index_store: LocalIndexStore, encoder: Encoder | None = None, full: bool = False, **how: Any
) -> Report:
    """Bring the index up to the stored articles."""
    return Indexer(store, index_store, encoder or HashEncoder(), **how).run(full=full)
