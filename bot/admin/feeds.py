"""What an admin may do about feeds from their private chat with the bot."""

import re
import time
from collections.abc import Callable
from functools import partial

from bot.admin.desk import question, reason
from bot.chats.request import Asked, Handler
from bot.records.audit import Audit
from bot.records.confirmations import Confirmations
from bot.text.message import Message, foreign, join
from bot.transport.sender import Courier
from corpus.errors import CitewireError
from corpus.feeds.feed_reader import Newsstand, NotFollowed
from corpus.feeds.feed_table import Followed

NONE = "No feed is followed. /addfeed and the address of a feed, or of a page with one, follows it."
WHICH = "Send /addfeed and the address of a feed, or of a page with one: /addfeed https://news.example/feed"
NUMBER = "Send /removefeed and the number of a feed; /feeds lists them."
FEED = re.compile("[0-9]{1,9}")


class FeedAdmin:
    """Handlers for admins; the articles of a feed are then taken in by the poller, which `wake` wakes."""

    def __init__(
        self, newsstand: Newsstand, courier: Courier, confirmations: Confirmations, audit: Audit,
        wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._newsstand = newsstand
        self._confirmations = confirmations
        self._audit = audit
        self._courier = courier
        self._wake = wake

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"feeds": self._list, "addfeed": self._add, "removefeed": self._remove}

    async def _list(self, asked: Asked) -> None:
        feeds = self._newsstand.feeds()
        await self._courier.say(asked, *(join([_line(feed) for feed in feeds]) or [Message(NONE)]))

    async def _add(self, asked: Asked) -> None:
        if not asked.text:
            await self._courier.say(asked, foreign(WHICH))
            return
        try:
            feed = await self._newsstand.add(asked.text)
            said = f"Feed {feed.id} is followed: {feed.title}. Its articles of today come in without a post."
            self._wake()
        except CitewireError as error:
            said = reason(error)
        await self._audit.note(asked.person, "addfeed", asked.text, said)
        await self._courier.say(asked, foreign(said))

    async def _remove(self, asked: Asked) -> None:
        if not FEED.fullmatch(asked.text):
            await self._courier.say(asked, foreign(NUMBER))
            return
        try:
            feed = self._newsstand.get(int(asked.text))
        except NotFollowed as error:
            await self._courier.say(asked, foreign(reason(error)))
            return
        text = f"Follow feed {feed.id}, {feed.title}, no longer? Its articles stay."
        act = partial(self._follow_no_longer, asked.person, feed.id)
        message, keyboard = question(asked, text, "Remove", act, self._confirmations)
        await self._courier.send(asked.place, message, keyboard=keyboard)

    async def _follow_no_longer(self, person: int, number: int) -> str:
        feed = await self._newsstand.remove(number)
        said = f"Feed {feed.id} is no longer followed: {feed.title}. Its articles stay."
        await self._audit.note(person, "removefeed", str(number), said)
        return said


def _line(feed: Followed) -> Message:
    message = foreign(f"{feed.id} · {feed.title}\n{feed.url}")
    message.add_foreign(f"\n{feed.state(time.time())}")
    return message
