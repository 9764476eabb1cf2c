"""What an admin may do about feeds from their private chat with the bot."""

import re
import time
from collections.abc import Callable
from functools import partial

from bot.admin.desk import question, reason
from bot.chats.request import Handler, Request
from bot.records.audit import AuditLog
from bot.records.confirmations import Confirmations
from bot.text.message import Message, foreign, join
from bot.transport.sender import Sender
from corpus.errors import CitewireError
from corpus.feeds.feed_reader import FeedReader, NotFollowed
from corpus.feeds.feed_table import Followed

NONE = "No feed is followed. /addfeed and the address of a feed, or of a page with one, follows it."
WHICH = "Send /addfeed and the address of a feed, or of a page with one: /addfeed https://news.example/feed"
NUMBER = "Send /removefeed and the number of a feed; /feeds lists them."
FEED = re.compile("[0-9]{1,9}")


class FeedAdmin:
    """Handlers for admins; the articles of a feed are then taken in by the poller, which `wake` wakes."""

    def __init__(
        self,
        feed_reader: FeedReader,
        sender: Sender,
        confirmations: Confirmations,
        audit: AuditLog,
        wake: Callable[[], None],
    ) -> None:
        self._feed_reader = feed_reader
        self._confirmations = confirmations
        self._audit = audit
        self._sender = sender
        self._wake = wake

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"feeds": self._list, "addfeed": self._add, "removefeed": self._remove}

    async def _list(self, request: Request) -> None:
        feeds = self._feed_reader.feeds()
        await self._sender.say(request, *(join([_line(feed) for feed in feeds]) or [Message(NONE)]))

    async def _add(self, request: Request) -> None:
        if not request.text:
            await self._sender.say(request, foreign(WHICH))
            return
        try:
            feed = await self._feed_reader.add(request.text)
            said = f"Feed {feed.id} is followed: {feed.title}. Its articles of today come in without a post."
            self._wake()
        except CitewireError as error:
            said = reason(error)
        await self._audit.note(request.person, "addfeed", request.text, said)
        await self._sender.say(request, foreign(said))

    async def _remove(self, request: Request) -> None:
        if not FEED.fullmatch(request.text):
            await self._sender.say(request, foreign(NUMBER))
            return
        try:
            feed = self._feed_reader.get(int(request.text))
        except NotFollowed as error:
            await self._sender.say(request, foreign(reason(error)))
            return
        text = f"Follow feed {feed.id}, {feed.title}, no longer? Its articles stay."
        act = partial(self._follow_no_longer, request.person, feed.id)
        message, keyboard = question(request, text, "Remove", act, self._confirmations)
        await self._sender.send(request.place, message, keyboard=keyboard)

    async def _follow_no_longer(self, person: int, number: int) -> str:
        feed = await self._feed_reader.remove(number)
        said = f"Feed {feed.id} is no longer followed: {feed.title}. Its articles stay."
        await self._audit.note(person, "removefeed", str(number), said)
        return said


def _line(feed: Followed) -> Message:
    message = foreign(f"{feed.id} · {feed.title}\n{feed.url}")
    message.add_foreign(f"\n{feed.state(time.time())}")
    return message
