"""What is taken out by hand comes back as it was; what is kept about each article beside its text."""

import pytest
from test_store import APPEAL, STORY, everything, incoming, promoted, sharing

from corpus.catalogue import Catalogue
from corpus.errors import NotStored
from corpus.store import Incoming


@pytest.fixture
def catalogue(store):
    return Catalogue(store._db)


def test_what_is_put_back_stands_as_it_stood_and_so_do_its_neighbours(store):
    store.put(*sharing("a", "b"), incoming("c"))
    before, rows = store.fingerprints(), everything(store)
    store.withdraw(["b", "c"], "removed")
    assert promoted(store) == []
    store.restore(["b", "c"])
    assert store.fingerprints() == before
    assert everything(store) == rows


def test_what_is_put_back_is_not_announced(store):
    announced = []
    store._announce = lambda _db, article, _feed: announced.append(article.id)
    store.put(incoming("a"))
    store.withdraw(["a"], "removed")
    store.restore(["a"])
    assert announced == ["a"]


@pytest.mark.parametrize("others", [[], ["standing"], ["gone"], ["unknown"], ["removed"]])
def test_all_are_put_back_or_none(store, others):
    store.put(*(incoming(number) for number in ("removed", "standing", "gone")))
    store.withdraw(["removed"], "removed")
    store.withdraw(["gone"], "gone")
    ids = ["removed", *others]
    if others:
        with pytest.raises(NotStored):
            store.restore(ids)
    else:
        store.restore(ids)
    assert set(store.fingerprints()) == ({"standing"} if others else {"standing", "removed"})


def test_an_article_is_judged_beside_those_that_stand_before_it_is_stored(store):
    (coming,) = sharing("b")
    assert store.judged(coming).promotion == ()
    store.put(*sharing("a"))
    text = coming.article.text
    assert [text[start:end] for start, end in store.judged(coming).promotion] == [APPEAL]
    store.put(coming)
    assert store.judged(coming) == store.article("b")
    assert store.judged(incoming("x", text=text, outlet="Herald")).promotion == ()


def test_an_article_is_not_its_own_neighbour_when_it_comes_again(store):
    store.put(*sharing("a"))
    (again,) = sharing("a")
    assert store.judged(again).promotion == ()


def test_each_version_is_listed_with_the_first_one_first(store, catalogue):
    store.put(incoming("a"))
    store.put(incoming("a", text=STORY.format("b")))
    store.put(incoming("a"))
    assert len(catalogue.versions("a")) == 2
    assert catalogue.versions("a") == sorted(catalogue.versions("a"))
    assert catalogue.versions("b") == []


def test_an_origin_is_known_by_its_whole_name(store):
    store.put(
        incoming("a", origin="web:https://x.example/%_a"), incoming("b", origin="web:https://x.example")
    )
    assert store.known("web:https://x.example/%_a").id == "a"
    assert store.known("web:https://x.example").id == "b"
    assert store.known("web:") is None


def test_found_by_every_word_in_pages_whichever_stands(store, catalogue):
    store.put(*(incoming(f"n{n}", published=f"2024-05-0{n}", outlet="Ämter") for n in range(1, 8)))
    store.put(Incoming(incoming("other").article, "test:other"))
    store.withdraw(["n2", "n5"], "removed")
    found, total = catalogue.find(["äMTER", "about"], 2, 2)
    assert ([record.id for record in found], total) == (["n4", "n3"], 5)
    assert [record.id for record in catalogue.find([], withdrawn=True)[0]] == ["n5", "n2"]
    assert catalogue.of_outlet(" äMTER ") == ["n7", "n6", "n4", "n3", "n1"]
    assert catalogue.of_outlet("Ämter", withdrawn=True) == ["n5", "n2"]
    assert catalogue.of_outlet("Ä") == []
    assert catalogue.get("n2").withdrawn == "removed"
    assert catalogue.get("nowhere") is None
