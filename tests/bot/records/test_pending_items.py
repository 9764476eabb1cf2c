"""What waits for a person: by number or by reply, for its time, for its person, once."""

import pytest
from fakes import FakeTime

from bot.records.pending_items import DAY, SECONDS, PendingItems, forget_person
from corpus.database import Database

ANN, BEN, GROUP = 100, 200, -300


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def pending(database: Database, time: FakeTime) -> PendingItems:
    return PendingItems(database, time.clock)


def count(database: Database) -> int:
    return int(database.read().execute("select count(*) from pending_items").fetchone()[0])


async def test_a_reply_is_awaited_for_its_time_in_its_chat(
    pending: PendingItems, time: FakeTime, database: Database
) -> None:
    await pending.await_reply("article", "kerrow", ANN)
    await pending.await_reply("words", "1", ANN, 17)
    time.now += SECONDS["article"] - 1
    assert pending.awaited(ANN).data == "kerrow"
    time.now += 2
    assert pending.awaited(ANN) is None
    assert (pending.awaited(ANN, 17).kind, pending.awaited(ANN, 17).data) == ("words", "1")
    assert pending.awaited(GROUP, 17) is pending.awaited(ANN, 18) is None
    time.now += SECONDS["words"]
    await pending.await_reply("zone", "1", GROUP, 5)
    assert count(database) == 1  # what expired is deleted with the next one
    await pending.stop_awaiting(GROUP, 5)
    assert pending.awaited(GROUP, 5) is None


async def test_what_is_awaited_last_counts(pending: PendingItems, database: Database) -> None:
    await pending.await_reply("article", "kerrow", ANN)
    await pending.await_reply("article", "arden", ANN)
    assert pending.awaited(ANN).data == "arden"
    assert count(database) == 1


@pytest.mark.parametrize("kind", ["draft", "confirmation"])
async def test_an_item_is_found_by_its_person_and_kind_alone(pending: PendingItems, kind: str) -> None:
    number = str(await pending.add(kind, "data", person=ANN, chat=ANN))
    assert pending.get(kind, number, ANN).data == "data"
    assert pending.get(kind, number, BEN) is pending.get("id", number, ANN) is None
    assert pending.awaited(ANN) is None  # it waits for a tap, not for a message


@pytest.mark.parametrize("number", ["", "x", "-1", "1.0", "٣", "9" * 40, "1 or 1"])
async def test_what_is_no_number_of_an_item_finds_none(pending: PendingItems, number: str) -> None:
    await pending.add("id", "light0")
    assert pending.get("id", number) is None


@pytest.mark.parametrize(("seconds", "found"), [(59, True), (61, False)])
async def test_a_confirmation_waits_for_a_minute(
    pending: PendingItems, time: FakeTime, seconds: int, found: bool
) -> None:
    number = str(await pending.add("confirmation", "act", person=ANN, chat=ANN))
    time.now += seconds
    assert (pending.get("confirmation", number, ANN) is not None) == found


async def test_of_many_that_remove_an_item_one_did(pending: PendingItems) -> None:
    number = str(await pending.add("confirmation", "act", person=ANN, chat=ANN))
    item = pending.get("confirmation", number, ANN)
    assert [await pending.remove(item) for _ in range(50)] == [True, *[False] * 49]


async def test_an_item_that_changed_meanwhile_is_not_removed(pending: PendingItems) -> None:
    number = str(await pending.add("draft", "one", person=ANN, chat=ANN))
    item = pending.get("draft", number, ANN)
    await pending.update(item, "two")
    assert not await pending.remove(item)
    assert pending.get("draft", number, ANN).data == "two"


async def test_a_text_keeps_its_number_and_its_time_begins_again(
    pending: PendingItems, time: FakeTime
) -> None:
    first = await pending.numbers("id", "light0", "light1")
    time.now += 29 * DAY
    assert await pending.numbers("id", "light1", "light0") == first[::-1]
    time.now += 2 * DAY
    assert [pending.text("id", number) for number in first] == ["light0", "light1"]
    time.now += 29 * DAY
    assert pending.text("id", first[0]) is None


async def test_a_search_is_its_persons(pending: PendingItems) -> None:
    (anns,) = await pending.numbers("search", "storm", person=ANN)
    (bens,) = await pending.numbers("search", "storm", person=BEN)
    assert anns != bens
    assert pending.text("search", anns, ANN) == "storm"
    assert pending.text("search", anns, BEN) is None


async def test_nothing_of_a_person_is_left(pending: PendingItems, database: Database) -> None:
    await pending.add("draft", "data", person=ANN, chat=ANN)
    await pending.numbers("search", "storm", person=ANN)
    await pending.await_reply("article", "kerrow", ANN)
    (kept,) = await pending.numbers("id", "light0")
    database.write(lambda db: forget_person(db, ANN))
    assert count(database) == 1
    assert pending.text("id", kept) == "light0"
