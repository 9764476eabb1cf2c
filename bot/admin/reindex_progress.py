"""How far a reindex is, in the words of the message that is edited as it goes."""

import time
from collections.abc import Callable

from index.building.progress import Phase, Step

PHASES: dict[Phase, str] = {
    "reading": "Reading",
    "encoding": "Encoding",
    "copying": "Copying",
    "checking": "Checking",
}
CELLS = 10
KNOWN_AFTER = 2.0  # seconds of a phase before its pace says anything


class ReindexProgress:
    """Takes the steps of a run as they come, on whichever thread, and says how far it is when it is asked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[float, Step] | None = None
        self._last: Step | None = None

    def __call__(self, step: Step) -> None:
        """Take a step."""
        if self._first is None or self._first[1].phase != step.phase:
            self._first = (self._clock(), step)
        self._last = step

    def text(self) -> str:
        """Phase, bar and share; below, articles, how many a second and the time that is left of the phase."""
        first, last = self._first, self._last
        if first is None or last is None:
            return ""
        head = f"{PHASES[last.phase]} {bar(last.done, last.total)} {_percent(last.done, last.total)} %"
        return f"{head}\n{', '.join(self._details(*first, last))}"

    def _details(self, began: float, first: Step, last: Step) -> list[str]:
        """Articles are counted by their share of what is done: they are finished many at a time."""
        details = [f"{last.of_articles * last.done // max(last.total, 1):,} of {last.of_articles:,} articles"]
        seconds, done = self._clock() - began, last.done - first.done
        if seconds < KNOWN_AFTER or done <= 0:
            return details
        rate = _rate(last.of_articles * done / last.total / seconds)
        return [*details, rate, left((last.total - last.done) * seconds / done)]


def bar(done: int, total: int) -> str:
    """A share in ten cells; the last is filled when all is done."""
    filled = CELLS * done // max(total, 1)
    return "▰" * filled + "▱" * (CELLS - filled)


def left(seconds: float) -> str:
    """How long something will take yet, in plain words."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 50:
        return f"about {round(seconds, -1):.0f} seconds left"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {minutes} minute{'s' * (minutes > 1)} left"
    return f"about {round(seconds / 3600)} hours left"


def _percent(done: int, total: int) -> int:
    return 100 * done // max(total, 1)


def _rate(articles: float) -> str:
    return f"{articles:.1f} a second" if articles >= 1 else f"{60 * articles:.0f} a minute"
