"""The answers given: what each one showed, so that its buttons, /why, links and follow-ups work.

Of a person it holds the question, who asked it and in which chat, and that only for some days; which
passages an answer showed says nothing of anybody and stays.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from bot.asking.followups import Reason
from corpus.article import Span
from corpus.database import Database
from corpus.store import Store
from index.searching.confidence import Signals, State
from index.searching.result import Hit

Vote = Literal["up", "down"]

migrations = Migrations("ledger")


@migrations()
def create_answers(db: Connection) -> None:
    """`shown` is the view that the message shows now; `page` null: a passage that no view has shown yet."""
    for statement in (
        """create table answers (id text primary key, chat integer not null, message integer,
           thread integer, asked integer, person integer, question text, before text, reason text,
           head text not null, state text not null, generation text not null,
           articles integer not null, shown text not null, made real not null) without rowid""",
        "create index answers_by_message on answers(chat, message)",
        "create index answers_by_person on answers(person, made)",
        """create table quotes (answer text not null references answers(id) on delete cascade,
           rank integer not null, page integer, article text not null, version text not null,
           start integer not null, end integer not null, first integer not null, last integer not null,
           confidence real not null, signals text not null, also text not null,
           primary key (answer, rank)) without rowid""",
        "create index quotes_by_article on quotes(article)",
        """create table votes (answer text not null references answers(id) on delete cascade,
           person integer, vote text not null, made real not null, unique (answer, person))""",
    ):
        db.execute(statement)


@migrations()
def add_code_and_about(db: Connection) -> None:
    """`code`: of the language in which the answer was given, for what becomes of it later.

    `about`: the article that alone was asked; null where all were.
    """
    db.execute("alter table answers add column code text not null default ''")
    db.execute("alter table answers add column about text")


@migrations()
def index_unanswered(db: Connection) -> None:
    """The few that the articles don't hold, among all that are kept."""
    db.execute(
        "create index answers_unanswered on answers(made) where state = 'absent' and question is not null"
    )


@migrations()
def index_waiting(db: Connection) -> None:
    """The few questions that wait for the index."""
    db.execute("create index answers_waiting on answers(chat, asked) where state = 'waits'")


@dataclass(frozen=True, slots=True)
class RecordedPassage:
    """One passage of an answer, as the version of its article had it when it was found."""

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
        """What the ledger keeps of a hit."""
        also = tuple(article.id for article in hit.also)
        version = hit.article.content_hash
        return cls(
            hit.article.id, version, hit.start, hit.end, hit.sentence, hit.confidence, hit.signals, also, page
        )


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer; `asked` and `message` are the numbers of the question's and the answer's messages."""

    chat: int
    state: State | Literal["late", "post", "waits"]
    thread: int | None = None
    asked: int | None = None
    message: int | None = None
    person: int | None = None  # None once forgotten, as the question
    question: str | None = None
    before: str | None = None  # the question that it leaned on
    reason: Reason | None = None  # why it did
    head: str = ""  # what stands above its first passages
    generation: str = ""
    articles: int = 0
    shown: str = "0"
    code: str = ""  # of the language that it was given in
    about: str | None = None  # the article that alone was asked
    quotes: tuple[RecordedPassage, ...] = ()
    made: float = 0.0
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    def page(self, number: int) -> list[int]:
        """The ranks of the passages on a page."""
        return [rank for rank, quote in enumerate(self.quotes) if quote.page == number]

    def on_page(self) -> int:
        """The page that its message shows, or on which the passage stands that is shown in its context."""
        if self.shown.startswith("c"):
            return self.quotes[int(self.shown[1:])].page or 0
        return int(self.shown)

    def visible(self) -> list[int]:
        """The ranks of the passages that its message shows."""
        return [int(self.shown[1:])] if self.shown.startswith("c") else self.page(int(self.shown))

    @property
    def pages(self) -> int:
        """How many pages have been laid out."""
        return 1 + max((quote.page or 0 for quote in self.quotes), default=0)


class AnswerLog:
    """Answers by id, by message and by who asked last."""

    def __init__(self, database: Database, store: Store, clock: Callable[[], float] = time.time) -> None:
        database.migrate(migrations)
        self._db = database
        self._store = store
        self._clock = clock

    async def note(self, given: AnswerRecord) -> None:
        """Keep an answer, or what became of it."""
        made = replace(given, made=given.made or self._clock())
        await self._db.written(lambda db: put(db, made))

    def get(self, number: str) -> AnswerRecord | None:
        """An answer by its id."""
        return self._one("id = ? and state != 'post'", [number])

    def of_message(self, chat: int, message: int) -> AnswerRecord | None:
        """The answer that a message shows; a post is none."""
        return self._one("chat = ? and message = ? and state != 'post'", [chat, message])

    def quoting(self, article: str, chat: int | None = None) -> Iterator[AnswerRecord]:
        """The answers and posts that quoted an article and whose messages are known, the newest first."""
        rows = self._db.read().execute(
            """select distinct id, made from answers join quotes on answer = id
               where article = ? and message is not null and chat = coalesce(?, chat) order by made desc""",
            [article, chat],
        )
        for number, _ in rows.fetchall():
            if given := self._one("id = ?", [number]):
                yield given

    def quoted(self, article: str) -> int:
        """In how many answers an article was shown."""
        sql = """select count(distinct id) from answers join quotes on answer = id
                 where article = ? and page is not null and state != 'post'"""
        return int(self._db.read().execute(sql, [article]).fetchone()[0])

    def latest(self, chat: int, person: int, seconds: float) -> AnswerRecord | None:
        """The last answer that a person got in a chat, not longer ago than that."""
        since = self._clock() - seconds
        condition = (
            "chat = ? and person = ? and made >= ? and question is not null order by made desc limit 1"
        )
        return self._one(condition, [chat, person, since])

    def waiting(self, chat: int, asked: int) -> AnswerRecord | None:
        """The question of a message that was told that it waits for the index."""
        return self._one("chat = ? and asked = ? and state = 'waits'", [chat, asked])

    async def remove(self, number: str) -> None:
        """Keep nothing of a question that waits no more."""
        await self._db.written(lambda db: db.execute("delete from answers where id = ?", [number]))

    def hit(self, quote: RecordedPassage) -> Hit | None:
        """The passage as its article stands now; None where it is withdrawn or no longer says so.

        In an article that has changed, the passage is looked for to the letter. Others of the same outlet
        may have shown it to be promotion since.
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
        """Take a vote, or take it back where the same was given before; whether it stands now."""
        stands: bool = await self._db.written(lambda db: _vote(db, number, person, vote, self._clock()))
        return stands

    async def shows(self, number: str, view: str) -> None:
        """Keep what the message of an answer shows now."""
        sql = "update answers set shown = ? where id = ?"
        await self._db.written(lambda db: db.execute(sql, [view, number]))

    async def start_afresh(self, chat: int, person: int) -> None:
        """Let no later question of a person lean on those before."""
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
    "id",
    "chat",
    "message",
    "thread",
    "asked",
    "person",
    "question",
    "before",
    "reason",
    "head",
    "state",
    "generation",
    "articles",
    "shown",
    "made",
    "code",
    "about",
)
CHANGING = ("state", "generation", "articles")  # the rest stays, or was forgotten meanwhile
# The number of a private chat is that of its person.
FORGOTTEN = """person = null, asked = null, question = null, before = null, head = '',
    message = iif(chat > 0, null, message), chat = min(chat, 0)"""


def forget_person(db: Connection, person: int) -> None:
    """Take the person out of all that is kept, inside a transaction."""
    posted = "chat = ? and state = 'post'"
    db.execute(f"update answers set {FORGOTTEN} where person = ? or ({posted})", [person, person])
    db.execute("update votes set person = null where person = ?", [person])


def forget_before(db: Connection, time_before: float) -> None:
    """Take everybody out of what was kept earlier than a time, inside a transaction."""
    db.execute(
        f"update answers set {FORGOTTEN} where made < ? and (person is not null or question is not null)",
        [time_before],
    )
    db.execute("update votes set person = null where made < ? and person is not null", [time_before])


def sent(db: Connection, number: str, message: int) -> None:
    """An answer that was noted before it was sent has arrived as that message, inside a transaction."""
    db.execute("update answers set message = ? where id = ?", [message, number])


def put(db: Connection, given: AnswerRecord) -> None:
    """Keep an answer, or what became of it, or a post, inside a transaction."""
    values = [getattr(given, name) for name in COLUMNS]
    db.execute(
        f"insert into answers ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))}) "
        f"on conflict do update set {', '.join(f'{name} = excluded.{name}' for name in CHANGING)}, "
        "head = iif(person is null, '', excluded.head)",
        values,
    )
    rows = [(given.id, rank, *_row(quote)) for rank, quote in enumerate(given.quotes)]
    db.conn.executemany(f"insert or replace into quotes values ({', '.join('?' * 12)})", rows)


def _row(quote: RecordedPassage) -> Iterable[object]:
    signals = json.dumps(asdict(quote.signals))
    return (
        quote.page,
        quote.article,
        quote.version,
        quote.start,
        quote.end,
        *quote.sentence,
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
