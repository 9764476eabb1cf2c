"""Sets of judged questions: what is read and refused, and which are foreign to which articles."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from paths import DATA

from evaluation.judged import JudgedQuestion, JudgedSet, NotASet, crossed

BUNDLED = DATA / "bundled"
ARTICLE = {"id": "a", "title": "A bridge", "text": "The bridge is closed."}
ASKED = {"question": "What is closed?", "article": "a", "spans": [[4, 10]]}


def write(folder, articles=(ARTICLE,), questions=(ASKED,)):
    """A set in a folder; a row may be given as JSON, as text or as bytes."""
    folder.mkdir(exist_ok=True)
    for name, rows in (("articles", articles), ("questions", questions)):
        lines = [row if isinstance(row, bytes) else as_line(row).encode() for row in rows]
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(lines))
    return folder


def as_line(row):
    return row if isinstance(row, str) else json.dumps(row)


def made(name, titles, kind="own"):
    """A set with an article a title and two questions about each."""
    articles = [{"id": f"{name}-{n}", "title": title, "text": "Text."} for n, title in enumerate(titles)]
    questions = [
        JudgedQuestion(
            f"Question {number} about {row['id']}?", row["id"], ((0, 4),) if kind == "own" else (), kind
        )
        for row in articles
        for number in range(2)
    ]
    return JudgedSet(name, articles, questions)


def told(folder):
    """The one sentence that refuses a folder."""
    with pytest.raises(NotASet) as refused:
        JudgedSet.read(folder)
    said = str(refused.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


# What is read.


def test_a_folder_is_read_with_its_name_its_articles_and_its_questions(tmp_path):
    read = JudgedSet.read(write(tmp_path / "bridges"))
    assert read == JudgedSet(
        "bridges", [ARTICLE], [JudgedQuestion("What is closed?", "a", ((4, 10),), "own")]
    )


def test_a_set_is_named_after_its_folder_also_where_that_is_given_by_a_dot(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path / "bridges"))
    assert JudgedSet.read(Path()).name == "bridges"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"spans": [[4, 10], [0, 3]], "kind": "paraphrase"}, "own"),
        ({"spans": [], "kind": "near_miss"}, "hard"),
        ({"spans": None}, "hard"),
        ({}, "hard"),
        ({"kind": "foreign"}, "foreign"),
        ({"kind": "gibberish", "spans": []}, "foreign"),
        ({"spans": [[4, 10]], "kind": "foreign"}, "own"),
    ],
)
def test_what_a_question_has_to_do_with_the_articles_follows_from_its_spans_and_kind(tmp_path, said, kind):
    write(tmp_path, questions=[{"question": "?", "article": "a", **said}])
    [question] = JudgedSet.read(tmp_path).questions
    assert question.kind == kind
    assert question.spans == tuple(map(tuple, said.get("spans") or ()))


@pytest.mark.parametrize(
    ("said", "article"), [({"article": "c"}, "c"), ({}, "a")], ids=["besides an article", "alone"]
)
def test_a_question_may_be_judged_by_articles_instead_of_spans(tmp_path, said, article):
    write(tmp_path, questions=[{"question": "?", "articles": ["a", "b"], **said}])
    assert JudgedSet.read(tmp_path).questions == [JudgedQuestion("?", article, (), "own", ("a", "b"))]


@pytest.mark.parametrize("articles", [[], None])
def test_a_question_that_no_article_answers_is_not_judged_by_articles(tmp_path, articles):
    write(tmp_path, questions=[{"question": "?", "article": "a", "articles": articles}])
    assert JudgedSet.read(tmp_path).questions == [JudgedQuestion("?", "a", (), "hard")]


def test_blank_lines_and_separators_within_texts_part_no_rows(tmp_path):
    article = ARTICLE | {"text": "One\u2028two\x85three\x0cfour"}
    lines = [json.dumps(article, ensure_ascii=False), "", " \t"]
    write(tmp_path, articles=lines, questions=["", ASKED, ""])
    read = JudgedSet.read(tmp_path)
    assert read.articles == [article]
    assert len(read.questions) == 1


def test_the_bundled_questions_are_about_the_bundled_article_and_their_spans_lie_in_it():
    read = JudgedSet.read(BUNDLED)
    [article] = read.articles
    assert {question.kind for question in read.questions} == {"own", "hard", "foreign"}
    for question in read.questions:
        assert question.article == article["id"]
        for start, end in question.spans:
            assert 0 <= start < end <= len(article["text"])


# What is refused.


def test_a_folder_without_one_of_the_files_is_told_with_its_path(tmp_path):
    assert told(tmp_path / "none").startswith(f"{tmp_path / 'none' / 'articles.jsonl'} can't be read: ")
    write(tmp_path / "half")
    (tmp_path / "half/questions.jsonl").unlink()
    assert told(tmp_path / "half").startswith(f"{tmp_path / 'half' / 'questions.jsonl'} can't be read: ")


def test_a_file_that_is_not_utf_8_is_told_with_its_path(tmp_path):
    write(tmp_path, articles=[ARTICLE, b'{"id": "\xff"}'])
    assert told(tmp_path).startswith(f"{tmp_path / 'articles.jsonl'} can't be read: ")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "articles.jsonl line 2 is not JSON: "),
        ("[" * 100_000, "articles.jsonl line 2 is not JSON: "),
        ('{"id": 1} {}', "articles.jsonl line 2 is not JSON: "),
        ("[]", "articles.jsonl line 2 is no JSON object."),
        ("5", "articles.jsonl line 2 is no JSON object."),
        ("null", "articles.jsonl line 2 is no JSON object."),
        ({"text": "x"}, "articles.jsonl line 2 has no 'id', or not as a string."),
        ({"id": 5, "text": "x"}, "articles.jsonl line 2 has no 'id', or not as a string."),
        ({"id": "b"}, "articles.jsonl line 2 has no 'text', or not as a string."),
        ({"id": "b", "text": None}, "articles.jsonl line 2 has no 'text', or not as a string."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_row_that_is_no_article_is_told_with_file_and_line(tmp_path, row, said):
    assert told(write(tmp_path, articles=[ARTICLE, row])).startswith(said)


NO_SPANS = [5, "4-10", [4, 10], [[4]], [[4, 10, 12]], [["a", "b"]], [[4, None]], {"a": 1}, True]
NO_SPANS += [[[4, float("inf")]], [[float("nan"), 10]]]


@pytest.mark.parametrize("spans", NO_SPANS, ids=repr)
def test_a_question_with_other_spans_is_told_with_file_and_line(tmp_path, spans):
    said = told(write(tmp_path, questions=[ASKED, "", ASKED | {"spans": spans}]))
    assert said == "questions.jsonl line 3 has other 'spans' than [[start, end], …]."


@pytest.mark.parametrize("articles", ["a", 5, [5], ["a", None], {"a": 1}, True], ids=repr)
def test_a_question_with_other_articles_is_told_with_file_and_line(tmp_path, articles):
    said = told(write(tmp_path, questions=[ASKED, ASKED | {"articles": articles}]))
    assert said == "questions.jsonl line 2 has other 'articles' than [\"id\", …]."


@pytest.mark.parametrize("row", [{}, {"question": None}, {"question": ["?"]}], ids=repr)
def test_a_row_that_is_no_question_is_told_with_file_and_line(tmp_path, row):
    said = told(write(tmp_path, questions=[row]))
    assert said == "questions.jsonl line 1 has no 'question', or not as a string."


# What answers a question.


@pytest.mark.parametrize(
    ("article", "shown", "overlaps", "contains"),
    [
        ("a", (0, 5), True, False),
        ("a", (9, 20), True, False),
        ("a", (4, 10), True, True),
        ("a", (0, 30), True, True),
        ("a", (0, 4), False, False),
        ("a", (10, 20), False, False),
        ("b", (0, 30), False, False),
        ("whole", (0, 1), True, True),
        ("whole", (90, 99), True, True),
        ("whole", (90, 80), True, False),
    ],
)
def test_a_passage_answers_by_a_span_or_by_its_article(article, shown, overlaps, contains):
    question = JudgedQuestion("?", "a", ((4, 10),), "own", ("whole",))
    assert question.is_answered_by(article, shown) == overlaps
    assert question.is_answered_within(article, shown) == contains


# Parts of a set.


def test_every_nth_question_is_taken_and_all_articles(tmp_path):
    whole = made("a", ["One", "Two", "Three"])
    assert whole.every(1) == whole
    assert whole.every(4).questions == [whole.questions[0], whole.questions[4]]
    assert whole.every(4).articles == whole.articles


@pytest.mark.parametrize("most", [1, 2, 3, 5, 9, 10, 11, 100])
def test_at_most_so_many_questions_are_taken_from_all_over_the_set(most):
    whole = made("a", [str(n) for n in range(5)])
    taken = whole.at_most(most).questions
    assert 1 <= len(taken) <= most
    assert len(taken) >= min(most, 10) / 2
    places = [whole.questions.index(question) for question in taken]
    assert len({later - earlier for earlier, later in pairwise(places)}) <= 1
    assert (most >= 10) == (taken == whole.questions)
    assert JudgedSet("none", [], []).at_most(most).questions == []


def test_a_part_has_its_articles_and_the_questions_about_them():
    whole = made("a", ["One", "Two", "Three"])
    part = whole.part(["a-2", "a-0", "unknown"])
    assert part.name == "a"
    assert [row["id"] for row in part.articles] == ["a-0", "a-2"]
    assert [question.article for question in part.questions] == ["a-0", "a-0", "a-2", "a-2"]
    assert whole.part([]) == JudgedSet("a", [], [])


def test_a_question_judged_by_articles_is_in_the_part_of_any_of_them():
    articles = made("a", ["One", "Two", "Three"]).articles
    whole = JudgedSet("a", articles, [JudgedQuestion("?", "a-0", (), "own", ("a-0", "a-2"))])
    assert [len(whole.part([row["id"]]).questions) for row in articles] == [1, 0, 1]


# Foreign questions.


def test_questions_about_other_articles_are_foreign_to_these():
    found = made("a", ["One"]).foreign([made("b", ["Two", "Three"])])
    assert {(question.kind, question.spans) for question in found} == {("foreign", ())}
    assert [question.article for question in found] == ["b-0", "b-0", "b-1", "b-1"]


def test_questions_about_an_article_of_the_same_title_are_not_foreign():
    these, other = made("a", ["One", "Two"]), made("b", ["Two", "Three", "One"])
    assert {question.article for question in these.foreign([other])} == {"b-1"}
    assert these.foreign([these]) == []


@pytest.mark.parametrize("kind", ["hard", "foreign"])
def test_only_questions_that_the_others_answer_are_foreign(kind):
    assert made("a", ["One"]).foreign([made("b", ["Two"], kind)]) == []


def test_without_titles_articles_are_the_same_by_their_ids():
    these, other = made("a", [None, ""]), made("a", [None, "", ""])
    assert {question.article for question in these.foreign([other])} == {"a-2"}


def test_a_question_judged_by_articles_is_foreign_where_all_of_them_are():
    other = made("b", ["Two", "Three", "Four"])
    asked = [JudgedQuestion("?", f"b-{n}", (), "own", (f"b-{n}", "b-2")) for n in range(2)]
    found = made("a", ["Two"]).foreign([JudgedSet("b", other.articles, asked)])
    assert found == [JudgedQuestion("?", "b-1", (), "foreign")]


def translated(name, prefix, ids):
    """A set with one article and a question for each id."""
    questions = [JudgedQuestion(f"{prefix} {each}?", f"{name}-a", ((0, 4),), "own", id=each) for each in ids]
    return JudgedSet(name, [{"id": f"{name}-a", "title": "T", "text": "Text."}], questions)


def test_translations_are_asked_in_each_other_s_languages():
    one, other = translated("news-en", "What", "abc"), translated("news-de", "Was", "abcd")
    third = translated("x", "Que", "xyz")
    [of_other, of_one] = crossed([one, other])
    assert [of_other.name, of_one.name] == ["news-en of news-de", "news-de of news-en"]
    assert [question.text for question in of_other.questions] == ["What a?", "What b?", "What c?"]
    assert {question.article for question in of_other.questions} == {"news-de-a"}
    assert of_other.articles == other.articles
    assert [each.name for each in crossed([one, other, third])] == ["news-en of news-de"]
    assert crossed([one]) == crossed([]) == []
