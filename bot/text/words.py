"""What the bot says of itself, in each of its languages: the catalogues in `locales`, dates and numbers.

Quotations and titles never go through here: they stay in their own language, to the letter.
"""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.language.times import Period

if TYPE_CHECKING:  # with Babel's data they take a tenth of a second, which not every command needs
    from fluent.runtime import FluentBundle

LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch", "ru": "Русский", "ar": "العربية"}
"""The languages that the bot speaks, by code, each by its own name."""
FALLBACK = "en"
CATALOGUES = Path(__file__).with_name("locales")

# Babel's medium date is American English, and in Arabic holds marks that Telegram may drop.
DAYS = {"en": "d MMM y", "ar": "d MMMM y"}
RIGHT_TO_LEFT = ("R", "AL")
ISOLATE, END = "\u2068", "\u2069"  # what is between takes its direction from its own first letter


class Words:
    """One language: its messages by id, its dates; what its catalogue lacks is said in English."""

    def __init__(self, code: str) -> None:
        from babel import Locale

        self.code = code
        self._locale = Locale.parse(code)
        self._catalogues = [_catalogue(each) for each in dict.fromkeys((code, FALLBACK))]

    def __call__(self, message: str, /, **variables: str | int) -> str:
        """The text of a message; numbers are written as the language does, KeyError for an unknown id.

        Where a variable is missing it warns, which is logged, and says it in English as well as it can.
        """
        held = [each for each in self._catalogues if each.has_message(message)]
        patterns = [(each, pattern) for each in held if (pattern := each.get_message(message).value)]
        if not patterns:
            raise KeyError(message)
        for catalogue, pattern in patterns:
            text, errors = catalogue.format_pattern(pattern, variables)
            if not errors:
                break
            warnings.warn(f"{message} ({catalogue.locales[0]}): {errors[0]}", RuntimeWarning, stacklevel=2)
        return str(text)

    def day(self, published: str) -> str:
        """An ISO 8601 date or date-time as a day: 28 Nov 2024; may stand in text of another language."""
        return isolated(self._date(datetime.fromisoformat(published)))

    def period(self, period: Period, *, order: bool = True) -> str:
        """A period as it is said of articles: since 1 May 2024; with `order`, also that the newest lead."""
        start, end = period.start, period.end
        if start and end:
            days = self._span(start, end)
        elif start:
            days = self("period-since", date=self._date(start))
        elif end:
            days = self("period-until", date=self._date(end))
        else:
            return self("period-latest")
        return self("period-newest-first", period=days) if period.latest and order else days

    def either(self, choices: Sequence[str]) -> str:
        """Several things, any of which will do: a, b, or c."""
        from babel.lists import format_list

        return format_list(choices, "or", self._locale)

    def listed(self, names: Sequence[str]) -> str:
        """Several names together: a, b, and c."""
        from babel.lists import format_list

        return format_list([isolated(name) for name in names], "standard", self._locale)

    def language(self, code: str) -> str:
        """The name of a language; its code where that is no language."""
        return str(self._locale.languages.get(code, code))

    def weekday(self, number: int) -> str:
        """The name of a day of the week; Monday is 0."""
        from babel.dates import get_day_names

        return str(get_day_names("wide", "stand-alone", self._locale)[number])

    def _span(self, start: date, end: date) -> str:
        """The days from `start` to `end` by the shortest name that they have."""
        from babel.dates import format_skeleton

        if start == end:
            return self("period-day", date=self._date(start))
        if start.day == (end + timedelta(days=1)).day == 1 and start.year == end.year:
            if start.month == end.month:
                return self("period-month", month=format_skeleton("yMMMM", start, locale=self._locale))
            if (start.month, end.month) == (1, 12):
                return self("period-year", year=str(start.year))
        return self("period-between", first=self._date(start), last=self._date(end))

    def _date(self, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, DAYS.get(self.code, "medium"), self._locale)


def words_for(code: str | None) -> Words:
    """The words of a language code such as Telegram gives ("pt-br"); English where there are none."""
    language = re.split("[-_]", code or "")[0].lower()
    return _words(language if language in LANGUAGES else FALLBACK)


def isolated(text: str) -> str:
    """`text` so that right-to-left letters in it leave the order of what stands around it alone."""
    mixed = any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text)
    return f"{ISOLATE}{text}{END}" if mixed else text


@cache
def _words(code: str) -> Words:
    return Words(code)


@cache
def _catalogue(code: str) -> "FluentBundle":
    """The messages of a language, read once; what is filled in is isolated where it is written leftwards."""
    from babel import Locale
    from fluent.runtime import FluentBundle, FluentResource

    catalogue = FluentBundle([code], use_isolating=Locale.parse(code).text_direction == "rtl")
    catalogue.add_resource(FluentResource((CATALOGUES / f"{code}.ftl").read_text(encoding="utf-8")))
    return catalogue
