"""Vectors in FAISS: the nearest are found, what was removed never is, and a file is what was written."""

import hashlib

import faiss
import numpy as np
import pytest

from index.local.vectors import DamagedVectors, VectorIndex

DIMENSION = 96


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def directions(count, seed=0):
    return unit(np.random.default_rng(seed).standard_normal((count, DIMENSION)))


def index_of(vectors, ids=None):
    index = VectorIndex(DIMENSION)
    index.add(range(len(vectors)) if ids is None else ids, vectors)
    return index


def test_the_ten_nearest_are_among_the_hundred_that_are_found():
    """As tight as sentences lie: each question has neighbours at cosines of .3 to .8 among many others."""
    questions = directions(50, seed=1)
    far = directions(5000)
    pull = np.random.default_rng(2).uniform(0.3, 1.5, (len(far), 1))
    vectors = unit(far + pull * questions[np.arange(len(far)) % len(questions)])
    index = index_of(vectors)
    exact = np.argsort(-(questions @ vectors.T), axis=1)[:, :10]
    found = [set(index.search(question, 100)) for question in questions]
    recall = np.mean([len(found[i] & set(row)) / 10 for i, row in enumerate(exact.tolist())])
    assert recall >= 0.98


def test_what_was_removed_is_never_found_and_the_rest_always_is():
    vectors = directions(700)
    index = index_of(vectors[:500])
    held = set(range(500))
    chance = np.random.default_rng(3)
    for _ in range(60):  # by odd numbers, so that no block of codes stays whole
        out = chance.choice(sorted(held), 37, replace=False)
        new = chance.choice(sorted(set(range(700)) - held), 31, replace=False)
        index.remove(out)
        index.add(new, vectors[new])
        held = held - set(out.tolist()) | set(new.tolist())
        assert set(index.ids().tolist()) == held
        assert set(index.search(vectors[out[0]], 1000)) == held
    assert [index.search(vectors[number], 1) for number in sorted(held)] == [[n] for n in sorted(held)]


def test_the_same_is_found_whatever_came_first():
    vectors, question = directions(400), directions(1, seed=9)[0]
    forwards, backwards = index_of(vectors), index_of(vectors[::-1].copy(), range(399, -1, -1))
    assert set(forwards.search(question, 20)) == set(backwards.search(question, 20))


@pytest.mark.parametrize("held", [0, 1, 31, 32, 33])
def test_fewer_are_found_where_fewer_are_held(held):
    index = index_of(directions(33))
    index.remove(range(held, 33))
    assert sorted(index.search(directions(1)[0], 100)) == list(range(held))


def test_among_some_only_those_are_found_and_the_nearest_of_them():
    vectors, questions = directions(800), directions(20, seed=9)
    index = index_of(vectors, range(1000, 1800))
    some = np.random.default_rng(4).choice(np.arange(1000, 1800), 150, replace=False)
    for question in questions:
        everything = index.search(question, 40)
        found = index.search(question, 40, some)
        assert len(set(found)) == 40
        assert set(found) <= set(some.tolist())
        nearest = some[np.argsort(-(vectors[some - 1000] @ question))][:5]
        assert set(nearest.tolist()) <= set(found)
        assert index.search(question, 40) == everything  # what was left out is there again
    for number in some[:50].tolist():
        assert index.search(vectors[number - 1000], 1, some) == [number]


def test_among_some_nothing_is_found_that_was_removed_or_never_held():
    vectors = directions(60)
    index = index_of(vectors)
    index.remove(range(0, 60, 2))
    found = index.search(vectors[4], 100, np.array([3, 4, 5, 6, 99, -1]))
    assert sorted(found) == [3, 5]
    index.add([4], vectors[4:5])
    assert index.search(vectors[4], 1, np.array([3, 4, 5])) == [4]


@pytest.mark.parametrize("among", [[], [99]])
def test_among_none_that_are_held_nothing_is_found(among):
    assert index_of(directions(5)).search(directions(1)[0], 3, np.array(among, dtype=np.int64)) == []


def test_an_index_without_dimensions_holds_nothing():
    index = VectorIndex(0)
    assert (len(index), index.dimension, index.search(directions(1)[0], 5)) == (0, 0, [])


def test_what_is_loaded_is_what_was_saved(tmp_path):
    index, question = index_of(directions(200), range(1000, 1200)), directions(1, seed=9)[0]
    path = tmp_path / "vectors.faiss"
    sha256 = index.save(path)
    loaded = VectorIndex.load(path, sha256, DIMENSION)
    assert loaded.search(question, 50) == index.search(question, 50)
    loaded.remove([1000])
    loaded.add([5], directions(1, seed=9))
    assert loaded.search(question, 1) == [5]
    assert path.stat().st_size < 200 * DIMENSION  # a quarter of a byte a dimension, ids, the grid


def test_the_same_vectors_make_the_same_file(tmp_path):
    hashes = [index_of(directions(100)).save(tmp_path / name) for name in "ab"]
    assert hashes[0] == hashes[1]


def test_vectors_of_another_length_or_kind_are_refused(tmp_path):
    path = tmp_path / "vectors.faiss"
    sha256 = index_of(directions(10)).save(path)
    with pytest.raises(DamagedVectors, match="another length"):
        VectorIndex.load(path, sha256, DIMENSION * 2)
    flat = faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSION))
    path.write_bytes(faiss.serialize_index(flat).tobytes())
    with pytest.raises(DamagedVectors, match="another length or kind"):
        VectorIndex.load(path, hashlib.sha256(path.read_bytes()).hexdigest(), DIMENSION)
