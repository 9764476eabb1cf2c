import json

import paths
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from corpus.reading.paragraphs import paragraphs
from index.language.sentences import LONGEST, sentences

JUDGED = [json.loads(line) for line in (DATA / "sentences.jsonl").read_text().splitlines()]
ARTICLE = paths.BUNDLED
LANGUAGES = [None, "en", "de", "el", "ru", "zh-Hant", "xx"]


def split(text, language=None):
    return [text[start:end] for start, end in sentences(text, 0, len(text), language)]


def bare(text):
    return "".join(text.split())


def judged(case):
    # `fails` marks what the rules are known to get wrong; strict, so that a repair is noticed.
    marks = [pytest.mark.xfail(strict=True)] if case.get("fails") else []
    return pytest.param(case, id=f"{case['language']}-{case['name']}", marks=marks)


@pytest.mark.parametrize("case", [judged(case) for case in JUDGED])
def test_judged(case):
    assert split(case["text"], case["language"]) == case["sentences"]


@pytest.mark.parametrize("case", [judged(case) for case in JUDGED if not case.get("fails")])
def test_judged_where_the_language_is_unknown(case):
    assert split(case["text"]) == case["sentences"]


@pytest.mark.parametrize("case", [judged({**case, "fails": False}) for case in JUDGED])
def test_what_was_judged_is_the_whole_text(case):
    assert bare("".join(case["sentences"])) == bare(case["text"])


STOPS = [*".!?…。！？؟।;,，—", "...", ". ", ".”", ".[12]", "“", '"', "(", ")", " ", "\n", "\u00a0", "\u3000"]
WORDS = [
    "Mr",
    "U.S.",
    "a.m.",
    "No",
    "12",
    "3",
    "г",
    "и т. д",
    "z. B",
    "The",
    "said",
    "中国",
    "と",
    "ไทย",
    "ნ",
]
SIGNS = ["é", "e\u0301", "👩\u200d👧", "🇬🇧", "\ud800", "\udc00", "x" * 300, "字" * 400, "ก" * 90, "a " * 90]
PIECES = st.sampled_from(STOPS + WORDS + SIGNS)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


@given(before=st.text(max_size=5), text=TEXTS, after=TEXTS, language=st.sampled_from(LANGUAGES))
def test_spans_hold_everything_but_white_space(before, text, after, language):
    whole, start, end = before + text + after, len(before), len(before) + len(text)

    spans = sentences(whole, start, end, language)

    at = start
    for left, right in spans:
        assert at <= left < right <= end
        assert right - left <= LONGEST
        assert whole[at:left].strip() == ""
        assert whole[left:right] == whole[left:right].strip()
        at = right
    assert whole[at:end].strip() == ""
    assert spans == [(start + a, start + b) for a, b in sentences(text, 0, len(text), language)]


def test_the_bundled_article():
    text = ARTICLE.read_text()
    found = [text[a:b] for start, end in paragraphs(text) for a, b in sentences(text, start, end, "en")]

    assert "We have to work upstream with other governments, with other law enforcement.”" in found
    assert "Revised estimates revealed net migration to the UK hit a record 906,000 in 2023." in found
    assert len(found) == 33


LONG = {
    "clause": ("a, b " * 300, "a, b " * 199 + "a,"),
    "white space": ("word " * 300, ("word " * 200).strip()),
    "white space far before": ("a" * 300 + " " + "b" * 1200, "a" * 300),
    "number": ("1,300,000 " * 200, ("1,300,000 " * 100).strip()),
    "Chinese clause": ("中国，" * 400, "中国，" * 333),
    "Chinese": ("中" * 1200, "中" * 1000),
    "accent": ("x" * 999 + "e\u0301" * 2, "x" * 999),
    "joined emoji": ("x" * 999 + "👩\u200d👧" + "x" * 9, "x" * 999),
    "joined emoji, later": ("x" * 998 + "👩\u200d👧" + "x" * 9, "x" * 998),
    "flag": ("x" * 999 + "🇬🇧" + "x" * 9, "x" * 999),
    "skin tone": ("x" * 999 + "👍🏽" + "x" * 9, "x" * 999),
    "surrogates": ("x" * 999 + "\ud83d\ude00" + "x" * 9, "x" * 999),
}


@pytest.mark.parametrize(("text", "first"), list(LONG.values()), ids=list(LONG))
def test_a_sentence_over_the_limit_is_parted_where_it_harms_least(text, first):
    assert split(text)[0] == first
    assert bare("".join(split(text))) == bare(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u3000"])
def test_nothing_but_white_space_has_no_sentence(text):
    assert split(text) == []
