"""A page is read to the letter whatever its header and its meta tag say of its charset, or is refused."""

import pytest

from corpus.errors import NotAnArticle
from corpus.reading.extract import extract

TEXTS = {
    "English": "The council’s engineer said “no” – it would cost £40,000 to repair the bridge.",
    "French": "Le pont est resté fermé ; l'ingénieure a déclaré que réparer coûterait cher à la ville.",
    "German": "Die Brücke blieb gesperrt, größere Schäden sind für die Fußgänger nicht auszuschließen.",
    "Polish": "Most był zamknięty przez tydzień, a inżynier mówi, że naprawa będzie kosztować więcej.",
    "Turkish": "Köprü bir hafta kapalı kaldı ve mühendis onarımın kırk bin liraya mal olacağını söyledi.",
    "Russian": "Мост был закрыт неделю, и городской инженер сказала, что ремонт обойдётся дорого.",
    "Greek": "Η γέφυρα έμεινε κλειστή για μια εβδομάδα και η επισκευή θα κοστίσει πολλά χρήματα.",
    "Arabic": "ظل الجسر مغلقا لمدة أسبوع، وقالت مهندسة البلدية إن الإصلاح سيكلف أربعين ألف دينار.",
    "Japanese": "橋は一週間閉鎖され、市の技術者は修理に四百万円かかると述べた。彼女によると警告はなかった。",
    "Chinese": "这座桥关闭了一个星期，市政工程师说修理费用将超过四万元。她说，事先没有人警告过我们。",
}
# language, the charset that it is really in, and another that its page may name
PAGES = (
    ("English", "utf-8", "iso-8859-1"),
    ("English", "windows-1252", "utf-8"),
    ("French", "iso-8859-15", "utf-8"),
    ("German", "iso-8859-1", "windows-1251"),
    ("Polish", "iso-8859-2", "utf-8"),
    ("Polish", "windows-1250", "iso-8859-1"),
    ("Turkish", "windows-1254", "utf-8"),
    ("Russian", "utf-8", "windows-1251"),
    ("Russian", "windows-1251", "utf-8"),
    ("Russian", "koi8-r", "windows-1251"),
    ("Greek", "iso-8859-7", "utf-8"),
    ("Arabic", "windows-1256", "utf-8"),
    ("Japanese", "shift_jis", "utf-8"),
    ("Japanese", "euc-jp", "shift_jis"),
    ("Chinese", "gb2312", "utf-8"),
    ("Chinese", "gb18030", "big5"),
)
STATED = (
    ("right", ""),
    ("right", "right"),
    ("right", "other"),
    ("", "right"),
    ("x-unknown", "right"),
    ("utf-8", "right"),
    ("", ""),
    ("utf-8", "utf-8"),
)
"""What the header and the meta tag say: none of this hides what the page is in."""


def page(text: str, encoding: str, meta: str) -> bytes:
    """A web page in a charset, whose meta tag may say something else."""
    head = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{head}</head><body><article><p>{text}</p></article></body></html>".encode(encoding)


@pytest.mark.parametrize(("language", "encoding", "other"), PAGES)
@pytest.mark.parametrize(("header", "meta"), STATED)
def test_a_page_is_read_to_the_letter(
    language: str, encoding: str, other: str, header: str, meta: str
) -> None:
    named = {"right": encoding, "other": other}
    data = page(TEXTS[language], encoding, named.get(meta, meta))
    assert extract(data, "https://news.example/a", named.get(header, header)).text == TEXTS[language]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(TEXTS["Russian"], "iso-8859-5"), (TEXTS["Turkish"], "iso-8859-3"), (TEXTS["Arabic"], "iso-8859-6")],
)
def test_a_header_that_says_utf8_of_all_pages_does_not_hide_the_meta_tag(text: str, encoding: str) -> None:
    assert extract(page(text, encoding, encoding), "https://news.example/a", "utf-8").text == text


def test_utf16_is_told_by_its_mark_or_the_header_or_refused() -> None:
    text = TEXTS["Chinese"]
    assert extract(page(text, "utf-16", "utf-8"), "https://news.example/a").text == text
    assert extract(page(text, "utf-16-le", ""), "https://news.example/a", "utf-16").text == text
    with pytest.raises(NotAnArticle, match="binary"):
        extract(page(text, "utf-16-le", "utf-16"), "https://news.example/a")


@pytest.mark.parametrize("end", ["notes.md", "notes.txt", "notes.php", "", "a/b.Markdown?x=y"])
def test_the_end_of_an_address_does_not_make_a_page_anything_else(end: str) -> None:
    text = TEXTS["English"]
    assert extract(page(text, "utf-8", ""), f"https://news.example/{end}").text == text
