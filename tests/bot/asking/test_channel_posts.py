"""Comments under a channel's posts: what is asked under one about an article is answered from it first."""

from typing import Any

import pytest
from bot_api_chats import Sent
from conftest import COST, lighthouse
from fakes import Wired
from updates import ANN, CHANNEL, GROUP, forwarded, group, post, private, where

from bot.assistant import Assistant
from bot.posting.subscriptions import Subscriptions
from corpus.article import Article
from corpus.store import Incoming

BRACK, BEN = "https://coast.example/Brack", 200
ABOUT = {
    "its address": {"text": f"New: {BRACK} is out."},
    "its address as others pass it on": {"text": "New: http://coast.example/Brack/?utm_source=daily#top"},
    "a link": {"text": "Read", "entities": [{"type": "text_link", "offset": 0, "length": 4, "url": BRACK}]},
    "a caption": {
        "text": None, "caption": f"New: {BRACK}",
        "photo": [{"file_id": "A", "file_unique_id": "B", "width": 90, "height": 90}],
    },
    "a button": {
        "text": "Read it.", "reply_markup": {"inline_keyboard": [[{"text": "Here", "url": BRACK}]]},
    },
    "the first of two": {"text": f"Unknown: https://example.org/x Known: {BRACK} https://coast.example/Arden"},
}  # fmt: skip
NOT_ABOUT = {
    "no link": {"text": "The light of Brack is on."},
    "another site": {"text": "https://example.org/Brack"},
    "nothing": {"text": None},
}


def commented(content: dict[str, Any]) -> dict[str, Any]:
    """A post as Telegram forwards it into the discussion group."""
    text, *more = content.get("text"), *content.items()
    update = forwarded(post(text, **{name: value for name, value in more if name != "text"}))
    if "reply_markup" in content:
        update["message"]["reply_markup"] = content["reply_markup"]
    return update


async def leading(bot: Wired, update: dict[str, Any]) -> str:
    """The title that is named first in the answer."""
    await bot.tell(update)
    assert not bot.api.violations
    return bot.api.messages[-1].pieces("text_link")[0]


@pytest.fixture
async def elsewhere(bot: Wired) -> str:
    """The title that leads where nothing else is known."""
    return await leading(bot, group(f"/ask {COST}"))


@pytest.mark.parametrize("content", ABOUT.values(), ids=ABOUT)
async def test_under_a_post_about_an_article_that_one_leads(
    bot: Wired, elsewhere: str, content: dict[str, Any]
) -> None:
    about = commented(content)
    assert await bot.tell(about) == []
    assert await leading(bot, group(f"/ask {COST}", reply_to=about["message"])) == lighthouse(1).title
    assert elsewhere != lighthouse(1).title
    sent = bot.api.messages[-1]
    assert len(sent.pieces("expandable_blockquote")) == 3  # others follow
    assert sent.reply_parameters is not None
    assert sent.thread is None


@pytest.mark.parametrize("content", NOT_ABOUT.values(), ids=NOT_ABOUT)
async def test_under_any_other_post_nothing_leads(
    bot: Wired, elsewhere: str, content: dict[str, Any]
) -> None:
    about = commented(content)
    await bot.tell(about)
    assert await leading(bot, group(f"/ask {COST}", reply_to=about["message"])) == elsewhere


async def comment(bot: Wired) -> dict[str, Any]:
    """What somebody said under a post about an article."""
    about = commented(ABOUT["its address"])
    await bot.tell(about)
    said = group("Interesting.", user=BEN, reply_to=about["message"])
    await bot.tell(said)
    return said["message"]


async def test_further_down_the_thread_it_leads_as_well(bot: Wired) -> None:
    """There the message that is replied to is no post: the number of the thread tells which one it is."""
    said = await comment(bot)
    assert await leading(bot, group(f"/ask {COST}", reply_to=said)) == lighthouse(1).title
    assert await leading(bot, group("/ask", reply_to=said | {"text": COST})) == lighthouse(1).title
    sent: Sent = bot.api.messages[-1]
    assert await leading(bot, group(COST, reply_to=sent)) == lighthouse(1).title


async def test_outside_the_thread_nothing_leads(bot: Wired, elsewhere: str) -> None:
    said = await comment(bot)
    number = said["message_thread_id"]
    assert await leading(bot, group(f"/ask {COST}")) == elsewhere
    assert await leading(bot, private(COST)) == elsewhere
    assert await leading(bot, group(f"/ask {COST}", GROUP - 1, message_thread_id=number)) == elsewhere
    assert await leading(bot, group(f"/ask {COST}", thread=number)) == elsewhere  # a topic


async def test_what_somebody_forwards_by_hand_is_no_post(bot: Wired, elsewhere: str) -> None:
    origin = {"type": "channel", "chat": where(CHANNEL, "channel"), "message_id": 5, "date": 1_700_000_000}
    by_hand = group(f"New: {BRACK}", user=BEN, forward_origin=origin)
    await bot.tell(by_hand)
    assert await leading(bot, group(f"/ask {COST}", reply_to=by_hand["message"])) == elsewhere


async def test_an_article_that_was_withdrawn_leads_no_more(
    bot: Wired, coast: Assistant, elsewhere: str
) -> None:
    said = await comment(bot)
    coast.store.withdraw(["light1"], "removed")
    assert await leading(bot, group(f"/ask {COST}", reply_to=said)) == elsewhere


async def test_where_only_another_article_answers_that_one_leads(bot: Wired, coast: Assistant) -> None:
    whale = Article(
        "whale", "A whale", "A whale was seen off the pier on Sunday.", url="https://coast.example/w"
    )
    coast.store.put(Incoming(whale, "id:whale", keep_id=True))
    coast.reindex()
    said = await comment(bot)
    assert await leading(bot, group("/ask Where was a whale seen?", reply_to=said)) == "A whale"


HURT = "Nobody was hurt, said the harbour master of Aarhus, but the storm tore 4 boats from the pier."
CLOSED = "The harbour stayed closed until dawn."
NIGHT = "The wind blew from the north all night, and it rained. " * 12
STORM = f"{HURT} {CLOSED}\n{NIGHT}\nThe school of Aarhus lost its roof."
HOW_MANY, WHO = "How many boats did the storm tear from the pier?", "Who lost its roof, the school?"


async def posted(bot: Wired, coast: Assistant, chat: int) -> Sent:
    """The post about a storm in a chat that subscribed."""
    await Subscriptions(coast.database).begin(chat, 0, BEN)
    storm = Article("storm", "Storm Ada", STORM, "Coast Daily", url="https://coast.example/ada")
    coast.store.put(Incoming(storm, "id:storm", keep_id=True))
    coast.reindex()
    await bot.work_off()
    sent = bot.api.messages[-1]
    assert HURT in sent.text
    assert "roof" not in sent.text
    return sent


async def replied_to(bot: Wired, update: dict[str, Any]) -> tuple[int, str | None]:
    """The number of the message that an answer replies to, and what it quotes of it."""
    await bot.tell(update)
    assert not bot.api.violations
    sent = bot.api.messages[-1]
    assert sent.pieces("bold")
    parameters = sent.reply_parameters or {}
    return parameters["message_id"], parameters.get("quote")


async def test_in_private_an_answer_quotes_the_post_that_says_so(bot: Wired, coast: Assistant) -> None:
    post = await posted(bot, coast, ANN)
    assert await replied_to(bot, private(HOW_MANY)) == (post.message_id, HURT)
    asked = private(WHO)  # which the post does not say
    assert await replied_to(bot, asked) == (asked["message"]["message_id"], None)


async def test_in_a_group_it_does_where_it_was_asked_under_the_post(bot: Wired, coast: Assistant) -> None:
    post = await posted(bot, coast, GROUP)
    under = group(f"/ask {HOW_MANY}", reply_to=post)
    assert await replied_to(bot, under) == (post.message_id, HURT)
    deeper = group(f"/ask {HOW_MANY}", reply_to=group("Poor boats!", user=BEN, reply_to=post)["message"])
    assert await replied_to(bot, deeper) == (post.message_id, HURT)
    for asked in (group(f"/ask {HOW_MANY}"), group(f"/ask {WHO}", reply_to=post)):
        assert await replied_to(bot, asked) == (asked["message"]["message_id"], None)


@pytest.mark.parametrize("says_so", [True, False])
async def test_under_a_post_in_the_discussion_group_it_does_where_that_says_so(
    bot: Wired, coast: Assistant, says_so: bool
) -> None:
    await posted(bot, coast, BEN)
    about = forwarded(post(f"{HURT if says_so else 'A storm!'} https://coast.example/ada"))
    await bot.tell(about)
    asked = group(f"/ask {HOW_MANY}", reply_to=about["message"])
    number = about["message"]["message_id"]
    expected = (number, HURT) if says_so else (asked["message"]["message_id"], None)
    assert await replied_to(bot, asked) == expected


@pytest.mark.parametrize("why", ["QUOTE_TEXT_INVALID", "message to be replied not found"])
async def test_where_the_post_says_so_no_more_the_answer_replies_to_the_question(
    bot: Wired, coast: Assistant, why: str
) -> None:
    post, asked = await posted(bot, coast, ANN), private(HOW_MANY)
    bot.api.fault("sendMessage", "error", description=f"Bad Request: {why}")
    assert await replied_to(bot, asked) == (asked["message"]["message_id"], None)
    tried = [call.params for call in bot.api.calls if call.method == "sendMessage"][-2]["reply_parameters"]
    assert (tried["message_id"], tried["quote"]) == (post.message_id, HURT)
