"""Late interaction, held against the same computed one number at a time."""

import math

import numpy as np
import pytest

from index.searching.weighing import matches


def unit_rows(chance, count, dimension):
    rows = chance.standard_normal((count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def codes(signs):
    """The bytes of a sentence's tokens, as the rows hold them."""
    return np.packbits(signs, axis=1).tobytes()


def by_hand(question, signs):
    """The mean over the question's tokens of the best cosine with a token of the sentence."""
    dimension = len(question[0])
    best = []
    for token in question.tolist():
        cosines = []
        for other in signs.tolist():
            dot = sum(x * (1 if positive else -1) for x, positive in zip(token, other, strict=True))
            cosines.append(dot / (math.sqrt(sum(x * x for x in token)) * math.sqrt(dimension)))
        best.append(max(cosines))
    return sum(best) / len(best)


@pytest.mark.parametrize("dimension", [1, 7, 8, 9, 30, 64, 384])
def test_sentences_match_as_well_as_their_most_like_tokens_on_average(dimension):
    chance = np.random.default_rng(dimension)
    question = unit_rows(chance, 5, dimension)
    sentences = [chance.random((count, dimension)) < 0.5 for count in (1, 4, 2, 11, 1)]
    found = matches(question, [codes(signs) for signs in sentences])
    assert found.shape == (len(sentences),)
    assert found == pytest.approx([by_hand(question, signs) for signs in sentences], abs=1e-5)


@pytest.mark.parametrize("empty", [{0}, {1}, {3}, {0, 1}, {1, 2}, {0, 3}, {2, 3}, {0, 1, 2}, {1, 2, 3}])
def test_a_sentence_without_tokens_matches_nothing_and_moves_no_other(empty):
    chance = np.random.default_rng(1)
    question = unit_rows(chance, 3, 12)
    sentences = [chance.random((0 if n in empty else n + 1, 12)) < 0.5 for n in range(4)]
    found = matches(question, [codes(signs) for signs in sentences])
    true = [0.0 if n in empty else by_hand(question, signs) for n, signs in enumerate(sentences)]
    assert found == pytest.approx(true, abs=1e-5)


@pytest.mark.parametrize(
    ("tokens", "sentences"), [(3, []), (3, [b"", b""]), (0, [b"ab", b""]), (0, []), (0, [b""])]
)
def test_where_either_side_has_no_tokens_nothing_matches(tokens, sentences):
    question = unit_rows(np.random.default_rng(1), tokens, 16)
    assert matches(question, sentences).tolist() == [0.0] * len(sentences)


def test_the_same_directions_match_fully_and_opposite_ones_not_at_all():
    signs = np.random.default_rng(3).random((4, 20)) < 0.5
    question = ((2.0 * signs - 1) / math.sqrt(20)).astype(np.float32)
    alike, opposite, one = matches(question[:1], [codes(signs), codes(~signs[:1]), codes(signs[:1])])
    assert (alike, opposite, one) == (pytest.approx(1), pytest.approx(-1), pytest.approx(1))


def test_the_order_of_a_sentence_s_tokens_says_nothing():
    chance = np.random.default_rng(5)
    question, signs = unit_rows(chance, 4, 24), chance.random((6, 24)) < 0.5
    forwards, backwards = matches(question, [codes(signs), codes(signs[::-1])])
    assert forwards == pytest.approx(backwards)
