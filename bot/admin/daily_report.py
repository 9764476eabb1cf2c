"""The counts of days in words, for admins."""

from collections.abc import Sequence

from bot.records.daily_counts import Day, all_times, within

NOTHING = "Nothing has been asked in these days."


def summary(days: Sequence[Day]) -> str:
    """All days together, in a few sentences."""
    asked = sum(day.questions for day in days)
    if not asked:
        return NOTHING
    shares = [
        (sum(day.answered for day in days), "answered"),
        (sum(day.perhaps for day in days), "perhaps"),
        (sum(day.absent for day in days), "not in the articles"),
    ]
    said = ", ".join(f"{count / asked:.0%} {what}" for count, what in shares)
    up, down = sum(day.up for day in days), sum(day.down for day in days)
    return (
        f"Questions of the last {len(days)} days: {asked:,}; {said}. {up:,} 👍, {down:,} 👎. "
        f"95 of 100 answers came within {seconds(within(all_times(days)))}."
    )


def table(days: Sequence[Day]) -> list[str]:
    """A line a day, under a line that says what stands where."""
    names = ("answered", "perhaps", "not in the articles", "up", "down", "95 of 100 within")
    rows = [
        (day.answered, day.perhaps, day.absent, day.up, day.down, seconds(within(day.times))) for day in days
    ]
    lines = [
        "  ".join(f"{value:>{len(name)}}" for name, value in zip(names, row, strict=True)) for row in rows
    ]
    return [
        f"{'day (UTC)':10}  {'  '.join(names)}",
        *(f"{day.day}  {line}" for day, line in zip(days, lines, strict=True)),
    ]


def seconds(value: float | None) -> str:
    """A time of two digits: 0.32 s, 2.5 s; a dash for none."""
    return "–" if value is None else f"{value:.2g} s" if value < 100 else f"{value:.0f} s"
