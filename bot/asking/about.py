"""“Ask about this” under a post: limits the next question to that article."""

from bot.chats import Request, Services
from bot.text import SLOT, Words, title, with_name
from bot.transport import Place
from corpus.article import Article

QUESTION = "q_"
"""Prefix of a link's payload, followed by the number of the delivery whose article is asked about."""
LONGEST = 18  # digits of a number that SQLite can store


async def begin(services: Services, request: Request, number: str) -> None:
    """Invites a question about the article of a post, or says that there is no such article."""
    article = _posted(services, number)
    if article is None:
        await services.say(request, request.words("about-unknown"))
    else:
        await invite(services, request.place, article, request.words)


async def invite(services: Services, place: Place, article: Article, words: Words) -> None:
    """Invites a question about an article in a private chat."""
    await services.pending.await_reply("article", article.id, place.chat)
    await services.sender.send(place, with_name(words("about-what", title=SLOT), title(article)))


def chosen(services: Services, request: Request) -> Article | None:
    """Returns the article chosen for this question, if any."""
    awaited = services.pending.awaited(request.place.chat) if request.is_private else None
    return services.store.article(awaited.data) if awaited else None


async def done(services: Services, request: Request) -> None:
    """Ends the choice after an answer: the next question is about all articles again."""
    await services.pending.stop_awaiting(request.place.chat)


def _posted(services: Services, number: str) -> Article | None:
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST):
        return None
    sql = "select article from deliveries where number = ? and message is not null"
    row = services.database.read().execute(sql, [int(number)]).fetchone()
    return services.store.article(row[0]) if row else None
