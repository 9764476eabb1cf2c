"""The admin looks through the articles, takes some out after being asked, and puts them back."""

import json
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import CAPES, COST, lighthouse
from fakes import Wired
from updates import ANN, buttons, press, private, tap

from bot.admin import acts, articles
from bot.admin.articles import HINT, PAGE
from bot.admin.desk import EXPIRED, LEFT
from bot.assistant import Assistant
from bot.records.audit import AuditLog
from bot.text.words import words_for
from corpus.article import Article
from corpus.store import Incoming

ADMIN = 1  # in the fixture `config`
LIGHTS = {lighthouse(n).id for n in range(len(CAPES))}
ARDEN = "How many million pounds did the lighthouse of Cape Arden cost?"
words = words_for("en")


async def told(bot: Wired, text: str) -> Sent:
    """What an admin is shown after a message."""
    await bot.tell(private(text, ADMIN))
    return bot.api.messages[-1]


async def confirmed(bot: Wired, text: str) -> Sent:
    """What stands in place of the question, after the admin said yes to it."""
    asked = await told(bot, text)
    await bot.calls_after(press(asked, "Withdraw", ADMIN))
    return asked


def standing(assistant: Assistant) -> set[str]:
    return set(assistant.store.fingerprints())


def indexed(assistant: Assistant) -> set[str]:
    """The articles that the serving index holds."""
    serving = assistant._index_store.current()
    assert serving is not None
    try:
        return set(serving.fingerprints())
    finally:
        serving.close()


def audited(assistant: Assistant) -> list[tuple[int, str, str, str]]:
    return [(a.person, a.act, a.about, a.result) for _, a in AuditLog(assistant.database).newest(10)]


def titles(message: Sent) -> list[str]:
    return [block.splitlines()[0].partition(". ")[2] for block in message.text.split("\n\n")[1:-1]]


def mixed(assistant: Assistant) -> None:
    """Three articles of another outlet beside the lighthouses, one of them of no known date."""
    dates = {"a": "2025-01-01", "b": "2025-01-02", "c": None}
    for number, date in dates.items():
        text = f"The town council of Norchester met {number} times and mended the bridge."
        article = Article(f"Bridge/{number} ÿ", f"Straße {number}", text, "The  Courier", None, None, date)
        assistant.store.put(Incoming(article, f"test:{number}", keep_id=True))
    assistant.reindex()


# Looking.


async def test_the_articles_are_listed_by_pages_the_newest_first(bot: Wired, coast: Assistant) -> None:
    mixed(coast)
    first = await told(bot, "/articles")
    assert first.text.startswith("Articles: 11\n\n1. Straße b\nThe Courier · 2025-01-02\nBridge/b ÿ\n")
    assert first.text.endswith(HINT)
    assert len(titles(first)) == PAGE
    assert list(buttons(first)) == [*map(str, range(1, PAGE + 1)), "More ›"]
    on_first = titles(first)
    await bot.calls_after(press(first, "More ›", ADMIN))
    assert list(buttons(first)) == ["9", "10", "11", "‹ Back"]
    assert titles(first)[-1] == "Straße c"
    assert len({*on_first, *titles(first)}) == 11
    await bot.calls_after(press(first, "‹ Back", ADMIN))
    assert titles(first) == on_first
    assert not bot.api.violations


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("straSSe", ["Straße b", "Straße a", "Straße c"]),
        ("courier e/A", ["Straße a"]),
        ("bridge/c", ["Straße c"]),
        ("nothing of that kind", []),
        ("withdrawn", ["The light of Arden"]),
        ("withdrawn straße", []),
        ("arden", []),
        ("%", []),
    ],
)
async def test_articles_are_found_by_title_outlet_and_id(
    bot: Wired, coast: Assistant, query: str, found: list[str]
) -> None:
    mixed(coast)
    coast.store.withdraw(["light0"], "removed")
    assert titles(await told(bot, f"/articles {query}")) == found


async def test_ids_of_any_length_are_listed_shown_and_acted_on(bot: Wired, coast: Assistant) -> None:
    long = [f"https://news.example/{'a' * 5000}/{n}" for n in range(PAGE)]
    articles = [Article(number, f"Ferry {n}", f"The ferry sails at {n}.") for n, number in enumerate(long)]
    coast.store.put(*(Incoming(each, f"id:{each.id}", keep_id=True) for each in articles))
    coast.reindex()
    listed = await told(bot, "/articles ferry")
    assert len(titles(listed)) == PAGE
    for label in ("1", "Withdraw", "Withdraw"):
        await bot.calls_after(press(listed if label == "1" else bot.api.messages[-1], label, ADMIN))
    assert len(standing(coast) & {*long}) == PAGE - 1
    assert not bot.api.violations


async def test_a_page_of_what_was_sought_is_a_page_of_that(bot: Wired) -> None:
    listed = await told(bot, "/articles light daily")
    assert "More ›" not in buttons(listed)
    (search,) = await bot.services.pending.numbers("search", "light daily", person=ADMIN)
    await bot.calls_after(tap(listed, f"list:{search}:7", ADMIN))
    assert listed.text.startswith(f"Articles: {len(LIGHTS)}")
    assert titles(listed) == []


async def test_the_search_of_another_admin_is_no_list_of_this_one(bot: Wired) -> None:
    listed = await told(bot, "/articles light daily")
    before = listed.text
    (search,) = await bot.services.pending.numbers("search", "light daily", person=ADMIN + 1)
    (answered,) = await bot.calls_after(tap(listed, f"list:{search}:0", ADMIN))
    assert (answered.params["text"], listed.text) == (articles.OLD, before)


async def test_people_get_their_own_list(bot: Wired) -> None:
    (sent,) = await bot.tell(private("/articles", ANN))
    assert sent["text"].startswith(words("articles-count", count=len(CAPES)))
    assert "reply_markup" not in sent


async def test_an_article_shows_where_it_came_from_its_versions_and_how_often_it_was_quoted(
    bot: Wired, coast: Assistant
) -> None:
    for person in (ANN, ANN + 1):
        await bot.tell(private(ARDEN, person))
    coast.store.put(Incoming(lighthouse(0, cost=70), "id:0", keep_id=True))
    shown = await told(bot, "/article light0")
    lines = shown.text.splitlines()
    assert lines[0] == "The light of Arden"
    assert lines[1].startswith("Coast Daily · ")
    assert "From a file of JSON lines, on 20" in shown.text
    assert "\nVersions: 2\n• 20" in shown.text
    assert lines[-1] == "Quoted in answers: 2"
    assert list(buttons(shown)) == ["Ask about it", "Withdraw"]
    listed = await told(bot, "/articles arden")
    await bot.calls_after(press(listed, "1", ADMIN))
    assert bot.api.messages[-1].text == shown.text


@pytest.mark.parametrize("number", ["nothing", "x" * 3000, "yes:1", "☃"])
async def test_an_article_that_is_not_there_is_said_not_to_be(bot: Wired, number: str) -> None:
    for command in ("article", "withdraw"):
        sent = await told(bot, f"/{command} {number}")
        assert sent.text.startswith("There is no article ")
        assert buttons(sent) == {}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("article", "There is no article "),
        ("withdraw", "There is no article "),
        ("withdraw outlet", "No article of an outlet called "),
        ("restore", "No article '"),
        ("restore outlet", acts.NOTHING),
    ],
)
@pytest.mark.parametrize("letter", ["a", "😀", "☃ "])
async def test_what_is_too_long_to_be_repeated_is_answered(
    bot: Wired, command: str, said: str, letter: str
) -> None:
    room = 4096 - len(f"/{command} ")
    sent = await told(bot, f"/{command} {letter * (room // 2)}")
    assert sent.text.startswith(said)
    assert not bot.api.violations


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("article:999", articles.OLD),
        ("list:999:0", articles.OLD),
        ("about:999", words("about-unknown")),
        ("list:x", words("button-unknown")),
        ("list:1", words("button-unknown")),
        ("article:", words("button-unknown")),
        ("d:article:1", words("button-unknown")),
    ],
)
async def test_a_button_that_leads_nowhere_says_so(bot: Wired, data: str, said: str) -> None:
    listed = await told(bot, "/articles")
    (answered,) = await bot.calls_after(tap(listed, data, ADMIN))
    assert answered.params["text"] == said


# Taking out and putting back.


async def test_a_withdrawn_article_is_asked_about_then_gone_and_comes_back(
    bot: Wired, coast: Assistant
) -> None:
    asked = await told(bot, "/withdraw light0")
    assert asked.text.startswith("Withdraw “The light of Arden” (light0)?")
    assert standing(coast) == LIGHTS
    await bot.calls_after(press(asked, "Withdraw", ADMIN))
    assert asked.text == "Articles withdrawn: 1. The index knows it."
    assert standing(coast) == indexed(coast) == LIGHTS - {"light0"}
    for text in (ARDEN, COST):
        (answer,) = await bot.tell(private(text))
        assert "Cape Arden" not in json.dumps(answer, ensure_ascii=False)
    restored = await told(bot, "/restore light0")
    assert restored.text == "Articles restored: 1. The index knows it."
    assert standing(coast) == indexed(coast) == LIGHTS
    (answer,) = await bot.tell(private(ARDEN))
    assert "The lighthouse of Cape Arden cost 2 million pounds." in answer["text"]
    assert audited(coast) == [
        (ADMIN, "restore", "light0", "1 restored"),
        (ADMIN, "withdraw", "light0", "1 withdrawn"),
    ]


async def test_it_goes_by_buttons_too(bot: Wired, coast: Assistant) -> None:
    shown = await told(bot, "/article light0")
    await bot.calls_after(press(shown, "Withdraw", ADMIN))
    await bot.calls_after(press(bot.api.messages[-1], "Withdraw", ADMIN))
    assert standing(coast) == LIGHTS - {"light0"}
    shown = await told(bot, "/article light0")
    assert shown.text.endswith("Withdrawn by hand: nobody is shown it.")
    assert list(buttons(shown)) == ["Restore"]
    await bot.calls_after(press(shown, "Restore", ADMIN))
    assert standing(coast) == LIGHTS


async def test_a_button_is_about_one_article_even_if_its_id_reads_like_a_whole_outlet(
    bot: Wired, coast: Assistant
) -> None:
    number = "outlet Coast Daily"
    coast.store.put(Incoming(Article(number, "The ferry", "The ferry sails at nine."), "id:o", keep_id=True))
    coast.reindex()
    shown = await told(bot, f"/article {number}")
    await bot.calls_after(press(shown, "Withdraw", ADMIN))
    await bot.calls_after(press(bot.api.messages[-1], "Withdraw", ADMIN))
    assert standing(coast) == LIGHTS
    coast.store.withdraw(["light1"], "removed")
    await bot.calls_after(press(await told(bot, f"/article {number}"), "Restore", ADMIN))
    assert standing(coast) == LIGHTS - {"light1"} | {number}


async def test_what_a_file_took_with_it_is_not_put_back_by_hand(bot: Wired, coast: Assistant) -> None:
    coast.store.withdraw(["light0"], "gone")
    shown = await told(bot, "/article light0")
    assert shown.text.endswith("Withdrawn as its file has gone: nobody is shown it.")
    assert buttons(shown) == {}
    assert "can be put back" in (await told(bot, "/restore light0")).text
    assert standing(coast) == LIGHTS - {"light0"}


async def test_a_whole_outlet_goes_and_comes_back(bot: Wired, coast: Assistant) -> None:
    mixed(coast)
    asked = await told(bot, "/withdraw outlet coast  DAILY")
    assert asked.text.startswith("Withdraw all 8 articles of the outlet coast DAILY?")
    await bot.calls_after(press(asked, "Withdraw", ADMIN))
    assert asked.text == "Articles withdrawn: 8. The index knows it."
    assert standing(coast) == indexed(coast) == {"Bridge/a ÿ", "Bridge/b ÿ", "Bridge/c ÿ"}
    again = await told(bot, "/withdraw outlet Coast Daily")
    assert again.text.startswith("No article of an outlet called Coast Daily")
    back = await told(bot, "/restore outlet Coast Daily")
    assert back.text == "Articles restored: 8. The index knows it."
    assert standing(coast) > LIGHTS
    assert (await told(bot, "/restore outlet Coast Daily")).text == acts.NOTHING


def followed(assistant: Assistant, *ids: str) -> None:
    """A feed by which these articles came."""

    def change(db: Any) -> None:
        db.execute(
            """insert into feeds (id, url, address, title, due, asked, added)
               values (3, 'https://coast.example/feed', 'x', 'Coast feed', 9e9, 0, 0)"""
        )
        for number in ids:
            db.execute(
                """insert into entries (feed, article, address, key, url, title, content, edition, quiet,
                   seen) values (3, ?1, ?1, '', '', '', '', '', 0, 0)""",
                [number],
            )

    assistant.database.write(change)


async def test_a_whole_feed_goes_and_is_followed_no_longer(bot: Wired, coast: Assistant) -> None:
    followed(coast, "light1", "light2", "light3")
    coast.store.withdraw(["light3"], "removed")
    asked = await told(bot, "/withdraw feed 3")
    assert asked.text.startswith("Withdraw the 2 articles that came by feed 3, Coast feed, and follow it no")
    await bot.calls_after(press(asked, "Withdraw", ADMIN))
    assert asked.text == "Articles withdrawn: 2. The index knows it."
    assert standing(coast) == indexed(coast) == LIGHTS - {"light1", "light2", "light3"}
    assert (await told(bot, "/withdraw feed 3")).text == "There is no feed 3."
    assert (await told(bot, "/withdraw feed x")).text == "There is no feed 0."


async def test_no_leaves_everything(bot: Wired, coast: Assistant) -> None:
    asked = await told(bot, "/withdraw light0")
    yes = buttons(asked)["Withdraw"]
    await bot.calls_after(press(asked, "Cancel", ADMIN))
    assert asked.text == LEFT
    await bot.calls_after(tap(asked, yes, ADMIN))
    assert (asked.text, standing(coast), audited(coast)) == (EXPIRED, LIGHTS, [])


async def test_what_is_withdrawn_while_the_index_fails_is_said_to_be_withdrawn(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Assistant, "reindex", fail)
    asked = await told(bot, "/withdraw light0")
    await bot.calls_after(press(asked, "Withdraw", ADMIN))
    assert asked.text.startswith(
        "Articles withdrawn: 1. The index does not know it yet: Sorry, something went"
    )
    assert "light0" not in standing(coast)


async def test_of_500_replays_none_withdraws_again(bot: Wired, coast: Assistant) -> None:
    asked = await told(bot, "/withdraw light0")
    yes = buttons(asked)["Withdraw"]
    await bot.calls_after(tap(asked, yes, ADMIN))
    coast.store.restore(["light0"])
    for number in range(500):
        await bot.calls_after(tap(asked, yes, ADMIN if number % 5 else ANN))
    assert standing(coast) == LIGHTS
    assert audited(coast) == [(ADMIN, "withdraw", "light0", "1 withdrawn")]


async def test_a_question_of_one_admin_is_no_answer_of_another(bot: Wired, coast: Assistant) -> None:
    asked = await told(bot, "/withdraw light0")
    (answered,) = await bot.calls_after(press(asked, "Withdraw", ANN))
    assert answered.params["text"] == words("button-unknown")
    assert standing(coast) == LIGHTS


async def test_a_poisoned_source_goes_in_one_command_to_the_last_row(bot: Wired, coast: Assistant) -> None:
    """Fifty texts that stuff the words of one question: gone from every table that is searched."""
    stuffed = [
        Article(f"poison{n}", ARDEN, f"{ARDEN} {ARDEN} It cost {n}00 billion crowns, said {n}.", "Truth Now")
        for n in range(50)
    ]
    coast.store.put(*(Incoming(article, f"test:{article.id}") for article in stuffed))
    coast.reindex()
    assert "billion crowns" in (await bot.tell(private(ARDEN)))[0]["text"]
    await confirmed(bot, "/withdraw outlet Truth Now")
    assert indexed(coast) == LIGHTS
    (answer,) = await bot.tell(private(ARDEN))
    assert "billion crowns" not in json.dumps(answer)
    db = coast.database.read()
    assert db.execute("select 1 from paragraphs where article like 'poison%'").fetchall() == []
