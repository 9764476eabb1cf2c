"""Two baselines to compare our answers with: SQLite FTS5 by itself, and a plain sum of BM25 and cosine.

Both rank the same passages of at most 700 characters, and are judged as our answers are.

*fts5* ranks by BM25, with FTS5's default tokenizer `unicode61`; the query is the question's words, joined
by OR. `unicode61` turns a whole run of Chinese, Japanese or Thai into one token, so where more than a
fifth of the passages' characters are Han, kana or Thai, FTS5's `trigram` tokenizer is used instead, and the
query is the question's overlapping trigrams.

*sum* ranks the 100 best passages by that BM25 and the 100 best by the cosine of question and passage. Both
scores are scaled to 0–1 over these candidates and added.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from evaluation.judged import JudgedQuestion, JudgedSet
from evaluation.measure import DEPTH, Progress, is_early, ranking
from index.encoding.embed import Encoder
from index.encoding.texts import Text

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

LONGEST = 700  # characters of a passage
CANDIDATES = 100  # of each ranking that is summed
UNSPACED_SHARE = 0.2

UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
PARAGRAPH = re.compile(r"\S(?:[^\n]*\S)?")
SENTENCE_END = re.compile(r"[.!?…]\S{0,2}\s+|[。！？]+")
SPACE = re.compile(r"\s+")
WORD = re.compile(r"[^\W_]+")


def compare(judged: JudgedSet, encoder: Encoder | None, progress: Progress) -> dict[str, float | None]:
    """Rank the passages of a set for each question that its articles answer; without an encoder no *sum*.

    Returns the figures by name, such as "fts5 hit@1".
    """
    asked = [question for question in judged.questions if question.kind == "own"]
    passages = [(row["id"], span) for row in judged.articles for span in cut(row["text"])]
    texts = [row["text"][start:end] for row in judged.articles for start, end in cut(row["text"])]
    cosines_with = _cosines(encoder, texts) if encoder else None
    names = ["fts5", "sum"] if encoder else ["fts5"]
    found: dict[str, list[tuple[list[bool], bool]]] = {name: [] for name in names}
    with closing(FullText(texts)) as full_text:
        for done, question in enumerate(asked, 1):
            bm25 = full_text.scores(question.text)
            found["fts5"].append(_judged(question, passages, _matching(bm25)))
            if cosines_with:
                order = summed(bm25, cosines_with(question.text))
                found["sum"].append(_judged(question, passages, order))
            progress(done, len(asked))
    return {
        f"{name} {figure}": value
        for name, outcomes in found.items()
        for figure, value in ranking(outcomes).items()
    }


def cut(text: str) -> Iterator[Span]:
    """The spans of passages: paragraphs (lines) joined up to 700 characters, or parts of a longer one."""
    run: Span | None = None
    for paragraph in PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        if run and end - run[0] <= LONGEST:
            run = (run[0], end)
            continue
        if run:
            yield run
        run = (start, end) if end - start <= LONGEST else None
        if run is None:
            yield from _parts(text, start, end)
    if run:
        yield run


class FullText:
    """Passages in an FTS5 table in memory; close it after use."""

    def __init__(self, texts: Sequence[str]) -> None:
        unspaced = sum(len(UNSPACED.findall(text)) for text in texts)
        self._by_trigrams = unspaced > UNSPACED_SHARE * sum(map(len, texts))
        self._count = len(texts)
        self._db = sqlite3.connect(":memory:")
        tokenizer = "trigram" if self._by_trigrams else "unicode61"
        self._db.execute(f"create virtual table passages using fts5(text, tokenize = '{tokenizer}')")
        self._db.executemany("insert into passages (rowid, text) values (?, ?)", enumerate(texts))

    def scores(self, question: str) -> Floats:
        """The BM25 of each passage; higher is better, 0 means that no word matches."""
        scores = np.zeros(self._count)
        terms = _trigrams(question) if self._by_trigrams else WORD.findall(question)
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in dict.fromkeys(terms))
        sql = "select rowid, bm25(passages) from passages where passages match ?"
        for place, score in self._db.execute(sql, [query]) if query else ():
            scores[place] = -score
        return scores

    def close(self) -> None:
        """Drop the table."""
        self._db.close()


def summed(bm25: Floats, cosines: Floats) -> Places:
    """The candidates of both rankings, the highest sum of their scaled scores first."""
    candidates = np.union1d(_matching(bm25)[:CANDIDATES], _descending(cosines)[:CANDIDATES])
    return candidates[_descending(_scaled(bm25[candidates]) + _scaled(cosines[candidates]))]


def _cosines(encoder: Encoder, texts: Sequence[str]) -> Callable[[str], Floats]:
    """Encode whole passages; returns a function from a question to its cosine with each."""
    wholes = [Text(text, [(0, len(text))]) for text in texts]
    vectors = np.array([each.vector for each in encoder.encode_passages(wholes, lambda _characters: None)])
    return lambda question: np.asarray(vectors @ encoder.encode_question(question).vector, dtype=float)


def _judged(
    question: JudgedQuestion, passages: Sequence[tuple[str, Span]], order: Places
) -> tuple[list[bool], bool]:
    """Which of the first ten are right, and whether an answer is early."""
    shown = [passages[place] for place in order[:DEPTH]]
    return [question.is_answered_by(*each) for each in shown], is_early(question, shown)


def _matching(bm25: Floats) -> Places:
    order = _descending(bm25)
    return order[bm25[order] > 0]


def _descending(scores: Floats) -> Places:
    return np.argsort(-scores, kind="stable")


def _scaled(scores: Floats) -> Floats:
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))


def _trigrams(question: str) -> list[str]:
    return [run[at : at + 3] for run in question.split() for at in range(len(run) - 2)]


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a long paragraph at the last sentence end or white space in the second half of 700 characters."""
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        ends = SENTENCE_END.finditer(window, LONGEST // 2), SPACE.finditer(window, LONGEST // 2)
        stop = next((found[-1].end() for found in map(list, ends) if found), LONGEST)
        yield start, start + len(window[:stop].rstrip())
        start += stop
    yield start, end
