"""A question to its hits: ranked by one generation, resolved against the stored articles."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from corpus.article import Article
from corpus.errors import CitewireError
from corpus.store import Store
from index.encoding.embed import Encoder
from index.errors import NoIndex
from index.generation import Generation
from index.index_store import IndexStore
from index.language.detect import detect
from index.language.times import Period, read
from index.searching.confidence import ANSWERED, PERHAPS, Confidence, confidence_for
from index.searching.rerank import Reranker
from index.searching.result import Hit, Result
from index.searching.retrieve import Asked, Candidate, Query, candidates, same_words
from index.searching.vocabulary import Vocabulary
from index.snapshot import PassageRow, Scope, Snapshot

log = logging.getLogger(__name__)

MAX_QUESTION = 1000
"""Characters of a question; a longer one is refused before it costs anything."""

MOST_PASSAGES = 12
"""So many of the best are ordered anew, by date or by a reranker."""

OTHERWISE_MADE = "The index was made with other settings: `citewire reindex` renews it."


class NotAQuestion(CitewireError):
    """What was asked can't be searched for."""


class TooLong(NotAQuestion):
    """A question is longer than MAX_QUESTION."""


def checked(question: str) -> str:
    """The question without white space around it; NotAQuestion where it can't be searched for."""
    question = question.encode(errors="replace").decode().strip()  # half a surrogate pair is no text
    if len(question) > MAX_QUESTION:
        raise TooLong(f"That is long: please ask in at most {MAX_QUESTION:,} characters.")
    if not any(character.isalnum() for character in question):
        raise NotAQuestion("I see no words in that: please ask your question in words.")
    return question


def newest_first(hits: list[Hit]) -> list[Hit]:
    """What answers by the dates of the articles, then the rest as it was."""

    def key(hit: Hit) -> tuple[bool, str]:
        answers = hit.confidence >= ANSWERED
        return answers, (hit.article.published or "") if answers else ""

    return sorted(hits, key=key, reverse=True)


def with_article_first(own: Sequence[Hit], result: Result, k: int) -> Result:
    """The result on other articles after the hits of one, which name those that say nearly the same."""
    hits = list(own)
    for hit in result.hits:
        twin = next((i for i, other in enumerate(own) if same_words(hit.words, other.words)), None)
        if twin is None:
            hits.append(hit)
        else:
            named = {article.id: article for article in (*hits[twin].also, hit.article, *hit.also)}
            hits[twin] = replace(hits[twin], also=tuple(named.values()))
    published, period, outside = own[0].article.published, result.period, result.outside
    still_so = period and period.holds(published) and not period.latest
    return replace(
        result,
        hits=tuple(hits[:k]),
        period=period if still_so else None,
        outside=None if outside and outside.holds(published) else outside,
    )


class Searcher:
    """Answers questions from the generation that serves, or the one named; for one thread at a time."""

    def __init__(
        self,
        store: Store,
        index_store: IndexStore,
        encoder: Encoder,
        *,
        confidence: Confidence | None = None,
        reranker: Reranker | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        generation: str | None = None,
    ) -> None:
        self._store = store
        self._index_store = index_store
        self._encoder = encoder
        self._confidence = confidence or confidence_for(encoder.name, encoder.encoding)
        self._reranker = reranker
        self._today = today
        self._only = generation
        self._generation: Generation | None = None
        self._vocabulary: Vocabulary | None = None
        self._revision = ""

    def ask(self, question: str, k: int = 3, first: str | None = None) -> Result:
        """The k best passages for `question`, and how sure the first one is.

        Where the article `first` has passages that may answer, they come before those of others, unless only
        others surely answer. Raises NotAQuestion for what can't be searched for, NoIndex where none serves.
        """
        question = checked(question)
        found = self.ask_article(question, first, k).hits if first is not None else ()
        own = [hit for hit in found if hit.confidence >= PERHAPS]
        result = self._asked(question, k, without=first if own else None)
        leads = own and (own[0].confidence >= ANSWERED or result.state != "answered")
        return with_article_first(own, result, k) if leads else result

    def ask_article(self, question: str, article: str, k: int = 3) -> Result:
        """The k best passages of one article; none where it is unknown, withdrawn or not yet indexed.

        What time they are of is not told, since an article has one date. Raises as `ask` does.
        """
        result = self._asked(checked(question), k, article)
        return replace(result, period=None, outside=None)

    def _asked(self, question: str, k: int, article: str | None = None, without: str | None = None) -> Result:
        """What is found among articles of the time that the question names, else among those of any time."""
        period = self._period(question)
        if period is None:
            return self._found(question, k, Scope(article=article), without=without)
        timely = Scope(period.days, article)
        within = self._found(period.words, k, timely, latest=period.latest, without=without)
        if within.state == "answered":
            return replace(within, question=question, period=period)
        result = self._found(question, k, Scope(article=article), without=without)
        inside = result.hits and period.holds(result.hits[0].article.published)
        return replace(result, outside=None if inside else period)

    def _period(self, question: str) -> Period | None:
        """The time that a question asks about, where the dates of the articles can say what is of it."""
        period = read(question, self._today())
        dates = self._store.dates() if period else None
        return period if period and dates and period.parts(*dates) else None

    def _found(
        self, question: str, k: int, scope: Scope, *, latest: bool = False, without: str | None = None
    ) -> Result:
        """The k best passages in `scope`, but for those of the article `without`."""
        generation = self._serving()
        try:
            with generation.view() as view:
                vocabulary = self._current(view)
                language = detect(question, vocabulary.languages)
                known = language in ("", *vocabulary.languages)
                asked = vocabulary.corrected(view, question) if known else question
                query = Query.of(view, vocabulary, self._encoded(asked, language, view))
                found = candidates(view, query, scope)
                others = (each for each in found if each.row.article != without)
                hits = self._hits(view, others, MOST_PASSAGES if self._reranker or latest else k)
        except NoIndex:
            self.close()
            raise
        hits = self._reranked(asked, hits)
        if latest:
            hits = newest_first(hits)
        return Result(
            question,
            tuple(hits[:k]),
            *self._store.extent(),
            generation.name,
            corrected=asked if asked != question else None,
            barrier=query.barrier(),
        )

    def close(self) -> None:
        """Let go of the generation."""
        if self._generation is not None:
            self._generation.close()
        self._generation = self._vocabulary = None

    def _serving(self) -> Generation:
        """The generation that serves now, opened anew when another was published."""
        held = self._generation
        name = self._only or self._index_store.names()[0]
        if held is not None and held.name == name and held.is_in_place():
            return held
        self.close()
        generation = self._index_store.open(name)
        if generation is None:
            raise NoIndex("There is no index yet: `citewire reindex` makes one.")
        if generation.difference(self._encoder):
            generation.close()
            raise NoIndex(OTHERWISE_MADE)
        self._generation = generation
        return generation

    def _encoded(self, question: str, language: str, view: Snapshot) -> Asked:
        """A question with its vectors, of the same length as those of the index."""
        encoded = self._encoder.encode_question(question, language)
        if view.dimension not in (0, len(encoded.vector)):
            raise NoIndex(OTHERWISE_MADE)
        return Asked(question, language, encoded, self._encoder.reads)

    def _current(self, view: Snapshot) -> Vocabulary:
        """The vocabulary at just the state of the rows that `view` sees."""
        if self._vocabulary is None or view.revision != self._revision:
            self._vocabulary, self._revision = Vocabulary(view, self._encoder), view.revision
        return self._vocabulary

    def _hits(self, view: Snapshot, found: Iterable[Candidate], k: int) -> list[Hit]:
        """The best k candidates whose articles still say so.

        What several articles say in nearly the same words is one hit, which names them all.
        """
        hits: list[Hit] = []
        held: list[Candidate] = []
        for candidate in found:
            twin = next((i for i, other in enumerate(held) if candidate.repeats(other)), None)
            if twin is None and len(hits) == k:
                break
            article = self._standing(view, candidate.row)
            if article is None:
                continue
            if twin is None:
                held.append(candidate)
                hits.append(self._hit(article, candidate))
            elif article.id not in {hits[twin].article.id, *(other.id for other in hits[twin].also)}:
                hits[twin] = replace(hits[twin], also=(*hits[twin].also, article))
        return hits

    def _hit(self, article: Article, candidate: Candidate) -> Hit:
        start, end = candidate.shown
        sure = self._confidence.of(candidate.signals)
        return Hit(
            article,
            start,
            end,
            candidate.marked,
            candidate.score,
            sure,
            candidate.signals,
            words=candidate.words,
        )

    def _standing(self, view: Snapshot, row: PassageRow) -> Article | None:
        """The article of a passage, where it stands and still holds the passage as it was indexed."""
        article = self._store.article(row.article)
        if article is None or any(start < row.end and row.start < end for start, end in article.promotion):
            return None
        if article.text[row.start : row.end] != view.passage_text(row.id):
            log.info("Passage %s of %s awaits reindexing: not shown.", row.id, row.article)
            return None
        return article

    def _reranked(self, question: str, hits: list[Hit]) -> list[Hit]:
        """The hits in the order of the reranker, where there is one."""
        if self._reranker is None:
            return hits
        scores = self._reranker.scores(question, [hit.text for hit in hits]).tolist()
        scored = [replace(hit, score=score) for hit, score in zip(hits, scores, strict=True)]
        return sorted(scored, key=lambda hit: -hit.score)
