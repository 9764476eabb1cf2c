"""The assistant itself, the same for Telegram and the terminal: its articles, index and answers."""

from collections.abc import Iterable
from contextlib import closing, suppress
from functools import partial

from bot.config import Config
from bot.outage import IndexOutage, reaching
from bot.posting import arrivals
from bot.posting.subscriptions import Subscriptions
from corpus.database import Database
from corpus.intake import Taken, take_folder
from corpus.store import Store
from index.building import golden
from index.building.golden import Exam
from index.building.moving import Copy
from index.building.progress import Progress, Step, StopFlag, untold
from index.building.sync import Indexer, Report
from index.encoding.embed import Encoder, Model
from index.errors import NoIndex
from index.findable import Findable
from index.generation import Described
from index.index_store import IndexStore
from index.place import index_store_at
from index.searching.confidence import FITTED, Confidence, fitted
from index.searching.rerank import Reranker
from index.searching.result import Result
from index.searching.search import Searcher


class Assistant:
    """What answers questions about the articles in one data folder.

    `ask` is for one thread at a time; everything else may go on beside it. What needs the index raises Away
    while that is on another machine which does not answer.
    """

    def __init__(self, config: Config, encoder: Encoder | None = None) -> None:
        self.config = config
        self.outage = IndexOutage()
        self.database = Database(config.database)
        self.subscriptions = Subscriptions(self.database)
        self.database.migrate(arrivals.migrations)
        self.store = Store(self.database, arrivals.arrived)
        self._index_store = index_store_at(config.data / "index", config.index_url)
        self._finds = Findable(self.store, self._index_store)
        self.encoder = encoder or encoder_of(config)
        self.reranker = Reranker(config.reranker) if config.reranker else None
        own = config.data / FITTED.name
        self.confidence = Confidence.read(own if own.exists() else fitted(self.encoder.encoding))
        self._golden = golden.read(config.golden)
        self._searcher = self._searcher_of(None)

    @reaching
    def ask(self, question: str, k: int = 3, first: str | None = None) -> Result:
        """The k best passages for a question, those of the article `first` leading; see Searcher.ask."""
        return self._searcher.ask(question, k, first)

    @reaching
    def ask_article(self, question: str, article: str, k: int = 3) -> Result:
        """The k best passages of one article; see Searcher.ask_article."""
        return self._searcher.ask_article(question, article, k)

    @reaching
    def generation(self) -> str:
        """The name of the index that serves; "" where there is none."""
        return self._index_store.names()[0] or ""

    def findable(self, articles: Iterable[str]) -> list[str]:
        """Those of the articles that the serving index holds as they stand, and those that stand no more.

        It is asked again and again, so where the index is known to be away it raises that without a try.
        """
        self.outage.check()
        return self._findable(articles)

    @reaching
    def _findable(self, articles: Iterable[str]) -> list[str]:
        return self._finds.among(articles)

    @reaching
    def warm_up(self) -> None:
        """Load the models, so that the first question need not wait for them."""
        self.encoder.encode_question("ready?")
        if self.reranker is not None:
            self.reranker.scores("ready?", ["ready"])

    def look(self) -> None:
        """Search for something, only to see whether the index answers; Away where it doesn't."""
        with suppress(NoIndex):
            self.ask("ready?", 1)

    @reaching
    def is_ready(self) -> bool:
        """Whether an index serves that was made as one would be made now."""
        current = self._index_store.current()
        if current is None:
            return False
        try:
            return current.difference(self.encoder) is None
        finally:
            current.close()

    def take_in(self, progress: Progress = untold) -> Taken:
        """Bring the stored articles up to the folder of article files."""

        def read(done: int, total: int) -> None:
            progress(Step("reading", done, total, done, total))

        return take_folder(self.store, self.config.corpus, read)

    @reaching
    def reindex(
        self, progress: Progress = untold, stop_flag: StopFlag | None = None, *, full: bool = False
    ) -> Report:
        """Bring the index up to the stored articles; see Indexer.run."""
        exam = Exam(self._golden, self.store, self._searcher_of)
        return Indexer(self.store, self._index_store, self.encoder, progress, stop_flag, exam).run(full=full)

    @reaching
    def generations(self) -> list[Described]:
        """The indexes that are kept, the one that serves first."""
        return self._index_store.generations()

    @reaching
    def roll_back(self) -> Described:
        """Let the generation before serve again; see Shelf.roll_back."""
        return self._index_store.roll_back(self.encoder)

    def copy_index(self, url: str, progress: Progress = untold, *, back: bool = False) -> Described:
        """Copy the index in the data folder to the PostgreSQL at `url`, or back; see Copy.run."""
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
        """Close the databases."""
        self._searcher.close()
        self._finds.close()
        self._index_store.close()
        self.database.close()


def encoder_of(config: Config) -> Encoder:
    """What turns text into vectors by the settings."""
    if not config.embed_url:
        return Model(config.model)
    from index.encoding.remote import RemoteModel

    return RemoteModel(config.embed_url, config.embed_model, config.embed_key)
