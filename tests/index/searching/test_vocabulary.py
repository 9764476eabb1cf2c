"""The words of the articles: how common they are, and which misspelt ones are corrected to them."""

import sqlite3
from contextlib import closing

import pytest
from encoders import HashEncoder
from sqlite_utils import Database as Connection

from corpus.article import Article
from corpus.store import Incoming
from index.building.sync import Indexer
from index.language.analyze import terms
from index.language.detect import detect
from index.local import tables
from index.local.index_store import LocalIndexStore
from index.local.vectors import VectorIndex
from index.local.view import LocalSnapshot
from index.searching import vocabulary
from index.searching.search import Searcher
from index.searching.vocabulary import Vocabulary

TEXT = (
    "Home Secretary Yvette Cooper flew to Baghdad and to Kurdistan. The classification of François de "
    "Hamas was lively; the coast cost 12,500 pounds."
)
RUSSIAN = "Министр внутренних дел посетила Багдад и Курдистан, где подписала договор об охране границ."


class Asker:
    """A searcher on articles that may change."""

    def __init__(self, store, folder, encoder):
        self.store, self.index_store, self.encoder = store, LocalIndexStore(folder / "index"), encoder
        self.searcher = Searcher(store, self.index_store, encoder)

    def put(self, name, text):
        self.store.put(Incoming(Article(name, "", text), f"test:{name}"))
        Indexer(self.store, self.index_store, self.encoder).run()

    def corrected(self, question):
        return self.searcher.ask(question).corrected


@pytest.fixture
def asker(store, tmp_path):
    made = Asker(store, tmp_path, HashEncoder())
    made.put("visit", TEXT)
    made.put("визит", RUSSIAN)
    with closing(made.searcher):
        yield made


@pytest.mark.parametrize(
    ("question", "corrected"),
    [
        ("Did Yvete fly?", "Did Yvette fly?"),  # left out
        ("Did Yvettte fly?", "Did Yvette fly?"),  # doubled
        ("Did Coopre fly?", "Did Cooper fly?"),  # swapped
        ("Did Yvetre fly?", "Did Yvette fly?"),  # the key beside it
        ("yvete coper flew to bagdad", "Yvette Cooper flew to Baghdad"),
        ("Kuridstn!", "Kurdistan!"),  # a long word may have two slips
        ("fracois", "François"),  # and no accents
        ("кто посетила Багддад", "кто посетила Багдад"),
    ],
)
def test_a_slip_is_corrected_to_the_word_of_the_articles(asker, question, corrected):
    assert asker.corrected(question) == corrected


@pytest.mark.parametrize(
    "question",
    [
        "Did Yvette Cooper fly to Baghdad?",
        "Was Baghdad's Cooper flying?",  # other forms of words that are held
        "Francois",
        "Franc\u0327ois gastronomi\u0301e",  # accents as characters of their own
        "Bagda",  # two slips in a short word
        "fle",  # too short to tell
        "Mamas",  # another first letter
        "Was it classified?",  # another word of the same family, not a slip
        "12,50 12500 1250",
        "北京的桥 バグダード",
        "gastronomy",
        "?a",
    ],
)
def test_everything_else_stays_as_it_was_typed(asker, question):
    assert asker.corrected(question) is None


def test_what_is_corrected_is_found_like_what_is_spelled_right(asker):
    asker.put("other", "The harvest failed and the barn burned.")
    misspelt, right = map(asker.searcher.ask, ("Who is yvete coper?", "Who is Yvette Cooper?"))
    assert misspelt.question == "Who is yvete coper?"
    assert (misspelt.hits, misspelt.confidence) == (right.hits, right.confidence)


def test_words_are_corrected_to_those_of_the_articles_as_they_are_now(asker):
    assert asker.corrected("Starmr") is None
    asker.put("speech", "Keir Starmer spoke.")
    assert asker.corrected("Starmr") == "Starmer"
    asker.put("speech", "Somebody spoke.")
    assert asker.corrected("Starmr") is None


@pytest.mark.parametrize(
    ("question", "corrected", "translation"),
    [
        ("Wann flog die Ministerin nach Kurdistn?", "Kurdistan?", "Die Ministerin flog nach Kurdistan."),
        ("Quand la ministre est-elle allée à Bagdhad ?", "Baghdad ?", "La ministre est allée à Baghdad."),
    ],
)
def test_a_question_in_a_language_of_no_article_stays_as_it_was_typed(
    asker, question, corrected, translation
):
    assert asker.corrected(question) is None
    asker.put("translated", translation)
    assert asker.corrected(question).endswith(corrected)


def test_a_question_in_a_language_that_is_not_known_is_corrected(asker):
    assert detect("Kuridstn!", ["en", "ru"]) == ""
    assert asker.corrected("Kuridstn!") == "Kurdistan!"


def test_words_that_the_model_knows_are_not_bent_to_others(model, store, tmp_path):
    asker = Asker(store, tmp_path, model)
    asker.put("coast", "The coast of Kurdistan was lively, and the pact held.")
    with closing(asker.searcher):
        assert asker.corrected("What part of the lives did it cost?") is None
        assert asker.corrected("coasst of kurdstan") == "coast of Kurdistan"


def test_the_model_knows_common_words_and_no_slips(model):
    assert all(model.knows(word) for word in ("London", "cost", "council", "стоимость", "bridge"))
    assert not any(model.knows(word) for word in ("bagdad", "coper", "\U0001f9ff"))


# How common words are.


@pytest.fixture
def view():
    """Three passages of terms."""
    with closing(Connection(sqlite3.connect(":memory:"), execute_plugins=False)) as made:
        tables.migrations.apply(made)
        for number, text in enumerate(["bridge closed", "bridge open bridge", "harvest"], 1):
            held = " ".join(terms(text, "en"))
            made.execute("insert into passage_terms (rowid, terms) values (?, ?)", [number, held])
        yield LocalSnapshot(made, VectorIndex(0), "")


def test_a_term_is_as_common_as_the_passages_that_hold_it(view):
    known = Vocabulary(view, HashEncoder())
    assert known.frequencies(view, {"bridg", "harvest", "volcano"}) == {"bridg": 2, "harvest": 1}
    assert known.frequencies(view, {"bridg", "open", "volcano"}) == {"bridg": 2, "open": 1}
    assert known.frequencies(view, set()) == {}


def test_what_was_looked_up_once_is_remembered_up_to_a_limit(view, monkeypatch):
    known, looked_up = Vocabulary(view, HashEncoder()), []
    look_up = view.frequencies

    def noted(wanted):
        looked_up.append(set(wanted))
        return look_up(wanted)

    monkeypatch.setattr(view, "frequencies", noted)
    for _ in range(3):
        assert known.frequencies(view, {"bridg", "volcano"}) == {"bridg": 2}
    assert looked_up == [{"bridg", "volcano"}]
    monkeypatch.setattr(vocabulary, "REMEMBERED", 1)
    assert known.frequencies(view, {"bridg", "harvest"}) == {"bridg": 2, "harvest": 1}
    assert looked_up[1:] == [{"bridg", "harvest"}]
