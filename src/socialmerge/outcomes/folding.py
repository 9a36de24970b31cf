"""The lines of each order as one order: totals that stand on every line count once, amounts of lines are summed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.order_columns import together

__all__ = ["Folded", "Lined", "fold", "per_line"]

_SLIP = 0.01  # the share of orders in which a total may be written wrongly
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Lined:
    """What stands in a line: its order, its day, its amount, and what its pieces cost together; 0 where not known."""

    order: Ints
    day: Ints
    units: Ints
    known: Flags
    part: Ints | None = None
    part_known: Flags | None = None

    def at(self, rows: Ints) -> Lined:
        """Some of the lines."""
        part = None if self.part is None else self.part[rows]
        told = None if self.part_known is None else self.part_known[rows]
        return Lined(self.order[rows], self.day[rows], self.units[rows], self.known[rows], part, told)


@dataclass(frozen=True, slots=True)
class Folded:
    """One entry an order or a refund, sorted by order: amount and day, ``known`` where there is an amount.

    ``summed`` orders have no total, so that their lines are summed.
    """

    order: Ints
    day: Ints
    units: Ints
    known: Flags
    summed: int = 0


def per_line(lines: Lined) -> bool:
    """Whether the amounts of a column are of the lines, and not the order's total on each of its lines.

    They are where they equal what the pieces of their line cost. Else the lines of one order tell: totals are the same
    on all of them but for slips; amounts of lines are the same as often as by chance, which the orders among each other
    show. Where they never differ they are totals, for nothing may count twice.
    """
    rows = np.flatnonzero(lines.known & (lines.units > 0))
    several = np.bincount(lines.order[rows], minlength=1)[lines.order[rows]] > 1
    rows = rows[several]
    if not len(rows):
        return False
    if lines.part is not None and lines.part_known is not None:
        own = lines.part_known[rows] & (lines.part[rows] == lines.units[rows])
        if own.mean() > _MOST:
            return True
    sizes, alike = _alike(lines.order[rows], lines.units[rows])
    if alike.all():
        return False
    chance = _chance(lines.order[rows], lines.units[rows])
    more = sizes - 1
    of_lines = np.where(alike, more * math.log(chance), np.log1p(-(chance**more))).sum()
    of_orders = np.where(alike, math.log1p(-_SLIP), math.log(_SLIP)).sum()
    return bool(of_lines > of_orders)


def _alike(order: Ints, units: Ints) -> tuple[Ints, Flags]:
    """The number of lines of each order, and whether all have one amount."""
    starts, place, sizes = np.unique(order, return_inverse=True, return_counts=True)
    low = np.full(len(starts), np.iinfo(np.int64).max)
    high = np.zeros(len(starts), np.int64)
    np.minimum.at(low, place.reshape(-1), units)
    np.maximum.at(high, place.reshape(-1), units)
    return sizes, low == high


def _chance(order: Ints, units: Ints) -> float:
    """How likely amounts of two orders are alike."""
    amounts = units[np.unique(together(order, units), return_index=True)[1]]
    count = len(amounts)
    same = np.unique(amounts, return_counts=True)[1].astype(np.float64)
    return float((1 + (same * (same - 1)).sum()) / (2 + count * (count - 1)))


def fold(lines: Lined, *, summed: bool) -> Folded:
    """Fold lines into orders and refunds: with ``summed`` amounts are of lines, else each total counts once.

    What is negative is a refund, which stands on its own. The day is the first that a line has. Folding what is folded
    changes nothing, and the order of the lines does not matter.
    """
    back = lines.known & (lines.units < 0)
    orders = _orders(lines, ~back, summed=summed)
    refunds = _refunds(lines, back, summed=summed)
    parts = [np.concatenate(pair) for pair in zip(_values(orders), _values(refunds), strict=True)]
    by = np.lexsort((parts[2], parts[1], parts[0]))
    order, day, units, known = (part[by] for part in parts)
    return Folded(order, day, units, known.astype(np.bool_), orders.summed)


def _values(folded: Folded) -> tuple[Ints, Ints, Ints, Ints]:
    return folded.order, folded.day, folded.units, folded.known.astype(np.int64)


def _orders(lines: Lined, rows: Flags, *, summed: bool) -> Folded:
    order, place = np.unique(lines.order[rows], return_inverse=True)
    place = place.reshape(-1)
    count = len(order)
    day = np.full(count, NEVER)
    np.minimum.at(day, place, lines.day[rows])
    known, units = np.zeros(count, np.bool_), np.zeros(count, np.int64)
    np.logical_or.at(known, place, lines.known[rows])
    if summed:
        np.add.at(units, place, lines.units[rows])
    else:
        np.maximum.at(units, place, lines.units[rows])
    own = known | ~np.isin(order, lines.order[~rows])  # lines without an amount are no order beside a refund
    return _from_parts(lines, rows, Folded(order[own], day[own], units[own], known[own]))


def _from_parts(lines: Lined, rows: Flags, found: Folded) -> Folded:
    """What the pieces of their lines cost together, for orders without a total."""
    if lines.part is None or lines.part_known is None or found.known.all():
        return found
    mine = rows & np.isin(lines.order, found.order[~found.known])
    place, count = np.searchsorted(found.order, lines.order[mine]), len(found.order)
    units, told = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    np.add.at(units, place, lines.part[mine])
    np.logical_or.at(told, place, lines.part_known[mine])
    units = np.where(found.known, found.units, units)
    return Folded(found.order, found.day, units, found.known | told, int(told.sum()))


def _refunds(lines: Lined, rows: Flags, *, summed: bool) -> Folded:
    """Of refunds with one total on several lines each counts once, and so do several refunds of one order."""
    order, day, units = lines.order[rows], lines.day[rows], lines.units[rows]
    if not summed:
        once = np.unique(together(order, day, units), return_index=True)[1]
        order, day, units = order[once], day[once], units[once]
    return Folded(order, day, units, np.ones(len(order), np.bool_))
