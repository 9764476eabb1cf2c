"""What admins submit, an address, a file or a forwarded post: it is previewed, and stored at a tap."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import asdict, replace

from telegram import Document, ForceReply, InlineKeyboardMarkup, MessageOriginChannel
from telegram import Message as Received
from telegram.error import BadRequest

from bot.admin import acts
from bot.admin.preview import WORDS, preview
from bot.asking import about
from bot.chats import Request, Services, Tap
from bot.records import PendingItem
from bot.text import Message, foreign, title
from bot.transport import NO_BUTTONS, Place, plain, rows, tap
from corpus.article import Article
from corpus.errors import CitewireError, NotAnArticle
from corpus.intake import SUFFIXES
from corpus.reading.extract import TITLE
from corpus.store import Incoming
from corpus.submissions import Post, refuse_file, suffix_of

MOST = 10  # addresses in one command
HOW = (
    f"Send /add and the addresses of up to {MOST} articles, or send me a .txt, .md or .html file, "
    "or forward me a post of a channel. I show you what I read before it is put in."
)
NO_WORDS = "That post has no text to quote."
NOT_WHOLE = "That file came in another size than was stated: send it again."
SETTLED = "That was put in or let go of already, or is older than a day: send it again."
LEFT = "It was not put in."
ASK_TITLE = "Reply to this message with the title that the article is to have."
BAD_TITLE = f"A title has up to {TITLE} characters. Reply to the same message once more."
RENAMED = "It has another title now: see below."


def is_submission(message: Received) -> bool:
    """Whether a message is a file or a forwarded channel post."""
    return bool(message.document) or isinstance(message.forward_origin, MessageOriginChannel)


async def add(services: Services, request: Request) -> None:
    """/add previews the articles at some addresses."""
    urls = request.text.split()
    if not 0 < len(urls) <= MOST:
        await services.say(request, HOW)
        return
    for url in urls:
        await _offer(services, request, acts.submissions(services).page(url))


async def submit(services: Services, request: Request) -> None:
    """Preview the article in a file or a forwarded post; of an album, only the picture with the caption."""
    message, document = request.message, _file(request.message)
    if document:
        await _offer(services, request, _read_file(services, document))
    elif message.caption or not message.media_group_id:
        await _offer(services, request, _read_post(services, message))


async def take_title(services: Services, request: Request, item: PendingItem) -> bool:
    """Give a draft the title that was replied; returns whether that is settled."""
    number, _, shown = item.data.partition(":")
    draft, wanted = services.pending.get("draft", number, request.person), " ".join(request.text.split())
    if draft is None:
        await services.say(request, SETTLED)
        return True
    if len(wanted) > TITLE:
        await services.say(request, BAD_TITLE)
        return False
    incoming = _incoming(draft)
    incoming = replace(incoming, article=replace(incoming.article, title=wanted))
    await services.pending.update(draft, json.dumps(asdict(incoming)))
    services.edits.put(request.place.chat, int(shown), (Message(RENAMED), NO_BUTTONS))
    await _show(services, request.place, draft.id, incoming)
    return True


async def keep(services: Services, tapped: Tap) -> None:
    """Store a draft and make it searchable; each step is shown at once, so a failed edit repeats the tap."""
    draft = services.pending.get("draft", tapped.parts[0], tapped.person)
    await tapped.answer()
    if draft is None:
        services.replace(tapped, plain(SETTLED))
        return
    incoming = _incoming(draft)
    adding = foreign(f"Adding: {title(incoming.article)} …")
    await services.sender.edit(tapped.chat.id, tapped.number, adding, NO_BUTTONS)
    try:
        said = await acts.add(services, tapped.person, incoming)
    except acts.NotSearchable as error:
        said = str(error)
    (number,) = await services.pending.numbers("id", acts.stored_id(services, incoming))
    asking = rows([tap("Ask about it", f"about:{number}")])
    await services.sender.edit(tapped.chat.id, tapped.number, foreign(said), asking)
    await services.pending.remove(draft)


async def ask_title(services: Services, tapped: Tap) -> None:
    """Prompt for another title."""
    draft = services.pending.get("draft", tapped.parts[0], tapped.person)
    await tapped.answer(None if draft else SETTLED)
    if draft is not None:
        place = tapped.place
        sent = await services.sender.send(place, Message(ASK_TITLE), keyboard=ForceReply())
        data = f"{draft.id}:{tapped.number}"
        await services.pending.await_reply("title", data, place.chat, sent.message_id)


async def drop(services: Services, tapped: Tap) -> None:
    """Drop a draft."""
    draft = services.pending.get("draft", tapped.parts[0], tapped.person)
    await tapped.answer()
    if draft is not None:
        await services.pending.remove(draft)
    services.replace(tapped, plain(LEFT if draft else SETTLED))


async def ask_about(services: Services, tapped: Tap) -> None:
    """Invite a question about one article."""
    article = services.store.article(services.pending.text("id", tapped.parts[0]) or "")
    await tapped.answer(None if article else WORDS("about-unknown"))
    if article is not None:
        await about.invite(services, tapped.place, article, WORDS)


async def _offer(services: Services, request: Request, submitted: Awaitable[Incoming]) -> None:
    """Keep what was submitted as a draft and preview it, or say why it is no article."""
    await services.sender.show_typing(request.place)
    try:
        incoming = await submitted
    except CitewireError as error:
        await services.say(request, foreign(acts.reason(error)))
        return
    data = json.dumps(asdict(incoming))
    number = await services.pending.add("draft", data, person=request.person)
    await _show(services, request.place, number, incoming)


async def _show(services: Services, place: Place, number: int, incoming: Incoming) -> None:
    message = await asyncio.to_thread(preview, incoming, services.store)
    await services.sender.send(place, message, keyboard=_buttons(number))


async def _read_file(services: Services, document: Document) -> Incoming:
    name, size = document.file_name or "", document.file_size
    refuse_file(name, size)
    try:
        file = await document.get_file()
    except BadRequest as error:
        raise NotAnArticle(f"Telegram does not hand the file over: {error}.") from error
    data = bytes(await file.download_as_bytearray())
    if len(data) != size:
        raise NotAnArticle(NOT_WHOLE)
    return await acts.submissions(services).file(data, name)


async def _read_post(services: Services, message: Received) -> Incoming:
    origin, text = message.forward_origin, message.text or message.caption
    if not isinstance(origin, MessageOriginChannel) or not text:
        raise NotAnArticle(NO_WORDS)
    names = (origin.chat.title or "", origin.chat.username or "", origin.author_signature)
    post = Post(origin.chat.id, origin.message_id, *names, origin.date, text)
    return await acts.submissions(services).post(post)


def _file(message: Received) -> Document | None:
    """The file that a message submits; one of another kind that goes with a post, as a GIF, is ignored."""
    document = message.document
    is_post = isinstance(message.forward_origin, MessageOriginChannel)
    is_read = document is not None and suffix_of(document.file_name or "") in SUFFIXES
    return None if is_post and not is_read else document


def _incoming(draft: PendingItem) -> Incoming:
    """The article of a draft."""
    stored = json.loads(draft.data)
    article = stored.pop("article") | {"promotion": ()}
    return Incoming(Article(**article), **stored)


def _buttons(number: int) -> InlineKeyboardMarkup:
    labels = {"keep": "Add", "title": "Edit title", "drop": "Cancel"}
    return rows([tap(label, f"{word}:{number}") for word, label in labels.items()])
