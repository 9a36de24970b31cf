"""Columns of a result's table as a grid: each with its title, and how its values are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from socialmerge.report.blocks import Column, Grid
from socialmerge.report.masking import Masking
from socialmerge.report.wording import count, days, listed, money, percent, shortened

__all__ = ["How", "Shown", "grid", "shown"]

_IDS = 8
NOTHING = "–"


class How(StrEnum):
    """How the values of a column are written."""

    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    DAYS = "days"
    DATE = "date"
    WORDS = "words"  # of the program, or the name of a column or channel: no personal value
    ID = "id"
    IDS = "ids"
    PERSONAL = "personal"


_NUMBERS: Mapping[How, Callable[[float], str]] = {
    How.COUNT: count,
    How.SHARE: percent,
    How.MONEY: money,
    How.DAYS: days,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A column that is shown: its name in the table, its title on the page, and how its values are written.

    ``between`` are two columns with the ends of an interval, which is written after the value.
    """

    name: str
    title: str
    how: How
    between: tuple[str, str] | None = None


def shown(how: How, **titles: str) -> tuple[Shown, ...]:
    """Columns that are written in one way: the title of each, by its name."""
    return tuple(Shown(name, title, how) for name, title in titles.items())


def grid(table: pa.Table, caption: str, columns: Sequence[Shown], masking: Masking, *, top: int, what: str) -> Grid:
    """The first ``top`` rows of a table; a column that the table does not have is left out.

    ``what`` is what a row is, for the sentence on those that are left out.
    """
    there = [one for one in columns if one.name in table.column_names]
    rows = tuple(tuple(_cell(row, one, masking) for one in there) for row in table.slice(0, top).to_pylist())
    rest = table.num_rows - len(rows)
    titles = tuple(Column(one.title, numeric=one.how in _NUMBERS or one.how is How.DATE) for one in there)
    return Grid(caption, titles, rows, f"{count(rest, f'further {what}')} not shown." if rest else "")


def _cell(row: Mapping[str, object], shown: Shown, masking: Masking) -> str:
    said = _said(row[shown.name], shown.how, masking)
    if said == NOTHING or shown.between is None:
        return said
    low, high = (_said(row.get(name), shown.how, masking) for name in shown.between)
    return said if NOTHING in {low, high} else f"{said} ({low} to {high})"


def _said(value: object, how: How, masking: Masking) -> str:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if how in _NUMBERS:
        return _NUMBERS[how](float(value)) if isinstance(value, int | float) else str(value)
    if how is How.DATE:
        return str(value)[:10]
    if how is How.IDS:
        return _ids(value, masking)
    text = shortened(str(value))
    if how is How.ID:
        return masking.id(text)
    return masking.value(text) if how is How.PERSONAL else masking.text(text)


def _ids(value: object, masking: Masking) -> str:
    found = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
    named = [masking.id(one) for one in found[:_IDS]]
    others = len(found) - len(named)
    return f"{', '.join(named)} and {others:,} more" if others else listed(named)
