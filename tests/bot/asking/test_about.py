"""“Ask about this” under a post: the next question is about its article alone."""

from dataclasses import replace

import pytest
from conftest import COST, lighthouse
from fakes import Wired
from updates import ANN, CHANNEL, GROUP, group, post, private, where

from bot.assistant import Assistant
from bot.records.unanswered import unanswered
from bot.text.words import LANGUAGES, words_for
from corpus.store import Incoming

words = words_for("en")
LAMP = (
    "The lighthouse of Cape Kerrow cost 40 million pounds. Its lamp is seen from forty miles away at night."
)


@pytest.fixture
async def number(bot: Wired, coast: Assistant) -> str:
    """The number of a post, as its button has it; it is about the light of Kerrow."""
    bot.api.chats.learn(where(CHANNEL, "channel"))
    await bot.tell(post("/subscribe"))
    kerrow = replace(
        lighthouse(0), title="The light of Kerrow", text=LAMP, url="https://coast.example/Kerrow"
    )
    coast.store.put(Incoming(replace(kerrow, id="kerrow"), "kerrow"))
    coast.reindex()
    await bot.work_off()
    (sent,) = [m for m in bot.api.messages if m.text.startswith("The light of")]
    rows = sent.reply_markup["inline_keyboard"]
    (link,) = [each["url"] for row in rows for each in row if each["text"] == words("ask-about")]
    return link.rpartition("?start=q_")[2]


def cited(bot: Wired) -> list[str]:
    """The articles that the last message quotes."""
    return bot.api.messages[-1].pieces("text_link")


async def test_the_next_question_is_about_the_article_alone_and_the_answer_says_so(
    bot: Wired, number: str
) -> None:
    (invited,) = await bot.tell(private(f"/start q_{number}"))
    assert invited["text"] == words("about-what", title="The light of Kerrow")
    await bot.tell(private(COST))
    answer = bot.api.messages[-1]
    assert answer.text.startswith(words("about-article", title="The light of Kerrow") + "\n\n")
    assert cited(bot) == ["The light of Kerrow"]
    assert answer.pieces("bold") == ["The lighthouse of Cape Kerrow cost 40 million pounds."]
    await bot.tell(private(COST))  # the one after that is about all of them again
    assert len(cited(bot)) == 3
    assert "Kerrow alone" not in bot.api.messages[-1].text
    assert not bot.api.violations


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_the_article_does_not_hold_is_said_of_it_alone(
    bot: Wired, number: str, language: str
) -> None:
    theirs = words_for(language)
    await bot.services.chats.choose(ANN, "language", language)
    (invited,) = await bot.tell(private(f"/start q_{number}"))
    assert invited["text"] == theirs("about-what", title="The light of Kerrow")
    (answer,) = await bot.tell(private("Who lives near Paris?"))
    head = theirs("about-article", title="The light of Kerrow")
    assert answer["text"] == f"{head}\n\n{theirs('not-held-in-it')}"


async def test_what_one_article_does_not_hold_is_not_listed_as_missing_from_all(
    bot: Wired, number: str, coast: Assistant
) -> None:
    await bot.tell(private(f"/start q_{number}"))
    await bot.tell(private("Who lives near Paris?"))
    assert words("not-held-in-it") in bot.api.messages[-1].text
    assert unanswered(coast.database) == []
    await bot.tell(private("Who bakes bread in Rome?"))
    assert unanswered(coast.database) == ["1 × Who bakes bread in Rome?"]


async def test_a_post_says_what_it_was_asked_about_in_the_chat_of_its_person_alone(
    bot: Wired, number: str
) -> None:
    await bot.tell(private(f"/start q_{number}"))
    await bot.tell(group(f"/ask {COST}"))
    assert len(cited(bot)) == 3
    await bot.tell(private(COST))
    assert cited(bot) == ["The light of Kerrow"]


@pytest.mark.parametrize(
    "payload",
    [
        "q_",
        "q_0",
        "q_2",
        "q_-1",
        "q_١",
        "q_1x",
        "q_x",
        "q_1.0",
        "q_" + "9" * 18,
        "q_" + "9" * 60,
        "q_1 or 1=1",
    ],
)
async def test_only_the_number_of_a_post_that_was_sent_leads_anywhere(
    bot: Wired, number: str, payload: str
) -> None:
    assert number == "1"
    (sent,) = await bot.tell(private(f"/start {payload}"))
    assert sent["text"] == words("about-unknown")
    await bot.tell(private(COST))
    assert len(cited(bot)) == 3


async def test_a_post_that_was_not_sent_yet_leads_nowhere(bot: Wired, coast: Assistant) -> None:
    await bot.tell(group("/subscribe", user=ANN))
    bot.api.chats[GROUP].members[ANN] = "administrator"
    await bot.tell(group("/subscribe", user=ANN))
    coast.store.put(Incoming(replace(lighthouse(0), id="kerrow"), "kerrow"))
    assert coast.database.read().execute("select number from deliveries").fetchall() == [(1,)]
    (sent,) = await bot.tell(private("/start q_1"))
    assert sent["text"] == words("about-unknown")


async def test_what_was_withdrawn_can_not_be_asked_about(bot: Wired, number: str, coast: Assistant) -> None:
    await bot.tell(private(f"/start q_{number}"))
    coast.store.withdraw(["kerrow"], "removed")
    await bot.tell(private(COST))
    assert len(cited(bot)) == 3
    (sent,) = await bot.tell(private(f"/start q_{number}"))
    assert sent["text"] == words("about-unknown")


async def test_in_a_group_it_is_a_greeting_like_any_other(bot: Wired, number: str) -> None:
    (sent,) = await bot.tell(group(f"/start@test_bot q_{number}"))
    assert sent["text"].startswith(words("help-group", ways="")[:20])
    await bot.tell(group(f"/ask {COST}"))
    assert len(cited(bot)) == 3


async def test_who_is_forgotten_is_not_waited_for(bot: Wired, number: str, coast: Assistant) -> None:
    await bot.tell(private(f"/start q_{number}"))
    await bot.tell(private("/forgetme"))
    assert coast.database.read().execute("select count(*) from pending_items").fetchone() == (0,)
