"""The confidence: what its file must hold, and a probability that rises with what speaks for it."""

import json
import math
from dataclasses import asdict, fields, replace

import pytest

from index.searching.confidence import (
    ANSWERED,
    FITTED,
    MANY_PASSAGES,
    PERHAPS,
    PLAIN,
    Confidence,
    NotFitted,
    Signals,
    fitted,
    size,
    state,
)

NAMES = [each.name for each in fields(Signals)]
NOTHING = Signals(*(0.0 for _ in NAMES))


def written(path, **changes):
    values = {"weights": {name: number for number, name in enumerate(NAMES, 1)}, "bias": -2.5} | changes
    path.write_text(json.dumps(values))
    return path


@pytest.mark.parametrize(("path", "encoding"), [(FITTED, "late/1"), (PLAIN, "plain/1")])
def test_the_bundled_coefficients_can_be_read_and_are_of_what_was_encoded_so(path, encoding):
    assert fitted(encoding) == path
    confidence = Confidence.read(path)
    assert all(math.isfinite(weight) for weight in (*asdict(confidence.weights).values(), confidence.bias))
    provenance = json.loads(path.read_text())["provenance"]
    assert provenance["sets"]
    assert provenance["encoding"] == encoding


def test_coefficients_are_read_by_name_whatever_else_a_file_holds(tmp_path):
    weights = {name: number for number, name in reversed([*enumerate(NAMES, 1)])} | {"older": 9}
    confidence = Confidence.read(written(tmp_path / "c.json", weights=weights, provenance={"sets": ["x"]}))
    assert asdict(confidence.weights) == {name: float(number) for number, name in enumerate(NAMES, 1)}
    assert confidence.bias == -2.5


def test_a_signal_that_a_file_does_not_name_counts_nothing(tmp_path):
    confidence = Confidence.read(written(tmp_path / "c.json", weights={"match": 2}))
    assert asdict(confidence.weights) == {name: 2.0 * (name == "match") for name in NAMES}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b"null", b"{}", b"\xff\xfe", b'{"bias": 1}', b'{"weights": 5, "bias": 1}',
     b'{"weights": [1, 2, 3, 4, 5], "bias": 1}', json.dumps({"weights": dict.fromkeys(NAMES, 1)}).encode(),
     json.dumps({"weights": dict.fromkeys(NAMES, "much"), "bias": 1}).encode(),
     json.dumps({"weights": dict.fromkeys(NAMES, 1), "bias": None}).encode()],
    ids=repr,
)  # fmt: skip
def test_a_file_without_all_coefficients_is_told_in_a_sentence(tmp_path, content):
    path = tmp_path / "confidence.json"
    path.write_bytes(content)
    with pytest.raises(NotFitted) as told:
        Confidence.read(path)
    assert str(told.value) == (
        f"{path} holds no coefficients: remove it, then make it anew by `citewire eval --fit`."
    )


def test_a_file_that_is_not_there_is_told_likewise(tmp_path):
    with pytest.raises(NotFitted, match="holds no coefficients"):
        Confidence.read(tmp_path / "absent.json")


def test_the_confidence_is_the_logistic_function_of_the_weighted_signals(tmp_path):
    confidence = Confidence.read(written(tmp_path / "c.json"))
    signals = Signals(*(0.1 * number for number in range(1, len(NAMES) + 1)))
    total = -2.5 + sum(0.1 * number * number for number in range(1, len(NAMES) + 1))
    assert confidence.of(signals) == pytest.approx(math.exp(total) / (1 + math.exp(total)))
    assert confidence.of(NOTHING) == pytest.approx(1 / (1 + math.exp(2.5)))


@pytest.mark.parametrize(
    ("path", "name"),
    [(FITTED, "cosine"), (FITTED, "match"), (FITTED, "coverage"), (PLAIN, "cosine"), (PLAIN, "coverage")],
)
def test_whatever_speaks_for_a_passage_makes_the_bundled_confidence_surer(path, name):
    confidence, middling = Confidence.read(path), Signals(*(0.5 for _ in NAMES))
    assert confidence.of(replace(middling, **{name: 0.9})) > confidence.of(middling)


@pytest.mark.parametrize("path", [FITTED, PLAIN])
def test_the_bundled_confidence_is_less_sure_where_there_was_more_to_choose_from(path):
    confidence, middling = Confidence.read(path), Signals(*(0.5 for _ in NAMES))
    assert confidence.of(replace(middling, size=1.0)) < confidence.of(middling)


def test_what_waits_for_many_articles_is_as_sure_as_of_many_whatever_the_size():
    confidence, middling = Confidence.read(), Signals(*(0.5 for _ in NAMES))
    one = [confidence.of_many(replace(middling, size=each)) for each in (0.0, 0.5, 1.0)]
    assert one == [confidence.of(replace(middling, size=1.0))] * 3


def test_a_person_is_told_by_two_thresholds():
    below = math.nextafter
    assert [state(value) for value in (1.0, ANSWERED, below(ANSWERED, 0))] == ["answered"] * 2 + ["perhaps"]
    assert [state(value) for value in (PERHAPS, below(PERHAPS, 0), 0.0)] == ["perhaps", "absent", "absent"]


def test_the_size_of_a_corpus_counts_by_its_logarithm_up_to_many_passages():
    assert [size(0), size(1), size(MANY_PASSAGES), size(50 * MANY_PASSAGES)] == [0, 0, 1, 1]
    assert size(100) == pytest.approx(2 * size(10))
