"""Detecting languages: by script, of short texts, among the articles', as stated, unknown."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.detect import READ, article_language, detect

BY_SCRIPT = {
    "מי חתם על ההסכם?": "he",
    "Ποιος υπέγραψε τη συμφωνία;": "el",
    "ใครลงนามในข้อตกลง": "th",
    "ვინ მოაწერა ხელი?": "ka",
    "Ո՞վ ստորագրեց համաձայնագիրը:": "hy",
    "ስምምነቱን ማን ፈረመ?": "am",
    "누가 협정에 서명했나요?": "ko",
    "চুক্তিতে কে স্বাক্ষর করেছেন?": "bn",
    "ஒப்பந்தத்தில் கையெழுத்திட்டவர் யார்?": "ta",
    "誰が署名したか": "ja",
    "谁签署了协议?": "zh",
}
SHORT = {
    "who signed it": "en",
    "Wer hat unterschrieben?": "de",
    "Qui a signé l'accord ?": "fr",
    "¿Quién firmó el acuerdo?": "es",
    "Quantas pessoas moram em São Paulo?": "pt",
    "Chi ha firmato l'accordo?": "it",
    "Hoe laat begint de staking?": "nl",
    "Vem undertecknade avtalet?": "sv",
    "Hvem signerte avtalen?": "no",
    "Hvad koster billetten?": "da",
    "Kuka allekirjoitti sopimuksen?": "fi",
    "Kto podpisał umowę?": "pl",
    "Kolik stojí jízdenka?": "cs",
    "Koľko stojí lístok?": "sk",
    "Ki írta alá a megállapodást?": "hu",
    "Cine a semnat acordul?": "ro",
    "Türkiye'nin başkenti neresi?": "tr",
    "Siapa presiden Indonesia?": "id",
    "Ai đã ký thỏa thuận?": "vi",
    "Кто подписал соглашение?": "ru",
    "Скільки коштує проїзд у Києві?": "uk",
    "Колко струва билетът?": "bg",
    "Ко је потписао споразум?": "sr",
    "من وقع الاتفاق؟": "ar",
    "پایتخت ایران کجاست؟": "fa",
    "پاکستان کا دارالحکومت کیا ہے؟": "ur",
    "भारत की राजधानी क्या है?": "hi",
    "नेपालको राजधानी कहाँ हो?": "ne",
}
# Names, numbers and single words that many languages share.
UNKNOWN = ["", " ", "?!", "2023?", "1,5 %", "🙂", "Tesla", "Nokia 3310", "OK"]
# Names in another script don't change the language.
MIXED = {
    "сколько стоит iPhone": "ru",
    "iPhone 15 多少钱": "zh",
    "iPhone 15 はいくら": "ja",
    "OPEC成员国有哪些": "zh",
    "מה זה Google Cloud Platform?": "he",
    "ما هو machine learning؟": "ar",
    "सबसे अच्छा smartphone कौन सा है": "hi",
    "What does гласность mean?": "en",
    "What does 中国 mean?": "en",
}
ENGLISH = "The agreement was signed in Baghdad on Thursday by the two ministers, who praised it. " * 5
RUSSIAN = "Соглашение подписали в четверг в Багдаде министры двух стран, которые его похвалили. " * 5


@pytest.mark.parametrize(("text", "language"), [*BY_SCRIPT.items(), *SHORT.items(), *MIXED.items()])
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_could_be_in_any_language_is_unknown(text: str) -> None:
    assert detect(text) == ""


@pytest.mark.parametrize(
    ("text", "among", "language"),
    [
        ("Tesla", ["en"], "en"),
        ("Berapakah jumlah penduduk Johor?", ["ms"], "ms"),  # Malay and Indonesian are nearly the same
        ("ile kosztuje bilet", ["pl", "en"], "pl"),
        ("When did Merkel resign?", ["de", "en"], "en"),
        ("Wer hat unterschrieben?", ["en"], "de"),  # much likelier than English
        ("Кто подписал соглашение?", ["en", "de"], "ru"),
        ("Кто подписал соглашение?", ["xx", ""], "ru"),
        ("2023?", ["en"], ""),
        ("Что такое machine learning operations?", ["ru", "en"], "ru"),
        ("Ĉu vi scias kie ĝi estas?", ["eo"], "eo"),  # only detected where articles are in it
    ],
)
def test_a_language_of_the_articles_is_likelier(text: str, among: list[str], language: str) -> None:
    assert detect(text, among) == language


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        (ENGLISH, "en", "en"),
        (ENGLISH, None, "en"),
        (ENGLISH, "", "en"),
        (ENGLISH, "en-GB", "en"),
        (ENGLISH, "English", "en"),  # not a code
        (RUSSIAN, "en", "ru"),
        (ENGLISH, "de", "en"),
        ("Hvem signerte avtalen?", "da", "da"),  # as good as Danish
        ("Hvem signerte avtalen?", "nb-NO", "no"),
        ("Tesla", "fi", "fi"),
        ("2023", "fi", "fi"),
        ("2023", None, ""),
        (ENGLISH, "uk", "en"),  # a country, not Ukrainian
        (ENGLISH, "gb", "en"),
        ("谁签署了协议?", "cn", "zh"),
        ("2023", "xx", "xx"),
        ("װער האָט געחתמעט דעם אָפּמאַך?", "yi", "yi"),  # a language the library doesn't know
    ],
)
def test_the_language_an_article_states_unless_it_is_plainly_another(
    text: str, stated: str | None, language: str
) -> None:
    assert article_language(text, stated) == language


def test_long_texts_are_read_from_their_start() -> None:
    assert detect(ENGLISH * READ + RUSSIAN * READ * 2) == "en"


def test_threads_get_the_same_languages() -> None:
    texts = [*BY_SCRIPT, *SHORT] * 5
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detect, texts)) == list(map(detect, texts))


@given(text=st.text(), among=st.sets(st.sampled_from(["", "en", "ar", "zh", "xx"])))
def test_any_text_has_a_language_or_none(text: str, among: set[str]) -> None:
    assert len(detect(text, among)) in {0, 2}
    assert article_language(text, "xx") == (detect(text) or "xx")
