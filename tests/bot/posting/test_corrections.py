"""Corrections: what was quoted and is gone is struck out, its chat told once; nothing else is touched."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import lighthouse
from fakes import Wired, tapped, traces, until
from updates import ANN, CHANNEL, GROUP, buttons, group, person, press, private

from bot.assistant import Assistant
from bot.posting.corrections import correct
from bot.posting.rewritten import rewritten
from bot.records.answers import RecordedPassage
from bot.text.words import LANGUAGES, words_for
from corpus.article import Article
from corpus.store import Incoming
from index.searching.confidence import Signals

COST = "How many million pounds did the lighthouse of Arden cost?"
"""A question that every article about a lighthouse answers, and that about Arden best."""
BEN = 200
words = words_for("en")
TODAY = words.day(datetime.now(UTC).date().isoformat())
TEXT = """Cape Arden lies 20 miles north of the harbour. Few people live there.
The lighthouse of Cape Arden cost 2 million pounds. It opened in 1901.
No ship has run aground near Arden since then."""
OLD, NEW = "cost 2 million pounds.", "cost 5 million pounds."

Look = Callable[[], Awaitable[list[Sent]]]


def change(assistant: Assistant, text: str, number: int = 0) -> None:
    """An article as it is rewritten, found as such."""
    changed = replace(lighthouse(number), text=text)
    assistant.store.put(Incoming(changed, f"id:{number}", keep_id=True))
    assistant.reindex()


def withdraw(assistant: Assistant, number: int = 0) -> None:
    assistant.store.withdraw([f"light{number}"], "removed")
    assistant.reindex()


@pytest.fixture
def look(bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Changes are looked at until nothing is left of them; the messages that are new."""
    monkeypatch.setattr("bot.posting.corrections.OUTAGE_SECONDS", 0.0)

    async def all_of_it() -> list[Sent]:
        before = len(bot.api.messages)
        for _ in range(20):
            bot.time.now += 10
            await correct(bot.services)
        assert coast.database.read().execute("select * from altered").fetchall() == []
        await bot.work_off()
        assert not bot.api.violations
        return bot.api.messages[before:]

    return all_of_it


async def answer(bot: Wired, update: dict[str, Any]) -> Sent:
    await bot.tell(update)
    return bot.api.messages[-1]


def edits(bot: Wired) -> int:
    return sum(call.method == "editMessageText" for call in bot.api.calls)


PLACES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "private": lambda: private(COST),
    "group": lambda: group(f"/ask {COST}"),
    "topic": lambda: group(f"/ask {COST}", thread=7),
}
"""Questions, made in the test: what was made ten minutes ago counts as late."""


@pytest.mark.parametrize("question", PLACES.values(), ids=PLACES)
async def test_a_changed_sentence_is_struck_out_with_the_new_one_under_it_and_told_once(
    bot: Wired, coast: Assistant, look: Look, question: Callable[[], dict[str, Any]]
) -> None:
    bot.api.chats[GROUP].topics[7] = "open"
    sent = await answer(bot, question())
    before = buttons(sent)
    others = sent.pieces("expandable_blockquote")[1:]
    change(coast, TEXT.replace(OLD, NEW))
    (told,) = await look()
    assert sent.pieces("strikethrough") == [f"The lighthouse of Cape Arden {OLD}"]
    new, *rest = sent.pieces("expandable_blockquote")
    assert new == TEXT.replace(OLD, NEW)
    assert sent.pieces("bold")[0] == f"The lighthouse of Cape Arden {NEW}"
    assert rest == others
    assert sent.text.startswith(f"{words('changed-on', date=TODAY)}\nThe lighthouse of Cape Arden {OLD}\n")
    assert told.text == words("correction", title="The light of Arden")
    assert (told.chat_id, told.thread) == (sent.chat_id, sent.thread)
    assert told.reply_parameters is not None
    assert told.reply_parameters["message_id"] == sent.message_id
    assert before.keys() - buttons(sent).keys() <= {"Context 3"}
    assert words("show-nearest") not in buttons(sent)
    assert (await look(), edits(bot)) == ([], 1)


UNTOUCHED = {
    "a paragraph after": f"{TEXT}\nArden is in the news.",
    "a paragraph before": f"Arden is in the news.\n{TEXT}",
    "its title alone": TEXT,
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED)
async def test_a_change_that_touches_no_quotation_edits_nothing(
    bot: Wired, coast: Assistant, look: Look, text: str
) -> None:
    for update in (private(COST), group(f"/ask {COST}")):
        await bot.tell(update)
    changed = replace(lighthouse(0), text=text, title="Arden")
    coast.store.put(Incoming(changed, "id:0", keep_id=True))
    coast.reindex()
    assert (await look(), edits(bot)) == ([], 0)


@pytest.mark.parametrize("question", PLACES.values(), ids=PLACES)
async def test_once_corrected_a_change_elsewhere_edits_nothing(
    bot: Wired, coast: Assistant, look: Look, question: Callable[[], dict[str, Any]]
) -> None:
    bot.api.chats[GROUP].topics[7] = "open"
    await answer(bot, question())
    change(coast, TEXT.replace(OLD, NEW))
    await look()
    change(coast, f"Arden is in the news.\n{TEXT.replace(OLD, NEW)}")
    assert (await look(), edits(bot)) == ([], 1)


async def test_what_is_withdrawn_is_struck_out(bot: Wired, coast: Assistant, look: Look) -> None:
    sent = await answer(bot, private(COST))
    passage, *others = sent.pieces("expandable_blockquote")
    withdraw(coast)
    (told,) = await look()
    assert sent.text.startswith(words("withdrawn-on", date=TODAY))
    assert sent.pieces("strikethrough") == [" ".join(passage.split())]
    assert sent.pieces("expandable_blockquote") == others
    assert told.text == words("correction-withdrawn")


async def test_a_sentence_that_nothing_resembles_has_none_under_it(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    sent = await answer(bot, private(COST))
    count = len(sent.pieces("expandable_blockquote"))
    change(coast, "Nobody has ever been to this cape at all.")
    await look()
    assert OLD in sent.pieces("strikethrough")[0]
    assert len(sent.pieces("expandable_blockquote")) == count - 1
    assert "The light of Arden" in sent.pieces("text_link")


async def test_what_changes_again_is_shown_anew_and_told_no_more(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    sent = await answer(bot, private(COST))
    text = sent.text
    change(coast, TEXT.replace(OLD, NEW))
    await look()
    change(coast, TEXT.replace(OLD, "cost 7 million pounds."))
    assert await look() == []
    assert sent.pieces("bold")[0].endswith("cost 7 million pounds.")
    assert sent.pieces("strikethrough") == [f"The lighthouse of Cape Arden {OLD}"]
    change(coast, TEXT)
    assert await look() == []
    assert sent.text == text


async def test_of_all_messages_of_a_chat_that_quoted_it_each_is_edited_and_one_answered(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    first, last = [await answer(bot, group(f"/ask {COST}")) for _ in range(2)]
    elsewhere = await answer(bot, private(COST))
    change(coast, TEXT.replace(OLD, NEW))
    told = await look()
    assert all(sent.pieces("strikethrough") for sent in (first, last, elsewhere))
    assert sorted(each.chat_id for each in told) == [GROUP, ANN]
    replies = {each.chat_id: (each.reply_parameters or {})["message_id"] for each in told}
    assert replies == {GROUP: last.message_id, ANN: elsewhere.message_id}


async def test_articles_in_one_message_that_go_at_once_are_all_told(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    sent = await answer(bot, private(COST))
    for number in range(8):
        if lighthouse(number).title in sent.pieces("text_link"):
            withdraw(coast, number)
    told = await look()
    assert len(sent.pieces("strikethrough")) == len(told) == 3
    assert sent.pieces("expandable_blockquote") == []


async def test_what_a_message_does_not_show_is_not_corrected(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    """Passages behind More, and those of another page than the one that is shown."""
    sent = await answer(bot, private(COST))
    await tapped(bot, press(sent, "More"))
    (further, *_) = sent.pieces("text_link")
    await tapped(bot, press(sent, "Back"))
    made = edits(bot)
    (number,) = [n for n in range(8) if lighthouse(n).title == further]
    withdraw(coast, number)
    assert (await look(), edits(bot)) == ([], made)


async def test_a_passage_in_its_context_is_corrected_on_its_page(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    sent = await answer(bot, private(COST))
    await tapped(bot, press(sent, "Context 1"))
    change(coast, TEXT.replace(OLD, NEW))
    assert len(await look()) == 1
    assert sent.text.startswith(words("changed-on", date=TODAY))
    assert "More" in buttons(sent)
    await tapped(bot, press(sent, "More"))
    assert sent.text.startswith(words("more-passages"))


REFUSED = [
    "Bad Request: message to edit not found", "Bad Request: message can't be edited",
    "Forbidden: bot was blocked by the user",
]  # fmt: skip


@pytest.mark.parametrize("description", REFUSED)
async def test_what_cannot_be_edited_any_more_is_skipped_quietly(
    bot: Wired, coast: Assistant, look: Look, description: str
) -> None:
    await bot.tell(private(COST))
    code = 403 if "Forbidden" in description else 400
    bot.api.fault("editMessageText", "error", code=code, description=description)
    change(coast, TEXT.replace(OLD, NEW))
    assert (await look(), edits(bot)) == ([], 1)
    assert (await look(), edits(bot)) == ([], 1)


@pytest.mark.parametrize(
    "fault", [("error", {"code": 502, "description": "Bad Gateway"}), ("retry_after", {"seconds": 5})]
)
async def test_what_could_not_be_edited_for_the_moment_is_edited_the_next_time(
    bot: Wired, coast: Assistant, look: Look, fault: tuple[str, dict[str, Any]]
) -> None:
    sent = await answer(bot, private(COST))
    kind, more = fault
    bot.api.fault("editMessageText", kind, **more)
    change(coast, TEXT.replace(OLD, NEW))
    assert len(await look()) == 1
    assert edits(bot) == 2
    assert sent.pieces("strikethrough")


async def test_an_edit_that_arrived_before_the_process_died_is_told(
    bot: Wired, coast: Assistant, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await answer(bot, private(COST))
    change(coast, TEXT.replace(OLD, NEW))

    def die(*_: object) -> None:
        raise KeyError("the process dies")

    with monkeypatch.context() as patched:
        patched.setattr("bot.posting.corrections._keep", die)
        bot.time.now += 10
        with pytest.raises(KeyError):
            await correct(bot.services)
    assert sent.pieces("strikethrough")
    assert [each.text for each in await look()] == [words("correction", title="The light of Arden")]


async def test_whoever_was_forgotten_is_not_written_to(bot: Wired, coast: Assistant, look: Look) -> None:
    await bot.tell(private(COST))
    await bot.forget(ANN)
    change(coast, TEXT.replace(OLD, NEW))
    assert (await look(), edits(bot)) == ([], 0)


async def test_forgetme_leaves_nothing_of_a_correction(bot: Wired, coast: Assistant, look: Look) -> None:
    ann = 0x1A2B_3C4D_5E6F
    await bot.tell(private(COST, ann))
    change(coast, TEXT.replace(OLD, NEW))
    assert len(await look()) == 1
    await bot.tell(private("/forgetme", ann))
    await until(coast.database.scrub)
    assert traces(coast.database.path, ann) == set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_corrected_in_the_language_of_the_answer(
    bot: Wired, coast: Assistant, look: Look, language: str
) -> None:
    local = words_for(language)
    sent = await answer(bot, private(COST, person(ANN) | {"language_code": language}))
    change(coast, TEXT.replace(OLD, NEW))
    (told,) = await look()
    assert sent.text.startswith(local("changed-on", date=local.day(datetime.now(UTC).date().isoformat())))
    assert told.text == local("correction", title="The light of Arden")


SHUT = "Storm Ada closed the harbour of Aarhus on Monday, and every ferry to Samsø stayed in port."
STORM = f"""{SHUT}
{"The wind blew from the north all night, and it rained. " * 12}
Nobody was hurt, said the harbour master of Aarhus on the telephone, but 4 boats broke loose."""


async def posted(bot: Wired, coast: Assistant, chat: int) -> Sent:
    """The post of a new article in a chat that subscribed."""
    await bot.subscriptions.begin(chat, 0, BEN)
    if chat == CHANNEL:
        bot.api.chats[CHANNEL].kind, bot.api.chats[CHANNEL].bot = "channel", "administrator"
    storm(coast, STORM)
    await bot.work_off()
    return bot.api.messages[-1]


def storm(coast: Assistant, text: str) -> None:
    article = Article("storm", "Storm Ada", text, "Coast Daily", url="https://coast.example/ada")
    coast.store.put(Incoming(article, "id:storm", keep_id=True))
    coast.reindex()


@pytest.mark.parametrize("chat", [ANN, GROUP, CHANNEL])
async def test_a_post_is_corrected_and_its_chat_told(
    bot: Wired, coast: Assistant, look: Look, chat: int
) -> None:
    sent = await posted(bot, coast, chat)
    (opening,) = sent.pieces("expandable_blockquote")
    markup = sent.reply_markup
    storm(coast, STORM.replace("4 boats", "5 boats"))
    assert (await look(), edits(bot)) == ([], 0)
    storm(coast, STORM.replace("on Monday", "on Tuesday"))
    (told,) = await look()
    assert sent.pieces("strikethrough") == [SHUT]
    assert sent.pieces("expandable_blockquote") == [opening.replace("Monday", "Tuesday")]
    assert sent.pieces("bold") == ["Storm Ada"]
    assert sent.reply_markup == markup
    assert (told.reply_parameters or {})["message_id"] == sent.message_id
    storm(coast, STORM)
    assert await look() == []
    assert (sent.pieces("strikethrough"), sent.pieces("expandable_blockquote")) == ([], [opening])


async def test_a_post_whose_article_is_withdrawn_says_so(bot: Wired, coast: Assistant, look: Look) -> None:
    sent = await posted(bot, coast, GROUP)
    (opening,) = sent.pieces("expandable_blockquote")
    coast.store.withdraw(["storm"], "gone")
    (told,) = await look()
    assert sent.pieces("strikethrough") == [" ".join(opening.split())]
    assert (sent.pieces("bold"), sent.reply_markup) == (["Storm Ada"], None)
    assert told.text == words("correction-withdrawn")


async def test_after_unsubscribing_what_was_posted_is_corrected_still(
    bot: Wired, coast: Assistant, look: Look
) -> None:
    sent = await posted(bot, coast, GROUP)
    await bot.subscriptions.end(GROUP)
    storm(coast, STORM.replace("on Monday", "on Tuesday"))
    assert len(await look()) == 1
    assert "on Tuesday" in sent.pieces("expandable_blockquote")[0]
    assert "on Monday" in sent.pieces("strikethrough")[0]


SAID = "The bridge was closed at noon. Two lorries had met on it. Nobody was hurt."
BECAME = {
    "the same elsewhere": (f"Ahoy!\n{SAID}", (), None),
    "a sentence between": (SAID.replace("Two", "It rained. Two"), (), None),
    "a figure": (SAID.replace("Two", "Three"), (1,), SAID.replace("Two", "Three")),
    "the end left out": (SAID[:57], (2,), SAID[:57]),
    "the end in the next paragraph": (
        f"{SAID[:57]}\nNobody was killed.", (2,), f"{SAID[:57]}\nNobody was killed.",
    ),
    "the end far away": (f"{SAID[:57]}\nA cow was sold.\nNobody was killed.", (2,), SAID[:57]),
    "a paragraph between": (f"{SAID[:57]}\nA cow was sold.\nNobody was hurt.", (), None),
    "nothing like it": ("A cow was sold at the market.", (0, 1, 2), None),
    "promotion": (f"A cow was sold.\n{SAID.replace('Two', 'Three')}", (1,), None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "gone", "now"), BECAME.values(), ids=BECAME)
def test_what_became_of_a_passage(text: str, gone: tuple[int, ...], now: str | None) -> None:
    sentences = [f"{each}." for each in SAID.rstrip(".").split(". ")]
    old, standing = Article("bridge", "A bridge", SAID), Article("bridge", "A bridge", text)
    if text.startswith("A cow was sold.\n"):
        standing = replace(standing, promotion=((16, len(text)),))
    signals = Signals(cosine=0, match=0, coverage=0, missing=0, size=0)
    found = rewritten(RecordedPassage("bridge", "1", 0, len(SAID), (0, 30), 0.5, signals), old, standing)
    assert (found.gone if found else ()) == tuple(sentences[each] for each in gone)
    assert (found.now.text if found and found.now else None) == now
    if found and found.now:
        assert found.now.article.text[slice(*found.now.sentence)] == sentences[0]
