"""One English article asked in ten other languages: the level that answers have reached there.

`tests/data/languages` was judged before it was asked, and nothing was fitted to it. The bounds lie a little
below what was measured with the default model, so that they tell a loss and not a rounding.
"""

import json
from collections import Counter

import pytest
from paths import DATA

from evaluation.judged import JudgedSet
from evaluation.measure import ask, indexed
from index.searching.confidence import state

FOLDER = DATA / "languages"
ROWS = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
LANGUAGES = ["es", "de", "ru", "ar", "zh", "hi", "fa", "tr", "id", "pl"]
OWN, FOREIGN = 20, 12  # questions in each language


@pytest.fixture(scope="module")
def counts(model):
    """How many questions of each language came out how: (kind, state, the right sentence is marked)."""
    judged = JudgedSet.read(FOLDER)
    found = {language: Counter() for language in LANGUAGES}
    with indexed(judged.articles, model) as (searcher, _):
        for question, row in zip(judged.questions, ROWS, strict=True):
            [outcome] = ask(searcher, question)
            found[row["language"]][outcome.kind, state(outcome.confidence), outcome.marked] += 1
    return found


def test_the_set_holds_as_many_questions_in_each_language_about_the_bundled_article():
    asked = Counter((row["language"], row["answerable"]) for row in ROWS)
    assert asked == {(each, own): OWN if own else FOREIGN for each in LANGUAGES for own in (True, False)}
    files = [DATA / name / "articles.jsonl" for name in ("bundled", "languages")]
    assert files[0].read_text(encoding="utf-8") == files[1].read_text(encoding="utf-8")
    assert all(("spans" in row) == row["answerable"] != (row.get("kind") == "foreign") for row in ROWS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_questions_are_answered_by_the_right_sentence(counts, language):
    # Measured: 12 (ru, fa) to 18 (es) of 20 rightly; 1 (ar, id) to 5 (de, pl) wrongly.
    assert counts[language]["own", "answered", True] >= OWN / 2
    assert counts[language]["own", "answered", False] <= 6


def test_the_languages_together_keep_their_level(counts):
    # Measured: 141 of 200 rightly, 30 wrongly; 13 of 120 foreign ones, 10 of them about Iraq or migration.
    every = sum(counts.values(), Counter())
    own, foreign = OWN * len(LANGUAGES), FOREIGN * len(LANGUAGES)
    assert every["own", "answered", True] >= 0.66 * own
    assert every["own", "answered", False] <= 0.18 * own
    assert every["foreign", "answered", False] <= foreign / 7
