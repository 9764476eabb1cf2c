"""Buttons under answers: every tap is answered, once and before anything else, and never with an error."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Wired, tapped, wired, working
from updates import ANN, GROUP, anonymous, as_channel, buttons, group, person, press, private, tap

from bot.assistant import Assistant
from bot.text.words import LANGUAGES, words_for

BEN = 200
words = words_for("en")


@pytest.fixture
async def answer(bot: Wired) -> Sent:
    """The answer to a question in private."""
    return await answered(bot, private(COST))


async def answered(bot: Wired, question: dict[str, Any]) -> Sent:
    """The answer to a question."""
    await bot.tell(question)
    return bot.api.messages[-1]


def capes(sent: Sent) -> list[str]:
    """The lighthouses that a message is about."""
    return [piece.removeprefix("The light of ") for piece in sent.pieces("text_link")]


async def test_more_and_back_turn_the_pages_in_place(bot: Wired, answer: Sent) -> None:
    first, text = capes(answer), answer.text
    assert await tapped(bot, press(answer, "More")) == ("", ["editMessageText"])
    second = capes(answer)
    assert answer.text.startswith(words("more-passages"))
    assert len({*first, *second}) == 6
    assert "More" not in buttons(answer)
    await tapped(bot, press(answer, "Back"))
    assert (answer.text, capes(answer)) == (text, first)
    await tapped(bot, press(answer, "More"))
    assert capes(answer) == second
    assert len(bot.api.messages) == 1
    assert not bot.api.violations


async def test_context_shows_the_paragraphs_around_and_the_way_back(bot: Wired, answer: Sent) -> None:
    cape, text = capes(answer)[1], answer.text
    assert await tapped(bot, press(answer, "Context 2")) == ("", ["editMessageText"])
    (quoted,) = answer.pieces("expandable_blockquote")
    assert quoted.startswith(f"Cape {cape} lies")
    assert quoted.endswith("since then.")
    assert answer.pieces("bold") == [quoted.split("\n")[1].split(". ")[0] + "."]
    assert buttons(answer).keys() == {"Back"}
    await tapped(bot, press(answer, "Back"))
    assert answer.text == text
    await tapped(bot, press(answer, "More"))
    further = answer.text
    await tapped(bot, press(answer, "Context 3"))
    await tapped(bot, press(answer, "Back"))
    assert answer.text == further  # the page on which its button stood


async def test_votes_are_taken_back_by_a_second_tap(bot: Wired, answer: Sent) -> None:
    thanks, taken_back = words("thanks"), words("vote-taken-back")
    for label, who, said in [
        ("👍", ANN, thanks), ("👍", BEN, thanks), ("👎", ANN, thanks), ("👎", ANN, taken_back),
        ("👍", ANN, thanks),
    ]:  # fmt: skip
        assert await tapped(bot, press(answer, label, who)) == (said, [])


@pytest.mark.parametrize("label", ["More", "Context 1", "👍"])
async def test_of_ten_taps_each_is_answered_and_one_edits(bot: Wired, answer: Sent, label: str) -> None:
    taps = [press(answer, label) for _ in range(10)]
    async with working(bot) as arrive:
        await arrive(*taps)
        await asyncio.gather(*bot.services.edits._tasks)
    replied = [c.params["callback_query_id"] for c in bot.api.calls if c.method == "answerCallbackQuery"]
    assert sorted(replied) == sorted(each["callback_query"]["id"] for each in taps)
    edits = [call for call in bot.api.calls if call.method == "editMessageText"]
    assert len(edits) == (label != "👍")
    assert not bot.api.violations


FORGED = [
    "", "x", "p", "p:", "p::1", "p:{id}", "p:{id}:", "p:{id}:9", "p:{id}:-1", "p:{id}:2", "p:{id}:01x",
    "p:{id}:x", "p:{id}:١", "p:{id}:1\n", "c:{id}:6", "c:{id}:99", "c:{id}:-1", "c:{id}:x", "v:{id}:x",
    "v:{id}:up", "v:{id}:", "now:{id}:1", "P:{id}:1", " p:{id}:1", "p:{id}:1;drop table answers",
    "p:../../etc/pw:1", "x" * 64, "😀" * 16, "mode:off", "quiet:0", "language:de", "mode:", "language",
    '{{"a": 1}}', "/reindex", "p:{id}:1:1",
]  # fmt: skip


@pytest.mark.parametrize("data", FORGED)
async def test_forged_data_does_nothing(bot: Wired, answer: Sent, data: str) -> None:
    number = buttons(answer)["👍"].split(":")[1]
    said, more = await tapped(bot, tap(answer, data.format(id=number)))
    assert (said, more) == (words("button-unknown"), [])
    assert bot.services.chats.get(ANN).language == ""


@pytest.mark.parametrize("label", ["More", "Context 1", "👍"])
@pytest.mark.parametrize("number", ["AAAAAAAAAAAA", "------------", "____________"])
async def test_an_answer_that_is_unknown_is_too_old(
    bot: Wired, answer: Sent, label: str, number: str
) -> None:
    action, _, value = buttons(answer)[label].split(":")
    assert await tapped(bot, tap(answer, f"{action}:{number}:{value}")) == (words("answer-too-old"), [])


@pytest.mark.parametrize("label", ["More", "Context 1", "👍"])
async def test_the_buttons_of_another_chat_lead_nowhere(bot: Wired, answer: Sent, label: str) -> None:
    elsewhere = await answered(bot, group(f"/ask {COST}"))
    stolen = tap(elsewhere, buttons(answer)[label])
    assert await tapped(bot, stolen) == (words("answer-too-old"), [])


@pytest.mark.parametrize("label", ["More", "Context 1"])
async def test_only_who_asked_turns_the_pages(bot: Wired, label: str) -> None:
    sent = await answered(bot, group(f"/ask {COST}"))
    assert await tapped(bot, press(sent, label, BEN)) == (words("not-yours"), [])
    assert await tapped(bot, press(sent, "👍", BEN)) == (words("thanks"), [])
    assert await tapped(bot, press(sent, label)) == ("", ["editMessageText"])


@pytest.mark.parametrize("write", [anonymous, as_channel])
async def test_who_asked_in_the_name_of_a_chat_turns_pages_as_themselves(
    bot: Wired, write: Callable[[str], dict[str, Any]]
) -> None:
    sent = await answered(bot, write(f"/ask {COST}"))
    assert await tapped(bot, press(sent, "More")) == ("", ["editMessageText"])


async def test_what_was_asked_by_somebody_forgotten_anybody_may_turn(bot: Wired) -> None:
    in_group, in_private = await answered(bot, group(f"/ask {COST}")), await answered(bot, private(COST))
    await bot.forget(ANN)
    assert await tapped(bot, press(in_group, "More", BEN)) == ("", ["editMessageText"])
    assert await tapped(bot, press(in_private, "More")) == (words("answer-too-old"), [])


@pytest.mark.parametrize("label", ["More", "Context 1", "👍"])
async def test_a_tap_under_an_inline_message_is_answered(bot: Wired, answer: Sent, label: str) -> None:
    under_inline = tap("AAAAAAAAAAAAAAAA", buttons(answer)[label])
    assert await tapped(bot, under_inline) == (words("button-unknown"), [])


async def refused(bot: Wired, answer: Sent, label: str = "More") -> None:
    """A tap whose edit is refused."""
    assert await tapped(bot, press(answer, label)) == ("", ["editMessageText"])
    assert answer.edit_date is None


async def test_a_message_that_was_deleted_stays_so(bot: Wired, answer: Sent) -> None:
    answer.deleted = True
    await refused(bot, answer)
    gone = {"message_id": answer.message_id, "date": 0, "chat": answer.chat.info}  # as Telegram shows it
    assert await tapped(bot, tap(gone, buttons(answer)["Context 1"])) == ("", ["editMessageText"])
    assert await tapped(bot, tap(gone, buttons(answer)["👍"])) == (words("thanks"), [])
    assert len(bot.api.messages) == 1


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: message is not modified"), (400, "Bad Request: message to edit not found"),
        (400, "Bad Request: message can't be edited"), (400, "Bad Request: MESSAGE_ID_INVALID"),
        (403, "Forbidden: bot was blocked by the user"), (403, "Forbidden: bot was kicked from the group"),
        (500, "Internal Server Error"),
    ],
)  # fmt: skip
async def test_an_edit_that_is_refused_is_no_error_to_anybody(
    bot: Wired, answer: Sent, code: int, description: str
) -> None:
    bot.api.fault("editMessageText", "error", code=code, description=description)
    await refused(bot, answer)
    assert len(bot.api.messages) == 1
    assert await tapped(bot, press(answer, "Context 1")) == ("", ["editMessageText"])
    assert buttons(answer).keys() == {"Back"}  # the next one is made


async def test_a_tap_that_waited_too_long_still_turns_the_page(bot: Wired, answer: Sent) -> None:
    late = press(answer, "More")
    number = late["callback_query"]["id"]
    bot.api.on("answerCallbackQuery", "received", lambda _: bot.api.queries.update({number: "old"}))
    assert (await tapped(bot, late))[1] == ["editMessageText"]
    assert answer.text.startswith(words("more-passages"))


async def test_formatting_that_is_refused_is_left_out(bot: Wired, answer: Sent) -> None:
    bot.api.fault("editMessageText", "error", description="Bad Request: can't parse entities")
    assert (await tapped(bot, press(answer, "More")))[1] == ["editMessageText"] * 2
    assert answer.text.startswith(words("more-passages"))
    assert answer.entities == []


async def test_what_was_withdrawn_meanwhile_is_not_shown(bot: Wired, answer: Sent, coast: Assistant) -> None:
    cape = capes(answer)[1]
    coast.store.withdraw([a.id for a in coast.store.articles() if a.title.endswith(cape)], "removed")
    assert await tapped(bot, press(answer, "Context 2")) == (words("changed-since"), [])
    await tapped(bot, press(answer, "Context 1"))
    await tapped(bot, press(answer, "Back"))
    assert cape not in capes(answer)
    assert len(capes(answer)) == 2
    coast.store.withdraw([a.id for a in coast.store.articles()], "removed")
    await tapped(bot, press(answer, "More"))
    assert answer.text == words("no-more")
    await tapped(bot, press(answer, "Back"))
    assert answer.text == words("permalink-withdrawn")


async def test_for_a_stranger_no_button_leads_anywhere(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset({BEN})) as bot:
        sent = await answered(bot, group(f"/ask {COST}", user=BEN))
        for label in buttons(sent):
            assert await tapped(bot, press(sent, label)) == (words("button-unknown"), [])
        assert await tapped(bot, press(sent, "👍", BEN)) == (words("thanks"), [])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_button_carries_what_its_tap_reads_and_no_more_than_it_may(
    bot: Wired, language: str
) -> None:
    ann = person(ANN) | {"language_code": language}
    bot.api.chats[GROUP].members[ANN] = "creator"
    late = private(COST, ann, date=int(time.time()) - 3600)
    for asked in [private(COST, ann), late, private("/language", ann), group("/settings", GROUP, ann)]:
        sent = await answered(bot, asked)
        for data in buttons(sent).values():
            await bot.calls_after(tap(sent, data, ann))
    markups = [call.params["reply_markup"] for call in bot.api.calls if "reply_markup" in call.params]
    every = [button for markup in markups for row in markup["inline_keyboard"] for button in row]
    data = [button["callback_data"] for button in every if "callback_data" in button]
    assert len(set(data)) > 20
    assert all(bot.parts.router.button(each, is_admin=False) and len(each.encode()) <= 64 for each in data)
    assert {each.split(":")[0] for each in data} == {"p", "c", "v", "now", "mode", "quiet", "language"}
    assert all(len(button["copy_text"]["text"]) <= 256 for button in every if "copy_text" in button)
    assert not bot.api.violations
