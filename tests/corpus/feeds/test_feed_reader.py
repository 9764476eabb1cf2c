"""Feeds that are followed: each article once, whatever the feed says, and each feed asked politely."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from conftest import seeds
from paths import DATA
from press import Bench, Press, entry, page, rss
from sites import page as answer
from sites import redirect, web_of

from corpus.article import Article
from corpus.database import Database
from corpus.feeds.feed_file import Entry, NotAFeed
from corpus.feeds.feed_reader import FeedReader, NotFollowed
from corpus.feeds.fetch import Unfetched
from corpus.reading.parser_process import ParserProcess
from corpus.store import Incoming, Store

FEED = "https://daily.example/feed.xml"
START = datetime(2024, 11, 11, 12, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86400.0
PLACES = ("harbour", "station", "museum", "theatre", "library", "bridge", "market", "stadium", "airport")


def text(number: int) -> str:
    """The text of an article that is like no other."""
    chance = random.Random(number)
    places = chance.sample(PLACES, 4)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(40)]
    return f"""The council decided on story {number} about the {places[0]} on Monday evening.
It will cost {chance.randint(2, 900)} million pounds, said {words[0].title()} of the {places[1]}.
Those who spoke against it named {", ".join(words[2:12])} and the {places[2]}.
Others wanted {", ".join(words[12:40])}, which the {places[3]} has had for years."""


def day(clock: float) -> str:
    return datetime.fromtimestamp(clock, UTC).isoformat()


@dataclass
class World:
    """A newsstand on a web of its own, with the articles that it announced."""

    press: Press
    database: Database
    now: float = START

    def __post_init__(self) -> None:
        self.announced: list[tuple[str, int | None]] = []
        self.store = Store(self.database, lambda _db, a, feed: self.announced.append((a.title, feed)))
        self.open()

    def open(self) -> None:
        """Begin as after a restart."""
        self.feed_reader = FeedReader(self.database, self.store, self.press, Bench(), lambda: self.now)

    def publish(self, url: str, title: str, number: int, head: str = "") -> None:
        """Put up an article's page."""
        self.press.put(url, page(title, text(number), head))

    def listing(self, *entries: Entry) -> None:
        """Have the feed list entries, the newest first."""
        self.press.put(FEED, rss(entries), "application/rss+xml")

    async def poll(self, seconds: float = HOUR):
        """Let time pass, then have everything its turn that is due; what the feed's turn brought."""
        self.now += seconds
        (update,) = [await self.feed_reader.update(f, self.now) for f in self.feed_reader.due(self.now)] or [
            None
        ]
        return update

    def titles(self) -> list[str]:
        """What was announced, in order."""
        return [title for title, _ in self.announced]


@pytest.fixture
def world(database: Database) -> World:
    """A world with an empty feed and one article that waits to be listed."""
    made = World(Press(), database)
    made.listing()
    return made


async def followed(world: World, *old: Entry) -> int:
    """Follow the feed, which lists one article from before, and take that in."""
    world.publish("https://daily.example/old", "Old", 0)
    world.listing(entry("https://daily.example/old", "Old"), *old)
    feed = await world.feed_reader.add(FEED)
    await world.poll(0)
    assert world.announced == []
    return feed.id


OLD = entry("https://daily.example/old", "Old")


# What comes in.


async def test_what_a_new_feed_lists_comes_in_unannounced_and_what_comes_later_is_announced(world):
    number = await followed(world)
    assert [article.title for article in world.store.articles()] == ["Old"]
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    update = await world.poll()
    assert (update.added, update.changed, update.refused) == (1, 0, [])
    assert world.announced == [("New", number)]
    await world.poll()
    assert world.announced == [("New", number)]


async def test_the_oldest_of_several_new_ones_comes_first(world):
    await followed(world)
    new = [entry(f"https://daily.example/{n}", f"Story {n}") for n in (3, 2, 1)]
    for n in (1, 2, 3):
        world.publish(f"https://daily.example/{n}", f"Story {n}", n)
    world.listing(*new, OLD)
    await world.poll()
    assert world.titles() == ["Story 1", "Story 2", "Story 3"]


async def test_what_is_older_than_the_feed_here_is_never_announced(world):
    await followed(world)
    world.publish("https://daily.example/dug-out", "Dug out", 1)
    world.listing(entry("https://daily.example/dug-out", "Dug out", published="2019-05-01T10:00:00Z"), OLD)
    assert (await world.poll()).added == 1
    assert world.announced == []


async def test_what_the_page_does_not_say_is_taken_from_the_feed(world):
    await followed(world)
    world.publish("https://www.daily.example/new", "New", 1)
    world.publish("https://elsewhere.example/new", "Theirs", 2)
    stated = day(world.now)
    world.listing(
        entry("https://www.daily.example/new", "New", published=stated),
        entry("https://elsewhere.example/new", "Theirs", published=stated),
        OLD,
    )
    await world.poll()
    articles = {article.title: article for article in world.store.articles()}
    new, theirs = articles["New"], articles["Theirs"]
    assert (new.outlet, new.published, new.language) == ("The Daily", stated, "en")
    assert new.url == "https://www.daily.example/new"
    assert theirs.outlet is None


async def test_an_edited_article_is_a_new_version_and_not_announced_again(world):
    await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    await world.poll()
    world.press.put("https://daily.example/new", page("New, corrected", text(1).replace("Monday", "Tuesday")))
    world.listing(entry("https://daily.example/new", "New, corrected"), OLD)
    update = await world.poll()
    assert (update.added, update.changed) == (0, 1)
    assert world.titles() == ["New"]
    assert "Tuesday" in world.store.articles()[0].text
    assert len(world.store.articles()) == 2


async def test_the_text_in_the_feed_counts_where_the_entry_has_no_page_or_its_page_is_a_wall(world):
    await followed(world)
    said = "".join(f"<p>{paragraph}</p>" for paragraph in text(1).split("\n"))
    wall = page("Log in", "Please log in to continue.\nForgot your password?\nRemember me")
    world.press.put("https://daily.example/walled", wall)
    walled = "".join(f"<p>{paragraph}</p>" for paragraph in text(2).split("\n"))
    world.listing(
        entry("", "Only here", key="only", content=said),
        entry("https://daily.example/walled", "Walled", content=walled),
        OLD,
    )
    assert (await world.poll()).refused == []
    assert sorted(world.titles()) == ["Only here", "Walled"]
    only, walled = (next(a for a in world.store.articles() if a.title == t) for t in ("Only here", "Walled"))
    assert "story 1" in only.text
    assert only.url is None
    assert walled.url == "https://daily.example/walled"


async def test_an_article_that_somebody_took_out_stays_out(world):
    await followed(world)
    (old,) = world.store.articles()
    world.store.withdraw([old.id], "removed")
    world.listing(entry("https://daily.example/old", "Old, edited"))
    update = await world.poll()
    assert (update.added, update.changed, update.unchanged) == (0, 0, 1)
    assert world.store.articles() == []


async def test_an_article_that_somebody_took_out_stays_out_whichever_feed_lists_it(world):
    await followed(world)
    (old,) = world.store.articles()
    world.store.withdraw([old.id], "removed")
    world.press.put(
        "https://daily.example/all.xml", rss([entry(f"{OLD.url}?utm_source=all", "Old")]), "text/xml"
    )
    feed = await world.feed_reader.add("https://daily.example/all.xml")
    assert (await world.feed_reader.update(feed, world.now)).unchanged == 1
    assert world.store.articles() == []


async def test_what_a_redirect_leads_to_is_changed_with_it(world):
    await followed(world)
    world.publish(OLD.url, "Old", 5)
    world.press.redirects["https://short.example/o"] = (OLD.url, False)
    world.listing(entry("https://short.example/o", "Rewritten"))
    assert (await world.poll()).changed == 1
    (article,) = world.store.articles()
    assert text(5) in article.text


async def test_an_article_that_moved_is_still_brought_up_to_date(world):
    await followed(world)
    world.publish("https://daily.example/2024/old", "Old", 0)
    world.listing(entry("https://daily.example/2024/old", "Old", "another"))
    assert (await world.poll()).unchanged == 1
    world.publish("https://daily.example/2024/old", "Old, rewritten", 5)
    world.listing(entry("https://daily.example/2024/old", "Old, rewritten", "another"))
    assert (await world.poll()).changed == 1
    (article,) = world.store.articles()
    assert (article.title, article.url) == ("Old, rewritten", "https://daily.example/2024/old")


async def test_an_article_that_came_in_as_a_file_is_not_changed_by_a_feed(world):
    await followed(world)
    mine = Article("mine", "Mine", text(1), url="http://daily.example/new/")
    world.store.put(Incoming(mine, "id:https://daily.example/new"), quiet=True)
    world.publish("https://daily.example/new", "New", 2)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    assert (await world.poll()).added == 0
    assert world.press.asked.count("https://daily.example/new") == 0
    world.press.redirects["https://short.example/n"] = ("https://daily.example/new", False)
    world.listing(entry("https://short.example/n", "New"), OLD)
    assert (await world.poll()).unchanged == 1
    assert world.store.article("mine").text == text(1)


# One article, announced once.


def again(url: str, title: str = "New", key: str = "") -> Callable[[World], list[Entry]]:
    return lambda world: [entry(url, title, key or url)]


def redirected(world: World) -> list[Entry]:
    world.press.redirects["https://short.example/x"] = ("https://daily.example/new", False)
    return [entry("https://short.example/x", "Something else", "other")]


def claimed(world: World) -> list[Entry]:
    link = '<link rel="canonical" href="https://daily.example/new">'
    world.publish("https://daily.example/amp/new", "New on phones", 1, link)
    return [entry("https://daily.example/amp/new", "New on phones", "amp")]


def retold(world: World) -> list[Entry]:
    told = page("New", text(1).replace("said", "told us").replace("years", "many years"))
    world.press.put("https://daily.example/new-2", told)
    return [entry("https://daily.example/new-2", "NEW", "another")]


def moved(world: World) -> list[Entry]:
    world.publish("https://daily.example/2024/new", "Another headline", 1)
    return [entry("https://daily.example/2024/new", "Another headline", "https://daily.example/new")]


REPEATS = {
    "another guid": again("https://daily.example/new", key="g2"),
    "another title": again("https://daily.example/new", title="Newer"),
    "tracking parameters": again("http://daily.example/new/?utm_source=feed&utm_medium=rss#top", key="g3"),
    "a redirect": redirected,
    "a canonical link": claimed,
    "the same title and nearly the same text": retold,
    "the same guid and another address": moved,
}


@pytest.mark.parametrize("repeat", REPEATS)
async def test_one_article_is_announced_once(world: World, repeat: str):
    await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    await world.poll()
    entries = REPEATS[repeat](world)
    world.listing(*entries, entry("https://daily.example/new", "New"), OLD)
    update = await world.poll()
    assert (update.added, update.refused) == (0, [])
    world.listing(*entries, OLD)
    await world.poll()
    assert world.titles() == ["New"]
    assert len(world.store.articles()) == 2


def same_guid(world: World) -> Entry:
    world.publish("https://daily.example/other", "Other", 2)
    return entry("https://daily.example/other", "Other", "https://daily.example/new")


def same_title(world: World) -> Entry:
    world.publish("https://daily.example/other", "New", 2)
    return entry("https://daily.example/other", "New", "other")


def same_claim(world: World) -> Entry:
    link = '<link rel="canonical" href="https://daily.example/new">'
    world.publish("https://daily.example/other", "Other", 2, link)
    return entry("https://daily.example/other", "Other", "other")


def another_site_that_claims_it(world: World) -> Entry:
    link = '<link rel="canonical" href="https://daily.example/new">'
    world.publish("https://rogue.example/other", "Other", 2, link)
    return entry("https://rogue.example/other", "Other", "other")


def a_similar_one(world: World) -> Entry:
    paragraphs = text(1).split("\n")
    paragraphs[2] = "Nobody spoke against it, and the mayor thanked all of them for that."
    world.press.put("https://daily.example/other", page("Other", "\n".join(paragraphs)))
    return entry("https://daily.example/other", "Other", "other")


def the_next_of_a_series(world: World) -> Entry:
    body = re.sub(r"\d+ million", "901 million", text(1))
    world.press.put("https://daily.example/other", page("New", body))
    return entry("https://daily.example/other", "New", "other", day(world.now + DAY))


@pytest.mark.parametrize(
    "other",
    [same_guid, same_title, same_claim, another_site_that_claims_it, a_similar_one, the_next_of_a_series],
)
async def test_two_articles_stay_two_whatever_they_have_in_common(world: World, other):
    await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    first = entry("https://daily.example/new", "New", published=day(world.now))
    world.listing(first, OLD)
    await world.poll()
    second = other(world)
    world.listing(second, first, OLD)
    await world.poll(HOUR)
    assert world.titles() == ["New", second.title]
    urls = {article.url for article in world.store.articles()}
    assert urls == {"https://daily.example/old", first.url, second.url}
    assert text(1) in world.store.article(world.store.by_url(first.url)).text


async def test_an_article_in_two_feeds_is_announced_once(world: World):
    await followed(world)
    world.press.put("https://daily.example/politics.xml", rss([OLD]), "text/xml")
    await world.feed_reader.add("https://daily.example/politics.xml")
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    both = rss([entry("https://daily.example/new?utm_source=politics", "New", "p1"), OLD])
    world.press.put("https://daily.example/politics.xml", both, "text/xml")
    world.now += HOUR
    for feed in world.feed_reader.due(world.now):
        await world.feed_reader.update(feed, world.now)
    assert world.titles() == ["New"]
    assert sum(url.startswith("https://daily.example/new") for url in world.press.asked) == 1


# One site may not write what another is quoted with.

ROGUE = "https://rogue.example/feed.xml"
FORGED = "".join(f"<p>{paragraph}</p>" for paragraph in text(7).split("\n"))


def behind_a_wall(world: World, edition: str) -> Entry:
    world.press.put(OLD.url, page("Log in", "Please log in to continue.\nRemember me"))
    return entry(OLD.url, f"Old {edition}", content=FORGED)


def by_its_key(world: World, edition: str) -> Entry:
    return entry("", f"Old {edition}", key=OLD.url, content=FORGED)


def by_its_text(world: World, edition: str) -> Entry:
    world.publish("https://rogue.example/old", f"Old {edition}", 7 if edition else 0)
    return entry("https://rogue.example/old", f"Old {edition}", key=OLD.key)


@pytest.mark.parametrize("forge", [behind_a_wall, by_its_key, by_its_text])
async def test_a_feed_can_not_change_the_article_of_another_site(world: World, forge):
    await followed(world)
    (old,) = world.store.articles()
    for edition in ("", "edited", "edited again"):
        world.press.put(ROGUE, rss([forge(world, edition), OLD], "Rogue"), "text/xml")
        await world.feed_reader.add(ROGUE)
        world.now += HOUR
        for feed in world.feed_reader.due(world.now):
            await world.feed_reader.update(feed, world.now)
    assert world.store.article(old.id) == old
    assert [a.url for a in world.store.articles() if text(7) in a.text] in ([], [None])


async def test_a_feed_can_not_put_words_behind_the_address_of_another_site(world: World):
    world.press.put("https://daily.example/walled", page("Log in", "Please log in to continue.\nRemember me"))
    forged = entry("https://daily.example/walled", "Forged", content=FORGED)
    world.press.put(ROGUE, rss([forged], "Rogue"), "text/xml")
    update = await world.feed_reader.update(await world.feed_reader.add(ROGUE), world.now)
    assert (update.added, len(update.refused)) == (0, 1)


# Sequences of lies.

LIES = (
    "guid changed", "guid duplicated", "reordered", "tracking", "title edited", "text edited", "moved",
    "feed moved", "empty", "truncated", "not modified", "failing", "undated",
)  # fmt: skip


class Liar:
    """A feed that lists the same articles in another way each time it is asked."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        always = LIES[seed % len(LIES)]
        self.kinds = {always, *(lie for lie in LIES if self.chance.random() < 0.3)}
        self.urls: list[str] = []
        self.dates: list[str] = []
        self.keys: list[str] = []
        self.titles: list[str] = []
        self.feed = FEED

    def lies(self, kind: str, chance: float = 0.4) -> bool:
        return kind in self.kinds and self.chance.random() < chance

    def publish(self) -> None:
        number = len(self.urls)
        self.urls.append(f"https://daily.example/{number}")
        self.keys.append(f"guid-{number}")
        self.titles.append(f"Headline {number}")
        self.dates.append(day(self.world.now))
        self.world.press.put(self.urls[-1], page(self.titles[-1], text(number)))

    def change(self) -> None:
        """Change some article, or the feed's own address."""
        press = self.world.press
        if not self.urls:
            return
        number = self.chance.randrange(len(self.urls))
        if self.lies("guid changed"):
            self.keys[number] += "x"
        if self.lies("guid duplicated"):
            self.keys[number] = self.keys[0]
        if self.lies("title edited"):
            self.titles[number] += ", live"
        if self.lies("text edited"):
            edited = text(number).replace("Monday", "Tuesday")
            press.put(self.urls[number], page(self.titles[number], edited))
        if self.lies("moved"):
            to = f"{self.urls[number]}-m"
            press.pages[to] = press.pages.pop(self.urls[number])
            press.redirects[self.urls[number]] = (to, True)
            self.urls[number] = to
        if self.lies("feed moved", 0.2):
            to = f"{self.feed}2"
            press.redirects[self.feed] = (to, True)
            self.feed = to

    def tell(self) -> None:
        """Have the feed say what it says this time."""
        press = self.world.press
        press.failures.pop(self.feed, None)
        if self.lies("not modified") and self.feed in press.pages:
            return
        if self.lies("failing", 0.3):
            press.failures[self.feed] = Unfetched("The site answers 503 Service Unavailable.")
        listed = [self.entry(number) for number in reversed(range(len(self.urls)))]
        if self.lies("reordered"):
            self.chance.shuffle(listed)
        body = rss([] if self.lies("empty", 0.3) else listed)
        if self.lies("truncated", 0.3):
            body = body[: self.chance.randrange(200, len(body))]
        press.put(self.feed, body, "application/rss+xml")

    def entry(self, number: int) -> Entry:
        url = self.urls[number]
        if self.lies("tracking"):
            url += f"?utm_source=rss&utm_campaign={self.chance.randrange(10**6)}"
        dated = "undated" not in self.kinds
        return entry(url, self.titles[number], self.keys[number], self.dates[number] if dated else None)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(15))
async def test_however_a_feed_lies_each_new_article_is_announced_once_and_no_old_one(world: World, seed: int):
    liar = Liar(world, seed)
    for _ in range(5):
        liar.publish()
    liar.tell()
    while not world.feed_reader.feeds():
        try:
            await world.feed_reader.add(liar.feed)
        except (Unfetched, NotAFeed):
            liar.tell()
    polls, old, known = 0, 5, None
    while polls < 30:
        world.now += HOUR
        if liar.chance.random() < 0.6:
            liar.publish()
        liar.change()
        liar.tell()
        for feed in world.feed_reader.due(world.now):
            await world.feed_reader.update(feed, world.now)
            polls += feed.due <= world.now
        row = world.database.read().execute("select first_done from feeds").fetchone()
        known = len(liar.urls) if known is None and row[0] else known
    liar.kinds &= {"undated"}
    for _ in range(3):
        liar.tell()
        await world.poll(2 * DAY)
    told = Counter(int(number) for title in world.titles() for number in re.findall(r"Headline (\d+)", title))
    assert max(told.values(), default=1) == 1
    assert not told.keys() & set(range(old))
    assert set(range(known, len(liar.urls))) <= told.keys()
    assert len(world.store.articles()) == len(liar.urls)


# Politeness.


async def test_a_feed_is_asked_with_what_it_answered_last_also_after_a_restart(world: World):
    await followed(world)
    await world.poll()
    world.open()
    await world.poll()
    conditions = dict(zip(world.press.asked, world.press.conditions, strict=True))
    etag, modified = conditions[FEED]
    assert len(etag) == 64
    assert modified == "Mon, 03 Jun 2024 10:00:00 GMT"


async def test_what_a_feed_that_was_cut_short_lacked_is_not_missed(world: World):
    await followed(world)
    for n in (1, 2):
        world.publish(f"https://daily.example/{n}", f"Story {n}", n)
    whole = rss([entry(f"https://daily.example/{n}", f"Story {n}") for n in (1, 2)])
    world.press.etags[FEED] = "the same for both"
    world.press.put(FEED, whole[: whole.rindex(b"<item>") + 40], "application/rss+xml")
    await world.poll()
    assert world.titles() == ["Story 1"]
    world.press.put(FEED, whole, "application/rss+xml")
    await world.poll()
    assert world.titles() == ["Story 1", "Story 2"]


async def test_each_failure_puts_a_feed_off_for_longer_and_many_switch_it_off_with_a_notice(world: World):
    number = await followed(world)
    world.press.failures[FEED] = Unfetched("daily.example answers 500 Internal Server Error.")
    waits = []
    while not (feed := world.feed_reader.get(number)).off:
        world.now = feed.due
        assert world.feed_reader.untold(world.now) == []
        assert (await world.feed_reader.update(feed, world.now)).failure
        waits.append(world.feed_reader.get(number).due - world.now)
    assert len(waits) == 10
    assert waits[0] >= 4 * 60
    assert waits == sorted(waits)
    assert waits[4] >= HOUR
    assert "failed 10 times" in feed.off
    world.now += 30 * DAY
    assert world.feed_reader.due(world.now) == []
    (notice,) = world.feed_reader.untold(world.now)
    assert "500 Internal Server Error" in notice.text
    await world.feed_reader.told(notice, world.now)
    assert world.feed_reader.untold(world.now + 2 * DAY) == []


async def test_one_that_answers_again_is_asked_as_often_as_before(world: World):
    number = await followed(world)
    world.press.failures[FEED] = Unfetched("daily.example answers 500 Internal Server Error.")
    for _ in range(3):
        await world.poll(2 * HOUR)
    world.press.failures.clear()
    await world.poll(2 * HOUR)
    feed = world.feed_reader.get(number)
    assert feed.failures == 0
    assert feed.due - world.now <= HOUR


async def test_a_feed_that_is_gone_is_off_at_once_and_following_it_again_asks_it_again(world: World):
    number = await followed(world)
    world.press.failures[FEED] = Unfetched("daily.example answers 410 Gone.", gone=True)
    await world.poll()
    assert "410" in world.feed_reader.get(number).off
    world.press.failures.clear()
    assert (await world.feed_reader.add(FEED)).id == number
    assert world.feed_reader.get(number).off is None
    assert [feed.id for feed in world.feed_reader.due(world.now)] == [number]


async def test_a_feed_that_wants_to_be_left_alone_is_also_after_a_restart_and_when_asked_early(world: World):
    number = await followed(world)
    world.press.failures[FEED] = Unfetched("daily.example answers 429.", retry_after=7 * HOUR)
    await world.poll()
    asked = len(world.press.asked)
    world.open()
    for _ in range(6):
        assert await world.poll() is None
        await world.feed_reader.update(world.feed_reader.get(number), world.now, early=True)
    assert len(world.press.asked) == asked
    assert await world.poll(1.1 * HOUR)


async def test_feeds_that_began_together_are_soon_asked_apart(world: World):
    for n in range(100):
        world.press.put(f"https://daily.example/{n}.xml", rss([]), "text/xml")
        await world.feed_reader.add(f"https://daily.example/{n}.xml")
    by_minute = Counter(int(feed.due // 60) for feed in world.feed_reader.feeds())
    assert len(by_minute) >= 5
    assert max(by_minute.values()) <= 40


async def test_a_clock_that_was_put_back_keeps_no_feed_waiting(world: World):
    number = await followed(world)
    world.now -= 30 * DAY
    assert [feed.id for feed in world.feed_reader.due(world.now)] == [number]
    asked = world.press.asked.count(FEED)
    await world.poll(0)
    assert world.press.asked.count(FEED) == asked + 1
    assert world.feed_reader.due(world.now) == []


async def test_what_kills_us_each_time_is_not_tried_again_at_once(world: World):
    number = await followed(world)

    async def die(*_: object, **__: object):
        raise KeyboardInterrupt

    fetch, world.press.fetch = world.press.fetch, die
    world.now += HOUR
    with pytest.raises(KeyboardInterrupt):
        await world.feed_reader.update(world.feed_reader.get(number), world.now)
    world.open()
    assert world.feed_reader.due(world.now) == []
    world.press.fetch = fetch
    assert await world.poll() is not None


async def test_two_processes_at_once_take_in_an_article_once(world: World):
    number = await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)
    world.now += HOUR
    feed, first = world.feed_reader.get(number), world.feed_reader
    world.open()
    await asyncio.gather(first.update(feed, world.now), world.feed_reader.update(feed, world.now))
    assert world.titles() == ["New"]
    assert world.press.asked.count("https://daily.example/new") == 1


async def test_what_a_feed_has_not_listed_for_long_is_forgotten_but_not_its_article(world: World):
    await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"))
    await world.poll(200 * DAY)
    rows = world.database.read().execute("select url from entries").fetchall()
    assert rows == [("https://daily.example/new",)]
    assert len(world.store.articles()) == 2


async def test_a_turn_ends_after_a_while_and_the_next_one_goes_on(world: World):
    number = await followed(world)
    new = [entry(f"https://daily.example/{n}", f"Story {n}") for n in range(1, 6)]
    for n in range(1, 6):
        world.publish(f"https://daily.example/{n}", f"Story {n}", n)
    world.listing(*new)
    fetch = world.press.fetch

    async def slow(url: str, **conditions: str):
        world.now += 25
        return await fetch(url, **conditions)

    world.press.fetch = slow
    update = await world.poll()
    assert (update.added, update.left) == (3, 2)
    assert [feed.id for feed in world.feed_reader.due(world.now)] == [number]
    asked = world.press.asked.count(FEED)
    assert (await world.poll(0)).added == 2
    assert world.press.asked.count(FEED) == asked


# Pages that are none.


async def test_a_page_that_is_no_article_is_refused_and_told_once_a_day(world: World):
    await followed(world)
    pages = DATA / "pages"
    kinds = ("login", "cookies", "missing", "javascript", "paywall")
    for kind in kinds:
        world.press.put(f"https://daily.example/{kind}", (pages / f"{kind}.html").read_bytes())
    loop = "The same sentence is said here again and again.\n" * 20
    world.press.put("https://daily.example/loop", page("Loop", loop))
    world.press.put("https://daily.example/data", b'{"a": 1}', "application/json")
    world.press.put("https://daily.example/", page("The Daily", text(9)))
    world.press.redirects["https://daily.example/dead"] = ("https://daily.example/", False)
    kinds += ("loop", "data", "dead")
    world.listing(*(entry(f"https://daily.example/{kind}", kind) for kind in kinds), OLD)
    update = await world.poll()
    assert len(update.refused) == len(kinds)
    assert [article.title for article in world.store.articles()] == ["Old"]
    (notice,) = world.feed_reader.untold(world.now)
    assert "not taken in: 8" in notice.text
    assert "https://daily.example/dead leads to the front page" in notice.text
    await world.feed_reader.told(notice, world.now)
    world.press.put("https://daily.example/late", (pages / "login.html").read_bytes())
    world.listing(entry("https://daily.example/late", "late"), OLD)
    await world.poll()
    assert world.feed_reader.untold(world.now) == []
    (notice,) = world.feed_reader.untold(world.now + DAY)
    assert "not taken in: 1" in notice.text
    assert world.feed_reader.feeds()[0].refused == 9


async def test_a_page_that_can_not_be_had_is_tried_three_times(world: World):
    await followed(world)
    url = "https://daily.example/late"
    world.listing(entry(url, "Late"), OLD)
    assert (await world.poll()).refused == []
    assert (await world.poll()).refused == []
    (said,) = (await world.poll()).refused
    assert said == f"{url}: The site answers 404 Not Found."
    await world.poll()
    assert world.press.asked.count(url) == 3
    world.publish(url, "Late", 1)
    world.listing(entry(url, "Late, edited"), OLD)
    await world.poll()
    assert world.titles() == ["Late"]


async def test_a_site_that_wants_to_be_left_alone_is_asked_for_no_further_page(world: World):
    await followed(world)
    world.listing(*(entry(f"https://daily.example/{n}", f"Story {n}") for n in (1, 2, 3)), OLD)
    busy = Unfetched("daily.example answers 429.", retry_after=2 * HOUR)
    for n in (1, 2, 3):
        world.publish(f"https://daily.example/{n}", f"Story {n}", n)
        world.press.failures[f"https://daily.example/{n}"] = busy
    await world.poll()
    assert sum(url in world.press.failures for url in world.press.asked) == 1
    world.press.failures.clear()
    assert (await world.poll()).added == 0
    assert (await world.poll(1.1 * HOUR)).added == 3


# Following.


async def test_the_same_feed_by_another_form_of_its_url_is_the_same(world: World):
    feed = await world.feed_reader.add(FEED)
    world.press.put("http://daily.example/feed.xml", rss([]), "text/xml")
    world.press.redirects["https://feeds.example/daily"] = (FEED, False)
    for form in ("http://daily.example/feed.xml", f"{FEED}?utm_source=x", "https://feeds.example/daily"):
        assert (await world.feed_reader.add(form)).id == feed.id
    assert len(world.feed_reader.feeds()) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
        '<link rel="alternate" type="text/x" href="/x"><LINK REL="Alternate" TYPE="Application/RSS+XML" '
        'HREF="feed.xml">',
        '<base href="https://daily.example/a/b"><link rel="alternate home" type="application/atom+xml" '
        'href="../feed.xml">',
    ],
)
async def test_a_page_that_names_a_feed_leads_to_it(world: World, link: str):
    world.press.put("https://daily.example/news", page("The Daily", text(1), link))
    assert (await world.feed_reader.add("https://daily.example/news")).url == FEED


@pytest.mark.parametrize(
    "link",
    [
        "",
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="stylesheet" type="application/rss+xml" href="/feed.xml">',
        '<link rel="alternate" type="application/rss+xml" href="/news">',
    ],
)
async def test_a_page_that_names_none_is_refused(world: World, link: str):
    world.press.put("https://daily.example/news", page("The Daily", text(1), link))
    with pytest.raises(NotAFeed, match=r"^https://daily.example/news is no feed; give"):
        await world.feed_reader.add("https://daily.example/news")
    assert world.feed_reader.feeds() == []


@pytest.mark.parametrize(("for_good", "url"), [(True, "https://daily.example/rss"), (False, FEED)])
async def test_a_feed_that_moved_for_good_is_asked_there(world: World, for_good, url: str):
    number = await followed(world)
    world.press.put("https://daily.example/rss", rss([OLD]), "text/xml")
    world.press.redirects[FEED] = ("https://daily.example/rss", for_good)
    await world.poll()
    assert world.feed_reader.get(number).url == url
    await world.poll()
    assert world.press.asked[-1] == url


async def test_a_feed_that_is_removed_is_asked_no_more_and_its_articles_stay(world: World):
    number = await followed(world)
    assert (await world.feed_reader.remove(number)).url == FEED
    assert await world.poll() is None
    assert len(world.store.articles()) == 1
    with pytest.raises(NotFollowed, match=r"^There is no feed"):
        await world.feed_reader.remove(number)
    again = await world.feed_reader.add(FEED)
    assert again.id > number
    await world.poll(0)
    assert (len(world.store.articles()), world.announced) == (1, [])


# Half an ingest.


@pytest.mark.parametrize("stage", ["fetch", "extract", "announce", "note"])
async def test_where_taking_in_fails_nothing_is_half_there_and_the_next_try_succeeds(
    world: World, monkeypatch: pytest.MonkeyPatch, stage: str
):
    await followed(world)
    world.publish("https://daily.example/new", "New", 1)
    world.listing(entry("https://daily.example/new", "New"), OLD)

    def fail(*_: object, **__: object):
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        if stage == "fetch":
            broken.setattr(world.feed_reader._feed_entries, "_web", None)
        elif stage == "extract":
            broken.setattr("corpus.feeds.feed_entries.read_page", fail)
        elif stage == "announce":
            broken.setattr(world.store, "_announce", fail)
        else:
            broken.setattr("corpus.feeds.feed_table.done", fail)
        with pytest.raises((RuntimeError, AttributeError)):
            await world.poll()
    assert len(world.store.articles()) == (2 if stage == "note" else 1)
    assert len(world.announced) == len(world.store.articles()) - 1
    await world.poll()
    assert world.titles() == ["New"]
    assert len(world.store.articles()) == 2


# On the web.


async def test_from_the_web_to_the_store(database: Database):
    store, parser = Store(database), ParserProcess()
    new = [entry("/new?utm_source=feed", "New"), entry("/login", "Log in"), entry("/gone", "Gone")]
    front = page("The Daily", text(9), '<link rel="alternate" type="application/rss+xml" href="/rss">')
    pages = {
        "/": answer(front.encode(), Content_Type="text/html"),
        "/rss": answer(rss(new), Content_Type="application/rss+xml", ETag='"one"'),
        "/new?utm_source=feed": redirect("/new", 301),
        "/new": answer(page("New – “naïve”", text(1)).encode(), Content_Type="text/html; charset=utf-8"),
        "/login": answer(page("Log in", "Please log in to continue.\nRemember me").encode()),
    }  # fmt: skip
    async with web_of(pages) as (web, site):
        feed_reader = FeedReader(database, store, web, parser)
        feed = await feed_reader.add("http://daily.example/")
        update = await feed_reader.update(feed, feed.asked)
        await feed_reader.update(feed_reader.get(feed.id), feed.asked, early=True)
        await feed_reader.close()
    assert (feed.url, feed.title) == ("http://daily.example/rss", "The Daily")
    (article,) = store.articles()
    assert (article.title, article.url) == ("New – “naïve”", "http://daily.example/new")
    (refused,) = update.refused
    assert refused.startswith("http://daily.example/login is a login page")
    asked = [head.split()[1] for head in site.heads]
    assert asked == ["/", "/rss", "/gone", "/login", "/new?utm_source=feed", "/new", "/rss"]
    assert 'if-none-match: "one"' in site.heads[-1].lower()
