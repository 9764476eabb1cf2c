"""Links to answers: each opens what it showed, as it stands now, and nothing else opens anything."""

import random
import string
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import CAPES, COST, lighthouse
from fakes import Wired, wired
from updates import ANN, GROUP, buttons, group, press, private

from bot.assistant import Assistant
from bot.text.words import words_for
from corpus.store import Incoming

BEN = 200
ALLOWED = string.ascii_letters + string.digits + "_-"
words = words_for("en")


@pytest.fixture
async def answer(bot: Wired) -> Sent:
    """An answer that somebody got in private."""
    await bot.tell(private(COST))
    return bot.api.messages[-1]


def payload(sent: Sent) -> str:
    """What the link that a button under an answer copies hands to /start."""
    assert sent.reply_markup is not None
    copied = [each["copy_text"]["text"] for row in sent.reply_markup["inline_keyboard"] for each in row
              if each["text"] == words("copy-link")]  # fmt: skip
    (link,) = copied
    start, _, number = link.partition("?start=")
    assert start == "https://t.me/test_bot"
    assert len(number) <= 64
    assert set(number) <= set(ALLOWED)
    return number


async def opened(bot: Wired, number: str, user: int = BEN) -> Sent:
    """What a person gets who follows a link."""
    assert len(await bot.tell(private(f"/start {number}", user))) == 1
    assert not bot.api.violations
    return bot.api.messages[-1]


def named(sent: Sent) -> list[str]:
    return sent.pieces("text_link")


async def test_a_link_opens_the_same_answer_for_anybody(bot: Wired, answer: Sent) -> None:
    again = await opened(bot, payload(answer))
    assert (again.chat_id, again.text, again.entities) == (BEN, answer.text, answer.entities)
    assert payload(again) != payload(answer)
    assert (await opened(bot, payload(again), ANN)).text == answer.text


async def test_what_it_opens_has_buttons_of_its_own(bot: Wired, answer: Sent) -> None:
    await bot.calls_after(press(answer, "More"))
    first = await opened(bot, payload(answer))
    again = await opened(bot, payload(answer))
    assert len({*buttons(first).values(), *buttons(again).values(), *buttons(answer).values()}) > 12
    text = first.text
    for label in ("More", "Back", "Context 2", "Back"):
        await bot.calls_after(press(again, label, BEN))
    assert again.text == first.text == text


async def test_it_tells_nothing_of_who_asked_what(bot: Wired) -> None:
    await bot.tell(private("How many million pouds did the lighthouse cost?"))  # which is corrected above it
    answer = bot.api.messages[-1]
    assert answer.text.startswith(words("searched-for", question=COST))
    again = await opened(bot, payload(answer))
    assert again.text == answer.text.partition("\n\n")[2]
    (why,) = await bot.tell(private("/why", BEN, reply_to=again))
    assert "How many" not in again.text + why["text"]
    await bot.tell(private("and the light of Brack?", BEN, reply_to=again))
    (why,) = await bot.tell(private("/why", BEN, reply_to=bot.api.messages[-1]))
    assert "How many" not in why["text"]


async def test_it_outlives_the_person_who_asked(bot: Wired, answer: Sent) -> None:
    await bot.forget(ANN)
    assert (await opened(bot, payload(answer))).text == answer.text


async def test_in_a_group_it_opens_nothing(bot: Wired, answer: Sent) -> None:
    (sent,) = await bot.tell(group(f"/start {payload(answer)}"))
    assert sent["text"].startswith(words("help-group", ways="")[:12])


async def test_for_the_uninvited_it_opens_nothing(coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset({GROUP})) as bot:
        await bot.tell(group(f"/ask {COST}"))
        sent = await opened(bot, payload(bot.api.messages[-1]))
        assert sent.text == words("not-invited", id=str(BEN))


def put(assistant: Assistant, number: int, change: Callable[[str], str]) -> None:
    """An article about a lighthouse as it reads now."""
    article = lighthouse(number)
    changed = type(article)(**{name: getattr(article, name) for name in ("id", "title", "outlet", "url")},
                            text=change(article.text))  # fmt: skip
    assistant.store.put(Incoming(changed, f"id:{number}", keep_id=True))


CHANGED = words("permalink-changed")
ELSEWHERE: dict[str, Callable[[str], str]] = {
    "before": lambda text: f"Corrected on Monday.\n{text}",
    "after": lambda text: f"{text}\nCorrected on Monday.",
    "both": lambda text: f"Corrected on Monday.\n{text}\nMany people live there now.",
}


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_it_says_that_an_article_has_changed_where_its_passage_stands(
    bot: Wired, coast: Assistant, answer: Sent, change: Callable[[str], str]
) -> None:
    for number in range(len(CAPES)):
        put(coast, number, change)
    again = await opened(bot, payload(answer))
    assert again.text.startswith(f"{CHANGED}\n\n")  # once, though all three have
    assert again.pieces("expandable_blockquote") == answer.pieces("expandable_blockquote")


async def test_it_says_which_article_no_longer_holds_its_passage(
    bot: Wired, coast: Assistant, answer: Sent
) -> None:
    cape = named(answer)[1].split()[-1]
    put(coast, CAPES.index(cape), lambda text: text.replace("million", "thousand"))
    again = await opened(bot, payload(answer))
    assert again.text.startswith(words("permalink-rewritten", title=f"The light of {cape}"))
    assert named(again) == [named(answer)[0], named(answer)[2]]


async def test_it_says_that_an_article_was_withdrawn(bot: Wired, coast: Assistant, answer: Sent) -> None:
    ids = {article.title: article.id for article in coast.store.articles()}
    coast.store.withdraw([ids[named(answer)[0]]], "gone")
    again = await opened(bot, payload(answer))
    assert again.text.startswith(f"{words('permalink-withdrawn')}\n\n")
    assert named(again) == named(answer)[1:]
    coast.store.withdraw([ids[title] for title in named(again)], "removed")
    nothing = await opened(bot, payload(answer))
    assert nothing.text == words("permalink-withdrawn")
    assert named(nothing) == []


async def test_what_showed_no_passage_can_not_be_opened(bot: Wired) -> None:
    await bot.tell(private("Who lives near Paris?"))
    number = next(iter(buttons(bot.api.messages[-1]).values())).split(":")[1]
    assert (await opened(bot, f"a_{number}")).text == words("permalink-gone")


def payloads(known: str) -> Iterator[str]:
    """A thousand payloads: of every length, worse than Telegram allows, and next to a known one."""
    chance = random.Random(6)
    worse = [
        "../../etc/passwd",
        "' or '1'='1",
        "<b>x</b>",
        "%s",
        "a_%",
        "a_*",
        "a__",
        "a_\0",
        "😀" * 30,
        "A" * 4000,
    ]
    for count in range(1000):
        near = list(known)
        near[chance.randrange(len(near))] = chance.choice(ALLOWED)
        yield chance.choice([
            "".join(chance.choices(ALLOWED, k=chance.randint(1, 64))),
            "a_" + "".join(chance.choices(ALLOWED, k=12)),
            "".join(near), known + chance.choice(ALLOWED), known[:-1], known.swapcase(), f"{known} {known}",
            worse[count % len(worse)],
        ])  # fmt: skip


@pytest.mark.slow
async def test_only_a_known_link_opens_anything(bot: Wired, coast: Assistant, answer: Sent) -> None:
    known = payload(answer)

    def rows() -> list[Any]:
        return coast.database.read().execute("select * from answers order by id").fetchall()

    before, said = rows(), {words("start"), words("permalink-gone")}
    for each in payloads(known):
        if each != known:
            assert {sent["text"] for sent in await bot.tell(private(f"/start {each}", BEN))} <= said, each
    assert rows() == before
    assert (await opened(bot, known)).text == answer.text
