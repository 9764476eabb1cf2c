"""The picture of /stats: three charts over the same days, drawn to be read on a phone."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from bot.records import Day, within

INCHES, DOTS = (9.0, 10.6), 120  # 1080 × 1272 pixels, which Telegram makes no smaller
LARGE, PLAIN = 25, 19  # points
INK, PALE, LINES = "#1c1c1e", "#6b6b70", "#e3e3e6"
BLUE, SKY, GREY, GREEN, RED = "#0b62a8", "#74b9e8", "#b9bcc2", "#2a9d5c", "#d1495b"
WIDTH = 0.78  # of a bar, in days
STEPS = (1, 2, 5, 10)  # between the lines
LABELLED = 4  # a day in so many is named, counted from the last


def draw(days: Sequence[Day]) -> bytes:
    """A PNG of the counts of some days."""
    layout = ConstrainedLayoutEngine(h_pad=0.2, w_pad=0.15)
    figure = Figure(figsize=INCHES, dpi=DOTS, layout=layout, facecolor="white")
    asked, voted, took = figure.subplots(3, 1, height_ratios=(5, 3, 3))
    _questions(asked, days)
    _votes(voted, days)
    _times(took, days)
    for axes in (asked, voted, took):
        _plain(axes, days)
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _questions(axes: Axes, days: Sequence[Day]) -> None:
    parts = [
        ("answered", BLUE, [day.answered for day in days]),
        ("perhaps", SKY, [day.perhaps for day in days]),
        ("not in the articles", GREY, [day.absent for day in days]),
    ]
    below = [0] * len(days)
    for name, colour, counts in parts:
        axes.bar(range(len(days)), counts, bottom=below, color=colour, width=WIDTH, label=name)
        below = [under + count for under, count in zip(below, counts, strict=True)]
    _title(axes, "Questions a day", key=True)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=STEPS))
    axes.set_ylim(0, max(1, *below) * 1.05)


def _votes(axes: Axes, days: Sequence[Day]) -> None:
    up, down = [day.up for day in days], [-day.down for day in days]
    axes.bar(range(len(days)), up, color=GREEN, width=WIDTH, label=f"{sum(up):,} up")
    axes.bar(range(len(days)), down, color=RED, width=WIDTH, label=f"{-sum(down):,} down")
    axes.axhline(0, color=PALE, linewidth=1)
    _title(axes, "Thumbs", key=True)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=STEPS))
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    axes.set_ylim(min(-1, *down) * 1.1, max(1, *up) * 1.1)


def _times(axes: Axes, days: Sequence[Day]) -> None:
    times = [within(day.times) for day in days]
    shown = [float("nan") if each is None else each for each in times]
    axes.plot(range(len(days)), shown, color=BLUE, linewidth=3, marker="o", markersize=9)
    _title(axes, "95 of 100 answers came within")
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=STEPS))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    axes.set_ylim(0, max((each for each in times if each), default=1) * 1.2)


def _title(axes: Axes, text: str, *, key: bool = False) -> None:
    """A title, with what the colours mean under it."""
    axes.set_title(text, loc="left", fontsize=LARGE, fontweight="bold", color=INK, pad=40 if key else 14)
    if key:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 0.97),
            ncols=3,
            frameon=False,
            fontsize=PLAIN,
            labelcolor=INK,
            handlelength=0.9,
            handletextpad=0.4,
            columnspacing=1.2,
            borderpad=0.2,
        )


def _plain(axes: Axes, days: Sequence[Day]) -> None:
    """Nothing but what is to be read: no frame, pale lines, a few days by name."""
    axes.spines[:].set_visible(False)
    axes.grid(axis="y", color=LINES, linewidth=1.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=PLAIN, labelcolor=PALE)
    named = range(len(days) - 1, -1, -LABELLED)
    axes.set_xticks(list(named), [_name(days[number].day) for number in named])
    axes.set_xlim(-0.6, len(days) - 0.4)


def _name(day: str) -> str:
    """A day as it stands under a chart: 3 Nov."""
    when = date.fromisoformat(day)
    return f"{when.day} {when:%b}"
