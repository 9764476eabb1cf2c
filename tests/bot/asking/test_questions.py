"""What becomes of odd questions: a clear reply, and nothing spent on what can't be searched for."""

import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from encoders import CountingEncoder
from fakes import Wired, wired
from updates import ANN

from bot.asking import questions
from bot.assistant import Assistant
from bot.config import Config
from bot.posting.watches import arrived
from bot.text.words import words_for
from corpus import store
from index.searching.search import MAX_QUESTION

ARTICLE = "The lighthouse on the northern cape cost 12 million pounds. It opened in May."
TOO_LONG = "That is long: please ask in at most 1,000 characters."
NO_WORDS = "I see no words in that: please ask your question in words."


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def assistant(config: Config, encoder: CountingEncoder) -> Iterator[Assistant]:
    made = Assistant(config, encoder, arrived)
    yield made
    made.close()


@pytest.fixture
async def bot(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wired]:
    (assistant.config.corpus / "lighthouse.txt").write_text(ARTICLE)
    bring_up(assistant)
    async with wired(assistant, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("command", ["", "/ask "])
@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("x" * 100_000, TOO_LONG),
        ("word " * 20_000, TOO_LONG),
        ("😀" * 50_000, TOO_LONG),
        ("Did it open? " * 78, TOO_LONG),
        ("x" * (MAX_QUESTION + 1), TOO_LONG),
        ("?", NO_WORDS),
        ("?!… — “”; (*) \"'", NO_WORDS),
        ("😀👩\u200d👧 🇬🇧", NO_WORDS),
        ("\u202e\u200b\u0301\0", NO_WORDS),
        ("\ud800 \udc00\ud800\ud800", NO_WORDS),
    ],
    ids=lambda value: repr(value[:12]),
)
async def test_what_is_no_question_is_refused_before_it_costs_anything(
    bot: Wired, encoder: CountingEncoder, command: str, question: str, reply: str
) -> None:
    began = time.monotonic()
    (sent,) = await bot.tell(bot.api.message(ANN, command + question))
    assert sent["text"] == reply
    assert encoder.questions == 0
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "question",
    [
        "x" * MAX_QUESTION,
        f"  {'x' * MAX_QUESTION}\n",
        "word " * 200,
        "😀" * 999 + "a",
        "What is the of and to a in it?",
        "the",
        "\ud800 what \udc00",
        "‮lighthouse‬ e\u0301" * 50,
        'NEAR("a" * -b) AND title:^c OR {x y}',
        "' or 1=1; --",
        "/",
        "<b>lighthouse</b> & *pounds*",
        "ما هو هذا؟",
        "灯台は何ですか",
    ],
    ids=lambda value: repr(value[:12]),
)
async def test_an_odd_question_gets_a_clear_reply(
    bot: Wired, encoder: CountingEncoder, question: str
) -> None:
    began = time.monotonic()
    (sent,) = await bot.tell(bot.api.message(ANN, question))
    if question != "/":
        assert encoder.questions == 1
        assert re.match(
            r"That is not in the articles\. I looked through one article\.|I am not sure |The lighthouse",
            sent["text"],
        )
    assert time.monotonic() - began < 1


async def test_an_article_is_read_from_sqlite_once_however_many_of_its_passages_are_found(
    bot: Wired, assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    capes = ("Arden", "Brack", "Calder", "Dunmore", "Eskdale", "Farley")
    text = "\n".join(f"Cape {cape} has a ferry. It cost {n} million pounds." for n, cape in enumerate(capes))
    (assistant.config.corpus / "ferries.txt").write_text(text)
    bring_up(assistant)
    read, hashed = [], []
    made, sha256 = store._article, hashlib.sha256
    monkeypatch.setattr(store, "_article", lambda row: read.append(row[0]) or made(row))
    monkeypatch.setattr(hashlib, "sha256", lambda content: hashed.append(content) or sha256(content))
    (sent,) = await bot.tell(bot.api.message(ANN, "How many million pounds did the ferry cost?"))
    assert [sent["text"].count(cape) > 0 for cape in capes].count(True) > 1
    assert read.count("ferries") == 1
    assert not any(b"Cape Arden" in content for content in hashed)


async def test_before_there_is_an_index_the_bot_asks_for_a_minute(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(assistant, monkeypatch) as bot:
        (sent,) = await bot.tell(bot.api.message(ANN, "Who built the lighthouse?"))
        assert sent["text"] == words_for("en")("not-ready")


async def test_without_articles_the_bot_says_so(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up(assistant)
    async with wired(assistant, monkeypatch) as bot:
        (sent,) = await bot.tell(bot.api.message(ANN, "Who built the lighthouse?"))
        assert sent["text"] == "There are no articles yet, so I can’t answer."
        (sent,) = await bot.tell(bot.api.message(ANN, "/articles"))
        assert sent["text"] == "I answer from 0 articles:"


WAITED = "How many pounds did the lighthouse cost?"


@pytest.mark.parametrize(("patience", "actions"), [(0.0, ["typing"]), (5.0, [])])
async def test_who_waits_long_is_shown_that_the_bot_is_at_work(
    bot: Wired, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch, patience: float, actions: list[str]
) -> None:
    monkeypatch.setattr(questions, "SLOW_SECONDS", patience)
    encoder.seconds = 0.1
    calls = await bot.calls_after(bot.api.message(ANN, WAITED))
    assert "12 million pounds" in calls[-1].params["text"]
    assert [call.params["action"] for call in calls if call.method == "sendChatAction"] == actions


async def test_where_that_can_not_be_shown_the_question_is_answered_all_the_same(
    bot: Wired, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "SLOW_SECONDS", 0.0)
    encoder.seconds = 0.1
    bot.api.fault("sendChatAction", "error")
    (sent,) = await bot.tell(bot.api.message(ANN, WAITED))
    assert "12 million pounds" in sent["text"]
