"""What an admin sees: figures in a picture, what was asked in vain and by nobody, what admins did."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import COST
from fakes import Wired
from launcher import Terminal
from sqlite_utils import Database as Connection
from updates import ANN, GROUP, ago, buttons, group, press, private, tap

from bot.admin import figures
from bot.admin.picture import draw
from bot.asking.questions import LATE_SECONDS
from bot.assistant import Assistant
from bot.records.answers import AnswerRecord, put
from bot.records.audit import AuditLog
from bot.records.daily_counts import DailyCounts
from bot.text.words import words_for
from corpus.database import Database
from index.local import tables

ADMIN, BEN = 1, 200  # user 1 is an admin in the fixture `config`
VAIN = "Which sourdough starter wins quizzes?"
words = words_for("en")


def settled(coast: Assistant) -> None:
    """Wait until what is queued is stored."""
    coast.database.write(lambda _db: None)


def today(assistant: Assistant) -> dict[str, int]:
    """What was counted today."""
    settled(assistant)
    (day,) = DailyCounts(assistant.database).last(1)
    counted = {"answered": day.answered, "absent": day.absent, "up": day.up, "down": day.down}
    return {what: count for what, count in counted.items() if count}


# Counted.


async def test_each_question_is_counted_by_how_it_went(bot: Wired, coast: Assistant) -> None:
    await bot.tell(private(COST))
    await bot.tell(group(f"/ask {COST}"))
    await bot.tell(private(VAIN, BEN))
    assert today(coast) == {"answered": 2, "absent": 1}
    (day,) = DailyCounts(coast.database).last(1)
    assert sum(day.times.values()) == 3


async def test_what_was_asked_while_it_was_away_is_counted_once_it_is_answered(
    bot: Wired, coast: Assistant
) -> None:
    await bot.tell(private(COST, date=ago(LATE_SECONDS + 5)))
    assert today(coast) == {}
    await bot.calls_after(press(bot.api.messages[-1], words("answer-now")))
    assert today(coast) == {"answered": 1}


@pytest.mark.parametrize("text", ["?!", "/start", "/privacy", "/stats"])
async def test_what_is_no_question_is_not_counted(bot: Wired, coast: Assistant, text: str) -> None:
    await bot.tell(private(text))
    assert today(coast) == {}


async def test_what_nobody_put_to_the_bot_is_counted_where_it_answers(bot: Wired, coast: Assistant) -> None:
    await bot.services.chats.choose(GROUP, "mode", "questions")
    await bot.tell(group(VAIN))
    await bot.tell(group(COST))
    assert today(coast) == {"answered": 1}


async def test_votes_count_as_long_as_they_stand_and_forgotten_ones_too(bot: Wired, coast: Assistant) -> None:
    await bot.tell(group(f"/ask {COST}"))
    (answer,) = bot.api.messages
    for label, user in (("👍", ANN), ("👍", BEN), ("👎", 300), ("👎", BEN), ("👎", 300)):
        await bot.calls_after(press(answer, label, user))
    assert today(coast) == {"answered": 1, "up": 1, "down": 1}
    await bot.forget(ANN)
    assert today(coast) == {"answered": 1, "up": 1, "down": 1}


async def test_a_count_says_what_and_when_and_nothing_else(bot: Wired, coast: Assistant) -> None:
    await bot.tell(private(COST))
    settled(coast)
    rows = coast.database.read().execute("select what, count from daily").fetchall()
    assert {what for what, _ in rows if not what.startswith("took ")} == {"answered"}
    assert [column.name for column in coast.database.read()["daily"].columns] == ["day", "what", "count"]


# /stats


async def test_stats_are_a_picture_that_a_phone_can_show(bot: Wired, coast: Assistant) -> None:
    await bot.tell(private(COST))
    settled(coast)
    calls = await bot.calls_after(private("/stats", ADMIN))
    (sent,) = [call for call in calls if call.method == "sendPhoto"]
    assert sent.params["caption"].startswith("Questions of the last 14 days: 1; 100% answered")
    assert "Golden" not in sent.params["caption"]
    (size,) = bot.api.messages[-1].photo
    assert (size["width"], size["height"]) == (1080, 1272)
    assert not bot.api.violations


async def test_under_the_picture_stands_how_the_golden_questions_went(bot: Wired, coast: Assistant) -> None:
    serving = coast._index_store.current()
    assert serving is not None
    serving.db.write(lambda db: tables.set_meta(db, golden="11/12"))
    serving.close()
    await bot.tell(private(COST))
    settled(coast)
    await bot.tell(private("/stats", ADMIN))
    assert bot.api.messages[-1].text.endswith("\nGolden questions: 11/12 right in the index that serves.")


async def test_an_admin_who_blocked_the_bot_meanwhile_gets_no_picture(bot: Wired, coast: Assistant) -> None:
    await bot.tell(private(COST))
    settled(coast)
    bot.api.fault("sendPhoto", "error", code=403, description="Forbidden: bot was blocked by the user")
    await bot.calls_after(private("/stats", ADMIN))
    assert bot.services.chats.get(ADMIN).gone is not None


def counted(*days: dict[str, int]) -> Callable[[Connection], None]:
    """Puts counts into days from the first of March on."""
    rows = [
        (f"2026-03-{number:02}", what, n) for number, day in enumerate(days, 1) for what, n in day.items()
    ]
    return lambda db: db.conn.executemany("insert into daily values (?, ?, ?)", rows) and None


@pytest.mark.parametrize("days", [[{}], [{"answered": 1}], [{"absent": 10**7, "took 30": 10**7}, {}] * 7])
def test_any_days_can_be_drawn(database: Database, days: list[dict[str, int]]) -> None:
    march = DailyCounts(
        database, lambda: 1_772_323_200 + 86_400 * (len(days) - 1)
    )  # from the first of March on
    database.write(counted(*days))
    drawn = march.last(len(days))
    assert [day.answered + day.absent for day in drawn] == [
        sum(d.values()) - d.get("took 30", 0) for d in days
    ]
    assert draw(drawn).startswith(b"\x89PNG")


# /unanswered


async def asked_in_vain(bot: Wired) -> None:
    for text, user in ((VAIN, ANN), ("Who baked the bread of Zanzibar?", BEN), (f" {VAIN.upper()} ", BEN)):
        await bot.tell(private(text, user))


async def test_what_was_asked_in_vain_is_listed_without_who_asked(bot: Wired) -> None:
    await asked_in_vain(bot)
    await bot.tell(private(COST))
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    assert listed["text"].splitlines() == [
        figures.LACKING, "", f"2 × {VAIN.upper()}", "", "1 × Who baked the bread of Zanzibar?",
    ]  # fmt: skip


async def test_who_is_forgotten_asked_nothing_in_vain(bot: Wired) -> None:
    await asked_in_vain(bot)
    await bot.forget(BEN)
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    assert listed["text"].splitlines()[2:] == [f"1 × {VAIN}"]
    await bot.forget(ANN)
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    assert listed["text"] == figures.HELD


async def test_a_follow_up_is_listed_with_the_question_before(bot: Wired) -> None:
    await bot.tell(private(VAIN))
    await bot.tell(private("and in Zanzibar?"))
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    assert f"1 × {VAIN} and in Zanzibar?" in listed["text"]


async def test_its_pages_are_turned_in_place(bot: Wired, coast: Assistant) -> None:
    for number in range(25):
        given = AnswerRecord(ANN, "absent", person=ANN, question=f"Question {number}?", made=float(number))
        coast.database.write(lambda db, given=given: put(db, given))
    await bot.tell(private("/unanswered", ADMIN))
    listed = bot.api.messages[-1]
    seen = []
    for label in ("More", "More", "Back"):
        seen.append(listed.text.splitlines()[2::2])
        await bot.calls_after(press(listed, label, ADMIN))
    seen.append(listed.text.splitlines()[2::2])
    newest_first = [f"1 × Question {number}?" for number in range(24, -1, -1)]
    assert seen == [newest_first[:10], newest_first[10:20], newest_first[20:], newest_first[10:20]]
    assert not bot.api.violations


async def test_long_questions_fit_and_none_of_them_pings(bot: Wired, coast: Assistant) -> None:
    for number in range(figures.PAGE):
        text = f"{number} @everybody /start " + "🌊 @all " * 110
        given = AnswerRecord(ANN, "absent", person=ANN, question=text, made=float(number))
        coast.database.write(lambda db, given=given: put(db, given))
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    assert len(listed["text"].splitlines()) == 1 + 2 * figures.PAGE
    assert not {"mention", "bot_command"} & {each["type"] for each in bot.api.messages[-1].entities}
    assert not bot.api.violations


@pytest.mark.parametrize("asked", ["@name " * 8, "/start t.me/a " * 40, "🌊" * 250, "🌊 @a " * 250])
async def test_a_full_page_shows_every_line_whatever_was_asked(
    bot: Wired, coast: Assistant, asked: str
) -> None:
    for number in range(figures.PAGE):
        given = AnswerRecord(ANN, "absent", person=ANN, question=f"{number}? {asked}", made=float(number))
        coast.database.write(lambda db, given=given: put(db, given))
    (listed,) = await bot.tell(private("/unanswered", ADMIN))
    numbers = [line.partition(" × ")[2].partition("?")[0] for line in listed["text"].splitlines()[2::2]]
    assert numbers == list("9876543210")
    assert not {"mention", "bot_command", "url"} & {each["type"] for each in bot.api.messages[-1].entities}
    assert not bot.api.violations


@pytest.mark.parametrize(("word", "nothing"), [("unanswered", figures.HELD), ("audit", figures.IDLE)])
async def test_a_page_after_the_last_shows_no_line(bot: Wired, word: str, nothing: str) -> None:
    await asked_in_vain(bot)
    await bot.tell(private("/unanswered", ADMIN))
    listed = bot.api.messages[-1]
    await bot.calls_after(tap(listed, f"{word}:999999", ADMIN))
    assert listed.text == nothing


@pytest.mark.parametrize("word", ["unanswered", "audit"])
@pytest.mark.parametrize("value", ["", "x", "-1", "9999999", "٣"])
async def test_a_page_that_is_none_leaves_the_list_as_it_is(bot: Wired, word: str, value: str) -> None:
    await asked_in_vain(bot)
    await bot.tell(private("/unanswered", ADMIN))
    listed = bot.api.messages[-1]
    before = listed.text
    (answered,) = await bot.calls_after(tap(listed, f"{word}:{value}", ADMIN))
    assert (answered.params["text"], listed.text) == (words("button-unknown"), before)


@pytest.mark.parametrize("data", ["unanswered:0", "audit:0"])
async def test_nobody_else_turns_them(bot: Wired, data: str) -> None:
    await asked_in_vain(bot)
    await bot.tell(private("/unanswered", ADMIN))
    listed = bot.api.messages[-1]
    answer, *more = await bot.calls_after(tap(listed, data, BEN))
    assert (answer.params["text"], more) == (words("button-unknown"), [])


# /audit


async def test_what_admins_did_is_listed_newest_first(bot: Wired, coast: Assistant) -> None:
    audit = AuditLog(coast.database, lambda: 1_772_323_200.0)
    await audit.note(ADMIN, "addfeed", "https://daily.example/feed", "Feed 1 is followed: The Daily.")
    audit.note_terminal("removefeed", "1", "No longer\nfollowed.")
    (listed,) = await bot.tell(private("/audit", ADMIN))
    assert listed["text"].splitlines() == [
        figures.DONE,
        "",
        "2026-03-01 00:00 · terminal · removefeed 1: No longer followed.",
        "",
        "2026-03-01 00:00 · 1 · addfeed https://daily.example/feed: Feed 1 is followed: The Daily.",
    ]
    assert buttons(bot.api.messages[-1]) == {}


async def test_a_long_audit_has_pages_that_fit(bot: Wired, coast: Assistant) -> None:
    audit = AuditLog(coast.database)
    for number in range(figures.PAGE + 1):
        await audit.note(ADMIN, "add", f"{number}", "🌊🌊🌊 " * 120)
    await bot.tell(private("/audit", ADMIN))
    listed = bot.api.messages[-1]
    assert len(listed.text.splitlines()) == 1 + 2 * figures.PAGE
    assert buttons(listed) == {"More": "audit:1"}
    await bot.calls_after(press(listed, "More", ADMIN))
    assert listed.text.splitlines()[2].split(" · ")[2].startswith("add 0: ")
    assert buttons(listed) == {"Back": "audit:0"}
    assert not bot.api.violations


# In the terminal.


def test_the_terminal_shows_the_same(tmp_path: Path) -> None:
    citewire = Terminal(tmp_path)
    assert citewire("stats").stdout.splitlines()[-1] == "Nothing has been asked in these days."
    assert (citewire("unanswered").stdout, citewire("audit").stdout) == ("", "")
    database = Database(tmp_path / "citewire.db")
    for number in range(3):
        given = AnswerRecord(ANN, "absent", person=ANN, question=f"Question {number}?", made=float(number))
        database.write(lambda db, given=given: put(db, given))
    AuditLog(database, lambda: 1_772_323_200.0).note_terminal("remove", "light1", "Gone.")
    database.close()
    assert citewire("unanswered", "--limit", "2").stdout == "1 × Question 2?\n1 × Question 1?\n"
    assert citewire("audit").stdout == "2026-03-01 00:00 · terminal · remove light1: Gone.\n"
    assert len(citewire("stats", "--days", "3").stdout.splitlines()) == 6
