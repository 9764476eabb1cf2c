"""What a question says of time, as days: "since May", "last week", "in 2023", "latest".

Words count as a time only where those before and after them leave no other meaning likely.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Days = tuple[str, str]
"""A first and a last day, ISO 8601."""
Kind = Literal["year", "month", "day", "between", "since", "until", "latest"]
"""What the days of a period are: a whole year, month or day, or bounded at both ends, one, or none."""
Span = tuple[date, date]
Bounds = tuple[date | None, date | None]

DAY = timedelta(days=1)
MONTH_NAME = "january|february|march|april|may|june|july|august|september|october|november|december"
WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
MONTHS, WEEKDAYS, NUMBERS = MONTH_NAME.split("|"), WEEKDAY.split("|"), NUMBER.split("|")

# White space is single spaces here, and nothing repeats without bound: each search takes linear time.
YEAR = "(?:19|20)[0-9]{2}"
MONTH = f"(?:{MONTH_NAME}|sept|{'|'.join(name[:3] for name in MONTHS)})"
ISO = f"{YEAR}-[0-9]{{2}}-[0-9]{{2}}"
NTH = "(?:the )?[0-9]{1,2}(?:st|nd|rd|th)?"
ON = f"{ISO}|{NTH} (?:of )?{MONTH}(?:,? {YEAR})?|{MONTH} {NTH}(?:,? {YEAR})?"
IN = f"{MONTH}(?:,? (?:of )?{YEAR})?|(?:the year )?{YEAR}"
UNIT = "(?:week|month|year)"
OVER = "(?:in|over|during|within|for)"
TODAY = "^today|(?<=happened )today|(?<=news )today|(?<=said )today"  # else it is these days, or a paper
ALONE = f"{TODAY}|yesterday|this {UNIT}|last (?:{UNIT}|{WEEKDAY})"
PAST = f"(?:the )?(?:past|last) (?:[0-9]{{1,3}}|{NUMBER}) (?:day|{UNIT})s?"
NAMED = f"{ON}|{IN}|{ALONE}"
DATED = f"(?!may(?![a-z]|,? (?:of |the )?[0-9]))({NAMED})"  # somebody called May came after others
NOT_AFTER = re.compile(
    r"\b(?:than|like|unlike|as|to|with|for|about|on|by|and|or|the|not|between|since|after|before|until|till"
    r"|(?:day|week|month|year)s?|night|eve) $",
    re.IGNORECASE,
)
GOES_ON = "in|at|on|by|with|for|about|from|near|what|who|whose|which|where|why|how|did|do|does|the|a|an"
AFTER = rf"(?=[ ?!.…)]*$|[?!.,;:)] (?![0-9]|{MONTH}\b)| (?:{GOES_ON})\b)"
FLAGS = re.ASCII | re.IGNORECASE  # beyond ASCII the latter takes ſ for s

MEANINGS: list[tuple[str, Callable[..., Bounds]]] = [
    (f"between ({NAMED}) and ({NAMED})", lambda a, b: (a[0], b[1])),
    (f"from ({NAMED}) (?:to|until|till) ({NAMED})", lambda a, b: (a[0], b[1])),
    (f"since (?:({WEEKDAY})|({NAMED}))|from ({NAMED}) onwards?", lambda a: (a[0], None)),
    (f"after (?:({WEEKDAY})|{DATED})", lambda a: (a[1] + DAY, None)),
    (f"before {DATED}", lambda a: (None, a[0] - DAY)),
    (f"(?:up )?(?:until|till) {DATED}", lambda a: (None, a[1])),
    (f"(?:in|during) ({IN})|on ({ON})|from {DATED}|({ISO}|{ALONE})", lambda a: a),
    (f"(?:{OVER} )?({PAST})|{OVER} (the (?:past|last) {UNIT})", lambda a: a),
]
RULES = [(re.compile(f"(?<![^ (])(?:{words}){AFTER}", FLAGS), meaning) for words, meaning in MEANINGS]
NEWS = "(?:news|articles?|reports?|updates?|developments?|figures|numbers|polls?|data|information)"
LATEST = re.compile(
    rf"\b(?:(?:latest|newest|(?:most )?recent)(?= {NEWS}\b)|(?<!until )(?<!\bas )(?<!more )(?:most )?recently"
    r"|latest(?<!at the latest)(?<!very latest)(?= (?:on|about|from|with)\b|[ ?!.]*$))(?!['’-])",
    FLAGS,
)
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


def read(question: str, today: date) -> Period | None:
    """The period that a question asks about, where it says one and leaves no doubt."""
    question = rest = " ".join(question.split())
    found = [
        (match, meaning)
        for rule, meaning in RULES
        for match in rule.finditer(question)
        if not NOT_AFTER.search(question, max(0, match.start() - 9), match.start())
    ]
    if len(found) > 1:
        return None
    start = end = None
    for match, meaning in found:
        try:
            start, end = _bounds([named for named in match.groups() if named], meaning, today)
        except ValueError:
            return None
        rest = question[: match.start()] + question[match.end() :]
    rest, latest = LATEST.subn("", rest)
    words = re.sub(" (?=[ ?!.,;:)])", "", rest).strip(" .,;:")
    asks = (start or end or latest) and any(character.isalnum() for character in words)
    return Period(start, end, latest > 0, words) if asks else None


def _bounds(named: list[str], meaning: Callable[..., Bounds], today: date) -> Bounds:
    """The days that are meant; ValueError where there are no such days, or not yet.

    An end that has not passed is open, since elsewhere it may be tomorrow.
    """
    spans: list[Span] = []
    for each in reversed(named):  # between June and August 2023: the June before that August
        spans.insert(0, _span(each, spans[0][1] if spans else today))
    start, end = meaning(*spans)
    if max(spans[-1][0], start or date.min) > today or (start and end and start > end):
        raise ValueError
    return start, end if end and end < today else None


def _span(named: str, today: date) -> Span:
    """The first and the last day of what is named; ValueError where there is no such day."""
    words = re.findall("[a-z]+|[0-9]+", named.lower())
    match words:
        case ["today" | "yesterday" as word]:
            return _whole("day", today - DAY * (word == "yesterday"))
        case ["this" | "last" as word, "week" | "month" | "year" as unit]:
            return _whole(unit, _back(today, word == "last", unit))
        case [*_, day] if day in WEEKDAYS:
            return _whole("day", today - DAY * ((today.weekday() - WEEKDAYS.index(day) - 1) % 7 + 1))
        case [*_, "past" | "last", _, _] | [_, "past" | "last", _]:
            *_, number, unit = words
            count = int(number) if number.isdigit() else NUMBERS.index(number) + 1 if number in NUMBERS else 1
            return _back(today, count, unit.rstrip("s")), today
    return _dated(words, today)


def _dated(words: list[str], today: date) -> Span:
    """A day, month or year; without its year, the last one that has begun."""
    numbers = [int(word) for word in words if word.isdigit()]
    if len(numbers) == 3:
        return _whole("day", date(*numbers))
    month = next((n for word in words for n, name in enumerate(MONTHS, 1) if name.startswith(word)), None)
    year = next((number for number in numbers if number > 99), None)
    day = next((number for number in numbers if number <= 99), None)
    first = date(year or today.year, month or 1, 1 if day is None else day)
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
