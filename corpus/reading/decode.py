"""Bytes to text, or a clear refusal: no wrongly read letter may be stored and quoted."""

import codecs
import re

from corpus.errors import NotAnArticle
from corpus.reading.charsets import codec, detect

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP, Word or EPUB file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word or Excel file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture, a sound or a film"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!\x1a", "a compressed file"),
    (b"SQLite format 3\0", "a database"),
    (b"\x7fELF", "a program"),
)
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
MISREAD_AS = ("cp1252", "latin-1", "cp1250", "cp1251")
# Lead bytes of the letters, punctuation and emoji that articles use; É, Ê and à with a quotation
# mark or a hard space behind them are good French.
LEADS = (
    ("[{}][{}]", b"\xc2\xc3\xc4\xc5\xce\xcf\xd0\xd1\xd7\xd8\xd9\xda\xdb"),
    ("[{}][{}]{{2}}", bytes(range(0xE1, 0xF0))),
    ("[{}][{}]{{3}}", b"\xf0"),
)


def decode(data: bytes, declared: str | None = None, *, name: str = "This file") -> str:
    """The text of `data` with LF line ends, by BOM, valid UTF-8, the declared charset or detection.

    Bytes that stand for nothing become U+FFFD. `name` begins the sentence of `NotAnArticle`,
    which is raised for binary data, for more than 1 % U+FFFD and for text read wrongly before.
    """
    _refuse_magic(data, name)
    text = _by_mark(data)
    if text is None:
        text = _unmarked(data, codec(declared), name)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    refuse_garbage(text, name)
    return text


def _refuse_magic(data: bytes, name: str) -> None:
    for magic, what in MAGIC:
        if data.startswith(magic):
            raise NotAnArticle(
                f"{name} looks like {what}; save its text as .txt, .md or .html and send that."
            )


def _by_mark(data: bytes) -> str | None:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return None


def _unmarked(data: bytes, declared: str | None, name: str) -> str:
    if declared in ("utf-16-le", "utf-16-be") and b"\0" in data:
        return data.decode(declared, "replace")
    if b"\0" in data:
        raise _binary(name)
    if b"\x1b$" in data:  # only ISO-2022-JP is told by escapes; the rest of it is ASCII
        return data.decode("iso2022_jp", "replace")
    text = _utf8(data)
    if text is None and declared not in (None, "utf-8", "utf-16-le", "utf-16-be"):
        text = data.decode(declared, "replace")
    return _detected(data, name) if text is None else text


def _utf8(data: bytes) -> str | None:
    """`data` as UTF-8 when all of it is, or all but a few damaged places among many good ones."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    good = len(NOT_ASCII.findall(text)) - broken
    return text if broken * 10 <= good else None


def _detected(data: bytes, name: str) -> str:
    encoding = detect(data)
    if encoding is None:
        raise NotAnArticle(
            f"{name} is in a character set that cannot be told; save it as UTF-8 and send it again."
        )
    return data.decode(encoding, "replace")


def refuse_garbage(text: str, name: str) -> None:
    """Raise NotAnArticle, beginning with `name`, for text that is binary, broken or misread."""
    if len(CONTROLS.findall(text)) * 200 > len(text):
        raise _binary(name)
    if text.count("\ufffd") * 100 > len(text):
        raise NotAnArticle(
            f"{name} has lost many of its letters (they read as \ufffd); save it as UTF-8 "
            "from the original and send it again."
        )
    if is_mojibake(text):
        raise NotAnArticle(
            f"{name} was once read in the wrong character set (as in â€™ for ’); save it as UTF-8 "
            "from the original and send it again."
        )


def storable(text: str) -> str:
    """Text without lone surrogates, which JSON can hold and UTF-8 can't; its length stays."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _binary(name: str) -> NotAnArticle:
    return NotAnArticle(
        f"{name} is not text but binary data; save its text as .txt, .md or .html and send that."
    )


def is_mojibake(text: str) -> bool:
    """Whether most of what is not ASCII in `text` is UTF-8 or Cyrillic read as something else."""
    foreign = len(NOT_ASCII.findall(text))
    return _all_accents(text) or any(_misread(pattern, text, foreign) for pattern in MISREAD_PATTERNS)


def _misread(pattern: re.Pattern[str], text: str, foreign: int) -> bool:
    """Whether three quarters of the foreign characters are UTF-8 sequences, and more than a few."""
    # 3×4 may have a hard space after its sign, and would look like a Hebrew letter
    found = [len(m[0]) for m in pattern.finditer(text) if m[0] != "×\u00a0"]
    enough = len(found) >= 3 or len(found) * 200 > len(text)
    return bool(found) and enough and sum(found) * 4 > foreign * 3


def _all_accents(text: str) -> bool:
    """Whether most letters are accented, as in Ïðèâåò for Привет: no language writes so."""
    accented = len(re.findall("[À-ÖØ-öø-ÿ]", text))
    return accented >= 20 and accented > len(re.findall(r"[^\W\d_]", text)) * 0.6


def _misread_pattern(encoding: str) -> re.Pattern[str]:
    """Matches one character's UTF-8 bytes as they look when read in `encoding`."""

    def look(raw: bytes) -> str:
        return re.escape("".join(_one_letter(byte, encoding) for byte in raw))

    tail = look(bytes(range(0x80, 0xC0)))
    return re.compile("|".join(shape.format(look(leads), tail) for shape, leads in LEADS))


def _one_letter(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)  # browsers read the bytes that cp1252 leaves open as controls


MISREAD_PATTERNS = tuple(_misread_pattern(encoding) for encoding in MISREAD_AS)
