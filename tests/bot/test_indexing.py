"""The one place that brings the index up: whoever asks meanwhile shares the next run."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import lighthouse
from fakes import until

from bot.assistant import Assistant
from bot.indexing import IndexUpdater
from corpus.errors import CitewireError
from corpus.store import Incoming
from index.building.sync import Report


class Gate:
    """Holds each run of the assistant until it is let through, and counts those that began."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        self.passes = threading.Semaphore(0)
        real = Assistant.reindex

        def held(*args: object, **more: object) -> Report:
            self.begun += 1
            assert self.passes.acquire(timeout=10)
            return real(*args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(Assistant, "reindex", held)


@pytest.fixture
def gate(coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """After the articles of `coast` were indexed."""
    made = Gate(monkeypatch)
    yield made
    made.passes.release(100)


def store(assistant: Assistant, number: int) -> None:
    """One lighthouse more."""
    assistant.store.put(Incoming(replace(lighthouse(0), id=f"more{number}"), f"more:{number}", keep_id=True))


async def test_twenty_that_ask_at_once_share_one_run_and_those_who_ask_meanwhile_the_next(
    coast: Assistant, gate: Gate
) -> None:
    indexing = IndexUpdater(coast)
    gate.passes.release(2)
    store(coast, 1)
    first = [asyncio.create_task(indexing.bring_up()) for _ in range(20)]
    await until(lambda: gate.begun)
    store(coast, 2)
    meanwhile = [asyncio.create_task(indexing.bring_up()) for _ in range(20)]
    reports = await asyncio.gather(*first, *meanwhile)
    assert gate.begun == 2
    assert (len(set(map(id, reports[:20]))), len(set(map(id, reports[20:])))) == (
        1,
        1,
    )  # each run has its own
    assert reports[0].added + reports[20].added == 2  # the first may have read the second article, too
    assert set(coast.findable(["more1", "more2"])) == {"more1", "more2"}


async def test_whoever_gives_up_waiting_leaves_the_run_to_the_others(coast: Assistant, gate: Gate) -> None:
    indexing = IndexUpdater(coast)
    store(coast, 1)
    impatient, patient = (asyncio.create_task(indexing.bring_up()) for _ in range(2))
    await until(lambda: gate.begun)
    impatient.cancel()
    gate.passes.release()
    assert (await patient).added == 1


async def test_a_run_that_fails_fails_for_its_own_and_the_next_one_does_all(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing = IndexUpdater(coast)
    store(coast, 1)
    with monkeypatch.context() as full:
        full.setattr(Assistant, "reindex", lambda *_, **__: (_ for _ in ()).throw(OSError("No space left")))
        outcomes = await asyncio.gather(*(indexing.bring_up() for _ in range(2)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["No space left"] * 2
    assert (await indexing.bring_up()).added == 1


async def test_after_a_stop_nothing_is_changed(coast: Assistant) -> None:
    indexing = IndexUpdater(coast)
    await indexing.stop()
    store(coast, 1)
    with pytest.raises(CitewireError, match="stopped"):
        await indexing.bring_up()
    assert coast.findable(["more1"]) == []
