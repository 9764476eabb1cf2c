"""Checks a new generation before it may serve, beyond the counts of `Generation.verify`."""

import numpy as np

from index.building.progress import Progress, Step, StopFlag
from index.errors import NoIndex, Unverified
from index.generation import Generation
from index.searching.retrieve import FOUND_PASSAGES, rarest_terms
from index.snapshot import SentenceRow, Snapshot

# Number of articles checked, evenly sampled: each takes longer, the more there are.
CHECKED = 1000
# Sentences searched for per article, until one is found.
TRIED = 3
# From this cosine on, sentences are near duplicates, of which the estimate may miss one.
NEARLY = 0.9
# Number of its rarest terms that a passage is searched by.
RAREST = 8
# Articles between progress reports.
TOLD = 20


def check(generation: Generation, progress: Progress, stop_flag: StopFlag) -> None:
    """Raises Unverified unless each checked article finds itself, by its vectors and by its words."""
    articles = sorted(generation.fingerprints())
    articles = articles[:: max(1, len(articles) // CHECKED)]
    try:
        with generation.view(patient=True) as view:
            for done, article in enumerate(articles, 1):
                _check_article(view, article)
                if done % TOLD == 0 or done == len(articles):
                    progress(Step("checking", done, len(articles), done, len(articles)))
                    stop_flag.check()
    except NoIndex as damage:
        raise Unverified(f"The new index is damaged ({damage}); the old one goes on.") from damage


def _check_article(view: Snapshot, article: str) -> None:
    sentences = view.longest_sentences(article, TRIED)
    if sentences and not any(_is_near_itself(view, each) for each in sentences):
        raise Unverified(f"In the new index {article} is not found by its own meaning; the old one goes on.")
    worded = [each for each in sentences if each.terms]
    if worded and not any(_is_found_by_its_words(view, each) for each in worded):
        raise Unverified(f"In the new index {article} is not found by its own words; the old one goes on.")


def _is_near_itself(view: Snapshot, sentence: SentenceRow) -> bool:
    """Returns whether a search for its vector finds its passage or a near duplicate."""
    found = view.near(sentence.vector)
    if sentence.passage in found:
        return True
    vectors = [each.vector for each in view.get_sentences(found)]
    return bool(vectors) and float((np.stack(vectors) @ sentence.vector).max()) >= NEARLY


def _is_found_by_its_words(view: Snapshot, sentence: SentenceRow) -> bool:
    """Returns whether its rarest terms find its passage or one that contains them all."""
    frequencies = view.frequencies(sentence.terms.split())
    rarest = rarest_terms(frequencies, view.passages)[:RAREST]
    if not rarest:  # its words are lost, or occur nearly everywhere
        return bool(frequencies)
    found = [number for number, _ in view.bm25(rarest, FOUND_PASSAGES)]
    if sentence.passage in found:
        return True
    held: dict[int, set[str]] = {}
    for each in view.get_sentences(found):
        held.setdefault(each.passage, set()).update(each.terms.split())
    return any(terms.issuperset(rarest) for terms in held.values())
