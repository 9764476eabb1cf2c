"""Articles into the store: a folder of files, single files, or lines of JSON."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.article import Article
from corpus.errors import CitewireError, NotAnArticle
from corpus.reading.decode import storable
from corpus.reading.extract import extract
from corpus.reading.metadata import iso_date, web_url
from corpus.store import Change, Incoming, Known, Store

SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm"})
MAX_BYTES = 20_000_000  # what Telegram lets a bot download; no article comes near it
BATCH = 200  # articles stored in one transaction
READER = b"1"  # part of each file's hash: another number makes every file be read anew

# Bytes of an id, which databases look up; file names have no more.
LONGEST_ID = 500
JSON_FIELDS = ("id", "title", "text", "outlet", "author", "url", "published", "language")


class Unreadable(CitewireError):
    """A file or folder can't be read, or is not what it should be."""


@dataclass
class Taken:
    """How many articles taking them in changed, and a sentence for each file that was refused."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    refused: list[str] = field(default_factory=list)

    def count(self, changes: Iterable[Change]) -> None:
        """Add up what the store said of each article."""
        for change in changes:
            setattr(self, change, getattr(self, change) + 1)


def take_folder(
    store: Store,
    folder: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    quiet: bool = False,
) -> Taken:
    """Bring the store up to a folder of article files: new ones, changed ones, and those that have gone.

    A file that has not changed costs one reading of its bytes; what was removed by hand stays
    removed. Raises Unreadable where there is no such folder. What fills a new store is not
    announced, nor is anything where `quiet` is set; so it is with the other ways in.
    """
    quiet = quiet or store.is_new()
    if not folder.is_dir():
        raise Unreadable(f"There is no folder {folder}: set CITEWIRE_CORPUS to the folder of articles.")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    origins = {_origin("folder", path.relative_to(folder).as_posix()): path for path in files}
    known = store.origins("folder:")
    taken = Taken()
    incoming: list[Incoming] = []
    for done, (origin, path) in enumerate(origins.items(), 1):
        incoming += _read(path, origin, taken, known.get(origin))
        if len(incoming) == BATCH or done == len(origins):
            taken.count(store.put(*incoming, quiet=quiet))
            incoming = []
        progress(done, len(origins))
    gone = [k.id for origin, k in known.items() if origin not in origins and not k.withdrawn]
    store.withdraw(gone, "gone")
    taken.withdrawn = len(gone)
    return taken


def take_files(store: Store, paths: Iterable[Path], *, quiet: bool = False) -> Taken:
    """Add single files; each stays until it is removed, and adding it again brings it up to date."""
    quiet = quiet or store.is_new()
    taken = Taken()
    for path in paths:
        taken.count(store.put(*_read(path, _origin("file", str(path.resolve())), taken), quiet=quiet))
    return taken


def take_jsonl(store: Store, path: Path, *, quiet: bool = False) -> Taken:
    """Add the articles of a file of JSON lines, ids kept: all of them or, after Unreadable, none."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            articles = [
                _from_json(line, f"{path.name}, line {number},")
                for number, line in enumerate(lines, 1)
                if line.strip()
            ]
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} can't be read: {_reason(error)}.") from error
    repeated = [number for number, times in Counter(a.id for a in articles).items() if times > 1]
    if repeated:
        raise Unreadable(f"{path.name} has the id {repeated[0]!r} twice: give each article its own.")
    taken = Taken()
    incoming = (Incoming(a, f"id:{a.id}", keep_id=True) for a in articles)
    taken.count(store.put(*incoming, quiet=quiet or store.is_new()))
    return taken


def _read(path: Path, origin: str, taken: Taken, known: Known | None = None) -> Iterator[Incoming]:
    """The article of a file, unless it is known as it is or (with a sentence in `taken`) refused."""
    try:
        data = _bytes(path)
        fingerprint = hashlib.sha256(READER + data).hexdigest()
        if known and known.stays(fingerprint):
            taken.unchanged += 1
            return
        yield Incoming(extract(data, storable(path.name)), origin, fingerprint)
    except OSError as error:
        taken.refused.append(f"{storable(str(path))} can't be read: {_reason(error)}.")
    except NotAnArticle as refusal:
        taken.refused.append(str(refusal))


def _origin(kind: str, path: str) -> str:
    """Where an article came from; a name that is not UTF-8 has its odd bytes spelled out."""
    return f"{kind}:{path}".encode(errors="backslashreplace").decode()


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise NotAnArticle(f"{storable(path.name)} is over {MAX_BYTES // 10**6} MB; no article is that long.")
    return path.read_bytes()


def _from_json(line: str, where: str) -> Article:
    """The article of one line; Unreadable, beginning with `where`, if it is none."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{where} is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise Unreadable(f'{where} is no object: write {{"id": …, "title": …, "text": …}}.')
    if wrong := [n for n in JSON_FIELDS if not isinstance(values.get(n), str | None)]:
        raise Unreadable(f"{where} has {wrong[0]!r} as something else than a string.")
    fields = {name: storable(values.get(name) or "") for name in JSON_FIELDS}
    if missing := [n for n in ("id", "text") if not fields[n].strip()]:
        raise Unreadable(f"{where} has no {missing[0]!r}.")
    if len(fields["id"].encode()) > LONGEST_ID or any("\0" in fields[name] for name in ("id", "language")):
        raise Unreadable(
            f"{where} has an 'id' or 'language' that can't be kept: of at most {LONGEST_ID} bytes."
        )
    if fields["url"] and not web_url(fields["url"]):
        raise Unreadable(f"{where} has a 'url' that is no http or https address.")
    if fields["published"]:
        date = iso_date(fields["published"])
        if date is None:
            raise Unreadable(f"{where} has a 'published' that is no date: write it like 2024-05-31.")
        fields["published"] = date
    optional = {name: fields[name] or None for name in JSON_FIELDS[3:]}
    return Article(fields["id"], fields["title"], fields["text"], **optional)  # type: ignore[arg-type]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unknown") if isinstance(error, OSError) else "it is not UTF-8"
