"""What is posted of an article: its first sentences to the letter, what is around them, and two buttons."""

import pytest

from bot.posting.post import digest, hashtag, post
from bot.posting.subscriptions import Choices
from bot.text.opening import OPENING, first_sentences
from bot.text.words import LANGUAGES, words_for
from corpus.article import Article

words = words_for("en")
LEAD = "The new ferry between Aarhus and Oslo carried 812 passengers on its first crossing on Monday."
NEXT = "Every cabin had been sold weeks before."
LONG = "It rained on the whole of the coast for days, and nobody went out to sea. " * 12


def article(text: str, **more: object) -> Article:
    return Article("ferry", "A ferry opens", text, **more)  # type: ignore[arg-type]


def opening(made: Article) -> str | None:
    span = first_sentences(made)
    return made.text[slice(*span)] if span else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"A ferry opens\n\nBy A. Writer\n\n{LEAD}\n\n{NEXT}", f"{LEAD}\n\n{NEXT}"),
        (f"{LEAD} {NEXT}\n\n{LONG}", None),
        ("Too short.", ""),
        ("A" * 700 + " is no sentence to show.", ""),
    ],
    ids=["title and byline are left out", "as far as there is room", "nothing substantial", "too long"],
)
def test_the_first_substantial_sentences_open_a_post(text: str, expected: str | None) -> None:
    made = article(text)
    shown = opening(made)
    if expected is None:
        assert shown is not None
        assert shown.startswith(f"{LEAD} {NEXT}")
        assert shown.endswith("sea.")
        assert OPENING - 80 < len(shown) <= OPENING
    else:
        assert (shown or "") == expected


def test_promotion_neither_opens_a_post_nor_stands_in_it() -> None:
    advert = "Subscribe to our newsletter today and get the best stories of the week in your inbox, free."
    text = f"{advert}\n\n{LEAD}\n\n{advert}\n\n{NEXT}"
    at = text.rindex(advert)
    assert opening(article(text, promotion=((0, len(advert)), (at, at + len(advert))))) == LEAD


def test_a_post_tells_title_outlet_and_date_and_leads_on() -> None:
    made = article(
        LEAD, outlet="The Post", url="https://news.example/1", published="2024-06-03T10:00:00+02:00"
    )
    sent = post(made, 7, Choices(hashtags=True, preview=True, silent=True), words, "news_bot")
    assert sent.message.text == f"A ferry opens\nThe Post · 3 Jun 2024\n{LEAD}\n#The_Post"
    assert {mark.kind for mark in sent.message.marks} == {"bold", "date", "quote"}
    (quoted,) = sent.message.quotations
    assert sent.message.text[quoted.start : quoted.end] == LEAD
    assert sent.keyboard is not None
    ((read, about),) = sent.keyboard.inline_keyboard
    assert (read.url, about.url) == ("https://news.example/1", "https://t.me/news_bot?start=q_7")
    assert (sent.silent, sent.preview) == (True, "https://news.example/1")


def test_without_a_page_there_is_nothing_to_read() -> None:
    sent = post(article("Too short."), 7, Choices(), words, "news_bot")
    assert sent.message.text == "A ferry opens"
    assert sent.keyboard is not None
    assert [[button.text for button in row] for row in sent.keyboard.inline_keyboard] == [
        [words("ask-about")]
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_digest_lists_its_articles_in_each_language(code: str) -> None:
    articles = [Article(str(n), f"Story {n}", LEAD, url=f"https://news.example/{n}") for n in range(20)]
    sent = digest(articles, Choices(), words_for(code))
    assert sent.message.text.splitlines()[0] == words_for(code)("digest", count=20)
    assert [mark.url for mark in sent.message.marks] == [made.url for made in articles]


@pytest.mark.parametrize(
    ("outlet", "tag"),
    [
        ("The Post", "#The_Post"),
        ("BBC", "#BBC"),
        ("Süddeutsche!", "#Süddeutsche"),
        ("20", ""),
        ("!!", ""),
        (None, ""),
    ],
)
def test_a_hashtag_is_made_of_words_alone(outlet: str | None, tag: str) -> None:
    assert hashtag(article(LEAD, outlet=outlet)) == tag
