"""Progress bars for work that says how far it is once it has begun."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any

from tqdm import tqdm

from index.building.progress import Phase, Step

UNITS: dict[Phase, str] = {
    "reading": " files",
    "encoding": " characters",
    "copying": " articles",
    "checking": " articles",
}


class Bar:
    """A bar on standard error that appears at the first call and is told (done, total)."""

    def __init__(self, label: str, unit: str) -> None:
        self._label = label
        self._unit = unit
        self._bar: tqdm[Any] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = tqdm(
                total=total,
                desc=self._label,
                unit=self._unit,
                unit_scale=True,
                leave=False,
                delay=0.5,
                disable=None,  # where standard error is no terminal
            )
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


class Phases:
    """A bar for each phase of a reindex, one after the other."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._bars = ExitStack()

    def __call__(self, step: Step) -> None:
        if step.phase != self._phase:
            self._bars.close()
            self._phase = step.phase
            self._bar = self._bars.enter_context(Bar(step.phase.capitalize(), UNITS[step.phase]))
        self._bar(step.done, step.total)

    def __enter__(self) -> "Phases":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.close()
