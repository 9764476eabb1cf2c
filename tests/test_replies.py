"""What Telegram is given and gives back: every quotation to the letter, or none at all."""

import json
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import bot_api_methods
import pytest
from bot_api_chats import Sent
from bot_api_text import Json
from conftest import BUNDLED
from fakes import Wired, wired

from bot import replies
from bot.answer import answer, listing, shown, title
from bot.assistant import Assistant
from bot.replies import Misquoted
from corpus.article import Article
from corpus.store import Incoming
from index.sentences import sentences

ANN = 100
QUESTIONS = Path(__file__).parent / "data" / "bundled" / "questions.jsonl"
THINGS = ["lighthouse", "ferry", "harbour", "school", "museum", "library", "railway", "theatre"]
PLACES = ["Arden", "Brack", "Calder", "Dunmore", "Eskdale", "Farley", "Glenoe", "Inver", "Jura", "Lorne"]
ODD = [
    "“naïve” ",
    "A\u030angstro\u0308m ",
    "👩\u200d👧 ",
    "\u200b",
    "\u202eright\u202c ",
    "£5 & <b>more</b> ",
    "ﷺ ",
    "𝕏 ",
]


def invented(number: int, chance: random.Random) -> Article:
    """An article with facts of its own, strange characters among them."""
    lines = []
    for thing in chance.sample(THINGS, 4):
        person = f"{chance.choice(PLACES)} {chance.choice(PLACES)}"
        year = chance.randint(1700, 2000)
        lines.append(
            f"The {thing} of {chance.choice(PLACES)} number {number} was opened by {person} in {year}. "
            f"{chance.choice(ODD)}It cost {chance.randint(2, 900)},000 pounds and {chance.choice(ODD)}a song."
        )
    more = {"url": f"https://news.example/{number}", "outlet": "Cape & Courier", "published": "2024-11-28"}
    return Article(f"a{number}", f"Opening {number}", "\n".join(lines), **more)


@pytest.fixture
def holding(assistant: Assistant, bring_up: Callable[[Assistant], None]) -> Assistant:
    """The assistant with the bundled article and invented ones."""
    chance = random.Random(9)
    for path in BUNDLED.iterdir():
        (assistant.config.corpus / path.name).write_bytes(path.read_bytes())
    bring_up(assistant)
    assistant.store.put(*(Incoming(invented(n, chance), f"id:a{n}", keep_id=True) for n in range(50)))
    assistant.reindex(lambda _done, _total: None)
    return assistant


@pytest.fixture
async def bot(holding: Assistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    async with wired(holding, monkeypatch) as made:
        yield made


def questions(assistant: Assistant) -> list[str]:
    """Questions about the bundled article, and the sentences of the invented ones as questions."""
    asked = [json.loads(line)["question"] for line in QUESTIONS.read_text().splitlines()]
    for article in assistant.store.articles():
        if article.url:
            first = article.text.split("\n")[0]
            asked += [first[start:end] for start, end in sentences(first, 0, len(first))]
    return asked


def quoted(message: Sent, assistant: Assistant) -> int:
    """How many quotations a message holds, each of them held against its source."""
    count = 0
    for block in message.text.split("\n\n"):
        text, _, source = block.partition("\n— ")
        if not source:
            continue
        name = source.split(" · ")[0]
        (article,) = (a for a in assistant.store.articles() if title(a) == name)
        assert text in message.pieces("expandable_blockquote")
        assert text in shown(article.text)
        assert bool(article.url) == (name in message.pieces("text_link"))
        count += 1
    assert count == len(message.pieces("expandable_blockquote"))
    links = [entity["url"] for entity in message.entities if entity["type"] == "text_link"]
    known = {article.url for article in assistant.store.articles()}
    assert {link.split("#:~:text=")[0] for link in links} <= known
    return count


@pytest.mark.slow
async def test_every_quotation_that_telegram_has_is_in_its_article(bot: Wired, holding: Assistant) -> None:
    asked = questions(holding)
    for question in asked:
        assert await bot.tell(bot.api.message(ANN, question))
    assert len(asked) > 200
    assert len(bot.api.messages) >= len(asked)
    assert not any(message.deleted for message in bot.api.messages)
    assert sum(quoted(message, holding) for message in bot.api.messages) > 300
    assert not bot.api.violations


QUESTION = "How much did the lighthouse of Cape Wrath cost?"
ARTICLE = "The lighthouse of Cape Wrath cost 12 million pounds. It opened in May."


@pytest.fixture
async def lit(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wired]:
    """A bot on one article."""
    (assistant.config.corpus / "lighthouse.txt").write_text(ARTICLE)
    bring_up(assistant)
    async with wired(assistant, monkeypatch) as made:
        yield made


async def failing(bot: Wired, question: str = QUESTION) -> BaseException | None:
    """What goes wrong with a question."""
    await bot.process({"update_id": 1, **bot.api.message(ANN, question)})
    return bot.failure(1)


TAMPERING: dict[str, Callable[[str, list[Json]], tuple[str, list[Json]]]] = {
    "another figure": lambda text, marks: (text.replace("12", "13"), marks),
    "another space": lambda text, marks: (text.replace(" of ", "\u00a0of "), marks),
    "another case": lambda text, marks: (text.upper(), marks),
    "another quotation mark": lambda text, marks: (text.replace("12", "“1"), marks),
    "the quotation lost": lambda text, marks: (text, [m for m in marks if "quote" not in m["type"]]),
    "the quotation too short": lambda text, marks: (text, [marks[0] | {"length": 9}, *marks[1:]]),
    "the quotation too long": lambda text, marks: (text, [marks[0] | {"length": len(text)}, *marks[1:]]),
    "the quotation moved": lambda text, marks: (text, [marks[0] | {"offset": 1}, *marks[1:]]),
    "two quotations": lambda text, marks: (text, [*marks, marks[0] | {"offset": len(text) - 5, "length": 5}]),
    "another text": lambda text, marks: ("Hello", []),
}


@pytest.mark.parametrize("change", TAMPERING)
async def test_a_quotation_that_telegram_changed_is_withdrawn(
    lit: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    monkeypatch.setattr(bot_api_methods, "tidy", TAMPERING[change])
    assert isinstance(await failing(lit), Misquoted)
    assert [message.deleted for message in lit.api.messages] == [True]
    assert "Telegram changed a quotation" in caplog.text


async def test_a_change_outside_the_quotations_is_none(lit: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_api_methods, "tidy", lambda text, marks: (f"{text}!", marks))
    assert await failing(lit) is None
    assert [message.deleted for message in lit.api.messages] == [False]


async def test_a_message_that_can_not_be_withdrawn_is_logged(
    lit: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot_api_methods, "tidy", TAMPERING["another figure"])
    lit.api.fault("deleteMessage", "error", description="message can't be deleted")
    assert isinstance(await failing(lit), Misquoted)
    assert "could not be withdrawn" in caplog.text


CHANGES: dict[str, Callable[[Assistant, Path], object]] = {
    "withdrawn": lambda assistant, path: path.unlink(),
    "removed": lambda assistant, path: assistant.store.withdraw(["lighthouse"], "removed"),
    "changed": lambda assistant, path: path.write_text(ARTICLE.replace("12", "13")),
    "moved": lambda assistant, path: path.write_text(f"An earlier sentence stands here.\n{ARTICLE}"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_an_article_says_no_longer_is_not_sent(
    lit: Wired, assistant: Assistant, change: str
) -> None:
    messages = answer(assistant.ask(QUESTION))
    CHANGES[change](assistant, assistant.config.corpus / "lighthouse.txt")
    assistant.take_in(lambda _done, _total: None)
    with pytest.raises(Misquoted):
        await replies.send(lit.app.bot, assistant.store, ANN, messages)
    assert lit.api.messages == []
    (again,) = await lit.tell(lit.api.message(ANN, QUESTION))  # before the index has followed
    assert "12 million" not in again["text"]


async def test_of_several_messages_only_those_that_still_hold_are_sent(
    lit: Wired, assistant: Assistant, bring_up: Callable[[Assistant], None]
) -> None:
    path = assistant.config.corpus / "long.txt"
    path.write_text(
        "\n".join(f"The {word} lasted {'very, ' * 160}long." for word in ("storm", "flood", "frost"))
    )
    bring_up(assistant)
    messages = answer(assistant.ask("What lasted very very very very long?"))
    messages = [*messages, *answer(assistant.ask(QUESTION))]
    lit.api.on("sendMessage", "answered", lambda call: assistant.store.withdraw(["lighthouse"], "removed"))
    with pytest.raises(Misquoted):
        await replies.send(lit.app.bot, assistant.store, ANN, messages, reply_to=7)
    assert len(lit.api.messages) == len(messages) - 1 >= 1
    assert "lighthouse" not in "".join(message.text for message in lit.api.messages)


async def test_only_the_first_message_is_a_reply_and_none_has_a_preview(
    lit: Wired, assistant: Assistant
) -> None:
    messages = answer(assistant.ask(QUESTION)) * 2
    await replies.send(lit.app.bot, assistant.store, ANN, messages, reply_to=7)
    first, second = (call.params for call in lit.api.calls if call.method == "sendMessage")
    assert first["reply_parameters"] == {"message_id": 7, "allow_sending_without_reply": True}
    assert "reply_parameters" not in second
    assert first["link_preview_options"] == second["link_preview_options"] == {"is_disabled": True}


async def test_the_list_of_articles_is_sent_with_its_links(bot: Wired, holding: Assistant) -> None:
    (sent,) = await bot.tell(bot.api.message(ANN, "/articles"))
    assert sent["text"].startswith("I answer from 51 articles:")
    assert sent["text"].endswith("… and 31 more.")
    (message,) = bot.api.messages
    assert message.pieces("text_link") == [a.title for a in holding.store.articles(20)]
    assert listing(holding.store.articles(20), 51)[0].text == message.text
