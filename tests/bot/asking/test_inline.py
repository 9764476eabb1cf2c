"""Inline mode: passages to choose from in any chat, each sent with its source."""

from typing import Any

import pytest
from bot_api_text import units
from conftest import CAPES, COST, lighthouse
from fakes import Wired, wired
from updates import ANN, inline, person

from bot.asking.inline import OFFERED
from bot.assistant import Assistant
from bot.text.words import LANGUAGES, words_for
from corpus.article import Article
from corpus.store import Incoming

BEN = 200
words = words_for("en")


async def offered(bot: Wired, query: str, user: Any = ANN) -> dict[str, Any]:
    """The one answer to an inline query, as the server keeps it."""
    update = inline(query, user)
    (call,) = await bot.calls_after(update)
    assert call.method == "answerInlineQuery"
    assert not bot.api.violations
    return bot.api.answers[update["inline_query"]["id"]]


def put(assistant: Assistant, article: Article) -> None:
    assistant.store.put(Incoming(article, f"id:{article.id}", keep_id=True))
    assistant.reindex()


async def test_a_question_offers_passages_with_their_titles_and_outlets(bot: Wired) -> None:
    answer = await offered(bot, COST)
    assert (answer["is_personal"], "button" in answer) == (True, False)
    assert len(answer["results"]) == OFFERED
    for result in answer["results"]:
        article = next(lighthouse(n) for n in range(len(CAPES)) if lighthouse(n).title == result["title"])
        sentence = article.text.split("\n")[1].split(". ")[0] + "."
        assert result["description"] == f"Coast Daily · {sentence}"
        content = result["input_message_content"]
        assert content["message_text"].startswith(f"{article.text}\n— {article.title}")
        assert content["link_preview_options"] == {"is_disabled": True}
        marks = {each["type"]: each for each in content["entities"]}
        assert marks.keys() == {"expandable_blockquote", "bold", "text_link"}
        before = units(article.text[: article.text.index(sentence)])
        assert marks["bold"] == {"type": "bold", "offset": before, "length": units(sentence)}
        assert marks["text_link"]["url"].startswith(f"{article.url}#:~:text=")
        ((button,),) = result["reply_markup"]["inline_keyboard"]
        assert (button["text"], button["url"].split("#")[0]) == (words("open"), article.url)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "inline-ask"), ("  \n", "inline-ask"), ("?!", "inline-nothing"), ("x" * 1001, "inline-nothing"),
        ("\ud800", "inline-nothing"), ("' or 1=1; --", "inline-nothing"),
        ("Who lives near Paris?", "inline-nothing"),
    ],
)  # fmt: skip
async def test_where_there_is_nothing_to_offer_a_button_leads_to_the_bot(
    bot: Wired, query: str, said: str, language: str
) -> None:
    answer = await offered(bot, query, person(ANN) | {"language_code": language})
    assert answer["results"] == []
    assert answer["button"] == {"text": words_for(language)(said), "start_parameter": "inline"}


async def test_the_uninvited_are_offered_nothing(coast: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wired(coast, monkeypatch, allowed=frozenset({BEN})) as bot:
        assert (await offered(bot, COST))["button"]["text"] == words("inline-closed")
        assert len((await offered(bot, COST, BEN))["results"]) == OFFERED


async def test_without_an_index_there_is_nothing_to_offer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(assistant, monkeypatch) as bot:
        assert (await offered(bot, COST))["button"]["text"] == words("inline-nothing")


async def test_what_was_withdrawn_is_not_offered(bot: Wired, coast: Assistant) -> None:
    coast.store.withdraw(["light0"], "removed")
    titles = [result["title"] for result in (await offered(bot, COST))["results"]]
    assert lighthouse(0).title not in titles
    assert len(titles) == OFFERED


async def test_an_article_without_title_outlet_or_page_is_offered_too(bot: Wired, coast: Assistant) -> None:
    put(coast, Article("bare", "", "A whale was seen off the pier on Sunday. Nobody touched it."))
    (result,) = (await offered(bot, "Where was a whale seen?"))["results"]
    assert result["title"] == "A whale was seen off the pier on Sunday. Nobody touched it."
    assert result["description"] == "A whale was seen off the pier on Sunday."
    assert result["reply_markup"] is None


async def test_what_others_wrote_reaches_nobody(bot: Wired, coast: Assistant) -> None:
    text = "The whale @moby was seen by t.me/ahab, who said /start at once."
    put(coast, Article("whale", "A whale for @everybody", text, outlet="@news /daily"))
    (result,) = (await offered(bot, "Who has seen the whale?"))["results"]
    kinds = {entity["type"] for entity in result["input_message_content"]["entities"]}
    assert kinds == {"expandable_blockquote", "bold", "code"}


async def test_a_query_that_is_no_more_is_no_error(bot: Wired) -> None:
    late = inline(COST)
    number = late["inline_query"]["id"]
    bot.api.on("answerInlineQuery", "received", lambda _: bot.api.queries.update({number: "old"}))
    (call,) = await bot.calls_after(late)
    assert not call.executed
