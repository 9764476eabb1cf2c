"""Passages: what can be shown of an article, as slices of its stored text."""

import re
from itertools import pairwise

import paths
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.article import Article
from corpus.boilerplate import promotion
from corpus.reading.paragraphs import paragraphs
from index.language.passages import MAX_CHARACTERS, MAX_SHOWN, MORE_SHOWN, passages, window
from index.language.sentences import sentences

BUNDLED = paths.BUNDLED.read_text(encoding="utf-8")
SENTENCE = "The council agreed on Monday to mend bridge number {} before the winter."


def article(text, promoted=()):
    return Article(id="a", title="T", text=text, promotion=tuple(promoted))


def shown(text, promoted=()):
    return [text[p.start : p.end] for p in passages(article(text, promoted))]


def prose(count):
    return " ".join(SENTENCE.format(number) for number in range(count))


def check(text, promoted=(), language=None):
    """What holds of the passages of any text; returns them."""
    found = list(passages(article(text, promoted), language))
    spans = paragraphs(text)
    for passage in found:
        start, end = spans[passage.paragraph]
        assert start <= passage.start < passage.end <= end
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        within = sentences(text, start, end, language)
        first = within.index(passage.sentences[0])
        assert tuple(within[first : first + len(passage.sentences)]) == passage.sentences  # whole, in order
        assert passage.end - passage.start <= MAX_CHARACTERS or len(passage.sentences) == 1
        assert not any(passage.start < e and s < passage.end for s, e in promoted)
    assert all(a.end <= b.start for a, b in pairwise(found))
    return found


def test_a_short_paragraph_is_one_passage():
    assert shown(f"{prose(2)}\n{prose(3)}") == [prose(2), prose(3)]


def test_passages_are_slices_and_white_space_inside_stays_as_it_was():
    text = "  One  sentence\u00a0here.\tAnother  one.\n\n \tThe\u200b last — “quoted”. \n"
    assert shown(text) == ["One  sentence\u00a0here.\tAnother  one.", "The\u200b last — “quoted”."]


def test_a_long_paragraph_becomes_runs_of_whole_sentences_of_about_one_length():
    text = prose(20)
    runs = shown(text)
    assert " ".join(runs) == text
    assert all(len(run) <= MAX_CHARACTERS and run.endswith("winter.") for run in runs)
    assert max(map(len, runs)) - min(map(len, runs)) <= 2 * len(SENTENCE)


def test_no_passage_crosses_a_paragraph():
    text = "\n".join(["Short one.", "Another short one.", "And a third."])
    assert shown(text) == text.split("\n")


def test_what_is_shown_is_the_best_sentence_with_the_better_of_its_neighbours():
    spans = [(0, 250), (251, 500), (501, 750), (1200, 1250)]
    assert window(spans, [0.1, 0.9, 0.5, 0.2]) == (251, 750)
    assert window([*spans[:2], (501, 951)], [0.6, 0.9, 0.5]) == (0, 500)


def test_what_follows_is_shown_too_while_it_fits_into_more():
    spans = [(0, 300), (301, 600), (601, 750), (751, 900), (901, 910)]
    worth = [0.8, 0.9, 0.1, 0.0, 0.0]
    assert (MAX_SHOWN, MORE_SHOWN) == (600, 900)
    assert window(spans, worth) == (0, 900)
    assert window([*spans[:3], (751, 901)], worth[:4]) == (0, 750)


def test_what_comes_before_is_not_shown_beyond_what_reads_well():
    spans = [(0, 100), (101, 400), (401, 700)]
    assert window(spans, [0.1, 0.8, 0.9]) == (101, 700)


def test_a_best_sentence_longer_than_what_is_shown_stays_whole():
    worth = [0.1, 0.9, 0.2]
    assert window([(0, 10), (11, 912), (913, 920)], worth) == (11, 912)
    assert window([(0, 10), (11, 712), (713, 911), (912, 920)], [*worth, 0.3]) == (11, 911)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=20))
@settings(max_examples=200)
def test_whatever_is_shown_is_whole_sentences_around_the_best_one_within_the_limit(sentences):
    spans, end = [], 0
    for length, gap, _ in sentences:
        spans.append((end + gap, end + gap + length))
        end += gap + length
    worth = [each for _, _, each in sentences]
    start, end = window(spans, worth)
    best = spans[worth.index(max(worth))]
    assert start <= best[0] < best[1] <= end
    assert start in {low for low, _ in spans}
    assert end in {high for _, high in spans}
    assert end - start <= MORE_SHOWN
    assert best[1] - start <= MAX_SHOWN
    following = [high for low, high in spans if low >= end]
    assert not following or following[0] - start > MORE_SHOWN


def test_a_short_paragraph_is_shown_whole():
    assert window([(5, 20), (21, 40), (41, 60)], [0.3, 0.2, 0.1]) == (5, 60)


@pytest.mark.parametrize("text", ["", " \n\n\t", "\n"])
def test_a_blank_text_has_no_passages(text):
    assert shown(text) == []


def test_promotion_is_passed_over_and_the_rest_keeps_its_paragraph_numbers():
    lines = ["One is said.", "Subscribe now!", "Three is said."]
    text = "\n".join(lines)
    start = text.index(lines[1])
    found = list(passages(article(text, [(start, start + len(lines[1]))])))
    assert [(p.paragraph, text[p.start : p.end]) for p in found] == [(0, lines[0]), (2, lines[2])]


def test_an_article_that_is_all_promotion_has_no_passages():
    text = "Subscribe now!\nJoin us!"
    assert shown(text, paragraphs(text)) == []


def test_the_bundled_article_is_shown_whole_except_for_its_promotion():
    promoted = promotion(BUNDLED)
    found = check(BUNDLED, promoted, "en")
    kept = [BUNDLED[s:e] for s, e in paragraphs(BUNDLED) if (s, e) not in promoted]
    text = "".join(BUNDLED[p.start : p.end] for p in found)
    assert "".join(text.split()) == "".join("".join(kept).split())
    assert len(promoted) == 4
    assert not re.search("WHATSAPP|NEWSLETTER|PODCAST", text)


WORDS = st.sampled_from(
    ["the", "U.S.", "No10", "£1.5m", "Mr.", "said", "“It", "is.”", "3.5", "日本語。", "😀", "a" * 70]
)
STOPS = st.sampled_from([" ", " ", " ", ". ", "! ", "? ", "… ", "\n", "\n\n", "  ", ".\u00a0"])
TEXTS = st.lists(st.tuples(WORDS, STOPS), max_size=250).map(lambda pairs: "".join(a + b for a, b in pairs))


@given(TEXTS | st.text(max_size=200), st.sampled_from([None, "en", "de", "ru", "zh"]))
@settings(max_examples=300)
def test_passages_of_any_text_hold_all_of_it_in_whole_sentences(text, language):
    found = check(text, (), language)
    assert "".join("".join(text[p.start : p.end] for p in found).split()) == "".join(text.split())


@given(TEXTS, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_whichever_paragraphs_are_promotion_are_passed_over_and_no_others(text, random):
    spans = paragraphs(text)
    promoted = [span for span in spans if random.random() < 0.4]
    found = check(text, promoted)
    assert {p.paragraph for p in found} == {n for n, span in enumerate(spans) if span not in promoted}


@given(TEXTS)
@settings(max_examples=100)
def test_the_same_text_has_the_same_passages(text):
    assert check(text) == check(text)
