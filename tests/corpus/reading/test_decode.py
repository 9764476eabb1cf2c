"""Bytes in every usual encoding come out to the letter, or are refused with a reason."""

import pytest

from corpus.errors import NotAnArticle
from corpus.reading.charsets import codec
from corpus.reading.decode import decode, is_mojibake

ENGLISH = "The council’s engineer said “no” – it would cost £40,000 to repair the bridge.\n"
FRENCH = "Le pont est resté fermé ; l’ingénieure a déclaré que réparer coûterait cher à la ville.\n"
GERMAN = "Die Brücke blieb gesperrt, größere Schäden sind für die Fußgänger nicht auszuschließen.\n"
SPANISH = "El año pasado la ingeniera pidió una reparación: ¿quién la pagará mañana?\n"
POLISH = "Most był zamknięty przez tydzień, a inżynier mówi, że naprawa będzie kosztować więcej.\n"
CZECH = "Most zůstal týden uzavřený a městská inženýrka řekla, že oprava přijde na víc, než čekali.\n"
TURKISH = "Köprü bir hafta kapalı kaldı ve mühendis onarımın kırk bin liraya mal olacağını söyledi.\n"
LATVIAN = "Tilts bija slēgts nedēļu, un pilsētas inženiere teica, ka remonts izmaksās dārgi, šķiet.\n"
RUSSIAN = "Мост был закрыт неделю, и городской инженер сказала, что ремонт обойдётся дорого.\n"
UKRAINIAN = "Міст був зачинений тиждень, і міська інженерка сказала, що ремонт коштуватиме дорого.\n"
GREEK = "Η γέφυρα έμεινε κλειστή για μια εβδομάδα και η επισκευή θα κοστίσει πολλά.\n"
HEBREW = "הגשר נותר סגור במשך שבוע, והמהנדסת העירונית אמרה שהתיקון יעלה ארבעים אלף.\n"
ARABIC = "ظل الجسر مغلقا لمدة أسبوع، وقالت مهندسة البلدية إن الإصلاح سيكلف أربعين ألف دينار.\n"
THAI = "สะพานปิดหนึ่งสัปดาห์และวิศวกรกล่าวว่าการซ่อมจะมีค่าใช้จ่ายสี่หมื่นบาท\n"
JAPANESE = "橋は一週間閉鎖され、市の技術者は修理に四百万円かかると述べた。\n"
CHINESE = "这座桥关闭了一个星期，市政工程师说修理费用将超过四万元。她说，事先没有人警告过我们。\n"
TAIWANESE = "這座橋關閉了一個星期，市政工程師說修理費用將超過四萬元。她說，事先沒有人警告過我們。\n"
KOREAN = "다리는 일주일 동안 폐쇄되었고 시의 기술자는 수리비가 사천만 원에 이를 것이라고 말했다.\n"


@pytest.mark.parametrize("text", [ENGLISH, FRENCH, POLISH, RUSSIAN, HEBREW, THAI, JAPANESE, KOREAN])
@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1", "windows-1251", "nonsense"])
def test_valid_utf8_wins_over_whatever_is_declared(text: str, declared: str | None) -> None:
    assert decode(text.encode(), declared) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])  # these three write a mark themselves
@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN, JAPANESE])
@pytest.mark.parametrize("declared", [None, "windows-1252", "utf-8"])
def test_a_byte_order_mark_decides_and_goes(encoding: str, text: str, declared: str | None) -> None:
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")])
def test_big_endian_marks_decide_too(mark: bytes, encoding: str) -> None:
    assert decode(mark + RUSSIAN.encode(encoding)) == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (ENGLISH, "cp1252", "iso-8859-1"),
        (ENGLISH, "cp1252", "ISO-8859-1"),
        (ENGLISH, "cp1252", "latin1"),
        (ENGLISH, "cp1252", "us-ascii"),
        (ENGLISH, "cp1252", " windows-1252 "),
        (ENGLISH, "cp1252", '"x-cp1252"'),
        (ENGLISH, "mac-roman", "macintosh"),
        (FRENCH, "cp1252", "iso-8859-1"),
        (GERMAN, "iso8859-15", "iso-8859-15"),
        (POLISH, "iso8859-2", "latin2"),
        (POLISH, "cp1250", "windows-1250"),
        (TURKISH, "cp1254", "iso-8859-9"),
        (LATVIAN, "cp1257", "windows-1257"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R"),
        (RUSSIAN, "iso8859-5", "iso-8859-5"),
        (RUSSIAN, "cp866", "ibm866"),
        (RUSSIAN, "utf-16-le", "utf-16"),
        (RUSSIAN, "utf-16-be", "utf-16be"),
        (UKRAINIAN, "koi8-u", "koi8-u"),
        (GREEK, "iso8859-7", "iso-8859-7"),
        (HEBREW, "iso8859-8", "iso-8859-8-i"),
        (ARABIC, "cp1256", "windows-1256"),
        (THAI, "cp874", "tis-620"),
        (JAPANESE, "cp932", "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (CHINESE, "gbk", "gb2312"),
        (CHINESE, "gb18030", "gb18030"),
        (TAIWANESE, "big5", "big5"),
        (KOREAN, "cp949", "euc-kr"),
    ],
)
def test_a_declared_charset_is_read_as_browsers_read_it(text: str, encoding: str, declared: str) -> None:
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize("declared", [None, "utf-8", "no-such-charset", ""])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "cp1252"),
        (ENGLISH, "mac-roman"),
        (FRENCH, "cp1252"),
        (GERMAN, "cp1252"),
        (SPANISH, "cp1252"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (CZECH, "cp1250"),
        (CZECH, "iso8859-2"),
        (TURKISH, "cp1254"),
        (LATVIAN, "cp1257"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (UKRAINIAN, "cp1251"),
        (GREEK, "cp1253"),
        (HEBREW, "cp1255"),
        (ARABIC, "cp1256"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (KOREAN, "cp949"),
    ],
)
def test_what_no_usable_label_tells_is_detected_to_the_letter(
    text: str, encoding: str, declared: str | None
) -> None:
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize(
    "text",
    [
        "The café was shut for a week.\n",
        "A señor said that it would be shut.\n",
        "It costs £5 for all of us.\n",
        "Zoë met François in Malmö.\n",
        "Their Škoda passed the Café Núñez – and the façade – “slowly”, said the driver’s son.\n",
    ],
)
def test_a_few_western_letters_are_not_taken_for_central_european(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_few_bytes_that_fit_no_language_are_refused_and_not_guessed() -> None:
    with pytest.raises(NotAnArticle, match="character set that cannot be told"):
        decode(b"The bridge \xd0\xf0\xb9 stayed shut \xa6\xb8 for a week \xc6\xe3 in all.")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"One.\r\nTwo.\r\n", "One.\nTwo.\n"),
        (b"One.\rTwo.\r", "One.\nTwo.\n"),
        (b"One.\n\r\nTwo.", "One.\n\nTwo."),
        (b"  One. \t\n\n", "  One. \t\n\n"),
        ("\ufeffOne.\r\n".encode("utf-16-le"), "One.\n"),
        ("One\u2028Two\u00a0.".encode(), "One\u2028Two\u00a0."),
        (b"", ""),
    ],
)
def test_line_ends_become_lf_and_nothing_else_changes(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_a_broken_byte_in_good_utf8_is_one_replacement_character() -> None:
    before, after = "Мост был за", "крыт неделю.\n" + RUSSIAN * 5
    assert decode(before.encode() + b"\xff" + after.encode()) == f"{before}\ufffd{after}"


def test_half_a_surrogate_pair_is_one_replacement_character() -> None:
    data = b"\xff\xfe" + (ENGLISH * 3).encode("utf-16-le") + b"\x3d\xd8" + "!".encode("utf-16-le")
    assert decode(data) == ENGLISH * 3 + "\ufffd!"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "looks like a PDF"),
        (b"PK\x03\x04\x14\0\x06\0", "looks like a ZIP, Word or EPUB file"),
        (b"\x89PNG\r\n\x1a\n", "looks like a picture"),
        (b"\xff\xd8\xff\xe0JFIF", "looks like a picture"),
        (b"GIF89a", "looks like a picture"),
        (b"{\\rtf1\\ansi Hello there.}", "looks like an RTF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "looks like an old Word or Excel file"),
        (b"\x1f\x8b\x08", "looks like a compressed file"),
        (b"Text and then\0 a NUL.", "is not text but binary data"),
        (b"\x01\x02\x03\x04 with controls", "is not text but binary data"),
        ("Хорошо".encode("utf-16-le") + b" \0", "is not text but binary data"),
    ],
)
def test_binary_data_is_refused_by_what_it_is(data: bytes, what: str) -> None:
    with pytest.raises(NotAnArticle, match=rf"^report\.pdf {what}; save its text as .*\.$"):
        decode(data, name="report.pdf")


@pytest.mark.parametrize(
    "text", ["%PDF is how such files begin, as every reader knows.", "PK is short for park."]
)
def test_text_that_only_names_a_binary_format_is_read(text: str) -> None:
    assert decode(text.encode()) == text


def test_more_than_one_replacement_in_a_hundred_is_refused() -> None:
    with pytest.raises(NotAnArticle, match=r"^This file has lost many of its letters"):
        decode(("word \ufffd" * 10).encode())


def test_one_replacement_in_a_hundred_is_kept() -> None:
    text = "a" * 99 + "\ufffd"
    assert decode(text.encode()) == text


@pytest.mark.parametrize("read_as", ["cp1252", "latin-1", "cp1250", "cp1251"])
@pytest.mark.parametrize(
    "text", [ENGLISH, FRENCH, GERMAN, SPANISH, POLISH, RUSSIAN, GREEK, HEBREW, JAPANESE, CHINESE]
)
def test_utf8_once_read_as_something_else_is_refused(text: str, read_as: str) -> None:
    misread = "".join(_look(byte, read_as) for byte in text.encode())
    with pytest.raises(NotAnArticle, match="was once read in the wrong character set"):
        decode(misread.encode())


def _look(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


def test_cyrillic_once_read_as_western_is_refused() -> None:
    with pytest.raises(NotAnArticle, match="was once read in the wrong character set"):
        decode(RUSSIAN.encode("cp1251"), "iso-8859-1")


@pytest.mark.parametrize(
    "text",
    [
        "The city of SÃO PAULO was named so in 1554.",
        "The menu said CafÃ© Royal, and the waiter blamed the printer. " + "It was dry. " * 20,
        "Il parle de «\u00a0qualité\u00a0» avec son ami.",
        "« Voilà\u00a0», dit-il ; «\u00a0déjà\u00a0», dit-elle.",
        "The sign said “CAFÉ” and the next one “CLICHÉ” and the last “PASSÉ”.",
        "Das ist „Spaß“, sagte er.",
        "The room measures 3×\u00a04 m, the hall 5×\u00a06 m and the yard 7×\u00a08 m.",
        "СССР», «США», «РФ» – так они писали.",
        "Người Việt Nam ở Hà Nội nói rằng cầu đã đóng cửa một tuần.",
        ENGLISH,
        FRENCH,
        SPANISH,
        POLISH,
        TURKISH,
        RUSSIAN,
        UKRAINIAN,
        GREEK,
        JAPANESE,
        KOREAN,
    ],
)
def test_good_text_with_odd_letters_is_no_mojibake(text: str) -> None:
    assert not is_mojibake(text)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("latin1", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("ascii", "cp1252"),
        ("utf8", "utf-8"),
        ("'UTF-8'", "utf-8"),
        ("x-sjis", "cp932"),
        ("iso-8859-11", "cp874"),
        ("rot13", None),
        ("base64", None),
        ("utf-7", None),
        ("unicode_escape", None),
        ("idna", None),
        ("utf\0-8", None),
        ("", None),
        (None, None),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str | None, expected: str | None) -> None:
    assert codec(label) == expected
