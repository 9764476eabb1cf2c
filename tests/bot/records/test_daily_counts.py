"""What is counted by day, and that it says nothing about anybody."""

from datetime import UTC, datetime

import pytest
from fakes import FakeTime

from bot.records.daily_counts import (
    DAYS,
    LONGEST,
    NO_QUESTIONS,
    SHORTEST,
    DailyCounts,
    Day,
    summary,
    table,
    within,
)
from corpus.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0


@pytest.fixture
def time() -> FakeTime:
    made = FakeTime()
    made.now = NOON
    return made


@pytest.fixture
def daily(database: Database, time: FakeTime) -> DailyCounts:
    return DailyCounts(database, time.clock)


def test_questions_are_counted_on_their_days(daily: DailyCounts, time: FakeTime) -> None:
    time.now = NOON - DAY
    daily.count("absent", 0.5).result()
    time.now = NOON
    for state in ("answered", "answered", "perhaps"):
        daily.count(state, 0.5).result()
    days = daily.last(3)
    assert [day.day for day in days] == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert [(day.answered, day.perhaps, day.absent) for day in days] == [(0, 0, 0), (0, 0, 1), (2, 1, 0)]
    assert [sum(day.times.values()) for day in days] == [0, 1, 3]


def test_a_day_ends_at_midnight_of_utc(daily: DailyCounts, time: FakeTime) -> None:
    for seconds in (-1, 0, DAY - 1, DAY):
        time.now = NOON + DAY / 2 + seconds
        daily.count("answered", 0.5).result()
    assert [day.answered for day in daily.last(3)] == [1, 2, 1]


def test_what_is_older_than_is_shown_is_not_counted_in(daily: DailyCounts, time: FakeTime) -> None:
    daily.count("answered", 0.5).result()
    time.now = NOON + DAYS * DAY
    assert summary(daily.last()) == NO_QUESTIONS


@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.01, 0.0101, 0.32, 0.99, 1.0, 7.5, 59.0, 1000.0, 9e9])
def test_a_time_is_known_to_a_quarter(daily: DailyCounts, seconds: float) -> None:
    daily.count("answered", seconds).result()
    known = within(daily.last(1)[0].times)
    bounded = min(max(seconds, SHORTEST), LONGEST)
    assert known is not None
    assert bounded <= known * 1.000001
    assert known < bounded * 1.26


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({}, None),
        ({0.2: 1}, 0.2),
        ({0.2: 95, 1.0: 5}, 0.2),
        ({1.0: 6, 0.2: 94}, 1.0),
        ({0.1: 50, 0.2: 44, 0.5: 5, 9.0: 1}, 0.5),
    ],
)
def test_95_of_100_answers_came_within(times: dict[float, int], seconds: float | None) -> None:
    assert within(times) == seconds


def test_days_in_words() -> None:
    quiet = Day("2026-02-28", 0, 0, 0, 0, 0, {})
    busy = Day("2026-03-01", 900, 100, 200, 31, 4, {0.2: 1140, 2.5: 60})
    assert summary([quiet, busy]) == (
        "Questions of the last 2 days: 1,200; 75% answered, 8% perhaps, 17% not in the articles. "
        "31 👍, 4 👎. 95 of 100 answers came within 0.2 s."
    )
    assert [line.split() for line in table([quiet, busy])[1:]] == [
        ["2026-02-28", "0", "0", "0", "0", "0", "–"],
        ["2026-03-01", "900", "100", "200", "31", "4", "0.2", "s"],
    ]
