"""The rows of a table of orders as lines: which belong together, which repeat another, and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.merging.arrays import rank_codes
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.order_columns import WHO, codes_of, continues, together

__all__ = ["Lines", "contradicted", "least", "lines_of", "numbers", "refuse", "shared"]

_SHARED = (*WHO, "status", "currency")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lines:
    """``order`` is the order of each row, as a number from 0; a row that has no order's id is one of its own.

    ``has_id`` says which rows have one, ``once`` which rows are no mere repetition of another. ``column`` has the ids.
    """

    order: Ints
    has_id: Flags
    once: Flags
    column: str
    warnings: tuple[str, ...] = ()

    @property
    def several(self) -> Flags:
        """Rows of orders that have several lines."""
        rows = np.bincount(self.order[self.once], minlength=1)
        return self.has_id & self.once & (rows[self.order] > 1)


def lines_of(table: pa.Table, roles: Mapping[str, str]) -> Lines:
    """Bring the rows of each order together, in whatever order they stand.

    A row without an id that has an item, and neither a customer nor a date, goes on with the order above it. Rows that
    repeat others in every cell count once where all rows of the order are there as often; else they are lines alike.
    """
    count = table.num_rows
    column = roles.get("order", "")
    code = codes_of(tables.clean_ids(table[column])) if column else np.zeros(count, np.int64)
    code = np.where(code > 0, code, np.arange(count) + count + 1)
    more = continues(table, roles)
    above = np.maximum.accumulate(np.where(more, -1, np.arange(count)))
    code = np.where(above >= 0, code[above], code)
    order = np.unique(code, return_inverse=True)[1].reshape(-1).astype(np.int64)
    has_id = (code <= count) | (more & (above >= 0))
    once = _once(table, order, has_id)
    again = int((~once).sum())
    rows = some(again, "row repeats", "rows repeat")
    notes = [f"orders: {rows} an order in every cell; each order counts once"] if again else []
    return Lines(order, has_id, once, column, tuple(notes))


def _once(table: pa.Table, order: Ints, has_id: Flags) -> Flags:
    """Which rows stay where an order is there several times: as many of each kind as make the order once."""
    rows = np.flatnonzero(has_id & (np.bincount(order, minlength=1)[order] > 1))
    once = np.ones(table.num_rows, np.bool_)
    if not len(rows):
        return once
    part, kind = table.take(pa.array(rows)), order[rows]
    for name in table.column_names:
        kind = together(kind, codes_of(tables.strings(part[name])))
    times = np.bincount(kind)
    copies = np.zeros(int(order.max()) + 1, np.int64)
    np.gcd.at(copies, order[rows], times[kind])
    by_kind = np.argsort(kind, kind="stable")
    place = np.empty(len(kind), np.int64)
    place[by_kind] = np.arange(len(kind)) - np.repeat(np.cumsum(times) - times, times)
    once[rows] = place < times[kind] // copies[order[rows]]
    return once


def shared(table: pa.Table, roles: Mapping[str, str], order: Ints) -> pa.Table:
    """The table with what only one line of an order says, such as its status, in the other lines too."""
    if not len(order) or int(order.max()) + 1 == len(order):
        return table
    found = table
    for name in dict.fromkeys(roles[role] for role in _SHARED if role in roles):
        texts = tables.clean_ids(table[name])
        if not texts.null_count or texts.null_count == len(texts):
            continue
        blank = texts.is_null()
        filled = least(texts, order, np.ones(len(order), np.bool_)).take(pa.array(order))
        found = found.set_column(table.column_names.index(name), name, pc.if_else(blank, filled, texts))
    return found


def least(texts: pa.Array, order: Ints, rows: Flags) -> pa.Array:
    """The least text of each order among some rows, null where there is none.

    >>> least(pa.array(["b", "a", None]), np.array([0, 0, 1]), np.array([True] * 3)).to_pylist()
    ['a', None]
    """
    said = np.flatnonzero(rows & texts.is_valid().to_numpy(zero_copy_only=False))
    rank, distinct = rank_codes(texts.take(pa.array(said)))
    found = np.full(int(order.max(initial=-1)) + 1, len(distinct), np.int64)
    np.minimum.at(found, order[said], rank)
    return distinct.take(pa.array(found, mask=found == len(distinct)))


def contradicted(order: Ints, values: Ints, rows: Flags) -> Ints:
    """The rows that have another value than the first of their order has; negative values are none.

    >>> contradicted(np.array([0, 0, 1, 1]), np.array([5, 6, 7, -1]), np.array([True] * 4)).tolist()
    [1]
    """
    at = np.flatnonzero(rows & (values >= 0))
    if not len(at):
        return at
    first = np.full(int(order.max()) + 1, len(order), np.int64)
    np.minimum.at(first, order[at], at)
    found: Ints = at[values[at] != values[first[order[at]]]]
    return found


def refuse(table: pa.Table, column: str, rows: Ints, said: str, *, how: str = "") -> None:
    """Refuse lines of one order that contradict each other; ``said`` is in what, and ``how`` what else may help.

    Raises:
        TableError: there are any; it names them by their numbers.
    """
    if not len(rows):
        return
    how = how or "if each row is an order of its own, say so with order_columns={'order': ''}"
    raise TableError(
        f"orders: {numbers(table, rows)} the order id of an earlier row by column {column!r} and {said}; mend the "
        f"rows, name another id column (role 'order'), or, {how}"
    )


def numbers(table: pa.Table, rows: Sequence[int] | Ints) -> str:
    """Rows by their numbers in the file, as the beginning of a sentence."""
    number = tables.row_numbers(table)
    shown = ", ".join(str(number(int(row))) for row in rows[:_SHOWN])
    if len(rows) == 1:
        return f"row {shown} has"
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    return f"rows {shown}{more} have"
