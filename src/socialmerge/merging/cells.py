"""What is known of single cells beyond their row: when a value was seen, on what terms, and what else was said there.

A row that is put together from several observations has values of several dates: one that a later, blank cell did not
take away is as old as the observation that had it. Its cell may have held other values as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole

__all__ = ["BLANKED", "HOLDS", "REPLACED", "Cells", "cells_schema", "no_cells", "place"]

HOLDS, REPLACED, BLANKED = "", "replaced", "blanked"
"""What became of a value: nothing, its row said another later, or a source that may clear left the cell blank later."""

_NEVER = np.iinfo(np.int64).min
_TERMS = ["visibility", "purposes", "basis"]


@cache
def cells_schema() -> pa.Schema:
    """One row for each value of which more is known than its row says.

    ``kind`` is "customer" or "profile", ``attribute`` the name of the column. ``raw`` is null for what stands in the
    table; where it is a text, the cell held that value too, and ``became`` says what became of it. ``observed_at`` is
    when the value was seen last and ``first_seen`` when first, null where nobody said. The terms are null where those
    of the channel and of the policy hold; ``is_verified`` is of values that are not in the table.
    """
    moment = pa.timestamp("us", tz="UTC")
    return pa.schema(
        [
            *((name, pa.string()) for name in ("kind", "record_id", "attribute", "raw")),
            ("became", pa.string()),
            ("observed_at", moment),
            ("first_seen", moment),
            ("is_verified", pa.bool_()),
            ("visibility", pa.string()),
            ("purposes", pa.list_(pa.string())),
            ("basis", pa.string()),
        ]
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """Values by the number of their row and the code of their attribute (an index into ``names``).

    Those that stand in the table come first, one a cell, sorted by both; ``raw`` is null there. ``seen`` and ``first``
    are as in ``sources``; ``terms`` has the columns visibility, purposes and basis.
    """

    row: Ints
    attribute: Ints
    names: pa.Array
    raw: pa.Array
    became: pa.Array
    seen: Ints
    first: Ints
    is_verified: Mask
    terms: pa.Table

    def taken(self, rows: Ints) -> Cells:
        """Give the cells of some rows, which are in order, numbered by their places."""
        if not len(self.row):
            return self
        place = np.minimum(np.searchsorted(rows, self.row), max(len(rows) - 1, 0))
        kept = np.flatnonzero(rows[place] == self.row) if len(rows) else np.empty(0, np.int64)
        return self._taken(kept, place[kept])

    def _taken(self, kept: Ints, row: Ints) -> Cells:
        at = pa.array(kept)
        return Cells(
            row,
            self.attribute[kept],
            self.names,
            self.raw.take(at),
            self.became.take(at),
            self.seen[kept],
            self.first[kept],
            self.is_verified[kept],
            self.terms.take(at),
        )

    def at(self, row: Ints, name: str) -> Ints:
        """Give the place of the cell of each row in one column, -1 where no more is known than of its row."""
        code = self.names.index(name).as_py()
        shown = self.raw.null_count
        if code < 0 or not shown:
            return np.full(len(row), -1, np.int64)
        wide = len(self.names) + 1
        keys, asked = self.row[:shown] * wide + self.attribute[:shown], row * wide + code
        found = np.minimum(np.searchsorted(keys, asked), shown - 1)
        return np.where(keys[found] == asked, found, -1)

    def beside(self, name: str, start: int, end: int) -> Ints:
        """Give the places of the values of one column that are not in the table, of the rows from ``start`` on."""
        shown = self.raw.null_count
        if shown == len(self.row):
            return np.empty(0, np.int64)
        row, code = self.row[shown:], self.names.index(name).as_py()
        found: Ints = np.flatnonzero((self.attribute[shown:] == code) & (row >= start) & (row < end)) + shown
        return found


def no_cells() -> Cells:
    """Give the cells where nothing is known beyond the rows."""
    return place(cells_schema().empty_table(), pa.array([], pa.string()), pa.array([], pa.string()))


def place(cells: pa.Table | None, customers: pa.Array, profiles: pa.Array) -> Cells:
    """Find the rows of a table of ``cells_schema`` by the ids of customers and profiles; others are left out."""
    if cells is None:
        return no_cells()
    ids = whole(cells["record_id"])
    is_customer = as_mask(pc.equal(cells["kind"], "customer"))
    theirs = codes_in(ids, profiles)
    row = np.where(is_customer, codes_in(ids, customers), np.where(theirs >= 0, theirs + len(customers), -1))
    names = pc.unique(whole(cells["attribute"]))
    attribute = codes_in(whole(cells["attribute"]), names)
    order = np.lexsort([attribute, row, as_mask(pc.is_valid(cells["raw"]))])
    found = Cells(
        row,
        attribute,
        names,
        whole(cells["raw"]),
        whole(cells["became"]),
        _moments(cells["observed_at"]),
        _moments(cells["first_seen"]),
        as_mask(cells["is_verified"]),
        cells.select(_TERMS).combine_chunks(),
    )
    order = order[row[order] >= 0]
    return found._taken(order, row[order])  # noqa: SLF001 - its own


def _moments(column: pa.ChunkedArray) -> Ints:
    filled = pc.fill_null(whole(column).cast(pa.int64()), _NEVER)
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)
