"""Fitting the confidence: known coefficients are found again, and what is held out plays no part."""

import json
import random
from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from encoders import BY_WORDS, HashEncoder, by_signals

from evaluation import fitting
from evaluation.fitting import (
    FOREIGN_ACROSS,
    SHARES,
    Observed,
    fit,
    fit_and_write,
    is_held_out,
    observe,
    report,
)
from evaluation.judged import JudgedQuestion, JudgedSet, NotASet
from index.searching.confidence import NAMES, Confidence, Signals

TRUE = dict(zip(NAMES, (5.0, 4.0, 3.0, -2.0, -1.0, 2.0), strict=True))
BIAS = -6.0
NOTHING = Signals(*(0.0 for _ in NAMES))


def drawn(count, corpus="news", *, held_out=False, seed=1):
    """Observations of which a known share answers, by their signals."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        values = chance.random(len(NAMES))
        odds = exp(BIAS + sum(TRUE[name] * value for name, value in zip(NAMES, values, strict=True)))
        kind = "own" if chance.random() < odds / (1 + odds) else "foreign"
        yield Observed(corpus, kind, held_out, Signals(*values.tolist()))


def coefficients(confidence, languages="same"):
    return [*confidence.fitted[languages].weights, confidence.fitted[languages].bias]


def swapped(observed):
    """What was answered as foreign, and the other way round."""
    return [replace(each, kind="own" if each.kind == "foreign" else "foreign") for each in observed]


def among(observed, languages):
    return [replace(each, signals=replace(each.signals, languages=languages)) for each in observed]


@pytest.fixture(scope="module")
def many():
    return list(drawn(20_000))


def test_the_coefficients_that_made_the_observations_are_found_again(many):
    found = fit(many).fitted["same"]
    assert dict(zip(NAMES, found.weights, strict=True)) == pytest.approx(TRUE, abs=0.35)
    # Kinds are weighed, however many there are of each, which moves the odds of all alike.
    own = sum(each.kind == "own" for each in many)
    weighed = (SHARES["own"] / own) / (SHARES["foreign"] / (len(many) - own))
    assert found.bias == pytest.approx(BIAS + log(weighed), abs=0.35)


def test_what_is_held_out_plays_no_part_in_the_fit(many):
    some = many[:2000]
    opposite = [replace(each, held_out=True) for each in swapped(many[2000:8000])]
    assert fit([*opposite, *some]) == fit(some)
    assert fit([*some, *(replace(each, held_out=False) for each in opposite)]) != fit(some)


def test_a_corpus_weighs_the_same_however_many_questions_it_has(many):
    one, other = many[:1500], swapped(drawn(1500, "other", seed=2))
    assert coefficients(fit(one + other * 5)) == pytest.approx(coefficients(fit(one + other)), abs=0.05)


@pytest.mark.parametrize("kind", ["foreign", "hard"])
@pytest.mark.parametrize("counts", [(30, 30), (200, 10), (5, 300)])
def test_kinds_weigh_by_their_shares_however_many_questions_there_are_of_each(kind, counts):
    alike = [Observed("c", "own", False, NOTHING)] * counts[0] + [
        Observed("c", kind, False, NOTHING)
    ] * counts[1]
    assert fit(alike).of(NOTHING) == pytest.approx(SHARES["own"] / (SHARES["own"] + SHARES[kind]), abs=0.01)


@pytest.mark.parametrize("languages", ["same", "unread", "across"])
def test_foreign_questions_weigh_more_across_languages(languages):
    counts = {"own": 40, "foreign": 90}
    rows = [Observed("c", kind, False, NOTHING) for kind, count in counts.items() for _ in range(count)]
    rows = among(rows, languages)
    share = FOREIGN_ACROSS if languages == "across" else SHARES["foreign"]
    assert fit(rows).of(replace(NOTHING, languages=languages)) == pytest.approx(1 / (1 + share), abs=0.01)


def test_each_way_in_which_languages_go_together_is_fitted_by_itself(many):
    some, others = many[:1500], swapped(many[1500:3000])
    both = fit([*some, *among(others, "unread")], "hash@1 hash/1")
    assert set(both.fitted) == {"same", "unread"}
    assert both.model == "hash@1 hash/1"
    assert both.fitted["same"] == fit(some).fitted["same"]
    assert both.fitted["unread"] == fit(others).fitted["same"]


def test_what_has_only_answered_questions_or_only_others_is_not_fitted(many):
    own = [each for each in many[:500] if each.kind == "own"]
    foreign = [each for each in many[:500] if each.kind == "foreign"]
    found = fit([*many[:500], *among(own, "across"), *among(foreign, "unread")])
    assert set(found.fitted) == {"same"}


def test_a_corpus_without_answered_questions_does_not_count(many):
    some = many[:1500]
    large = [Observed("large", kind, False, replace(NOTHING, size=1.0)) for kind in ("foreign", "hard")]
    assert fit([*some, *large * 50]) == fit(some)


def test_a_fit_without_a_corpus_of_both_answered_and_other_questions_is_refused():
    rows = [Observed("a", "own", False, NOTHING), Observed("b", "foreign", False, NOTHING)] * 20
    with pytest.raises(NotASet, match="both questions that the articles answer and others"):
        fit(rows)


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


def test_the_report_is_of_each_way_in_which_languages_go_together_apart():
    def seen(kind, languages, cosine):
        return Observed("c", kind, True, replace(NOTHING, cosine=cosine, languages=languages))

    rows = [seen("own", "same", 0.9), seen("foreign", "same", 0.1)]
    rows += [seen("own", "across", 0.1), seen("foreign", "across", 0.9), seen("foreign", "unread", 0.9)]
    told = {(row["languages"], row["kind"]): row for row in report(by_signals(-6, cosine=12), rows)}
    assert {key: (row["answered"], row["auroc"]) for key, row in told.items()} == {
        ("same", "own"): (1.0, None),
        ("same", "foreign"): (0.0, 1.0),
        ("across", "own"): (0.0, None),
        ("across", "foreign"): (1.0, 0.0),
        ("unread", "foreign"): (1.0, None),
    }


def test_the_file_that_is_written_is_read_back_and_says_where_it_is_from(tmp_path, many):
    path = tmp_path / "confidence.json"
    rows = [*many[:500], *among(many[500:900], "across"), *drawn(300, held_out=True, seed=3)]
    shown = fit_and_write(rows, ["news", "more"], HashEncoder(), path)
    assert Confidence.read(path) == fit(rows, f"{HashEncoder.name} {HashEncoder.encoding}")
    provenance = json.loads(path.read_text())["provenance"]
    assert (provenance["sets"], provenance["model"]) == (["news", "more"], "all-MiniLM-L6-v2@hash")
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
