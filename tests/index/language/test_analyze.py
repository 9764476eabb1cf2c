"""Text to terms, by language and script."""

import pytest
import Stemmer

from index.language.analyze import terms
from index.language.languages import SNOWBALL

TERMS = {
    ("en", "Who signed the agreements of 2,024?"): ["sign", "agreement", "2024"],
    ("", "Who signed it?"): ["who", "signed", "it"],  # no language: no stemmer, no stop words
    ("xx", "Who signed it?"): ["who", "signed", "it"],
    ("hi", "भारत की राजधानी।"): ["भारत", "राजधान"],  # vowel signs are parts of words
    ("ta", "தமிழ்நாட்டின் தலைநகரம்"): ["தமிழ்நாடு", "தலைநகரம்"],
    ("bn", "বাংলাদেশের রাজধানী ১২"): ["বাংলাদেশের", "রাজধানী", "১২"],
    ("ne", "नेपालको राजधानी"): ["नेपाल", "राजधानी"],
    ("he", "שָׁלוֹם עולם"): ["שלום", "עולם"],  # with vowel signs as without
    ("th", "ไทย"): ["ไท", "ทย"],
    ("zh", "北京市"): ["北京", "京市"],
    ("pl", "Jakie są ceny biletów?"): ["cen", "bilet"],
    ("sv", "Vad kostar biljetten?"): ["kost", "biljet"],
    ("el", "Ποιος και πως"): [],  # a final sigma is one as any other
    ("he", "מי חתם על ההסכם?"): ["חתם", "ההסכם"],
    ("cs", "města Prahy"): ["mest", "prah"],
}


@pytest.mark.parametrize(("language", "text", "expected"), [(*case, found) for case, found in TERMS.items()])
def test_the_terms_of_a_text(language: str, text: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_every_snowball_stemmer_is_used() -> None:
    assert set(SNOWBALL.values()) == set(Stemmer.algorithms()) - {"porter", "dutch_porter"}
