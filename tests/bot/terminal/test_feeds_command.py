"""`citewire feeds` as a person types it, on a web of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from encoders import HashEncoder
from paths import ROOT
from press import Bench, Press, entry, page, rss

import bot.assistant
from bot.terminal.cli import main
from bot.terminal.feeds import feeds

FEED = "https://daily.example/feed.xml"
PIER = """The pier of Norchester was rebuilt after the great storm of 1953.
It cost two million pounds, which the town paid for with a lottery.
The mayor said that nobody would build it again today."""
STORM = """A storm is to reach Norchester on Friday evening, with gusts of 120 km an hour.
The ferries stay in the harbour until Sunday, and schools close at noon."""
FOLLOWED = "Feed 1 is followed: The Daily. Its articles of today come in without a post."
UNFOLLOWED = "Feed 1 is no longer followed: The Daily. Its articles stay."
Citewire = Callable[..., Result]


@pytest.fixture
def press() -> Press:
    """A web with one feed of one article."""
    made = Press()
    made.put(FEED, rss([entry("https://daily.example/pier", "The pier")]), "text/xml")
    made.put("https://daily.example/pier", page("The pier", PIER))
    return made


@pytest.fixture
def citewire(press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Citewire:
    """The command line in this process, with an empty article folder; standard error is kept apart."""
    (tmp_path / "articles").mkdir()
    monkeypatch.setenv("CITEWIRE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CITEWIRE_CORPUS", str(tmp_path / "articles"))
    monkeypatch.setattr("corpus.feeds.feed_reader.Web", lambda: press)
    monkeypatch.setattr("corpus.feeds.feed_reader.ParserProcess", Bench)
    monkeypatch.setattr(bot.assistant, "Model", lambda _name, _models: HashEncoder())
    return lambda *words: CliRunner().invoke(main, ["feeds", *words])


def test_what_fetches_nothing_loads_no_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWIRE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("httpcore.default_ssl_context", pytest.fail)
    done = CliRunner().invoke(main, ["feeds", "list"], catch_exceptions=False)
    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.parametrize("command", sorted(feeds.commands))
def test_every_command_has_help_and_is_in_the_readme(command: str) -> None:
    assert feeds.commands[command].help
    assert f"`citewire feeds {command}" in (ROOT / "README.md").read_text()


def test_a_feed_is_followed_listed_updated_and_removed(citewire: Citewire, press: Press) -> None:
    done = citewire("add", FEED)
    assert (done.exit_code, done.stderr) == (0, "")
    followed, counts, index = done.stdout.splitlines()
    assert followed == FOLLOWED
    assert counts == "Feeds: 1 of 1 answered. Articles: 1 added, 0 changed, 0 refused, 0 to be tried again."
    assert index.startswith("Articles: 1 added")
    (listed,) = citewire("list").stdout.splitlines()
    assert listed.startswith(f"1  The Daily  {FEED}  Articles: 1, refused: 0. Asked again in ")
    new = [entry(f"https://daily.example/{name.lower()}", name) for name in ("Storm", "Walled", "Late")]
    press.put(FEED, rss(new), "text/xml")
    press.put("https://daily.example/storm", page("The storm", STORM))
    press.put("https://daily.example/walled", page("Log in", "Please log in to continue.\nRemember me"))
    done = citewire("update")
    assert "Articles: 1 added, 0 changed, 1 refused, 1 to be tried again." in done.stdout
    assert "Articles: 1 added, 0 changed, 0 withdrawn, 1 unchanged" in done.stdout
    assert done.stderr.startswith("The Daily: https://daily.example/walled is a login page")
    assert citewire("remove", "1").stdout == f"{UNFOLLOWED}\n"
    assert citewire("list").stdout == ""
    noted = CliRunner().invoke(main, ["audit"]).stdout.splitlines()
    assert [line.split(" · ", 1)[1] for line in noted] == [
        f"terminal · removefeed 1: {UNFOLLOWED}",
        f"terminal · addfeed {FEED}: {FOLLOWED}",
    ]


def test_of_several_feeds_those_that_can_be_are_followed(citewire: Citewire) -> None:
    done = citewire("add", "https://daily.example/none", FEED, "https://daily.example/pier")
    assert done.exit_code == 1
    assert FOLLOWED in done.stdout
    assert done.stderr.startswith(
        "Error: Not added: The site answers 404 Not Found. https://daily.example/pier"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_feed_that_fails_is_named_and_the_others_are_taken_in(citewire: Citewire, press: Press) -> None:
    press.put("https://other.example/rss", rss([], "Other"), "text/xml")
    citewire("add", "https://other.example/rss", FEED)
    del press.pages["https://other.example/rss"]
    done = citewire("update")
    assert done.exit_code == 0
    assert done.stderr == "Other: The site answers 404 Not Found.\n"
    assert "1 of 2 answered" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add"], "Missing argument"),
        (["remove", "7"], "There is no feed 7."),
        (["remove", "x"], "ID"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(citewire: Citewire, words: list[str], said: str) -> None:
    done = citewire(*words)
    assert done.exit_code == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert said in line
