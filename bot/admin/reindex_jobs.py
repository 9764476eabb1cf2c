"""The reindexes that admins ask for: their table, and the worker that carries out one after another.

No restart loses any of it. One job runs and one may wait.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlite_utils import Database as Connection
from telegram.error import BadRequest, TelegramError

from bot.admin.reindex_progress import ReindexProgress
from bot.chats import Services
from bot.records import audit
from bot.text import Message, foreign, words_for
from bot.transport import (
    NO_BUTTONS,
    BackgroundWorker,
    Failure,
    Place,
    Undeliverable,
    apology,
    comes,
    rows,
    tap,
    wait_after,
)
from corpus.errors import CitewireError
from corpus.intake import Taken
from index.building.progress import StopFlag, Stopped
from index.building.sync import Report
from index.errors import Away

log = logging.getLogger(__name__)

MAX_JOBS = 2  # further ones share the job that waits
EVERY = 3.0  # seconds between two edits of a message
AGAIN = 5.0  # seconds between two tries while the index is away
MAX_RESULT = 2000  # characters of a result that are told, each of them one or two UTF-16 units
CANCEL = rows([tap("Cancel", "calloff")])

HEADS = {False: "Bringing the index up to the articles …", True: "Rebuilding the index…"}
MEANWHILE = "Questions are still answered."
PAUSED = "The bot is stopped; this goes on when it starts again."
AWAY = "This goes on when it is back."
RESUMED = "It went on after a restart; what was done before is not counted."


@dataclass(frozen=True, slots=True)
class ReindexJob:
    """A reindex whose progress `message` shows; `began` (UNIX time) is None until it runs.

    `result` is what its person is still to be told.
    """

    number: int
    full: bool
    chat: int
    message: int
    person: int
    began: float | None
    result: str | None

    @property
    def act(self) -> str:
        """What the audit log calls it."""
        return "reindex full" if self.full else "reindex"


def jobs(db: Connection) -> list[ReindexJob]:
    """All jobs, the oldest first."""
    columns = "number, full, chat, message, person, began, result"
    found = db.execute(f"select {columns} from reindexes order by number")
    return [ReindexJob(number, bool(full), *rest) for number, full, *rest in found]


def share_job(db: Connection, *, full: bool) -> bool:
    """If a job waits, have it do what is asked for too; returns whether one does."""
    waiting = jobs(db)[MAX_JOBS - 1 :]
    if waiting:
        db.execute("update reindexes set full = max(full, ?) where number = ?", [full, waiting[-1].number])
    return bool(waiting)


def add_job(db: Connection, chat: int, message: int, person: int, *, full: bool) -> bool:
    """Add a job unless one that waits can be shared; returns whether it was added."""
    if share_job(db, full=full):
        return False
    values = [full, chat, message, person]
    db.execute("insert into reindexes (full, chat, message, person) values (?, ?, ?, ?)", values)
    return True


def begin_job(db: Connection, number: int, now: float) -> bool:
    """Note that a job runs, since when it first did; returns False if it was called off."""
    change = "update reindexes set began = coalesce(began, ?) where number = ?"
    return db.execute(change, [now, number]).rowcount > 0


def end_job(db: Connection, number: int, act: audit.Act) -> None:
    """Keep the result of a job until it is told, and note it in the audit log."""
    db.execute("update reindexes set result = ? where number = ?", [act.result, number])
    audit.put(db, act)


def remove_job(db: Connection, number: int) -> None:
    """Remove a job whose result was told."""
    db.execute("delete from reindexes where number = ?", [number])


def call_off_job(db: Connection, chat: int, message: int) -> bool:
    """Remove a job that has not begun; returns whether there was one."""
    where = "chat = ? and message = ? and began is null and result is null"
    return db.execute(f"delete from reindexes where {where}", [chat, message]).rowcount > 0


class ReindexWorker:
    """Carries out the jobs in the table; the message of each is edited to show its progress."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._worker = BackgroundWorker(self._work_off)
        self._progress = ReindexProgress()
        self._stop_flag = StopFlag()
        self._hindrance = ""
        self._running: ReindexJob | None = None
        self._ended = asyncio.Event()

    def start(self) -> None:
        """Carry out the jobs that there are, and wait for further ones."""
        self._worker.start()
        self._worker.wake()

    async def stop(self) -> None:
        """Stop for now; the next start continues."""
        self._worker.stopping.set()
        self._stop_flag.stop()
        self._ended.set()
        await self._worker.stop()

    def call_off(self, chat: int, message: int) -> bool:
        """Cancel the job that runs, if that is its message; returns whether it is."""
        job = self._running
        if job is None or (job.chat, job.message) != (chat, message):
            return False
        self._stop_flag.cancel()
        return True

    def state(self) -> str:
        """The progress of the job that runs; "" if none does."""
        job = self._running
        return f"{HEADS[job.full]}\n{self._hindrance or self._progress.text()}".strip() if job else ""

    async def _work_off(self) -> None:
        """Carry out all jobs and tell their results."""
        with suppress(Stopped):
            while not self._worker.stopping.is_set() and (left := jobs(self._services.database.read())):
                job = left[0]
                result = await self._carry_out(job) if job.result is None else job.result
                if result is not None:
                    await self._tell(job, result)

    async def _carry_out(self, job: ReindexJob) -> str | None:
        """Run a job and keep its result; None if it was called off before, Stopped at a stop."""
        self._progress, self._stop_flag, self._ended = ReindexProgress(), StopFlag(), asyncio.Event()
        self._running = job
        database, clock = self._services.database, self._services.clock
        following: asyncio.Task[None] | None = None
        try:
            if not await database.written(partial(begin_job, number=job.number, now=clock())):
                return None
            following = asyncio.create_task(self._follow(job))
            about, result = await self._result(job)
            act = audit.Act(clock(), job.person, job.act, about, result)
            await database.written(partial(end_job, number=job.number, act=act))
        finally:
            self._running = None
            self._ended.set()
            if following:
                await following  # last: Telegram may take its time over an edit
        return result

    async def _result(self, job: ReindexJob) -> tuple[str, str]:
        """Run a job; returns the generation that it changed, if any, and what to say of it."""
        try:
            taken, report = await self._run(full=job.full)
        except Stopped:
            raise
        except CitewireError as error:
            return "", str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, its person is told
            return "", apology(Failure.of(error).reference, words_for(None))
        resumed = [RESUMED] if job.began is not None and not job.full else []
        refused = [f"Not taken in: {refusal}" for refusal in taken.refused]
        return report.generation, "\n".join([report.sentence(), *resumed, *refused])

    async def _run(self, *, full: bool) -> tuple[Taken, Report]:
        """Run a reindex; while the index is away it is retried until it is called off."""
        while True:
            self._hindrance = ""
            try:
                return await self._services.indexing.run(self._progress, self._stop_flag, full=full)
            except Away as error:
                self._hindrance = f"{error} {AWAY}"
                await comes(self._worker.stopping, AGAIN)
                self._stop_flag.check()

    async def _follow(self, job: ReindexJob) -> None:
        """Show the progress in the job's message until it ends; at a stop, say that it is paused."""
        shown = ""
        while not await comes(self._ended, EVERY):
            text = f"{self.state()}\n{MEANWHILE}"
            if text != shown:
                await self._show(job, text)
                shown = text
        if self._worker.stopping.is_set():
            await self._show(job, PAUSED)

    async def _show(self, job: ReindexJob, text: str) -> None:
        try:
            await self._services.sender.edit(job.chat, job.message, Message(text), CANCEL)
        except TelegramError as error:
            log.info("The progress of a reindex could not be shown: %s", error)

    async def _tell(self, job: ReindexJob, result: str) -> None:
        """Tell the result, however long Telegram is away; at a stop it is left to the next start."""
        while not await self._is_told(job, foreign(result[:MAX_RESULT])):
            if self._worker.stopping.is_set():
                return
        await self._services.database.written(partial(remove_job, number=job.number))

    async def _is_told(self, job: ReindexJob, message: Message) -> bool:
        """Show a result in the job's message or, if that is gone, in a new one; False to try again."""
        sender = self._services.sender
        try:
            if not await sender.edit(job.chat, job.message, message, NO_BUTTONS):
                await sender.send(Place(job.chat), message)
        except (Undeliverable, BadRequest) as error:  # a retry would fail too
            log.warning("The result of a reindex could not be told: %s", error)
        except TelegramError as error:
            log.warning("The result of a reindex can't be told yet: %s", error)
            await comes(self._worker.stopping, wait_after(error))
            return False
        return True
