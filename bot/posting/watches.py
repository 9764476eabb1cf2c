"""Standing questions: who waits for an article that answers what, and what each was told already."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.database import Database
from index.language.analyze import guess_language, terms
from index.searching.result import Hit
from index.searching.retrieve import same_words

T = TypeVar("T")

MOST = 20
"""Standing questions that one person may have."""

TELLING = 5  # terms of a sentence that is a story by itself

Begun = Literal["begun", "known", "full"]

migrations = Migrations("watches")


@migrations()
def create_watches(db: Connection) -> None:
    """`thread` is 0 outside of topics, `message` the number of the question's; numbers are never used again.

    `told`: the terms of what a question was told already, of the passage and of its answering sentence.
    """
    db.execute(
        """create table watches (id integer primary key autoincrement, chat integer not null,
           thread integer not null, person integer not null, question text not null, message integer,
           code text not null, made real not null)"""
    )
    db.execute("create index watches_by_person on watches(person)")
    db.execute(
        """create table told (watch integer not null references watches(id) on delete cascade,
           article text not null, answer text not null, passage text not null, sentence text not null,
           primary key (watch, article)) without rowid"""
    )


@dataclass(frozen=True, slots=True)
class Watch:
    """One standing question, where it was asked and by whom."""

    chat: int
    thread: int
    person: int
    question: str
    message: int | None = None  # the question's, to reply to
    code: str = ""  # of the language in which it was asked, where the chat chose none
    id: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """What a passage says, as the terms of it and of the sentence that answers."""

    passage: frozenset[str]
    sentence: frozenset[str]

    @classmethod
    def of(cls, hit: Hit) -> "Story":
        """The story of a hit."""
        text = hit.article.text[slice(*hit.sentence)]
        return cls(hit.words, frozenset(terms(text, hit.article.language or guess_language(text))))

    def repeats(self, other: "Story") -> bool:
        """Whether it says the same in nearly the same words; another figure is another story."""
        if _figures(self.sentence) != _figures(other.sentence):
            return False
        rarest_terms = len(self.sentence) >= TELLING and same_words(self.sentence, other.sentence)
        return rarest_terms or same_words(self.passage, other.passage)


class Watches:
    """Standing questions by who asked them and where."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._clock = clock

    def get(self, number: int) -> Watch | None:
        """A standing question by its number."""
        return next(iter(self._some("id = ?", number)), None)

    def all(self) -> list[Watch]:
        """All of them, the oldest first."""
        return self._some("1")

    def of_person(self, person: int) -> list[Watch]:
        """Those of a person, wherever they asked."""
        return self._some("person = ?", person)

    def of_chat(self, chat: int) -> list[Watch]:
        """Those that were asked in a chat, the newest ones as far as one person's would be listed."""
        return self._some("chat = ?", chat)[-MOST:]

    def answer(self, number: int, article: str) -> str | None:
        """The id of the answer that a standing question got from an article."""
        sql = "select answer from told where watch = ? and article = ?"
        row = self._db.read().execute(sql, [number, article]).fetchone()
        return row[0] if row else None

    async def begin(self, watch: Watch) -> Begun:
        """Let a question stand, once, unless its person has as many as they may."""
        return await self.write(lambda db: _begin(db, watch, self._clock()))

    async def end(self, number: int) -> None:
        """Ask it no more; nothing is kept of it."""
        await self.write(lambda db: db.execute("delete from watches where id = ?", [number]))

    async def write(self, change: Callable[[Connection], T]) -> T:
        """The outcome of a change, made in a transaction."""
        return await self._db.written(change)

    def _some(self, condition: str, *values: object) -> list[Watch]:
        columns = "chat, thread, person, question, message, code, id"
        sql = f"select {columns} from watches where {condition} order by id"
        return [Watch(*row) for row in self._db.read().execute(sql, values)]


def tell(db: Connection, watch: int, hit: Hit, answer: str) -> bool:
    """Write down what a standing question is told; False where it is told already or was ended."""
    story, before = Story.of(hit), db.execute("select passage, sentence from told where watch = ?", [watch])
    told = [Story(*(frozenset(part.split()) for part in row)) for row in before]
    if any(story.repeats(other) for other in told):
        return False
    terms_of_it = (" ".join(sorted(each)) for each in (story.passage, story.sentence))
    sql = "insert or ignore into told select id, ?, ?, ?, ? from watches where id = ?"
    return bool(db.execute(sql, [hit.article.id, answer, *terms_of_it, watch]).rowcount)


def forget_person(db: Connection, person: int) -> None:
    """End what a person asked, and tell them nothing more of it; what they were told leaves no trace."""
    own = "kind = 'watch' and about in (select id from watches where person = ?)"
    in_private = "kind != 'post' and chat = ?"
    db.execute(f"delete from deliveries where ({own}) or ({in_private})", [person, person])
    db.execute("delete from watches where person = ?", [person])


def move_chat(db: Connection, old: int, new: int) -> None:
    """What was asked in the group `old` is asked in the supergroup `new`, which counts its messages anew."""
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
