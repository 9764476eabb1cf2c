"""Corrections: where an article changes or goes, the messages that quoted what is gone say so.

A message that quoted a sentence which no longer stands is edited, and its chat is told once; a change
that touches no quotation edits nothing.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations
from telegram.error import TelegramError

from bot.chats.chat import Chats
from bot.posting import outbox
from bot.posting.corrected import CorrectedView
from bot.posting.outbox import Delivery
from bot.posting.post import Post
from bot.records.answers import AnswerLog, AnswerRecord
from bot.text.links import page
from bot.text.message import Message
from bot.text.passages import SLOT, title
from bot.text.words import Words, isolated, words_for
from bot.transport.errors import OUTAGE_SECONDS
from bot.transport.pacing import Later
from bot.transport.sender import Misquoted, Sender
from corpus.database import Database
from corpus.store import Store

log = logging.getLogger(__name__)

migrations = Migrations("corrections")


@migrations()
def create_altered(db: Connection) -> None:
    """`altered`: the changes whose quotations were not looked at yet, whichever process made them.

    `struck`: the quotes that are struck out, since which day, and a digest of the message as it was left.
    """
    for statement in (
        """create table altered (number integer primary key autoincrement, article text not null,
           day text not null)""",
        """create trigger articles_altered after update of version, withdrawn on articles
           when old.version != new.version or old.withdrawn is not new.withdrawn
           begin insert into altered (article, day) values (new.id, date('now')); end""",
        """create table struck (answer text not null references answers(id) on delete cascade,
           rank integer not null, shown text not null, day text not null,
           primary key (answer, rank)) without rowid""",
    ):
        db.execute(statement)


@dataclass(frozen=True, slots=True)
class Altered:
    """A change of an article, and the day on which it was made."""

    number: int
    article: str
    day: str


@dataclass(frozen=True, slots=True)
class Struck:
    """A digest of the message in which a passage is struck out, and since which day it is."""

    shown: str
    day: str


class Corrections:
    """Looks at each change of an article once, at every message that quoted it."""

    def __init__(
        self,
        database: Database,
        store: Store,
        sender: Sender,
        chats: Chats,
        answer_log: AnswerLog,
        corrected: CorrectedView,
        clock: Callable[[], float] = time.time,
    ) -> None:
        database.migrate(migrations)
        self._db = database
        self._store = store
        self._sender = sender
        self._chats = chats
        self._answer_log = answer_log
        self._corrected = corrected
        self._clock = clock

    async def once(self) -> None:
        """Correct what quoted the articles that changed; what can't be done now is done the next time."""
        rows = self._db.read().execute("select max(number), article, day from altered group by article")
        for altered in [Altered(*row) for row in rows.fetchall()]:
            if await self._correct_all(altered):
                await self._db.written(partial(_done, altered=altered))

    def compose(self, delivery: Delivery) -> Post | None:
        """What a chat is told of a change, in reply to its message; None where all is as it was quoted."""
        given = self._newest(delivery)
        if given is None:
            return None
        words, article = self._words(given), self._store.article(delivery.articles[0])
        if article is None:
            return Post(Message(words("correction-withdrawn")), reply_to=given.message)
        before, _, after = words("correction", title=SLOT).partition(SLOT)
        message, url, name = Message(before), page(article), isolated(title(article))
        if url:
            message.add(name, "link", url)
        else:
            message.add_foreign(name)
        message.add(after)
        return Post(message, reply_to=given.message)

    async def _correct_all(self, altered: Altered) -> bool:
        """Correct the messages that quoted an article; whether all that can be corrected are."""
        late = 0
        for given in self._answer_log.quoting(altered.article):
            await asyncio.sleep(0)  # they may be many, and people are answered between them
            try:
                await self._correct(given, altered)
            except (TelegramError, Misquoted) as error:
                log.info("A message is corrected later: %s", error)
                late += 1
        if late:
            await asyncio.sleep(OUTAGE_SECONDS)
        return not late

    async def _correct(self, given: AnswerRecord, altered: Altered) -> None:
        """Edit a message where what it shows of an article is gone, or stands again."""
        ranks = [rank for rank in given.visible() if given.quotes[rank].article == altered.article]
        gone, struck = self._corrected.gone(given, ranks).keys(), self._struck(given)
        before = {rank: each for rank, each in struck.items() if rank in ranks}
        if not gone and not before:
            return
        now = dict.fromkeys(gone, altered.day)
        days = {rank: each.day for rank, each in struck.items() if rank in gone or rank not in ranks}
        if gone == before.keys():
            left = _digest(self._view(given, now | days))
            if all(each.shown == left for each in before.values()):
                return  # what changed stands elsewhere in the article
        post = self._view(given, days | now)
        told = altered if await self._edit(given, post) and gone - before.keys() else None
        shown, moment = _digest(post), self._clock()
        await self._db.written(lambda db: _keep(db, given, ranks, now, shown, told, moment))

    def _view(self, given: AnswerRecord, days: Mapping[int, str]) -> Post:
        """A message as its articles stand now; `days`: since when its passages are struck out, by rank."""
        return self._corrected.view(given, given.on_page(), days, self._words(given))

    async def _edit(self, given: AnswerRecord, post: Post) -> bool:
        """Put what a message shows now into it; whether that can be."""
        return await self._sender.edit(
            given.chat,
            given.message or 0,
            post.message,
            post.keyboard,
            preview=post.preview,
            later=Later(_nothing),
        )

    def _struck(self, given: AnswerRecord) -> dict[int, Struck]:
        """What is struck out in a message, by rank."""
        rows = self._db.read().execute("select rank, shown, day from struck where answer = ?", [given.id])
        return {rank: Struck(*rest) for rank, *rest in rows}

    def _newest(self, delivery: Delivery) -> AnswerRecord | None:
        """The last message at a place in which something of an article is struck out."""
        for given in self._answer_log.quoting(delivery.articles[0], delivery.chat):
            struck = {given.quotes[rank].article for rank in self._struck(given)}
            if (given.thread or 0) == delivery.thread and delivery.articles[0] in struck:
                return given
        return None

    def _words(self, given: AnswerRecord) -> Words:
        return words_for(self._chats.get(given.chat).language or given.code)


def _keep(
    db: Connection,
    given: AnswerRecord,
    ranks: Iterable[int],
    now: Mapping[int, str],
    shown: str,
    told: Altered | None,
    moment: float,
) -> None:
    """Write down what a message shows, and that its chat is to be told of a change, once each."""
    for rank in ranks:
        db.execute("delete from struck where answer = ? and rank = ?", [given.id, rank])
    for rank, day in now.items():
        db.execute("insert into struck values (?, ?, ?, ?)", [given.id, rank, shown, day])
    db.execute("update struck set shown = ? where answer = ?", [shown, given.id])
    db.execute("update answers set shown = ? where id = ?", [str(given.on_page()), given.id])
    if told:
        delivery = Delivery(given.chat, given.thread or 0, "correction", (told.article,), about=told.number)
        outbox.put(db, delivery, moment, moment)


def _done(db: Connection, altered: Altered) -> None:
    """Every message was looked at for this change, and for those before it."""
    db.execute("delete from altered where article = ? and number <= ?", [altered.article, altered.number])


def _digest(post: Post) -> str:
    """What tells whether a message would be shown otherwise."""
    keyboard = post.keyboard.to_json() if post.keyboard else ""
    shown = repr((post.message.text, post.message.marks, keyboard))
    return hashlib.blake2s(shown.encode(), digest_size=16).hexdigest()


async def _nothing() -> None:
    """An edit may be repeated, so nothing is noted before it."""
