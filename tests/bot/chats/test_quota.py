"""Who asks too much is told so once a minute, and takes nothing from anybody else."""

import itertools
import random
from collections import Counter

import pytest

from bot.chats.quota import MINUTE, REMEMBERED, Quotas, Verdict

ANN, BEN = 100, 200
GROUP = -300
START = 1_700_000_000.0

_messages = itertools.count(1)


def admit(quotas: Quotas, person: int, chat: int, asked: float) -> Verdict:
    """The verdict on a new question."""
    return quotas.admit(person, chat, asked, next(_messages))


@pytest.fixture
def quotas() -> Quotas:
    return Quotas(per_person=10, per_chat=15)


def test_of_a_thousand_questions_in_ten_seconds_the_quota_is_answered(quotas: Quotas) -> None:
    verdicts = Counter(admit(quotas, ANN, ANN, START + number / 100) for number in range(1000))
    assert verdicts == {"welcome": 10, "person": 1, "silent": 989}


def test_in_no_minute_is_more_than_the_quota_answered_nor_told_twice(quotas: Quotas) -> None:
    chance, now = random.Random(4), START
    times: dict[Verdict, list[float]] = {"welcome": [], "person": [], "chat": [], "silent": []}
    for _ in range(5000):
        now += chance.expovariate(1)
        times[admit(quotas, ANN, ANN, now)].append(now)
    for verdict, most in [("welcome", 10), ("person", 1)]:
        taken = times[verdict]
        assert len(taken) > most * (now - START) / MINUTE / 2
        assert all(later - first >= MINUTE for first, later in zip(taken, taken[most:], strict=False))


@pytest.mark.parametrize("chats", [{ANN: ANN, BEN: BEN}, {ANN: GROUP, BEN: BEN}, {ANN: ANN, BEN: GROUP}])
def test_who_floods_slows_nobody_else(quotas: Quotas, chats: dict[int, int]) -> None:
    verdicts = []
    for number in range(1000):
        admit(quotas, ANN, chats[ANN], START + number / 10)
        if number % 100 == 0:
            verdicts.append(admit(quotas, BEN, chats[BEN], START + number / 10))
    assert verdicts == ["welcome"] * 10


def test_a_group_is_told_once_for_all_its_people(quotas: Quotas) -> None:
    verdicts = [admit(quotas, person, GROUP, START + 1) for person in range(1, 41)]
    assert verdicts == ["welcome"] * 15 + ["chat"] + ["silent"] * 24
    assert admit(quotas, 1, 1, START + 2) == "welcome"  # in private they may go on
    assert admit(quotas, 1, GROUP, START + 1 + MINUTE) == "welcome"


def test_what_a_full_group_refuses_costs_its_person_nothing(quotas: Quotas) -> None:
    for person in range(1, 16):
        admit(quotas, person, GROUP, START)
    for _ in range(20):
        admit(quotas, ANN, GROUP, START)
    assert [admit(quotas, ANN, ANN, START) for _ in range(11)] == ["welcome"] * 10 + ["person"]


def test_a_backlog_is_judged_by_when_it_was_asked(quotas: Quotas) -> None:
    """All of it may come in the same second, after the bot was away."""
    assert {admit(quotas, ANN, ANN, START + 10 * number) for number in range(500)} == {"welcome"}


def test_an_older_question_that_comes_later_counts_too(quotas: Quotas) -> None:
    for number in range(10):
        assert admit(quotas, ANN, ANN, START - 10 * number) == "welcome"
    assert admit(quotas, ANN, GROUP, START - 200) == "person"
    assert admit(quotas, ANN, ANN, START + MINUTE - 1) == "person"
    assert admit(quotas, BEN, GROUP, START - 200) == "welcome"
    assert admit(quotas, ANN, ANN, START + MINUTE) == "welcome"


def test_whoever_is_forgotten_starts_anew(quotas: Quotas) -> None:
    for _ in range(20):
        admit(quotas, ANN, ANN, START)
    quotas.forget(ANN)
    assert [admit(quotas, ANN, ANN, START) for _ in range(11)] == ["welcome"] * 10 + ["person"]
    quotas.forget(BEN)  # of whom nothing is known


def test_only_who_asked_of_late_is_remembered(quotas: Quotas) -> None:
    for number in range(3 * REMEMBERED):
        now = START + number / 1000
        admit(quotas, number + 1, number + 1, now)
        quotas.may_tell(-number, now)  # strangers, where only some are invited
        if number % 1000 == 0:
            admit(quotas, ANN, ANN, now)
    assert len(quotas._counted) == REMEMBERED
    assert admit(quotas, ANN, ANN, now) == "silent"  # whoever floods is not forgotten


def test_a_question_that_is_tried_again_counts_once(quotas: Quotas) -> None:
    for message in range(10):
        for _ in range(3):
            assert quotas.admit(ANN, ANN, START, message) == "welcome"
    assert quotas.admit(ANN, ANN, START, 10) == "person"


def test_who_is_forgotten_has_asked_nothing(quotas: Quotas) -> None:
    assert quotas.admit(ANN, ANN, START, 1) == "welcome"
    quotas.forget(ANN)
    assert str(ANN) not in str(vars(quotas))
