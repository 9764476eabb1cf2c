"""Detects the language of a text: from its script where that is enough, else with py3langid."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.reading.metadata import language_code
from index.language.analyze import UNSPACED
from index.language.languages import SNOWBALL

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ = 2000
"""Characters that are read of a longer text."""

# Each script: its ranges of letters, and the languages that are told apart in it; Latin first.
SCRIPTS = (
    (
        "AZ az \u00aa\u024f \u1e00\u1eff",
        """af az ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms nl no pl pt ro sk sl sq sr sv
        sw tl tr uz vi""",
    ),
    ("\u0370\u03ff \u1f00\u1fff", "el"),
    ("\u0400\u052f", "be bg kk ky mk mn ru sr uk"),
    ("\u0530\u058f", "hy"),
    ("\u0590\u05ff", "he"),
    ("\u0620\u064a \u0671\u06d5 \u0750\u077f \ufb50\ufdff \ufe70\ufeff", "ar fa ps ur"),
    ("\u0900\u097f", "hi mr ne"),
    ("\u0980\u09ff", "as bn"),
    ("\u0a00\u0a7f", "pa"),
    ("\u0a80\u0aff", "gu"),
    ("\u0b00\u0b7f", "or"),
    ("\u0b80\u0bff", "ta"),
    ("\u0c00\u0c7f", "te"),
    ("\u0c80\u0cff", "kn"),
    ("\u0d00\u0d7f", "ml"),
    ("\u0d80\u0dff", "si"),
    ("\u0e00\u0e7f", "th"),
    ("\u0e80\u0eff", "lo"),
    ("\u1000\u109f", "my"),
    ("\u10a0\u10ff", "ka"),
    ("\u1100\u11ff \uac00\ud7af", "ko"),
    ("\u1200\u139f", "am"),
    ("\u1780\u17ff", "km"),
    ("\u3041\u30ff \u3400\u9fff \uf900\ufaff", "ja zh"),
)
_RANGES = sorted(
    (span[0], span[1], number) for number, (spans, _) in enumerate(SCRIPTS) for span in spans.split()
)
_FIRSTS = [first for first, _, _ in _RANGES]
LATIN, NO_SCRIPT = 0, -1
# A run of a script without spaces, else what stands between spaces.
WORD = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")

# How likely a language must be without other evidence.
SURE = 0.25
# How many times likelier another language must be than the articles' or than the one an article states.
LIKELIER, LIKELIER_THAN_STATED = 5.0, 20.0

# Other codes of languages in the list, as pages state them.
ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi"}


def detect(text: str, among: Collection[str] = ()) -> str:
    """Returns the language of `text` as an ISO 639-1 code, "" if it is unknown.

    `among` are the languages of the articles: one of them is preferred unless another is much likelier.
    """
    found = _likelihoods(text, among)
    best = max(found, key=found.__getitem__, default="")
    known = max(found.keys() & among, key=found.__getitem__, default="")
    if known and found[known] * LIKELIER >= found[best]:
        return known
    return best if best and found[best] >= SURE else ""


def article_language(text: str, stated: str | None) -> str:
    """Returns the language of an article: the stated one unless the text is plainly in another."""
    code = language_code(stated or "") or ""
    code = ALIASES.get(code, code)
    if code not in _detected():  # often that of a country: gb, jp
        return code if code in SNOWBALL else detect(text) or code
    found = _likelihoods(text, [code])
    is_plausible = found.get(code, 0.0) * LIKELIER_THAN_STATED >= max(found.values(), default=0.0)
    return code if is_plausible else detect(text)


def _likelihoods(text: str, also: Collection[str]) -> dict[str, float]:
    """Returns how likely each language of the text's script is; sums to 1, empty without letters."""
    text, languages = _written(text[:READ])
    if len(languages) < 2:
        return dict.fromkeys(languages, 1.0)
    ranked = _identifier().rank(text)
    found = {code: chance for code, chance in ranked if code in languages or code in also}
    total = sum(found.values()) or 1.0
    return {code: chance / total for code, chance in found.items()}


def _written(text: str) -> tuple[str, list[str]]:
    """Returns the words of `text` in its main script, and that one's languages."""
    words = [(word, _script(word)) for word in WORD.findall(text)]
    weights: Counter[int] = Counter()
    for word, script in words:
        weights[script] += _weight(word, script)
    del weights[NO_SCRIPT]
    if not weights:
        return "", []
    main = max(weights, key=weights.__getitem__)
    return " ".join(word for word, script in words if script == main), SCRIPTS[main][1].split()


def _weight(word: str, script: int) -> int:
    """Names of people and products are in Latin letters in all languages, so words in others count double."""
    if re.match(f"[{UNSPACED}]", word):
        return len(word)
    return 1 if script == LATIN else 2


def _script(word: str) -> int:
    """Returns the script of the first letter of `word`."""
    for character in word:
        first, last, number = _RANGES[bisect_right(_FIRSTS, character) - 1]
        if first <= character <= last:
            return number
    return NO_SCRIPT


@lru_cache(maxsize=1)
def _detected() -> frozenset[str]:
    return frozenset(_identifier().labels)


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """Loads the library and its model, which takes half a second, when they are first needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
