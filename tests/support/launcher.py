"""Starts bots as processes quickly: forked from one that has imported everything already."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import CompletedProcess
from threading import Lock
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import logging_restored
from paths import MODELS, ROOT

import bot.assistant
from bot.settings import SETTINGS
from bot.terminal.cli import main
from index.encoding.embed import Encoder, Model
from index.encoding.models import DEFAULT_MODEL


class Launcher:
    """A process of `run_bot.py --fork`, which starts each bot as a process of its own."""

    def __init__(self) -> None:
        command = [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            str(ROOT / "tests" / "support" / "run_bot.py"),
            "--fork",
        ]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        self._lock = Lock()
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, folder: Path, environment: dict[str, str], out: Path, err: Path) -> "Started":
        """Start a bot in a working folder; what it writes goes into two files."""
        about = {"folder": str(folder), "environment": environment, "out": str(out), "err": str(err)}
        return Started(self.ask(start=about), self)

    def ask(self, **request: Any) -> Any:
        """Return the answer to a request."""
        pipes = self._process.stdin, self._process.stdout
        assert all(pipes)
        with self._lock:
            pipes[0].write(f"{json.dumps(request)}\n")
            pipes[0].flush()
            return json.loads(pipes[1].readline())

    def close(self) -> None:
        """End the process that starts the others."""
        self._process.communicate(timeout=60)


class Started:
    """A bot that runs, with the methods of subprocess.Popen that tests use."""

    def __init__(self, pid: int, launcher: Launcher) -> None:
        self.pid = pid
        self._launcher = launcher
        self._lock = Lock()
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        with self._lock:
            if self._code is None:
                self._code = self._launcher.ask(poll=self.pid)
            return self._code

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end and return the exit code."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            assert time.monotonic() < until, "the bot does not end"
            time.sleep(0.005)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it ended; its process id is its own until its exit code is known."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


class Terminal:
    """Runs `citewire` commands in this process on one data folder; `encoder` replaces the bundled model."""

    def __init__(self, data: Path, encoder: Encoder | None = None, **settings: str) -> None:
        self.data = data
        self._settings = {"CITEWIRE_DATA": str(data), **settings}
        self._encoders = {DEFAULT_MODEL: encoder} if encoder else {}

    def __call__(self, *words: str | Path, stdin: str = "") -> CompletedProcess[str]:
        environment = dict.fromkeys(setting.name for setting in SETTINGS.values()) | self._settings
        runner = CliRunner(env=environment, catch_exceptions=False)
        command = [str(word) for word in words]
        with logging_restored(), pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            patch.setattr(bot.assistant, "Model", self._encoder)
            done = runner.invoke(main, command, input=stdin, prog_name="citewire")
        return CompletedProcess(command, done.exit_code, done.stdout, done.stderr)

    def _encoder(self, name: str, _models: Path) -> Encoder:
        return self._encoders.get(name) or Model(name, MODELS)


class Process:
    """Runs `citewire` as a process of its own on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *words: str | Path, stdin: str = "") -> CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "CITEWIRE_DATA": str(self.data)}
        command = [sys.executable, "-m", "bot", *map(str, words)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False
        )


def failed(done: CompletedProcess[str]) -> str:
    """The one line that a failed command printed."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    return lines[0]
