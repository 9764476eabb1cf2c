"""Daily counts without personal data: how questions were answered and how long that took."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil, log10

from sqlite_utils import Database as Connection

from corpus.database import Database
from index.searching.confidence import State

DAYS = 14  # shown
SLOWEST = 0.95  # the share of answers within the time shown
SHORTEST, LONGEST = 0.01, 1000.0  # bounds of measured seconds
TOOK = "took "
NO_QUESTIONS = "Nothing has been asked in these days."


@dataclass(frozen=True, slots=True)
class Day:
    """One day's counts; `times` maps an upper bound in seconds to the number of answers."""

    day: str
    answered: int
    perhaps: int
    absent: int
    up: int
    down: int
    times: Mapping[float, int]

    @property
    def questions(self) -> int:
        """The number of questions asked."""
        return self.answered + self.perhaps + self.absent


class DailyCounts:
    """Counts questions; votes are counted from their own table."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def count(self, state: State, seconds: float) -> Future[None]:
        """Counts a question by its result and its seconds; the future need not be awaited."""
        day = self._day().isoformat()
        bounded = min(max(seconds, SHORTEST), LONGEST)
        whats = (state, f"{TOOK}{ceil(10 * log10(bounded))}")
        return self._db.submit(lambda db: _count(db, day, whats))

    def last(self, days: int = DAYS) -> list[Day]:
        """Returns the last days including today, oldest first."""
        first = self._day() - timedelta(days - 1)
        db, since = self._db.read(), first.isoformat()
        rows = db.execute("select day, what, count from daily where day >= ?", [since]).fetchall()
        rows += db.execute(
            """select date(made, 'unixepoch') as day, vote, count(*) from votes
               where made >= unixepoch(?) group by 1, 2""",
            [since],
        ).fetchall()
        counts = {(day, what): count for day, what, count in rows}
        return [_as_day((first + timedelta(n)).isoformat(), counts) for n in range(days)]

    def _day(self) -> date:
        return datetime.fromtimestamp(self._clock(), UTC).date()


def within(times: Mapping[float, int]) -> float | None:
    """Returns the seconds within which 95 of 100 answers came; None if there were none."""
    enough, so_far = SLOWEST * sum(times.values()), 0
    for seconds in sorted(times):
        so_far += times[seconds]
        if so_far >= enough:
            return seconds
    return None


def all_times(days: Iterable[Day]) -> Mapping[float, int]:
    """Returns the times of all answers of several days."""
    times: Counter[float] = Counter()
    for day in days:
        times.update(day.times)
    return times


def summary(days: Sequence[Day]) -> str:
    """All days together, in a few sentences."""
    asked = sum(day.questions for day in days)
    if not asked:
        return NO_QUESTIONS
    shares = [
        (sum(day.answered for day in days), "answered"),
        (sum(day.perhaps for day in days), "perhaps"),
        (sum(day.absent for day in days), "not in the articles"),
    ]
    said = ", ".join(f"{count / asked:.0%} {what}" for count, what in shares)
    up, down = sum(day.up for day in days), sum(day.down for day in days)
    return (
        f"Questions of the last {len(days)} days: {asked:,}; {said}. {up:,} 👍, {down:,} 👎. "
        f"95 of 100 answers came within {_seconds(within(all_times(days)))}."
    )


def table(days: Sequence[Day]) -> list[str]:
    """A line a day, under a line of headings."""
    heads = ("answered", "perhaps", "not in the articles", "up", "down", "95 of 100 within")
    lines = [f"{'day (UTC)':10}  {'  '.join(heads)}"]
    for day in days:
        values = (day.answered, day.perhaps, day.absent, day.up, day.down, _seconds(within(day.times)))
        cells = (f"{value:>{len(head)}}" for head, value in zip(heads, values, strict=True))
        lines.append(f"{day.day}  {'  '.join(cells)}")
    return lines


def _count(db: Connection, day: str, whats: tuple[str, ...]) -> None:
    db.conn.executemany(
        "insert into daily values (?, ?, 1) on conflict do update set count = count + 1",
        [(day, what) for what in whats],
    )


def _as_day(day: str, counts: Mapping[tuple[str, str], int]) -> Day:
    of_day = {what: count for (of, what), count in counts.items() if of == day}
    numbers = {what: of_day.get(what, 0) for what in ("answered", "perhaps", "absent", "up", "down")}
    times = {
        10 ** (int(what.removeprefix(TOOK)) / 10): count
        for what, count in of_day.items()
        if what.startswith(TOOK)
    }
    return Day(day, **numbers, times=times)


def _seconds(value: float | None) -> str:
    """A time of two digits: 0.32 s, 2.5 s; a dash for none."""
    return "–" if value is None else f"{value:.2g} s" if value < 100 else f"{value:.0f} s"
