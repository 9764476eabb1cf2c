"""The buttons of a subscription, each in its place; and what is typed because a button asked for it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import lighthouse
from fakes import Wired
from hypothesis import given
from hypothesis import strategies as st
from updates import ANN, CHANNEL, GROUP, buttons, group, person, picked, post, press, private, tap, where

from bot.assistant import Assistant
from bot.posting.subscription_buttons import ON_PAGE, ZONES
from bot.posting.subscription_prompts import MOST_WORDS, read_words, read_zone
from bot.posting.subscription_taps import PATTERN
from bot.posting.subscriptions import Choices, Subscription
from bot.text.words import LANGUAGES, words_for
from corpus.database import Database
from corpus.store import Incoming

BEN = 200
words = words_for("en")
BACK = words("back")
UNCHANGED = Choices(code="en")


@pytest.fixture(autouse=True)
def admins(bot: Wired) -> None:
    """Ann is an admin of a group and of a channel; Ben is known."""
    for chat, kind in [(GROUP, "supergroup"), (CHANNEL, "channel")]:
        bot.api.chats.learn(where(chat, kind)).members |= {ANN: "administrator", BEN: "member"}
    bot.api.users |= {ANN: person(ANN), BEN: person(BEN)}


@pytest.fixture
async def menu(bot: Wired) -> Sent:
    """What a group gets that is subscribed."""
    await bot.tell(group("/subscribe"))
    return bot.api.messages[-1]


def choices(bot: Wired) -> Choices:
    """What the one subscription asks for."""
    return only(bot).choices


def only(bot: Wired) -> Subscription:
    numbers = bot.services.database.read().execute("select id from subscriptions").fetchall()
    found = bot.subscriptions.get(numbers[0][0])
    assert found is not None
    return found


def labelled(sent: Sent, part: str) -> str:
    """The button that says so, ticked or not."""
    return next(label for label in buttons(sent) if label.removeprefix("✓ ").startswith(part))


async def walk(bot: Wired, sent: Sent, *labels: str) -> list[str]:
    """Press one button after the other; the methods called by the last one."""
    calls = []
    for label in labels:
        calls = await bot.calls_after(press(sent, labelled(sent, label)))
    return [call.method for call in calls]


def follow(database: Database, number: int, title: str, *articles: str) -> None:
    """A feed is followed that told of some articles."""
    url = f"https://feeds.example/{number}"
    feed = {"id": number, "url": url, "address": url, "title": title, "due": 0, "asked": 0, "added": 0}
    database.write(lambda db: db["feeds"].insert(feed))
    for each in articles:
        entry = dict.fromkeys(("address", "key", "url", "title", "content", "edition"), each)
        entry |= {"feed": number, "quiet": 0, "article": each, "seen": 0}
        database.write(lambda db, entry=entry: db["entries"].insert(entry))


# Buttons.

SAID = {
    "what-outlets", "what-everything", "when-daily", "when-weekly", "quiet-off", "how-silent", "how-preview",
    "how-hashtags", "back",
}  # fmt: skip


async def test_a_tap_on_what_is_chosen_already_edits_nothing(bot: Wired, menu: Sent) -> None:
    answering = ["getChatMember", "answerCallbackQuery"]
    assert await walk(bot, menu, "When", "Daily") == [*answering, "editMessageText"]
    assert await walk(bot, menu, "Daily") == answering
    assert not bot.api.violations


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_button_leads_somewhere_and_each_tap_is_answered_once(
    bot: Wired, language: str, coast: Assistant
) -> None:
    """Every screen is looked at, and every button of it is pressed once."""
    follow(coast.database, 5, "Coast feed")
    ann = person(ANN) | {"language_code": language}
    await bot.tell(group("/subscribe", user=ann))
    menu = bot.api.messages[-1]
    number = only(bot).id
    pressed: set[str] = set()
    waiting = list(buttons(menu).values())
    while waiting:
        data = waiting.pop()
        if data not in pressed and ":end:" not in data:
            await take_a_tap(bot, menu, data, ann)
            waiting += buttons(menu).values()
        pressed.add(data)
    assert {re.fullmatch(f"s:{PATTERN}", data, re.ASCII)[2] for data in pressed} >= {  # type: ignore[index]
        "menu", "what", "when", "how", "next", "end", "feeds", "outlets", "words", "all", "rhythm", "hour",
        "weekday", "zones", "zone", "ask", "quiet", "silent", "preview", "hashtags",
    }  # fmt: skip
    await take_a_tap(bot, menu, f"s:{number}:end::0", ann)
    assert menu.text == words_for(language)("unsubscribed")
    assert not bot.api.violations


async def take_a_tap(bot: Wired, sent: Sent, data: str, user: dict[str, Any]) -> None:
    calls = await bot.calls_after(tap(sent, data, user))
    answers = [call for call in calls if call.method == "answerCallbackQuery"]
    assert [each.params.get("text") for each in answers] in (
        [[None], [words_for(user["language_code"])("settings-saved")]]
    ), data
    before = [call.method for call in calls[: calls.index(answers[0])]]
    assert before == ["getChatMember"]  # who taps is checked, then answered, before anything is done
    assert all(len(each.encode()) <= 64 for each in buttons(sent).values())


@pytest.mark.parametrize(
    ("path", "changed", "said"),
    [
        (["what", "what-outlets", "Coast Daily"], {"outlets": ("Coast Daily",)}, "Outlets: Coast Daily"),
        (["when", "when-daily"], {"rhythm": "daily"}, "Every day at 08:00 (UTC)"),
        (["when", "when-daily", "17:00"], {"rhythm": "daily", "hour": 17}, "Every day at 17:00 (UTC)"),
        (
            ["when", "when-weekly", "Friday"], {"rhythm": "weekly", "weekday": 4},
            "Every week: Friday, 08:00 (UTC)",
        ),
        (["when", "Time zone: UTC", "Asia/Tokyo"], {"zone": "Asia/Tokyo"}, "As they arrive"),
        (["when", "22–07"], {"quiet": (22, 7)}, "Quiet from 22:00 to 07:00 (UTC)"),
        (["when", "00–09"], {"quiet": (0, 9)}, "Quiet from 00:00 to 09:00 (UTC)"),
        (["when", "22–07", "quiet-off"], {}, "As they arrive"),
        (["how", "how-silent"], {"silent": True}, "Posts: Silent"),
        (["how", "how-silent", "how-silent"], {}, "Every new article\nAs they arrive"),
        (["how", "how-preview"], {"preview": True}, "Posts: Link preview"),
        (["how", "how-hashtags"], {"hashtags": True}, "Posts: Hashtags"),
        (["what", "what-outlets", "Coast Daily", "Coast Daily"], {}, "Every new article"),
        (["what", "what-outlets", "Coast Daily", "back", "what-everything"], {}, "Every new article"),
    ],
)  # fmt: skip
async def test_a_button_changes_its_setting_and_the_message_says_so_in_place(
    bot: Wired, menu: Sent, path: Sequence[str], changed: dict[str, Any], said: str
) -> None:
    first, *rest = path
    labels = [
        words(f"menu-{first}"),
        *(words(each) if "-" in each or each == "back" else each for each in rest),
    ]
    await walk(bot, menu, *labels)
    assert choices(bot) == replace(UNCHANGED, **changed)
    assert said in menu.text
    assert menu.text.startswith(words("subscription-here"))
    assert len(bot.api.messages) == 1


async def test_what_is_chosen_is_ticked_alone(bot: Wired, menu: Sent) -> None:
    await walk(bot, menu, words("menu-when"), words("when-weekly"), "Sunday", "23:00")
    ticked = {label for label in buttons(menu) if label.startswith("✓")}
    assert ticked == {f"✓ {each}" for each in (words("when-weekly"), "Sunday", "23:00")}


async def test_a_second_tap_on_the_same_button_changes_nothing(bot: Wired, menu: Sent) -> None:
    await walk(bot, menu, words("menu-how"))
    data = buttons(menu)[words("how-silent")]
    for _ in range(2):
        await bot.calls_after(tap(menu, data))
    assert choices(bot).silent


async def test_outlets_are_turned_by_pages_the_most_common_first(
    bot: Wired, menu: Sent, coast: Assistant
) -> None:
    outlets = [f"Outlet {number:02}" for number in range(2 * ON_PAGE)]
    coast.store.put(
        *(Incoming(replace(lighthouse(0), id=name, outlet=name), f"o:{name}") for name in reversed(outlets))
    )
    every = ["Coast Daily", *outlets]
    await walk(bot, menu, words("menu-what"), words("what-outlets"))
    assert list(buttons(menu)) == [*every[:ON_PAGE], "›", BACK]
    await walk(bot, menu, "›")
    assert list(buttons(menu)) == [*every[ON_PAGE : 2 * ON_PAGE], "‹", "›", BACK]
    await walk(bot, menu, "Outlet 09")
    assert "✓ Outlet 09" in buttons(menu)  # on the page on which it was chosen
    await walk(bot, menu, "›")
    assert list(buttons(menu)) == [*every[2 * ON_PAGE :], "‹", BACK]
    coast.store.withdraw(["Outlet 09"], "removed")
    await walk(bot, menu, "‹", "›")
    assert "✓ Outlet 09" in buttons(menu)  # else nobody could take it back
    await walk(bot, menu, "Outlet 09")
    assert choices(bot) == UNCHANGED


async def test_feeds_and_languages_are_offered_where_there_are_any(
    bot: Wired, menu: Sent, coast: Assistant
) -> None:
    await walk(bot, menu, words("menu-what"))
    assert list(buttons(menu)) == [
        words("what-outlets"), words("what-words"), "✓ " + words("what-everything"), BACK,
    ]  # fmt: skip
    german = replace(lighthouse(0), id="de", language="de")
    coast.store.put(Incoming(german, "de"), Incoming(replace(german, id="zz", language="eo"), "eo"))
    follow(coast.database, 5, "Harbour feed")
    follow(coast.database, 3, "Coast feed", "light2")
    await walk(bot, menu, BACK, words("menu-what"), words("what-languages"))
    assert list(buttons(menu)) == ["German", "Esperanto", BACK]
    await walk(bot, menu, "German", BACK, words("what-feeds"), "Coast feed")
    assert choices(bot) == replace(UNCHANGED, languages=("de",), feeds=(3,))
    assert "Feeds: Coast feed\nLanguages: German" in menu.text
    await walk(bot, menu, BACK, words("what-languages"), "German", BACK, BACK, words("menu-next"))
    assert "The light of Calder" in menu.text  # which came by that feed


async def test_a_feed_that_is_followed_no_more_is_named_as_such_and_can_be_left_out(
    bot: Wired, menu: Sent, coast: Assistant
) -> None:
    await bot.subscriptions.choose(only(bot).id, feeds=(3,))
    gone = words("feed-gone", number="3")
    await walk(bot, menu, words("menu-what"), words("what-feeds"))
    assert words("chosen-feeds", names=gone) in menu.text
    await walk(bot, menu, gone)
    assert choices(bot).feeds == ()


FORGED = [
    "s", "s:", "s::menu::0", "s:{n}", "s:{n}:menu", "s:{n}:menu:", "s:{n}:menu:x:0", "s:{n}:nothing::0",
    "s:{n}:hour:24:0", "s:{n}:hour:-1:0", "s:{n}:hour:x:0", "s:{n}:weekday:7:0", "s:{n}:quiet:5:0",
    "s:{n}:zone:Mars/Base:0", "s:{n}:zone:Europe/Vienna:0", "s:{n}:rhythm:yearly:0", "s:{n}:rhythm::0",
    "s:{n}:silent:2:0", "s:{n}:silent::0", "s:{n}:outlets:+0000000000000000:0", "s:{n}:outlets:x:0",
    "s:{n}:outlets:+:0", "s:{n}:feeds:+1:0", "s:{n}:owner:200:0", "s:{n}:paused:1:0", "s:{n}:end:x:0",
    "s:{n}:outlets:;drop table subscriptions:0", "s:{n}:menu::-1", "s:{n}:menu::1000", "S:{n}:menu::0",
    "s:١:menu::0", "s:{n}:menu::0\n", "s:{n}:words:x:0",
]  # fmt: skip


@pytest.mark.parametrize("data", FORGED)
async def test_forged_data_does_nothing(bot: Wired, menu: Sent, data: str) -> None:
    *_, answer = await bot.calls_after(tap(menu, data.format(n=only(bot).id)))
    assert (answer.method, answer.params["text"]) == ("answerCallbackQuery", words("button-unknown"))
    assert choices(bot) == UNCHANGED


@pytest.mark.parametrize("number", ["9", "999999999999999999", "0"])
async def test_a_subscription_that_ended_is_no_more(bot: Wired, menu: Sent, number: str) -> None:
    *_, answer = await bot.calls_after(tap(menu, f"s:{number}:menu::0"))
    assert answer.params["text"] == words("subscription-gone")
    await bot.tell(group("/unsubscribe"))
    *_, answer = await bot.calls_after(press(menu, words("menu-when")))
    assert answer.params["text"] == words("subscription-gone")


async def test_what_is_chosen_holds_for_what_waits(bot: Wired, menu: Sent, coast: Assistant) -> None:
    coast.store.put(Incoming(replace(lighthouse(0), id="new"), "new"))
    due = "select digest, due - made > 60 from deliveries"
    assert coast.database.read().execute(due).fetchall() == [(0, 0)]
    await walk(bot, menu, words("menu-when"), words("when-weekly"))
    assert coast.database.read().execute(due).fetchall() == [(1, 1)]


# Preview.


async def test_a_preview_shows_the_newest_article_that_is_wanted_as_it_would_be_posted(
    bot: Wired, menu: Sent, coast: Assistant
) -> None:
    opening = (
        "The lighthouse of Cape Inver has a new lamp. It can be seen from forty miles away on clear nights."
    )
    lamp = replace(lighthouse(7), id="lamp", text=opening, published="2024-12-01")
    coast.store.put(Incoming(lamp, "lamp"))
    assert await walk(bot, menu, words("menu-next")) == [
        "getChatMember", "answerCallbackQuery", "editMessageText",
    ]  # fmt: skip
    head, shown = menu.text.split("\n\n", 1)
    assert head == words("next-post")
    assert shown == f"The light of Inver\nCoast Daily · 1 Dec 2024\n{opening}"
    assert menu.pieces("bold") == ["The light of Inver"]
    assert menu.pieces("expandable_blockquote") == [opening]
    (read,) = [each for row in menu.reply_markup["inline_keyboard"] for each in row if "url" in each]
    assert (read["text"], read["url"]) == (words("read"), "https://coast.example/Inver")
    assert list(buttons(menu)) == [BACK]
    await walk(bot, menu, BACK)
    await bot.subscriptions.choose(only(bot).id, include=("Brack",), hashtags=True)
    await walk(bot, menu, words("menu-next"))
    assert "The light of Brack" in menu.text
    assert menu.text.endswith("#Coast_Daily")
    await bot.subscriptions.choose(only(bot).id, rhythm="daily")
    await walk(bot, menu, BACK, words("menu-next"))
    assert words("digest", count=1) in menu.text
    await bot.subscriptions.choose(only(bot).id, include=("Paris",))
    await walk(bot, menu, BACK, words("menu-next"))
    assert menu.text == words("next-none")
    assert not bot.api.violations


async def test_a_preview_is_no_post(bot: Wired, menu: Sent, coast: Assistant) -> None:
    await walk(bot, menu, words("menu-next"))
    assert coast.database.read().execute("select count(*) from deliveries").fetchone() == (0,)


# What is typed.


async def prompted(bot: Wired, menu: Sent, *labels: str) -> Sent:
    """The prompt that the last of these buttons sends."""
    await walk(bot, menu, *labels)
    prompt = bot.api.messages[-1]
    assert prompt.reply_markup["force_reply"]
    return prompt


WORDS, ZONE = ("menu-what", "what-words"), ("menu-when", "when-zone", "zone-other")


async def ask_for(bot: Wired, menu: Sent, path: Sequence[str]) -> Sent:
    return await prompted(bot, menu, *(words(each, zone="UTC") for each in path))


@pytest.mark.parametrize("mode", ["mention", "questions", "off"])
async def test_words_are_typed_as_a_reply(bot: Wired, menu: Sent, mode: str) -> None:
    prompt = await ask_for(bot, menu, WORDS)
    await bot.services.chats.choose(GROUP, "mode", mode)
    (sent,) = await bot.tell(group("border pact, Iraq\n- football\n−tennis", reply_to=prompt))
    assert choices(bot) == replace(UNCHANGED, include=("border pact", "Iraq"), exclude=("football", "tennis"))
    assert "Only with one of these words: border pact or Iraq" in sent["text"]
    assert "Without these words: football or tennis" in sent["text"]
    assert words("menu-next") in buttons(bot.api.messages[-1])
    assert not bot.api.violations


async def test_a_prompt_takes_one_reply_of_an_admin_and_nothing_else(bot: Wired, menu: Sent) -> None:
    await bot.services.chats.choose(GROUP, "mode", "off")
    prompt = await ask_for(bot, menu, WORDS)
    assert await bot.tell(group("pounds")) == []  # no reply
    assert await bot.tell(group("pounds", reply_to=menu)) == []  # to the prompt
    (refused,) = await bot.tell(group("pounds", user=BEN, reply_to=prompt))
    assert refused["text"] == words("subscribe-only-admins")
    assert choices(bot) == UNCHANGED
    await bot.tell(group("pounds", reply_to=prompt))
    assert await bot.tell(group("euros", reply_to=prompt)) == []
    assert choices(bot).include == ("pounds",)


async def test_too_many_words_are_asked_for_again(bot: Wired, menu: Sent) -> None:
    prompt = await ask_for(bot, menu, WORDS)
    (sent,) = await bot.tell(group(",".join(map(str, range(MOST_WORDS + 1))), reply_to=prompt))
    assert sent["text"] == words("too-many-words", limit=MOST_WORDS)
    await bot.tell(group("pounds", reply_to=prompt))
    await bot.tell(group("/subscriptions"))
    again = await ask_for(bot, bot.api.messages[-1], WORDS)
    await bot.tell(group("-", reply_to=again))
    assert choices(bot) == UNCHANGED


@pytest.mark.parametrize(
    ("typed", "zone"), [("europe/madrid", "Europe/Madrid"), ("New York", "America/New_York")]
)
async def test_a_time_zone_is_typed_as_a_reply(bot: Wired, menu: Sent, typed: str, zone: str) -> None:
    prompt = await ask_for(bot, menu, ZONE)
    assert prompt.text == words("ask-zone")
    (sent,) = await bot.tell(group("Middle of nowhere", reply_to=prompt))
    assert sent["text"] == words("zone-unknown")
    await bot.tell(group(typed, reply_to=prompt))
    assert choices(bot) == replace(UNCHANGED, zone=zone)
    assert words("when-zone", zone=zone) in buttons(bot.api.messages[-1])


async def test_a_photo_is_no_reply_to_a_prompt(bot: Wired) -> None:
    await bot.tell(private("/subscribe"))
    await bot.subscriptions.choose(only(bot).id, include=("pounds",))
    prompt = await ask_for(bot, bot.api.messages[-2], WORDS)
    photo = {"photo": [{"file_id": "A", "file_unique_id": "B", "width": 90, "height": 90}]}
    (sent,) = await bot.tell(private(None, reply_to=prompt, **photo))
    assert sent["text"] == words("text-only")
    assert choices(bot).include == ("pounds",)


async def test_in_a_channel_words_are_asked_for_in_private(bot: Wired) -> None:
    await bot.tell(post("/subscribe"))
    menu = bot.api.messages[-1]
    await walk(bot, menu, words("menu-what"))
    calls = await bot.calls_after(press(menu, words("what-words")))
    (answer,) = [call for call in calls if call.method == "answerCallbackQuery"]
    assert (answer.params["text"], answer.params["show_alert"]) == (words("asked-in-private"), True)
    prompt = bot.api.messages[-1]
    assert prompt.chat_id == ANN
    (sent,) = await bot.tell(private("harbour", reply_to=prompt))
    assert sent["chat_id"] == ANN
    assert sent["text"].startswith(words("subscription-of", title="Town"))
    assert choices(bot).include == ("harbour",)
    bot.api.chats[ANN].bot = "left"
    await bot.calls_after(
        press(menu, words("menu-what"))
        if words("menu-what") in buttons(menu)
        else tap(menu, f"s:{only(bot).id}:words::0")
    )  # who never wrote to the bot can't be asked
    assert not bot.api.violations


async def test_who_is_no_admin_any_more_types_in_vain(bot: Wired) -> None:
    await bot.tell(picked(CHANNEL))
    prompt = await ask_for(bot, bot.api.messages[-1], WORDS)
    bot.api.chats[CHANNEL].members[ANN] = "member"
    (sent,) = await bot.tell(private("harbour", reply_to=prompt))
    assert sent["text"] == words("subscribe-only-admins")
    assert choices(bot) == UNCHANGED
    await bot.subscriptions.end(CHANNEL)
    (sent,) = await bot.tell(private("harbour", reply_to=prompt))
    assert sent["text"] == words("subscription-gone")


@pytest.mark.parametrize(
    ("text", "include", "exclude"),
    [
        ("a", ("a",), ()), ("a, b;c\nd", ("a", "b", "c", "d"), ()), ("-a", (), ("a",)),
        ("– a\n— b\n− c", (), ("a", "b", "c")), ("border  pact", ("border pact",), ()), ("a, a", ("a",), ()),
        ("-", (), ()), ("", (), ()), (", ,\n-,", (), ()), ("well-known", ("well-known",), ()),
        ("حرب، سلام", ("حرب", "سلام"), ()), ("東京、大阪", ("東京", "大阪"), ()), ("--a", (), ("-a",)),
    ],
)  # fmt: skip
def test_words_are_parted_by_commas_and_lines(
    text: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    assert read_words(text) == {"include": include, "exclude": exclude}


@given(st.text(max_size=2000))
def test_words_that_are_taken_can_be_looked_for(text: str) -> None:
    taken = read_words(text)
    if taken is not None:
        assert all(word.strip() == word != "" for word in taken["include"] + taken["exclude"])
        Choices(**taken).want(lighthouse(0), None)


@pytest.mark.parametrize("zone", [*ZONES, "Asia/Kathmandu", "Etc/GMT+5"])
def test_a_zone_has_its_name(zone: str) -> None:
    assert read_zone(zone) == read_zone(f" {zone.lower()} ") == {"zone": zone}


@pytest.mark.parametrize("text", ["", "Europe", "../etc/passwd", "/UTC", "Berlin, Germany", "x" * 4096, "\0"])
def test_what_is_no_zone_is_none(text: str) -> None:
    assert read_zone(text) is None
