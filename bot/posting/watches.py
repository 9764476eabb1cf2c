"""Watches: questions that are put to every new article, and what each of them was told."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database as Connection

from bot.posting import subscriptions
from corpus.article import Article
from corpus.database import Database
from index.language.analyze import terms
from index.language.detect import article_language
from index.searching.result import Hit
from index.searching.retrieve import same_words

MOST = 20  # watches of one person
TELLING = 5  # terms from which on a sentence can be compared without its passage

Begun = Literal["begun", "known", "full"]


@dataclass(frozen=True, slots=True)
class Watch:
    """A question to be put to new articles, where it was asked and by whom."""

    chat: int
    thread: int
    person: int
    question: str
    message: int | None = None  # the question's, to reply to
    code: str = ""  # the language it was asked in, used if the chat chose none
    id: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """What a passage says: its terms, and those of its answering sentence."""

    passage: frozenset[str]
    sentence: frozenset[str]

    @classmethod
    def of(cls, hit: Hit) -> "Story":
        """The story of a hit."""
        text = hit.article.text[slice(*hit.sentence)]
        language = article_language(hit.article.text, hit.article.language)
        return cls(hit.words, frozenset(terms(text, language)))

    def repeats(self, other: "Story") -> bool:
        """Whether both say the same in nearly the same words; with other figures they don't."""
        if _figures(self.sentence) != _figures(other.sentence):
            return False
        same_sentence = len(self.sentence) >= TELLING and same_words(self.sentence, other.sentence)
        return same_sentence or same_words(self.passage, other.passage)


class Watches:
    """Watches by number, person and chat."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def get(self, number: int) -> Watch | None:
        """A watch by its number."""
        return next(iter(self._some("id = ?", number)), None)

    def all(self) -> list[Watch]:
        """All watches, the oldest first."""
        return self._some("1")

    def of_person(self, person: int) -> list[Watch]:
        """The watches of a person, in any chat."""
        return self._some("person = ?", person)

    def of_chat(self, chat: int) -> list[Watch]:
        """The newest watches of a chat, as many as one person may have."""
        return self._some("chat = ?", chat)[-MOST:]

    def answer(self, number: int, article: str) -> str | None:
        """The id of the answer that a watch got from an article."""
        sql = "select answer from told where watch = ? and article = ?"
        row = self._db.read().execute(sql, [number, article]).fetchone()
        return row[0] if row else None

    async def begin(self, watch: Watch) -> Begun:
        """Add a watch unless it exists or its person has MOST of them."""
        return await self._db.written(lambda db: _begin(db, watch, self._clock()))

    async def end(self, number: int) -> None:
        """Delete a watch and all it was told."""
        await self._db.written(lambda db: db.execute("delete from watches where id = ?", [number]))

    def _some(self, condition: str, *values: object) -> list[Watch]:
        columns = "chat, thread, person, question, message, code, id"
        sql = f"select {columns} from watches where {condition} order by id"
        return [Watch(*row) for row in self._db.read().execute(sql, values)]


def arrived(db: Connection, article: Article, feed: int | None) -> None:
    """Queue a new article for watches and subscriptions, in the transaction that stores it."""
    db.execute("insert or ignore into fresh (article) values (?)", [article.id])
    subscriptions.announce(db, article, feed)


def unmatched(db: Connection) -> list[str]:
    """The ids of new articles that the watches were not put to yet, in order of arrival."""
    return [article for (article,) in db.execute("select article from fresh order by number")]


def matched(db: Connection, article: str) -> None:
    """Take an article from the queue: every watch was put to it."""
    db.execute("delete from fresh where article = ?", [article])


def tell(db: Connection, watch: int, hit: Hit, answer: str) -> bool:
    """Record what a watch is told; returns False if it was told the same before, or has ended."""
    story, before = Story.of(hit), db.execute("select passage, sentence from told where watch = ?", [watch])
    told = [Story(*(frozenset(part.split()) for part in row)) for row in before]
    if any(story.repeats(other) for other in told):
        return False
    terms_of_it = (" ".join(sorted(each)) for each in (story.passage, story.sentence))
    sql = "insert or ignore into told select id, ?, ?, ?, ? from watches where id = ?"
    return bool(db.execute(sql, [hit.article.id, answer, *terms_of_it, watch]).rowcount)


def forget_person(db: Connection, person: int) -> None:
    """Delete a person's watches, their deliveries and all others to the person but posts."""
    own = "kind = 'watch' and about in (select id from watches where person = ?)"
    in_private = "kind != 'post' and chat = ?"
    db.execute(f"delete from deliveries where ({own}) or ({in_private})", [person, person])
    db.execute("delete from watches where person = ?", [person])


def move_chat(db: Connection, old: int, new: int) -> None:
    """Give the supergroup `new` the watches of the group `old`; its messages have other numbers."""
    db.execute("update watches set chat = ?, message = null where chat = ?", [new, old])


def _begin(db: Connection, watch: Watch, now: float) -> Begun:
    own = db.execute("select chat, thread, question from watches where person = ?", [watch.person]).fetchall()
    if (watch.chat, watch.thread, watch.question) in own:
        return "known"
    if len(own) >= MOST:
        return "full"
    db.execute(
        """insert into watches (chat, thread, person, question, message, code, made)
           values (?, ?, ?, ?, ?, ?, ?)""",
        [watch.chat, watch.thread, watch.person, watch.question, watch.message, watch.code, now],
    )
    return "begun"


def _figures(words: frozenset[str]) -> set[str]:
    return {word for word in words if any(character.isdecimal() for character in word)}
