"""Tokens in two bits a dimension, and late interaction, held against the same one number at a time."""

import math

import numpy as np
import pytest

from index.encoding.codes import pack, unpack, width
from index.searching.weighing import matches


def unit_rows(chance, count, dimension):
    rows = chance.standard_normal((count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn(chance, count, dimension):
    """Tokens as codes can say them: half of the numbers 3 or -3, the rest, and one more if odd, 1 or -1."""
    sizes = np.array([[3] * (dimension // 2) + [1] * (dimension - dimension // 2)] * count)
    sizes = chance.permuted(sizes.reshape(count, dimension), axis=1)
    return sizes * chance.choice([-1, 1], (count, dimension))


def codes(levels):
    """The bytes of a sentence's tokens, as the rows hold them: a token's signs, then its sizes."""
    rows = levels.tolist()
    lines = ["".join("01"[x > 0] for x in row) + "".join("01"[abs(x) > 1] for x in row) for row in rows]
    padded = [line + "0" * (-len(line) % 8) for line in lines]
    return bytes(int(line[at : at + 8], 2) for line in padded for at in range(0, len(line), 8))


def by_hand(question, levels):
    """The mean over the question's tokens of the best cosine with a token of the sentence."""
    best = []
    for token in question.tolist():
        cosines = []
        for other in levels.tolist():
            dot = sum(x * y for x, y in zip(token, other, strict=True))
            cosines.append(dot / (math.hypot(*token) * math.hypot(*other)))
        best.append(max(cosines))
    return sum(best) / len(best)


# The codes.


@pytest.mark.parametrize(("dimension", "bytes_"), [(1, 1), (3, 1), (4, 1), (5, 2), (64, 16), (384, 96)])
def test_a_token_takes_two_bits_a_dimension_in_whole_bytes(dimension, bytes_):
    assert width(dimension) == bytes_
    assert pack(unit_rows(np.random.default_rng(1), 3, dimension)).shape == (3, bytes_)


def test_a_code_is_all_signs_then_which_numbers_are_of_the_larger_half():
    even = np.array([[-0.5, 0.1, 0.9, -0.2]], dtype=np.float32)  # the median size is .35
    odd = np.array([[0.3, -0.2, 0.1]], dtype=np.float32)  # the median size is .2, which is not larger
    assert pack(even).tobytes() == bytes([0b0110_1010])
    assert pack(odd).tobytes() == bytes([0b101_100_00])


def test_what_is_unpacked_counts_three_for_a_larger_number_and_one_for_a_smaller():
    even = np.array([[0b0110_1010]], dtype=np.uint8)
    odd = np.array([[0b101_100_00]], dtype=np.uint8)
    assert unpack(even, 4)[0] == pytest.approx(np.array([-3, 1, 3, -1]) / math.sqrt(9 + 1 + 9 + 1))
    assert unpack(odd, 3)[0] == pytest.approx(np.array([3, -1, 1]) / math.sqrt(9 + 1 + 1))


@pytest.mark.parametrize("dimension", [1, 2, 7, 8, 9, 30, 64, 384])
def test_what_codes_can_say_is_packed_and_unpacked_without_loss(dimension):
    levels = drawn(np.random.default_rng(dimension), 6, dimension)
    packed = pack(levels.astype(np.float32))
    assert packed.tobytes() == codes(levels)
    unit = levels / np.linalg.norm(levels, axis=1, keepdims=True)
    assert unpack(packed, dimension) == pytest.approx(unit, abs=1e-6)


def test_what_is_unpacked_is_near_what_was_packed():
    tokens = unit_rows(np.random.default_rng(7), 50, 384)
    cosines = (unpack(pack(tokens), 384) * tokens).sum(axis=1)
    signs = (np.sign(tokens) / math.sqrt(384) * tokens).sum(axis=1)
    assert cosines.min() > 0.9
    assert (cosines > signs).all()


def test_no_tokens_have_no_codes():
    packed = pack(np.zeros((0, 64), dtype=np.float32))
    assert packed.tobytes() == b""
    assert unpack(packed, 64).shape == (0, 64)


# Late interaction.


@pytest.mark.parametrize("dimension", [1, 7, 8, 9, 30, 64, 384])
def test_sentences_match_as_well_as_their_most_like_tokens_on_average(dimension):
    chance = np.random.default_rng(dimension)
    question = unit_rows(chance, 5, dimension)
    sentences = [drawn(chance, count, dimension) for count in (1, 4, 2, 11, 1)]
    found = matches(question, [codes(levels) for levels in sentences])
    assert found.shape == (len(sentences),)
    assert found == pytest.approx([by_hand(question, levels) for levels in sentences], abs=1e-5)


@pytest.mark.parametrize("empty", [{0}, {1}, {3}, {0, 1}, {1, 2}, {0, 3}, {2, 3}, {0, 1, 2}, {1, 2, 3}])
def test_a_sentence_without_tokens_matches_nothing_and_moves_no_other(empty):
    chance = np.random.default_rng(1)
    question = unit_rows(chance, 3, 12)
    sentences = [drawn(chance, 0 if n in empty else n + 1, 12) for n in range(4)]
    found = matches(question, [codes(levels) for levels in sentences])
    true = [0.0 if n in empty else by_hand(question, levels) for n, levels in enumerate(sentences)]
    assert found == pytest.approx(true, abs=1e-5)


@pytest.mark.parametrize(
    ("tokens", "sentences"), [(3, []), (3, [b"", b""]), (0, [b"abcd", b""]), (0, []), (0, [b""])]
)
def test_where_either_side_has_no_tokens_nothing_matches(tokens, sentences):
    question = unit_rows(np.random.default_rng(1), tokens, 16)
    assert matches(question, sentences).tolist() == [0.0] * len(sentences)


def test_the_same_tokens_match_fully_and_opposite_ones_not_at_all():
    levels = drawn(np.random.default_rng(3), 4, 20)
    question = (levels / math.sqrt(10 * 9 + 10)).astype(np.float32)
    alike, opposite, one = matches(question[:1], [codes(levels), codes(-levels[:1]), codes(levels[:1])])
    assert (alike, opposite, one) == (pytest.approx(1), pytest.approx(-1), pytest.approx(1))


def test_the_order_of_a_sentence_s_tokens_says_nothing():
    chance = np.random.default_rng(5)
    question, levels = unit_rows(chance, 4, 24), drawn(chance, 6, 24)
    forwards, backwards = matches(question, [codes(levels), codes(levels[::-1])])
    assert forwards == pytest.approx(backwards)
