"""What Telegram is given and gives back: every quotation to the letter, or none at all."""

import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import bot_api_methods
import pytest
from bot_api_chats import Sent
from bot_api_text import Json
from fakes import Wired, wired
from paths import ARTICLES, DATA
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, TelegramError
from updates import ANN, GROUP, buttons, group, inline, private, tap

from bot.assistant import Assistant
from bot.chats.chat import DEAD_AFTER, Chat
from bot.chats.request import Request
from bot.text.message import Message, shown
from bot.text.passages import answer, listing, title
from bot.text.words import words_for
from bot.transport.sender import Misquoted, Place, Undeliverable
from corpus.article import Article
from corpus.store import Incoming
from index.language.sentences import sentences

QUESTIONS = DATA / "bundled" / "questions.jsonl"
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
    for path in ARTICLES.iterdir():
        (assistant.config.corpus / path.name).write_bytes(path.read_bytes())
    bring_up(assistant)
    assistant.store.put(*(Incoming(invented(n, chance), f"id:a{n}", keep_id=True) for n in range(50)))
    assistant.reindex()
    return assistant


@pytest.fixture
async def bot(holding: Assistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    async with wired(holding, monkeypatch, per_person=1000) as made:
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
    assert len(bot.api.messages) == len(asked)
    assert not any(message.deleted for message in bot.api.messages)
    assert sum(quoted(message, holding) for message in bot.api.messages) > 300
    assert not bot.api.violations


words = words_for("en")
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


@pytest.mark.parametrize(
    "change", [lambda text, marks: (f"{text}!", marks), lambda text, marks: (text, [])], ids=["end", "marks"]
)
async def test_a_change_outside_the_words_of_the_quotations_is_none(
    lit: Wired, monkeypatch: pytest.MonkeyPatch, change: Callable[[str, list[Json]], tuple[str, list[Json]]]
) -> None:
    monkeypatch.setattr(bot_api_methods, "tidy", change)
    assert await failing(lit) is None
    assert [message.deleted for message in lit.api.messages] == [False]


async def test_a_message_that_can_not_be_withdrawn_is_logged(
    lit: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot_api_methods, "tidy", TAMPERING["another figure"])
    lit.api.fault("deleteMessage", "error", description="message can't be deleted")
    assert isinstance(await failing(lit), Misquoted)
    assert "could not be deleted" in caplog.text


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
    (message,) = answer(assistant.ask(QUESTION), words)
    CHANGES[change](assistant, assistant.config.corpus / "lighthouse.txt")
    assistant.take_in()
    with pytest.raises(Misquoted):
        await lit.services.sender.send(Place(ANN), message)
    assert lit.api.messages == []
    (again,) = await lit.tell(lit.api.message(ANN, QUESTION))  # before the index has followed
    assert "12 million" not in again["text"]


def asked(update: Json) -> Request:
    """A message that is for the bot, as reception hands it on."""
    message = Update.de_json({"update_id": 1, **update}, None).message
    place = Place.of(message)
    how = "private" if place.chat > 0 else "command"
    return Request(message, place, ANN, how, message.text, Chat(place.chat), words)


@pytest.mark.parametrize(
    ("update", "reply", "thread"),
    [
        (private("/help"), False, None),
        (group("/help"), True, None),
        (group("/help", thread=77), True, 77),
        (group("/help", reply_to=group("A post.")["message"]), True, None),
    ],
)
async def test_in_a_group_what_is_said_is_a_reply_and_nowhere_has_it_a_preview(
    lit: Wired, update: Json, reply: bool, thread: int | None
) -> None:
    lit.api.learn(update)
    await lit.services.say(asked(update), "See example.org for more.", Message("That is all."))
    to = {"message_id": update["message"]["message_id"], "allow_sending_without_reply": False}
    sent = [call.params for call in lit.api.calls if call.method == "sendMessage"]
    assert [p.get("reply_parameters") for p in sent] == [to if reply else None] * 2
    assert [p.get("message_thread_id") for p in sent] == [thread] * 2
    assert [p["link_preview_options"] for p in sent] == [{"is_disabled": True}] * 2
    assert not lit.api.violations


async def test_a_keyboard_without_buttons_is_none(lit: Wired) -> None:
    await lit.services.sender.send(Place(ANN), Message("Nothing to tap."), keyboard=InlineKeyboardMarkup([]))
    (call,) = [call for call in lit.api.calls if call.method == "sendMessage"]
    assert call.executed
    assert "reply_markup" not in call.params


async def test_where_the_formatting_is_refused_the_words_come_without_it_and_without_buttons(
    lit: Wired,
) -> None:
    lit.api.fault("sendMessage", "error", description="Bad Request: can't parse entities: no reason")
    assert await failing(lit) is None
    (sent,) = lit.api.messages
    assert ARTICLE in sent.text
    assert not sent.pieces("expandable_blockquote")
    assert sent.reply_markup is None


async def test_an_edit_that_changes_nothing_leaves_formatting_and_buttons(lit: Wired) -> None:
    message, keyboard = Message(), InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="x")]])
    message.add("The light of Brack", "bold")
    await lit.services.sender.send(Place(ANN), message, keyboard=keyboard)
    (sent,) = lit.api.messages
    before, calls = sent.shown(), len(lit.api.calls)
    await lit.services.sender.edit(ANN, sent.message_id, message, keyboard)
    assert (sent.shown(), len(lit.api.calls)) == (before, calls + 1)


REFUSALS: dict[str, tuple[int, str, type[TelegramError] | type[Undeliverable], int | None]] = {
    "blocked": (403, "Forbidden: bot was blocked by the user", Undeliverable, 1),
    "thrown out": (403, "Forbidden: bot was kicked from the supergroup chat", Undeliverable, 1),
    "not there": (400, "Bad Request: chat not found", Undeliverable, DEAD_AFTER),
    "muted": (400, "Bad Request: not enough rights to send text messages to the chat", Undeliverable, None),
    "topic closed": (400, "Bad Request: TOPIC_CLOSED", Undeliverable, None),
    "topic deleted": (400, "Bad Request: message thread not found", Undeliverable, None),
    "question deleted": (400, "Bad Request: message to be replied not found", Undeliverable, None),
    "our own fault": (400, "Bad Request: message is too long", BadRequest, None),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_chat_that_can_not_be_written_to_is_gone_only_where_nobody_is_there(
    lit: Wired, case: str
) -> None:
    code, description, error, gone_after = REFUSALS[case]
    lit.api.fault("sendMessage", "error", times=DEAD_AFTER, code=code, description=description)
    for time in range(1, DEAD_AFTER + 1):
        with pytest.raises(error):
            await lit.services.sender.send(Place(GROUP), Message("Hello"))
        gone = lit.services.chats.get(GROUP).gone is not None
        assert gone == (gone_after is not None and time >= gone_after)
    assert len(lit.api.calls) == 1 + DEAD_AFTER  # getMe came first: nothing is tried twice


HOSTILE = (
    "The whale @moby was seen by t.me/ahab on Sunday. She said /start at @pier.\n"
    f"Nobody else saw @moby there. {'The wind blew from the north all night, and it rained. ' * 12}"
)
"""Two passages: the second paragraph is too long to stand with the first."""


async def test_no_message_lets_what_others_wrote_reach_anybody(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in an answer, further passages, their context, /why and /articles, nor from behind a link."""
    whales = [
        Article(f"w{n}", f"Ask @whale{n} on t.me/w{n}", f"Day {n}. {HOSTILE}", "@news /daily")
        for n in range(5)
    ]
    assistant.store.put(*(Incoming(whale, whale.id, keep_id=True) for whale in whales))
    assistant.reindex()
    async with wired(assistant, monkeypatch) as bot:
        shown: list[Json] = []
        for method in ("sendMessage", "editMessageText"):
            bot.api.on(method, "answered", lambda call: shown.append(call.response["result"]))
        await bot.tell(private("Who has seen the whael @moby, /start or t.me/ahab?"))
        (sent,) = bot.api.messages
        ours = buttons(sent)
        for data in ours.values():
            await bot.calls_after(tap(sent, data))
        await bot.tell(private("/why", reply_to=sent))
        await bot.tell(private("/articles"))
        assistant.store.put(*(Incoming(replace(w, text="Nothing."), w.id, keep_id=True) for w in whales))
        await bot.tell(private(f"/start a_{ours['👍'].split(':')[1]}"))
        query = inline("Who has seen the whale?")
        await bot.calls_after(query)
        offers = bot.api.answers[query["inline_query"]["id"]]["results"]
        messages = [
            *(each for each in shown if each is not True),
            *(o["input_message_content"] for o in offers),
        ]
    assert len(messages) >= 6
    kinds = [{entity["type"] for entity in message.get("entities", [])} for message in messages]
    assert all("code" in each for each in kinds)
    assert not set().union(*kinds) & {"mention", "bot_command", "url"}
    assert not bot.api.violations


async def test_the_list_of_articles_is_sent_with_its_links(bot: Wired, holding: Assistant) -> None:
    (sent,) = await bot.tell(bot.api.message(ANN, "/articles"))
    assert sent["text"].startswith("I answer from 51 articles:")
    assert sent["text"].endswith("… and 31 more.")
    (message,) = bot.api.messages
    assert message.pieces("text_link") == [a.title for a in holding.store.articles(20)]
    assert listing(holding.store.articles(20), 51, words)[0].text == message.text
