"""The articles as admins look through them: pages of a list, and each article with its history."""

import asyncio
from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.admin.preview import add_head
from bot.chats import Request, Services, Tap
from bot.text import Message, foreign, line
from bot.transport import View, in_rows, rows, tap
from corpus.article import Article
from corpus.catalogue import Record

PAGE = 8  # articles
WITHDRAWN = "withdrawn"
"""The word by which withdrawn articles are listed."""
HINT = f"/articles and words: titles, outlets, ids. /articles {WITHDRAWN}: what was taken out."
WHICH = "Send /article and the id of an article; /articles lists them."
NONE = "There is no article {!r}: /articles lists them."
OLD = "That list is too old: send /articles again."
MAX_ID = 1000  # characters of an id that is shown to be copied; longer ones are reached by buttons
VERSIONS = 5  # the newest ones, which are listed
ORIGINS = {
    "folder": "the article folder",
    "file": "the terminal",
    "id": "a file of JSON lines",
    "web": "the web",
    "entry": "a feed",
    "sent": "a file that was sent",
    "post": "a forwarded post",
}


async def list_articles(services: Services, request: Request) -> None:
    """List the articles whose title, outlet or id holds some words."""
    await services.show(request, await _page(services, request.person, request.text, 0))


async def turn(services: Services, tapped: Tap) -> None:
    """Show another page of a list in place of it."""
    search, page = tapped.parts
    query = services.pending.text("search", search, tapped.person)
    await tapped.answer(OLD if query is None else None)
    if query is not None:
        services.replace(tapped, await _page(services, tapped.person, query, int(page)))


async def show_article(services: Services, request: Request) -> None:
    """Show the article with an id."""
    unknown = NONE.format(line(request.text)) if request.text else WHICH
    await services.show(request, await _article(services, request.text) or (foreign(unknown), None))


async def open_article(services: Services, tapped: Tap) -> None:
    """Show the article of a button."""
    view = await _article(services, services.pending.text("id", tapped.parts[0]) or "")
    await tapped.answer(None if view else OLD)
    if view:
        await services.show(tapped, view)


async def _page(services: Services, person: int, query: str, page: int) -> View:
    words = query.split()
    sought = [word for word in words if word.casefold() != WITHDRAWN]
    found, total = await asyncio.to_thread(
        services.catalogue.find, sought, PAGE, page * PAGE, withdrawn=len(sought) < len(words)
    )
    numbers = await services.pending.numbers("id", *(record.id for record in found))
    (search,) = await services.pending.numbers("search", query, person=person)
    return _list(found, total, page, numbers, search)


def _list(found: Sequence[Record], total: int, page: int, numbers: Sequence[str], search: str) -> View:
    """A page of `total` articles that a search found; `numbers` stand for their ids in buttons."""
    first = page * PAGE + 1
    message = Message(f"Articles: {total}")
    for place, record in enumerate(found, first):
        message.add(f"\n\n{place}. ")
        message.add_foreign(line(record.title))
        about = " · ".join(filter(None, (line(record.outlet or ""), (record.published or "")[:10])))
        message.add("\n")
        message.add_foreign(f"{about}\n{line(record.id)}" if about else line(record.id))
    message.add(f"\n\n{HINT}")
    opening = [tap(str(place), f"article:{number}") for place, number in enumerate(numbers, first)]
    turning = [
        *([tap("‹ Back", f"list:{search}:{page - 1}")] if page else []),
        *([tap("More ›", f"list:{search}:{page + 1}")] if (page + 1) * PAGE < total else []),
    ]
    return message, rows(*in_rows(opening, PAGE // 2), turning)


async def _article(services: Services, article: str) -> View | None:
    """An article: what it says of itself, where it came from, its versions, how often it was quoted."""
    record = services.catalogue.get(article)
    if record is None:
        return None
    versions, quoted = services.catalogue.versions(article), services.answers.quoted(article)
    message = Message()
    add_head(message, _without_text(record))
    message.add("\n\n")
    message.append(foreign(line(record.id, MAX_ID)))
    message.append(foreign(f"\nFrom {_origin(record.origin)}, on {_minute(record.added)}"))
    message.add(f"\nVersions: {len(versions)}")
    message.add("".join(f"\n• {_minute(made)}" for made in versions[-VERSIONS:]))
    message.add(f"\nQuoted in answers: {quoted}")
    if record.withdrawn:
        why = "by hand" if record.withdrawn == "removed" else "as its file has gone"
        message.add(f"\nWithdrawn {why}: nobody is shown it.")
    (number,) = await services.pending.numbers("id", article)
    return message, _buttons(record, number)


def _buttons(record: Record, number: str) -> InlineKeyboardMarkup:
    if record.withdrawn is None:
        return rows([tap("Ask about it", f"about:{number}"), tap("Withdraw", f"withdraw:{number}")])
    return rows([tap("Restore", f"restore:{number}")] if record.withdrawn == "removed" else [])


def _without_text(record: Record) -> Article:
    """An article that has only what it says of itself."""
    known = (record.outlet, None, record.url, record.published, record.language)
    return Article(record.id, record.title or record.id, "", *known)


def _origin(origin: str) -> str:
    """Where an article came from, with the file or page if a person can do something with that."""
    kind, _, where = origin.partition(":")
    return ORIGINS.get(kind, kind) + (f" ({line(where)})" if kind in ("folder", "file", "web") else "")


def _minute(stored: str) -> str:
    """A stored time in UTC, to the minute."""
    return stored[:16].replace("T", " ")
