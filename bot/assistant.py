"""The assistant behind both Telegram and the terminal: articles, index and answers."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial, wraps
from threading import Lock
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from bot import schema
from bot.config import Config
from corpus.database import Database
from corpus.intake import Taken, take_folder
from corpus.store import Announce, Store, tell_nobody
from index.building import golden
from index.building.golden import Exam
from index.building.moving import Copy
from index.building.progress import Progress, Step, StopFlag, untold
from index.building.sync import Indexer, Report
from index.encoding.embed import Encoder, Model
from index.encoding.models import DEFAULT_MODEL, MODELS
from index.errors import Away, NoIndex
from index.findable import Findable
from index.generation import Described
from index.index_store import IndexStore
from index.language.detect import detect
from index.place import index_store_at
from index.searching.confidence import OWN, confidence_for
from index.searching.rerank import Reranker
from index.searching.result import Result
from index.searching.search import Searcher

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

UNFITTED = (
    "No confidence was fitted to %s, so no answer is ever sure: "
    "`citewire eval FOLDER… --fit %s` fits one to judged questions; see docs/evaluation.md."
)
SEARCHES = {"ask", "ask_article"}
"""Operations that need the whole index and its encoder; if one succeeds, the outage is over."""


class IndexOutage:
    """Detects index outages from the results of index operations; logs their start and end."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failing: set[str] = set()
        self.since: float | None = None
        self.missed = 0  # failed operations so far
        self.why = ""

    def is_known(self) -> bool:
        """Whether the index is known to be away."""
        return self.since is not None

    def check(self) -> None:
        """Raises Away during a known outage, so that nobody waits for an attempt."""
        if self.since is not None:
            raise Away(self.why)

    @contextmanager
    def noticing(self, act: str) -> Iterator[None]:
        """Wraps an index operation; its result starts or ends the outage."""
        try:
            yield
        except Away as error:
            self._missed(act, str(error))
            raise
        except NoIndex:
            self._reached({act})
            raise
        else:
            self._reached(self._failing if act in SEARCHES else {act})

    def _missed(self, act: str, why: str) -> None:
        with self._lock:
            self._failing = self._failing | {act}
            self.why = why
            self.missed += 1
            if self.since is None:
                self.since = self._clock()
                log.warning("The index is away: %s", why)

    def _reached(self, acts: set[str]) -> None:
        with self._lock:
            self._failing = self._failing - acts
            if self.since is not None and not self._failing:
                self.since = None
                log.warning("The index is back.")


class Reaching(Protocol):
    """An object that tracks index outages."""

    outage: IndexOutage


S = TypeVar("S", bound=Reaching)


def reaching(do: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Decorates a method that needs the index, so that its failures are noticed."""

    @wraps(do)
    def noticed(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.outage.noticing(do.__name__):
            return do(self, *args, **kwargs)

    return noticed


class Assistant:
    """Answers questions about the articles in one data folder.

    `ask` is for one thread at a time; everything else may run concurrently. Methods that need the index raise
    Away while it is on another machine that doesn't respond.
    """

    def __init__(
        self, config: Config, encoder: Encoder | None = None, announce: Announce = tell_nobody
    ) -> None:
        """Calls `announce` for each new article, in the transaction that stores it."""
        self.config = config
        self.outage = IndexOutage()
        self.database = Database(config.database)
        schema.migrate(self.database)
        self.store = Store(self.database, announce)
        self._search_thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._index_store = index_store_at(config.data / "index", config.index_url)
        self._finds = Findable(self.store, self._index_store)
        self.encoder = encoder or encoder_of(config)
        self.reranker = Reranker(config.reranker) if config.reranker else None
        self.confidence = confidence_for(self.encoder.name, self.encoder.encoding, config.data / OWN)
        if not self.confidence.fitted:
            log.warning(UNFITTED, self.encoder.name, config.data / OWN)
        self._golden = golden.read(config.golden)
        self._searcher = self._searcher_of(None)
        self._unread: tuple[str, ...] = ()

    @reaching
    def ask(self, question: str, k: int = 3, first: str | None = None) -> Result:
        """Returns the k best passages, those of the article `first` leading; see Searcher.ask."""
        return self._searcher.ask(question, k, first)

    @reaching
    def ask_article(self, question: str, article: str, k: int = 3) -> Result:
        """Returns the k best passages of one article; see Searcher.ask_article."""
        return self._searcher.ask_article(question, article, k)

    @reaching
    def generation(self) -> str:
        """Returns the name of the serving index, "" if there is none."""
        return self._index_store.names()[0] or ""

    def findable(self, articles: Iterable[str]) -> list[str]:
        """Returns the articles that the index holds in their current version, and those withdrawn.

        It is polled, so during a known outage it raises Away without an attempt.
        """
        self.outage.check()
        return self._findable(articles)

    @reaching
    def _findable(self, articles: Iterable[str]) -> list[str]:
        return self._finds.among(articles)

    @reaching
    def warm_up(self) -> None:
        """Loads the models, so that the first question doesn't wait for them."""
        self.encoder.encode_question("ready?")
        detect("ready?")
        if self.reranker is not None:
            self.reranker.scores("ready?", ["ready"])

    async def searching(self, search: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a search on the search thread without blocking the event loop."""
        do = partial(search, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._search_thread, do)

    def look(self) -> None:
        """Searches only to check whether the index responds; raises Away if it doesn't."""
        with suppress(NoIndex):
            self.ask("ready?", 1)

    @reaching
    def is_ready(self) -> bool:
        """Returns whether the serving index was built with the current settings."""
        current = self._index_store.current()
        if current is None:
            return False
        try:
            return current.difference(self.encoder) is None
        finally:
            current.close()

    def take_in(self, progress: Progress = untold) -> Taken:
        """Updates the stored articles from the folder of article files."""

        def read(done: int, total: int) -> None:
            progress(Step("reading", done, total, done, total))

        return take_folder(self.store, self.config.corpus, read)

    @reaching
    def reindex(
        self, progress: Progress = untold, stop_flag: StopFlag | None = None, *, full: bool = False
    ) -> Report:
        """Updates the index from the stored articles; see Indexer.run."""
        exam = Exam(self._golden, self.store, self._searcher_of)
        report = Indexer(self.store, self._index_store, self.encoder, progress, stop_flag, exam).run(
            full=full
        )
        self._warn_of_unread()
        return report

    def _warn_of_unread(self) -> None:
        """Logs which languages of the articles the model doesn't read, once until that changes."""
        current = self._index_store.current()
        if current is None:
            return
        with closing(current):
            before, self._unread = self._unread, self._not_read(current.languages())
            if self._unread and self._unread != before:
                serving = replace(current.described(serves=True), unread=self._unread)
                log.warning("%s", serving.sentence())

    def _not_read(self, languages: Iterable[str]) -> tuple[str, ...]:
        return tuple(code for code in languages if not self.encoder.reads(code))

    @reaching
    def generations(self) -> list[Described]:
        """Returns the stored indexes, the serving one first."""
        return [
            replace(each, unread=self._not_read(each.languages)) for each in self._index_store.generations()
        ]

    @reaching
    def roll_back(self) -> Described:
        """Rolls back to the previous generation; see IndexStore.roll_back."""
        return self._index_store.roll_back(self.encoder)

    def copy_index(self, url: str, progress: Progress = untold, *, back: bool = False) -> Described:
        """Copies the index in the data folder to the PostgreSQL at `url`, or back; see Copy.run."""
        folder = self.config.data / "index"
        with closing(index_store_at(folder)) as here, closing(index_store_at(folder, url)) as there:
            source, target = (there, here) if back else (here, there)
            exams = [
                Exam(self._golden, self.store, partial(self._searcher_of, index_store=index_store))
                for index_store in (source, target)
            ]
            return Copy(source, target, self.encoder, (exams[0], exams[1]), progress).run()

    def _searcher_of(self, generation: str | None, index_store: IndexStore | None = None) -> Searcher:
        return Searcher(
            self.store,
            index_store or self._index_store,
            self.encoder,
            confidence=self.confidence,
            reranker=self.reranker,
            generation=generation,
        )

    def close(self) -> None:
        """Waits for the running search and closes the databases."""
        self._search_thread.shutdown()
        self._searcher.close()
        self._finds.close()
        self._index_store.close()
        self.database.close()


def is_to_unpack(config: Config) -> bool:
    """Whether opening the assistant takes seconds, since the default model is not there yet."""
    default = config.model == DEFAULT_MODEL and not config.embed_url
    return default and not (config.data / MODELS.name / DEFAULT_MODEL).exists()


def encoder_of(config: Config) -> Encoder:
    """Returns the configured text encoder."""
    if not config.embed_url:
        return Model(config.model, config.data / MODELS.name)
    from index.encoding.remote import RemoteModel

    return RemoteModel(config.embed_url, config.embed_model, config.embed_key)
