"""Standing questions: told where they were asked once a new article answers them, and only then."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST
from fakes import Wired, tapped, traces, until, wired
from updates import ANN, GROUP, buttons, group, membership, migration, person, press, private, tap

from bot.assistant import Assistant
from bot.config import Config, load
from bot.posting.watch_matcher import ask_watches
from bot.posting.watches import MOST, Watches, arrived
from bot.text.words import LANGUAGES, words_for
from corpus.article import Article
from corpus.store import Incoming
from index.encoding.embed import Model, Question
from index.errors import NoIndex

BEN, NEWS = 200, 77
WHERE = "Where was a whale seen?"
SEEN = "A whale was seen off the pier on Sunday morning."
TELL = "🔔 Tell me when it is reported"
words = words_for("en")

Told = Callable[[], Awaitable[list[Sent]]]


def whale(text: str = SEEN, number: str = "whale") -> Article:
    return Article(number, "A whale", text, outlet="Coast Daily", url=f"https://coast.example/{number}")


def put(assistant: Assistant, *articles: Article, quiet: bool = False) -> None:
    """Store articles, and index them."""
    assistant.store.put(*(Incoming(each, f"id:{each.id}", keep_id=True) for each in articles), quiet=quiet)
    assistant.reindex()


@pytest.fixture
async def told(bot: Wired, coast: Assistant) -> Told:
    """What the standing questions are told of what is new: the messages that are sent."""

    async def tell() -> list[Sent]:
        before = len(bot.api.messages)
        await ask_watches(bot.services)
        await bot.work_off()
        assert not bot.api.violations
        return bot.api.messages[before:]

    await ask_watches(bot.services)
    return tell


async def replied(bot: Wired, update: dict[str, Any]) -> Sent:
    """What the bot says to a message."""
    await bot.tell(update)
    return bot.api.messages[-1]


async def test_the_button_under_an_answer_that_is_absent_lets_the_question_stand(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    asked = private(WHERE)
    absent = await replied(bot, asked)
    assert await tapped(bot, press(absent, TELL)) == (words("watching"), [])
    assert await tapped(bot, press(absent, TELL)) == (words("watching-already"), [])
    put(coast, whale())
    (sent,) = await told()
    assert sent.chat_id == ANN
    assert sent.reply_parameters is not None
    assert sent.reply_parameters["message_id"] == asked["message"]["message_id"]
    assert sent.text.startswith(words("watch-answered", question=WHERE))
    assert sent.pieces("expandable_blockquote") == sent.pieces("bold") == [SEEN]
    assert sent.pieces("text_link") == ["A whale"]


async def test_only_what_is_absent_has_the_button(bot: Wired) -> None:
    assert TELL not in buttons(await replied(bot, private(COST)))
    absent = await replied(bot, private(WHERE))
    assert TELL in buttons(absent)
    await bot.tell(private("/new"))  # which forgets what was asked
    assert await tapped(bot, press(absent, TELL)) == (words("answer-too-old"), [])


@pytest.mark.parametrize(
    ("update", "chat", "thread"),
    [
        (private(f"/watch {WHERE}"), ANN, None), (group(f"/watch {WHERE}"), GROUP, None),
        (group(f"/watch {WHERE}", thread=NEWS), GROUP, NEWS),
    ],
)  # fmt: skip
async def test_it_is_told_where_it_was_asked(
    bot: Wired, coast: Assistant, told: Told, update: dict[str, Any], chat: int, thread: int | None
) -> None:
    if thread:
        bot.api.chats[GROUP].topics[thread] = "open"
    assert (await replied(bot, update)).text == words("watching")
    put(coast, whale())
    (sent,) = await told()
    assert (sent.chat_id, sent.thread) == (chat, thread)
    assert sent.reply_parameters is not None
    assert sent.reply_parameters["message_id"] == update["message"]["message_id"]


async def test_the_buttons_and_why_work_under_what_was_told(bot: Wired, coast: Assistant, told: Told) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    put(coast, whale(f"{SEEN} It swam north.\nThe harbour was closed for an hour."))
    (sent,) = await told()
    assert await tapped(bot, press(sent, "Context")) == ("", ["editMessageText"])
    assert "The harbour was closed" in sent.pieces("expandable_blockquote")[0]
    await tapped(bot, press(sent, "Back"))
    assert sent.text.startswith(words("watch-answered", question=WHERE))
    assert await tapped(bot, press(sent, "👍")) == (words("thanks"), [])
    why = await replied(bot, private("/why", reply_to=sent))
    assert why.text.startswith(words("why-question", question=WHERE))


async def test_an_article_is_asked_once_and_only_when_it_can_be_found(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    coast.store.put(Incoming(whale(), "id:whale", keep_id=True))
    assert await told() == []
    coast.reindex()
    assert len(await told()) == 1
    assert await told() == []


async def test_what_was_there_before_or_came_quietly_is_not_new(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    put(coast, whale(), quiet=True)
    await bot.tell(private(f"/watch {WHERE}"))
    await bot.tell(private(f"/watch {COST}"))
    assert await told() == []


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        (f"{SEEN} It left.", False),
        ("On Sunday morning a whale was seen off the pier.", False),
        (f"Ships kept away from the harbour for hours. {SEEN} The mayor took a boat to it.", False),
        ("A whale was seen near the lighthouse of Cape Brack by two fishermen.", True),
        ("A whale was seen off the pier at 7 on Sunday morning.", True),
        ("A cow was sold at the market.", False),
    ],
)  # fmt: skip
async def test_never_the_same_story_twice(
    bot: Wired, coast: Assistant, told: Told, text: str, is_told: bool
) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    put(coast, whale())
    assert len(await told()) == 1
    put(coast, whale(text, "another"))
    assert len(await told()) == is_told
    put(coast, whale(f"Ahoy! {SEEN}"))  # the same, changed
    assert await told() == []


async def test_two_articles_at_once_that_tell_the_same_are_told_once(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    put(coast, whale(), whale(number="copy"))
    assert len(await told()) == 1


async def test_after_a_restart_what_was_not_asked_is_asked_and_nothing_twice(
    bot: Wired, coast: Assistant, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chat in (ANN, BEN):
        await bot.tell(private(f"/watch {WHERE}", chat))
    put(coast, whale())
    ask, asked = coast.ask_article, []

    def fail_at_the_second(*args: Any) -> Any:
        asked.append(args)
        if len(asked) == 2:
            raise NoIndex("It is being renewed.")
        return ask(*args)

    monkeypatch.setattr(coast, "ask_article", fail_at_the_second)
    assert [sent.chat_id for sent in await told()] == [ANN]  # what is left is in the database alone
    assert [sent.chat_id for sent in await told()] == [BEN]


@pytest.mark.parametrize("update", [private(f"/watch {WHERE}"), group(f"/watch {WHERE}")])
async def test_without_its_question_it_is_told_all_the_same(
    bot: Wired, coast: Assistant, told: Told, update: dict[str, Any]
) -> None:
    await bot.tell(update)
    chat, number = update["message"]["chat"]["id"], update["message"]["message_id"]
    del bot.api.chats[chat].messages[number]
    put(coast, whale())
    (sent,) = await told()
    assert "reply_to_message" not in sent.shown()


async def test_what_is_withdrawn_before_it_is_told_is_not_told(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    put(coast, whale())
    coast.store.withdraw(["whale"], "removed")
    assert await told() == []


async def test_a_person_has_so_many_questions_and_no_more(bot: Wired, coast: Assistant) -> None:
    for number in range(MOST):
        assert (await replied(bot, private(f"/watch Is there a whale {number}?"))).text == words("watching")
    full = words("watches-full", limit=MOST)
    assert (await replied(bot, private(f"/watch {WHERE}"))).text == full
    assert (await replied(bot, group(f"/watch {WHERE}"))).text == full
    assert (await replied(bot, private(f"/watch {WHERE}", BEN))).text == words("watching")
    assert len(Watches(coast.database).all()) == MOST + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/watch", "watch-how"), ("/watch ?!", "question-without-words"),
        ("/watch " + "x" * 1001, "question-too-long"),
    ],
)  # fmt: skip
async def test_what_is_no_question_does_not_stand(bot: Wired, coast: Assistant, text: str, said: str) -> None:
    expected = words(said, limit=1000) if "long" in said else words(said)
    assert (await replied(bot, private(text))).text == expected
    assert Watches(coast.database).all() == []


async def test_as_a_reply_to_an_answer_its_question_stands(bot: Wired, coast: Assistant) -> None:
    answer = await replied(bot, private(COST))
    leaning = await replied(bot, private("and that of Brack?", reply_to=answer))
    await bot.tell(private("/watch", reply_to=answer))
    await bot.tell(private("/watch", reply_to=leaning))
    questions = [each.question for each in Watches(coast.database).all()]
    assert questions == [COST, f"{COST} and that of Brack?"]


async def test_the_list_names_what_stands_and_each_button_ends_one(
    bot: Wired, coast: Assistant, told: Told
) -> None:
    assert (await replied(bot, private("/watches"))).text == words("watches-none")
    for question in (WHERE, COST, "Is there a /whale?"):
        await bot.tell(private(f"/watch {question}"))
    listed = await replied(bot, private("/watches"))
    lines = [words("watches"), f"1. {WHERE}", f"2. {COST}", "3. Is there a /whale?"]
    assert listed.text.split("\n") == lines
    assert listed.pieces("code") == ["/whale"]
    assert await tapped(bot, press(listed, "🔕 1")) == (words("watch-ended"), ["editMessageText"])
    assert listed.text.split("\n") == [words("watches"), f"1. {COST}", "2. Is there a /whale?"]
    put(coast, whale())
    assert [each for each in await told() if WHERE in each.text] == []


async def test_the_list_of_a_group_is_ended_by_who_asked_and_by_its_admins(
    bot: Wired, coast: Assistant
) -> None:
    bot.api.chats[GROUP].members |= {ANN: "member", BEN: "member", 300: "administrator"}
    await bot.tell(private("/watch What is private?", BEN))
    await bot.tell(group(f"/watch {WHERE}"))
    await bot.tell(group(f"/watch {COST}"))
    listed = await replied(bot, group("/watches", user=BEN))
    assert listed.text.split("\n") == [words("watches"), f"1. {WHERE}", f"2. {COST}"]
    for user, said in [(BEN, "watch-not-yours"), (300, "watch-ended"), (ANN, "watch-ended")]:
        calls = await bot.calls_after(press(listed, "🔕 1", user))
        assert [c.params["text"] for c in calls if c.method == "answerCallbackQuery"] == [words(said)]
        assert ("editMessageText" in [c.method for c in calls]) == (said == "watch-ended")
    assert listed.text == words("watches-none")
    assert [each.person for each in Watches(coast.database).all()] == [BEN]


async def test_nobody_ends_what_another_asked_in_private(bot: Wired, coast: Assistant) -> None:
    await bot.tell(private(f"/watch {WHERE}", BEN))
    await bot.tell(private(f"/watch {COST}"))
    (theirs, _), listed = Watches(coast.database).all(), await replied(bot, private("/watches"))
    assert await tapped(bot, tap(listed, f"end:{theirs.id}")) == (words("watch-not-yours"), [])
    assert len(Watches(coast.database).all()) == 2


async def test_who_is_not_invited_any_more_is_not_told(
    bot: Wired, coast: Assistant, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    put(coast, whale())
    monkeypatch.setattr(coast, "config", load({"CITEWIRE_ALLOWED": str(BEN)}))
    assert await told() == []


async def test_where_nobody_is_any_more_nothing_is_tried(bot: Wired, coast: Assistant, told: Told) -> None:
    await bot.tell(private(f"/watch {WHERE}"))
    await bot.calls_after(membership(ANN, "member", "kicked", ANN))
    put(coast, whale())
    assert await told() == []
    await bot.calls_after(membership(ANN, "kicked", "member", ANN))
    put(coast, whale(number="later"))
    assert len(await told()) == 1


async def test_people_who_ask_meanwhile_go_between(bot: Wired, coast: Assistant, told: Told) -> None:
    for number in range(MOST):
        await bot.tell(private(f"/watch Is there a whale {number}?"))
    put(coast, whale())
    searched: list[str] = []
    encode = coast.encoder.encode_question

    def noted(question: str, language: str = "") -> Question:
        searched.append(question)
        return encode(question, language)

    coast.encoder.encode_question = noted  # type: ignore[method-assign]
    matching = asyncio.create_task(ask_watches(bot.services))
    await until(lambda: searched)
    await bot.tell(private(COST, BEN))
    await matching
    assert len(searched) == MOST + 1
    assert searched.index(COST) < MOST / 2


async def test_a_group_that_moves_takes_its_questions_along(bot: Wired, coast: Assistant, told: Told) -> None:
    old, new = -300, -1_000_000_000_300
    await bot.tell(group(f"/watch {WHERE}", old))
    to, since = migration(old, new)
    await bot.tell(to)
    await bot.tell(since)
    put(coast, whale())
    (sent,) = await told()
    assert sent.chat_id == new
    assert sent.reply_parameters is None


async def test_forgetme_leaves_nothing_of_a_question(bot: Wired, coast: Assistant, told: Told) -> None:
    ann, secret = 0x1A2B_3C4D_5E6F, "Where was a whale seen, was it off Marigold pier?"
    await bot.tell(private(f"/watch {secret}", ann))
    await bot.tell(group(f"/watch {secret}", user=ann))
    put(coast, whale("A whale was seen off the Marigold pier."))
    assert len(await told()) == 2
    await bot.tell(private("/watch Where is it now?", ann))
    assert traces(coast.database.path, ann, secret) == {ann, secret}
    await bot.tell(private("/forgetme", ann))
    await until(coast.database.scrub)
    assert traces(coast.database.path, ann, secret) == set()
    put(coast, whale("It is now in the Marigold bay.", "bay"))
    assert await told() == []


async def test_it_is_matched_by_meaning(
    config: Config, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real model: in other words than those that were asked."""
    assistant, asked = Assistant(config, model, arrived), "How much did the new lighthouse cost?"
    async with wired(assistant, monkeypatch) as bot:
        for question in (asked, "Who won the rowing race in the harbour?"):
            await bot.tell(private(f"/watch {question}"))
        put(
            assistant,
            Article(
                "light", "A light", "The county paid 12 million pounds for the new lighthouse on Monday."
            ),
            Article(
                "market", "A market", "Two hundred stalls sold cheese and bread at the market on Saturday."
            ),
        )
        await ask_watches(bot.services)
        await bot.work_off()
        (sent,) = bot.api.messages[2:]
        assert sent.text.startswith(words("watch-answered", question=asked))
    assistant.close()


async def test_what_looks_like_an_answer_among_few_articles_is_none(
    config: Config, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real model: who asks would be shown it; who waits, waits for many articles."""
    assistant, asked = Assistant(config, model, arrived), "Who won the Grimsel chess open?"
    painted = "The chess tables in the park of Grimsel were painted green, and the old men like them better."
    won = "Irma Vold won the Grimsel chess open on Sunday, half a point before the champion of last year."
    async with wired(assistant, monkeypatch) as bot:
        await bot.tell(private(f"/watch {asked}"))
        for number, text in (("park", painted), ("open", won)):
            put(assistant, Article(number, "News from Grimsel", text))
            assert assistant.ask(asked).state == "answered"
            await ask_watches(bot.services)
        await bot.work_off()
        (sent,) = bot.api.messages[1:]
        assert sent.pieces("expandable_blockquote") == [won]
    assistant.close()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_told_in_the_language_in_which_it_was_asked(
    bot: Wired, coast: Assistant, told: Told, language: str
) -> None:
    await bot.tell(private(f"/watch {WHERE}", person(ANN) | {"language_code": language}))
    put(coast, whale())
    (sent,) = await told()
    local = words_for(language)
    assert sent.text.startswith(local("watch-answered", question=WHERE))
    assert local("context") in buttons(sent)
