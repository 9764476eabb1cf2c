"""Subscriptions: which articles they want, when a post is due, and what becomes of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import lighthouse
from hypothesis import given
from hypothesis import strategies as st

from bot.posting import subscriptions as module
from bot.posting.subscription_buttons import QUIET, ZONES
from bot.posting.subscriptions import NOBODY, Choices, Subscription, Subscriptions, announce
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store

ANN, BEN, GROUP, SUPERGROUP = 100, 200, -300, -1_000_000_000_300
ARTICLE = Article("a", "The light of Arden", "It cost 3 million pounds.", "Coast Daily", language="en")


@pytest.fixture
def subscriptions(database: Database) -> Subscriptions:
    return Subscriptions(database, lambda: 1000.0)


# What.


@pytest.mark.parametrize(
    ("choices", "feed", "is_wanted"),
    [
        (Choices(), None, True),
        (Choices(feeds=(1, 2)), 2, True),
        (Choices(feeds=(1, 2)), 3, False),
        (Choices(feeds=(1, 2)), None, False),
        (Choices(outlets=("Coast Daily", "Sea Times")), None, True),
        (Choices(outlets=("coast daily",)), None, False),
        (Choices(languages=("de", "en")), None, True),
        (Choices(languages=("de",)), None, False),
        (Choices(include=("million",)), None, True),
        (Choices(include=("Paris", "arden")), None, True),  # in the title
        (Choices(include=("Paris",)), None, False),
        (Choices(exclude=("Paris",)), None, True),
        (Choices(exclude=("MILLION",)), None, False),
        (Choices(include=("million",), exclude=("pounds",)), None, False),
        (Choices(feeds=(1,), outlets=("Coast Daily",), languages=("en",), include=("light",)), 1, True),
        (Choices(feeds=(1,), outlets=("Coast Daily",), languages=("en",), include=("light",)), 2, False),
    ],
)
def test_an_article_is_wanted_by_every_choice_or_not_at_all(
    choices: Choices, feed: int | None, is_wanted: bool
) -> None:
    assert choices.want(ARTICLE, feed) == is_wanted


@pytest.mark.parametrize(
    ("word", "text", "holds"),
    [
        ("UK", "The UK signed.", True), ("UK", "The (UK) signed.", True), ("uk", "UK-based firms", True),
        ("UK", "Ukraine signed.", False), ("art", "the party", False), ("art", "modern art", True),
        ("border pact", "The border pact holds.", True), ("border pact", "The border pacts hold.", False),
        ("C++", "written in C++, mostly", True), ("C++", "written in C", False), (".*", "anything", False),
        ("[a-z]", "anything", False), ("(", "so (they say)", True), ("straße", "die STRASSE", True),
        ("мост", "Новый мост открыт", True), ("мост", "Новые мосты", False), ("橋", "新しい橋が開いた", True),
        ("東京", "AI東京2024", True), ("ميناء", "فتح ميناء جديد", True), ("ميناء", "فتح الميناء", False),
        ("2024", "in 2024.", True), ("2024", "in 12024", False),
    ],
)  # fmt: skip
def test_words_are_found_whole_and_to_the_letter(word: str, text: str, holds: bool) -> None:
    article = replace(ARTICLE, text=text)
    assert Choices(include=(word,)).want(article, None) == holds
    assert Choices(exclude=(word,)).want(article, None) != holds


# When.


def at(text: str, zone: str) -> float:
    """A local time as UNIX time; one that comes twice is the first, unless it ends in “again”."""
    local = datetime.fromisoformat(text.removesuffix(" again")).replace(tzinfo=ZoneInfo(zone))
    return local.replace(fold=int(text.endswith("again"))).timestamp()


BERLIN = "Europe/Berlin"
DAILY = Choices(rhythm="daily", hour=8, zone=BERLIN)
WEEKLY = Choices(rhythm="weekly", hour=8, weekday=0, zone=BERLIN)  # on Mondays
NIGHT = Choices(quiet=(22, 7), zone=BERLIN)


@pytest.mark.parametrize(
    ("choices", "now", "due"),
    [
        (Choices(zone=BERLIN), "2025-01-15 03:00", "2025-01-15 03:00"),
        (DAILY, "2025-01-15 07:59:59", "2025-01-15 08:00"),
        (DAILY, "2025-01-15 08:00", "2025-01-16 08:00"),
        (DAILY, "2025-12-31 09:00", "2026-01-01 08:00"),
        (WEEKLY, "2025-01-13 07:00", "2025-01-13 08:00"),
        (WEEKLY, "2025-01-13 08:00", "2025-01-20 08:00"),
        (WEEKLY, "2025-01-19 23:59", "2025-01-20 08:00"),
        (replace(WEEKLY, weekday=6), "2025-01-20 00:00", "2025-01-26 08:00"),
        # Clocks go forward on 30 March at 2:00, and back on 26 October at 3:00.
        (DAILY, "2025-03-29 09:00", "2025-03-30 08:00"),
        (DAILY, "2025-10-25 09:00", "2025-10-26 08:00"),
        (WEEKLY, "2025-03-24 08:00", "2025-03-31 08:00"),
        (WEEKLY, "2025-10-20 08:00", "2025-10-27 08:00"),
        (replace(DAILY, hour=2), "2025-03-30 01:30", "2025-03-30 03:00"),  # 2:00 is left out that day
        (replace(DAILY, hour=2), "2025-03-30 03:30", "2025-03-31 02:00"),
        (replace(DAILY, hour=2), "2025-10-26 01:30", "2025-10-26 02:00"),
        (replace(DAILY, hour=2), "2025-10-26 02:30 again", "2025-10-27 02:00"),  # once that day
        (NIGHT, "2025-01-15 21:59:59", "2025-01-15 21:59:59"),
        (NIGHT, "2025-01-15 22:00", "2025-01-16 07:00"),
        (NIGHT, "2025-01-15 23:59:59", "2025-01-16 07:00"),
        (NIGHT, "2025-01-16 00:00", "2025-01-16 07:00"),
        (NIGHT, "2025-01-16 06:59:59", "2025-01-16 07:00"),
        (NIGHT, "2025-01-16 07:00", "2025-01-16 07:00"),
        (NIGHT, "2025-12-31 22:30", "2026-01-01 07:00"),
        (NIGHT, "2025-03-29 23:00", "2025-03-30 07:00"),
        (NIGHT, "2025-10-25 23:00", "2025-10-26 07:00"),
        (NIGHT, "2025-10-26 02:30 again", "2025-10-26 07:00"),
        (replace(NIGHT, quiet=(0, 9)), "2025-01-15 23:59", "2025-01-15 23:59"),
        (replace(NIGHT, quiet=(0, 9)), "2025-01-15 00:00", "2025-01-15 09:00"),
        (replace(DAILY, quiet=(22, 9)), "2025-01-15 07:00", "2025-01-15 08:00"),  # a digest has its own time
    ],
)
def test_a_post_is_due_at_the_time_of_its_zone(choices: Choices, now: str, due: str) -> None:
    assert choices.due(at(now, BERLIN)) == at(due, BERLIN)


moments = st.integers(int(at("2024-01-01 00:00", "UTC")), int(at("2027-01-01 00:00", "UTC")))
zones = st.sampled_from(ZONES)


@given(moments, zones, st.sampled_from([span for span in QUIET.values() if span]))
def test_in_quiet_hours_a_post_waits_until_the_first_minute_after_them(
    now: int, zone: str, quiet: tuple[int, int]
) -> None:
    first, last = quiet
    quiet_hours = {hour % 24 for hour in range(first, last if first < last else last + 24)}
    moment = datetime.fromtimestamp(now, UTC)
    while moment.astimezone(ZoneInfo(zone)).hour in quiet_hours:
        moment = moment.replace(second=0) + timedelta(minutes=1)
    assert Choices(quiet=quiet, zone=zone).due(now) == moment.timestamp()


@given(moments, zones, st.integers(3, 23))  # nowhere among the zones do clocks change from three to midnight
def test_a_daily_digest_comes_at_its_hour_once_a_day(now: int, zone: str, hour: int) -> None:
    choices = Choices(rhythm="daily", hour=hour, zone=zone)
    first, second = choices.due(now), choices.due(choices.due(now))
    here, there = (datetime.fromtimestamp(each, UTC).astimezone(ZoneInfo(zone)) for each in (first, second))
    assert now < first <= now + 25 * 3600
    assert (here.hour, here.minute, here.second) == (there.hour, there.minute, there.second) == (hour, 0, 0)
    assert (there.date() - here.date()).days == 1


# What becomes of them.


async def test_a_subscription_begins_with_everything_and_stays_as_it_was_refined(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.begin(GROUP, 7, ANN, "de", "Town")
    assert made == Subscription(GROUP, 7, ANN, Choices(code="de"), None, made.id, "Town")
    await subscriptions.choose(made.id, outlets=("Coast Daily",), quiet=(22, 7), feeds=(1,))
    again = await subscriptions.begin(GROUP, 7, BEN, "en", "New Town")
    chosen = Choices(outlets=("Coast Daily",), quiet=(22, 7), feeds=(1,), code="de")
    assert again == subscriptions.get(made.id) == replace(made, choices=chosen, title="New Town")
    assert subscriptions.of(GROUP) is None
    assert subscriptions.owned(ANN) == subscriptions.in_chat(GROUP) == [again]
    assert await subscriptions.end(GROUP, 7)
    assert not await subscriptions.end(GROUP, 7)


async def test_who_is_to_be_told_of_a_pause_is_named_once(subscriptions: Subscriptions) -> None:
    for thread, owner in [(0, ANN), (5, BEN), (6, ANN), (7, GROUP)]:
        await subscriptions.begin(GROUP, thread, owner)
    assert await subscriptions.resume(GROUP) == []
    assert await subscriptions.pause(GROUP) == [NOBODY, ANN, BEN]
    assert await subscriptions.pause(GROUP) == []
    assert {each.paused for each in subscriptions.in_chat(GROUP)} == {1000.0}
    assert await subscriptions.resume(GROUP) == [NOBODY, ANN, BEN]
    assert await subscriptions.resume(GROUP) == []
    assert {each.paused for each in subscriptions.in_chat(GROUP)} == {None}


async def test_who_is_forgotten_gets_nothing_and_is_told_nothing(
    subscriptions: Subscriptions, database: Database
) -> None:
    await subscriptions.begin(ANN, 0, ANN)
    await subscriptions.begin(GROUP, 0, ANN)
    store = Store(database, announce)
    store.put(Incoming(lighthouse(0), "id:0"))
    assert posts_by_chat(database) == {ANN: 1, GROUP: 1}
    database.write(lambda db: module.forget_person(db, ANN))
    store.put(Incoming(lighthouse(1), "id:1"))
    assert posts_by_chat(database) == {GROUP: 2}
    assert await subscriptions.pause(GROUP) == [NOBODY]
    taken_over = await subscriptions.begin(GROUP, 0, BEN)
    assert taken_over.owner == BEN


async def test_what_is_paused_is_announced_nothing(subscriptions: Subscriptions, database: Database) -> None:
    await subscriptions.begin(GROUP, 0, ANN)
    await subscriptions.begin(BEN, 0, BEN)
    await subscriptions.pause(GROUP)
    Store(database, announce).put(Incoming(lighthouse(0), "id:0"))
    assert posts_by_chat(database) == {BEN: 1}


@pytest.mark.parametrize("was_subscribed", [False, True])
async def test_a_group_takes_its_subscription_along(
    subscriptions: Subscriptions, database: Database, was_subscribed: bool
) -> None:
    made = await subscriptions.begin(GROUP, 0, ANN)
    if was_subscribed:
        made = await subscriptions.begin(SUPERGROUP, 0, BEN)
    for _ in range(2):
        database.write(lambda db: module.move_chat(db, GROUP, SUPERGROUP))
    assert subscriptions.in_chat(GROUP) == []
    assert subscriptions.in_chat(SUPERGROUP) == [replace(made, chat=SUPERGROUP)]


def posts_by_chat(database: Database) -> dict[int, int]:
    """How many posts wait for each chat."""
    return dict(database.read().execute("select chat, count(*) from deliveries group by 1").fetchall())
