"""The shape of the whole: who imports whom, what start-up costs, what must never be there."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from paths import ROOT

PACKAGES = ("corpus", "index", "evaluation", "bot")

FLOORS = {
    "corpus": """errors article reading urls database promotion_words boilerplate promotion_store
        article_tables store catalogue feeds intake submissions""",
    "index": """errors language encoding entries snapshot generation index_store local postgres place
        findable searching building""",
    "evaluation": "judged measure baselines means fitting plot report",
    "bot": """schema settings config text transport assistant indexing records chats asking posting admin
        poller privacy reception routes app server terminal __main__""",
}
"""The rooms and modules of each package from the ground up: each imports only what stands before it."""

MOST_MODULES = 15  # in a folder
LONGEST_FUNCTION = 40  # lines
WITHOUT_TELEGRAM = {
    "assistant", "config", "indexing", "schema", "settings", "text", "records",
    "terminal.articles", "terminal.chat", "terminal.cli", "terminal.feeds", "terminal.index", "terminal.logs",
    "terminal.progress", "terminal.reports", "terminal.session",
}  # fmt: skip
"""What knows nothing of Telegram: what stands below `transport`, and what the terminal uses too."""


class Tree:
    """The sources under a folder, as the tests look at them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
        self.names = {self.name(path): path for path in self.sources}

    def name(self, path: Path) -> str:
        """The dotted name of a module; of a package, that of its folder."""
        return ".".join(path.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")

    def imported(self, path: Path) -> Iterator[str]:
        """The modules that a file imports, at any depth; a name in one of ours that is a module too."""
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                yield from {name if name in self.names else node.module for name in inside}

    def upward(self) -> set[tuple[str, str]]:
        """The imports that don't go down."""
        return {
            (self.name(path), name)
            for path in self.sources
            for name in self.imported(path)
            if name in self.names and _floor(name) > _floor(self.name(path))
        }

    def with_telegram(self) -> set[str]:
        """The modules that import telegram where nothing should know it."""
        return {
            name
            for name, path in self.names.items()
            if _is_without_telegram(name) and any(n.split(".")[0] == "telegram" for n in self.imported(path))
        }

    def that_say(self, forbidden: str) -> list[str]:
        """The modules in whose text a pattern is found."""
        return [name for name, path in self.names.items() if re.search(forbidden, path.read_text())]


def _floor(name: str) -> tuple[int, int]:
    """How high a module stands: its package, then its place in that; KeyError or ValueError for none."""
    package, _, rest = name.partition(".")
    return list(FLOORS).index(package), FLOORS[package].split().index(rest.split(".")[0]) if rest else -1


def _is_without_telegram(name: str) -> bool:
    inside = name.removeprefix("bot.")
    return inside == name or inside in WITHOUT_TELEGRAM or inside.split(".")[0] in WITHOUT_TELEGRAM


TREE = Tree(ROOT)
SOURCES = TREE.sources


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the sources, to plant faults in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def plant(root: Path, module: str, line: str) -> Tree:
    """Add a line to a module, and look again."""
    path = root / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    return Tree(root)


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_every_import_goes_down() -> None:
    assert TREE.upward() == set()


@pytest.mark.parametrize(
    ("module", "line", "found"),
    [
        ("corpus/store.py", "import index", ("corpus.store", "index")),
        ("index/local/vectors.py", "import bot.text.words", ("index.local.vectors", "bot.text.words")),
        ("bot/text/links.py", "from bot.posting import outbox", ("bot.text.links", "bot.posting.outbox")),
        ("bot/asking/why.py", "def late():\n    import bot.admin.desk", ("bot.asking.why", "bot.admin.desk")),
    ],
)
def test_an_import_that_goes_up_is_seen(copied: Path, module: str, line: str, found: tuple[str, str]) -> None:
    assert plant(copied, module, line).upward() == {found}


def test_a_module_without_a_place_is_seen(copied: Path) -> None:
    (copied / "bot" / "stray.py").write_text("import bot.text\n")
    with pytest.raises(ValueError, match="stray"):
        Tree(copied).upward()


def test_imports_form_no_circle() -> None:
    graph = {name: {n for n in TREE.imported(path) if n in TREE.names} for name, path in TREE.names.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"These import each other: {error.args[1]}")


def test_every_module_can_be_imported() -> None:
    modules = [name for name in TREE.names if name != "bot.__main__"]
    assert run(f"import importlib\nfor name in {modules}: importlib.import_module(name)") == ""


def test_no_folder_has_more_modules_than_a_person_can_look_through() -> None:
    folders = {path.parent for path in (*SOURCES, *(ROOT / "tests").rglob("*.py"))}
    crowded = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) for folder in folders}
    assert {folder: count for folder, count in crowded.items() if count > MOST_MODULES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{TREE.name(path)}.{node.name}": node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


def test_nothing_that_answers_needs_what_measures_the_answers() -> None:
    answering = {n: p for n, p in TREE.names.items() if not n.startswith("evaluation")}
    measuring = [
        n for n, p in answering.items() if any(i.split(".")[0] == "evaluation" for i in TREE.imported(p))
    ]
    assert measuring == ["bot.terminal.cli"]
    assert run("import bot.terminal.cli, bot.server, sys; print('evaluation' in sys.modules)") == "False\n"


def test_telegram_stays_at_the_edge() -> None:
    assert TREE.with_telegram() == set()


@pytest.mark.parametrize("module", ["index/generation.py", "bot/text/links.py", "bot/assistant.py"])
def test_telegram_below_the_transport_is_seen(copied: Path, module: str) -> None:
    name = module.removesuffix(".py").replace("/", ".")
    assert plant(copied, module, "from telegram import Message").with_telegram() == {name}


HEAVY = {
    "torch", "faiss", "sentence_transformers", "transformers", "trafilatura", "sklearn", "babel", "fluent",
    "matplotlib", "py3langid",
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


FORBIDDEN = [
    r"\bpickle\b", r"PicklePersistence", r"torch\.load", r"trust_remote_code", r"yaml\.load\b",
    r"allow_pickle", r"\bmarshal\b", r"\beval\(", r"\bexec\(",
]  # fmt: skip


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_nothing_loads_code_from_data(forbidden: str) -> None:
    assert TREE.that_say(forbidden) == []


def test_an_import_of_pickle_is_seen(copied: Path) -> None:
    tree = plant(copied, "index/local/vectors.py", "import pickle")
    assert tree.that_say(FORBIDDEN[0]) == ["index.local.vectors"]


NETWORKING = {
    "aiohttp", "anyio", "ftplib", "http.client", "httpcore", "httpx", "requests", "smtplib", "socket", "ssl",
    "urllib.request", "urllib3", "xmlrpc",
}  # fmt: skip
OPENING = {
    "connect_tcp", "create_connection", "create_datagram_endpoint", "fetch_response", "fetch_url",
    "getaddrinfo", "open_connection", "sock_connect", "urlopen", "urlretrieve",
}  # fmt: skip


def test_only_one_module_opens_connections_to_the_web_and_one_to_the_operators_server() -> None:
    used = {(p.name, n) for p in SOURCES for n in TREE.imported(p) if {n, n.split(".")[0]} & NETWORKING}
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
    tree = ast.parse((ROOT / "bot" / "transport" / "webhook.py").read_text())
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "aiohttp"]
    assert [alias.name for node in taken for alias in node.names] == ["web"]


@pytest.mark.slow
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
    imports = {name.split(".")[0] for path in SOURCES for name in TREE.imported(path)}
    used = imports - sys.stdlib_module_names - set(PACKAGES)
    # By sentence-transformers, whose interface they are, and by psycopg's extra.
    brought_along = {"transformers", "huggingface-hub", "psycopg-pool"}
    known = wanted | brought_along
    assert [top for top in used if not known & {normal(name) for name in provided[top]}] == []
    assert wanted | brought_along <= locked().keys()


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {normal(d.name): d.version.removesuffix("+cpu") for d in distributions()}
    both = locked() | locked("requirements-dev.lock")
    other = {n: v for n, v in both.items() if installed.get(n, v) != v}
    assert other == {}
