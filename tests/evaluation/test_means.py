"""The profile of a model: its centre, and by how much each language differs from it."""

import numpy as np
import pytest

from evaluation.judged import JudgedQuestion, JudgedSet
from evaluation.means import of_sentences, of_sets, profile


class Counts:
    """A model whose tokens are words: their length, and 1 for a question."""

    def tokens(self, texts, role):
        """A row for each word of each text."""
        return [np.array([[len(w), float(role == "query")] for w in text.split()]) for text in texts]


def vector(*numbers):
    return np.array(numbers, dtype=np.float64)


def test_sentences_are_read_in_both_roles_and_each_weighs_the_same(tmp_path):
    long, short = " ".join(["aa"] * 20), " ".join(["aaaa"] * 10)
    (tmp_path / "xx.txt").write_text(f"{long}\n\n{short}\ntoo short\n{'b' * 400}\n")
    means = of_sentences(Counts(), tmp_path)
    assert means["xx"]["document"].tolist() == [3, 0]
    assert means["xx"]["query"].tolist() == [3, 1]


def test_of_a_set_passages_are_read_as_such_and_its_questions_as_questions():
    judged = JudgedSet(
        "s", [{"id": "a", "title": "T", "text": "aa aa aa."}], [JudgedQuestion("bbbb", "a", ((0, 2),), "own")]
    )
    means = of_sets(Counts(), {"en": judged})
    assert means["en"]["document"] == pytest.approx([(2 + 2 + 3) / 3, 0])
    assert means["en"]["query"].tolist() == [4, 1]


def test_languages_differ_from_the_centre_as_their_sentences_do_from_all():
    sentences = {
        "de": {"document": vector(2, 0), "query": vector(5, 1)},
        "ru": {"document": vector(4, 0), "query": vector(9, 1)},
    }
    sets = {
        "ru": {"document": vector(10, 2), "query": vector(11, 4)},
        "am": {"document": vector(12, 4), "query": vector(17, 8)},
    }
    centre, means = profile(sentences, sets)
    assert centre.tolist() == [11, 3]
    # Questions of the sets lie (3, 3) from the centre.
    assert means["de"]["document"].tolist() == [-1, 0]
    assert means["de"]["query"].tolist() == [-2 + 3, 0 + 3]
    assert means["ru"]["query"].tolist() == [2 + 3, 0 + 3]
    assert means["am"]["document"].tolist() == [1, 1]  # of its own set, since there are no sentences
    assert means["am"]["query"].tolist() == [6, 5]
