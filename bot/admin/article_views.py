"""The articles as an admin is shown them: a page of the list, and one with its history."""

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.admin.preview import add_head
from bot.asking.buttons import rows, tap
from bot.asking.pages import View
from bot.text.message import Message, foreign
from bot.text.passages import line
from corpus.article import Article
from corpus.catalogue import Record

PAGE = 8  # articles on one
TAKEN_OUT = "withdrawn"
"""The word by which those that were taken out are listed."""
HINT = f"/articles and words: titles, outlets, ids. /articles {TAKEN_OUT}: what was taken out."
ID = 1000  # characters of an id where it stands to be copied; buttons lead to what has a longer one
VERSIONS = 5  # of an article that are listed, the last ones
ORIGINS = {
    "folder": "the article folder",
    "file": "the terminal",
    "id": "a file of JSON lines",
    "web": "the web",
    "entry": "a feed",
    "sent": "a file that was sent",
    "post": "a forwarded post",
}


def listed(found: Sequence[Record], total: int, number: int, handles: Sequence[str], query: str) -> View:
    """A page of the articles that were `found`; `handles` are theirs, `query` is that of the search."""
    message = Message(f"Articles: {total}")
    for place, record in enumerate(found, number * PAGE + 1):
        message.add(f"\n\n{place}. ")
        message.add_foreign(line(record.title))
        about = " · ".join(filter(None, (line(record.outlet or ""), (record.published or "")[:10])))
        message.add("\n")
        message.add_foreign(f"{about}\n{line(record.id)}" if about else line(record.id))
    message.add(f"\n\n{HINT}")
    opening = [
        tap(str(place), f"d:article:{handle}") for place, handle in enumerate(handles, number * PAGE + 1)
    ]
    turning = [
        *([tap("‹ Back", f"d:list:{query}-{number - 1}")] if number else []),
        *([tap("More ›", f"d:list:{query}-{number + 1}")] if (number + 1) * PAGE < total else []),
    ]
    return message, rows(opening[: PAGE // 2], opening[PAGE // 2 :], turning)


def article(record: Record, versions: Sequence[str], quoted: int, handle: str) -> View:
    """One article: what it says of itself, where it came from, its versions, how often it was quoted."""
    message = Message()
    add_head(message, _shell(record))
    message.add("\n\n")
    message.append(foreign(line(record.id, ID)))
    message.append(foreign(f"\nFrom {_source(record.origin)}, on {_moment(record.added)}"))
    message.add(f"\nVersions: {len(versions)}")
    message.add("".join(f"\n• {_moment(made)}" for made in versions[-VERSIONS:]))
    message.add(f"\nQuoted in answers: {quoted}")
    if record.withdrawn:
        why = "by hand" if record.withdrawn == "removed" else "as its file has gone"
        message.add(f"\nWithdrawn {why}: nobody is shown it.")
    return message, _buttons(record, handle)


def _buttons(record: Record, handle: str) -> InlineKeyboardMarkup:
    if record.withdrawn is None:
        return rows([tap("Ask about it", f"d:about:{handle}"), tap("Withdraw", f"d:withdraw:{handle}")])
    return rows([tap("Restore", f"d:restore:{handle}")] if record.withdrawn == "removed" else [])


def _shell(record: Record) -> Article:
    """An article without its text, to say what it says of itself."""
    return Article(
        record.id,
        record.title or record.id,
        "",
        record.outlet,
        None,
        record.url,
        record.published,
        record.language,
    )


def _source(origin: str) -> str:
    """Where it came from, and from which file or page where that tells a person something."""
    kind, _, where = origin.partition(":")
    return ORIGINS.get(kind, kind) + (f" ({line(where)})" if kind in ("folder", "file", "web") else "")


def _moment(stored: str) -> str:
    """A stored time in UTC, to the minute."""
    return stored[:16].replace("T", " ")
