"""A progress bar for work that says how far it is once it has begun."""

from types import TracebackType
from typing import Any

from tqdm import tqdm


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
