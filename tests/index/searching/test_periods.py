"""Questions about a time: answered from the articles of that time where those answer, else from all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from encoders import BY_WORDS, CountingEncoder, HashEncoder

from bot.text.passages import answer
from bot.text.words import words_for
from corpus.article import Article
from corpus.store import Incoming, Store
from index.building.sync import Indexer
from index.local.index_store import LocalIndexStore
from index.searching.result import Result
from index.searching.search import Searcher

DAM = "The dam on the Orrin river leaks."
OTHER = "A choir sang of apples and pears in the market hall."
Ask = Callable[[str], Result]


@pytest.fixture
def asked(store: Store, tmp_path: Path) -> Iterator[Callable[..., Ask]]:
    """Takes in texts by date and returns what answers questions on 20 November 2024."""
    opened: list[Searcher] = []

    def index(*dated: tuple[str | None, str]) -> Ask:
        articles = [Article(f"a{n}", "", text, published=day) for n, (day, text) in enumerate(dated)]
        store.put(*(Incoming(article, f"test:{article.id}") for article in articles))
        index_store = LocalIndexStore(tmp_path / "index")
        Indexer(store, index_store, HashEncoder()).run()
        opened.append(
            Searcher(
                store, index_store, CountingEncoder(), confidence=BY_WORDS, today=lambda: date(2024, 11, 20)
            )
        )
        return opened[-1].ask

    yield index
    for searcher in opened:
        searcher.close()


def told(result: Result) -> tuple[str | None, ...]:
    """What a person is told of the period that the hits are of, and of the one that they are not of."""
    return tuple(period and period.said for period in (result.period, result.outside))


def found(result: Result) -> list[str | None]:
    return [hit.article.published for hit in result.hits]


@pytest.mark.parametrize(
    ("time", "said", "dates"),
    [
        ("since May", "since 1 May 2024", {"2024-05-01", "2024-11-18T23:30:00+01:00"}),
        ("after 1 May 2024", "since 2 May 2024", {"2024-11-18T23:30:00+01:00"}),
        ("in 2023", "of 2023", {"2023-07-01"}),
        ("this week", "since 18 Nov 2024", {"2024-11-18T23:30:00+01:00"}),
        ("before 2024", "until 31 Dec 2023", {"2023-07-01", "2022-01-01"}),
        ("on 1 July 2023", "of 1 Jul 2023", {"2023-07-01"}),
    ],
)
def test_only_articles_of_the_time_answer(asked, time: str, said: str, dates: set[str]) -> None:
    days = ["2022-01-01", "2023-07-01", "2024-05-01", "2024-11-18T23:30:00+01:00", None]
    ask = asked(*((day, f"{DAM} {day or 'Undated'}.") for day in days), ("2024-11-19", OTHER))
    result = ask(f"Which dam leaks {time}?")
    assert result.state == "answered"
    assert (told(result), result.question) == ((said, None), f"Which dam leaks {time}?")
    assert dates == {day for day in found(result) if day != "2024-11-19"}
    assert result.as_dict()["period"] == said
    (message,) = answer(result, words_for("en"))
    assert message.text.startswith(f"From articles {said}:\n\n")


def test_an_article_of_the_time_is_found_among_many_that_say_the_same(asked) -> None:
    ask = asked(
        *(("2022-01-01", f"{DAM} The dam leaks, says report {n}.") for n in range(150)), ("2023-05-01", DAM)
    )
    assert found(ask("Which dam leaks in 2023?")) == ["2023-05-01"]


def test_the_latest_is_the_newest_of_what_answers_then_the_rest(asked) -> None:
    ask = asked(
        ("2022-03-01", f"{DAM} Divers search for survivors."),
        ("2024-03-01", f"{DAM} Sandbags were piled up."),
        (None, f"{DAM} Nobody knows since when."),
        ("2023-03-01", f"{DAM} Farmers drove their cattle uphill."),
        ("2024-11-19", OTHER),
    )
    result = ask("What is the latest on the dam on the Orrin river?")
    assert found(result) == ["2024-03-01", "2023-03-01", "2022-03-01"]
    assert told(result) == ("by date, newest first", None)
    assert found(ask("the latest on the dam on the Orrin river since 2023")) == [
        "2024-03-01",
        "2023-03-01",
        "2024-11-19",
    ]


def test_where_no_article_of_the_time_answers_all_do(asked) -> None:
    ask = asked(("2024-03-01", "In 2023 some 900 people arrived in Orrin."), ("2023-06-01", OTHER))
    result = ask("How many people arrived in Orrin in 2023?")
    assert result.state == "answered"
    assert (told(result), found(result)[0]) == ((None, "of 2023"), "2024-03-01")
    assert result.as_dict()["outside"] == "of 2023"
    assert "period" not in result.as_dict()
    (message,) = answer(result, words_for("en"))
    assert message.text.startswith("No article of 2023 answers this; from all articles:\n\nIn 2023 some 900")


def test_what_all_articles_do_not_hold_is_said_as_ever(asked) -> None:
    ask = asked(("2024-03-01", DAM), ("2023-06-01", OTHER))
    result = ask("Who signed the pact with Iraq in 2023?")
    assert (result.state, result.period) == ("absent", None)
    assert answer(result, words_for("en"))[0].text.startswith("That is not in the articles.")


def test_nobody_is_told_that_no_article_answers_when_one_of_the_time_does(asked) -> None:
    ask = asked(("2023-06-01", "In 2023 it burned."), ("2024-06-01", OTHER))
    result = ask("And what did they do in 2023?")
    assert result.state == "answered"
    assert (result.period, result.outside, found(result)[0]) == (None, None, "2023-06-01")


@pytest.mark.parametrize("time", ["in 1990", "since 1990", "before today"])
@pytest.mark.parametrize("days", [("2023-05-01", "2024-03-01"), ("2024-03-01", None), (None, None)])
def test_a_time_that_parts_no_articles_is_words_like_others(asked, time: str, days: tuple) -> None:
    builders = ("Masons came from Arden.", "Carpenters sang all winter.")
    ask = asked(
        *((day, f"In 1990 the dam was built. {who}") for day, who in zip(days, builders, strict=True))
    )
    result = ask(f"Which dam was built {time}?")
    assert (result.period, result.outside, len(result.hits)) == (None, None, 2)
    assert not answer(result, words_for("en"))[0].text.startswith(("From", "No article"))


def test_without_dates_a_latest_question_is_asked_once_as_it_was_typed(store, tmp_path: Path) -> None:
    store.put(Incoming(Article("a", "", "The latest on the dam is that it leaks."), "test:a"))
    index_store, encoder = LocalIndexStore(tmp_path / "index"), CountingEncoder()
    Indexer(store, index_store, encoder).run()
    with closing(Searcher(store, index_store, encoder, confidence=BY_WORDS)) as searcher:
        result = searcher.ask("What is the latest on the dam?")
        assert (result.state, result.period, encoder.questions) == ("answered", None, 1)


def test_a_date_that_changes_is_searched_by_at_once(asked) -> None:
    asked(("2022-03-01", DAM), ("2023-06-01", OTHER))
    ask = asked(("2024-03-01", DAM), ("2023-06-01", OTHER))
    result = ask("Which dam leaks in March 2024?")
    assert (told(result), found(result)) == (("of March 2024", None), ["2024-03-01"])


def test_today_is_the_day_it_is(store, tmp_path: Path) -> None:
    today = datetime.now(UTC).date().isoformat()
    for day in (today, "2000-01-01"):
        store.put(Incoming(Article(day, "", DAM, published=day), f"test:{day}"))
    index_store = LocalIndexStore(tmp_path / "index")
    Indexer(store, index_store, HashEncoder()).run()
    with closing(Searcher(store, index_store, HashEncoder(), confidence=BY_WORDS)) as searcher:
        assert found(searcher.ask("Which dam leaks this year?")) == [today]
