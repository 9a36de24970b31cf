"""Ids that do not tell the rows of a table apart: repeated, missing, or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import amount
from socialmerge.foundation.columns import Columns
from socialmerge.foundation.faults import Fault, fault
from socialmerge.tables import clean_ids

__all__ = ["RowIds", "row_ids", "unfit"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RowIds:
    """What the column of ids lacks: which rows have none, and which have that of another row.

    ``column`` is ``""`` where the table has no such column; then every row is without one.
    """

    column: str
    missing: Mask
    repeated: Mask

    @classmethod
    def of(cls, table: pa.Table, column: str) -> RowIds:
        """Look at a column of a table; at none where its name is ``""``.

        >>> RowIds.of(pa.table({"id": ["a", "a", " ", "b"]}), "id").repeated.tolist()
        [True, True, False, False]
        """
        if not column:
            return cls("", np.ones(table.num_rows, bool), np.zeros(table.num_rows, bool))
        found = clean_ids(table[column])
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        codes = pc.fill_null(found.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
        missing = codes < 0
        return cls(column, missing, ~missing & (np.bincount(codes + 1, minlength=1)[codes + 1] > 1))


def row_ids(columns: Columns, given: RowIds | None) -> Iterator[Fault]:
    """The rows that a column of ids does not tell apart; each of them is one too many for ``attach``."""
    if given is None or not given.column:
        return
    name = given.column
    yield from fault(
        columns,
        given.repeated,
        code="repeated_id",
        area="uniqueness",
        field=name,
        says=f"{{have}} in '{name}' the id of another row: of what goes back nobody knows to which row, and 'attach' "
        "and 'dedupe' refuse the table.",
        do="Where whole customers are twice, delete all rows of one but the best; where a customer has a row for each "
        "order or address, export the customers alone; else give each row an id of its own.",
        effort="hours",
        least=0.0,
    )
    yield from fault(
        columns,
        given.missing,
        code="missing_id",
        area="validity",
        field=name,
        says=f"{{have}} no id in '{name}': nothing can go back to such a row, and 'attach' and 'dedupe' refuse the "
        "table.",
        do="Give every row an id, or delete the rows that are nobody's (totals, rows of remarks).",
        effort="minutes",
        least=0.0,
    )


def unfit(given: RowIds | None) -> str:
    """Why no profile can be attached to a table, in words of the verdict; "" where its ids are as they must be.

    >>> unfit(RowIds("id", np.array([True, False, False]), np.array([False, True, True])))
    "'attach' needs an id of its own in every row: 1 row has none, 2 rows have that of another row"
    """
    if given is None or not len(given.missing):
        return ""
    needs = "'attach' needs an id of its own in every row"
    if not given.column:
        return f"{needs}: no column tells the rows apart"
    missing, repeated = int(given.missing.sum()), int(given.repeated.sum())
    said = [amount(missing, "row has none", "rows have none")] if missing else []
    said += [amount(repeated, "row has", "rows have") + " that of another row"] if repeated else []
    return f"{needs}: {', '.join(said)}"
