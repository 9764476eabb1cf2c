"""Passages: what can be found and shown of an article, as slices of its stored text."""

import re
from itertools import pairwise

import paths
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.article import Article
from corpus.boilerplate import promotion
from corpus.reading.paragraphs import paragraphs
from index.language.passages import LONGEST, MAX_SHOWN, MORE_SHOWN, SECTION, TOGETHER, passages, window
from index.language.sentences import sentences

BUNDLED = paths.BUNDLED.read_text(encoding="utf-8")
SENTENCE = "The council agreed on Monday to mend bridge number {} before the winter."


def article(text, promoted=()):
    return Article(id="a", title="T", text=text, promotion=tuple(promoted))


def shown(text, promoted=()):
    return [text[p.start : p.end] for p in passages(article(text, promoted))]


def headings(text):
    """The paragraphs that are headings."""
    lines = [line for passage in passages(article(text)) for line in passage.lines]
    found = [text[s:e] for s, e in paragraphs(text) if any(h.heading for h in lines if s <= h.start < e)]
    assert sum(map(len, found)) >= sum(line.end - line.start for line in lines if line.heading)
    return found


def long(length, end="."):
    """A paragraph of one sentence with so many characters."""
    return "A" + "a" * (length - 2) + end


def prose(count, first=0):
    """A paragraph of so many sentences: 71 characters each, from number 10 on 72."""
    return " ".join(SENTENCE.format(number) for number in range(first, first + count))


def spanned(text, promoted=(), language=None):
    """The spans of all sentences outside of promotion, in order."""
    kept = [span for span in paragraphs(text) if span not in promoted]
    return [span for start, end in kept for span in sentences(text, start, end, language)]


def check(text, promoted=(), language=None):
    """Assert what is true of the passages of any text, and return them."""
    found = list(passages(article(text, promoted), language))
    lines = [line for passage in found for line in passage.lines]
    assert [(line.start, line.end) for line in lines] == spanned(text, promoted, language)
    for passage in found:
        assert (passage.start, passage.end) == (passage.lines[0].start, passage.lines[-1].end)
        assert not passage.lines[-1].heading
        within_limit = passage.end - passage.start <= LONGEST
        assert within_limit or len(passage.lines) == 1 or passage.lines[-2].heading
        assert not any(passage.start < end and start < passage.end for start, end in promoted)
    assert all(a.end <= b.start for a, b in pairwise(found))
    return found


# Short paragraphs.


def test_limits_are_those_that_the_texts_below_were_made_for():
    assert (TOGETHER, SECTION, LONGEST) == (700, 200, 1200)


def test_short_paragraphs_stand_together():
    text = f"{prose(2)}\n{prose(3)}\n\nIt rained."
    assert shown(text) == [text]


def test_short_paragraphs_stand_together_up_to_a_limit_and_the_next_begins_another_passage():
    first, second, third = long(300), long(399), long(50)
    assert len(f"{first}\n{second}") == 700
    assert shown(f"{first}\n{second}\n{third}") == [f"{first}\n{second}", third]
    assert shown(f"{first}\n{second[:-1]}a.") == [first, f"{second[:-1]}a."]


def test_passages_are_slices_and_white_space_inside_stays_as_it_was():
    text = "  One  sentence\u00a0here.\tAnother  one.\n\n \tThe\u200b last — “quoted”. \n"
    assert shown(text) == [text.strip()]


@pytest.mark.parametrize("text", ["", " \n\n\t", "\n"])
def test_a_blank_text_has_no_passages(text):
    assert shown(text) == []


# Headings.


def test_a_heading_begins_a_passage_and_stands_with_what_follows():
    before, after = long(200), long(100)
    text = f"{before}\nWildlife\n{after}"
    assert shown(text) == [before, f"Wildlife\n{after}"]
    assert headings(text) == ["Wildlife"]


def test_a_tiny_section_goes_on_into_the_next():
    text = f"{long(199)}\nWildlife\n{long(100)}"
    assert shown(text) == [text]
    text = "Opening hours\nFrom ten to five.\nPrices\nAdults pay ten pounds.\nParking\nBehind the house."
    assert shown(text) == [text]
    assert headings(text) == ["Opening hours", "Prices", "Parking"]


def test_a_heading_stands_with_a_paragraph_that_is_too_long_for_others():
    assert shown(f"Wildlife\n{long(750)}") == [f"Wildlife\n{long(750)}"]


def test_a_heading_after_a_tiny_section_goes_with_its_own_paragraph_where_not_all_fits():
    assert shown(f"{long(150)}\nWildlife\n{long(600)}") == [long(150), f"Wildlife\n{long(600)}"]


def test_a_heading_stands_with_the_first_part_of_a_long_paragraph():
    found = shown(f"Wildlife\n{prose(20)}")
    assert found == [f"Wildlife\n{prose(10)}", prose(10, first=10)]
    assert shown(f"Wildlife\n{long(1000)} {long(500)}") == [f"Wildlife\n{long(1000)}", long(500)]


def test_a_heading_and_a_lead_in_below_it_stand_with_what_follows():
    lead_in = long(30, end=":")
    assert shown(f"Wildlife\n{lead_in}\n{long(690)}") == [f"Wildlife\n{lead_in}\n{long(690)}"]


def test_a_heading_stands_with_a_long_lead_in():
    found = shown(f"Wildlife\n{long(650, end=':')}\n{long(300)}")
    assert found[0].startswith(f"Wildlife\n{long(650, end=':')}")


def test_of_several_short_lines_in_a_row_only_the_last_before_prose_is_a_heading():
    assert headings("Bread\nMilk\nEggs\nWe bought them all at the market.") == ["Eggs"]
    assert headings("Bread\nMilk\nEggs") == []
    assert headings("We bought these at the market.\nBread\nMilk") == []


@pytest.mark.parametrize(
    "line",
    [
        *["Wildlife", "2 Wildlife", "2.1 Wildlife", "IV. Wildlife", "## Wildlife", "== Wildlife =="],
        *["What does it cost?", "Дикая природа", "野生动物", "Приложение А", "A" * 80, "Öffnungszeiten"],
    ],
)
def test_a_short_line_without_a_stop_is_a_heading(line):
    assert headings(f"{line}\n\nFoxes live here.") == [line]


@pytest.mark.parametrize(
    "line",
    [
        *["Foxes live here.", "Foxes!", "Foxes …", "Foxes,", "Foxes;", "Foxes | Owls", "Foxes:", "Foxes: 12"],
        *["foxes live here", "12 May 2024", "1,200", "Born in 1950", "• Foxes", "– – –", "它们。", "A" * 81],
    ],
)
def test_a_line_that_is_long_or_ends_in_a_stop_or_holds_data_is_no_heading(line):
    assert headings(f"{line}\n\nOwls live here.") == []


def test_a_heading_before_promotion_is_none():
    text = "Foxes live here.\nOwls\nSubscribe now!\nThey fly by night."
    start = text.index("Subscribe")
    found = list(passages(article(text, [(start, start + len("Subscribe now!"))])))
    assert [text[p.start : p.end] for p in found] == ["Foxes live here.\nOwls", "They fly by night."]
    assert not any(line.heading for p in found for line in p.lines)


# Lead-ins.


def test_a_lead_in_stands_with_what_it_leads_in_to():
    before, after = long(640), long(100)
    assert shown(f"{before}\nIt offers these:\n{after}") == [before, f"It offers these:\n{after}"]
    assert shown(f"{before}\n它提供：\n{after}") == [before, f"它提供：\n{after}"]


def test_a_lead_in_that_opens_a_text_stands_with_what_it_leads_in_to():
    assert shown(f"It offers these:\n{long(690)}") == [f"It offers these:\n{long(690)}"]


# Long paragraphs.


def test_a_paragraph_up_to_the_longest_passage_stays_whole():
    assert len(prose(16)) == 1157
    assert shown(prose(16)) == [prose(16)]


def test_a_longer_paragraph_becomes_runs_of_whole_sentences_of_about_one_length():
    assert len(prose(20)) == 1449
    assert shown(prose(20)) == [prose(10), prose(10, first=10)]
    runs = shown(prose(40))
    assert " ".join(runs) == prose(40)
    assert all(len(run) <= LONGEST and run.endswith("winter.") for run in runs)
    assert max(map(len, runs)) - min(map(len, runs)) <= 2 * len(SENTENCE)


def test_a_long_paragraph_stands_apart_from_short_ones():
    first, last = "It rained on Sunday.", "It snowed on Monday."
    text = f"{first}\n{prose(20)}\n{last}"
    assert shown(text) == [first, prose(10), prose(10, first=10), last]


# What is shown of a passage.


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


def test_a_short_passage_is_shown_whole():
    assert window([(5, 20), (21, 40), (41, 60)], [0.3, 0.2, 0.1]) == (5, 60)


# Promotion.


def test_promotion_is_passed_over_and_nothing_crosses_it():
    lines = ["One is said.", "Subscribe now!", "Three is said.", "Four is said."]
    text = "\n".join(lines)
    start = text.index(lines[1])
    found = shown(text, [(start, start + len(lines[1]))])
    assert found == ["One is said.", "Three is said.\nFour is said."]


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


# Any text.

WORDS = st.sampled_from(
    ["the", "U.S.", "No10", "£1.5m", "Mr.", "said", "“It", "is.”", "3.5", "日本語。", "😀", "a" * 70]
)
STOPS = st.sampled_from([" ", " ", " ", ". ", "! ", "? ", "… ", "\n", "\n\n", "  ", ".\u00a0"])
LOOSE = st.lists(st.tuples(WORDS, STOPS), max_size=250).map(lambda pairs: "".join(a + b for a, b in pairs))
PARAGRAPHS = st.one_of(
    st.sampled_from(["Wildlife", "2.1 Opening hours", "A. B. Smith", "野生动物", "• Foxes"]),
    st.builds(long, st.sampled_from([2, 40, 190, 640, 1000, 1500]), st.sampled_from([".", ":", "："])),
    st.builds(prose, st.sampled_from([1, 3, 9, 17, 40])),
)
GAPS = st.sampled_from(["\n", "\n", "\n\n", "\n \n\n", "\n" * 1300])
LAID_OUT = st.lists(st.tuples(PARAGRAPHS, GAPS), max_size=20).map(
    lambda pairs: "".join(a + b for a, b in pairs)
)
TEXTS = LOOSE | LAID_OUT


@given(TEXTS | st.text(max_size=200), st.sampled_from([None, "en", "de", "ru", "zh"]))
@example(f"Wildlife\n{long(650, end=':')}\n{long(300)}", None)
@settings(max_examples=400)
def test_passages_of_any_text_hold_all_of_it_once_in_whole_sentences(text, language):
    found = check(text, (), language)
    assert "".join("".join(text[p.start : p.end] for p in found).split()) == "".join(text.split())


@given(TEXTS, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_whichever_paragraphs_are_promotion_are_passed_over_and_no_others(text, random):
    check(text, [span for span in paragraphs(text) if random.random() < 0.4])


@given(TEXTS)
@settings(max_examples=100)
def test_the_same_text_has_the_same_passages(text):
    assert list(passages(article(text))) == list(passages(article(text)))
