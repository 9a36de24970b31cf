"""What is known of single cells beyond their row: when a value was seen, and on what terms it was given.

A row that is put together from several observations has values of several dates: one that a later, blank cell did not
take away is as old as the observation that had it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, codes_in, whole

__all__ = ["Cells", "cells_schema", "no_cells", "place"]

_NEVER = np.iinfo(np.int64).min


@cache
def cells_schema() -> pa.Schema:
    """One row for each cell of which more is known than of its row.

    ``kind`` is "customer" or "profile", ``attribute`` the name of the column. ``observed_at`` is when the value was
    seen, null where nobody said. The terms are null where those of the channel and of the policy hold.
    """
    return pa.schema(
        [
            *((name, pa.string()) for name in ("kind", "record_id", "attribute")),
            ("observed_at", pa.timestamp("us", tz="UTC")),
            ("visibility", pa.string()),
            ("purposes", pa.list_(pa.string())),
            ("basis", pa.string()),
        ]
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells by the number of their row and the code of their attribute (an index into ``names``), sorted by both.

    ``seen`` is as in ``sources``; ``terms`` has the columns visibility, purposes and basis.
    """

    row: Ints
    attribute: Ints
    names: pa.Array
    seen: Ints
    terms: pa.Table

    def taken(self, rows: Ints) -> Cells:
        """Give the cells of some rows, which are in order, numbered by their places."""
        if not len(self.row):
            return self
        place = np.minimum(np.searchsorted(rows, self.row), max(len(rows) - 1, 0))
        kept = np.flatnonzero(rows[place] == self.row) if len(rows) else np.empty(0, np.int64)
        at = pa.array(kept)
        return Cells(place[kept], self.attribute[kept], self.names, self.seen[kept], self.terms.take(at))

    def at(self, row: Ints, attribute: pa.Array) -> Ints:
        """Give the place of the cell of each value, -1 where no more is known than of its row."""
        if not len(self.row):
            return np.full(len(row), -1, np.int64)
        code = codes_in(attribute, self.names)
        wide = len(self.names) + 1
        keys, asked = self.row * wide + self.attribute, row * wide + code
        found = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.where((code >= 0) & (keys[found] == asked), found, -1)


def no_cells() -> Cells:
    """Give the cells where nothing is known beyond the rows."""
    none = np.empty(0, np.int64)
    return Cells(none, none, pa.array([], pa.string()), none, cells_schema().empty_table().select(_TERMS))


_TERMS = ["visibility", "purposes", "basis"]


def place(cells: pa.Table | None, customers: pa.Array, profiles: pa.Array) -> Cells:
    """Find the rows of a table of ``cells_schema`` by the ids of customers and profiles; others are left out."""
    if cells is None or not cells.num_rows:
        return no_cells()
    ids = whole(cells["record_id"])
    is_customer = whole(pc.equal(cells["kind"], "customer")).to_numpy(zero_copy_only=False).astype(np.bool_)
    theirs = codes_in(ids, profiles)
    row = np.where(is_customer, codes_in(ids, customers), np.where(theirs >= 0, theirs + len(customers), -1))
    names = pc.unique(whole(cells["attribute"]))
    attribute = codes_in(whole(cells["attribute"]), names)
    order = np.lexsort([attribute, row])
    order = order[row[order] >= 0]
    seen = pc.fill_null(whole(cells["observed_at"]).cast(pa.int64()), _NEVER).to_numpy(zero_copy_only=False)
    terms = cells.select(_TERMS).take(pa.array(order)).combine_chunks()
    return Cells(row[order], attribute[order], names, seen[order].astype(np.int64), terms)
