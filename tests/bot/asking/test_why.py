"""/why: how an answer was found, in words and figures that are those of its search."""

import re

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Wired
from updates import ANN, GROUP, group, person, private

from bot.assistant import Assistant
from bot.text.words import LANGUAGES, words_for
from index.searching.confidence import ANSWERED, PERHAPS

words = words_for("en")
LIMITS = {"answered": round(100 * ANSWERED), "perhaps": round(100 * ANSWERED), "absent": round(100 * PERHAPS)}
QUESTIONS = {
    "answered": COST,
    "perhaps": "How many people live in the harbour of Paris?",
    "absent": "Who lives near Paris?",
}


async def answer(bot: Wired, question: str) -> Sent:
    await bot.tell(private(question))
    return bot.api.messages[-1]


async def why(bot: Wired, sent: Sent, **more: object) -> list[str]:
    """The lines of the reply to /why under a message."""
    asked = private if sent.chat_id > 0 else group
    (reply,) = await bot.tell(asked("/why", reply_to=sent, **more))
    assert not bot.api.violations
    return reply["text"].split("\n")


@pytest.mark.parametrize("state", QUESTIONS)
async def test_it_tells_the_question_how_sure_and_what_came_next(
    bot: Wired, coast: Assistant, state: str
) -> None:
    question = QUESTIONS[state]
    result = coast.ask(question, 6)
    assert result.state == state
    percent = [round(100 * hit.confidence) for hit in result.hits]
    titles = [hit.article.title for hit in result.hits]
    asked, verdict, signals, heading, *others, index = await why(bot, await answer(bot, question))
    assert asked == words("why-question", question=question)
    assert verdict == words(f"why-{state}", percent=percent[0], limit=LIMITS[state])
    assert signals.startswith(f"{titles[0]}: ")
    assert heading == words("why-runners-up")
    expected = [f"• {title}: {share}%" for title, share in zip(titles, percent, strict=True)]
    assert others == expected[1:4]
    assert index == words("why-index", generation=coast.generation(), count=8)


async def test_the_signals_are_those_of_the_passage(bot: Wired, coast: Assistant) -> None:
    signals = coast.ask(COST, 6).hits[0].signals
    line = (await why(bot, await answer(bot, COST)))[2]
    figures = [int(figure) for figure in re.findall(r"(\d+)%", line)]
    missing = [round(100 * signals.missing)] if round(100 * signals.missing) else []
    assert figures == [round(100 * signals.coverage), *missing]
    degree = "close" if signals.cosine >= 0.6 else "related" if signals.cosine >= 0.35 else "far"
    assert f"the meaning is {degree}," in line


@pytest.mark.parametrize(
    ("question", "is_reply", "reason"),
    [
        ("and the light of Brack?", False, "joins"), ("When did it open?", False, "points"),
        ("Cape Brack", True, "fragment"),
    ],
)  # fmt: skip
async def test_it_tells_what_a_question_leaned_on(
    bot: Wired, question: str, is_reply: bool, reason: str
) -> None:
    first = await answer(bot, COST)
    await bot.tell(private(question, reply_to=first if is_reply else None))
    asked, together, *_ = await why(bot, bot.api.messages[-1])
    assert asked == words("why-question", question=f"{COST} {question}")
    assert together == words("why-together", reason=reason)


async def test_each_leaning_question_leans_on_the_one_that_stood_by_itself(bot: Wired) -> None:
    await answer(bot, COST)
    await answer(bot, "and the light of Brack?")
    asked, *_ = await why(bot, await answer(bot, "and that of Arden?"))
    assert asked == words("why-question", question=f"{COST} and that of Arden?")


async def test_after_new_nothing_is_leaned_on(bot: Wired) -> None:
    first = await answer(bot, COST)
    await bot.tell(private("/new"))
    for reply_to in (None, first):
        await bot.tell(private("and the light of Brack?", reply_to=reply_to))
        asked, verdict, *_ = await why(bot, bot.api.messages[-1])
        assert asked == words("why-question", question="and the light of Brack?")
        assert verdict.startswith("I am")
        await bot.tell(private("/new"))


async def test_in_a_group_only_a_reply_leans(bot: Wired) -> None:
    await bot.tell(group(f"/ask {COST}"))
    first = bot.api.messages[-1]
    leaning = "and the light of Brack?"
    for update, alone in [(group(f"/ask {leaning}"), True), (group(leaning, reply_to=first), False)]:
        await bot.tell(update)
        asked, *_ = await why(bot, bot.api.messages[-1])
        assert asked == words("why-question", question=leaning if alone else f"{COST} {leaning}")


async def test_it_says_that_the_index_was_renewed_since(bot: Wired, coast: Assistant) -> None:
    sent = await answer(bot, COST)
    coast.reindex(full=True)
    assert (await why(bot, sent))[-1] == words("why-index-changed")


async def test_of_what_was_forgotten_the_passages_are_told_and_no_question(bot: Wired) -> None:
    await bot.tell(group(f"/ask {COST}"))
    sent = bot.api.messages[-1]
    await bot.forget(ANN)
    lines = await why(bot, sent)
    assert COST not in "\n".join(lines)
    assert lines[0].startswith("I am")


async def test_of_what_was_withdrawn_nothing_is_told(bot: Wired, coast: Assistant) -> None:
    sent = await answer(bot, COST)
    coast.store.withdraw([article.id for article in coast.store.articles()], "removed")
    asked, verdict, index = await why(bot, sent)
    assert "light of" not in "".join([asked, verdict, index])


async def test_without_articles_nothing_resembles_the_question(bot: Wired, coast: Assistant) -> None:
    coast.store.withdraw([article.id for article in coast.store.articles()], "removed")
    coast.reindex()
    _, verdict, index = await why(bot, await answer(bot, COST))
    assert verdict == words("why-nothing")
    assert index == words("why-index", generation=coast.generation(), count=0)


async def test_it_needs_an_answer_of_its_own(bot: Wired) -> None:
    started = await answer(bot, "/start")
    assert [each["text"] for each in await bot.tell(private("/why"))] == [words("why-how")]
    assert await why(bot, started) == [words("why-unknown")]
    (reply,) = await bot.tell(group("/why", reply_to=group("Hello", GROUP, 200)["message"]))
    assert reply["text"] == words("why-unknown")


async def test_names_in_the_question_reach_nobody(bot: Wired) -> None:
    await why(bot, await answer(bot, "Did @somebody on t.me/them say /start at the lighthouse?"))
    sent = bot.api.messages[-1]
    assert sent.pieces("code") == ["@somebody", "t.me/them", "/start"]
    assert not {"mention", "bot_command", "url"} & {entity["type"] for entity in sent.entities}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_told_in_the_language_of_whoever_asks_why(bot: Wired, language: str) -> None:
    sent = await answer(bot, COST)
    lines = await why(bot, sent, user=person(ANN) | {"language_code": language})
    assert lines[0] == words_for(language)("why-question", question=COST)
