"""How far a reindex is, in plain words: phase, bar, share, articles a second, the time that is left."""

import pytest

from bot.admin.reindex_progress import CELLS, ReindexProgress, bar, left
from index.building.progress import Step


class Clock:
    """A clock that is put forward by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> ReindexProgress:
    return ReindexProgress(clock)


def encoded(characters: int) -> Step:
    """A step of encoding 200 articles of 500 characters each, all of which are finished at the end."""
    return Step("encoding", characters, 100_000, 0, 200)


def test_before_the_first_step_nothing_is_said(pace: ReindexProgress) -> None:
    assert pace.text() == ""


def test_at_first_only_what_is_done_is_told(pace: ReindexProgress, clock: Clock) -> None:
    pace(encoded(10_000))
    clock.now += 1
    pace(encoded(20_000))
    assert pace.text() == "Encoding ▰▰▱▱▱▱▱▱▱▱ 20 %\n40 of 200 articles"


def test_what_is_left_is_told_from_what_was_done_here(pace: ReindexProgress, clock: Clock) -> None:
    pace(encoded(50_000))  # by the process before
    clock.now += 10
    pace(encoded(60_000))
    said = "Encoding ▰▰▰▰▰▰▱▱▱▱ 60 %\n120 of 200 articles, 2.0 a second, about 40 seconds left"
    assert pace.text() == said


def test_few_articles_are_counted_by_the_minute(pace: ReindexProgress, clock: Clock) -> None:
    pace(encoded(0))
    clock.now += 60
    pace(encoded(5_000))
    assert pace.text().endswith("10 of 200 articles, 10 a minute, about 19 minutes left")


def test_each_phase_has_a_pace_of_its_own(pace: ReindexProgress, clock: Clock) -> None:
    pace(encoded(0))
    clock.now += 100
    pace(encoded(100_000))
    pace(Step("checking", 0, 200, 0, 200))
    assert pace.text() == "Checking ▱▱▱▱▱▱▱▱▱▱ 0 %\n0 of 200 articles"
    clock.now += 5
    pace(Step("checking", 100, 200, 100, 200))
    assert pace.text().endswith("100 of 200 articles, 20.0 a second, a few seconds left")


def test_where_nothing_gets_on_nothing_is_promised(pace: ReindexProgress, clock: Clock) -> None:
    pace(encoded(10))
    clock.now += 1000
    pace(encoded(10))
    assert pace.text().endswith("0 of 200 articles")


@pytest.mark.parametrize("total", [1, 7, 10, 100, 12_345])
def test_a_bar_grows_and_is_full_at_the_end_alone(total: int) -> None:
    bars = [bar(done, total) for done in range(total + 1)]
    filled = [each.count("▰") for each in bars]
    assert {len(each) for each in bars} == {CELLS}
    assert filled == sorted(filled)
    assert [done for done, cells in enumerate(filled) if cells == CELLS] == [total]


def test_nothing_to_do_has_an_empty_bar() -> None:
    assert bar(0, 0) == "▱" * CELLS


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a few seconds left"), (9.9, "a few seconds left"), (12, "about 10 seconds left"),
        (49, "about 50 seconds left"), (50, "about 1 minute left"), (89, "about 1 minute left"),
        (91, "about 2 minutes left"), (3600, "about 60 minutes left"), (5400, "about 2 hours left"),
        (36_000, "about 10 hours left"),
    ],
)  # fmt: skip
def test_times_are_told_in_plain_words(seconds: float, said: str) -> None:
    assert left(seconds) == said
