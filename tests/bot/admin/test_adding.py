"""An address, a file or a forwarded post: shown to the admin first, and an article after one tap."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import CAPES, COST, lighthouse
from fakes import Wired, until, wired
from press import Bench, Press, page
from updates import ANN, CHANNEL, buttons, press, private, tap

from bot.admin import acts, adding
from bot.assistant import Assistant
from bot.posting import watches
from bot.records.audit import AuditLog
from bot.records.pending_items import DAY, PendingItems, forget_person
from bot.text.words import words_for
from corpus import submissions
from corpus.database import Database
from corpus.errors import CitewireError
from corpus.intake import MAX_BYTES

ADMIN = 1  # in the fixture `config`
URL = "https://harbour.example/ferry"
FERRY = """The ferry to Cape Arden sails at seven every morning from the old harbour.
A ticket costs 14 crowns, and children under six travel free of charge.
Sign up to our newsletter: the best stories straight to your inbox."""
FARE = "How many crowns does a ticket for the ferry cost?"
words = words_for("en")


@pytest.fixture
def web() -> Press:
    """A web with one article."""
    made = Press()
    made.put(URL, page("The ferry", FERRY, '<meta property="og:site_name" content="Harbour News">'))
    return made


@pytest.fixture
async def desk(coast: Assistant, monkeypatch: pytest.MonkeyPatch, web: Press) -> AsyncIterator[Wired]:
    """The bot, before which that web is."""
    monkeypatch.setattr("corpus.feeds.feed_reader.Web", lambda: web)
    monkeypatch.setattr("corpus.feeds.feed_reader.ParserProcess", Bench)
    async with wired(coast, monkeypatch, per_person=10_000, per_chat=10_000) as made:
        yield made


def file(
    bot: Wired, data: bytes, name: str | None = "ferry.txt", size: int | None = None, **more: Any
) -> Any:
    """A file that the admin sends; `size` is what Telegram states, where that is another than it has."""
    bot.api.files["F"] = data
    stated = {"file_size": len(data) if size is None else size} | ({"file_name": name} if name else {})
    document = {"file_id": "F", "file_unique_id": "1", **stated}
    return private(None, more.pop("user", ADMIN), document=document, **more)


def forward(text: str | None = FERRY, name: str | None = "harbour", user: int = ADMIN, **more: Any) -> Any:
    """A post of a channel that somebody forwards to the bot."""
    chat = {"id": CHANNEL, "type": "channel", "title": "Harbour Channel"} | (
        {"username": name} if name else {}
    )
    origin = {"type": "channel", "chat": chat, "message_id": 7, "date": 1_732_000_000}
    return private(text, user, forward_origin=origin, **more)


def files(folder: Path) -> set[Path]:
    """Every file in a folder, at any depth."""
    return {each.relative_to(folder) for each in folder.rglob("*") if each.is_file()}


async def shown(bot: Wired, update: Any) -> Sent:
    """The preview that a message brings."""
    await bot.tell(update)
    return bot.api.messages[-1]


def stored(assistant: Assistant) -> set[str]:
    return set(assistant.store.fingerprints())


def audited(assistant: Assistant) -> list[tuple[int, str, str, str]]:
    return [(a.person, a.act, a.about, a.result) for _, a in AuditLog(assistant.database).newest(10)]


async def test_an_address_is_shown_put_in_at_a_tap_and_answers_a_question(
    desk: Wired, coast: Assistant
) -> None:
    before = stored(coast)
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    assert preview.text.splitlines()[:4] == ["The ferry", "Harbour News", "Language: not stated", URL]
    assert "Paragraphs: 4, passages to quote from: 1" in preview.text
    assert "“The ferry to Cape Arden sails at seven" in preview.text
    assert preview.text.endswith(f"never quoted: 1\n• {FERRY.splitlines()[-1]}")
    assert list(buttons(preview)) == ["Add", "Edit title", "Cancel"]
    assert stored(coast) == before
    await desk.calls_after(press(preview, "Add", ADMIN))
    assert preview.text == "Added: The ferry\nferry\nIt can be found now."
    assert stored(coast) == before | {"ferry"}
    assert audited(coast) == [(ADMIN, "add", "ferry", "added")]
    await desk.calls_after(press(preview, "Ask about it", ADMIN))
    assert "The ferry" in desk.api.messages[-1].text
    (answer,) = await desk.tell(private(FARE, ADMIN))
    assert "A ticket costs 14 crowns" in answer["text"]
    assert not desk.api.violations


async def test_what_is_put_in_after_all_else_was_withdrawn_is_announced(
    desk: Wired, coast: Assistant
) -> None:
    coast.store.withdraw(stored(coast), "removed")
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    await desk.calls_after(press(preview, "Add", ADMIN))
    assert "ferry" in watches.unmatched(coast.database.read())


async def test_several_addresses_are_shown_each_and_one_that_fails_says_why(desk: Wired, web: Press) -> None:
    web.put("https://harbour.example/log-in", page("Log in", "Please log in to continue.\nForgot password?"))
    nowhere = "https://harbour.example/nowhere"
    await desk.tell(private(f"/add {URL} {nowhere}\nhttps://harbour.example/log-in", ADMIN))
    first, second, third = desk.api.messages[-3:]
    assert first.text.startswith("The ferry\n")
    assert second.text == "The site answers 404 Not Found."
    assert "log-in is a login page" in third.text


async def test_an_address_of_any_length_that_fails_is_answered(desk: Wired, web: Press) -> None:
    address = "https://harbour.example/" + "x" * 4000
    web.put("https://harbour.example/", page("The ferry", FERRY))
    web.redirects[address] = ("https://harbour.example/", True)
    sent = await shown(desk, private(f"/add {address}", ADMIN))
    assert sent.text.startswith("https://harbour.example/xxx")
    assert sent.text.endswith("xxx leads to the front page of harbour.example, not to an article.")
    assert not desk.api.violations


@pytest.mark.parametrize("count", [0, adding.MOST + 1])
async def test_too_many_addresses_or_none_are_told_how_it_goes(desk: Wired, web: Press, count: int) -> None:
    (sent,) = await desk.tell(private(f"/add {' '.join([URL] * count)}", ADMIN))
    assert (sent["text"], web.asked) == (adding.HOW, [])


async def test_a_page_that_is_here_already_becomes_a_version_of_itself(
    desk: Wired, coast: Assistant, web: Press
) -> None:
    await desk.calls_after(press(await shown(desk, private(f"/add {URL}", ADMIN)), "Add", ADMIN))
    again = await shown(desk, private(f"/add {URL}?utm_source=mail", ADMIN))
    assert again.text.endswith("It is here already, as ferry.")
    web.put(URL, page("The ferry", FERRY.replace("14", "15")))
    changed = await shown(desk, private(f"/add {URL}", ADMIN))
    assert changed.text.endswith("Add makes it a new version of ferry.")
    await desk.calls_after(press(changed, "Add", ADMIN))
    assert changed.text.startswith("Changed: The ferry\nferry\n")
    article = coast.store.article("ferry")
    assert article is not None
    assert "15 crowns" in article.text
    coast.store.withdraw(["ferry"], "removed")
    back = await shown(desk, private(f"/add {URL}", ADMIN))
    assert back.text.endswith("It was withdrawn as ferry; Add puts it back.")


async def test_no_name_or_command_in_a_title_can_be_tapped(desk: Wired) -> None:
    preview = await shown(desk, forward("/forgetme says @durov at t.me/joinchat today."))
    assert preview.text.startswith("/forgetme says @durov at t.me/joinchat today.\n")
    assert preview.pieces("code")[:3] == ["/forgetme", "@durov", "t.me/joinchat"]
    assert " ".join(part.strip() for part in preview.pieces("bold")) == "says at today."


async def test_an_article_from_elsewhere_under_the_same_address_is_named(desk: Wired, web: Press) -> None:
    there = lighthouse(0)
    web.put(there.url or "", page("Another light", FERRY))
    preview = await shown(desk, private(f"/add {there.url}", ADMIN))
    assert preview.text.endswith("An article with that address is here already: light0")


@pytest.mark.parametrize("name", ["ferry.txt", "ferry.MD", "C:\\docs\\ferry.html", "../../etc/ferry.txt"])
async def test_a_file_is_shown_and_put_in(desk: Wired, coast: Assistant, name: str) -> None:
    preview = await shown(desk, file(desk, FERRY.encode(), name))
    assert "Paragraphs: " in preview.text
    await desk.calls_after(press(preview, "Add", ADMIN))
    assert "ferry" in stored(coast)
    assert [act[1:] for act in audited(coast)] == [("add", "ferry", "added")]


async def test_a_page_that_is_called_a_text_is_read_as_a_page(desk: Wired) -> None:
    preview = await shown(desk, file(desk, page("The ferry", FERRY).encode(), "ferry.txt"))
    assert preview.text.startswith("The ferry\n")
    assert "<p>" not in preview.text


@pytest.mark.parametrize(
    ("data", "name", "size", "said", "is_fetched"),
    [
        (b"%PDF-1.7 x", "paper.pdf", None, "I read no files of that kind.", False),
        (b"PK\3\4", "article.docx", None, "I read no files of that kind.", False),
        (b"PK\3\4", "articles.zip", None, "I read no files of that kind.", False),
        (FERRY.encode(), None, None, "I read no files of that kind.", False),
        (FERRY.encode(), "ferry.txt", MAX_BYTES + 1, "over 20 MB", False),
        (FERRY.encode(), "ferry.txt", 5, adding.NOT_WHOLE, True),
        (FERRY.encode(), "ferry.txt", 1000, adding.NOT_WHOLE, True),
        (b"PK\3\4\0\0\0\0" * 50, "ferry.txt", None, "looks like a ZIP", True),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "ferry.md", None, "looks like a PDF", True),
        (b"", "ferry.txt", None, "ferry.txt is empty", True),
    ],
)
async def test_what_is_no_article_in_a_file_of_a_known_kind_is_refused(
    desk: Wired,
    coast: Assistant,
    data: bytes,
    name: str | None,
    size: int | None,
    said: str,
    is_fetched: bool,
) -> None:  # fmt: skip
    before = stored(coast)
    calls = await desk.calls_after(file(desk, data, name, size))
    assert said in calls[-1].params["text"]
    assert any(call.method == "getFile" for call in calls) == is_fetched
    assert "reply_markup" not in calls[-1].params
    assert stored(coast) == before


async def test_telegram_that_does_not_hand_a_file_over_is_told_of(desk: Wired) -> None:
    desk.api.fault("getFile", "error", description="Bad Request: file is too big")
    sent = await shown(desk, file(desk, FERRY.encode()))
    assert "does not hand the file over" in sent.text


NAMES = [
    f"{way}{inside}.txt"
    for way in ("../" * 9, "..\\" * 9, "/", "C:\\", "\\\\host\\", "~/", "file:///", "./.", "%2e%2e/", "")
    for inside in (
        "etc/passwd", "a\0b", "x" * 5000, "CON", "nul", "a:b", "a\nb", "…/…", ".", "ü", " ", "日本", "\u202e",
        "a\x7fb", "$(reboot)", "`x`", "a;b", "-rf", "a|b", "*",
    )
]  # fmt: skip


@pytest.mark.slow
async def test_no_name_of_a_file_leads_anywhere(desk: Wired, coast: Assistant, tmp_path: Path) -> None:
    assert len(NAMES) == 200
    before = files(tmp_path)
    for number, name in enumerate(NAMES):
        update = file(desk, FERRY.replace("14", str(number)).encode(), name)
        preview = await shown(desk, update)
        await desk.calls_after(press(preview, "Add", ADMIN))
    added = stored(coast) - {lighthouse(n).id for n in range(len(CAPES))}
    assert len(added) == len(NAMES)
    assert all(re.fullmatch(r"[\w.-]{1,110}", number) and not number.startswith(".") for number in added)
    assert {path.parts[:2] for path in files(tmp_path) - before} <= {("data", "index")}


@pytest.mark.parametrize("name", ["harbour", None])
async def test_a_forwarded_post_is_an_article_of_its_channel(
    desk: Wired, coast: Assistant, name: str | None
) -> None:
    preview = await shown(desk, forward(name=name))
    assert preview.text.splitlines()[1].startswith("Harbour Channel · ")
    await desk.calls_after(press(preview, "Add", ADMIN))
    (article,) = [a for a in coast.store.articles() if a.outlet == "Harbour Channel"]
    assert (article.text, article.published) == (FERRY, "2024-11-19T07:06:40+00:00")
    assert article.url == ("https://t.me/harbour/7" if name else None)
    edited = await shown(desk, forward(FERRY.replace("14", "15"), name))
    assert edited.text.endswith(f"Add makes it a new version of {article.id}.")


async def test_a_forwarded_picture_is_read_by_its_caption_and_refused_without(desk: Wired) -> None:
    photo = {"photo": [{"file_id": "A", "file_unique_id": "B", "width": 90, "height": 90}]}
    assert (await shown(desk, forward(None, caption=FERRY, **photo))).text.startswith("The ferry to Cape")
    assert (await shown(desk, forward(None, **photo))).text == adding.NO_WORDS


ATTACHED = {"file_id": "F", "file_unique_id": "1", "file_size": 10}
MOVING = ATTACHED | {"width": 9, "height": 9, "duration": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"document": ATTACHED | {"file_name": "cat.mp4"}, "animation": MOVING},
        {"document": ATTACHED | {"file_name": "timetable.pdf"}},
        {"document": ATTACHED},
    ],
)
async def test_a_forwarded_post_with_a_file_of_another_kind_is_read_by_its_caption(
    desk: Wired, more: dict[str, Any]
) -> None:
    assert (await shown(desk, forward(None, caption=FERRY, **more))).text.startswith("The ferry to Cape")
    assert (await shown(desk, forward(None, **more))).text == adding.NO_WORDS


async def test_a_forwarded_article_in_a_file_is_read_and_not_its_caption(desk: Wired) -> None:
    document = file(desk, FERRY.encode())["message"]["document"]
    sent = await shown(desk, forward(None, caption="Read this one.", document=document))
    assert sent.text.startswith("The ferry to Cape")


async def test_an_album_is_read_by_its_one_caption_and_the_rest_of_it_is_passed_over(desk: Wired) -> None:
    photo = {"photo": [{"file_id": "A", "file_unique_id": "B", "width": 90, "height": 90}]}
    for words_of_it in ({}, {"caption": FERRY}, {}):
        await desk.tell(forward(None, media_group_id="7", **photo, **words_of_it))
    (preview,) = desk.api.messages
    assert preview.text.startswith("The ferry to Cape")


async def test_however_many_posts_are_forwarded_each_is_shown(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.feeds.feed_reader.ParserProcess", Bench)
    async with wired(coast, monkeypatch, per_person=2, per_chat=2) as made:
        for _ in range(5):
            await made.tell(forward())
        assert all("Add" in buttons(sent) for sent in made.api.messages)
        assert len(made.api.messages) == 5


async def test_a_command_in_a_forwarded_post_is_not_obeyed(desk: Wired, coast: Assistant) -> None:
    before = stored(coast)
    sent = await shown(desk, forward("/withdraw light1"))
    assert "no whole sentence to quote" in sent.text
    assert stored(coast) == before


async def test_what_people_hand_over_is_nothing_to_put_in(desk: Wired) -> None:
    assert (await shown(desk, file(desk, FERRY.encode(), user=ANN))).text == words("text-only")
    assert buttons(await shown(desk, forward(user=ANN))).keys() & {"Add"} == set()
    (sent,) = await desk.tell(private(f"/add {URL}", ANN))
    assert sent["text"] == words("unknown-command")
    assert not any(call.method == "getFile" for call in desk.api.calls)


# The draft.


async def test_another_title_is_asked_for_and_is_the_one_that_is_stored(
    desk: Wired, coast: Assistant
) -> None:
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    await desk.calls_after(press(preview, "Edit title", ADMIN))
    prompt = desk.api.messages[-1]
    assert (prompt.text, prompt.reply_markup["force_reply"]) == (adding.ASK_TITLE, True)
    long = await shown(desk, private("long " * 60, ADMIN, reply_to=prompt))
    assert long.text == adding.BAD_TITLE
    again = await shown(desk, private("  Sailing\nat seven ", ADMIN, reply_to=prompt))
    assert again.text.startswith("Sailing at seven\nHarbour News\n")
    assert (preview.text, buttons(preview)) == (adding.RENAMED, {})
    await desk.calls_after(press(again, "Add", ADMIN))
    article = coast.store.article("ferry")
    assert article is not None
    assert (article.title, article.text) == ("Sailing at seven", f"The ferry\n{FERRY}")


async def test_a_title_for_what_is_settled_says_so(desk: Wired) -> None:
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    await desk.calls_after(press(preview, "Edit title", ADMIN))
    prompt = desk.api.messages[-1]
    await desk.calls_after(press(preview, "Cancel", ADMIN))
    assert (await shown(desk, private("Sailing", ADMIN, reply_to=prompt))).text == adding.SETTLED


async def test_cancel_puts_nothing_in_and_no_button_works_after_it(desk: Wired, coast: Assistant) -> None:
    before = stored(coast)
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    data = buttons(preview)
    await desk.calls_after(press(preview, "Cancel", ADMIN))
    assert (preview.text, buttons(preview)) == (adding.LEFT, {})
    for label in data:
        await desk.calls_after(tap(preview, data[label], ADMIN))
    assert stored(coast) == before
    assert audited(coast) == []


@pytest.mark.parametrize("person", [ANN, 555])
async def test_only_an_admin_can_tap(desk: Wired, coast: Assistant, person: int) -> None:
    before = stored(coast)
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    (answered,) = await desk.calls_after(press(preview, "Add", person))
    assert answered.params["text"] == words("button-unknown")
    assert stored(coast) == before


async def test_of_500_taps_one_puts_it_in(desk: Wired, coast: Assistant) -> None:
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    add = press(preview, "Add", ADMIN)
    await desk.calls_after(add)
    for _ in range(499):
        again = {"callback_query": add["callback_query"] | {"id": str(id(object()))}}
        await desk.calls_after(again)
    assert audited(coast) == [(ADMIN, "add", "ferry", "added")]


async def test_a_restart_loses_no_draft(
    desk: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    async with wired(coast, monkeypatch, desk.api, desk.time) as later:
        await later.calls_after(press(preview, "Add", ADMIN))
    assert "ferry" in stored(coast)


async def test_a_draft_holds_all_of_an_article_but_what_was_taken_for_promotion(desk: Wired) -> None:
    incoming = await acts.submissions(desk.services).page(URL)
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    draft = desk.services.pending.get("draft", buttons(preview)["Add"].partition(":")[2], ADMIN)
    assert draft is not None
    assert adding._incoming(draft) == replace(incoming, article=replace(incoming.article, promotion=()))


async def test_a_draft_is_kept_for_a_day_and_goes_with_its_person(database: Database) -> None:
    now = 1000.0
    kept = PendingItems(database, lambda: now)
    number = await kept.add("draft", "{}", person=ADMIN)
    assert kept.get("draft", str(number), ADMIN) is not None
    assert [kept.get("draft", other, ADMIN) for other in ("", "x", "-1", str(number + 1))] == [None] * 4
    assert kept.get("draft", str(number), ANN) is None
    now += DAY
    assert kept.get("draft", str(number), ADMIN) is None
    other = await kept.add("draft", "{}", person=ADMIN)
    assert database.read().execute("select id from pending_items").fetchall() == [(other,)]
    database.write(lambda db: forget_person(db, ADMIN))
    assert kept.get("draft", str(other), ADMIN) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CitewireError("The disk is full."), r"The disk is full\."),
        (OSError(28, "No space left on device"), "Sorry, something went wrong .* reference [0-9A-F]{6}\\."),
    ],
)
async def test_what_is_stored_but_not_indexed_is_said_to_be_so(
    desk: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    monkeypatch.setattr(Assistant, "reindex", fail)
    await desk.calls_after(press(preview, "Add", ADMIN))
    assert re.fullmatch(rf"Added: The ferry\nferry\nIt can't be found yet: {said}", preview.text)
    assert "ferry" in stored(coast)
    assert audited(coast) == [(ADMIN, "add", "ferry", "added")]


async def test_a_title_that_is_typed_while_it_is_put_in_is_not_lost(
    desk: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    may, reindex = threading.Event(), Assistant.reindex

    def wait(*args: Any, **how: Any) -> Any:
        assert may.wait(60)
        return reindex(*args, **how)

    monkeypatch.setattr(Assistant, "reindex", wait)
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    await desk.calls_after(press(preview, "Edit title", ADMIN))
    prompt = desk.api.messages[-1]
    adding_it = asyncio.create_task(desk.calls_after(press(preview, "Add", ADMIN)))
    await until(lambda: "ferry" in stored(coast))
    again = await shown(desk, private("Sailing at seven", ADMIN, reply_to=prompt))
    may.set()
    await adding_it
    await desk.calls_after(press(again, "Add", ADMIN))
    article = coast.store.article("ferry")
    assert article is not None
    assert article.title == "Sailing at seven"


async def test_a_text_that_nobody_would_call_an_article_is_not_taken(
    desk: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "LONGEST", len(FERRY) - 1)
    refused = await shown(desk, file(desk, FERRY.encode()))
    assert refused.text == "That text has over 0 million characters: send it in parts."
    assert buttons(refused) == {}


async def test_who_asks_meanwhile_is_answered(desk: Wired) -> None:
    preview = await shown(desk, private(f"/add {URL}", ADMIN))
    _, answered = await asyncio.gather(
        desk.process({"update_id": 9001, **press(preview, "Add", ADMIN)}), desk.tell(private(COST))
    )
    assert any("million pounds" in sent["text"] for sent in answered)
