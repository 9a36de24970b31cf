"""What a page is made of: sections of figures, tables, plots, waterfalls and notes; no markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Action",
    "Bar",
    "Block",
    "Cell",
    "Column",
    "Example",
    "Fault",
    "Figure",
    "Figures",
    "Findings",
    "Grid",
    "Key",
    "Note",
    "Page",
    "Plot",
    "Section",
    "Step",
    "Verdict",
    "heads",
]


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell that shows its share of the longest bar of the column beside its words; ``share`` is in [0, 1]."""

    text: str
    share: float


Cell: TypeAlias = str | Bar


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; numbers stand to the right."""

    title: str
    numeric: bool = False


def heads(*words: str, numbers: Sequence[str]) -> tuple[Column, ...]:
    """The heads of a table: columns of words, then columns of numbers."""
    return *map(Column, words), *(Column(title, numeric=True) for title in numbers)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first cell of a row is its head. ``left_out`` says what is not shown."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is read first: what it is, and a word on it."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Some numbers side by side."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend: a name, its colour, and of a line the dashes (``none``: a solid line)."""

    name: str
    colour: str
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing (SVG that `drawing` made), what it shows in words, and the table of the same numbers."""

    title: str
    svg: str
    grid: Grid
    legend: tuple[Key, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or two; ``tone`` is ``plain``, ``good``, ``care`` or ``bad``."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer in one or two words, its tone, and why."""

    word: str
    tone: str
    says: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, what it costs, and what to do about it."""

    title: str
    area: str
    size: str
    says: str
    do: str
    effort: str
    cost: str = ""
    examples: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """Faults in the order in which to mend them."""

    findings: tuple[Fault, ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a waterfall: what was compared, what it said, and a bar from one place to another, both in percent."""

    what: str
    said: str
    effect: str
    bits: str
    tone: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Example:
    """One answer explained step by step; ``zero`` is where the odds are even, in percent."""

    title: str
    pair: str
    answer: str
    because: str
    steps: tuple[Step, ...]
    zero: float


Block: TypeAlias = Figures | Grid | Plot | Note | Verdict | Findings | Example


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading of its own."""

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do next, and why; the lowest ``order`` comes first, and each ``topic`` once."""

    topic: str
    order: int
    what: str
    why: str
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report."""

    title: str
    made: str
    version: str
    masked: bool
    headline: tuple[Block, ...]
    actions: tuple[Action, ...]
    sections: tuple[Section, ...]
    words: tuple[tuple[str, str], ...]
