"""The confidence: what its file must hold, and a probability that rises with what speaks for it."""

import json
import math
from dataclasses import replace
from typing import get_args

import pytest
from encoders import by_signals

from index.searching.confidence import (
    ANSWERED,
    FOLDER,
    MANY_PASSAGES,
    MANY_TERMS,
    NAMES,
    PERHAPS,
    Coefficients,
    Confidence,
    Languages,
    NotFitted,
    Signals,
    confidence_for,
    length,
    size,
    state,
)

CASES = get_args(Languages)
NOTHING = Signals(*(0.0 for _ in NAMES))
MIDDLING = Signals(*(0.5 for _ in NAMES))
ALL = Signals(*(1.0 for _ in NAMES))
NUMBERED = tuple(float(number) for number in range(1, len(NAMES) + 1))
BUNDLED = sorted(FOLDER.glob("*.json"))


def coefficients(**changes):
    return {"weights": dict(zip(NAMES, NUMBERED, strict=True)), "bias": -2.5} | changes


def written(path, **values):
    path.write_text(json.dumps(values or {"same": coefficients()}))
    return path


def of_model(path, model="hash@1", encoding="hash/1", **changes):
    return written(
        path, same=coefficients(**changes), provenance={"model": model, "encoding": encoding, "sets": []}
    )


# The signals.


def test_the_names_are_those_of_the_signals_in_the_order_of_their_numbers():
    for number, name in enumerate(NAMES):
        values = replace(NOTHING, **{name: 1.0}).numbers()
        assert values == tuple(float(place == number) for place in range(len(NAMES)))


def test_the_size_of_a_corpus_counts_by_its_logarithm_up_to_many_passages():
    assert [size(0), size(1), size(MANY_PASSAGES), size(50 * MANY_PASSAGES)] == [0, 0, 1, 1]
    assert size(100) == pytest.approx(2 * size(10))


def test_the_length_of_a_question_counts_by_its_terms_up_to_many():
    assert [length(0), length(MANY_TERMS // 2), length(MANY_TERMS), length(5 * MANY_TERMS)] == [0, 0.5, 1, 1]


# What a file holds.


def test_coefficients_are_read_by_name_whatever_else_a_file_holds(tmp_path):
    weights = dict(reversed([*zip(NAMES, NUMBERED, strict=True)])) | {"older": 9}
    path = written(
        tmp_path / "c.json", same=coefficients(weights=weights), provenance={"sets": ["x"]}, more=1
    )
    assert Confidence.read(path).fitted == {"same": Coefficients(NUMBERED, -2.5)}


def test_each_way_in_which_languages_go_together_has_its_own_coefficients(tmp_path):
    values = {case: coefficients(bias=bias) for bias, case in enumerate(CASES)}
    confidence = Confidence.read(written(tmp_path / "c.json", **values))
    assert confidence.fitted == {case: Coefficients(NUMBERED, bias) for bias, case in enumerate(CASES)}
    for bias, case in enumerate(CASES):
        signals = replace(NOTHING, languages=case)
        assert confidence.of(signals) == pytest.approx(1 / (1 + math.exp(-bias)))


def test_a_signal_that_a_file_does_not_name_counts_nothing(tmp_path):
    confidence = Confidence.read(written(tmp_path / "c.json", across=coefficients(weights={"match": 2})))
    assert confidence.fitted["across"].weights == tuple(2.0 * (name == "match") for name in NAMES)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b"null", b"{}", b"\xff\xfe", b'{"same": 5}', b'{"same": null}',
     b'{"same": {"bias": 1}}', b'{"same": {"weights": 5, "bias": 1}}',
     b'{"same": {"weights": [1, 2, 3, 4, 5, 6], "bias": 1}}', b'{"same": {"weights": {"match": 1}}}',
     b'{"same": {"weights": {"match": NaN}, "bias": 1}}', b'{"same": {"weights": {}, "bias": -Infinity}}',
     b'{"same": {"weights": {"match": "much"}, "bias": 1}}', b'{"same": {"weights": {}, "bias": null}}',
     b'{"same": {"weights": {}, "bias": 1}, "across": {}}',
     b'{"same": {"weights": {}, "bias": 1}, "provenance": []}',
     b'{"provenance": {"model": "hash@1"}}', b'{"weights": {"match": 1}, "bias": 1}'],
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


# The probability.


def test_the_confidence_is_the_logistic_function_of_the_weighted_signals(tmp_path):
    confidence = Confidence.read(written(tmp_path / "c.json"))
    signals = Signals(*(0.1 * number for number in NUMBERED))
    total = -2.5 + sum(0.1 * number * number for number in NUMBERED)
    assert confidence.of(signals) == pytest.approx(math.exp(total) / (1 + math.exp(total)))
    assert confidence.of(NOTHING) == pytest.approx(1 / (1 + math.exp(2.5)))


def test_coefficients_of_one_case_say_nothing_of_another(tmp_path):
    confidence = Confidence.read(written(tmp_path / "c.json", same=coefficients(bias=50)))
    assert confidence.of(replace(ALL, languages="same")) > 0.99
    assert confidence.of(replace(ALL, languages="across")) == Confidence().of(ALL)


WORDED = replace(NOTHING, coverage=1.0, length=1.0)


@pytest.mark.parametrize("case", CASES)
def test_of_a_model_without_coefficients_the_words_decide_and_no_answer_is_sure(case):
    worded = replace(WORDED, languages=case)
    assert state(Confidence().of(worded)) == "perhaps"
    assert state(Confidence().of(replace(worded, coverage=0.0))) == "absent"
    assert Confidence().of(replace(worded, cosine=1.0, match=1.0)) == Confidence().of(worded)
    assert Confidence().of(replace(ALL, languages=case)) < ANSWERED


def test_words_alone_answer_where_the_model_reads_no_such_language_but_has_coefficients():
    known = Confidence({"same": Coefficients(NUMBERED, -2.5)})
    assert state(known.of(replace(WORDED, languages="unread"))) == "answered"
    assert state(known.of(replace(WORDED, languages="unread", coverage=0.0))) == "absent"
    assert state(known.of(replace(WORDED, languages="across"))) == "perhaps"


def test_what_waits_for_many_articles_is_as_sure_as_of_many_whatever_the_size():
    confidence = by_signals(0.5, size=-3)
    one = [confidence.of_many(replace(MIDDLING, size=each)) for each in (0.0, 0.5, 1.0)]
    assert one == [confidence.of(replace(MIDDLING, size=1.0))] * 3


def test_a_person_is_told_by_two_thresholds():
    below = math.nextafter
    assert [state(value) for value in (1.0, ANSWERED, below(ANSWERED, 0))] == ["answered"] * 2 + ["perhaps"]
    assert [state(value) for value in (PERHAPS, below(PERHAPS, 0), 0.0)] == ["perhaps", "absent", "absent"]


# Which coefficients a model has.


def test_coefficients_of_its_own_are_those_of_a_model(tmp_path):
    own = of_model(tmp_path / "confidence.json")
    assert confidence_for("hash@1", "hash/1", own) == Confidence.read(own)
    assert confidence_for("hash@1", "hash/1", own).model == "hash@1 hash/1"


@pytest.mark.parametrize(
    ("model", "encoding"), [("hash@2", "hash/1"), ("hash@1", "hash/2"), ("other@1", "x/1")]
)
def test_coefficients_that_were_fitted_to_another_model_are_not_used(tmp_path, model, encoding):
    own = of_model(tmp_path / "confidence.json")
    assert confidence_for(model, encoding, own) == Confidence()


def test_a_model_of_which_nothing_is_known_has_no_coefficients(tmp_path):
    assert confidence_for("hash@1", "hash/1") == Confidence()
    assert confidence_for("hash@1", "hash/1", tmp_path / "absent.json") == Confidence()


def test_coefficients_of_its_own_that_can_not_be_read_are_told(tmp_path):
    (tmp_path / "confidence.json").write_text("{")
    with pytest.raises(NotFitted):
        confidence_for("hash@1", "hash/1", tmp_path / "confidence.json")


# The coefficients that are bundled.


def provenance(path):
    return json.loads(path.read_text())["provenance"]


def test_coefficients_are_bundled():
    assert BUNDLED


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_bundled_coefficients_can_be_read_and_are_those_of_the_model_in_their_name(path, tmp_path):
    confidence, known = Confidence.read(path), provenance(path)
    assert known["sets"]
    assert confidence_for(known["model"], known["encoding"]) == confidence
    assert confidence_for(known["model"], known["encoding"], of_model(tmp_path / "other.json")) == confidence
    assert "same" in confidence.fitted
    for found in confidence.fitted.values():
        assert len(found.weights) == len(NAMES)
        assert all(map(math.isfinite, (*found.weights, found.bias)))


def test_coefficients_of_the_default_model_are_of_both_ways_in_which_it_compares_languages(model):
    confidence = confidence_for(model.name, model.encoding)
    assert {"same", "across"} <= confidence.fitted.keys()
    assert confidence.model == f"{model.name} {model.encoding}"


EACH = [(path, case) for path in BUNDLED for case in Confidence.read(path).fitted]


@pytest.mark.parametrize(("path", "case"), EACH, ids=lambda each: getattr(each, "stem", each))
def test_whatever_speaks_for_a_passage_makes_the_bundled_confidence_surer(path, case):
    confidence, less = Confidence.read(path), replace(MIDDLING, cosine=0.2, match=0.2, languages=case)
    assert confidence.of(replace(less, coverage=0.9)) > confidence.of(less)
    nearer = replace(less, cosine=0.4, match=0.4)  # which are none where the model does not read a language
    assert (confidence.of(nearer) > confidence.of(less)) == (case != "unread")


@pytest.mark.parametrize(("path", "case"), EACH, ids=lambda each: getattr(each, "stem", each))
def test_the_bundled_confidence_is_less_sure_where_there_was_more_to_choose_from(path, case):
    confidence, less = Confidence.read(path), replace(MIDDLING, cosine=0.2, match=0.2, languages=case)
    assert confidence.of(replace(less, size=1.0)) < confidence.of(less)


@pytest.mark.parametrize(("path", "case"), EACH, ids=lambda each: getattr(each, "stem", each))
def test_the_bundled_confidence_tells_what_fits_from_what_does_not(path, case):
    confidence = Confidence.read(path)
    common = {"size": 0.5, "length": 0.5, "languages": case}
    assert state(confidence.of(Signals(0.8, 0.8, 1.0, 0.0, **common))) == "answered"
    assert state(confidence.of(Signals(0.1, 0.1, 0.0, 0.3, **common))) == "absent"
