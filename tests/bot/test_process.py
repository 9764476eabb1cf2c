"""The bot as a process: killed, stopped, refused and cut off, against a real HTTP server.

Every test here ends with a search of all that the process left behind for the token.
"""

import asyncio
import math
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bot_api import BotApi, Call
from bot_api_chats import Sent
from encoders import HashEncoder
from launcher import Launcher, Started
from paths import ROOT
from run_bot import AWAY
from updates import GROUP, group, person

from bot.admin.reindex_jobs import HEADS, PAUSED, RESUMED
from bot.assistant import Assistant
from bot.config import load
from bot.posting.broadcast import AT_ONCE
from bot.posting.subscriptions import Subscriptions
from bot.posting.watches import arrived
from bot.text.words import words_for
from corpus.article import Article
from corpus.store import Incoming

ADMIN = 1
HUSH = "hush-0123456789_ABC"
QUESTION = "Who signed the border pact with Iraq, asks number {}?"
PACT = "Yvette Cooper signed the border pact with Iraq in Baghdad on Thursday."
STORM = "The harbour of Aarhus was closed for the storm on Monday."
APOLOGY = re.compile(
    r"Sorry, something went wrong on my side with that\. "
    r"If you report it, mention the reference ([0-9A-F]{6})\."
)
LEAKS = re.compile(r"Traceback|Error\b|select |\.py|/getMe|/tmp|sqlite", re.IGNORECASE)

SLOPPY = re.compile(rb"ResourceWarning|never (retrieved|awaited)|Task was destroyed")


class Site:
    """A data folder, an article folder, and the processes that run on them."""

    def __init__(self, folder: Path, api: BotApi, launcher: Launcher) -> None:
        self.folder, self.api, self.token = folder, api, api.token
        self.processes: list[Started] = []
        self._launcher = launcher
        self.write("pact", PACT)

    def write(self, name: str, text: str) -> None:
        """Put an article into the article folder."""
        path = self.folder / "articles" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"About {name}\n\n{text}\n", encoding="utf-8")

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_BASE_URL": self.api.base_url,
            "TELEGRAM_BASE_FILE_URL": self.api.base_file_url,
            "CITEWIRE_DATA": str(self.folder / "data"),
            "CITEWIRE_CORPUS": str(self.folder / "articles"),
            "CITEWIRE_ADMINS": str(ADMIN),
            "CITEWIRE_PER_PERSON": "1000",
            "CITEWIRE_LOG_LEVEL": "DEBUG",
            "CITEWIRE_TEST_SLOW": str(self.slow),
            "CITEWIRE_TEST_PACE": "0.04",
        }

    @property
    def slow(self) -> Path:
        """While this file is there, encoding articles does not get on."""
        return self.folder / "slow"

    def start(self, **settings: str) -> Started:
        """Start the bot; its output goes into files."""
        number = len(self.processes)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.settings, **settings}
        out, err = (self.folder / f"{name}.{number}" for name in ("stdout", "stderr"))
        process = self._launcher.start(self.folder, environment, out, err)
        self.processes.append(process)
        return process

    def started(self, **settings: str) -> Started:
        """Start the bot and wait until it asks for updates."""
        method = "setWebhook" if "CITEWIRE_WEBHOOK_URL" in settings else "getUpdates"
        before = len(self.calls(method))
        process = self.start(**settings)
        self.api.wait_for(lambda: len(self.calls(method)) > before)
        return process

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.api.calls if call.method == method]

    def said(self, number: int = -1) -> str:
        """All that a process wrote to stdout and stderr; the last one, if not told which."""
        number %= len(self.processes)
        return "".join((self.folder / f"{name}.{number}").read_text() for name in ("stdout", "stderr"))

    def logged(self) -> str:
        return (self.folder / "data" / "citewire.log").read_text()

    def ask(self, user: int, text: str) -> int:
        """Push a question; the id of its message."""
        update = self.api.message(user, text)
        self.api.push(update)
        message_id: int = update["message"]["message_id"]
        return message_id

    def answers(self) -> Counter[int]:
        """How often each message was answered."""
        replies = [m.reply_parameters for m in self.api.messages if m.reply_parameters]
        return Counter(reply["message_id"] for reply in replies)

    def wait_for_answers(self, questions: list[int], timeout: float = 60) -> None:
        self.api.wait_for(lambda: set(questions) <= self.answers().keys(), timeout)

    def inbox(self, sql: str) -> list[Any]:
        with sqlite3.connect(self.folder / "data" / "citewire.db") as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def left_behind(self) -> dict[str, bytes]:
        """All that the processes left: output, logs, database files, and what was sent."""
        files = [p for p in self.folder.rglob("*") if p.is_file() and p.parent.name != "articles"]
        left = {str(path.relative_to(self.folder)): path.read_bytes() for path in files}
        calls = [str(call.params) for call in self.api.calls if call.method != "setWebhook"]
        return left | {"calls": "\n".join(calls).encode()}


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """What starts the bots of all tests."""
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture
def site(api: BotApi, tmp_path: Path, launcher: Launcher) -> Iterator[Site]:
    """A place to run the bot; afterwards no process is left, and no secret and no inner detail is out."""
    site = Site(tmp_path, api, launcher)
    yield site
    for process in site.processes:
        process.kill()
        process.wait()
    left = site.left_behind()
    assert b" DEBUG " in left["data/citewire.log"]
    for secret in (site.token, quote(site.token, safe=""), site.token.partition(":")[2], HUSH):
        assert [name for name, content in left.items() if secret.encode() in content] == []
    assert [text for text in texts(api) if LEAKS.search(text)] == []
    assert [name for name, content in left.items() if SLOPPY.search(content)] == []
    assert [v for v in api.violations if "a token that is not the bot's" not in v] == []


def errors_in(said: str) -> list[str]:
    """The lines that end a command that failed."""
    return [line for line in said.splitlines() if line.startswith("Error: ")]


def texts(api: BotApi) -> list[str]:
    """Everything that people were shown, however briefly."""
    return [call.params["text"] for call in api.calls if "text" in call.params]


def stop(process: Started, number: signal.Signals = signal.SIGTERM) -> int:
    """The exit code after a signal."""
    process.send_signal(number)
    return process.wait(60)


def wait_until(condition: Callable[[], object], timeout: float = 60) -> None:
    """Wait for what only the file system shows."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


OPEN = "select count(*) from deliveries where state in ('held', 'waiting', 'sending')"


def publish(site: Site, chats: Iterable[int]) -> list[str]:
    """Subscribe chats while the bot is away, and put in three articles; returns their titles."""
    assistant = Assistant(load(site.settings), HashEncoder(), arrived)
    try:
        for chat in chats:
            asyncio.run(Subscriptions(assistant.database).begin(chat, 0, chat))
        made = [
            Article(str(n), f"Storm {n}", f"{STORM} It was number {n}, and the strongest.") for n in range(3)
        ]
        assistant.store.put(*(Incoming(article, article.id, keep_id=True) for article in made))
    finally:
        assistant.close()
    return [article.title for article in made]


MOMENTS = {
    "updates fetched": ("getUpdates", "answered"),
    "updates committed": ("getUpdates", "received"),
    "answer received": ("sendMessage", "received"),
    "answer acknowledged": ("sendMessage", "answered"),
}


def kill_at(site: Site, moment: str, times: int) -> None:
    """Kill the process that is started next when `moment` comes for the `times`th time."""
    api = site.api

    def is_moment(call: Call) -> bool:
        if moment == "updates fetched":
            return bool((call.response or {}).get("result"))
        if moment == "updates committed":
            return any(update_id < call.params.get("offset", 0) for update_id, _ in api.pending)
        return True

    def kill(call: Call) -> None:
        nonlocal times
        times -= is_moment(call)
        if times == 0:
            site.processes[-1].kill()
            site.processes[-1].wait()

    api.on(*MOMENTS[moment], kill)


@pytest.mark.slow
def test_no_question_is_lost_to_ten_kills(api: BotApi, site: Site) -> None:
    chance = random.Random(4)
    moments = [*MOMENTS, *["any"] * 6]
    chance.shuffle(moments)
    questions: list[int] = []
    for moment in moments:
        users = [chance.randint(1000, 1030) for _ in range(20)]
        questions += [site.ask(user, QUESTION.format(user)) for user in users]
        if moment == "any":
            calls = len(api.calls) + chance.randint(1, 25)
            process = site.start()
            api.wait_for(lambda calls=calls: len(api.calls) >= calls)
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
        else:
            kill_at(site, moment, chance.randint(1, 18) if "answer" in moment else 1)
            process = site.start()
        assert process.wait(60) == -signal.SIGKILL
        api.hooks.clear()
    last = site.started()
    site.wait_for_answers(questions)
    assert stop(last) == 0
    assert len(questions) == 200
    assert sum(site.answers().values()) - len(questions) <= 2 * len(moments)  # in work when a kill came
    assert site.inbox("select state, count(*) from inbox group by state") == [("done", 200)]


@pytest.mark.slow
def test_no_post_is_doubled_by_kills_and_what_may_be_missing_is_listed(api: BotApi, site: Site) -> None:
    chance, chats, kills = random.Random(6), range(1000, 1080), 4
    assert stop(site.started()) == 0
    articles = publish(site, chats)
    for _ in range(kills):
        calls = len(site.calls("sendMessage")) + chance.randint(3, 30)
        process = site.start(CITEWIRE_TEST_PACE="0.01")
        api.wait_for(lambda calls=calls: len(site.calls("sendMessage")) >= calls)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    last = site.started(CITEWIRE_TEST_PACE="0.01")
    wait_until(lambda: site.inbox(OPEN) == [(0,)], 30)
    assert stop(last) == 0
    got = {chat: [m.text.split("\n")[0] for m in api.messages if m.chat_id == chat] for chat in chats}
    missing = {(chat, title) for chat in chats for title in articles if title not in got[chat]}
    assert [chat for chat in chats if got[chat] != sorted(set(got[chat]))] == []
    uncertain = site.inbox("select chat, 'Storm ' || article from deliveries where state = 'uncertain'")
    assert missing <= {*uncertain}
    assert len(uncertain) <= kills * AT_ONCE
    assert site.inbox("select count(*) from deliveries where state = 'failed'") == [(0,)]


@pytest.mark.slow
def test_poison_is_set_aside_and_the_rest_is_answered(api: BotApi, site: Site) -> None:
    good, bad = [], []
    for number in range(70):
        if number < 10:
            bad.append(site.ask(1000 + number, "Please explode."))
            api.push_raw({"message": 5 if number % 2 else {"date": "never"}})
        good += [site.ask(1000 + number, QUESTION.format(turn)) for turn in range(4)]
    process = site.started(CITEWIRE_TEST_PACE="0")
    site.wait_for_answers(good)
    apologies = api.wait_for(lambda: (found := apologies_in(api.messages)) and len(found) == 10 and found)
    assert stop(process) == 0
    assert sorted(chat for chat, _ in apologies) == list(range(1000, 1010))
    log = site.logged()
    assert all(f"(reference {reference})\nValueError" in log for _, reference in apologies)
    assert log.count("Handling an update failed") == 3 * len(bad)
    dead = dict(site.inbox("select chat, reference from inbox where state = 'dead' and reference not null"))
    assert dead == dict(apologies)
    assert site.inbox("select state, count(*) from inbox group by 1") == [("dead", 20), ("done", 280)]
    polls = [call.at for call in site.calls("getUpdates")]
    assert len(polls) <= 2 * (polls[-1] - polls[0]) + 1
    assert site.answers() == dict.fromkeys(good, 1)


def test_a_failure_is_told_where_it_happened(api: BotApi, site: Site) -> None:
    question = group("/ask Please explode.", user={**person(7), "language_code": "de"}, thread=4)
    api.push(question)
    process = site.started(CITEWIRE_TEST_PACE="0")
    (told,) = api.wait_for(lambda: api.messages)
    assert (told.chat_id, told.thread) == (GROUP, 4)
    assert told.reply_parameters["message_id"] == question["message"]["message_id"]
    assert told.text.startswith("Entschuldigung")
    assert stop(process) == 0


def apologies_in(messages: list[Sent]) -> list[tuple[int, str]]:
    """The chat and the reference of each message that is an apology and nothing else."""
    matches = [(message.chat_id, APOLOGY.fullmatch(message.text)) for message in messages]
    return [(chat, match[1]) for chat, match in matches if match]


def test_a_second_instance_is_refused_before_it_calls_telegram(api: BotApi, site: Site) -> None:
    first = site.started()
    second = site.start()
    assert second.wait(10) == 1
    (error,) = errors_in(site.said())
    assert error == f"Error: Citewire is already running on {site.folder / 'data'}: stop it first."
    assert "Traceback" not in site.said()
    assert len(site.calls("getMe")) == 1
    site.wait_for_answers([site.ask(7, QUESTION.format(1))])
    assert stop(first) == 0


def test_another_poller_for_a_while_costs_no_question_and_few_calls(api: BotApi, site: Site) -> None:
    api.fault("getUpdates", "conflict", times=2)
    questions = [site.ask(1000 + n, QUESTION.format(n)) for n in range(10)]
    process = site.started()
    site.wait_for_answers(questions)
    assert len(site.calls("getUpdates")) <= 5
    assert "ERROR citewire: Fetching updates failed, trying again: Conflict" in site.logged()
    assert stop(process) == 0


def webhook() -> dict[str, str]:
    """The settings that have updates posted, to a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/hook"
    return {"CITEWIRE_WEBHOOK_URL": url, "CITEWIRE_WEBHOOK_SECRET": HUSH, "CITEWIRE_WEBHOOK_PORT": str(port)}


@pytest.mark.slow
@pytest.mark.parametrize("way", [dict, webhook], ids=["fetched", "posted"])
def test_a_stop_under_load_loses_nothing_and_repeats_nothing(
    api: BotApi, site: Site, way: Callable[[], dict[str, str]]
) -> None:
    settings = way()
    process = site.started(**settings)
    questions = [site.ask(1000 + n % 20, QUESTION.format(n)) for n in range(60)]
    api.wait_for(lambda: len(api.messages) >= 15)
    process.send_signal(signal.SIGTERM)
    assert stop(process) == 0
    assert len(api.messages) < 60
    process = site.started(**settings)
    site.wait_for_answers(questions)
    assert site.answers() == dict.fromkeys(questions, 1)
    assert stop(process, signal.SIGINT) == 0


def test_updates_are_fetched_again_once_no_webhook_is_set(api: BotApi, site: Site) -> None:
    process = site.started(**webhook())
    site.wait_for_answers([site.ask(7, QUESTION.format(1))])
    assert site.calls("getUpdates") == []
    assert stop(process) == 0
    late = site.ask(7, QUESTION.format(2))
    process = site.started()
    site.wait_for_answers([late])
    assert stop(process) == 0


def test_a_webhook_that_telegram_refuses_ends_the_bot_with_one_sentence(api: BotApi, site: Site) -> None:
    refusal = "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    api.fault("setWebhook", "error", description=refusal)
    process = site.start(**webhook())
    assert process.wait(60) == 1
    (error,) = errors_in(site.said())
    assert error.startswith("Error: Telegram does not accept CITEWIRE_WEBHOOK_URL: Bad webhook")
    assert "Traceback" not in site.said()


@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_a_stop_during_a_reindex_leaves_the_index_that_serves(api: BotApi, site: Site, again: bool) -> None:
    process = site.started()
    site.write("storm", STORM)
    site.slow.touch()
    site.ask(ADMIN, "/reindex")
    wait_until(site.slow.with_suffix(".begun").exists)
    site.wait_for_answers([site.ask(7, QUESTION.format(1))])
    if again:
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Stopping." in site.logged())
    assert stop(process) == 0
    (followed,) = (m for m in api.messages if m.text == PAUSED)
    assert quoted(site, QUESTION) == quoted(site, STORM) == [PACT]
    site.slow.unlink()
    process = site.started()
    api.wait_for(lambda: followed.text.startswith("Articles: 1 added"))
    assert followed.text.endswith(RESUMED)
    site.wait_for_answers([site.ask(7, STORM)])
    assert api.messages[-1].pieces("bold")[0] == STORM
    assert stop(process) == 0


@pytest.mark.parametrize("command", ["/reindex", "/reindex full"])
def test_a_reindex_that_is_killed_again_and_again_goes_on_and_so_does_its_message(
    api: BotApi, site: Site, command: str
) -> None:
    process = site.started()
    site.write("storm", STORM)
    site.slow.touch()
    site.ask(ADMIN, command)
    for _ in range(3):
        wait_until(site.slow.with_suffix(".begun").exists)
        site.wait_for_answers([site.ask(7, QUESTION.format(1))])
        process.kill()
        process.wait()
        site.slow.with_suffix(".begun").unlink()
        assert quoted(site, QUESTION) == [PACT]
        process = site.started()
    (followed,) = (m for m in api.messages if m.text.startswith(HEADS["full" in command]))
    site.slow.unlink()
    api.wait_for(lambda: followed.text.startswith("Articles: 1 added"))
    assert STORM in quoted(site, STORM)
    assert stop(process) == 0


def quoted(site: Site, question: str) -> list[str]:
    """The sentences that the index, as it lies there, holds for a question."""
    assistant = Assistant(load(site.settings), HashEncoder(), arrived)
    try:
        return [hit.article.text[slice(*hit.sentence)] for hit in assistant.ask(question).hits]
    finally:
        assistant.close()


def test_what_comes_in_is_told_to_who_waits_for_it_and_what_changes_is_corrected(
    api: BotApi, site: Site
) -> None:
    process = site.started()
    asked = site.ask(7, QUESTION.format(1))
    site.wait_for_answers([asked])
    answer = api.messages[-1]
    waiting = site.ask(8, "/watch When was the harbour of Aarhus closed?")
    api.wait_for(lambda: any("/watches" in text for text in texts(api)))
    site.write("storm", STORM)
    site.write("pact", PACT.replace("Thursday", "Friday"))
    site.ask(ADMIN, "/reindex")
    site.wait_for_answers([waiting, answer.message_id])
    told, corrected = (
        next(m for m in api.messages if (m.reply_parameters or {}).get("message_id") == number)
        for number in (waiting, answer.message_id)
    )
    assert told.pieces("bold") == [STORM]
    assert corrected.text.startswith("Correction: About pact no longer says")
    assert answer.pieces("strikethrough") == [PACT]
    assert answer.pieces("bold") == [PACT.replace("Thursday", "Friday")]
    assert stop(process) == 0


def test_a_stop_while_the_index_is_made_anew_leaves_the_old_one(api: BotApi, site: Site) -> None:
    assert stop(site.started()) == 0
    site.slow.touch()
    process = site.start(CITEWIRE_TEST_MODEL="hash@2")
    wait_until(site.slow.with_suffix(".begun").exists)
    assert stop(process) in (0, -signal.SIGTERM)
    assert quoted(site, QUESTION) == [PACT]


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands", "getUpdates"])
def test_a_stop_is_heeded_while_telegram_is_away(api: BotApi, site: Site, method: str) -> None:
    api.fault(method, "reset", times=math.inf)
    process = site.start()
    api.wait_for(lambda: site.calls(method))
    assert stop(process) == 0


@pytest.mark.slow
def test_a_stop_is_heeded_in_a_long_flood_wait(api: BotApi, site: Site) -> None:
    api.fault("getUpdates", "retry_after", seconds=600, times=math.inf)
    api.fault("sendMessage", "retry_after", seconds=600, times=math.inf)
    process = site.start()
    wait_until(lambda: site.calls("getUpdates") and site.calls("getUpdates")[0].status == 429)
    assert stop(process) == 0


@pytest.mark.slow
def test_the_bot_waits_for_telegram_at_start(api: BotApi, site: Site) -> None:
    api.fault("getMe", "reset")
    question = site.ask(7, QUESTION.format(1))
    process = site.start()
    site.wait_for_answers([question])
    assert "Telegram can't be reached, trying again" in site.said()
    assert stop(process) == 0


@pytest.mark.slow
def test_the_bot_starts_while_the_index_is_away_and_answers_when_it_is_back(api: BotApi, site: Site) -> None:
    away = site.slow.with_suffix(".away")
    away.touch()
    question = site.ask(7, PACT)
    for _ in range(2):
        process = site.started()
        site.wait_for_answers([question])
        assert stop(process) == 0
        assert f"{AWAY} The bot starts all the same." in site.said()
    process = site.started()
    away.unlink()
    api.wait_for(lambda: site.answers()[question] == 2)
    waits, answer = api.messages
    assert waits.text == words_for("en")("index-away")
    assert PACT in answer.pieces("bold")
    assert stop(process) == 0
    assert "Traceback" not in site.logged()


@pytest.mark.parametrize("command", [("ask", PACT), ("chat",), ("run",), ("reindex",)])
def test_the_terminal_says_in_one_sentence_that_the_index_is_away(
    site: Site, command: tuple[str, ...]
) -> None:
    site.slow.with_suffix(".away").touch()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **site.settings}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/support/run_bot.py"), *command],
        cwd=site.folder, capture_output=True, text=True, check=False, input=f"{PACT}\n",
        env=environment | {"TELEGRAM_BOT_TOKEN": ""},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {AWAY}\n")


@pytest.mark.parametrize(
    "token", ["123456789:AAHother-0123456789abcdefghijklmnop", "1:a-token-of-other-form"]
)
def test_a_rejected_token_ends_the_bot_with_one_sentence(api: BotApi, site: Site, token: str) -> None:
    site.token = token
    process = site.start()
    assert process.wait(60) == 1
    (error,) = errors_in(site.said())
    assert error == "Error: Telegram does not accept TELEGRAM_BOT_TOKEN: copy it again from BotFather."
    assert "Traceback" not in site.said()


def test_a_passing_rejection_of_the_token_does_not_end_polling(api: BotApi, site: Site) -> None:
    api.fault("getUpdates", "error", code=401, description="Unauthorized")
    site.start()
    site.wait_for_answers([site.ask(7, QUESTION.format(1))])


def test_an_unforeseen_failure_at_start_is_one_line_with_a_reference(site: Site) -> None:
    site.write("bomb", "Bombs explode when they are lit.")
    process = site.start()
    assert process.wait(60) == 1
    (error,) = errors_in(site.said())
    found = re.fullmatch(r"Error: Something went wrong; .* has more under ([0-9A-F]{6})\.", error)
    assert found
    assert f"(reference {found[1]})\nValueError" in site.logged()
    assert "<secret>" in site.logged()


@pytest.mark.slow
def test_what_fails_to_send_is_sent_again(api: BotApi, site: Site) -> None:
    faults: dict[int, dict[str, Any]] = {
        101: {"kind": "reset"},
        102: {"kind": "lost"},
        103: {"kind": "status", "status": 502},
        104: {"kind": "retry_after", "seconds": 1, "times": 2},
        105: {"kind": "error", "code": 500, "description": "Internal Server Error"},
        106: {"kind": "error", "code": 401, "description": "Unauthorized"},
    }
    for chat, fault in faults.items():
        api.fault("sendMessage", chat_id=chat, **fault)
    questions = {chat: [site.ask(chat, QUESTION.format(turn)) for turn in range(3)] for chat in faults}
    process = site.start()
    site.wait_for_answers([number for asked in questions.values() for number in asked])
    assert stop(process) == 0
    for chat, asked in questions.items():
        answered = [m.reply_parameters["message_id"] for m in api.messages if m.chat_id == chat]
        assert answered == ([asked[0]] if faults[chat]["kind"] == "lost" else []) + asked
