"""Where paragraphs begin and end, however the lines of a file were set."""

import re
from itertools import pairwise

import paths
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.reading.paragraphs import paragraphs

BUNDLED = paths.BUNDLED
NEWS = [
    "The council agreed on Monday to mend the old bridge before the winter.",
    "Work begins in May, the mayor said, and will take a year.",
    "“We have waited for this,” she told the paper.",
]
WRAPPED = """The council agreed on Monday to mend the old bridge before
the winter, and to ask the county for half of what it will
cost. Work begins in May."""
WRAPPED_TWO = """Work begins in May, the mayor said, and will take about
a year, if the river stays within its banks until then."""


def split(text):
    return [text[start:end] for start, end in paragraphs(text)]


@pytest.mark.parametrize(
    "gap", ["\n", "\n\n", "\n\n\n\n", "\n \t\n", "\n\u00a0\n", " \n  ", "\r\n", "\r\n\r\n"]
)
def test_one_newline_or_more_part_the_same_paragraphs(gap):
    assert split(gap.join(NEWS)) == NEWS


@pytest.mark.parametrize("around", ["", "\n", "  \n\n\t"])
def test_white_space_around_a_text_belongs_to_no_paragraph(around):
    assert split(around + "\n".join(NEWS) + around) == NEWS


def test_lines_of_both_kinds_may_stand_in_one_text():
    assert split(f"{NEWS[0]}\n{NEWS[1]}\n\n{NEWS[2]}") == NEWS


@pytest.mark.parametrize("blank", ["\n\n", "\n \n\n"])
def test_wrapped_lines_are_one_paragraph(blank):
    assert split(WRAPPED + blank + WRAPPED_TWO) == [WRAPPED, WRAPPED_TWO]


def test_white_space_at_the_ends_of_wrapped_lines_changes_nothing():
    loose = WRAPPED.replace("\n", "  \r\n")
    assert split(f"{loose}\n\n{NEWS[0]}") == [loose, NEWS[0]]


def test_a_wrapped_paragraph_beside_plain_ones():
    assert split(f"{NEWS[2]}\n\n{WRAPPED}\n\n{NEWS[0]}\n{NEWS[1]}") == [NEWS[2], WRAPPED, NEWS[0], NEWS[1]]


@pytest.mark.parametrize(
    "lines",
    [
        ["Bread", "Two eggs", "Half a litre of milk"],  # a list: its lines are short
        ["Council agrees on bridge", "The council agreed on Monday to mend the bridge."],  # a headline
        [NEWS[0] * 3, NEWS[1] * 3],  # lines far beyond any margin
        [*NEWS[:2], "He said: “It is the oldest one that stands in the whole county.”"],  # they end sentences
    ],
)
def test_lines_that_no_margin_wrapped_stay_paragraphs(lines):
    assert split("\n".join(lines)) == lines


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n", "\u3000\n\u00a0"])
def test_white_space_holds_no_paragraph(text):
    assert paragraphs(text) == []


def test_a_single_letter_is_a_paragraph():
    assert paragraphs("\n a ") == [(2, 3)]


def test_the_bundled_article_has_a_paragraph_a_line():
    text = BUNDLED.read_text(encoding="utf-8")
    assert split(text) == [line.strip() for line in text.split("\n") if line.strip()]


LONG = ["\n" * 200_000, "a\n" * 100_000, "a " * 100_000, (" " * 500 + "\n") * 400 + "a"]


@pytest.mark.parametrize("text", LONG)
def test_long_texts_are_read_in_linear_time(text):
    assert len(paragraphs(text)) == len([line for line in text.split("\n") if line.strip()])


LETTERS = st.sampled_from("ab. \n\n\t\r\u00a0\u2028\x85\x0b“”—日😀")


@given(st.text(LETTERS, max_size=300) | st.text(max_size=80))
@example("a\n\n\nb")
@example(WRAPPED + "\n" + WRAPPED_TWO)
@settings(max_examples=300)
def test_paragraphs_are_in_order_trimmed_and_hold_all_that_is_not_white_space(text):
    spans = paragraphs(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end < start for (_, end), (start, _) in pairwise(spans))
    assert all(part == part.strip() for part in split(text))
    assert not any(re.search(r"\n[^\S\n]*\n", part) for part in split(text))  # no blank line inside
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(st.lists(st.text(st.sampled_from("ab.é日 "), min_size=1).filter(str.strip), max_size=8))
@settings(max_examples=200)
def test_blank_lines_part_as_single_newlines_do(lines):
    lines = [line.strip() for line in lines]
    if all(len(line) < 45 for line in lines):  # shorter than any margin: nothing is taken for wrapped
        assert split("\n".join(lines)) == split("\n\n".join(lines)) == lines
