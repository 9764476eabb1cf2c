"""What a new generation is checked for before it may serve, beside what `Generation.verify` counts."""

import sqlite3
from collections.abc import Sequence

import numpy as np
from sqlite_utils import Database as Connection

from index import tables
from index.errors import Unverified
from index.fulltext import bm25
from index.generation import Generation
from index.progress import Brake, Progress, Step
from index.retrieve import DENSE_SENTENCES, FOUND_PASSAGES
from index.tables import SentenceRow
from index.vectors import DamagedVectors, VectorIndex

# Of each article so many sentences are searched for, until one is found.
TRIED = 3
# From this cosine on two sentences say nearly the same: of many that do, the estimate may leave one out.
NEARLY = 0.9
# By so many of its rarest terms a passage is searched for.
RAREST = 8
# Articles between two steps that are told.
TOLD = 20


def check(generation: Generation, progress: Progress, brake: Brake) -> None:
    """Unverified unless the saved vectors are those that were written and every article finds itself."""
    try:
        vectors = generation.saved_vectors()
        with generation.db.snapshot() as db:
            articles = list(tables.fingerprints(db))
            for done, article in enumerate(articles, 1):
                _check_article(db, vectors, article)
                if done % TOLD == 0 or done == len(articles):
                    progress(Step("checking", done, len(articles), done, len(articles)))
                    brake.check()
    except (DamagedVectors, sqlite3.DatabaseError) as damage:
        raise Unverified(f"The new index is damaged ({damage}); the old one goes on.") from damage


def _check_article(db: Connection, vectors: VectorIndex, article: str) -> None:
    sentences = tables.longest_sentences(db, article, TRIED)
    if sentences and not any(_is_near_itself(db, vectors, each) for each in sentences):
        raise Unverified(f"In the new index {article} is not found by its own meaning; the old one goes on.")
    worded = [each for each in sentences if each.terms]
    if worded and not any(_is_found_by_its_words(db, each) for each in worded):
        raise Unverified(f"In the new index {article} is not found by its own words; the old one goes on.")


def _is_near_itself(db: Connection, vectors: VectorIndex, sentence: SentenceRow) -> bool:
    """Whether a search for its vector finds the sentence, or one that says nearly the same."""
    vector = np.frombuffer(sentence.vector, dtype=np.float32)
    near = vectors.search(vector, DENSE_SENTENCES)
    return sentence.id in near or tables.nearest(db, near, vector) >= NEARLY


def _is_found_by_its_words(db: Connection, sentence: SentenceRow) -> bool:
    """Whether a search for its rarest terms finds its passage, or one that holds them all."""
    frequencies = tables.document_frequencies(db, sentence.terms.split())
    rarest: Sequence[str] = sorted(frequencies, key=lambda term: (frequencies[term], term))[:RAREST]
    found = [number for number, _ in bm25(db, rarest, FOUND_PASSAGES)]
    return sentence.passage in found or tables.hold_terms(db, found, rarest)
