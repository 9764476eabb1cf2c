"""Questions about one article: its passages first or alone, and what a scope leaves to be searched."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from encoders import HashEncoder

from bot.text.passages import answer
from bot.text.words import words_for
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.building.sync import Indexer
from index.encoding.embed import Model
from index.local.index_store import LocalIndexStore
from index.local.view import _passages_within
from index.searching.confidence import PERHAPS
from index.searching.result import Result
from index.searching.search import NotAQuestion, Searcher
from index.snapshot import ALL_ARTICLES, Scope

RESIGNED = "The mayor of Brack, Tom Hale, resigned on Friday after a builder said that he had paid him."
DEPUTY = "The council will choose a new mayor in the autumn. Until then Ann Reed, his deputy, leads the town."
TEXTS = {
    ("arden", "2024-03-01"): """The mayor of Arden, Lena Voss, opened the new bridge over the Orrin on Monday.
The bridge cost two million pounds, twice as much as planned. Three hundred people came to see it.
Asked about the school, she said that it would be mended next year.""",
    ("brack", "2024-06-01"): f"{RESIGNED}\n{DEPUTY}",
    ("copy", "2024-06-02"): f"{RESIGNED}\n{DEPUTY}\nHe cried.",
    ("wheat", "2023-08-01"): """The wheat harvest failed for the second year, since hardly any rain fell.
Farmers asked the ministry for help.""",
}
ARTICLES = [Article(name, "", text, published=day) for (name, day), text in TEXTS.items()]
QUESTIONS = [
    *["Who is the mayor?", "Why did the mayor resign?", "What did the bridge cost?", "Who leads the town?"],
    *["Why did the harvest fail?", "Who plays the violin?", "Who is the mayor in June 2024?"],
]


@pytest.fixture(scope="module")
def towns(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """A searcher with the real model on four short articles, on 20 November 2024."""
    folder = tmp_path_factory.mktemp("towns")
    with closing(Database(folder / "citewire.db")) as database:
        store, index_store = Store(database), LocalIndexStore(folder / "index")
        store.put(*(Incoming(article, f"test:{article.id}") for article in ARTICLES))
        Indexer(store, index_store, model).run()
        with closing(Searcher(store, index_store, model, today=lambda: date(2024, 11, 20))) as searcher:
            yield searcher


def found(result: Result) -> list[str]:
    return [hit.article.id for hit in result.hits]


def told(result: Result) -> tuple[str | None, ...]:
    return tuple(period and period.said for period in (result.period, result.outside))


# One article first.


def test_what_an_article_says_comes_before_what_answers_better_elsewhere(towns) -> None:
    assert found(towns.ask("Who is the mayor?"))[0] == "brack"
    result = towns.ask("Who is the mayor?", first="arden")
    assert found(result)[0] == "arden"
    assert "Lena Voss" in result.hits[0].text
    assert "brack" in found(result)[1:]
    assert answer(result, words_for("en"))[0].text.startswith("The mayor of Arden")


@pytest.mark.parametrize("k", [1, 2, 3, 10])
@pytest.mark.parametrize("first", ["arden", "brack", "copy", "wheat"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_its_passages_lead_and_those_of_others_follow(towns, question: str, first: str, k: int) -> None:
    alone, ordinary = towns.ask_article(question, first, k), towns.ask(question, k)
    own = [hit.text for hit in alone.hits if hit.confidence >= PERHAPS]
    result = towns.ask(question, k, first)
    if not own or (alone.state, ordinary.state) == ("perhaps", "answered"):
        assert found(result)[0] == found(ordinary)[0]
        return
    assert [hit.text for hit in result.hits if hit.article.id == first] == own
    assert found(result)[: len(own)] == [first] * len(own)
    assert len(result.hits) <= k
    assert len({hit.text for hit in result.hits}) == len(result.hits)


def test_what_does_not_answer_in_an_article_does_not_lead(towns) -> None:
    asked = [("Why did the mayor resign?", "wheat"), ("Why did the harvest fail?", "arden")]
    for question, first in [*asked, ("Who plays the violin?", "arden")]:
        assert towns.ask(question, first=first) == towns.ask(question)
    assert towns.ask("Why did the mayor resign?", first="wheat").state == "answered"


def test_an_article_that_leads_names_those_that_say_the_same(towns) -> None:
    for first, other in (("copy", "brack"), ("brack", "copy")):
        result = towns.ask("Why did the mayor resign?", 10, first)
        assert (result.hits[0].article.id, result.hits[0].text) == (first, result.hits[0].article.text)
        assert [article.id for article in result.hits[0].also] == [other]
        assert not any(RESIGNED in hit.text for hit in result.hits[1:])


def test_an_article_that_is_unknown_withdrawn_or_not_indexed_changes_nothing(store, tmp_path: Path) -> None:
    bridge = "The old bridge of {} was closed on Monday after divers found cracks in two pillars."
    texts = {name: bridge.format(name) for name in ("Arden", "Brack", "Colne")}
    incoming = [Incoming(Article(name, "", text), f"test:{name}") for name, text in texts.items()]
    store.put(*incoming[:2])
    index_store = LocalIndexStore(tmp_path / "index")
    Indexer(store, index_store, HashEncoder()).run()
    store.put(incoming[2])
    store.withdraw(["Brack"], "removed")
    with closing(Searcher(store, index_store, HashEncoder())) as searcher:
        ordinary = searcher.ask("Why was the old bridge closed?")
        assert found(ordinary) == ["Arden"]
        for first in ("Brack", "Colne", "nobody", "", "' or 1"):
            assert searcher.ask("Why was the old bridge closed?", first=first) == ordinary
            assert searcher.ask_article("Why was the old bridge closed?", first).hits == ()


def test_a_time_is_told_only_where_it_is_true_of_all_passages(towns) -> None:
    question = "Who is the mayor in June 2024?"
    assert told(towns.ask(question)) == ("of June 2024", None)
    assert told(towns.ask(question, first="brack")) == ("of June 2024", None)
    lead = towns.ask("What did the bridge cost in June 2024?", first="arden")
    assert (found(lead)[0], lead.period) == ("arden", None)


def test_nobody_is_told_that_no_article_of_a_time_answers_after_one_that_does(towns) -> None:
    question = "Who opened the bridge in August 2023?"
    assert told(towns.ask(question)) == (None, "of August 2023")
    lead = towns.ask(question, first="arden")
    assert (found(lead)[0], told(lead)) == ("arden", (None, "of August 2023"))
    lead = towns.ask("What did the bridge cost in March 2024?", first="arden")
    assert (found(lead)[0], told(lead)) == ("arden", (None, None))


def test_the_latest_is_not_said_to_be_in_order_where_an_article_leads(towns) -> None:
    question = "What is the latest on the mayor?"
    assert told(towns.ask(question)) == ("by date, newest first", None)
    result = towns.ask(question, first="arden")
    assert (found(result)[0], told(result)) == ("arden", (None, None))


def test_no_question_is_none_whatever_leads(towns) -> None:
    with pytest.raises(NotAQuestion):
        towns.ask("?", first="arden")
    with pytest.raises(NotAQuestion):
        towns.ask_article("?", "arden")


# One article alone.


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("article", ["arden", "brack", "copy", "wheat"])
def test_one_article_is_searched_alone(towns, question: str, article: str) -> None:
    result = towns.ask_article(question, article, 10)
    assert set(found(result)) == {article}
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert all(hit.also == () for hit in result.hits)


def test_one_article_answers_what_it_holds_and_nothing_else(towns) -> None:
    assert towns.ask_article("What did the bridge cost?", "arden").state == "answered"
    assert "two million pounds" in towns.ask_article("What did the bridge cost?", "arden").hits[0].text
    assert towns.ask_article("What did the bridge cost?", "brack").state == "absent"


def test_the_time_of_an_article_is_not_sought_in_its_words(towns) -> None:
    timed = towns.ask_article("Who is the mayor in March 2024?", "arden")
    plain = towns.ask_article("Who is the mayor?", "arden")
    assert (timed.hits, told(timed)) == (plain.hits, (None, None))
    assert timed.question == "Who is the mayor in March 2024?"


def test_one_article_is_found_among_many_that_say_the_same(store, tmp_path: Path) -> None:
    dam = "The dam on the Orrin river leaks, says report {}."
    store.put(*(Incoming(Article(f"a{n}", "", dam.format(n)), f"test:{n}") for n in range(150)))
    index_store = LocalIndexStore(tmp_path / "index")
    Indexer(store, index_store, HashEncoder()).run()
    with closing(Searcher(store, index_store, HashEncoder())) as searcher:
        for number in (0, 77, 149):
            [hit] = searcher.ask_article("Which dam leaks?", f"a{number}").hits
            assert hit.text == dam.format(number)


# What days and articles leave to be searched.


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (ALL_ARTICLES, {"arden", "brack", "copy", "wheat"}),
        (Scope(days=("2024-01-01", "2024-06-01")), {"arden", "brack"}),
        (Scope(article="brack"), {"brack"}),
        (Scope(days=("2024-01-01", "2024-06-01"), article="brack"), {"brack"}),
        (Scope(days=("2024-01-01", "2024-05-31"), article="brack"), set()),
        (Scope(days=("1990-01-01", "1990-12-31")), set()),
        (Scope(article=""), set()),
        (Scope(article="b%"), set()),
    ],
)
def test_a_scope_restricts_vectors_and_full_text_alike(towns, scope: Scope, left: set[str]) -> None:
    vector = towns._encoder.encode_question("Who is the mayor?").vector
    with closing(towns._index_store.current()) as generation, generation.view() as view:
        near = view.near(vector, scope)
        worded = [number for number, _ in view.bm25(["mayor", "harvest"], 100, scope)]
        for found in (near, worded):
            assert {row.article for row in view.get_passages(found)} == left


def test_a_scope_of_one_article_reads_no_other(towns) -> None:
    with closing(towns._index_store.current()) as generation:
        db = generation.db.read()
        within, values = _passages_within(Scope(article="arden"))
        plan = db.execute(f"explain query plan select id from sentences where passage {within}", values)
        assert [row[-1] for row in plan if row[-1].startswith("SCAN")] == []
