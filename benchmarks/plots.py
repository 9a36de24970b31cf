"""Plots as SVG, written by hand: lines over two axes, linear or logarithmic, and dots in rows by name.

No plotting package is needed, the files are small, and the same figures give the same bytes.

>>> square = Series("diagonal", ((0.0, 0.0), (1.0, 1.0)))
>>> lines([square], title="Nothing", x="predicted", y="found").startswith("<svg")
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

__all__ = ["Axis", "Series", "dots", "lines"]

# colours that people who see few colours can tell apart (Okabe and Ito), the darkest first
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#000000")
WIDTH, HEIGHT, ROW = 640, 420, 22
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 55
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a name, its points in the order they are joined, and whether it is only there to compare with."""

    name: str
    points: tuple[tuple[float, float], ...]
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where, and whether each step is ten times the last."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high."""
        low, high, at = (log10(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low)

    @property
    def ticks(self) -> list[float]:
        """A few round values."""
        if self.log:
            return [10.0**power for power in range(ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9) + 1)]
        raw = (self.high - self.low) / MOST_TICKS
        size = 10 ** floor(log10(raw))
        step = next(size * times for times in (1, 2, 5, 10) if size * times >= raw * (1 - 1e-9))
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(number * step, 12) for number in range(first, last + 1)]

    @classmethod
    def around(cls, values: Sequence[float], *, log: bool = False) -> Axis:
        """An axis that holds all values with some room: whole powers of ten, or a twentieth more at either end."""
        low, high = min(values), max(values)
        if log:
            return cls(10.0 ** floor(log10(low)), 10.0 ** max(ceil(log10(high)), floor(log10(low)) + 1), log=True)
        room = (high - low) / 20 or 0.5
        return cls(low - room, high + room)


def lines(
    series: Sequence[Series], *, title: str, x: str, y: str, x_axis: Axis | None = None, y_axis: Axis | None = None
) -> str:
    """A plot of one or more lines with a dot at each point; the axes hold all points where none are given.

    Args:
        series: what is drawn; a reference is grey, thin and without dots.
        title: what the plot says.
        x: what runs to the right, with its unit.
        y: what runs upwards, with its unit.
        x_axis: from where to where.
        y_axis: the same upwards.
    """
    points = [point for one in series for point in one.points]
    across, up = x_axis or Axis.around([p[0] for p in points]), y_axis or Axis.around([p[1] for p in points])
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + wide * across.place(point[0]), TOP + high * (1 - up.place(point[1]))

    body = [*_grid(across, up, x, y)]
    own = [one for one in series if not one.reference]
    for one in series:
        colour = "#999999" if one.reference else COLOURS[own.index(one) % len(COLOURS)]
        body += _line([at(point) for point in one.points], colour, reference=one.reference)
    body += _legend([one.name for one in own])
    return _svg(title, body, HEIGHT)


def dots(rows: Mapping[str, Mapping[str, float]], *, title: str, x: str, x_axis: Axis | None = None) -> str:
    """A row for each outer name, in it a dot for each inner name that has a value: tools by set, parts by set.

    Args:
        rows: row name to series name to value; a series keeps its colour in all rows.
        title: what the plot says.
        x: what runs to the right, with its unit.
        x_axis: from where to where.
    """
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    across = x_axis or Axis.around([value for row in rows.values() for value in row.values()])
    left, height = LEFT + 90, TOP + BOTTOM + ROW * len(rows)
    wide = WIDTH - left - RIGHT
    body = []
    for value in across.ticks:
        place = left + wide * across.place(value)
        body += [_rule(place, TOP, place, height - BOTTOM), _text(place, height - BOTTOM + 16, _said(value), "middle")]
    body.append(_text(left + wide / 2, height - 12, x, "middle"))
    for number, (label, row) in enumerate(rows.items()):
        level = TOP + ROW * (number + 0.5)
        body += [_rule(left, level, left + wide, level), _text(left - 8, level + 4, label, "end")]
        for name, value in row.items():
            place = left + wide * min(max(across.place(value), 0.0), 1.0)
            body.append(_dot(place, level, COLOURS[names.index(name) % len(COLOURS)]))
    return _svg(title, [*body, *_legend(names)], height)


def _grid(across: Axis, up: Axis, x: str, y: str) -> list[str]:
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    body = []
    for value in across.ticks:
        place = LEFT + wide * across.place(value)
        body += [_rule(place, TOP, place, TOP + high), _text(place, TOP + high + 16, _said(value), "middle")]
    for value in up.ticks:
        place = TOP + high * (1 - up.place(value))
        body += [_rule(LEFT, place, LEFT + wide, place), _text(LEFT - 8, place + 4, _said(value), "end")]
    middle = TOP + high / 2
    turned = f'<text x="16" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 16 {middle:.1f})">'
    return [*body, _text(LEFT + wide / 2, HEIGHT - 12, x, "middle"), f"{turned}{escape(y)}</text>"]


def _line(points: Sequence[tuple[float, float]], colour: str, *, reference: bool) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    style = 'stroke-width="1" stroke-dasharray="5 4"' if reference else 'stroke-width="2"'
    drawn = [f'<polyline points="{path}" fill="none" stroke="{colour}" {style}/>']
    return drawn if reference else [*drawn, *(_dot(x, y, colour) for x, y in points)]


def _legend(names: Sequence[str]) -> list[str]:
    places = [TOP + 10 + 20 * number for number in range(len(names))]
    start = WIDTH - RIGHT + 18
    marks = [_dot(start, place, COLOURS[i % len(COLOURS)]) for i, place in enumerate(places)]
    return [*marks, *(_text(start + 12, place + 4, name, "start") for place, name in zip(places, names, strict=True))]


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _said(value: float) -> str:
    """A tick in few letters: 1k, 1M, 0.05."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _svg(title: str, body: Sequence[str], height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">'
    )
    background = f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
    heading = f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{escape(title)}</text>'
    return "\n".join([head, background, heading, *body, "</svg>", ""])
