"""Ageing: how fast the contacts of a table change, and people as they are by now whose rows nobody has touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from socialmerge.foundation.columns import Columns
from socialmerge.foundation.people import Cells, Sample, changed
from socialmerge.records import Kind

__all__ = ["ASSUMED", "Ageing", "aged", "ageing_of"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]

ASSUMED = 0.1
"""The share of addresses, numbers and places that are taken to change in a year, where the table does not tell."""
ENOUGH = 30
"""Pairs of rows of one person, touched together and touched a year apart, that it takes to measure a rate."""
_TOGETHER, _APART, _YEAR = 91.0, 365.0, 365.25
_MOST = 0.5
_GROUPS = (("e-mail addresses", Kind.EMAIL), ("telephone numbers", Kind.PHONE), ("places", Kind.PLACE))


@dataclass(frozen=True, slots=True, eq=False)
class Ageing:
    """How likely what a row says has changed since it was touched, and why it is thought so.

    ``years`` is 0 for rows that are not stale; ``rates`` has the share that changes in a year by group of columns,
    and ``columns`` the columns of each.
    """

    years: Days
    rates: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says: str = ""


def ageing_of(columns: Columns, seen: Days, old: Mask, labels: Ints, now: int) -> Ageing:
    """How fast the contacts of a table change; ``seen`` is the day on which each row was touched, ``old`` who is stale.

    People with several rows show it: of rows touched a year apart more differ than of those touched together, by what
    changed in between. Where there are too few such rows, `ASSUMED` stands.
    """
    there = {name: tuple(one.column.name for one in columns.of(kind)) for name, kind in _GROUPS}
    there = {name: listed for name, listed in there.items() if listed}
    measured = {name: _measured(columns, listed, seen, labels) for name, listed in there.items()}
    rates = {name: ASSUMED if rate is None else rate for name, rate in measured.items()}
    years = np.where(old & np.isfinite(seen), (now - seen) / _YEAR, 0.0)
    return Ageing(np.nan_to_num(years), rates, there, _said(measured))


def _measured(columns: Columns, names: tuple[str, ...], seen: Days, labels: Ints) -> float | None:
    """The share of values that change in a year, by rows of one person; None where these are too few."""
    order = np.lexsort((seen, labels))
    one, other = order[:-1], order[1:]  # each row of a person beside the next older one
    pairs = (labels[one] == labels[other]) & np.isfinite(seen[one]) & np.isfinite(seen[other])
    one, other = one[pairs], other[pairs]
    gap = seen[other] - seen[one]
    differ, known = np.zeros(len(one), bool), np.zeros(len(one), bool)
    for name in names:
        codes, _ = columns.named(name).key_codes()  # type: ignore[union-attr]  # the column is one of the table's
        both = (codes[one] >= 0) & (codes[other] >= 0)
        known |= both
        differ |= both & (codes[one] != codes[other])
    near, far = known & (gap < _TOGETHER), known & (gap > _APART)
    if near.sum() < ENOUGH or far.sum() < ENOUGH:
        return None
    alike, still = 1 - float(differ[near].mean()), 1 - float(differ[far].mean())
    if alike <= 0:
        return None
    yearly = 1 - (min(max(still / alike, 0.0), 1.0)) ** (_YEAR / float(gap[far].mean()))
    return float(min(yearly, _MOST))


def _said(measured: Mapping[str, float | None]) -> str:
    """The rates in words, and where they are from."""
    told = [f"{100 * rate:.0f} % of {name}" for name, rate in measured.items() if rate is not None]
    assumed = [name for name, rate in measured.items() if rate is None]
    parts = [f"{_listed(told)} change in a year, by the people here who have several rows"] if told else []
    if assumed:
        why = "since too few people here have rows of different age"
        parts.append(f"that {100 * ASSUMED:.0f} % of {_listed(assumed)} change in a year is assumed, {why}")
    return "; ".join(parts)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def aged(columns: Columns, sample: Sample, ageing: Ageing, random: np.random.Generator) -> tuple[Sample, Cells]:
    """The sample with its people as they are by now, and its rows with what changed since brought up to date.

    What the rows say stays; the people of whom every row is stale have moved on, each group of columns by chance.
    """
    people = len(next(iter(sample.true.values()), []))
    years = np.full(people, np.inf)
    np.minimum.at(years, sample.person, ageing.years[sample.rows])
    true, cells = dict(sample.true), dict(sample.cells)
    for name, listed in ageing.columns.items():
        moved = random.random(people) < 1 - (1 - ageing.rates[name]) ** np.where(np.isfinite(years), years, 0.0)
        new = changed(columns, {one: true[one] for one in listed}, moved, random)
        rows = moved[sample.person]
        for one in listed:
            true[one] = new[one]
            cells[one] = np.where(rows, new[one][sample.person], cells[one])
    return replace(sample, true=true), cells
