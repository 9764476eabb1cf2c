"""The log of answers: what each one showed, for its buttons, /why, links and follow-ups.

The question, the person and the chat are kept only for some days; which passages an answer showed identifies
nobody and stays.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from sqlite_utils import Database as Connection

from corpus.article import Span
from corpus.database import Database
from corpus.store import Store
from index.searching.confidence import Signals, State
from index.searching.result import Hit

Vote = Literal["up", "down"]
Reason = Literal["joins", "points", "fragment"]
"""Why a question depends on the previous one: it opens with a joining word, points back, or is a fragment."""


@dataclass(frozen=True, slots=True)
class RecordedPassage:
    """One passage of an answer, in the version of its article that was searched."""

    article: str
    version: str
    start: int
    end: int
    sentence: Span
    confidence: float
    signals: Signals
    also: tuple[str, ...] = ()
    page: int | None = None

    @classmethod
    def of(cls, hit: Hit, page: int | None = None) -> "RecordedPassage":
        """Returns the part of a hit that is stored."""
        also = tuple(article.id for article in hit.also)
        version = hit.article.content_hash
        return cls(
            hit.article.id, version, hit.start, hit.end, hit.sentence, hit.confidence, hit.signals, also, page
        )


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer; `asked` and `message` are the message numbers of the question and the answer."""

    chat: int
    state: State | Literal["late", "post", "waits"]
    thread: int | None = None
    asked: int | None = None
    message: int | None = None
    person: int | None = None  # None once forgotten, like the question
    question: str | None = None
    before: str | None = None  # the question that it depended on
    reason: Reason | None = None  # why it did
    head: str = ""  # shown above its first passages
    generation: str = ""
    articles: int = 0
    shown: str = "0"
    code: str = ""  # of the answer's language
    about: str | None = None  # the only article searched, if one was chosen
    quotes: tuple[RecordedPassage, ...] = ()
    made: float = 0.0
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    def page(self, number: int) -> list[int]:
        """Returns the ranks of the passages on a page."""
        return [rank for rank, quote in enumerate(self.quotes) if quote.page == number]

    def on_page(self) -> int:
        """Returns the page that its message shows, or that contains the passage shown in context."""
        if self.shown.startswith("c"):
            return self.quotes[int(self.shown[1:])].page or 0
        return int(self.shown)

    def visible(self) -> list[int]:
        """Returns the ranks of the passages that its message shows."""
        return [int(self.shown[1:])] if self.shown.startswith("c") else self.page(int(self.shown))

    @property
    def pages(self) -> int:
        """The number of pages laid out so far."""
        return 1 + max((quote.page or 0 for quote in self.quotes), default=0)


class AnswerLog:
    """Looks up answers by id, by message and by who asked last."""

    def __init__(self, database: Database, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._store = store
        self._clock = clock

    async def note(self, answer: AnswerRecord) -> None:
        """Stores an answer, or updates it."""
        made = replace(answer, made=answer.made or self._clock())
        await self._db.written(lambda db: put(db, made))

    def get(self, number: str) -> AnswerRecord | None:
        """Returns an answer by its id."""
        return self._one("id = ? and state != 'post'", [number])

    def of_message(self, chat: int, message: int) -> AnswerRecord | None:
        """Returns the answer that a message shows; posts don't count."""
        return self._one("chat = ? and message = ? and state != 'post'", [chat, message])

    def quoting(self, article: str, chat: int | None = None) -> Iterator[AnswerRecord]:
        """Yields the answers and posts with known messages that quoted an article, newest first."""
        rows = self._db.read().execute(
            """select distinct id, made from answers join quotes on answer = id
               where article = ? and message is not null and chat = coalesce(?, chat) order by made desc""",
            [article, chat],
        )
        for number, _ in rows.fetchall():
            if answer := self._one("id = ?", [number]):
                yield answer

    def quoted(self, article: str) -> int:
        """Returns in how many answers an article was shown."""
        sql = """select count(distinct id) from answers join quotes on answer = id
                 where article = ? and page is not null and state != 'post'"""
        return int(self._db.read().execute(sql, [article]).fetchone()[0])

    def latest(self, chat: int, person: int, seconds: float) -> AnswerRecord | None:
        """Returns a person's last answer in a chat, no older than `seconds`."""
        since = self._clock() - seconds
        condition = (
            "chat = ? and person = ? and made >= ? and question is not null order by made desc limit 1"
        )
        return self._one(condition, [chat, person, since])

    def waiting(self, chat: int, asked: int) -> AnswerRecord | None:
        """Returns the record of a question that was told it waits for the index."""
        return self._one("chat = ? and asked = ? and state = 'waits'", [chat, asked])

    async def remove(self, number: str) -> None:
        """Deletes a question that no longer waits."""
        await self._db.written(lambda db: db.execute("delete from answers where id = ?", [number]))

    def hit(self, quote: RecordedPassage) -> Hit | None:
        """Returns the passage in its article as stored now; None if withdrawn or reworded.

        In a changed article the passage is searched for verbatim. None also if it has since been recognised
        as promotion, by comparison with other articles of the outlet.
        """
        article = self._store.article(quote.article)
        if article is None:
            return None
        start, end = quote.start, quote.end
        if article.content_hash != quote.version:
            old = self._store.version(quote.article, quote.version)
            start = article.text.find(old.text[start:end]) if old else -1
            end += start - quote.start
        if start < 0 or any(first < end and start < last for first, last in article.promotion):
            return None
        by = start - quote.start
        first, last = quote.sentence
        also = tuple(filter(None, map(self._store.article, quote.also)))
        return Hit(article, start, end, (first + by, last + by), 0.0, quote.confidence, quote.signals, also)

    async def vote(self, number: str, person: int, vote: Vote) -> bool:
        """Stores a vote, or removes it if the same one is repeated; returns whether it is stored now."""
        stands: bool = await self._db.written(lambda db: _vote(db, number, person, vote, self._clock()))
        return stands

    async def shows(self, number: str, view: str) -> None:
        """Stores what an answer's message shows now."""
        sql = "update answers set shown = ? where id = ?"
        await self._db.written(lambda db: db.execute(sql, [view, number]))

    async def start_afresh(self, chat: int, person: int) -> None:
        """Stops later questions of a person from depending on earlier ones."""
        sql = "update answers set question = null, before = null, reason = null where chat = ? and person = ?"
        await self._db.written(lambda db: db.execute(sql, [chat, person]))

    def _one(self, condition: str, values: Sequence[object]) -> AnswerRecord | None:
        db = self._db.read()
        row = db.execute(f"select {', '.join(COLUMNS)} from answers where {condition}", values).fetchone()
        if row is None:
            return None
        answer = dict(zip(COLUMNS, row, strict=True))
        quotes = db.execute("select * from quotes where answer = ? order by rank", [answer["id"]])
        return AnswerRecord(**answer, quotes=tuple(_quote(row) for row in quotes))


COLUMNS = (
    "id", "chat", "message", "thread", "asked", "person", "question", "before", "reason", "head", "state",
    "generation", "articles", "shown", "made", "code", "about",
)  # fmt: skip
CHANGING = ("state", "generation", "articles")  # the other columns stay, or were forgotten meanwhile
# A private chat has the id of its person.
FORGOTTEN = """person = null, asked = null, question = null, before = null, head = '',
    message = iif(chat > 0, null, message), chat = min(chat, 0)"""


def forget_person(db: Connection, person: int) -> None:
    """Removes a person from all records, inside a transaction."""
    posted = "chat = ? and state = 'post'"
    db.execute(f"update answers set {FORGOTTEN} where person = ? or ({posted})", [person, person])
    db.execute("update votes set person = null where person = ?", [person])


def move_chat(db: Connection, old: int, new: int) -> None:
    """Moves a group's answers to its supergroup, which counts messages from 1, inside a transaction."""
    db.execute("update answers set chat = ?, message = null, asked = null where chat = ?", [new, old])


def forget_before(db: Connection, time_before: float) -> None:
    """Removes everybody from records older than a time, inside a transaction."""
    db.execute(
        f"update answers set {FORGOTTEN} where made < ? and (person is not null or question is not null)",
        [time_before],
    )
    db.execute("update votes set person = null where made < ? and person is not null", [time_before])


def sent(db: Connection, number: str, message: int) -> None:
    """Stores the message number of an answer logged before it was sent, inside a transaction."""
    db.execute("update answers set message = ? where id = ?", [message, number])


def put(db: Connection, answer: AnswerRecord) -> None:
    """Stores or updates an answer or a post, inside a transaction."""
    values = [getattr(answer, name) for name in COLUMNS]
    db.execute(
        f"insert into answers ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))}) "
        f"on conflict do update set {', '.join(f'{name} = excluded.{name}' for name in CHANGING)}, "
        "head = iif(person is null, '', excluded.head)",
        values,
    )
    rows = [(answer.id, rank, *_row(quote)) for rank, quote in enumerate(answer.quotes)]
    db.conn.executemany(f"insert or replace into quotes values ({', '.join('?' * 12)})", rows)


def _row(quote: RecordedPassage) -> Iterable[object]:
    signals = json.dumps(asdict(quote.signals))
    span = (quote.start, quote.end, *quote.sentence)
    return (
        quote.page,
        quote.article,
        quote.version,
        *span,
        quote.confidence,
        signals,
        json.dumps(quote.also),
    )


def _quote(row: tuple[Any, ...]) -> RecordedPassage:
    _, _, page, article, version, start, end, first, last, confidence, signals, also = row
    return RecordedPassage(
        article,
        version,
        start,
        end,
        (first, last),
        confidence,
        Signals(**json.loads(signals)),
        tuple(json.loads(also)),
        page,
    )


def _vote(db: Connection, number: str, person: int, vote: Vote, now: float) -> bool:
    same = db.execute(
        "delete from votes where answer = ? and person = ? and vote = ?", [number, person, vote]
    )
    if same.rowcount:
        return False
    db.execute("insert or replace into votes values (?, ?, ?, ?)", [number, person, vote, now])
    return True
