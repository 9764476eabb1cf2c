"""Fitting the confidence: known coefficients are found again, and what is held out plays no part."""

import json
import random
from dataclasses import asdict, astuple, fields, replace
from math import exp, log

import numpy as np
import pytest
from encoders import BY_WORDS, HashEncoder

from evaluation import fitting
from evaluation.fitting import SHARES, Observed, fit, fit_and_write, is_held_out, observe, report
from evaluation.judged import JudgedQuestion, JudgedSet, NotASet
from index.searching.confidence import Confidence, Signals

NAMES = [each.name for each in fields(Signals)]
TRUE = dict(zip(NAMES, (5.0, -4.0, 3.0, -2.0, 1.0), strict=False))
BIAS = -1.5
NOTHING = Signals(*(0.0 for _ in NAMES))


def drawn(count, corpus="news", *, held_out=False, seed=1):
    """Observations of which a known share answers, by their signals."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        values = chance.random(len(NAMES))
        odds = exp(BIAS + sum(TRUE[name] * value for name, value in zip(NAMES, values, strict=True)))
        kind = "own" if chance.random() < odds / (1 + odds) else "foreign"
        yield Observed(corpus, kind, held_out, Signals(*values.tolist()))


def coefficients(confidence):
    return [*astuple(confidence.weights), confidence.bias]


@pytest.fixture(scope="module")
def many():
    return list(drawn(20_000))


def test_the_coefficients_that_made_the_observations_are_found_again(many):
    found = fit(many)
    assert asdict(found.weights) == pytest.approx(TRUE, abs=0.35)
    # Kinds are weighed, however many there are of each, which moves the odds of all alike.
    own = sum(each.kind == "own" for each in many)
    weighed = (SHARES["own"] / own) / (SHARES["foreign"] / (len(many) - own))
    assert found.bias == pytest.approx(BIAS + log(weighed), abs=0.35)


def test_what_is_held_out_plays_no_part_in_the_fit(many):
    some = many[:2000]
    opposite = [
        replace(each, held_out=True, kind="own" if each.kind == "foreign" else "foreign")
        for each in many[2000:8000]
    ]
    assert fit([*opposite, *some]) == fit(some)
    assert fit([*some, *(replace(each, held_out=False) for each in opposite)]) != fit(some)


def test_a_corpus_weighs_the_same_however_many_questions_it_has(many):
    one, other = many[:1500], [*drawn(1500, "other", seed=2)]
    other = [replace(each, kind="own" if each.kind == "foreign" else "foreign") for each in other]
    assert coefficients(fit(one + other * 5)) == pytest.approx(coefficients(fit(one + other)), abs=0.05)


@pytest.mark.parametrize("kind", ["foreign", "hard"])
@pytest.mark.parametrize("counts", [(30, 30), (200, 10), (5, 300)])
def test_kinds_weigh_by_their_shares_however_many_questions_there_are_of_each(kind, counts):
    alike = [Observed("c", "own", False, NOTHING)] * counts[0] + [
        Observed("c", kind, False, NOTHING)
    ] * counts[1]
    assert fit(alike).of(NOTHING) == pytest.approx(SHARES["own"] / (SHARES["own"] + SHARES[kind]), abs=0.01)


def test_what_can_be_parted_without_fail_has_finite_coefficients():
    signals = [Signals(*(value for _ in NAMES)) for value in np.linspace(0, 1, 40).tolist()]
    rows = [Observed("c", "own" if each.cosine > 0.5 else "foreign", False, each) for each in signals]
    found = fit(rows)
    assert np.isfinite(coefficients(found)).all()
    assert all((found.of(each.signals) > 0.5) == (each.kind == "own") for each in rows)


@pytest.mark.parametrize("kinds", [[], ["own"], ["foreign", "hard"]])
def test_a_fit_without_both_answered_and_other_questions_is_refused(kinds, many, tmp_path):
    rows = [replace(each, kind=kind) for kind in kinds for each in many[:20]]
    rows += [replace(each, held_out=True) for each in many[:50]]
    with pytest.raises(NotASet, match="both questions that the articles answer and others"):
        fit_and_write(rows, ["news"], HashEncoder(), tmp_path / "confidence.json")
    assert list(tmp_path.iterdir()) == []


# What is told of it.


def test_the_report_is_of_what_was_held_out_and_nothing_else():
    def seen(kind, coverage, *, held_out=True):
        return Observed("c whole", kind, held_out, replace(NOTHING, coverage=coverage))

    rows = [seen("own", 0.9), seen("own", 0.4), seen("foreign", 0.6), seen("foreign", 0.1), seen("hard", 0.2)]
    rows += [seen("own", 0.0, held_out=False), seen("foreign", 1.0, held_out=False)]
    told = {row["kind"]: row for row in report(BY_WORDS, rows)}  # which is sure from a coverage of .5 on
    assert {kind: (row["questions"], row["answered"]) for kind, row in told.items()} == {
        "own": (2, 0.5), "foreign": (2, 0.5), "hard": (1, 0.0),
    }  # fmt: skip
    assert (told["foreign"]["auroc"], told["hard"]["auroc"], told["own"]["auroc"]) == (0.75, 1.0, None)


def test_the_file_that_is_written_is_read_back_and_says_where_it_is_from(tmp_path, many):
    path = tmp_path / "confidence.json"
    rows = [*many[:500], *drawn(300, held_out=True, seed=3)]
    shown = fit_and_write(rows, ["news", "more"], HashEncoder(), path)
    assert Confidence.read(path) == fit(rows)
    provenance = json.loads(path.read_text())["provenance"]
    assert (provenance["sets"], provenance["model"]) == (["news", "more"], "hash@1")
    assert provenance["held_out"] == report(fit(rows), rows)
    assert "foreign" in shown


# What is observed.


def invented(name, count):
    """A set of articles with a question about each, and one that none answers."""
    chance = random.Random(name)
    articles, questions = [], []
    for number in range(count):
        word = "".join(chance.choices("bcdfgklmnprst", k=8))
        text = f"The {word} was opened in spring. It is {number} years old."
        articles.append({"id": f"{name}-{number}", "title": f"About {word}", "text": text})
        questions.append(
            JudgedQuestion(f"When was the {word} opened?", f"{name}-{number}", ((4, 12),), "own")
        )
        questions.append(JudgedQuestion(f"Who painted the {word}?", f"{name}-{number}", (), "hard"))
    return JudgedSet(name, articles, questions)


@pytest.fixture(scope="module")
def seen():
    told = []
    sets = [invented("a", 6), invented("b", 1)]
    return observe(sets, HashEncoder(), lambda *so_far: told.append(so_far)), told


def test_whole_sets_halves_and_single_articles_are_asked_about(seen):
    observed, told = seen
    counts = {}
    for each in observed:
        counts[each.corpus, each.kind] = counts.get((each.corpus, each.kind), 0) + 1
    assert {corpus for corpus, _ in counts} == {"a whole", "a halves", "a singles", "b whole"}
    for corpus in ("a whole", "a halves", "a singles"):
        assert counts[corpus, "own"] == counts[corpus, "hard"] == 6
    assert counts["a whole", "foreign"] == 1  # that of the other set
    assert counts["a halves", "foreign"] == 2 * (3 + 1)  # those about the other half too
    assert counts["a singles", "foreign"] == 6 * (5 + 1)
    assert counts["b whole", "foreign"] == 6
    assert told == [(number, 10) for number in range(1, 11)]


def test_signals_are_those_of_the_corpus_that_was_asked(seen):
    observed, _ = seen
    sizes = {
        corpus: {e.signals.size for e in observed if e.corpus == corpus} for corpus in ("a whole", "b whole")
    }
    assert all(len(found) == 1 for found in sizes.values())
    assert max(sizes["b whole"]) < max(sizes["a whole"])


def test_an_answered_question_whose_first_hit_is_wrong_is_left_out():
    judged = invented("a", 3)
    wrong = [replace(each, article="a-9") for each in judged.questions]
    observed = observe([replace(judged, questions=wrong)], HashEncoder(), lambda _done, _total: None)
    assert {each.kind for each in observed if each.corpus == "a whole"} == {"hard"}


def test_a_question_is_held_out_of_all_corpora_or_of_none():
    judged = invented("a", 100)
    held_out = [is_held_out(question) for question in judged.questions]
    foreign = [replace(question, kind="foreign", spans=()) for question in judged.questions]
    assert [is_held_out(question) for question in foreign] == held_out
    assert 0.3 < sum(held_out) / len(held_out) < 0.7


def test_what_is_held_out_is_told_by_the_question_alone(monkeypatch):
    monkeypatch.setattr(fitting, "is_held_out", lambda question: "painted" in question.text)
    observed = observe([invented("a", 4)], HashEncoder(), lambda _done, _total: None)
    assert {(each.kind, each.held_out) for each in observed} == {
        ("own", False),
        ("hard", True),
        ("foreign", False),
    }
