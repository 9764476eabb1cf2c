"""The words of the articles: how many passages hold each, and which one a misspelt word was meant to be."""

import re
import unicodedata
from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.encoding.embed import Encoder
from index.language.analyze import MARKS, UNSPACED, terms, without_accents
from index.snapshot import Snapshot

WORD = re.compile(rf"(?:(?![{UNSPACED}\d_])[\w{MARKS}])+")
# Letters added, left out, swapped or replaced that a word of so many letters may have: a short word
# is near too many others. The first letter is hardly ever mistyped.
ONE_EDIT, TWO_EDITS = 4, 8
NEAREST = 3  # terms whose words are compared with a misspelt one
REMEMBERED = 100_000  # frequencies


class Vocabulary:
    """The terms of one state of an index, read as they are asked for."""

    def __init__(self, view: Snapshot, encoder: Encoder) -> None:
        self.languages = view.languages()
        self.passages = view.passages
        self._encoder = encoder
        self._by_initial: dict[str, list[str]] = {}
        self._frequencies: dict[str, int] = {}

    def frequencies(self, view: Snapshot, wanted: Collection[str]) -> dict[str, int]:
        """How many passages hold each wanted term; one that none holds is left out."""
        if len(self._frequencies) > REMEMBERED:
            self._frequencies.clear()
        if unknown := set(wanted) - self._frequencies.keys():
            self._frequencies |= dict.fromkeys(unknown, 0) | view.frequencies(unknown)
        return {term: count for term in wanted if (count := self._frequencies[term])}

    def corrected(self, view: Snapshot, question: str) -> str:
        """`question`, each word that neither a passage nor the model knows replaced by one that is near."""
        text = unicodedata.normalize("NFC", question)
        words = {word for word in WORD.findall(text) if len(word) >= ONE_EDIT}
        stems = {word: {term for code in self.languages for term in terms(word, code)} for word in words}
        held = self.frequencies(view, set().union(*stems.values())).keys()
        nearest = {
            word: self._nearest(view, word, own)
            for word, own in stems.items()
            if own and not own & held and not self._encoder.knows(word)
        }
        corrected = WORD.sub(lambda match: nearest.get(match[0], match[0]), text)
        return corrected if corrected != text else question

    def _nearest(self, view: Snapshot, word: str, stems: set[str]) -> str:
        """The word of the articles that `word` was meant to be, or `word` itself."""
        edits = 1 if len(word) < TWO_EDITS else 2
        near = {term for stem in stems for term in self._terms_near(view, stem, edits)}
        # The terms are stems: only whole words tell a slip from another word of the same family.
        found = [
            (OSA.distance(_plain(word), _plain(whole)), OSA.distance(word, whole), whole)
            for term in near
            for whole in set(WORD.findall(view.text_with(term)))
            if any(term in terms(whole, code) for code in self.languages)
        ]
        distance, _, whole = min(found, default=(edits + 1, 0, word))
        return whole if distance <= edits else word

    def _terms_near(self, view: Snapshot, stem: str, edits: int) -> list[str]:
        same = self._by_initial.get(stem[0])
        if same is None:
            same = self._by_initial[stem[0]] = view.terms_from(stem[0])
        near = process.extract(stem, same, scorer=OSA.distance, score_cutoff=edits, limit=NEAREST)
        return [term for term, _, _ in near]


def _plain(word: str) -> str:
    return without_accents(word.casefold())
