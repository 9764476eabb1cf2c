"""What an admin is asked once more before it is done: one tap, a minute, one person, one chat."""

import pytest

from bot.records.confirmations import MOST, SECONDS, Confirmations

ADMIN, OTHER = 1, 2


class Clock:
    """A clock that is put forward by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def act() -> str:
    return "done"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def confirmations(clock: Clock) -> Confirmations:
    return Confirmations(clock)


def test_a_button_works_once_of_500_times(confirmations: Confirmations) -> None:
    nonce = confirmations.ask(ADMIN, ADMIN, act)
    assert [confirmations.take(nonce, ADMIN, ADMIN) for _ in range(500)] == [act, *[None] * 499]


@pytest.mark.parametrize(("person", "chat"), [(OTHER, ADMIN), (ADMIN, OTHER), (OTHER, OTHER)])
def test_nobody_else_can_use_it_or_use_it_up(confirmations: Confirmations, person: int, chat: int) -> None:
    nonce = confirmations.ask(ADMIN, ADMIN, act)
    assert confirmations.take(nonce, person, chat) is None
    assert confirmations.take(nonce, ADMIN, ADMIN) is act


@pytest.mark.parametrize(("seconds", "works"), [(SECONDS, True), (SECONDS + 0.1, False), (86_400, False)])
def test_it_works_for_a_minute(
    confirmations: Confirmations, clock: Clock, seconds: float, works: bool
) -> None:
    nonce = confirmations.ask(ADMIN, ADMIN, act)
    clock.now += seconds
    assert (confirmations.take(nonce, ADMIN, ADMIN) is act) == works


def test_a_word_that_was_never_given_does_nothing(confirmations: Confirmations) -> None:
    confirmations.ask(ADMIN, ADMIN, act)
    for word in ("", "x", "0" * 16):
        assert confirmations.take(word, ADMIN, ADMIN) is None


def test_of_too_many_the_oldest_is_forgotten(confirmations: Confirmations) -> None:
    nonces = [confirmations.ask(ADMIN, ADMIN, act) for _ in range(MOST + 1)]
    assert [confirmations.take(nonce, ADMIN, ADMIN) for nonce in nonces] == [None, *[act] * MOST]
