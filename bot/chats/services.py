"""What handlers share, passed as one object."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.assistant import Assistant
from bot.chats.chat import Chats
from bot.chats.quota import Quotas
from bot.chats.request import Request, Tap
from bot.config import Config
from bot.indexing import IndexUpdater
from bot.records import AnswerLog, AuditLog, PendingItems
from bot.text import Message
from bot.transport import EditQueue, Sender, View
from corpus.catalogue import Catalogue
from corpus.database import Database
from corpus.feeds.feed_reader import FeedReader
from corpus.store import Store
from index.building.sync import Report


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """What Telegram and the terminal share.

    `update_index` makes stored changes searchable, and raises CitewireError if it can't do so now.
    """

    assistant: Assistant
    feeds: FeedReader
    audit: AuditLog
    update_index: Callable[[], Awaitable[Report]]
    clock: Callable[[], float] = time.time

    @property
    def config(self) -> Config:
        """The settings."""
        return self.assistant.config

    @property
    def database(self) -> Database:
        """The database of everything but the index."""
        return self.assistant.database

    @property
    def store(self) -> Store:
        """The stored articles."""
        return self.assistant.store

    @property
    def catalogue(self) -> Catalogue:
        """Data about articles other than their texts."""
        return Catalogue(self.database)


@dataclass(frozen=True, kw_only=True)
class Services(Workspace):
    """What every handler of the Telegram bot may use."""

    sender: Sender
    edits: EditQueue
    chats: Chats
    answers: AnswerLog
    pending: PendingItems
    indexing: IndexUpdater
    quotas: Quotas

    @property
    def bot_name(self) -> str:
        """The bot's username, without @."""
        return self.sender.bot.username

    async def say(self, request: Request, *messages: Message | str) -> None:
        """Sends messages to where a request came from; in groups as replies to it."""
        reply_to = None if request.is_private else request.number
        for each in messages:
            message = Message(each) if isinstance(each, str) else each
            await self.sender.send(request.place, message, reply_to)

    async def show(self, request: Request | Tap, view: View) -> None:
        """Sends a message with buttons; in groups as a reply to the request."""
        reply_to = request.number if request.place.chat < 0 else None
        await self.sender.send(request.place, view[0], reply_to, view[1])

    def replace(self, tap: Tap, view: View) -> None:
        """Queues new content for the message whose button was tapped."""
        self.edits.put(tap.chat.id, tap.number, view)
