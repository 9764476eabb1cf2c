"""Starts bots as processes quickly: forked from one that has imported everything already."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parent.parent


class Launcher:
    """A process of `run_bot.py --fork`, which starts each bot as a process of its own."""

    def __init__(self) -> None:
        command = [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            str(ROOT / "tests" / "run_bot.py"),
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
