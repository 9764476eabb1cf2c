"""“Ask about this” under a post: the next question is about that article alone."""

from bot.chats.request import Request
from bot.records.expected import Awaited, Expected
from bot.text.message import Message
from bot.text.passages import SLOT, title
from bot.text.words import Words, isolated
from bot.transport.sender import Place, Sender
from corpus.article import Article
from corpus.database import Database
from corpus.store import Store

QUESTION = "q_"
"""Begins the payload of a link that asks about the article of a delivery, whose number follows."""
LONGEST = 18  # digits of a number that SQLite can hold


class About:
    """Knows about which article a person asks next."""

    def __init__(self, sender: Sender, store: Store, database: Database, expected: Expected) -> None:
        self._sender = sender
        self._store = store
        self._db = database
        self._expected = expected

    async def begin(self, request: Request, number: str) -> None:
        """Invite a question about the article of a post; says so where there is none."""
        article = self._posted(number)
        if article is None:
            await self._sender.say(request, request.words("about-unknown"))
            return
        await self.invite(request.place, article, request.words)

    async def invite(self, place: Place, article: Article, words: Words) -> None:
        """Invite a question about an article in a person's own chat."""
        await self._expected.put(place.chat, Awaited("article", article.id))
        before, _, after = words("about-what", title=SLOT).partition(SLOT)
        message = Message(before)
        message.add_foreign(isolated(title(article)))
        message.add(after)
        await self._sender.send(place, message)

    def article(self, request: Request) -> Article | None:
        """The article that a question is about, where its person chose one just before."""
        awaited = self._expected.get(request.place.chat) if request.is_private else None
        return self._store.article(awaited.about) if awaited else None

    async def done(self, request: Request) -> None:
        """The question was answered: the next one is about every article again."""
        await self._expected.done(request.place.chat)

    def _posted(self, number: str) -> Article | None:
        if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST):
            return None
        sql = "select article from deliveries where number = ? and message is not null"
        row = self._db.read().execute(sql, [int(number)]).fetchone()
        return self._store.article(row[0]) if row else None
