"""The plots of a report: bars in rows, a histogram, lines over time, intervals, and said against found."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from socialmerge.report.blocks import Key
from socialmerge.report.drawing import COLOURS, FONT, WIDTH, Labels, canvas, draw
from socialmerge.report.wording import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "SERIES",
    "Interval",
    "Line",
    "Row",
    "Says",
    "calibration",
    "histogram",
    "intervals",
    "line_legend",
    "lines",
    "rows",
]

Says: TypeAlias = Callable[[float], str]

SERIES = ("s1", "s2", "s3", "s4", "s5", "s6")
_DASHES = ((), (5, 2), (1, 1.5), (7, 2, 1.5, 2), (3, 2), (9, 3))
_ROW = 40.0
_MOST_LETTERS = 36


@dataclass(frozen=True, slots=True)
class Row:
    """A row of bars end to end: its name, how long each part is, and the value in words at the right."""

    label: str
    parts: tuple[float, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line over time: its name and a value a step; NaN where there is none."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the interval it is in, with its name and the value in words."""

    label: str
    low: float
    value: float
    high: float
    said: str


def line_legend(found: Sequence[Line]) -> tuple[Key, ...]:
    """The names of lines with their colours and dashes."""
    dashes = [" ".join(f"{2 * part:g}" for part in dash) or "none" for dash in _DASHES]
    return tuple(Key(line.label, colour, dash) for line, colour, dash in zip(found, SERIES, dashes, strict=False))


def rows(
    found: Sequence[Row], *, name: str, title: str, desc: str, whole: float, colours: Sequence[str] = SERIES
) -> str:
    """Bars in rows, each row under its name; ``whole`` is what the full width stands for."""
    labels = Labels()
    with canvas(_ROW * len(found) + 4) as (figure, axes):
        ax = _bare(axes(0, 0, 2, 2), _ROW * len(found))
        for number, row in enumerate(found):
            top = number * _ROW
            ax.text(0, top + 13, labels(shortened(row.label, most=_MOST_LETTERS)), va="baseline")
            ax.text(WIDTH, top + 13, labels(row.said), va="baseline", ha="right", color=COLOURS["muted"])
            ax.barh(top + 25, WIDTH, height=9, color=COLOURS["track"])
            start = 0.0
            for part, colour in zip(row.parts, colours, strict=False):
                wide = WIDTH * part / whole if whole else 0.0
                ax.barh(top + 25, wide, left=start, height=9, color=COLOURS[colour])
                start += wide
        return draw(figure, name=name, title=title, desc=desc, labels=labels)


def intervals(found: Sequence[Interval], *, name: str, title: str, desc: str) -> str:
    """Values with their intervals, a row each, over one scale that begins at nothing or below."""
    labels = Labels()
    least = min(0.0, *(row.low for row in found))
    most = max(1e-9, *(row.high for row in found)) - least
    with canvas(_ROW * len(found) + 4) as (figure, axes):
        ax = _bare(axes(6, 6, 2, 2), _ROW * len(found))
        for number, row in enumerate(found):
            top = number * _ROW
            low, value, high = (WIDTH * (part - least) / most for part in (row.low, row.value, row.high))
            ax.text(0, top + 13, labels(shortened(row.label, most=_MOST_LETTERS)), va="baseline")
            ax.text(WIDTH, top + 13, labels(row.said), va="baseline", ha="right", color=COLOURS["muted"])
            ax.plot([0, WIDTH], [top + 26] * 2, color=COLOURS["track"], lw=2)
            ax.plot([low, high], [top + 26] * 2, color=COLOURS["s1"], lw=3, solid_capstyle="round")
            ax.plot([value], [top + 26], "o", ms=9, mfc=COLOURS["s1"], mec=COLOURS["page"], mew=1.5)
        return draw(figure, name=name, title=title, desc=desc, labels=labels)


def histogram(
    parts: Sequence[tuple[float, ...]],
    *,
    name: str,
    title: str,
    desc: str,
    across: Sequence[str],
    colours: Sequence[str],
) -> str:
    """Bars side by side, each of parts one on the other, with its name below and its count above."""
    labels = Labels()
    heights = [sum(bar) for bar in parts]
    most = max([*heights, 1])
    with canvas(200) as (figure, axes):
        ax = axes(2, 2, 22, 30)
        below = [0.0] * len(parts)
        for layer, colour in enumerate(colours):
            own = [bar[layer] for bar in parts]
            ax.bar(range(len(parts)), own, bottom=below, width=0.8, color=COLOURS[colour])
            below = [low + part for low, part in zip(below, own, strict=True)]
        for place, height in enumerate(heights):
            ax.text(place, height + most * 0.03, labels(f"{height:,.0f}"), ha="center", fontsize=FONT - 0.5)
        ax.set_xticks(range(len(across)), [labels(one) for one in across], fontsize=FONT - 1.5)
        ax.tick_params("x", pad=7)
        ax.set_yticks([])
        ax.set_ylim(0, most)
        _frame(ax, "bottom")
        return draw(figure, name=name, title=title, desc=desc, labels=labels)


def calibration(points: Sequence[tuple[float, float, int]], *, name: str, title: str, desc: str) -> str:
    """What was said to the right, what was found upwards; a greater dot is of more pairs."""
    labels = Labels()
    most = max((pairs for _, _, pairs in points), default=1)
    with canvas(330) as (figure, axes):
        ax = axes(46, 24, 34, 46)
        ticks = [0, 0.25, 0.5, 0.75, 1]
        for place in ticks:
            ax.plot([0, 1], [place, place], color=COLOURS["rule"], lw=1)
        ax.plot([0, 1], [0, 1], color=COLOURS["muted"], lw=1.5, ls=(0, (4, 3)))
        for said, right, pairs in points:
            size = 5 + 11 * math.sqrt(pairs / most)
            ax.plot([said], [right], "o", ms=size, mfc=COLOURS["s1"], mec=COLOURS["page"], mew=1.2, alpha=0.9)
        ax.set_xticks(ticks, [labels(f"{tick:.0%}") for tick in ticks])
        ax.set_yticks(ticks, [labels(f"{tick:.0%}") for tick in ticks])
        ax.tick_params(pad=8)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        # named above and not beside: matplotlib knows only the stand-ins, and would put the name over the numbers
        figure.text(0, 1 - 13 / 330, labels("how often it was right"), color=COLOURS["muted"])
        figure.text(1, 6 / 330, labels("what the program said"), color=COLOURS["muted"], ha="right")
        _frame(ax)
        return draw(figure, name=name, title=title, desc=desc, labels=labels)


def lines(found: Sequence[Line], steps: Sequence[str], *, name: str, title: str, desc: str, say: Says) -> str:
    """Lines over time, from nothing upwards; each has its colour and its dashes."""
    labels = Labels()
    most = max((value for line in found for value in line.values if not math.isnan(value)), default=1.0) or 1.0
    with canvas(220) as (figure, axes):
        ax = axes(48, 28, 12, 32)
        ticks = _ticks(most)
        for tick in ticks:
            ax.plot([0, max(len(steps) - 1, 1)], [tick, tick], color=COLOURS["rule"], lw=1)
        for line, colour, dash in zip(found, SERIES, _DASHES, strict=False):
            style = (0, dash) if dash else "solid"
            ax.plot(range(len(steps)), line.values, color=COLOURS[colour], ls=style, lw=2.2)
            ends = [place for place, value in enumerate(line.values) if not math.isnan(value)]
            if ends:
                ax.plot(
                    [ends[-1]], [line.values[ends[-1]]], "o", ms=7, mfc=COLOURS[colour], mec=COLOURS["page"], mew=1.2
                )
        shown = sorted({round(part * (len(steps) - 1) / 3) for part in range(4)}) if steps else []
        ax.set_xticks(shown, [labels(steps[place]) for place in shown])
        ax.set_yticks(ticks, [labels(say(tick)) for tick in ticks])
        ax.tick_params(pad=8)
        ax.set_xlim(0, max(len(steps) - 1, 1))
        ax.set_ylim(0, ticks[-1])
        _frame(ax)
        return draw(figure, name=name, title=title, desc=desc, labels=labels)


def _bare(ax: Axes, height: float) -> Axes:
    """Axes in units, from the top down, with nothing around them."""
    ax.set_axis_off()
    ax.set_xlim(0, WIDTH)
    ax.set_ylim(height, 0)
    return ax


def _frame(ax: Axes, *kept: str) -> None:
    for side, spine in ax.spines.items():
        spine.set_visible(side in kept)


def _ticks(most: float) -> list[float]:
    """A few round values from nothing up to ``most`` or a little more; whole ones where ``most`` is a count."""
    size = 10.0 ** math.floor(math.log10(most / 3))
    steps = [size * times for times in (1, 2, 2.5, 5, 10) if size < 1 or (size * times).is_integer()]
    step = next(step for step in steps if step * 4 >= most)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]
