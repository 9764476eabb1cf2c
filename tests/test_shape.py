"""The shape of the whole: who imports whom, what start-up costs, what must never be there."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("corpus", "index", "evaluation", "bot")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("*.py"))
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES]


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("package", "may_import"),
    [
        ("corpus", {"corpus"}),
        ("index", {"corpus", "index"}),
        ("evaluation", {"corpus", "index", "evaluation"}),
        ("bot", set(PACKAGES)),
    ],
)
def test_imports_go_one_way(package: str, may_import: set[str]) -> None:
    found = {
        (path.name, name)
        for path in (ROOT / package).glob("*.py")
        for name in imported(path)
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in may_import
    }
    assert found == set()


def test_nothing_that_answers_needs_what_measures_the_answers() -> None:
    answering = [path for path in SOURCES if path.parent.name != "evaluation"]
    measuring = [p.name for p in answering if any(n.split(".")[0] == "evaluation" for n in imported(p))]
    assert measuring == ["cli.py"]
    assert run("import bot.terminal.cli, bot.server, sys; print('evaluation' in sys.modules)") == "False\n"


def test_telegram_stays_at_the_edge() -> None:
    for_both = {
        "answer", "assistant", "audit", "cli", "config", "daily", "daily_report", "links", "logs", "message",
        "picture", "progress", "quota", "seeing_commands", "terminal", "unanswered", "words",
    }  # fmt: skip
    inside = [p for p in SOURCES if p.parent.name != "bot" or p.stem in for_both]
    assert [p.name for p in inside if any(n.split(".")[0] == "telegram" for n in imported(p))] == []


@pytest.mark.parametrize("module", [m for m in MODULES if m != "bot.__main__"])
def test_every_module_can_be_imported_alone(module: str) -> None:
    assert run(f"import {module}") == ""


HEAVY = {
    "torch", "faiss", "sentence_transformers", "transformers", "trafilatura", "sklearn", "babel", "fluent",
    "matplotlib",
}  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "import bot.terminal.cli",
        "import bot.text.words",
        "from bot.terminal.cli import main; main(['--help'], standalone_mode=False)",
    ],
)
def test_the_command_line_starts_without_what_takes_long(code: str) -> None:
    printed = run(f"{code}\nimport sys; print('heavy:', sorted({HEAVY} & sys.modules.keys()))")
    assert printed.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize(
    "forbidden",
    [r"\bpickle\b", r"PicklePersistence", r"torch\.load", r"trust_remote_code", r"yaml\.load\b",
     r"allow_pickle", r"\bmarshal\b", r"\beval\(", r"\bexec\("],
)  # fmt: skip
def test_nothing_loads_code_from_data(forbidden: str) -> None:
    assert [p.name for p in SOURCES if re.search(forbidden, p.read_text())] == []


NETWORKING = {
    "aiohttp", "anyio", "ftplib", "http.client", "httpcore", "httpx", "requests", "smtplib", "socket", "ssl",
    "urllib.request", "urllib3", "xmlrpc",
}  # fmt: skip
OPENING = {
    "connect_tcp", "create_connection", "create_datagram_endpoint", "fetch_response", "fetch_url",
    "getaddrinfo", "open_connection", "sock_connect", "urlopen", "urlretrieve",
}  # fmt: skip


def test_only_one_module_opens_connections_to_the_web_and_one_to_the_operators_server() -> None:
    used = {(p.name, n) for p in SOURCES for n in imported(p) if {n, n.split(".")[0]} & NETWORKING}
    assert used == {
        ("fetch.py", "httpcore"),
        ("fetch.py", "socket"),
        ("fetch.py", "ssl"),
        ("remote.py", "httpx"),  # to the one address that the operator sets
        ("webhook.py", "aiohttp"),  # which listens only
    }


def test_no_library_is_told_to_open_a_connection_by_itself() -> None:
    called = {
        (path.name, node.attr)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in OPENING
    }
    assert {name for name, _ in called} == {"fetch.py"}


def test_the_listener_opens_no_connection() -> None:
    tree = ast.parse((ROOT / "bot" / "webhook.py").read_text())
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "aiohttp"]
    assert [alias.name for node in taken for alias in node.names] == ["web"]


def test_answering_needs_no_network(tmp_path: Path) -> None:
    code = f"""
import os, socket
def refuse(*args, **kwargs): raise AssertionError("a connection was tried")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
os.environ["CITEWIRE_DATA"] = {str(tmp_path)!r}
from bot.assistant import Assistant
from bot.config import load
assistant = Assistant(load())
assistant.take_in()
assistant.reindex()
print(assistant.ask("How much will the UK pay for Iraqi law enforcement training?").state)
"""
    assert run(code) == "answered\n"


LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(lock: str = LOCKS[0]) -> dict[str, str]:
    """The pinned distributions, by normalised name."""
    lines = (ROOT / lock).read_text().split()
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_exact_versions_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--" not in text
    assert locked(lock)


def test_what_only_developing_needs_is_in_a_lock_of_its_own() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    names = {normal(re.split(r"[<>=~! ]", requirement)[0]) for requirement in wanted}
    running, developing = locked().keys(), locked("requirements-dev.lock").keys()
    assert running & developing == set()
    assert names - developing == {"tld"}  # which courlan needs anyway
    assert locked()["torch"] == "2.13.0"
    assert {"setuptools", "wheel"} <= running  # to install the project itself


def test_everything_that_is_imported_is_declared_and_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {normal(re.split(r"[\[<>=~! ]", requirement)[0]) for requirement in declared}
    provided = packages_distributions()
    imports = {name.split(".")[0] for path in SOURCES for name in imported(path)}
    used = imports - sys.stdlib_module_names - set(PACKAGES)
    brought_along = {"transformers", "huggingface-hub"}  # by sentence-transformers, whose interface they are
    known = wanted | brought_along
    assert [top for top in used if not known & {normal(name) for name in provided[top]}] == []
    assert wanted | brought_along <= locked().keys()


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {normal(d.name): d.version.removesuffix("+cpu") for d in distributions()}
    both = locked() | locked("requirements-dev.lock")
    other = {n: v for n, v in both.items() if installed.get(n, v) != v}
    assert other == {}
