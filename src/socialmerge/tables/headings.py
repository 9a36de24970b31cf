"""Which row of a sheet names its columns: people write titles above it, and names of groups of columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from socialmerge.errors import TableError

__all__ = ["LOOKED_AT", "Heading", "column_names", "heading"]

LOOKED_AT = 60
"""Rows, blank ones included, that are looked at to tell which of them names the columns."""
_ABOVE = 20
_LOOKS_LIKE_DATA = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+|\+?[\d ().-]{7,}")
_LONGEST = 200
"""Characters of a cell that are looked at: no name of a column is longer, and patterns are slow on long texts."""
_LONGEST_NAME = 1_000
"""Characters of a name of a column that is taken; names stand in messages."""
_VALUE = re.compile(r"[0-9@]")
_MOSTLY = 0.8

Row = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns, the places of the rows that they stand in (from 0), and what is to be said of that.

    ``unnamed`` are those that are only called after their place.
    """

    names: tuple[str, ...]
    first: int
    last: int
    notes: tuple[str, ...] = ()
    unnamed: frozenset[str] = frozenset()

    def without_nothing(self, table: pa.Table) -> pa.Table:
        """The table without columns that have neither a name nor a value, as spreadsheets leave some."""
        empty = [name for name in self.unnamed if table[name].null_count == table.num_rows]
        return table.drop_columns(empty) if len(empty) < table.num_columns else table


def heading(rows: Sequence[Row], name: str) -> Heading:
    """Find the row that names the columns among the first rows of a sheet, of which some row has a value.

    Rows above it that fill less than half of the columns are titles. A row of names of groups above it gives its names
    to those that are repeated. A second row of names below it, in another language or of units, is no data.

    >>> heading([["Customers 2026"], [], ["id", "mail"], ["1", "ada@example.com"]], "people.csv").names
    ('id', 'mail')

    Raises:
        TableError: names are repeated, or the row looks like data.
    """
    filled = [[at for at, cell in enumerate(row) if cell] for row in rows]
    solid = [at for at, cells in enumerate(filled) if cells]
    first = solid[0]
    start = next((at for at in solid[:_ABOVE] if _heads(rows, filled, at)), first)
    last = start
    groups: Row = ()
    below = [at for at in solid if at > start]
    if len(below) > 1 and _names_too(rows, filled, start, below[0]):
        if set(filled[start]) < set(filled[below[0]]):  # names of groups, and below them those of the columns
            groups, last = tuple(rows[start]), below[0]
            start = last
        else:
            last = below[0]
    cells = _with_groups(rows[start], groups)
    names = column_names(cells, name)
    unnamed = frozenset(called for called, cell in zip(names, cells, strict=True) if not cell.strip())
    return Heading(names, start, last, tuple(_notes(first, start, last)), unnamed)


def _notes(first: int, start: int, last: int) -> list[str]:
    found = []
    if start > first:
        found.append(f"the names of the columns are taken from row {start + 1}; what stands above is left out")
    if last > start:
        found.append(f"row {last + 1} is taken for a second row of names, and left out")
    return found


def _width(filled: Sequence[Sequence[int]]) -> int:
    """How many cells a row of the table fills: as many as a quarter of the rows do."""
    counts = sorted((len(cells) for cells in filled if cells), reverse=True)
    return counts[len(counts) // 4]


def _leftmost(filled: Sequence[Sequence[int]]) -> int:
    return min(cells[0] for cells in filled if cells)


def _heads(rows: Sequence[Row], filled: Sequence[Sequence[int]], at: int) -> bool:
    """Whether a row may name the columns: it fills half of them, with words that are no values."""
    width, count = _width(filled[at:]), len(filled[at])
    if 2 * count < width or (at and count < 2) or (1 == count < width and filled[at][0] == _leftmost(filled[at:])):
        return False  # a title stands in the first column, and nothing beside it
    cells = [str(rows[at][place]).strip() for place in filled[at]]
    return not any(_is_data(cell) or (at and cell.replace(".", "").isdigit()) for cell in cells)


def _is_data(cell: str) -> bool:
    return _LOOKS_LIKE_DATA.fullmatch(cell[:_LONGEST]) is not None


def _names_too(rows: Sequence[Row], filled: Sequence[Sequence[int]], start: int, at: int) -> bool:
    """Whether the row below one of names is of names as well: words where every row below it has values."""
    if len(filled[at]) < 2 or 2 * len(filled[at]) < _width(filled[at:]):
        return False
    bodies: Counter[int] = Counter()
    values: Counter[int] = Counter()
    for row, cells in islice(zip(rows[at + 1 :], filled[at + 1 :], strict=True), LOOKED_AT):
        bodies.update(cells)
        values.update(place for place in cells if _VALUE.search(str(row[place])))
    of_values = [place for place in filled[at] if bodies[place] > 1 and values[place] >= _MOSTLY * bodies[place]]
    words = [place for place in of_values if not _VALUE.search(str(rows[at][place]))]
    spread = set(filled[start]) < set(filled[at])
    return len(words) == len(of_values) >= (1 if spread else 2) and set(filled[start]) <= set(filled[at])


def _with_groups(names: Row, groups: Row) -> list[str]:
    """The names, those that are repeated with the name of their group before them."""
    counts = Counter(cell.strip() for cell in names if cell)
    found, group = [], ""
    for place, cell in enumerate(names):
        group = (groups[place] if place < len(groups) else None) or group
        repeated = cell is not None and counts[cell.strip()] > 1
        found.append(f"{group.strip()} {cell}" if group and repeated else cell or "")
    return found


def column_names(first: Sequence[str], name: str) -> tuple[str, ...]:
    """The names of the columns, of the cells of a row; a column without one is called after its place.

    Raises:
        TableError: names are repeated, one is longer than any name, or the row looks like data.
    """
    header = tuple(cell.strip() or f"column_{place}" for place, cell in enumerate(first, 1))
    endless = next((place for place, cell in enumerate(header, 1) if len(cell) > _LONGEST_NAME), 0)
    if endless:
        raise TableError(
            f"{name}: the name of column {endless} has {len(header[endless - 1]):,} characters, as no name has; look "
            "for a stray quote, or for text in the place of the header"
        )
    repeated = sorted(cell for cell, count in Counter(header).items() if count > 1)
    if repeated:
        listed = ", ".join(map(repr, repeated))
        raise TableError(f"{name}: the header repeats {listed}; give every column a name of its own")
    if any(map(_is_data, header)):
        raise TableError(f"{name}: the first line looks like data, not like column names; add a header line")
    return header
