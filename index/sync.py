"""Bring the index up to the corpus: small changes in place, all else as a new generation."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from sqlite_utils import Database as Connection

from corpus.article import Article
from corpus.store import Store
from index import tables
from index.analyze import guess_language, terms
from index.embed import Encoder, Sentence, Text
from index.generation import Generation
from index.passages import Passage, passages
from index.progress import Brake, Progress, Step, untold
from index.shelf import Shelf

log = logging.getLogger(__name__)

# Sentences that are encoded and committed together: what a crash loses at most.
BATCH_SENTENCES = 2000


@dataclass
class Report:
    """What bringing the index up to the corpus did, in articles."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    rebuilt: str | None = None  # why an index that was there was made anew
    generation: str = ""

    def sentence(self) -> str:
        """What was done, for a person."""
        counts = f"{self.added} added, {self.changed} changed, {self.withdrawn} withdrawn"
        anew = f" The index was made anew, since {self.rebuilt}." if self.rebuilt else ""
        return f"Articles: {counts}, {self.unchanged} unchanged, in {self.seconds:.1f} s.{anew}"


@dataclass
class Entry:
    """One article, split, on its way into the index."""

    article: Article
    fingerprint: str
    language: str
    passages: list[Passage]
    encoded: list[list[Sentence]] = field(default_factory=list)  # a passage each

    @classmethod
    def of(cls, article: Article, fingerprint: str) -> "Entry":
        """The article split into passages by the rules of its language."""
        language = (article.language or guess_language(article.text))[:2].lower()
        return cls(article, fingerprint, language, list(passages(article, language)))

    def texts(self) -> Iterator[Text]:
        """The passages as the encoder gets them."""
        for passage in self.passages:
            spans = [(start - passage.start, end - passage.start) for start, end in passage.sentences]
            yield Text(self.article.text[passage.start : passage.end], spans)

    def terms(self, text: str) -> str:
        """The terms of a text in the article's language, as the index holds them."""
        return " ".join(terms(text, self.language))

    def rows(self) -> Iterator[tables.NewPassage]:
        """The passages as the index gets them."""
        text = self.article.text
        for passage, encoded in zip(self.passages, self.encoded, strict=True):
            found = [self.terms(text[start:end]) for start, end in passage.sentences]
            yield tables.NewPassage(passage, text[passage.start : passage.end], found, encoded)


class Indexer:
    """Brings the index up to the corpus; `brake` is heeded after each batch that was encoded."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        encoder: Encoder,
        progress: Progress = untold,
        brake: Brake | None = None,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._encoder = encoder
        self._progress = progress
        self._brake = brake or Brake()

    def run(self, *, full: bool = False) -> Report:
        """Index what was added or changed, take out what was withdrawn, and say what was done.

        With `full`, or where the serving generation can't be used, everything goes into a new
        generation that serves once it is verified; until then the old one does. Raises Stopped, Cancelled.
        """
        started = time.monotonic()
        with self._shelf.lock():
            current = self._sound()
            try:
                report = self._bring_up(current, full)
            finally:
                if current:
                    current.close()
        report.seconds = time.monotonic() - started
        return report

    def _sound(self) -> Generation | None:
        """The generation that serves; None where there is none, or none without damage."""
        current = self._shelf.current()
        if current is None or current.is_sound():
            return current
        log.warning("%s is damaged: the index is made anew.", current.name)
        current.close()
        return None

    def _bring_up(self, current: Generation | None, full: bool) -> Report:
        wanted = self._store.fingerprints()
        indexed = tables.fingerprints(current.db.read()) if current else {}
        report = compare(indexed, wanted)
        report.rebuilt = self._reason_to_rebuild(current, full) if current else None
        if current is None or report.rebuilt:
            report.generation = self._rebuild(wanted)
        else:
            self._update(current, indexed, wanted)
            report.generation = current.name
        return report

    def _reason_to_rebuild(self, current: Generation, full: bool) -> str | None:
        return current.difference(self._encoder) or ("you asked for it" if full else None)

    def _rebuild(self, wanted: dict[str, str]) -> str:
        generation = self._shelf.begin(self._encoder)
        try:
            put = self._fill(generation, wanted)
            generation.save_vectors(generation.load_vectors())
            generation.verify(put)
            self._shelf.publish(generation)
        finally:
            generation.close()
        return generation.name

    def _update(self, generation: Generation, indexed: dict[str, str], wanted: dict[str, str]) -> None:
        if gone := indexed.keys() - wanted.keys():
            generation.change(partial(withdraw_articles, articles=gone))
        self._fill(generation, [key for key in wanted if indexed.get(key) != wanted[key]])
        generation.refresh_snapshot()

    def _fill(self, generation: Generation, wanted: Iterable[str]) -> dict[str, str]:
        """Put articles in, a batch a transaction; returns what was put, with its fingerprint."""
        wanted = list(wanted)
        begun = Step("encoding", 0, self._store.characters(wanted), 0, len(wanted))
        put: dict[str, str] = {}
        for batch in self._batches(wanted):
            self._encode(batch, begun)
            generation.change(partial(put_entries, entries=batch))
            put |= {entry.article.id: entry.fingerprint for entry in batch}
            done = begun.done + sum(len(entry.article.text) for entry in batch)
            begun = replace(begun, done=min(done, begun.total), articles=begun.articles + len(batch))
            self._progress(begun)
        return put

    def _encode(self, batch: Sequence[Entry], begun: Step) -> None:
        """Encode the sentences of a batch, and say how far that is."""
        done = begun.done

        def told(characters: int) -> None:
            nonlocal done
            done = min(done + characters, begun.total)
            self._progress(replace(begun, done=done))
            self._brake.check()

        texts = [text for entry in batch for text in entry.texts()]
        encoded = iter(self._encoder.encode_passages(texts, told))
        for entry in batch:
            entry.encoded = [list(islice(encoded, len(p.sentences))) for p in entry.passages]

    def _batches(self, wanted: Iterable[str]) -> Iterator[list[Entry]]:
        """The wanted articles that still stand, split, about BATCH_SENTENCES sentences at a time."""
        batch: list[Entry] = []
        for number in wanted:
            stored = self._store.current(number)
            if stored is None:
                continue
            batch.append(Entry.of(*stored))
            if sum(len(p.sentences) for entry in batch for p in entry.passages) >= BATCH_SENTENCES:
                yield batch
                batch = []
        if batch:
            yield batch


def compare(indexed: dict[str, str], wanted: dict[str, str]) -> Report:
    """How many articles were added, changed, withdrawn and left as they are between two states."""
    return Report(
        added=len(wanted.keys() - indexed.keys()),
        changed=sum(1 for key in wanted if key in indexed and indexed[key] != wanted[key]),
        withdrawn=len(indexed.keys() - wanted.keys()),
        unchanged=sum(1 for key in wanted if indexed.get(key) == wanted[key]),
    )


def withdraw_articles(db: Connection, articles: Iterable[str]) -> None:
    """Take articles out, in one transaction."""
    for article in articles:
        tables.withdraw_article(db, article)


def put_entries(db: Connection, entries: Iterable[Entry]) -> None:
    """Put articles in, in one transaction."""
    for entry in entries:
        article, title = entry.article, entry.terms(entry.article.title)
        tables.put_article(db, article, entry.fingerprint, entry.language, title, entry.rows())
