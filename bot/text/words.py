"""The bot's own texts in each language: the catalogues in `locales`, dates and numbers.

Quotations and titles bypass this module: they stay verbatim in their own language.
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

if TYPE_CHECKING:  # importing them and Babel's data takes 0.1 s, which not every command needs
    from fluent.runtime import FluentBundle

LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch", "ru": "Русский", "ar": "العربية"}
"""Supported languages by code, each with its native name."""
FALLBACK = "en"
CATALOGUES = Path(__file__).with_name("locales")

# Babel's medium date is American English; its Arabic one holds marks that Telegram may drop.
DAYS = {"en": "d MMM y", "ar": "d MMMM y"}
RIGHT_TO_LEFT = ("R", "AL")
ISOLATE, END = "\u2068", "\u2069"  # text between them takes its direction from its own first letter


class Words:
    """One language's messages and dates; missing messages fall back to English."""

    def __init__(self, code: str) -> None:
        from babel import Locale

        self.code = code
        self._locale = Locale.parse(code)
        self._catalogues = [_catalogue(each) for each in dict.fromkeys((code, FALLBACK))]

    def __call__(self, message: str, /, **variables: str | int) -> str:
        """Returns a message with numbers in the language's format; KeyError for an unknown id.

        A missing variable causes a RuntimeWarning, which is logged, and the message falls back to English.
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
        """Formats an ISO 8601 date or date-time as a day (28 Nov 2024), safe inside text of any direction."""
        return isolated(self._date(datetime.fromisoformat(published)))

    def period(self, period: Period, *, order: bool = True) -> str:
        """Describes a period (since 1 May 2024); with `order`, adds that the newest come first."""
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
        """Joins alternatives: a, b, or c."""
        from babel.lists import format_list

        return format_list(choices, "or", self._locale)

    def listed(self, names: Sequence[str]) -> str:
        """Joins names: a, b, and c."""
        from babel.lists import format_list

        return format_list([isolated(name) for name in names], "standard", self._locale)

    def language(self, code: str) -> str:
        """Returns the name of a language, or the code if it is unknown."""
        return str(self._locale.languages.get(code, code))

    def weekday(self, number: int) -> str:
        """Returns the name of a weekday; Monday is 0."""
        from babel.dates import get_day_names

        return str(get_day_names("wide", "stand-alone", self._locale)[number])

    def _span(self, start: date, end: date) -> str:
        """Describes `start` to `end` in the shortest way: a day, a month, a year or two dates."""
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
    """Returns the words for a language code as sent by Telegram ("pt-br"), English if unsupported."""
    language = re.split("[-_]", code or "")[0].lower()
    return _words(language if language in LANGUAGES else FALLBACK)


def isolated(text: str) -> str:
    """Isolates right-to-left text so that it doesn't reorder the text around it."""
    mixed = any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text)
    return f"{ISOLATE}{text}{END}" if mixed else text


@cache
def _words(code: str) -> Words:
    return Words(code)


@cache
def _catalogue(code: str) -> "FluentBundle":
    """Returns a language's messages, cached; right-to-left languages isolate inserted values."""
    from babel import Locale
    from fluent.runtime import FluentBundle, FluentResource

    catalogue = FluentBundle([code], use_isolating=Locale.parse(code).text_direction == "rtl")
    catalogue.add_resource(FluentResource((CATALOGUES / f"{code}.ftl").read_text(encoding="utf-8")))
    return catalogue
