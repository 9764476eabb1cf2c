"""Posts about articles in the discussion groups of channels: what is asked under one is about it."""

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram import Message, MessageEntity
from telegram.constants import ChatType

from bot.posting.post import first_sentences
from bot.text.message import shown, utf16
from corpus.database import Database
from corpus.store import Store
from index.searching.result import Hit

LINKS: list[str | None] = [MessageEntity.URL, MessageEntity.TEXT_LINK]
QUOTED = 1024  # UTF-16 units that a reply may quote

migrations = Migrations("posts")


@migrations()
def create_posts(db: Connection) -> None:
    """`message`: the number of the post, as it was forwarded into the group."""
    db.execute(
        """create table posts (chat integer not null, message integer not null, article text not null,
           primary key (chat, message)) without rowid"""
    )


class ChannelPosts:
    """Which posts are about which article, known by the links in them."""

    def __init__(self, database: Database, store: Store) -> None:
        database.migrate(migrations)
        self._db = database
        self._store = store

    async def note(self, message: Message) -> None:
        """Remember a post that Telegram forwarded from a channel, where it is about an article."""
        article = self._linked(message) if message.is_automatic_forward else None
        if article:
            values = [message.chat.id, message.message_id, article]
            await self._db.written(
                lambda db: db.execute("insert or replace into posts values (?, ?, ?)", values)
            )

    def article_above(self, message: Message) -> str | None:
        """The article of the post under which a message was written; None where there is none."""
        post = message.reply_to_message
        if post is not None and post.is_automatic_forward:
            return self._linked(post)
        if message.message_thread_id is None or message.is_topic_message:
            return None
        sql = "select article from posts where chat = ? and message = ?"
        row = self._db.read().execute(sql, [message.chat.id, message.message_thread_id]).fetchone()
        return row[0] if row else None

    def quotable(self, message: Message, hit: Hit) -> tuple[int, str] | None:
        """The post about an article that holds the sentence which answers, to the letter, and that sentence.

        In a group only the post under which the question was asked: elsewhere the answer replies to that.
        """
        number = next(iter(self._numbers(message, hit.article.id)), None)
        said = shown(hit.article.text[slice(*hit.sentence)])
        if number is None or not 0 < utf16(said) <= QUOTED:
            return None
        above = message.reply_to_message
        if above is not None and above.message_id == number and (above.text or above.caption):
            holds = said in (above.text or above.caption or "")
        else:
            opening = first_sentences(hit.article)
            holds = opening is not None and opening[0] <= hit.sentence[0] and hit.sentence[1] <= opening[1]
        return (number, said) if holds else None

    def _numbers(self, message: Message, article: str) -> list[int]:
        """The posts about an article in a chat, the last one first; in a group those above a message."""
        rows = self._db.read().execute(
            """select message from deliveries where chat = :chat and article = :article and kind = 'post'
               and message is not null and not digest
               union select message from posts where chat = :chat and article = :article order by 1 desc""",
            {"chat": message.chat.id, "article": article},
        )
        numbers = [number for (number,) in rows]
        if message.chat.type == ChatType.PRIVATE:
            return numbers
        above = {message.reply_to_message.message_id} if message.reply_to_message else set()
        return [number for number in numbers if number in above | {message.message_thread_id}]

    def _linked(self, post: Message) -> str | None:
        """The first article that a link of a post leads to, in its text, its caption or its buttons."""
        parts = (
            post.parse_entities(LINKS)
            if post.text
            else post.parse_caption_entities(LINKS)
            if post.caption
            else {}
        )
        urls = [entity.url or text for entity, text in parts.items()]
        if post.reply_markup:
            urls += [button.url for row in post.reply_markup.inline_keyboard for button in row if button.url]
        return next((article for url in urls if (article := self._store.by_url(url))), None)
