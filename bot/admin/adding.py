"""What an admin hands over: an address, a file or a forwarded post is shown first, and put in at a tap."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import Document, ForceReply, InlineKeyboardMarkup, MessageOriginChannel
from telegram import Message as Received
from telegram.error import BadRequest

from bot.admin.desk import reason, reason_not
from bot.admin.preview import WORDS, preview
from bot.asking.about import About
from bot.asking.answer_taps import notify
from bot.asking.buttons import NO_BUTTONS, rows, tap
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.records.audit import AuditLog
from bot.records.drafts import Draft, Drafts
from bot.records.expected import Awaited, Expected
from bot.records.handles import Handles
from bot.text.message import Message, foreign
from bot.text.passages import title
from bot.transport.edits import EditQueue
from bot.transport.sender import Place, Sender
from corpus.errors import CitewireError, NotAnArticle
from corpus.intake import SUFFIXES
from corpus.reading.extract import TITLE
from corpus.store import Incoming, Store
from corpus.submissions import Post, Submissions, refuse_file, suffix_of

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


def is_handed(message: Received) -> bool:
    """Whether a message hands something over: a file, or a post of a channel."""
    return bool(message.document) or isinstance(message.forward_origin, MessageOriginChannel)


class Adding:
    """Shows what was handed over, waits for a word, then stores it and makes it findable."""

    def __init__(
        self,
        handed: Submissions,
        store: Store,
        drafts: Drafts,
        sender: Sender,
        edits: EditQueue,
        expected: Expected,
        handles: Handles,
        about: About,
        audit: AuditLog,
        bring_up: Callable[[], Awaitable[object]],
    ) -> None:
        self._handed = handed
        self._store = store
        self._drafts = drafts
        self._sender = sender
        self._edits = edits
        self._expected = expected
        self._handles = handles
        self._about = about
        self._audit = audit
        self._bring_up = bring_up

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"add": self._add}

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {"keep": self._keep, "title": self._ask_title, "drop": self._drop, "about": self._ask_about}

    async def take(self, request: Request) -> None:
        """Show what is in a message that hands something over."""
        message, document = request.message, _file(request.message)
        if document:
            await self._offer(request, self._file(document))
        elif message.caption or not message.media_group_id:  # an album has its words under one picture
            await self._offer(request, self._post(message))

    async def retitle(self, request: Request, about: str) -> bool:
        """Take the title that was asked for; whether that is settled."""
        number, _, shown = about.partition(":")
        draft, wanted = self._drafts.get(number, request.person), " ".join(request.text.split())
        if draft is None:
            await self._sender.say(request, SETTLED)
            return True
        if len(wanted) > TITLE:
            await self._sender.say(request, BAD_TITLE)
            return False
        article = replace(draft.incoming.article, title=wanted)
        draft = replace(draft, incoming=replace(draft.incoming, article=article))
        await self._drafts.keep(draft)
        self._edits.put(request.place.chat, int(shown), (Message(RENAMED), NO_BUTTONS))
        await self._show(request.place, draft)
        return True

    async def _add(self, request: Request) -> None:
        urls = request.text.split()
        if not 0 < len(urls) <= MOST:
            await self._sender.say(request, HOW)
            return
        for url in urls:
            await self._offer(request, self._handed.page(url))

    async def _offer(self, request: Request, coming: Awaitable[Incoming]) -> None:
        """Keep what comes as a draft and show it, or say why it is none."""
        await self._sender.show_typing(request.place)
        try:
            incoming = await coming
        except CitewireError as error:
            await self._sender.say(request, foreign(reason(error)))
            return
        await self._show(request.place, await self._drafts.put(request.person, incoming))

    async def _show(self, place: Place, draft: Draft) -> None:
        message = await asyncio.to_thread(preview, draft.incoming, self._store)
        await self._sender.send(place, message, keyboard=_buttons(draft))

    async def _file(self, document: Document) -> Incoming:
        name, size = document.file_name or "", document.file_size
        refuse_file(name, size)
        try:
            file = await document.get_file()
        except BadRequest as error:
            raise NotAnArticle(f"Telegram does not hand the file over: {error}.") from error
        data = bytes(await file.download_as_bytearray())
        if len(data) != size:
            raise NotAnArticle(NOT_WHOLE)
        return await self._handed.file(data, name)

    async def _post(self, message: Received) -> Incoming:
        origin, text = message.forward_origin, message.text or message.caption
        if not isinstance(origin, MessageOriginChannel) or not text:
            raise NotAnArticle(NO_WORDS)
        chat = origin.chat
        post = Post(
            chat.id,
            origin.message_id,
            chat.title or "",
            chat.username or "",
            origin.author_signature,
            origin.date,
            text,
        )
        return await self._handed.post(post)

    async def _keep(self, tapped: Tap) -> None:
        """Store a draft, make it findable, and say so."""
        draft = self._drafts.get(tapped.value, tapped.person)
        await notify(tapped.query)
        if draft is None:
            self._put(tapped, SETTLED)
            return
        await self._show_state(tapped, f"Adding: {title(draft.incoming.article)} …", NO_BUTTONS)
        number, said = await self._stored(draft)
        (handle,) = await self._handles.of(number)
        await self._show_state(tapped, said, rows([tap("Ask about it", f"d:about:{handle}")]))
        await self._drafts.done(draft)

    async def _show_state(self, tapped: Tap, text: str, keyboard: InlineKeyboardMarkup) -> None:
        """Show at once how far it is; where that fails, the tap is handled once more."""
        await self._sender.edit(tapped.message.chat.id, tapped.message.message_id, foreign(text), keyboard)

    async def _stored(self, draft: Draft) -> tuple[str, str]:
        """Put a draft in; its id, and what to say of that."""
        incoming, is_first = draft.incoming, self._store.is_new()
        (change,) = await asyncio.to_thread(self._store.put, incoming, quiet=is_first)
        known = self._store.known(incoming.origin)
        number = known.id if known else incoming.article.id
        await self._audit.note(draft.person, "add", number, change)
        said = f"{change.capitalize()}: {title(incoming.article)}\n{number}\n"
        if lacking := await reason_not(self._bring_up):
            return number, f"{said}It can't be found yet: {lacking}"
        return number, f"{said}It can be found now."

    async def _ask_title(self, tapped: Tap) -> None:
        draft = self._drafts.get(tapped.value, tapped.person)
        await notify(tapped.query, None if draft else SETTLED)
        if draft is not None:
            place, shown = Place.of(tapped.message), tapped.message.message_id
            sent = await self._sender.send(place, Message(ASK_TITLE), keyboard=ForceReply())
            await self._expected.put(place.chat, Awaited("title", f"{draft.id}:{shown}"), sent.message_id)

    async def _drop(self, tapped: Tap) -> None:
        draft = self._drafts.get(tapped.value, tapped.person)
        await notify(tapped.query)
        if draft is not None:
            await self._drafts.done(draft)
        self._put(tapped, LEFT if draft else SETTLED)

    async def _ask_about(self, tapped: Tap) -> None:
        """Invite a question about one article."""
        article = self._store.article(self._handles.text(tapped.value) or "")
        await notify(tapped.query, None if article else WORDS("about-unknown"))
        if article is not None:
            await self._about.invite(Place.of(tapped.message), article, WORDS)

    def _put(self, tapped: Tap, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Put a text in place of the message whose button was tapped."""
        view = (foreign(text), keyboard or NO_BUTTONS)
        self._edits.put(tapped.message.chat.id, tapped.message.message_id, view)


def _file(message: Received) -> Document | None:
    """The file that a message hands over; what else goes with a post, a GIF too, is no file to read."""
    document = message.document
    is_post = isinstance(message.forward_origin, MessageOriginChannel)
    is_read = document is not None and suffix_of(document.file_name or "") in SUFFIXES
    return None if is_post and not is_read else document


def _buttons(draft: Draft) -> InlineKeyboardMarkup:
    return rows(
        [
            tap("Add", f"d:keep:{draft.id}"),
            tap("Edit title", f"d:title:{draft.id}"),
            tap("Cancel", f"d:drop:{draft.id}"),
        ]
    )
