"""One grammar for times in questions, compiled for each language from its words in `time_words`.

MONTH and WEEKDAY come from CLDR; a template names its pieces in upper case.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from index.language.time_words import TIME_WORDS, TimeWords

Span = tuple[date, date]
Bounds = tuple[date | None, date | None]
Meaning = Callable[..., Bounds]

DAY = timedelta(days=1)
NEVER = "(?!)"

# White space is single spaces here, and nothing repeats without bound: each search takes linear time.
COMMON = {
    "YEAR": "(?:19|20)[0-9]{2}",
    "ISO": "YEAR-[0-9]{2}-[0-9]{2}",
    "COUNT": "[0-9]{1,3}|NUMBER",
    "DATE": "ISO|DAY",
    "IN_TIME": "MONTH_YEAR|ANY_MONTH|ONE_YEAR",
    "RELATIVE": "THIS_WEEK|THIS_MONTH|THIS_YEAR|LAST_WEEK|LAST_MONTH|LAST_YEAR|LAST_DAY",
    "NAMED": "DATE|IN_TIME|YESTERDAY|RELATIVE",
    "DATED": r"(?!DOUBTFUL\b(?!,? (?:\w{1,4} ){0,2}[0-9]))NAMED",
    "NEXT": r"[?!.,;:)؟،؛] (?![0-9]|(?:MONTH|COMPARED)\b)",
    "END": r"(?=[ ?!.…)؟]*$|NEXT| GOES_ON\b)",
    **dict.fromkeys(["ONWARDS", "UNTIL", "ON", "OF", "PAST_ONE", "DOUBTFUL", "COMPARED", "BARE"], NEVER),
    "WHILE": "",
}
"""Pieces that all languages share, and defaults for those that a language doesn't have."""

MEANINGS: list[tuple[str, Meaning]] = [
    ("BETWEEN (NAMED|YEAR)AND(NAMED)", lambda a, b: (a[0], b[1])),
    ("FROM (NAMED|YEAR) TO (NAMED)", lambda a, b: (a[0], b[1])),
    ("SINCE (WEEKDAY|NAMED)|FROM (NAMED) ONWARDS", lambda a: (a[0], None)),
    ("AFTER (WEEKDAY|DATED)", lambda a: (a[1] + DAY, None)),
    ("BEFORE (DATED)", lambda a: (None, a[0] - DAY)),
    ("UNTIL (DATED)", lambda a: (None, a[1])),
    ("IN (IN_TIME)|ON (DATE)|OF (DATED)|WHILE(RELATIVE)|(ISO|YESTERDAY|BARE)", lambda a: a),
    ("(?:^|(?<=^[¿¡])|TODAY_AFTER)(TODAY)", lambda a: a),
    ("(?:OVER )?(PAST)|OVER (PAST_ONE)", lambda a: a),
]
"""Templates of a time, each with the days it means, computed from the days that its groups name."""

FORMS = {
    "yesterday": "YESTERDAY",
    "today": "TODAY",
    "this week": "THIS_WEEK",
    "this month": "THIS_MONTH",
    "this year": "THIS_YEAR",
    "last week": "LAST_WEEK",
    "last month": "LAST_MONTH",
    "last year": "LAST_YEAR",
    "weekday": "WEEKDAY|LAST_DAY",
    "past": "PAST|PAST_ONE",
}
"""What a group can name, tried in this order; anything else is a date."""

FOLDED = str.maketrans("áéíóúñäöüÁÉÍÓÚÑÄÖÜёЁأإآى٠١٢٣٤٥٦٧٨٩", "aeiounaouAEIOUNAOUеЕاااي0123456789")
"""Maps letters that people often type without accents or hamza to the plain ones, and Arabic digits."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled rules of one language; they match folded text."""

    rules: tuple[tuple[re.Pattern[str], Meaning], ...]
    forms: dict[str, re.Pattern[str]]
    months: tuple[re.Pattern[str], ...]
    weekdays: tuple[re.Pattern[str], ...]
    numbers: tuple[re.Pattern[str], ...]  # one to twelve
    units: tuple[re.Pattern[str], ...]  # day, week, month, year
    not_after: re.Pattern[str]  # words just before a time that rule it out
    latest: re.Pattern[str]


@cache
def grammars() -> dict[str, Grammar]:
    """Compiles the grammar of each language on first use, which takes 0.3 s."""
    return {language: _grammar(words) for language, words in TIME_WORDS.items()}


def fold(text: str) -> str:
    """Replaces accented letters and Arabic digits; the length stays the same."""
    return text.translate(FOLDED)


def _grammar(words: TimeWords) -> Grammar:
    """Compiles the grammar of one language."""
    months, weekdays = _names(words)
    numbers, units = words.pieces["NUMBERS"].split(), words.pieces["UNITS"].split()
    pieces = (
        COMMON
        | words.pieces
        | {
            "MONTH": "|".join(months),
            "WEEKDAY": "|".join(weekdays),
            "NUMBER": "|".join(numbers),
            "UNIT": "|".join(units),
        }
    )

    def compiled(template: str) -> re.Pattern[str]:
        return re.compile(fold(_filled(template, pieces)), re.IGNORECASE)

    def each(names: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        """Compiles one pattern per name; Arabic names may have an article."""
        return tuple(compiled(rf"\b(?:ال)?(?:{name})\b") for name in names)

    return Grammar(
        rules=tuple((compiled(f"(?<![^ (¿¡])(?:{said})END"), meaning) for said, meaning in MEANINGS),
        forms={form: compiled(named) for form, named in FORMS.items()},
        months=each(months),
        weekdays=each(weekdays),
        numbers=each(numbers),
        units=each(units),
        not_after=compiled(r"\bNOT_AFTER $"),
        latest=compiled(r"\bLATEST(?!['’\w-])"),
    )


def _names(words: TimeWords) -> tuple[list[str], list[str]]:
    """Returns the forms of each month, and of each weekday from Monday, as alternatives."""
    from babel.dates import get_day_names, get_month_names  # takes 0.1 s, which not every command needs

    widths: list[Literal["wide", "abbreviated"]] = ["wide", "abbreviated"] if words.abbreviated else ["wide"]
    months: list[dict[str, None]] = [{} for _ in range(12)]
    weekdays: list[dict[str, None]] = [{} for _ in range(7)]
    for locale in words.locales:
        for context in ("format", "stand-alone"):
            for width in widths:
                for number, name in get_month_names(width, context, locale).items():
                    months[number - 1] |= dict.fromkeys(_inflected(name, words.endings))
            for number, name in get_day_names("wide", context, locale).items():
                weekdays[number] |= dict.fromkeys(_inflected(name, words.endings))
    return ["|".join(forms) for forms in months], ["|".join(forms) for forms in weekdays]


def _inflected(name: str, endings: str) -> list[str]:
    """Returns a name and its other case forms, which CLDR doesn't have."""
    stem = name[:-1] if name[-1] in endings else name
    return [re.escape(name), re.escape(stem) + endings] if endings else [re.escape(name)]


def _filled(template: str, pieces: dict[str, str]) -> str:
    """Replaces the names of pieces in a template by the pieces, as groups."""
    return re.sub("[A-Z]{2}[A-Z_]*", lambda name: f"(?:{_filled(pieces[name.group()], pieces)})", template)
