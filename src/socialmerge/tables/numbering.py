"""Which row of its file each row of a table is, so that a message names the row that a spreadsheet shows; and notes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["alike", "all_row_numbers", "noted", "notes_of", "numbered", "row_numbers"]

_ROWS, _NOTES = b"socialmerge.rows", b"socialmerge.notes"


def numbered(table: pa.Table, numbers: Sequence[int] | range, notes: Sequence[str] = ()) -> pa.Table:
    """The table with the number that each of its rows has in its file, and what its reader has to say of it.

    They are kept beside the table's schema, as runs of numbers without a gap. Where the numbers are not known there are
    none.
    """
    found = np.asarray(numbers, np.int64)
    starts = np.flatnonzero(np.diff(found, prepend=found[:1] - 2) != 1) if len(found) else found
    sizes = np.diff([*starts, len(found)])
    runs = [[int(found[start]), int(size)] for start, size in zip(starts, sizes, strict=True)]
    kept = {_ROWS: json.dumps(runs), **({_NOTES: json.dumps(list(notes))} if notes else {})}
    return table.replace_schema_metadata((table.schema.metadata or {}) | kept)


def alike(table: pa.Table, other: pa.Table) -> pa.Table:
    """The table with the numbers and notes of another one, which has the same rows in the same order."""
    kept = {key: value for key, value in (other.schema.metadata or {}).items() if key in (_ROWS, _NOTES)}
    return table.replace_schema_metadata((table.schema.metadata or {}) | kept) if kept else table


def row_numbers(table: pa.Table, *, otherwise: int = 1) -> Callable[[int], int]:
    """The number that each row has in its file; from 1, or ``otherwise``, where the table is of none or was changed.

    >>> table = numbered(pa.table({"id": ["a", "b", "c"]}), [4, 5, 9])
    >>> row_numbers(table)(2), row_numbers(table.slice(1))(1), row_numbers(pa.table({"id": ["a"]}))(0)
    (9, 2, 1)
    """
    runs = json.loads((table.schema.metadata or {}).get(_ROWS, b"[]"))
    if not runs or sum(size for _, size in runs) != table.num_rows:
        return lambda row: row + otherwise
    starts, sizes = np.array(runs, np.int64).T
    before = np.cumsum(sizes) - sizes

    def number(row: int) -> int:
        run = int(np.searchsorted(before, row, "right")) - 1
        return int(starts[run] + row - before[run])

    return number


def all_row_numbers(table: pa.Table, *, otherwise: int = 1) -> npt.NDArray[np.int64]:
    """The number of every row, as `row_numbers` gives that of one.

    >>> all_row_numbers(numbered(pa.table({"id": ["a", "b", "c"]}), [4, 5, 9])).tolist()
    [4, 5, 9]
    """
    runs = json.loads((table.schema.metadata or {}).get(_ROWS, b"[]"))
    if not runs or sum(size for _, size in runs) != table.num_rows:
        return np.arange(otherwise, otherwise + table.num_rows)
    return np.concatenate([np.arange(start, start + size) for start, size in runs])


def noted(table: pa.Table, notes: Sequence[str]) -> pa.Table:
    """The table with what its reader has to say of it, in place of what it said before.

    >>> notes_of(noted(pa.table({"id": ["a"]}), ["one row is left out"]))
    ('one row is left out',)
    """
    return table.replace_schema_metadata((table.schema.metadata or {}) | {_NOTES: json.dumps(list(notes))})


def notes_of(table: pa.Table) -> tuple[str, ...]:
    """What the reader of a file has to say of the table.

    >>> notes_of(numbered(pa.table({"id": ["a"]}), [4], ["the names are in row 3"]))
    ('the names are in row 3',)
    """
    return tuple(json.loads((table.schema.metadata or {}).get(_NOTES, b"[]")))
