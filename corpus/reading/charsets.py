"""Which character set bytes are in: what a label means, and what the bytes themselves tell."""

import codecs
import re
from collections import Counter

from charset_normalizer import from_bytes

# What WHATWG's labels mean where Python knows the label by another meaning or not at all.
LABELS = {
    "dos-866": "cp866",
    "koi8": "koi8-r",
    "mac": "mac-roman",
    "unicode": "utf-16-le",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-8": "utf-8",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
    "x-x-big5": "big5hkscs",
    "iso-8859-8-i": "iso8859-8",
}
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
KNOWN = frozenset(
    {
        *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp"),
        *("cp866", "cp874", "cp932", "cp949", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
        *(f"cp125{page}" for page in range(9)),
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    }
)
# The letters beyond a to z of the languages that share a code page. charset-normalizer calls nearly
# all Western text cp1250 and so turns £ into Ł, è into č and ñ into ń; no one language has those.
ALPHABETS = {
    "cp1252": (
        "àâæçéèêëîïôœùûüÿ",  # French
        "äöüßéèà",  # German
        "áéíóúüñïçàèòªº¡¿",  # Spanish, Catalan
        "áâãàçéêíóôõúüªº",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "åäöæøéèü",  # Danish, Norwegian, Swedish, Finnish
        "áðéíóúýþæö",  # Icelandic
        "éèëïöüóá",  # Dutch
    ),
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "čćđšž",  # Croatian, Slovene
        "ăâîşţ",  # Romanian
    ),
    "cp1254": ("çğıöşüâîû",),  # Turkish
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),  # Lithuanian, Latvian, Estonian
}
# Where the same languages are found too, each after the code page that Windows has for them.
ALPHABETS["iso8859-2"] = ALPHABETS["cp1250"]
ALPHABETS["iso8859-4"] = ALPHABETS["cp1257"]
ALPHABETS["mac-roman"] = ALPHABETS["cp1252"]
SIGNS = "‘’‚“”„…–—«»‹›•€£§°©®™½¼¾²³±×·\u00a0\u00ad"
COVERED = 0.9  # the rest are names from other languages
MIXED = 0.6  # enough where there is little to cover, as in Zoë and François in Malmö
OTHER_SHARE = 0.2  # text in another script has at least so many bytes beyond ASCII
HIGH = re.compile(rb"[\x80-\xff]")
OTHER_SCRIPTS = (
    *("cp1251", "cp1253", "cp1255", "cp1256", "koi8_r", "koi8_u", "cp866", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
# An accented capital inside a word, as in councilÕs, is a quotation mark read wrongly.
INSIDE = re.compile(r"(?<=[a-z])[À-ÖØ-Þ](?=[a-z\W])")


def codec(label: str | None) -> str | None:
    """Python's codec for a charset label as browsers understand it, or None."""
    label = (label or "").strip(" \t\r\n\f\"'").lower()
    try:
        found = LABELS.get(label) or codecs.lookup(label).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None
    found = WIDER.get(found, found)
    return found if found in KNOWN else None


def detect(data: bytes) -> str | None:
    """The codec that `data`, which is not UTF-8, is in, or None when that can't be told."""
    scored = {encoding: _covered(data, encoding) for encoding in ALPHABETS}
    latin = max(scored, key=lambda encoding: scored[encoding])  # the first of equals
    if scored[latin] >= COVERED:
        return latin
    # script and markup, which are ASCII, would outweigh the text of a page
    foreign = b"\n".join(part for part in re.split(b"[<>]", data) if not part.isascii())
    if len(HIGH.findall(foreign)) < len(foreign) * OTHER_SHARE:
        return latin if scored[latin] >= MIXED else None
    best = from_bytes(foreign, cp_isolation=list(OTHER_SCRIPTS)).best()
    return best.encoding if best else None


def _covered(data: bytes, encoding: str) -> float:
    """The largest share of the foreign characters of `data` that one language accounts for."""
    text = data.decode(encoding, "replace")
    foreign = Counter(re.findall(r"[^\x00-\x7f]", INSIDE.sub("\ufffd", text)))
    return max(
        sum(count for char, count in foreign.items() if char.lower() in alphabet + SIGNS)
        for alphabet in ALPHABETS[encoding]
    ) / max(foreign.total(), 1)
