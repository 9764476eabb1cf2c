"""Measuring answers: figures that can be counted by hand, on articles that are indexed aside."""

import json
import struct
import tempfile
from contextlib import closing
from dataclasses import fields

import numpy as np
import pytest
from encoders import BY_WORDS, HashEncoder
from launcher import Terminal
from paths import ROOT

from bot.assistant import Assistant
from bot.config import load
from evaluation.judged import JudgedQuestion, JudgedSet, NotASet
from evaluation.measure import DEPTH, Evaluation, Outcome, auroc, evaluate, table
from index.searching.confidence import ANSWERED, Signals

BUNDLED = ROOT / "tests/data/bundled"

COST = "The bridge of Arden cost 12 million pounds."
BRACK = "The bridge of Brack is old. Ferries sail at noon."
VOLCANO = f"The volcano smokes on {'very ' * 112}quiet days above Jura."
MOUNTAIN = "A volcano is a mountain that grew from within."
# Promotion is not searched, and no passage crosses it: each paragraph is one.
PROMOTION = "Subscribe to our newsletter."
TEXT = f"\n{PROMOTION}\n".join([COST, BRACK, VOLCANO, MOUNTAIN])
FERRY = "The museum shows old coins."
ARTICLES = [{"id": "news", "title": "News", "text": TEXT}, {"id": "more", "title": "More", "text": FERRY}]


def where(answer):
    start = TEXT.index(answer)
    return (start, start + len(answer))


def own(text, *answers, article="news"):
    return JudgedQuestion(text, article, tuple(map(where, answers)), "own")


def evaluated(*questions, others=(), confidence=BY_WORDS, articles=ARTICLES):
    judged = JudgedSet("tiny", articles, list(questions))
    return evaluate(judged, HashEncoder(), others, lambda _done, _total: None, confidence)


FIRST = own("What did the bridge of Arden cost?", "12 million pounds")
SECOND = own("Which bridge of Arden cost pounds, the old?", "Brack is old")
UNMARKED = own("When do ferries sail at noon from Brack?", "The bridge of Brack")
LATE = own("Which volcano smokes above Jura on quiet days?", "a mountain that grew")
OF_ANOTHER = own("What did the bridge of Arden cost?", "a mountain that grew", article="more")


# Figures that can be counted by hand.


@pytest.mark.parametrize(
    ("question", "right", "marked", "early"),
    [
        (FIRST, 1, True, True),
        (SECOND, 2, False, True),
        (UNMARKED, 1, False, True),
        (LATE, 2, False, False),
        (OF_ANOTHER, 0, False, False),
    ],
)
def test_a_question_is_judged_by_where_its_answer_is_shown(question, right, marked, early):
    [outcome] = evaluated(question).outcomes
    assert [place for place, is_right in enumerate(outcome.right, 1) if is_right] == [right] * (right > 0)
    assert (outcome.marked, outcome.early) == (marked, early)


@pytest.mark.parametrize(("articles", "right"), [(("more",), 2), (("news", "more"), 1), (("other",), 0)])
def test_a_question_judged_by_articles_is_answered_by_any_passage_of_them(articles, right):
    text = "Which coins does the museum of Arden, the old bridge, show?"
    hits = evaluated(JudgedQuestion(text, articles[0], (), "own", articles)).outcomes[0].right
    assert any(hits) == bool(right)
    assert all(hits) == (right == 1)


def test_a_question_judged_by_articles_is_marked_and_early_where_its_first_passage_is_right():
    [outcome] = evaluated(JudgedQuestion(FIRST.text, "news", (), "own", ("news",))).outcomes
    assert (outcome.right[0], outcome.marked, outcome.early) == (True, True, True)


def test_foreign_questions_of_the_set_count_beside_those_of_others():
    bread = [{"id": "x", "title": "Bread", "text": "Flour."}]
    far = JudgedSet("far", bread, [JudgedQuestion("Which flour makes bread?", "x", ((0, 5),), "own")])
    foreign = JudgedQuestion("Do sourdough starters need flour?", "", (), "foreign")
    assert evaluated(FIRST, foreign, others=[far]).figures()["questions_foreign"] == 2


def test_shares_and_ranks_are_those_counted_by_hand():
    figures = evaluated(FIRST, SECOND, UNMARKED, LATE, OF_ANOTHER).figures()
    assert figures["questions_own"] == 5
    assert figures["hit@1"] == pytest.approx(2 / 5)
    assert figures["hit@3"] == figures["hit@10"] == pytest.approx(4 / 5)
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 2 + 1 + 1 / 2 + 0) / 5)
    assert figures["marked@1"] == pytest.approx(1 / 5)
    assert figures["hit@600c"] == pytest.approx(3 / 5)


def test_what_is_shown_of_the_first_hit_is_counted_in_characters():
    figures = evaluated(FIRST, UNMARKED, LATE).figures()
    assert figures["characters_shown"] == sorted(map(len, (COST, BRACK, VOLCANO)))[1]


def test_an_answer_is_early_only_where_all_of_it_is_shown_within_600_characters():
    assert VOLCANO.index(" above Jura") < 600 < len(VOLCANO)
    for answer, early in (("quiet days", True), ("above Jura.", False)):
        [outcome] = evaluated(own(LATE.text, answer)).outcomes
        assert (outcome.right[0], outcome.early) == (True, early)


def test_states_are_counted_by_kind_and_what_is_no_question_is_left_out():
    hard = JudgedQuestion("Who built the lighthouse of Inver by hand?", "news", (), "hard")
    foreign = JudgedQuestion("Do sourdough starters need flour?", "news", (), "foreign")
    run = evaluated(FIRST, UNMARKED, hard, foreign, JudgedQuestion("?!", "news", (), "foreign"))
    figures = run.figures()
    assert [figures[f"questions_{kind}"] for kind in ("own", "hard", "foreign")] == [2, 1, 1]
    assert [each.confidence >= ANSWERED for each in run.outcomes] == [True, True, False, False]
    assert [figures[f"answered_{kind}"] for kind in ("own", "hard", "foreign")] == [1, 0, 0]
    assert figures["auroc_cross"] == figures["auroc_hard"] == 1


def test_questions_of_other_sets_are_asked_as_foreign_ones_unless_an_article_is_shared():
    others = [
        JudgedSet("far", [{"id": "x", "title": "Bread", "text": "Flour."}],
                  [JudgedQuestion("Which flour makes bread?", "x", ((0, 5),), "own")]),
        JudgedSet("near", [{"id": "y", "title": "News", "text": TEXT}],
                  [JudgedQuestion("What did the bridge of Arden cost?", "y", ((0, 5),), "own")]),
    ]  # fmt: skip
    figures = evaluated(FIRST, others=others).figures()
    assert (figures["questions_own"], figures["questions_foreign"]) == (1, 1)


def test_what_can_not_be_measured_is_no_number():
    figures = evaluated(JudgedQuestion("Which bridge?", "news", (), "hard")).figures()
    for name in (
        "hit@1",
        "mrr@10",
        "marked@1",
        "hit@600c",
        "characters_shown",
        "auroc_cross",
        "answered_own",
    ):
        assert figures[name] is None
    assert figures["p95_ms"] is None
    assert "–" in table([figures])


def test_a_run_says_what_it_was_made_with_and_what_it_cost():
    figures = evaluated(FIRST).figures()
    assert (figures["set"], figures["model"]) == ("tiny", "all-MiniLM-L6-v2@hash")
    assert (figures["articles"], figures["passages"]) == (2, 5)
    for name in ("median_ms", "articles_per_second", "passages_per_second", "index_mb", "peak_memory_mb"):
        assert figures[name] > 0
    json.dumps(figures)


def test_progress_is_told_after_each_question():
    told = []
    judged = JudgedSet("tiny", ARTICLES, [FIRST, JudgedQuestion("?!", "news", (), "foreign"), SECOND])
    evaluate(judged, HashEncoder(), [], lambda *so_far: told.append(so_far), BY_WORDS)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_set_without_questions_is_told_in_a_sentence():
    for questions in ([], [JudgedQuestion("?!", "news", (), "foreign")]):
        with pytest.raises(NotASet, match=r"tiny holds no questions\."):
            evaluated(*questions)


def test_articles_that_hold_nothing_answer_nothing():
    figures = evaluated(FIRST, articles=[{"id": "news", "title": "", "text": "…"}]).figures()
    assert (figures["hit@1"], figures["hit@10"], figures["answered_own"]) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(8))
def test_auroc_is_the_share_of_pairs_in_the_right_order(seed):
    chance = np.random.default_rng(seed)
    high = (chance.integers(2, 12, chance.integers(1, 40)) / 10).tolist()  # with ties
    low = (chance.integers(0, 10, chance.integers(1, 40)) / 10).tolist()
    pairs = [(x > y) + (x == y) / 2 for x in high for y in low]
    assert auroc(high, low) == pytest.approx(sum(pairs) / len(pairs))


def test_auroc_of_what_is_parted_alike_or_absent():
    assert auroc([0.9, 0.8], [0.1]) == 1
    assert auroc([0.1], [0.9, 0.8]) == 0
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([], [0.5]) is None
    assert auroc([0.5], []) is None


def test_a_table_has_a_column_a_run():
    lines = table([evaluated(FIRST).figures(), evaluated(SECOND).figures()]).splitlines()
    assert next(line.split() for line in lines if line.startswith("hit@1 ")) == ["hit@1", "1.000", "0.000"]
    assert len({len(line) for line in lines}) == 1


# Nothing else is touched.


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_running_data_folder_is_not_touched_and_nothing_is_left_behind(
    config, bring_up, tmp_path, monkeypatch
):
    (config.corpus / "drought.txt").write_text("Rivers ran low.\nThe reservoirs were empty.")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with closing(Assistant(config, HashEncoder())) as assistant:
        bring_up(assistant)
        before = contents(config.data)
        evaluated(FIRST)
        assert contents(config.data) == before
        [hit] = assistant.ask("What did the bridge of Arden cost?").hits
        assert hit.article.id == "drought"
    assert list(temporary.iterdir()) == []


# The command.


def write(folder, judged):
    folder.mkdir()
    questions = [
        {"question": each.text, "article": each.article, "spans": each.spans, "kind": each.kind}
        for each in judged.questions
    ]
    for name, rows in (("articles", judged.articles), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


@pytest.fixture
def citewire(tmp_path):
    """The command line with an encoder that loads nothing."""
    return Terminal(tmp_path / "data", HashEncoder())


@pytest.fixture
def tiny(tmp_path):
    hard = JudgedQuestion("Who built the lighthouse of Inver?", "news", (), "hard")
    return write(tmp_path / "tiny", JudgedSet("tiny", ARTICLES, [FIRST, SECOND, UNMARKED, LATE, hard]))


def test_eval_prints_a_json_object_a_folder(citewire, tiny, tmp_path):
    bread = [{"id": "x", "title": "Bread", "text": "Bread is made of flour."}]
    asked = [JudgedQuestion("What is bread made of?", "x", ((17, 22),), "own")]
    other = write(tmp_path / "bread", JudgedSet("bread", bread, asked))
    done = citewire("eval", tiny, other, "--foreign", other, "--json")
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["set"], second["set"]) == ("tiny", "bread")
    assert (first["hit@1"], first["questions_own"], first["questions_hard"]) == (0.5, 4, 1)
    assert (first["questions_foreign"], second["questions_foreign"]) == (1, 0)
    assert second["hit@1"] == 1


def test_eval_prints_a_table_and_asks_fewer_questions_on_request(citewire, tiny):
    done = citewire("eval", tiny, "--every", "2")
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (rows["questions_own"], rows["questions_hard"], rows["hit@1"]) == ("2", "1", "1.000")


def test_eval_adds_baselines_on_request(citewire, tiny):
    done = citewire("eval", tiny, "--baselines", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    names = [
        f"{by} {name}"
        for by in ("fts5", "sum")
        for name in ("hit@1", "hit@3", "hit@10", "mrr@10", "hit@600c")
    ]
    assert [name for name in figures if " " in name] == names
    # Its passages join COST with BRACK and VOLCANO with MOUNTAIN: each holds what is asked and answered.
    assert figures["fts5 hit@1"] == 1
    assert "fts5 hit@1" not in json.loads(citewire("eval", tiny, "--json").stdout)


def test_eval_draws_a_picture(citewire, tiny, tmp_path):
    path = tmp_path / "picture.png"
    done = citewire("eval", tiny, "--plot", path)
    assert done.returncode == 0, done.stderr
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width > height > 300
    assert data.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("confidences", [[0.0], [1.0], [0.0, 1.0, 0.5, 0.5], [0.1] * 3])
def test_any_run_can_be_drawn(tmp_path, confidences):
    from evaluation.plot import draw

    signals = Signals(*(0.0 for _ in fields(Signals)))
    outcomes = [Outcome("own", sure, signals, 1, (sure > 0.3,), False, False, 0.1) for sure in confidences]
    draw(Evaluation("tiny", {}, {}, outcomes), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_eval_fits_the_confidence_and_the_file_serves(citewire, tiny, tmp_path):
    (tmp_path / "data").mkdir()
    done = citewire("eval", tiny, BUNDLED, "--fit", tmp_path / "data/confidence.json")
    assert done.returncode == 0, done.stderr
    assert "answered" in done.stdout
    with closing(Assistant(load({"CITEWIRE_DATA": str(tmp_path / "data")}), HashEncoder())) as assistant:
        written = json.loads((tmp_path / "data/confidence.json").read_text())
        assert assistant.confidence.fitted["same"].bias == written["same"]["bias"]
    assert written["provenance"]["sets"] == ["tiny", "bundled"]


def test_eval_leaves_the_articles_and_the_index_of_the_data_folder_as_they_were(citewire, tiny, tmp_path):
    assert citewire("reindex").returncode == 0
    index, listed = contents(tmp_path / "data/index"), citewire("articles").stdout
    assert citewire("eval", tiny).returncode == 0
    assert contents(tmp_path / "data/index") == index
    assert citewire("articles").stdout == listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere/articles.jsonl can't be read"),
        ([], "Missing argument"),
        (["tests/data/bundled", "--foreign", "nowhere"], "nowhere/articles.jsonl can't be read"),
        (["tests/data/bundled", "--every", "0"], "--every"),
    ],
)
def test_eval_says_in_one_line_what_can_not_be_measured(citewire, words, said):
    done = citewire("eval", *words)
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line


@pytest.mark.slow
def test_the_bundled_questions_are_measured_with_the_real_model(model):
    figures = evaluate(JudgedSet.read(BUNDLED), model, [], lambda _done, _total: None).figures()
    assert (figures["questions_own"], figures["articles"]) == (81, 1)
    assert figures["hit@1"] >= 0.8
    assert figures["auroc_cross"] >= 0.99
    assert figures[f"hit@{DEPTH}"] >= figures["hit@3"] >= figures["hit@1"] >= figures["marked@1"]
