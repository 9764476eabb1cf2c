"""The baselines: how articles are cut, what FTS5 is asked, and how two scores are added."""

from contextlib import closing

import numpy as np
import pytest
from encoders import HashEncoder

from evaluation.baselines import CANDIDATES, LONGEST, FullText, compare, cut, summed
from evaluation.judged import JudgedQuestion, JudgedSet

FIGURES = ["hit@1", "hit@3", "hit@10", "mrr@10", "hit@600c"]
BRIDGE, FERRY = "The bridge of Arden cost 12 million pounds.", "Ferries sail from Brack at noon."


def pieces(text):
    return [text[start:end] for start, end in cut(text)]


def scores(texts, question):
    with closing(FullText(texts)) as full_text:
        return full_text.scores(question).tolist()


def compared(articles, *questions, encoder=None):
    rows = [{"id": str(n), "text": text} for n, text in enumerate(articles)]
    return compare(JudgedSet("tiny", rows, list(questions)), encoder, lambda _done, _total: None)


# Passages.


def test_paragraphs_are_joined_while_they_fit():
    first, second, third = "a" * 300, "b" * 398, "c"
    assert pieces(f"\n{first}\n\n{second}\n{third}\n") == [f"{first}\n\n{second}", third]
    assert pieces(" \n\n ") == pieces("") == []


def test_a_longer_paragraph_is_cut_at_sentence_ends_and_joined_with_none():
    sentences = [f"{letter * 299}." for letter in "abc"]
    text = "\n".join(["before", " ".join(sentences), "after"])
    assert pieces(text) == ["before", " ".join(sentences[:2]), sentences[2], "after"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("word " * 200, LONGEST - 1),  # at white space
        ("x" * 1000, LONGEST),  # anywhere
        ("Short. " + "x" * 1000, LONGEST),  # a sentence end near the start makes no passage of its own
        ("字" * 499 + "。" + "字" * 400, 500),
    ],
)
def test_where_a_longer_paragraph_is_cut(text, first):
    found = pieces(text)
    assert len(found[0]) == first
    assert max(map(len, found)) <= LONGEST
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


# FTS5.


def test_passages_match_any_word_and_rare_words_weigh_more():
    bridge, ferry, neither = scores([BRIDGE, FERRY, "Coins."], 'Do "ferries" sail to the bridge* NEAR noon?')
    assert ferry > bridge > neither == 0


@pytest.mark.parametrize("question", ["", "?!", '"', "* ^ - :"])
def test_a_question_without_words_matches_nothing(question):
    assert scores([BRIDGE, FERRY], question) == [0, 0]
    assert scores(["東京は日本の首都です。"], question) == [0]


@pytest.mark.parametrize(
    ("text", "question"),
    [("東京は日本の首都です。", "日本の首都はどこ"), ("กรุงเทพเป็นเมืองหลวงของไทย", "เมืองหลวงของไทยคือ")],
)
def test_unspaced_scripts_are_matched_by_trigrams(text, question):
    here, other = scores([text, "The ferry."], question)
    assert here > other == 0


def test_a_fifth_of_unspaced_characters_is_not_enough_for_trigrams():
    assert scores(["日本語" + "x" * 20], "xxxx") == [0]
    assert scores(["日本語" + "x" * 11], "xxxx")[0] > 0


# The sum.


def test_both_scores_count_alike_whatever_their_scale():
    bm25, cosines = np.array([30.0, 20.0, 1.0, 0.0]), np.array([0.1, 0.4, 0.2, 0.5])
    assert summed(bm25, cosines).tolist() == [1, 0, 3, 2]
    assert summed(bm25 * 100, cosines / 10 - 1).tolist() == [1, 0, 3, 2]


def test_only_the_best_of_either_ranking_are_candidates():
    count = 3 * CANDIDATES
    bm25 = np.arange(count, 0, -1, dtype=float)
    assert sorted(summed(bm25, bm25)) == list(range(CANDIDATES))
    assert len(summed(bm25, -bm25)) == 2 * CANDIDATES
    assert sorted(summed(np.zeros(count), bm25)) == list(range(CANDIDATES))


def test_scores_that_are_all_equal_add_nothing():
    assert summed(np.ones(3), np.array([0.1, 0.3, 0.2])).tolist() == [1, 2, 0]
    assert summed(np.zeros(1), np.zeros(1)).tolist() == [0]


# The figures.

ASKED = JudgedQuestion("When do ferries sail from Brack?", "1", ((26, 30),), "own")


def test_figures_are_those_of_the_questions_that_the_articles_answer():
    missed = JudgedQuestion("What did the bridge cost?", "1", ((26, 30),), "own")
    hard = JudgedQuestion("Who built the bridge?", "0", (), "hard")
    figures = compared([BRIDGE, FERRY], ASKED, missed, hard, encoder=HashEncoder())
    assert list(figures) == [f"{name} {figure}" for name in ("fts5", "sum") for figure in FIGURES]
    assert [figures[f"fts5 {figure}"] for figure in FIGURES] == [0.5] * 5
    assert [figures[f"sum {figure}"] for figure in FIGURES] == [0.5, 1, 1, 0.75, 1]


def test_without_an_encoder_there_is_no_sum():
    assert list(compared([BRIDGE, FERRY], ASKED)) == [f"fts5 {figure}" for figure in FIGURES]


def test_figures_of_no_questions_are_no_numbers():
    assert set(compared([BRIDGE]).values()) == {None}


def test_a_question_judged_by_articles_is_answered_by_any_passage_of_them():
    asked = JudgedQuestion(ASKED.text, "0", (), "own", ("0", "1"))
    assert set(compared([BRIDGE, FERRY], asked).values()) == {1}
