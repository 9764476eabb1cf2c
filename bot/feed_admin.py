"""What an admin may do about feeds from their private chat with the bot."""

import re
import time
from collections.abc import Callable

from bot.courier import Courier
from bot.message import Message, foreign, join
from bot.updates import Asked, Handler
from corpus.errors import CitewireError
from corpus.followed import Followed
from corpus.newsstand import Newsstand

NONE = "No feed is followed. /addfeed and the address of a feed, or of a page with one, follows it."
WHICH = "Send /addfeed and the address of a feed, or of a page with one: /addfeed https://news.example/feed"
NUMBER = "Send /removefeed and the number of a feed; /feeds lists them."
FEED = re.compile("[0-9]{1,9}")


class FeedAdmin:
    """Handlers for admins; the articles of a feed are then taken in by the poller, which `wake` wakes."""

    def __init__(self, newsstand: Newsstand, courier: Courier, wake: Callable[[], None]) -> None:
        self._newsstand = newsstand
        self._courier = courier
        self._wake = wake

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"feeds": self._list, "addfeed": self._add, "removefeed": self._remove}

    async def _list(self, asked: Asked) -> None:
        feeds = self._newsstand.feeds()
        await self._courier.say(asked, *(join([_line(feed) for feed in feeds]) or [Message(NONE)]))

    async def _add(self, asked: Asked) -> None:
        try:
            feed = await self._newsstand.add(asked.text) if asked.text else None
        except CitewireError as error:
            await self._courier.say(asked, foreign(str(error)))
            return
        self._wake()
        said = (
            feed
            and f"Feed {feed.id} is followed: {feed.title}. Its articles of today come in without a post."
        )
        await self._courier.say(asked, foreign(said or WHICH))

    async def _remove(self, asked: Asked) -> None:
        try:
            feed = await self._newsstand.remove(int(asked.text)) if FEED.fullmatch(asked.text) else None
        except CitewireError as error:
            await self._courier.say(asked, str(error))
            return
        said = feed and f"Feed {feed.id} is no longer followed: {feed.title}. Its articles stay."
        await self._courier.say(asked, foreign(said or NUMBER))


def _line(feed: Followed) -> Message:
    message = foreign(f"{feed.id} · {feed.title}\n{feed.url}")
    message.add_foreign(f"\n{feed.state(time.time())}")
    return message
