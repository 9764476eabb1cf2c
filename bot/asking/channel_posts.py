"""Article posts in the discussion groups of channels: questions under a post are about its article."""

from sqlite_utils import Database as Connection
from telegram import Message, MessageEntity
from telegram.constants import ChatType

from bot.chats import Services
from bot.text import first_sentences, shown
from bot.text.message import utf16
from index.searching.result import Hit

LINKS: list[str | None] = [MessageEntity.URL, MessageEntity.TEXT_LINK]
QUOTED = 1024  # maximum UTF-16 units that a reply can quote


async def note(services: Services, message: Message) -> None:
    """Stores a post that Telegram forwarded from a channel if it links to an article."""
    article = _linked(services, message) if message.is_automatic_forward else None
    if article:
        values = [message.chat.id, message.message_id, article]
        await services.database.written(
            lambda db: db.execute("insert or replace into posts values (?, ?, ?)", values)
        )


def article_above(services: Services, message: Message) -> str | None:
    """Returns the article of the post that a message was written under, or None."""
    post = message.reply_to_message
    if post is not None and post.is_automatic_forward:
        return _linked(services, post)
    if message.message_thread_id is None or message.is_topic_message:
        return None
    sql = "select article from posts where chat = ? and message = ?"
    row = services.database.read().execute(sql, [message.chat.id, message.message_thread_id]).fetchone()
    return row[0] if row else None


def quotable(services: Services, message: Message, hit: Hit) -> tuple[int, str] | None:
    """Returns the post that contains the answering sentence verbatim, and that sentence.

    In a group only the post above the question counts, since the answer replies to it.
    """
    number = next(iter(_numbers(services, message, hit.article.id)), None)
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


def _numbers(services: Services, message: Message, article: str) -> list[int]:
    """Returns the posts about an article in a chat, newest first; in a group those above a message."""
    rows = services.database.read().execute(
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


def _linked(services: Services, post: Message) -> str | None:
    """Returns the first article linked in a post's text, caption or buttons."""
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
    return next((article for url in urls if (article := services.store.by_url(url))), None)


def move_chat(db: Connection, old: int, new: int) -> None:  # noqa: ARG001 - as all tables have it
    """Deletes a group's posts, since its supergroup counts messages from 1, inside a transaction."""
    db.execute("delete from posts where chat = ?", [old])
