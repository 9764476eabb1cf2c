"""Subscriptions: which new articles a chat or topic gets, and when."""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlite_utils import Database as Connection

from bot.posting import outbox
from bot.posting.outbox import Delivery
from corpus.article import Article
from corpus.database import Database
from index.language.analyze import UNSPACED

Rhythm = Literal["now", "daily", "weekly"]
RHYTHMS: tuple[Rhythm, ...] = ("now", "daily", "weekly")

NOBODY = 0  # the owner once that person has been forgotten
LETTER = rf"[^\W{UNSPACED}]"  # of a script with spaces between its words
BEGINS, ENDS = rf"(?:(?<!{LETTER})|(?!{LETTER}))", rf"(?:(?!{LETTER})|(?<!{LETTER}))"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a subscription asks for; an empty list means no restriction."""

    feeds: tuple[int, ...] = ()
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # an article must contain one of these words
    exclude: tuple[str, ...] = ()  # and none of these
    rhythm: Rhythm = "now"
    hour: int = 8  # of a digest, in `zone`
    weekday: int = 0  # of a weekly digest; Monday is 0
    zone: str = "UTC"
    quiet: tuple[int, int] | None = None  # nothing is posted from the first hour to the second
    silent: bool = False
    preview: bool = False
    hashtags: bool = False
    code: str = ""  # the subscriber's language, used if the chat chose none

    def want(self, article: Article, feed: int | None) -> bool:
        """Whether an article is wanted; words are compared whole and without regard to case."""
        said = f"{article.title}\n{article.text}".casefold() if self.include or self.exclude else ""
        return (
            (not self.feeds or feed in self.feeds)
            and (not self.outlets or article.outlet in self.outlets)
            and (not self.languages or article.language in self.languages)
            and (not self.include or bool(_any_of(self.include).search(said)))
            and not (self.exclude and _any_of(self.exclude).search(said))
        )

    def due(self, now: float) -> float:
        """When an article that arrives now is posted, as UNIX time."""
        here = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self.zone))
        if self.rhythm != "now":
            return self._digest(here).timestamp()
        return self._after_quiet(here).timestamp()

    def _digest(self, here: datetime) -> datetime:
        at = here.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        if self.rhythm == "weekly":
            at += timedelta(days=(self.weekday - here.weekday()) % 7)
        return at if at > here else at + timedelta(days=7 if self.rhythm == "weekly" else 1)

    def _after_quiet(self, here: datetime) -> datetime:
        if self.quiet is None:
            return here
        first, last = self.quiet
        within = first <= here.hour < last if first < last else here.hour >= first or here.hour < last
        if not within:
            return here
        end = here.replace(hour=last, minute=0, second=0, microsecond=0)
        return end if end > here else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Subscription:
    """The subscription of a chat or topic; `owner` made it."""

    chat: int
    thread: int
    owner: int
    choices: Choices = field(default_factory=Choices)
    paused: float | None = None  # since when the bot can't post there
    id: int = 0
    title: str = ""  # of the chat when it subscribed; "" for a private chat


class Subscriptions:
    """Subscriptions by chat and topic."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def get(self, number: int) -> Subscription | None:
        """A subscription by its number."""
        return next(iter(_some(self._db.read(), "id = ?", [number])), None)

    def of(self, chat: int, thread: int = 0) -> Subscription | None:
        """The subscription of a chat, or of a topic of it."""
        return next(iter(_some(self._db.read(), "chat = ? and thread = ?", [chat, thread])), None)

    def in_chat(self, chat: int) -> list[Subscription]:
        """The subscriptions of a chat and its topics."""
        return _some(self._db.read(), "chat = ?", [chat])

    def owned(self, person: int) -> list[Subscription]:
        """The subscriptions that a person made, in any chat."""
        return _some(self._db.read(), "owner = ?", [person])

    async def begin(
        self, chat: int, thread: int, owner: int, code: str = "", title: str = ""
    ) -> Subscription:
        """Subscribe to every article, posted at once; an existing subscription is kept, and resumed."""

        def change(db: Connection) -> Subscription:
            db.execute(
                f"""insert into subscriptions (chat, thread, owner, choices, made, title)
                   values (?, ?, ?, ?, ?, ?) on conflict (chat, thread) do update set paused = null,
                   title = excluded.title, owner = iif(owner = {NOBODY}, excluded.owner, owner)""",
                [chat, thread, owner, json.dumps(asdict(Choices(code=code))), self._clock(), title],
            )
            return _some(db, "chat = ? and thread = ?", [chat, thread])[0]

        return await self._db.written(change)

    async def choose(self, number: int, **choices: Any) -> None:
        """Change what a subscription asks for; posts that are not sent yet are rescheduled."""

        def change(db: Connection) -> None:
            for subscription in _some(db, "id = ?", [number]):
                chosen = replace(subscription.choices, **choices)
                db.execute(
                    "update subscriptions set choices = ? where id = ?", [json.dumps(asdict(chosen)), number]
                )
                due = chosen.due(self._clock())
                digest = chosen.rhythm != "now"
                outbox.reschedule(db, subscription.chat, subscription.thread, due, digest=digest)

        await self._db.written(change)

    async def end(self, chat: int, thread: int = 0) -> bool:
        """Unsubscribe, and drop what is queued; returns whether there was a subscription."""

        def change(db: Connection) -> bool:
            outbox.drop(db, chat, thread)
            sql = "delete from subscriptions where chat = ? and thread = ?"
            return bool(db.execute(sql, [chat, thread]).rowcount)

        return await self._db.written(change)

    async def pause(self, chat: int, thread: int | None = None) -> list[int]:
        """Pause the subscriptions of a chat, or of one topic, and drop what is queued for them.

        Returns the owners to be told, NOBODY for a subscription made in the name of the chat itself.
        """

        def change(db: Connection) -> list[int]:
            outbox.drop(db, chat, thread)
            sql = """update subscriptions set paused = ? where chat = ? and thread = coalesce(?, thread)
                     and paused is null returning owner"""
            return [owner for (owner,) in db.execute(sql, [self._clock(), chat, thread]).fetchall()]

        return _to_tell(await self._db.written(change), chat)

    async def resume(self, chat: int) -> list[int]:
        """Resume the subscriptions of a chat; returns the owners to be told, as `pause` does."""
        sql = "update subscriptions set paused = null where chat = ? and paused is not null returning owner"
        resumed = await self._db.written(lambda db: db.execute(sql, [chat]).fetchall())
        return _to_tell([owner for (owner,) in resumed], chat)


def announce(db: Connection, article: Article, feed: int | None) -> None:
    """Queue a new article for every subscription that wants it, in the transaction that stores it."""
    now = time.time()
    for subscription in _some(db, "paused is null", []):
        choices = subscription.choices
        if choices.want(article, feed):
            place, is_digest = (subscription.chat, subscription.thread), choices.rhythm != "now"
            post = Delivery(*place, "post", (article.id,), is_digest=is_digest)
            outbox.put(db, post, choices.due(now), now)


def move_chat(db: Connection, old: int, new: int) -> None:
    """Give the supergroup `new` the subscriptions of the group `old`, inside a transaction."""
    db.execute("update or ignore subscriptions set chat = ? where chat = ?", [new, old])
    db.execute("delete from subscriptions where chat = ?", [old])


def forget_person(db: Connection, person: int) -> None:
    """End a person's own subscription, and forget that they subscribed other chats, which stay subscribed."""
    db.execute("delete from subscriptions where chat = ?", [person])
    db.execute("delete from deliveries where chat = ?", [person])
    db.execute("update subscriptions set owner = ? where owner = ?", [NOBODY, person])


def _to_tell(owners: Iterable[int], chat: int) -> list[int]:
    """Who is told about a chat, except about their own. A channel or anonymous admin has the chat's id."""
    return sorted({max(owner, NOBODY) for owner in owners} - {chat})


def _some(db: Connection, condition: str, values: list[object]) -> list[Subscription]:
    rows = db.execute(
        f"""select chat, thread, owner, choices, paused, id, title from subscriptions
            where {condition} order by id""",
        values,
    )
    return [
        Subscription(chat, thread, owner, _choices(json.loads(choices)), *rest)
        for chat, thread, owner, choices, *rest in rows
    ]


def _choices(values: dict[str, Any]) -> Choices:
    """Stored choices, with tuples for JSON's lists."""
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Choices(**given)


@lru_cache(maxsize=1000)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of some words as whole words; anywhere in scripts without spaces between words."""
    return re.compile(f"{BEGINS}(?:{'|'.join(re.escape(word.casefold()) for word in words)}){ENDS}")
