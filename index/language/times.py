"""Reads the time that a question names as days: "since May", "la semana pasada", "в 2023 году", "latest".

Words count as a time only if the words around them leave no other meaning likely.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from index.language.detect import detect
from index.language.time_grammar import DAY, Bounds, Grammar, Meaning, Span, fold, grammars
from index.language.time_words import TIME_WORDS

Days = tuple[str, str]
"""A first and a last day, ISO 8601."""
Kind = Literal["year", "month", "day", "between", "since", "until", "latest"]
"""What the days of a period are: a whole year, month or day, or bounded at both ends, one, or none."""

UNITS = ("day", "week", "month", "year")
JUST_BEFORE = 16  # characters before a time that are searched for words that rule it out
WHOLE: tuple[Kind, ...] = ("year", "month", "day")
SAID: dict[Kind, str] = {
    "year": "of {start:%Y}",
    "month": "of {start:%B %Y}",
    "day": "of {first}",
    "between": "from {first} to {last}",
    "since": "since {first}",
    "until": "until {last}",
    "latest": "by date",
}


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a question asks about, both included; None where that end is open."""

    start: date | None
    end: date | None
    latest: bool  # the newest first
    words: str  # the question without what it says of time

    @property
    def days(self) -> Days | None:
        """The first and the last day; None where all days are meant."""
        bounds = (self.start or date.min).isoformat(), (self.end or date.max).isoformat()
        return bounds if self.start or self.end else None

    @property
    def kind(self) -> Kind:
        """How it is best said."""
        if not (self.start and self.end):
            return "since" if self.start else "until" if self.end else "latest"
        whole = (unit for unit in WHOLE if _whole(unit, self.start) == (self.start, self.end))
        return next(whole, "between")

    @property
    def said(self) -> str:
        """The period as it is shown in English, said of articles: since 1 May 2024."""
        first, last = (f"{day.day} {day:%b %Y}" if day else "" for day in (self.start, self.end))
        said = SAID[self.kind].format(start=self.start, first=first, last=last)
        return said + (", newest first" if self.latest else "")

    def parts(self, oldest: str, newest: str) -> bool:
        """Whether it may choose among articles of those dates; else they tell of it, all or none."""
        first, last = self.days or ("", "")
        return self.latest or (last >= oldest[:10] and (first > oldest[:10] or last < newest[:10]))

    def holds(self, published: str | None) -> bool:
        """Whether an article of that date belongs to it."""
        days = self.days
        return days is None or (published is not None and days[0] <= published[:10] <= days[1])


class Said(NamedTuple):
    """A possible time in a question: where it is and how it is read."""

    place: tuple[int, int]
    named: tuple[str, ...]
    meaning: Meaning
    grammar: Grammar

    def bounds(self, today: date) -> Bounds:
        """The days that are meant; ValueError where there are no such days, or not yet.

        An end that has not passed is open, since elsewhere it may be tomorrow.
        """
        spans: list[Span] = []
        for each in reversed(self.named):  # between June and August 2023: the June before that August
            spans.insert(0, _span(each, spans[0][1] if spans else today, self.grammar))
        start, end = self.meaning(*spans)
        if max(spans[-1][0], start or date.min) > today or (start and end and start > end):
            raise ValueError
        return start, end if end and end < today else None


def read(question: str, today: date) -> Period | None:
    """Returns the period that a question asks about; None if it names none or is ambiguous.

    Tries the rules of every language. If the question is in a language without rules, returns None.
    """
    if detect(question, TIME_WORDS) not in TIME_WORDS:
        return None
    question = " ".join(unicodedata.normalize("NFC", question).split())
    try:
        periods = {(said.place, said.bounds(today)) for said in _said(fold(question))}
    except ValueError:
        return None
    if len(periods) > 1:
        return None
    (first, last), (start, end) = next(iter(periods), ((0, 0), (None, None)))
    rest = question[:first] + question[last:]
    if periods and _years(rest) - _years(question[first:last]):  # two years are compared
        return None
    rest, latest = _without_latest(rest)
    words = re.sub("(?<=[¿¡(])[ ,]+| (?=[ ?!.,;:)؟،؛])", "", rest).strip(" .,;:،؛")
    asks = (start or end or latest) and any(character.isalnum() for character in words)
    return Period(start, end, latest, words) if asks else None


def _said(folded: str) -> list[Said]:
    """Returns what may be a time in any language, without matches inside longer ones."""
    found = [
        Said(match.span(), tuple(named for named in match.groups() if named), meaning, grammar)
        for grammar in grammars().values()
        for rule, meaning in grammar.rules
        for match in rule.finditer(folded)
        if not grammar.not_after.search(folded, max(0, match.start() - JUST_BEFORE), match.start())
    ]
    return [each for each in found if not any(_inside(each.place, other.place) for other in found)]


def _years(text: str) -> set[str]:
    """Returns the years in a text."""
    return set(re.findall(r"\b(?:19|20)[0-9]{2}\b", fold(text)))


def _inside(place: tuple[int, int], other: tuple[int, int]) -> bool:
    """Checks whether a place is a part of another."""
    return place != other and other[0] <= place[0] and place[1] <= other[1]


def _without_latest(question: str) -> tuple[str, bool]:
    """Removes words that ask for the newest; also returns whether there were any."""
    folded = fold(question)
    places = {match.span() for grammar in grammars().values() for match in grammar.latest.finditer(folded)}
    for first, last in sorted(places, reverse=True):
        question = question[:first] + question[last:]
    return question, bool(places)


def _span(named: str, today: date, grammar: Grammar) -> Span:
    """The first and the last day of what is named; ValueError where there is no such day."""
    form = next((form for form, pattern in grammar.forms.items() if pattern.fullmatch(named)), "date")
    match form.split():
        case ["today" | "yesterday"]:
            return _whole("day", today - DAY * (form == "yesterday"))
        case ["this" | "last" as which, unit]:
            return _whole(unit, _back(today, which == "last", unit))
        case ["weekday"]:
            weekday = _which(grammar.weekdays, named) or 0
            return _whole("day", today - DAY * ((today.weekday() - weekday - 1) % 7 + 1))
        case ["past"]:
            digits = re.search("[0-9]+", named)
            count = int(digits.group()) if digits else (_which(grammar.numbers, named) or 0) + 1
            return _back(today, count, UNITS[_which(grammar.units, named) or 0]), today
    return _dated(named, today, grammar)


def _which(patterns: Sequence[re.Pattern[str]], text: str) -> int | None:
    """Returns the index of the first pattern found in a text."""
    return next((number for number, pattern in enumerate(patterns) if pattern.search(text)), None)


def _dated(named: str, today: date, grammar: Grammar) -> Span:
    """A day, month or year; without its year, the last one that has begun."""
    numbers = [int(digits) for digits in re.findall("[0-9]+", named)]
    if len(numbers) == 3:  # 2023-05-03 or 03.05.2023
        return _whole("day", date(*(numbers if numbers[0] > 99 else reversed(numbers))))
    month = _which(grammar.months, named)
    year = next((number for number in numbers if number > 99), None)
    day = next((number for number in numbers if number <= 99), None)
    first = date(year or today.year, 1 if month is None else month + 1, 1 if day is None else day)
    if year is None and first > today:
        first = first.replace(year=today.year - 1)
    return _whole("year" if month is None else "month" if day is None else "day", first)


def _whole(unit: str, day: date) -> Span:
    """The week, month or year that a day lies in, or the day itself."""
    if unit == "week":
        day -= DAY * day.weekday()
    elif unit != "day":
        day = day.replace(day=1, month=1 if unit == "year" else day.month)
    return day, _back(day, -1, unit) - DAY


def _back(day: date, count: int, unit: str) -> date:
    """So many days, weeks, months or years before a day."""
    if unit in ("day", "week"):
        return day - DAY * count * (7 if unit == "week" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
