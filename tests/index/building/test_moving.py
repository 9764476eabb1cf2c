"""An index is moved to PostgreSQL and back, verified, and taken up again where it was left."""

import pytest
from encoders import HashEncoder, by_signals
from topics import TOPICS, article, put, run

from index.building import moving
from index.building.golden import Exam, Golden
from index.building.moving import Copy
from index.errors import Busy, NoIndex, Unverified
from index.index_store import IndexStore, held
from index.searching.confidence import Confidence
from index.searching.search import Searcher

GLACIER = "Where is the glacier?"
BY_WORDS = by_signals(0, coverage=9, missing=-9)


def copy(store, source: IndexStore, target: IndexStore, progress=lambda _: None, there=BY_WORDS):
    def exam(index_store: IndexStore, confidence: Confidence) -> Exam:
        def searcher(name: str) -> Searcher:
            return Searcher(store, index_store, HashEncoder(), confidence=confidence, generation=name)

        return Exam([Golden("Nobody had seen such a glacier?", "such a glacier before")], store, searcher)

    exams = exam(source, BY_WORDS), exam(target, there)
    return Copy(source, target, HashEncoder(), exams, progress).run()


def shown(store, index_store: IndexStore) -> list:
    asked = (f"When does the {topic} open?" for topic in TOPICS)
    return [
        [(hit.article.id, hit.start, hit.end, pytest.approx(hit.score, abs=1e-3)) for hit in found.hits]
        for found in map(Searcher(store, index_store, HashEncoder()).ask, asked)
    ]


def test_a_copy_serves_the_same_answers_there_and_back(indexed, index_store, postgres_index_store, tmp_path):
    assert copy(indexed, index_store, postgres_index_store).articles == len(TOPICS)
    assert shown(indexed, postgres_index_store) == shown(indexed, index_store)
    put(indexed, article("volcano"))
    run(indexed, postgres_index_store)
    back = copy(indexed, postgres_index_store, index_store)
    assert (back.articles, index_store.names()) == (len(TOPICS) + 1, ("g000002", "g000001"))
    assert Searcher(indexed, index_store, HashEncoder()).ask("the volcano").hits[0].article.id == "volcano"


def test_a_copy_that_was_interrupted_goes_on(indexed, index_store, postgres_index_store, monkeypatch):
    monkeypatch.setattr(moving, "TOGETHER", 1)
    told = []

    def interrupt(step):
        told.append(step)
        if step.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(indexed, index_store, postgres_index_store, interrupt)
    assert postgres_index_store.names() == (None, None)
    indexed.withdraw(["bridge"], "gone")
    run(indexed, index_store)
    again = []
    assert copy(indexed, index_store, postgres_index_store, again.append).articles == len(TOPICS) - 1
    assert {step.total for step in again if step.phase == "copying"} == {2}
    assert shown(indexed, postgres_index_store) == shown(indexed, index_store)


def test_what_comes_in_while_it_is_copied_is_in_the_copy(indexed, index_store, postgres_index_store):
    def meanwhile(step):
        if step.phase == "checking" and step.done == step.total:
            put(indexed, article("volcano"))
            run(indexed, index_store)

    assert copy(indexed, index_store, postgres_index_store, meanwhile).articles == len(TOPICS) + 1
    assert (
        Searcher(indexed, postgres_index_store, HashEncoder()).ask("the volcano").hits[0].article.id
        == "volcano"
    )


def test_a_copy_that_is_not_the_same_never_serves(indexed, index_store, postgres_index_store):
    def spoil(step):
        if step.phase == "copying" and step.done == step.total:
            made = postgres_index_store.find(postgres_index_store.everything()[-1])
            with made._server.writing(made._schema) as db:
                db.execute("update sentences set terms = 'x' where id = (select max(id) from sentences)")

    with pytest.raises(Unverified, match="is not what was copied"):
        copy(indexed, index_store, postgres_index_store, spoil)
    assert (postgres_index_store.names(), postgres_index_store.everything()) == ((None, None), [])
    assert copy(indexed, index_store, postgres_index_store).articles == len(TOPICS)


def test_a_copy_that_answers_fewer_golden_questions_never_serves(indexed, index_store, postgres_index_store):
    never_sure = by_signals(bias=-9)
    with pytest.raises(Unverified, match="no longer answers Nobody had seen such a glacier"):
        copy(indexed, index_store, postgres_index_store, there=never_sure)
    assert (postgres_index_store.names(), postgres_index_store.everything()) == ((None, None), [])


def test_nothing_is_copied_from_nowhere_nor_beside_another_nor_of_another_model(
    indexed, index_store, postgres_index_store, monkeypatch
):
    with pytest.raises(NoIndex, match="no index to copy"):
        copy(indexed, postgres_index_store, index_store)
    with held(postgres_index_store.building()), pytest.raises(Busy, match="made there already"):
        copy(indexed, index_store, postgres_index_store)
    monkeypatch.setattr(HashEncoder, "name", "other@2")
    with pytest.raises(NoIndex, match="its model was all-MiniLM-L6-v2@hash and is now other@2"):
        copy(indexed, index_store, postgres_index_store)
    assert postgres_index_store.everything() == []
