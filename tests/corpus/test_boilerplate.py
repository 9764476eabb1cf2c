"""What is taken for promotion, on invented articles and on the bundled one.

The wording was fitted to tuned.jsonl; held.jsonl was written before that and not fitted to. pages.jsonl holds
policies, help pages and manuals without any promotion, and columns, recipes and advice with some: all of
them speak to their readers.
"""

import json
import time
from itertools import groupby

import pytest
from paths import ROOT

from corpus.boilerplate import INSPECTED, LONGEST, MANY, THRESHOLD, digest, is_promotion, promotion, signals
from corpus.reading.paragraphs import paragraphs

DATA = ROOT / "tests/data/promotion"
BUNDLED = (ROOT / "corpus/articles/uk-iraq-border-pact.txt").read_text(encoding="utf-8")
SIGN_UP = "Sign up to our daily newsletter here."
RATES = (
    "The bank raised its main rate to 4.75 per cent on Thursday, the ninth rise in a row, and said "
    "that more would follow if prices did not fall. Mortgage payments will go up by about £60 a "
    "month for a typical household. "
)
BACKGROUND = "Lithuania brought back conscription in 2015, a year after Russia seized Crimea."


def rows(half):
    lines = (DATA / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def articles(half):
    return [list(group) for _, group in groupby(rows(half), key=lambda row: row["article"])]


def taken(paragraph_rows):
    """The texts taken for promotion when the rows stand together as one article."""
    text = "\n".join(row["text"] for row in paragraph_rows)
    elsewhere = {digest(row["text"]): row.get("repeats", 0) for row in paragraph_rows}
    return {text[a:b] for a, b in promotion(text, lambda key: elsewhere.get(key, 0))}


def texts_taken(text, **others):
    return [text[a:b] for a, b in promotion(text, **others)]


@pytest.mark.parametrize(
    "article",
    [group for half in ("tuned", "held", "pages") for group in articles(half)],
    ids=lambda group: group[0]["article"],
)
def test_no_real_paragraph_is_lost(article):
    real = {row["text"] for row in article if not row["promotion"]}
    assert taken(article) & real == set()


@pytest.mark.parametrize(("half", "floor"), [("tuned", 0.9), ("held", 0.95), ("pages", 0.95)])
def test_most_promotion_is_found(half, floor):
    found = wanted = 0
    for article in articles(half):
        advertised = {row["text"] for row in article if row["promotion"]}
        found += len(advertised & taken(article))
        wanted += len(advertised)
    assert found / wanted >= floor


@pytest.mark.parametrize("language", ["de", "es", "ru", "ar"])
def test_promotion_is_found_in_other_languages_too(language):
    chosen = [row for half in ("tuned", "held") for row in rows(half)]
    advertised = [r["text"] for r in chosen if r["language"] == language and r["promotion"]]
    found = [text for text in advertised if is_promotion(signals(text))]
    assert len(found) / len(advertised) >= 0.85


def test_in_the_bundled_article_exactly_four_paragraphs_are_promotion():
    starts = ("US ELECTION WHATSAPP:", "POLITICS WHATSAPP:", "NEWSLETTER:", "PODCAST:")
    found = texts_taken(BUNDLED)
    assert len(found) == 4
    assert all(text.startswith(start) for text, start in zip(found, starts, strict=True))


def test_spans_are_those_of_whole_paragraphs():
    assert set(promotion(BUNDLED)) <= set(paragraphs(BUNDLED))


@pytest.mark.parametrize("text", ["", "\n\n", " \n\t\n"])
def test_a_text_without_paragraphs_has_no_promotion(text):
    assert promotion(text) == ()


@pytest.mark.parametrize(
    "quoted",
    [
        f"“{SIGN_UP}”",
        f'"{SIGN_UP}"',
        f"‘{SIGN_UP}’",
        f"„{SIGN_UP}“",
        f"«{SIGN_UP}»",
        f"»{SIGN_UP}«",
        f"“{SIGN_UP}",  # goes on in the next paragraph
    ],
)
def test_an_appeal_inside_quotation_marks_is_not_the_outlets_own(quoted):
    assert is_promotion(signals(SIGN_UP))
    assert not is_promotion(signals(quoted))


def test_an_appeal_that_somebody_is_reported_to_make_stays():
    assert not is_promotion(signals("Subscribe to our cause, the ministry told young men."))


def test_a_headline_after_read_more_may_report_what_somebody_said():
    assert is_promotion(signals("READ MORE: Minister says he was told to resign"))


def test_a_real_paragraph_is_not_lost_with_an_appeal_at_its_end():
    assert not is_promotion(signals(RATES + SIGN_UP))


def test_a_long_paragraph_is_never_promotion():
    assert is_promotion(signals((SIGN_UP + " ") * 20))
    assert signals((SIGN_UP + " ") * (LONGEST // len(SIGN_UP) + 1)) == {}


@pytest.mark.parametrize("repeats", [0, 1, MANY, 500])
def test_background_that_follow_ups_repeat_stays(repeats):
    assert signals(BACKGROUND, repeats) == {}


def test_a_faint_appeal_counts_once_other_articles_carry_it_too():
    faint = "Follow the Dales Gazette for more."
    assert not is_promotion(signals(faint))
    assert not is_promotion(signals(faint, repeats=1))
    assert is_promotion(signals(faint, repeats=MANY))


def test_a_line_that_is_no_sentence_and_stands_in_many_articles_is_promotion():
    line = "The five things to know this morning"
    assert not is_promotion(signals(line, repeats=MANY - 1))
    assert is_promotion(signals(line, repeats=MANY))


def test_repeats_are_asked_for_by_digest():
    faint = "Follow the Dales Gazette for more."
    elsewhere = {digest(faint): MANY}
    text = f"{RATES}\n{faint}\n{BACKGROUND}"
    assert texts_taken(text, repeats=lambda key: elsewhere.get(key, 0)) == [faint]


@pytest.mark.parametrize("same", ["follow US  now", "Follow us\nnow", "\tFOLLOW US NOW "])
def test_a_digest_ignores_case_and_white_space(same):
    assert digest(same) == digest("Follow us now")
    assert digest(same) != digest("Follow us, now")


def test_a_doubtful_paragraph_is_promotion_between_others_but_not_alone():
    doubtful = "Try six issues of The Sentinel for just £6."
    assert texts_taken(f"{RATES}\n{doubtful}\n{RATES}") == []
    assert doubtful in texts_taken(f"{RATES}\n{SIGN_UP}\n{doubtful}\n{SIGN_UP}\n{RATES}")
    assert doubtful in texts_taken(f"{RATES}\n{SIGN_UP}\n{doubtful}")


COOKIES = "We use cookies to keep your basket between visits."
POLICY = f"We keep your personal data for as long as you have an account.\n{COOKIES}"


def test_what_a_policy_is_about_is_promotion_only_where_many_articles_repeat_it():
    assert is_promotion(signals(COOKIES))
    assert texts_taken(f"{RATES}\n{COOKIES}") == [COOKIES]
    assert texts_taken(POLICY) == []
    assert texts_taken(POLICY, repeats=lambda _: MANY - 1) == []
    assert texts_taken(POLICY, repeats=lambda key: MANY * (key == digest(COOKIES))) == [COOKIES]


def test_the_headline_of_another_article_is_promotion_in_a_policy_too():
    assert texts_taken(f"{POLICY}\nREAD MORE: Cookies explained") == ["READ MORE: Cookies explained"]


def test_news_on_cookies_that_speaks_to_nobody_is_no_policy():
    news = "The firm kept the personal data of its members and set cookies in their accounts, a judge found."
    assert texts_taken(f"{news}\n{COOKIES}") == [COOKIES]


def test_a_page_that_is_nearly_all_promotion_is_about_nothing_else():
    appeals = "\n".join([SIGN_UP, COOKIES] * 6)
    assert texts_taken(f"You have an account.\n{appeals}") == [SIGN_UP, COOKIES] * 6
    assert texts_taken(appeals) == [SIGN_UP, COOKIES] * 6


@pytest.mark.parametrize("reason", ["appeal", "ours", "product"])
def test_the_reasons_can_be_told(reason):
    assert signals(SIGN_UP)[reason] > 0
    assert sum(signals(SIGN_UP).values()) >= THRESHOLD


@pytest.mark.parametrize(
    "unit", ["a", "join ", "“", "‘", '"', "For a, ", ": ", ". ", "— ", "by ", "NEWSLETTER: join our ", "x@"]
)
def test_the_time_for_a_paragraph_does_not_grow_with_its_length(unit):
    hostile = (unit * 100_000)[:100_000]
    start = time.perf_counter()
    signals(hostile)
    signals(hostile[:INSPECTED])
    signals(hostile[:LONGEST])
    assert time.perf_counter() - start < 0.05
