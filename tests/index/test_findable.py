"""Which articles can be found by now: right after every change, and next to free while there is none."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import topics
from conftest import lighthouse
from encoders import HashEncoder

from bot.assistant import Assistant
from corpus.store import Incoming, Store
from index.findable import Findable
from index.index_store import IndexStore
from index.local.generation import LocalGeneration


def put(assistant: Assistant, number: str = "more", cost: int = 0) -> None:
    """One lighthouse more, or another version of it."""
    article = replace(lighthouse(0, cost), id=number)
    assistant.store.put(Incoming(article, number, keep_id=True))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something is read of the store and of the index, and how often the index is opened."""
    counted: Counter[str] = Counter()
    for kind, method in [
        (Store, "fingerprints"), (LocalGeneration, "fingerprints"), (LocalGeneration, "__init__"),
    ]:  # fmt: skip
        real = getattr(kind, method)

        def counting(self, *given, name=f"{kind.__name__}.{method}", real=real):
            counted[name] += 1
            return real(self, *given)

        monkeypatch.setattr(kind, method, counting)
    return counted


def test_nothing_is_read_again_while_nothing_changed(coast: Assistant, reads: Counter[str]) -> None:
    put(coast)
    for _ in range(5):
        assert coast.findable(["more", "light0"]) == ["light0"]
        assert coast.findable(["more"]) == []
    assert reads == {
        "Store.fingerprints": 1, "LocalGeneration.fingerprints": 1, "LocalGeneration.__init__": 1,
    }  # fmt: skip


def test_a_change_elsewhere_in_the_file_reads_only_what_is_asked_for(
    coast: Assistant, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(coast)
    assert coast.findable(["more"]) == []
    coast.database.write(lambda db: db.execute("create table other (number integer)"))
    asked: list[list[str] | None] = []
    real = Store.fingerprints
    monkeypatch.setattr(Store, "fingerprints", lambda self, ids=None: asked.append(ids) or real(self, ids))
    assert coast.findable(["more"]) == []
    assert asked == [["more"]]
    assert reads["LocalGeneration.fingerprints"] == 1


def test_each_change_is_seen_at_once(coast: Assistant) -> None:
    wanted = ["more", "light0"]
    put(coast)
    assert coast.findable(wanted) == ["light0"]
    coast.reindex()
    assert coast.findable(wanted) == ["more", "light0"]
    put(coast, cost=77)
    assert coast.findable(wanted) == ["light0"]
    coast.store.withdraw(["light0"], "removed")  # it stands no more, so there is nothing to wait for
    assert coast.findable(wanted) == ["light0"]
    coast.store.restore(["light0"])
    coast.reindex(full=True)
    assert coast.findable(wanted) == wanted
    put(coast, cost=78)
    assert coast.findable(wanted) == ["light0"]
    coast.roll_back()
    assert coast.findable(wanted) == ["light0"]


def test_what_another_process_did_is_seen_at_once(coast: Assistant) -> None:
    put(coast)
    assert coast.findable(["more"]) == []
    with closing(Assistant(coast.config, HashEncoder())) as other:
        other.reindex()
        assert coast.findable(["more"]) == ["more"]
        put(other, cost=77)
        assert coast.findable(["more"]) == []
        other.store.withdraw(["more"], "removed")
        assert coast.findable(["more"]) == ["more"]


def test_an_index_that_was_deleted_holds_nothing(coast: Assistant) -> None:
    put(coast)
    assert coast.findable(["more", "light0"]) == ["light0"]
    shutil.rmtree(coast.config.data / "index")
    assert coast.findable(["more", "light0"]) == []
    (coast.config.data / "index").mkdir()
    coast.reindex()
    assert coast.findable(["more", "light0"]) == ["more", "light0"]


def test_nothing_is_held_open_once_all_can_be_found(coast: Assistant) -> None:
    put(coast)
    coast.findable(["more"])
    assert coast._finds._generation
    coast.reindex()
    assert coast.findable(["more"]) == ["more"]
    assert coast._finds._generation is None


@pytest.fixture(params=["index_store", "postgres_index_store"])
def either(request: pytest.FixtureRequest) -> IndexStore:
    """An empty index store of each kind."""
    index_store: IndexStore = request.getfixturevalue(request.param)
    return index_store


@pytest.fixture
def finds(store: Store, either: IndexStore) -> Iterator[Findable]:
    """What an index of each kind holds of the store."""
    with closing(Findable(store, either)) as made:
        yield made


def test_both_kinds_of_index_are_read_once_a_revision(
    store: Store, either: IndexStore, finds: Findable, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finds.among(["glacier"]) == []
    topics.put(store, topics.article("glacier"))
    topics.run(store, either)
    topics.put(store, topics.article("volcano"))
    with closing(either.current()) as generation:
        kind, real, read = type(generation), type(generation).fingerprints, []
    monkeypatch.setattr(kind, "fingerprints", lambda self: read.append(self.name) or real(self))
    wanted = ["glacier", "volcano"]
    assert [finds.among(wanted) for _ in range(3)] == [["glacier"]] * 3
    assert len(read) == 1
    topics.run(store, either)
    assert finds.among(wanted) == wanted
