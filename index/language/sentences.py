"""Where a paragraph's sentences begin and end: rules and word lists, no model, linear time."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from corpus.article import Span

LONGEST = 1000  # characters; a longer sentence is parted at a clause
SHORTEST_CLAUSE = 60  # what is written without full stops is parted at a space between such lengths


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name follows these: they never end a sentence.
TITLES = _words(
    """mr mrs ms mx messrs dr prof gen sen rep gov sgt cpl capt cmdr lt col maj adm rev hon pres supt mme
    mlle mgr dott sig sra srta dra sres dña dhr mevr inh fa им ул пл просп св дж см акад проф доц ген
    тов डॉ श्री ดร"""
)
# These, and initials, end one only where the next word is one that commonly opens a sentence.
ABBREVIATIONS = _words(
    """st ave blvd rd mt ft inc ltd corp co bros dept univ assn vs al cf viz approx lit ca jr sr esp incl
    bzw ggf evtl vgl mio mrd tsd str hl geb chr ph.d ud uds ee uu cía avda gral рук зам напр"""
)
# These of both kinds end one before any capital.
ENDING = re.compile(r"(?:т\. ?[дп]|[\dIVX] ?(?:гг?|вв?|рр?|r|см))\Z")
# These end none where a number follows.
NUMBERED = _words(
    """no nos nr núm nº n° № pp pag pág págs page ch sec art arts fig figs vol vols bd abs kap abb est
    max min jan feb mar apr jun jul aug sep sept oct okt nov dec dez стр рис ст гл тел ум род"""
)
OPENING_WORDS = {
    language: _words(words)
    for language, words in {
        "en": """A After Also Although An And Another Are As At Because Before Both But By Can Could
            Despite Did Do Does During Each Even Everyone Few For From He Hence Her Here His How However I
            If In Is It Its Many Meanwhile Most My No Nobody Not Now On Once One Or Our Several She Since
            So Some Still Such That The Their Then There Therefore These They This Those Though Thus To
            Until Was We Were What When Where While Who Why With Would Yet You Your""",
        "de": """Aber Als Am Auch Auf Bei Danach Dann Das Der Derzeit Die Dies Diese Dieser Doch Ein Eine
            Er Es Für Heute Ich Ihr Im In Jetzt Mit Nach Nun Seit Sie So Und Von Wenn Wir Zu""",
        "es": """A Al Así Aunque Con Cuando De Después El Ella Ellos En Entonces Es Esta Este Esto La Las
            Los Luego Más Nadie No Para Pero Por Se Según Si Sin Su Sus También Todo Tras Un Y""",
        "fr": """Après Au Aussi Avec Ce Ces Cet Cette Dans De Depuis Des Elle Elles En Et Il Ils Je La Le
            Les Leur Mais Nous On Or Par Pour Puis Sa Selon Ses Si Son Un Une Vous""",
        "ru": """А Без В Во Все Всё Где Для До Его Ее Если Её За Затем И Из Их К Как Когда Кто Мы На Но О
            Он Она Они Оно От По После Потом При С Так Также Там Тогда У Что Эта Эти Это Этот Я""",
    }.items()
}
ANY_OPENING_WORD = frozenset().union(*OPENING_WORDS.values())
ORDINAL_LANGUAGES = _words("cs da de et fi hr hu is lb lv nb nn no pl sk sl sr tr")  # “3.” is 3rd
AFTER_ORDINAL = re.compile(r"\d|Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jahrh|Weltkr")
HOUR_DETAIL = re.compile(r"[A-Z]{2,4}\b|\w{3,6}day\b|Eastern|Central|Pacific|[A-Z]\w{1,20} time\b")

STOP = re.compile(
    r"([.!?…．;\u037e。！？｡؟۔।॥։።။។᠃]+(?: \.)*)"  # stops; \u037e is the Greek question mark
    r"((?:[”’»›」』》〉）)\]】}\"'*]|[“«‘‹](?!\w)|[ \u00a0\u202f]»(?!\S)"  # marks that close
    r"|\[[^\[\]]{1,40}\]| \[(?:\d{1,3}|[a-z])\]|[⁰¹²³⁴-⁹])*)"  # notes: [12] [citation needed] ³
    r"(?=(\s*)(?:[“„”«»‹›‘’'\"「『（(\[{—–―-]\s?)*(\S?))"  # marks that open; the first letter
)
WIDE_STOPS = frozenset("。！？｡")
GOES_ON = frozenset(".!?…,;:%)]}。！？、，")
ELLIPSIS = re.compile(r"…|\. ?\.")
LIST_MARK = re.compile(r"\s*[•⁃*-]? ?(?:\d{1,2}|[A-Za-z])\.\)?")
QUOTE = re.compile("[”’»›」』“«‘‹\"']")
INITIALS = re.compile(r"(?![가-힣])(?:[^\W\d_]{1,2}\.-?){0,9}[^\W\d_]|(?:[^\W\d_]{1,2}\.-?){1,9}[^\W\d_]{2}")
BEFORE_WORD = re.compile(r".*[“„«»‹›\"(\[{（–—]|[‘’']|.*[’'](?=\w\w)")  # “(e.g”, “l’art”
WORD = re.compile(r"[^\W\d_]{1,20}(?![\w.])|")
ADDRESS = re.compile(r"(?:Com|Net|Org|Co)\b|[\w.-]{1,40}@")  # the rest of one
BRAND = re.compile(r"[a-z]{1,2}[A-Z]")  # iPads, eBay
SAID = re.compile(r"(?:[A-Z][\w.’'-]{0,20} ){1,4}(?:said|asked|added|told|replied|shouted|cried|wrote)\b")
SAID_WIDE = re.compile(r"と(?!ても)|って|[がにのを]|[^。！？…，：]{1,12}[说道问答喊叫說問][。，！？]")
UNSTOPPED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
GAP = re.compile(rf"(?<=[{UNSTOPPED}])\s+(?=[{UNSTOPPED}])")
CLAUSE = re.compile(r"[,;:،؛–—)](?=\s)|[，；：、]")


def sentences(text: str, start: int, end: int, language: str | None = None) -> list[Span]:
    """The spans of the sentences of the paragraph `text[start:end]`, in order, without overlap.

    They hold everything but the white space between them, and none is longer than LONGEST.
    """
    paragraph = text[start:end]
    spans: list[Span] = []
    cuts = _cuts(paragraph, (language or "")[:2].lower())
    for left, right in pairwise([0, *cuts, len(paragraph)]):
        piece = paragraph[left:right]
        left, right = left + len(piece) - len(piece.lstrip()), left + len(piece.rstrip())
        if right - left > 2 * SHORTEST_CLAUSE:
            spans += [(start + a, start + b) for a, b in _clauses(paragraph, left, right)]
        elif right > left:
            spans.append((start + left, start + right))
    return spans


def _cuts(paragraph: str, language: str) -> Iterator[int]:
    last = 0
    for stop in STOP.finditer(paragraph):
        if LIST_MARK.fullmatch(paragraph, last, stop.end()):  # “1. The deal must be signed.”
            continue
        if _ends(paragraph, stop, language):
            last = stop.end()
            yield last


def _ends(paragraph: str, stop: re.Match[str], language: str) -> bool:
    """Whether a sentence ends at this run of stops, with the closing marks and notes after it."""
    stops, closing, space, letter = stop.groups()
    if not letter or letter in GOES_ON:
        return False
    if not WIDE_STOPS.isdisjoint(stops):
        return not (closing and SAID_WIDE.match(paragraph, stop.end()))
    if stops[-1] in ";\u037e":  # a question mark in Greek alone
        return bool(space) and letter.isupper() and "\u0370" <= letter <= "\u03ff"
    if stops[-1] in "．؟۔।॥։።။។᠃":
        return not letter.isdigit()
    return _ends_spaced(paragraph, stop, language) if space else _ends_glued(paragraph, stop)


def _ends_glued(paragraph: str, stop: re.Match[str]) -> bool:
    """Whether a sentence ends where no white space follows: “done.The” does, “A.B” does not."""
    stops, closing, _, letter = stop.groups()
    at = stop.start(4)
    capital = letter.isupper() and paragraph[at + 1 : at + 2].islower()
    if not (capital or _is_caseless(letter)) or ADDRESS.match(paragraph, at):
        return False
    before = _token(paragraph, stop.start(), 200)
    if "/" in before or "@" in before or before.startswith("www.") or before.lower() in TITLES:
        return False
    if capital:
        return bool(closing) or (before[-2:].isalpha() and before[-2:].islower())
    ends = len(before) > 2 and before[-3:].isalpha()
    return ends and not (QUOTE.search(closing) or ELLIPSIS.search(stops))


def _ends_spaced(paragraph: str, stop: re.Match[str], language: str) -> bool:
    stops, closing, _, letter = stop.groups()
    at = stop.start(4)
    if letter.islower() and not "ა" <= letter <= "ჿ":  # Georgian sentences open in lower case
        return bool(BRAND.match(paragraph, at))
    if letter.isdigit() and paragraph[at - 1] == "(":  # “Fear Her!” (2006)
        return False
    if "!" in stops or "?" in stops:
        return not (QUOTE.search(closing) and SAID.match(paragraph, at))
    if ELLIPSIS.search(stops):  # “[…] The”, “But... I do”
        bracketed = paragraph[max(0, stop.start() - 1)] in "[(“\"'‘«„"
        return not (bracketed or _is_caseless(letter) or _word(paragraph, at) == "I")
    return _ends_at_dot(paragraph, stop, language)


def _ends_at_dot(paragraph: str, stop: re.Match[str], language: str) -> bool:
    """Whether a full stop before white space and a capital, number or sign is more than a dot."""
    dot, at, letter = stop.start(), stop.start(4), stop[4]
    token = _token(paragraph, dot, 40)
    word = (token if token.isalnum() else BEFORE_WORD.sub("", token)).lower()
    number = letter.isdigit() or letter in "$£€¥₹₽₩"
    ordinal = len(word) < 3 and word.isdigit() and _is_ordinal(paragraph, at, language)
    if not (ordinal or word in TITLES or word in ABBREVIATIONS or INITIALS.fullmatch(word)):
        return not (number and word in NUMBERED)
    if ENDING.search(paragraph, max(0, dot - 6), dot) or QUOTE.search(stop[2]):
        return True
    if word in TITLES or number:
        return False
    if word in ("a.m", "p.m"):
        return not HOUR_DETAIL.match(paragraph, at)
    return _word(paragraph, at) in OPENING_WORDS.get(language, ANY_OPENING_WORD)


def _is_ordinal(paragraph: str, at: int, language: str) -> bool:
    if language in ORDINAL_LANGUAGES:
        return True
    return language != "en" and bool(AFTER_ORDINAL.match(paragraph, at))


def _token(paragraph: str, end: int, longest: int) -> str:
    """What stands before `end` without white space, or its last part."""
    before = paragraph[max(0, end - longest) : end]
    return "" if not before or before[-1].isspace() else before.rsplit(None, 1)[-1]


def _word(paragraph: str, start: int) -> str:
    match = WORD.match(paragraph, start)
    return match[0] if match else ""


def _is_caseless(letter: str) -> bool:
    return letter.isalpha() and not letter.islower() and not letter.isupper()


def _clauses(paragraph: str, left: int, right: int) -> Iterator[Span]:
    """A sentence as it is, or where it is written without stops or is too long, its clauses."""
    for gap in GAP.finditer(paragraph, left, right):
        if gap.start() - left >= SHORTEST_CLAUSE <= right - gap.end():
            yield from _limited(paragraph, left, gap.start())
            left = gap.end()
    yield from _limited(paragraph, left, right)


def _limited(paragraph: str, left: int, right: int) -> Iterator[Span]:
    while right - left > LONGEST:
        cut = _last_cut(paragraph, left, left + LONGEST)
        yield left, left + len(paragraph[left:cut].rstrip())
        while paragraph[cut].isspace():
            cut += 1
        left = cut
    yield left, right


def _last_cut(paragraph: str, left: int, limit: int) -> int:
    """Where best to part a long sentence: after a clause, at white space, else at the limit."""
    clause = max((m.end() for m in CLAUSE.finditer(paragraph, left, limit)), default=left)
    if clause > left + LONGEST // 2:
        return clause
    space = next((i for i in range(limit, left, -1) if paragraph[i].isspace()), left)
    if max(clause, space) > left:
        return max(clause, space)
    whole = (i for i in range(limit, limit - 50, -1) if not _joins(paragraph[i - 1], paragraph[i]))
    return next(whole, limit)


def _joins(before: str, after: str) -> bool:
    """Whether two characters may show as one: accents, emoji sequences, surrogates, flags."""
    return (
        unicodedata.category(after)[0] == "M"
        or "\u200d" in (before, after)
        or any(low <= after <= high for low, high in ("\u1160\u11ff", "\udc00\udfff", "🏻🏿"))
        or "🇦" <= min(before, after) <= max(before, after) <= "🇿"
    )
