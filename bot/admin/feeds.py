"""The commands of admins about feeds."""

from bot.admin import acts, desk
from bot.chats import Request, Services
from bot.text import Message, foreign, join
from corpus.errors import CitewireError
from corpus.feeds.feed_reader import NotFollowed
from corpus.feeds.feed_table import Followed

NONE = "No feed is followed. /addfeed and the address of a feed, or of a page with one, follows it."
WHICH = "Send /addfeed and the address of a feed, or of a page with one: /addfeed https://news.example/feed"
NUMBER = "Send /removefeed and the number of a feed; /feeds lists them."


async def list_feeds(services: Services, request: Request) -> None:
    """List the feeds with their state."""
    lines = [_line(feed, services.clock()) for feed in services.feeds.feeds()]
    await services.say(request, *(join(lines) or [Message(NONE)]))


async def add_feed(services: Services, request: Request) -> None:
    """Follow a feed; the poller then takes in its articles."""
    if not request.text:
        await services.say(request, foreign(WHICH))
        return
    try:
        _, said = await acts.follow(services, request.person, request.text)
    except CitewireError as error:
        said = acts.reason(error)
    await services.say(request, foreign(said))


async def remove_feed(services: Services, request: Request) -> None:
    """Ask before a feed is no longer followed."""
    if not acts.FEED.fullmatch(request.text):
        await services.say(request, foreign(NUMBER))
        return
    try:
        feed = services.feeds.get(int(request.text))
    except NotFollowed as error:
        await services.say(request, foreign(acts.reason(error)))
        return
    text = f"Follow feed {feed.id}, {feed.title}, no longer? Its articles stay."
    await desk.question(services, request, text, "Remove", "unfollow", str(feed.id))


def _line(feed: Followed, now: float) -> Message:
    message = foreign(f"{feed.id} · {feed.title}\n{feed.url}")
    message.add_foreign(f"\n{feed.state(now)}")
    return message
