"""What is kept of answers: found again as it was noted, and forgotten without a trace."""

import json
from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from fakes import FakeTime, traces
from sqlite_utils import Database as Connection

from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage, forget_before, forget_person
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.searching.confidence import Signals

ANN, BEN = 0x1A2B_3C4D_5E6F, 200  # the first takes six bytes in the file, so that they can be looked for
GROUP = -1_001_234_567_890
SECRET = "Who stole the anchor of the Marigold?"

PLAIN = "The harbour was built in 1902."
QUOTED = "The lighthouse cost 12 million pounds. Sign up for the walk to it."
TEXT = f"{PLAIN} {QUOTED} It opened in May."
LETTER = f"PODCAST: Subscribe to our newsletter. {QUOTED} It comes straight to your inbox."


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def answer_log(database: Database, store: Store, time: FakeTime) -> AnswerLog:
    return AnswerLog(database, store, time.clock)


def put(store: Store, text: str, number: str = "harbour", title: str = "The harbour") -> Article:
    """An article as it stands now that it was stored."""
    store.put(Incoming(Article(number, title, text, outlet="Daily"), f"file:{number}"))
    stored = store.article(number)
    assert stored is not None
    return stored


def quote(article: Article, also: tuple[str, ...] = (), page: int | None = 0) -> RecordedPassage:
    """A passage of two sentences, of which the first answers."""
    start = article.text.index(QUOTED)
    sentence = (start, start + QUOTED.index(".") + 1)
    signals = Signals(cosine=0.5, match=0.25, coverage=1.0, missing=0.0, size=0.125)
    version = article.content_hash
    return RecordedPassage(
        article.id, version, start, start + len(QUOTED), sentence, 0.75, signals, also, page
    )


def asked(person: int = ANN, chat: int = ANN, **more: object) -> AnswerRecord:
    """An answer to a question that a person asked in private."""
    return replace(AnswerRecord(chat, "answered", message=7, person=person, question=SECRET), **more)


async def test_an_answer_comes_back_as_it_was_noted(answer_log: AnswerLog, store: Store) -> None:
    article = put(store, TEXT)
    given = AnswerRecord(
        GROUP, "perhaps", thread=5, asked=6, message=7, person=ANN, question=SECRET, before="Who sailed her?",
        reason="joins", head="Not sure:", generation="g000001", articles=3, shown="c1", code="de",
        about="harbour",
        quotes=(quote(article, also=("other",)), quote(article, page=None)), made=12.5,
    )  # fmt: skip
    plain = AnswerRecord(ANN, "answered")
    assert [
        each.name for each in fields(AnswerRecord) if getattr(given, each.name) == getattr(plain, each.name)
    ] == []
    await answer_log.note(given)
    await answer_log.note(asked())
    assert answer_log.get(given.id) == answer_log.of_message(GROUP, 7) == given
    assert (given.page(0), given.page(1), given.pages) == ([0], [], 1)
    assert answer_log.get("no-such-id") is answer_log.of_message(GROUP, 8) is None


async def test_signals_of_before_there_were_more_of_them_are_read(
    answer_log: AnswerLog, store: Store, database: Database
) -> None:
    given = asked(quotes=(quote(put(store, TEXT)),))
    await answer_log.note(given)
    fewer = {"cosine": 0.5, "match": 0.25, "coverage": 1.0, "missing": 0.0, "size": 0.125}
    database.write(lambda db: db.execute("update quotes set signals = ?", [json.dumps(fewer)]) and None)
    kept = answer_log.get(given.id)
    assert kept is not None
    (signals,) = (each.signals for each in kept.quotes)
    assert signals == Signals(**fewer, length=0.0, languages="same")


async def test_an_answer_is_kept_as_it_became(answer_log: AnswerLog, store: Store) -> None:
    article = put(store, TEXT)
    late = asked(state="late")
    await answer_log.note(late)
    quotes = (quote(article), quote(article, page=1))
    became = replace(
        late, state="answered", head="Not sure:", generation="g000002", articles=1, quotes=quotes
    )
    await answer_log.note(became)
    assert answer_log.get(late.id) == replace(became, made=1000.0)


async def test_what_is_shown_stays_so_when_a_tap_of_before_is_noted(answer_log: AnswerLog) -> None:
    given = asked()
    await answer_log.note(given)
    await answer_log.shows(given.id, "1")
    await answer_log.note(given)
    kept = answer_log.get(given.id)
    assert kept is not None
    assert kept.shown == "1"


AS_IT_STANDS: dict[str, Callable[[Store], object]] = {
    "as it was": lambda store: None,
    "under another title": lambda store: put(store, TEXT, title="The old harbour"),
    "after a new beginning": lambda store: put(store, f"Corrected on Monday.\n{TEXT}"),
    "after a cut": lambda store: put(store, QUOTED),
    "in a paragraph of its own": lambda store: put(store, f"{PLAIN}\n{QUOTED}\nIt opened in May."),
}
NO_MORE: dict[str, Callable[[Store], object]] = {
    "with another sum": lambda store: put(store, TEXT.replace("12", "13")),
    "with another space": lambda store: put(store, TEXT.replace("12 million", "12\u00a0million")),
    "in parts": lambda store: put(store, TEXT.replace(" Sign", "\nSign")),
    "withdrawn": lambda store: store.withdraw(["harbour"], "gone"),
    "within promotion": lambda store: put(store, f"{PLAIN}\n{LETTER}"),
}


@pytest.mark.parametrize("change", AS_IT_STANDS.values(), ids=AS_IT_STANDS)
async def test_a_passage_is_found_to_the_letter(
    change: Callable[[Store], object], answer_log: AnswerLog, store: Store
) -> None:
    noted = quote(put(store, TEXT), also=("other", "withdrawn"))
    put(store, "Another harbour.", "other")
    change(store)
    hit = answer_log.hit(noted)
    assert hit is not None
    assert hit.article == store.article("harbour")
    assert hit.text == QUOTED
    assert hit.article.text[slice(*hit.sentence)] == "The lighthouse cost 12 million pounds."
    assert (hit.confidence, hit.signals) == (noted.confidence, noted.signals)
    assert [article.id for article in hit.also] == ["other"]


@pytest.mark.parametrize("change", NO_MORE.values(), ids=NO_MORE)
async def test_a_passage_that_stands_no_more_is_not_found(
    change: Callable[[Store], object], answer_log: AnswerLog, store: Store
) -> None:
    noted = quote(put(store, TEXT))
    change(store)
    assert answer_log.hit(noted) is None


async def test_a_passage_that_turns_out_to_be_promotion_is_not_found(
    answer_log: AnswerLog, store: Store
) -> None:
    """Its article stands as it was; others of the outlet have come to hold the same paragraph."""
    article = put(store, f"{PLAIN}\n{QUOTED}")
    noted = quote(article)
    assert answer_log.hit(noted) is not None
    for number in range(5):
        put(store, f"The harbour was sold in {1950 + number}.\n{QUOTED}", f"other{number}")
    judged = store.article("harbour")
    assert judged is not None
    assert judged.content_hash == article.content_hash
    assert judged.promotion == ((noted.start, noted.end),)
    assert answer_log.hit(noted) is None


async def test_a_person_votes_once_and_may_take_it_back(answer_log: AnswerLog, database: Database) -> None:
    given = asked()
    await answer_log.note(given)

    def votes() -> list[tuple[int, str]]:
        return database.read().execute("select person, vote from votes order by person").fetchall()

    assert await answer_log.vote(given.id, ANN, "up")
    assert await answer_log.vote(given.id, BEN, "up")
    assert votes() == [(BEN, "up"), (ANN, "up")]
    assert await answer_log.vote(given.id, ANN, "down")
    assert votes() == [(BEN, "up"), (ANN, "down")]
    assert not await answer_log.vote(given.id, ANN, "down")
    assert votes() == [(BEN, "up")]


async def test_the_latest_answer_is_of_the_person_the_chat_and_the_time(
    answer_log: AnswerLog, time: FakeTime
) -> None:
    given = {}
    for at, person, chat in [(0, ANN, ANN), (10, ANN, ANN), (20, ANN, GROUP), (30, BEN, GROUP)]:
        time.now = 1000.0 + at
        given[at] = replace(asked(person, chat), made=time.now)
        await answer_log.note(given[at])
    assert answer_log.latest(ANN, ANN, 300) == given[10]
    assert answer_log.latest(GROUP, ANN, 300) == given[20]
    assert answer_log.latest(GROUP, BEN, 300) == given[30]
    assert answer_log.latest(BEN, BEN, 300) is None
    time.now = 1310.0
    assert answer_log.latest(ANN, ANN, 300) == given[10]
    time.now = 1310.5
    assert answer_log.latest(ANN, ANN, 300) is None


async def test_a_fresh_start_leaves_nothing_to_lean_on(answer_log: AnswerLog) -> None:
    leaning, others, elsewhere = (
        asked(before="Who sailed her?", reason="joins"),
        asked(BEN, ANN),
        asked(chat=GROUP),
    )
    for given in (leaning, others, elsewhere):
        await answer_log.note(given)
    await answer_log.start_afresh(ANN, ANN)
    assert answer_log.latest(ANN, ANN, 300) is None
    kept = answer_log.get(leaning.id)
    assert kept is not None
    assert (kept.question, kept.before, kept.reason, kept.person) == (None, None, None, ANN)
    assert all(answer_log.get(given.id) == replace(given, made=1000.0) for given in (others, elsewhere))


FORGETTING: dict[str, Callable[[Connection], None]] = {
    "a person": lambda db: forget_person(db, ANN),
    "what is old": lambda db: forget_before(db, 1000.5),
}


@pytest.mark.parametrize("forget", FORGETTING.values(), ids=FORGETTING)
async def test_what_is_forgotten_is_in_no_byte_of_the_database(
    forget: Callable[[Connection], None], answer_log: AnswerLog, database: Database, store: Store
) -> None:
    article = put(store, TEXT)
    details = {
        "before": f"{SECRET} Really?",
        "reason": "joins",
        "head": f"Searched for: {SECRET}",
        "asked": 6,
    }
    private, group = asked(quotes=(quote(article),), **details), asked(chat=GROUP, thread=5, **details)
    for given in (private, group):
        await answer_log.note(given)
        await answer_log.vote(given.id, ANN, "up")
    assert database.scrub()
    assert traces(database.path, ANN, SECRET) == {ANN, SECRET}
    database.write(forget)
    assert database.scrub()
    assert traces(database.path, ANN, SECRET) == set()
    bare = {"person": None, "asked": None, "question": None, "before": None, "head": "", "made": 1000.0}
    assert answer_log.get(private.id) == replace(private, chat=0, message=None, **bare)
    assert answer_log.get(group.id) == answer_log.of_message(GROUP, 7) == replace(group, **bare)
    assert database.read().execute("select person, vote from votes").fetchall() == [(None, "up")] * 2


async def test_only_who_is_to_be_forgotten_is(
    answer_log: AnswerLog, database: Database, time: FakeTime
) -> None:
    old = replace(asked(), made=900.0)
    young, others = asked(), asked(BEN, GROUP)
    for given in (old, young, others):
        await answer_log.note(given)
    database.write(lambda db: forget_before(db, 950.0))
    assert [each and each.person for each in map(answer_log.get, (old.id, young.id, others.id))] == [
        None,
        ANN,
        BEN,
    ]
    database.write(lambda db: forget_person(db, ANN))
    assert [each and each.question for each in map(answer_log.get, (young.id, others.id))] == [None, SECRET]


async def test_a_page_that_is_turned_meanwhile_brings_nobody_back(
    answer_log: AnswerLog, database: Database
) -> None:
    given = asked(head=f"Searched for: {SECRET}", before=SECRET, asked=6)
    await answer_log.note(given)
    database.write(lambda db: forget_person(db, ANN))
    await answer_log.note(replace(given, state="perhaps"))
    assert database.scrub()
    assert traces(database.path, ANN, SECRET) == set()
    kept = answer_log.get(given.id)
    assert kept is not None
    assert kept.state == "perhaps"
