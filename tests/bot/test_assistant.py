"""The languages that the model doesn't read: told of the index, logged once, and said to who asks."""

import logging

import pytest
from babel import Locale
from encoders import HashEncoder
from fakes import Wired
from updates import ANN, group, person, private

from bot.assistant import Assistant
from bot.text.words import LANGUAGES, words_for
from corpus.article import Article
from corpus.store import Incoming

TEXTS = {
    "en": "The lighthouse on the northern cape cost 12 million pounds. It opened in May.",
    "de": "Der Leuchtturm am Nordkap hat zwölf Millionen Pfund gekostet. Er wurde im Mai eröffnet.",
    "ru": "Маяк на северном мысе стоил двенадцать миллионов фунтов. Он открылся в мае.",
}
GERMAN = "Wie viele Millionen Pfund hat der Leuchtturm gekostet?"
BY_WORDS_ALONE = "Searched by words alone, since the model doesn't read it"


@pytest.fixture
def english_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder of `assistant` and `coast` reads English alone."""
    monkeypatch.setattr(HashEncoder, "reads", lambda _self, language: language == "en")


def put(assistant: Assistant, *languages: str) -> None:
    """Store an article in each language, and index them."""
    articles = (Article(code, "Light", TEXTS[code], language=code) for code in languages)
    assistant.store.put(*(Incoming(each, f"id:{each.id}", keep_id=True) for each in articles))
    assistant.reindex()


def withdraw(assistant: Assistant, *languages: str) -> None:
    assistant.store.withdraw(languages, "removed")
    assistant.reindex()


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings of the assistant since they were last looked at."""
    found = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    caplog.clear()
    return found


@pytest.mark.usefixtures("english_reader")
def test_an_index_tells_which_languages_of_its_articles_the_model_does_not_read(assistant: Assistant) -> None:
    put(assistant, "en")
    (serving,) = assistant.generations()
    assert (serving.languages, serving.unread) == (("en",), ())
    assert BY_WORDS_ALONE not in serving.sentence()
    put(assistant, "de", "ru")
    (serving,) = assistant.generations()
    assert (set(serving.languages), set(serving.unread)) == ({"de", "en", "ru"}, {"de", "ru"})
    assert serving.sentence().endswith(f" {BY_WORDS_ALONE}: {', '.join(serving.unread)}.")


def test_where_the_model_reads_all_languages_nothing_is_told_of_them(
    assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    put(assistant, "de", "ru")
    assert assistant.generations()[0].unread == ()
    assert warned(caplog) == []


@pytest.mark.usefixtures("english_reader")
def test_a_language_that_is_not_read_is_logged_once_until_that_changes(
    assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    put(assistant, "en")
    assert warned(caplog) == []
    put(assistant, "de")
    (said,) = warned(caplog)
    assert said == assistant.generations()[0].sentence()
    assert said.endswith(f"{BY_WORDS_ALONE}: de.")
    assistant.reindex()
    assistant.reindex(full=True)
    withdraw(assistant, "en")
    assert warned(caplog) == []
    put(assistant, "ru")
    (said,) = warned(caplog)
    assert said.endswith("de, ru.")


@pytest.mark.usefixtures("english_reader")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_asks_in_a_language_that_the_model_does_not_read_is_told_so(
    bot: Wired, language: str
) -> None:
    asker = person(ANN) | {"language_code": language}
    for update in (private(GERMAN, asker), group(f"/ask {GERMAN}", user=asker)):
        (sent,) = await bot.tell(update)
        names = Locale.parse(language).languages
        assert 0 <= sent["text"].find(names["de"]) < sent["text"].find(names["en"])
        assert words_for(language)("not-held", count=8)[:10] not in sent["text"]
    assert not bot.api.violations


async def test_a_model_that_reads_it_searches_the_articles(bot: Wired) -> None:
    (sent,) = await bot.tell(private(GERMAN))
    assert sent["text"].startswith("That is not in the articles.")
