"""What is kept about people, and that nothing is left of it once they are forgotten."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from fakes import Wired, traces, until, wired, working
from updates import GROUP, buttons, group, inline, membership, press, private

import bot.transport.inbox
from bot.assistant import Assistant
from bot.privacy import DAY, forget_old

ANN, BEN = 0x1A2B_3C4D_5E6F, 0x1B2C_3D4E_5F60  # six bytes each in the file, so that they can be looked for
ADMIN = 1  # in the fixture `config`
SECRET = "Who paid for the lighthouse, was it Marigold?"
OPEN = "Who paid for the lighthouse?"
ARTICLE = "The lighthouse on the northern cape cost 12 million pounds. The county paid for the lighthouse."
KEEP = 3

Arrive = Callable[..., Awaitable[None]]


@pytest.fixture
async def made(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wired]:
    (assistant.config.corpus / "lighthouse.txt").write_text(ARTICLE)
    bring_up(assistant)
    monkeypatch.setattr(bot.transport.inbox, "QUIET_SECONDS", 0.01)
    async with wired(assistant, monkeypatch, keep_days=KEEP) as bot_at_work:
        yield bot_at_work


@pytest.fixture
async def arrive(made: Wired) -> AsyncIterator[Arrive]:
    async with working(made) as come_in:
        yield come_in


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, as it is by default."""
    caplog.set_level(logging.INFO)
    return caplog


def left(assistant: Assistant, *sought: int | str) -> set[int | str]:
    """Which of it stands in any byte of the data folder; by default Ann and what she asked."""
    return traces(assistant.database.path, *(sought or (ANN, SECRET)))


async def forget(made: Wired, days: float) -> None:
    """Forget what is old, so many days from now."""
    await forget_old(replace(made.services, clock=lambda: time.time() + days * DAY))


async def lead_a_life(made: Wired, arrive: Arrive, person: int, question: str) -> None:
    """Leave questions, follow-ups, votes and turned pages behind, in private and in a group."""
    await arrive(private(question, person))
    await arrive(group(f"/ask {question}", GROUP, person))
    in_private, in_group = made.api.messages[-2:]
    await arrive(private("and who else?", person, reply_to=in_private), private(question, person, date=10**9))
    for answer in (in_private, in_group):
        assert {"👍", "👎"} < buttons(answer).keys()
        for label in list(buttons(answer))[::-1]:
            await arrive(press(answer, label, person))
    await arrive(private("/why", person, reply_to=in_private), private("/language", person))
    await arrive(private("/settings", person), inline(question, person))


async def test_forgetme_leaves_no_trace_of_a_person(
    made: Wired, arrive: Arrive, assistant: Assistant, logged: pytest.LogCaptureFixture
) -> None:
    await lead_a_life(made, arrive, ANN, SECRET)
    await lead_a_life(made, arrive, BEN, OPEN)
    await arrive(membership(ANN, "member", "kicked", ANN), membership(ANN, "kicked", "member", ANN))
    await made.services.chats.choose(ANN, "language", "de")
    assistant.database.write(lambda db: db.execute("insert into silences values (?, 1e12, 1)", [ANN]))
    assert left(assistant) == {ANN, SECRET}
    await arrive(private("/forgetme", ANN))
    await until(lambda: left(assistant) == set())
    assert left(assistant, BEN, OPEN) == {BEN, OPEN}
    assert "lighthouse" not in logged.text
    assert str(ANN) not in logged.text


async def test_an_update_that_failed_is_forgotten_too(
    made: Wired, arrive: Arrive, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.transport.inbox, "RETRY_SECONDS", 0.0)
    made.api.fault("sendMessage", "error", times=3, code=400, description="Bad Request: some fault of ours")
    await arrive(private(SECRET, ANN))
    states = "select state from inbox where person = ?"
    assert assistant.database.read().execute(states, [ANN]).fetchall() == [("dead",)]
    assert left(assistant) == {ANN, SECRET}
    await arrive(private("/forgetme", ANN))
    await until(lambda: left(assistant) == set())


async def test_what_is_kept_is_forgotten_after_some_days(
    made: Wired, arrive: Arrive, assistant: Assistant
) -> None:
    await lead_a_life(made, arrive, ANN, SECRET)
    await forget(made, KEEP - 0.01)
    assert left(assistant) == {ANN, SECRET}
    await forget(made, KEEP + 0.01)
    assert left(assistant) == set()
    passages = "select count(*) from answers join quotes on answer = id where chat = ?"
    assert assistant.database.read().execute(passages, [GROUP]).fetchone()[0] > 0


@pytest.mark.parametrize("how", ["/forgetme", "by time"])
async def test_what_an_admin_searched_for_is_forgotten_too(
    made: Wired, arrive: Arrive, assistant: Assistant, how: str
) -> None:
    await arrive(private("/articles Marigold", ADMIN))
    await arrive(private("/articles lighthouse", ADMIN))
    listed = made.api.messages[-1]
    assert left(assistant, "Marigold") == {"Marigold"}
    if how == "/forgetme":
        await arrive(private("/forgetme", ADMIN))
    else:
        await forget(made, KEEP + 0.01)
    await until(lambda: left(assistant, "Marigold") == set())
    await arrive(press(listed, "1", ADMIN))
    assert "Withdraw" in buttons(made.api.messages[-1])  # the number of an article is nobody's


async def test_who_blocked_the_bot_is_forgotten_after_as_many_days(
    made: Wired, arrive: Arrive, assistant: Assistant
) -> None:
    for person in (ANN, BEN):
        await made.services.chats.choose(person, "language", "de")
        await arrive(membership(person, "member", "kicked", person))
    await arrive(membership(BEN, "kicked", "member", BEN))
    await forget(made, KEEP - 0.01)
    assert left(assistant, ANN, BEN) == {ANN, BEN}
    await forget(made, KEEP + 0.01)
    assert left(assistant, ANN, BEN) == {BEN}
    assert made.services.chats.get(BEN).language == "de"


async def test_what_people_say_among_themselves_is_never_written(
    made: Wired, arrive: Arrive, assistant: Assistant
) -> None:
    await arrive(group(SECRET, GROUP, ANN), group(f"@somebody {SECRET}", GROUP, ANN))
    await arrive(group("/ask", GROUP, BEN))
    assert left(assistant, ANN, BEN, SECRET) == {BEN}
