"""The command line as a person types it, on the real article with the real model."""

import asyncio
import json
from pathlib import Path

import pytest
from encoders import HashEncoder
from launcher import Process, Terminal, failed
from paths import ROOT

from bot.admin.status import NO_DELIVERIES
from bot.posting.subscriptions import Subscriptions
from bot.records.audit import TERMINAL, AuditLog
from bot.terminal.cli import main
from corpus.database import Database
from index.encoding.embed import Model

ARTICLE = ROOT / "corpus" / "articles" / "uk-iraq-border-pact.txt"
PAY = "How much will the UK pay for Iraqi law enforcement training?"

BEYOND = str(2**63)  # more than SQLite counts

CLIMATE = """Rivers ran low after the driest spring in a century.
The water company said on Monday that reservoirs in Norchester stood at 41% of capacity.
Gardeners were asked not to use hosepipes before October."""


@pytest.fixture
def citewire(tmp_path: Path) -> Terminal:
    """The command line on an empty data folder, with an encoder that loads nothing."""
    return Terminal(tmp_path / "data", HashEncoder())


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """The command line as processes of their own, on an empty data folder."""
    return Process(tmp_path / "data")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["index", "copy"], "Say where the index goes"),
        (["index", "copy", "--to", "postgresql://a", "--from", "postgresql://b"], "Say where the index goes"),
        (["work"], "set CITEWIRE_INDEX_URL"),
    ],
)
def test_an_index_elsewhere_has_to_be_named(citewire: Terminal, words: list[str], why: str) -> None:
    assert why in failed(citewire(*words))


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_and_is_in_the_readme(command: str) -> None:
    assert main.commands[command].help
    assert f"`citewire {command}" in (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_run_without_a_token_answers_each_line_and_ends_with_the_input(process: Process) -> None:
    done = process("run", stdin=f"{PAY}\n\nHow do I feed a sourdough starter?\n")
    assert done.returncode == 0, done.stderr
    assert "No TELEGRAM_BOT_TOKEN is set" in done.stdout
    first, second = done.stdout.split("? ", 1)[1].split("? How do I feed")
    assert "**Under the plans, the UK will pay up to £300,000 for Iraqi law enforcement" in first
    assert "not in the articles" in second


def test_an_article_is_added_asked_about_shown_and_removed(model: Model, tmp_path: Path) -> None:
    citewire = Terminal(tmp_path / "data", model)
    file = tmp_path / "drought.txt"
    file.write_text(CLIMATE)
    assert "1 added" in citewire("add", file).stdout
    assert citewire("show", "drought").stdout == CLIMATE
    assert citewire("articles").stdout.startswith("drought  no date  no outlet  Rivers ran low")
    question = "How full were the reservoirs in Norchester?"
    found = json.loads(citewire("ask", question, "--json").stdout)
    assert found["answered"]
    start, end = found["hits"][0]["sentence"]
    assert "41% of capacity" in CLIMATE[start:end]
    assert citewire("remove", "drought").stdout == "Articles withdrawn: 1. The index knows it.\n"
    gone = json.loads(citewire("ask", question, "--json").stdout)
    assert (gone["answered"], gone["hits"]) == (False, [])
    assert citewire("articles").stdout == ""
    assert citewire("articles", "--withdrawn", "RIVERS", "ran").stdout.startswith("drought  ")
    assert citewire("restore", "drought").stdout == "Articles restored: 1. The index knows it.\n"
    assert json.loads(citewire("ask", question, "--json").stdout)["answered"]
    database = Database(citewire.data / "citewire.db")
    acts = [(act.person, act.act, act.about, act.result) for _, act in AuditLog(database).newest(9)]
    database.close()
    assert acts == [
        (TERMINAL, "restore", "drought", "1 restored"),
        (TERMINAL, "withdraw", "drought", "1 withdrawn"),
        (TERMINAL, "add", str(file), "1 added, 0 changed"),
    ]


def test_a_whole_outlet_is_taken_out_and_put_back(citewire: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    outlets = {"a": "The Post", "b": "The Post", "c": "Others"}
    lines = [{"id": n, "text": CLIMATE.replace("41%", f"{n} parts"), "outlet": o} for n, o in outlets.items()]
    file.write_text("\n".join(map(json.dumps, lines)))
    citewire("add", "--jsonl", file)
    assert "withdrawn: 2" in citewire("remove", "--outlet", "the post").stdout
    assert [line[0] for line in citewire("articles").stdout.splitlines()] == ["c"]
    assert "no such article of an outlet 'the post'" in failed(citewire("remove", "--outlet", "the post"))
    assert "restored: 2" in citewire("restore", "--outlet", "The Post").stdout
    assert len(citewire("articles", "post").stdout.splitlines()) == 2


def test_json_lines_come_in_with_their_ids_and_questions_go_out_in_order(
    model: Model, tmp_path: Path
) -> None:
    citewire = Terminal(tmp_path / "data", model)
    articles = [
        {
            "id": "a-1",
            "title": "",
            "text": CLIMATE,
            "outlet": "The Norchester Post",
            "published": "2024-06-03",
        },
        {"id": "b/2", "title": "Pact", "text": ARTICLE.read_text(), "url": "https://news.example/pact"},
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(json.dumps(article) for article in articles))
    assert "2 added" in citewire("add", "--jsonl", file).stdout
    questions = tmp_path / "questions.txt"
    questions.write_text(f"{PAY}\n???\nWhen may gardeners use hosepipes again?\n")
    lines = citewire("ask", "--questions", questions, "--json", "--k", "10").stdout.splitlines()
    pay, nothing, hosepipes = map(json.loads, lines)
    assert set(pay) == {"question", "answered", "state", "confidence", "hits"}
    assert set(nothing) == {*pay, "error"}
    assert (pay["state"], nothing["state"]) == ("answered", "absent")
    assert set(pay["hits"][0]) == {
        "article", "title", "outlet", "url", "published", "start", "end", "text", "sentence", "score",
        "confidence", "also",
    }  # fmt: skip
    assert pay["hits"][0]["article"] == "b/2"
    assert not nothing["answered"]
    texts = {article["id"]: article["text"] for article in articles}
    for answer in (pay, hosepipes):
        for hit in answer["hits"]:
            assert texts[hit["article"]][hit["start"] : hit["end"]] == hit["text"]
            assert hit["start"] <= hit["sentence"][0] < hit["sentence"][1] <= hit["end"]
    assert "October" in hosepipes["hits"][0]["text"]


def test_reindex_says_what_it_did(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text(CLIMATE)
    (folder / "two.txt").write_text(CLIMATE.replace("Norchester", "Westhaven"))
    (folder / "empty.txt").write_text("")
    citewire = Terminal(tmp_path / "data", HashEncoder(), CITEWIRE_CORPUS=str(folder))
    first = citewire("reindex")
    assert "2 added, 0 changed, 0 withdrawn, 0 unchanged" in first.stdout
    assert "Not taken in: empty.txt is empty" in first.stderr
    (folder / "one.txt").write_text(CLIMATE.replace("41%", "39%"))
    (folder / "two.txt").unlink()
    assert "0 added, 1 changed, 1 withdrawn, 0 unchanged" in citewire("reindex").stdout
    assert "There is no index before" in failed(citewire("rollback"))
    assert "you asked for it" in citewire("reindex", "--full").stdout
    serving, before = citewire("generations").stdout.splitlines()
    assert serving.startswith("g000002, serves now: made ")
    assert before.startswith("g000001, the one before: made ")
    back = citewire("rollback").stdout
    assert back.startswith("g000001 serves again. Articles: 0 added, 0 changed, 0 withdrawn, 1 unchanged")
    rolled_back, full, failure, *runs = (
        line.split(" · ", 2)[2] for line in citewire("audit").stdout.splitlines()
    )
    assert rolled_back == "roll back g000001: g000001 serves again."
    assert full.startswith("reindex full g000002: Articles: ")
    assert failure.startswith("roll back : There is no index before")
    assert [run.partition(":")[0] for run in runs] == ["reindex g000001"] * 2


def test_a_second_run_on_the_same_data_ends_at_once(process: Process) -> None:
    from filelock import FileLock

    process.data.mkdir()
    with FileLock(process.data / "run.lock"):
        assert "already running" in failed(process("run"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nothing"], "no article 'nothing'"),
        (["remove", "nothing"], "no article 'nothing'"),
        (["add"], "Name the files"),
        (["remove"], "Name the articles"),
        (["remove", "a", "--outlet", "b"], "Name the articles"),
        (["remove", "--feed", "7"], "There is no feed 7"),
        (["remove", "--feed", BEYOND], "--feed"),
        (["audit", "--limit", BEYOND], "--limit"),
        (["unanswered", "--limit", BEYOND], "--limit"),
        (["outbox", "--again", BEYOND], "--again"),
        (["restore"], "Name the articles"),
        (["restore", "nothing"], "No article 'nothing' was taken out"),
        (["add", "--jsonl", "absent.jsonl"], "absent.jsonl can't be read"),
        (["ask"], "Give one question"),
        (["ask", "--questions", "absent.txt"], "absent.txt"),
        (["ask", "x", "--k", "0"], "--k"),
        (["fly"], "No such command 'fly'"),
        (["run", "--fast"], "No such option"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(citewire: Terminal, words: list[str], said: str) -> None:
    assert said in failed(citewire(*words))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CITEWIRE_ADMINS": "ann"}, "CITEWIRE_ADMINS must be"),
        ({"TELEGRAM_BOT_TOKEN": "nonsense"}, "TELEGRAM_BOT_TOKEN must be"),
        ({"CITEWIRE_CORPUS": "/nowhere/at/all"}, "no folder /nowhere/at/all"),
        ({"CITEWIRE_MODEL": "no/such-model"}, "CITEWIRE_MODEL names 'no/such-model'"),
        ({"CITEWIRE_GOLDEN": "/nowhere.jsonl"}, "CITEWIRE_GOLDEN names '/nowhere.jsonl'"),
        ({"CITEWIRE_DATA": "/dev/null/data"}, "CITEWIRE_DATA names /dev/null/data"),
    ],
)
def test_a_wrong_setting_ends_the_program_with_a_sentence_that_names_it(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    assert said in failed(Terminal(tmp_path / "data", **settings)("reindex"))


@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_added_waits_to_be_posted_unless_it_is_quiet(
    citewire: Terminal, tmp_path: Path, quiet: bool
) -> None:
    (tmp_path / "drought.txt").write_text(CLIMATE)
    (tmp_path / "more.txt").write_text(f"{CLIMATE} So it went on.")
    citewire("add", tmp_path / "drought.txt")
    database = Database(citewire.data / "citewire.db")
    asyncio.run(Subscriptions(database).begin(7, 0, 7))
    database.close()
    citewire("add", tmp_path / "more.txt", *(["--quiet"] if quiet else []))
    said = citewire("outbox").stdout
    assert (NO_DELIVERIES in said, "1 waiting for the index" in said) == (quiet, not quiet)


def test_a_file_that_is_no_article_is_refused_and_the_others_are_added(
    citewire: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "drought.txt").write_text(CLIMATE)
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    done = citewire("add", tmp_path / "drought.txt", tmp_path / "picture.txt")
    assert done.returncode == 1
    assert "Not added: picture.txt" in done.stderr
    inside = citewire("add", "https://127.0.0.1/a")
    assert "Not added: https://127.0.0.1/a: 127.0.0.1 is not on the public internet" in inside.stderr
    assert "drought" in citewire("articles").stdout


def test_a_damaged_database_is_named_and_no_traceback_is_shown(process: Process) -> None:
    process.data.mkdir()
    (process.data / "citewire.db").write_bytes(b"this is no database" * 100)
    assert "citewire.db" in failed(process("articles"))
