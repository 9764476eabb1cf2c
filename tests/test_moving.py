"""An index is moved to PostgreSQL and back, verified, and taken up again where it was left."""

import pytest
from encoders import HashEncoder
from topics import TOPICS, article, put, run

from index.building import moving
from index.building.golden import Exam, Golden
from index.building.moving import Copy
from index.errors import Busy, NoIndex, Unverified
from index.index_store import Shelf, held
from index.searching.confidence import Confidence, Signals
from index.searching.search import Searcher

GLACIER = "Where is the glacier?"
BY_WORDS = Confidence(Signals(cosine=0, match=0, coverage=9, missing=-9, size=0), 0)


def copy(store, source: Shelf, target: Shelf, progress=lambda _: None, there=BY_WORDS):
    def exam(shelf: Shelf, confidence: Confidence) -> Exam:
        def searcher(name: str) -> Searcher:
            return Searcher(store, shelf, HashEncoder(), confidence=confidence, generation=name)

        return Exam([Golden("Nobody had seen such a glacier?", "such a glacier before")], store, searcher)

    exams = exam(source, BY_WORDS), exam(target, there)
    return Copy(source, target, HashEncoder(), exams, progress).run()


def shown(store, shelf: Shelf) -> list:
    asked = (f"When does the {topic} open?" for topic in TOPICS)
    return [
        [(hit.article.id, hit.start, hit.end, pytest.approx(hit.score, abs=1e-3)) for hit in found.hits]
        for found in map(Searcher(store, shelf, HashEncoder()).ask, asked)
    ]


def test_a_copy_serves_the_same_answers_there_and_back(indexed, shelf, postgres_shelf, tmp_path):
    assert copy(indexed, shelf, postgres_shelf).articles == len(TOPICS)
    assert shown(indexed, postgres_shelf) == shown(indexed, shelf)
    put(indexed, article("volcano"))
    run(indexed, postgres_shelf)
    back = copy(indexed, postgres_shelf, shelf)
    assert (back.articles, shelf.names()) == (len(TOPICS) + 1, ("g000002", "g000001"))
    assert Searcher(indexed, shelf, HashEncoder()).ask("the volcano").hits[0].article.id == "volcano"


def test_a_copy_that_was_interrupted_goes_on(indexed, shelf, postgres_shelf, monkeypatch):
    monkeypatch.setattr(moving, "TOGETHER", 1)
    told = []

    def interrupt(step):
        told.append(step)
        if step.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(indexed, shelf, postgres_shelf, interrupt)
    assert postgres_shelf.names() == (None, None)
    indexed.withdraw(["bridge"], "gone")
    run(indexed, shelf)
    again = []
    assert copy(indexed, shelf, postgres_shelf, again.append).articles == len(TOPICS) - 1
    assert {step.total for step in again if step.phase == "copying"} == {2}
    assert shown(indexed, postgres_shelf) == shown(indexed, shelf)


def test_what_comes_in_while_it_is_copied_is_in_the_copy(indexed, shelf, postgres_shelf):
    def meanwhile(step):
        if step.phase == "checking" and step.done == step.total:
            put(indexed, article("volcano"))
            run(indexed, shelf)

    assert copy(indexed, shelf, postgres_shelf, meanwhile).articles == len(TOPICS) + 1
    assert Searcher(indexed, postgres_shelf, HashEncoder()).ask("the volcano").hits[0].article.id == "volcano"


def test_a_copy_that_is_not_the_same_never_serves(indexed, shelf, postgres_shelf):
    def spoil(step):
        if step.phase == "copying" and step.done == step.total:
            made = postgres_shelf.find(postgres_shelf.everything()[-1])
            with made._server.writing(made._schema) as db:
                db.execute("update sentences set terms = 'x' where id = (select max(id) from sentences)")

    with pytest.raises(Unverified, match="is not what was copied"):
        copy(indexed, shelf, postgres_shelf, spoil)
    assert (postgres_shelf.names(), postgres_shelf.everything()) == ((None, None), [])
    assert copy(indexed, shelf, postgres_shelf).articles == len(TOPICS)


def test_a_copy_that_answers_fewer_golden_questions_never_serves(indexed, shelf, postgres_shelf):
    never_sure = Confidence(Signals(0, 0, 0, 0, 0), -9)
    with pytest.raises(Unverified, match="no longer answers Nobody had seen such a glacier"):
        copy(indexed, shelf, postgres_shelf, there=never_sure)
    assert (postgres_shelf.names(), postgres_shelf.everything()) == ((None, None), [])


def test_nothing_is_copied_from_nowhere_nor_beside_another_nor_of_another_model(
    indexed, shelf, postgres_shelf, monkeypatch
):
    with pytest.raises(NoIndex, match="no index to copy"):
        copy(indexed, postgres_shelf, shelf)
    with held(postgres_shelf.building()), pytest.raises(Busy, match="made there already"):
        copy(indexed, shelf, postgres_shelf)
    monkeypatch.setattr(HashEncoder, "name", "other@2")
    with pytest.raises(NoIndex, match="its model was hash@1 and is now other@2"):
        copy(indexed, shelf, postgres_shelf)
    assert postgres_shelf.everything() == []
