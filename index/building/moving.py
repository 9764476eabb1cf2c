"""Copies the serving index to another store: resumable, verified, then published."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
from filelock import Timeout

from index.building.golden import Exam
from index.building.progress import Progress, Step
from index.encoding.embed import Encoder
from index.entries import IndexedArticle
from index.errors import Busy, NoIndex, Unverified
from index.generation import Described, Generation
from index.index_store import IndexStore, held

# Articles read, stored and compared at once.
TOGETHER = 50


class Copy:
    """Copies the serving generation of the store `source` to `target`, where it then serves, too.

    Nothing is encoded; the source keeps serving and is only read.
    """

    def __init__(
        self,
        source: IndexStore,
        target: IndexStore,
        encoder: Encoder,
        exams: tuple[Exam, Exam],
        progress: Progress,
    ) -> None:
        self._source = source
        self._target = target
        self._encoder = encoder
        self._exams = exams
        self._progress = progress

    def run(self) -> Described:
        """Copies everything and describes what serves there now.

        Raises NoIndex if there is nothing to copy, Busy if an index is being built there, and Unverified if
        the copy differs.
        """
        source = self._source.current()
        if source is None:
            raise NoIndex("There is no index to copy: `citewire reindex` makes one.")
        with closing(source):
            try:
                with held(self._target.building(), timeout=0):
                    return self._made(source)
            except Timeout:
                raise Busy("An index is being made there already: this copy was not begun.") from None

    def _made(self, source: Generation) -> Described:
        with closing(self._target.begin(self._encoder)) as copy:
            if differs := self._differs(source, copy):
                self._target.remove(copy.name)
                raise NoIndex(f"The index can't be copied: {differs}. `citewire reindex` renews it first.")
            try:
                self._fill(source, copy)
            except Unverified:
                self._target.remove(copy.name)
                raise
            return copy.described(serves=True)

    def _fill(self, source: Generation, copy: Generation) -> None:
        self._catch_up(source, copy)
        copy.settle()
        self._compare(source, copy)
        with held(self._source.lock()), held(self._target.lock()):
            copy.verify(self._catch_up(source, copy))
            self._examine(source, copy)
            noted = source.meta()
            copy.note(golden=noted.get("golden", ""), seconds=noted.get("seconds", 0))
            self._target.publish(copy)

    def _differs(self, source: Generation, copy: Generation) -> str:
        """Returns how the source's settings differ from the current ones, table layout aside."""
        mine, wanted = source.made_with, copy.recipe(self._encoder)
        changed = [key for key in wanted if key != "layout" and mine[key] != wanted[key]]
        return " and ".join(f"its {key} was {mine[key]} and is now {wanted[key]}" for key in changed)

    def _catch_up(self, source: Generation, copy: Generation) -> dict[str, str]:
        """Adds missing articles to the copy and removes extra ones; returns its fingerprints."""
        wanted, copied = source.fingerprints(), copy.fingerprints()
        copy.forget(wanted.keys())
        missing = [key for key in wanted if copied.get(key) != wanted[key]]
        for done, some in _parts(missing):
            copy.put(source.articles(some))
            self._progress(Step("copying", done, len(missing), done, len(missing)))
        return wanted

    def _compare(self, source: Generation, copy: Generation) -> None:
        """Raises Unverified unless every article of the copy equals the source's, bit for bit."""
        articles = list(copy.fingerprints())
        for done, some in _parts(articles):
            true = {article.id: digest(article) for article in source.articles(some)}
            for article in copy.articles(some):
                if article.id in true and digest(article) != true[article.id]:  # else withdrawn meanwhile
                    raise Unverified(f"The copy of {article.id} is not what was copied; nothing serves it.")
            self._progress(Step("checking", done, len(articles), done, len(articles)))

    def _examine(self, source: Generation, copy: Generation) -> None:
        """Raises Unverified if the copy answers fewer golden questions than the source."""
        before, after = (e.answered(g.name) for e, g in zip(self._exams, (source, copy), strict=True))
        if len(after) < len(before):
            lost = " ".join(each.question for each in before if each not in after)
            raise Unverified(f"The copy no longer answers {lost}; nothing serves it.")


def digest(article: IndexedArticle) -> str:
    """Returns a hash of an article's rows, vectors in half precision as in PostgreSQL."""
    rows: list[object] = [article.id, article.fingerprint, article.language, article.title, article.published]
    for passage in article.passages:
        rows += [passage.start, passage.end, passage.text, passage.lines, passage.terms]
        for each in passage.encoded:
            rows += [each.vector.astype(np.float16).tobytes(), each.tokens.tobytes()]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _parts(articles: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yields parts of the articles, each with the number of articles up to its end."""
    for start in range(0, len(articles), TOGETHER):
        some = articles[start : start + TOGETHER]
        yield start + len(some), some
