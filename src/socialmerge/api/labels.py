"""People's decisions about pairs, read and checked against the ids of the tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.engines.local import Known
from socialmerge.errors import LabelError

__all__ = ["read_labels"]

Ints = npt.NDArray[np.int64]
VERDICTS = ("same", "different", "unsure")


def read_labels(source: tables.Source, left_ids: pa.Array, right_ids: pa.Array) -> Known:
    """Rows of the pairs that people decided; *unsure* says nothing and is left out.

    Raises:
        LabelError: a column is missing, a verdict or an id is unknown, or one pair has both verdicts; all are counted.
    """
    table = tables.read(source, what="decisions")
    missing = [name for name in ("left_id", "right_id", "verdict") if name not in table.column_names]
    if missing:
        names = ", ".join(map(repr, missing))
        raise LabelError(f"decisions: no column {names}; they need left_id, right_id and verdict")
    verdict = np.array(tables.strings(table["verdict"]).to_pylist(), object)
    wrong = [row + 1 for row, value in enumerate(verdict) if value not in VERDICTS]
    if wrong:
        known = ", ".join(VERDICTS)
        raise LabelError(f"decisions: row {wrong[0]} ({len(wrong):,} in all) has a verdict that is not one of {known}")
    left, right = _rows(table["left_id"], left_ids, "left_id"), _rows(table["right_id"], right_ids, "right_id")
    decided = verdict != "unsure"
    if left_ids is right_ids:
        left, right = np.minimum(left, right), np.maximum(left, right)
        decided &= left != right
    return _once(left[decided], right[decided], (verdict == "same")[decided])


def _once(left: Ints, right: Ints, same: npt.NDArray[np.bool_]) -> Known:
    """Each pair once, sorted; a pair with both verdicts is an error."""
    order = np.lexsort((same, right, left))
    left, right, same = left[order], right[order], same[order]
    again = np.zeros(len(left), bool)
    again[1:] = (left[1:] == left[:-1]) & (right[1:] == right[:-1])
    contrary = int((again[1:] & (same[1:] != same[:-1])).sum())
    if contrary:
        raise LabelError(
            f"decisions: {contrary:,} pairs are decided both same and different; keep one decision for each pair"
        )
    return Known(left[~again].astype(np.int32), right[~again].astype(np.int32), same[~again])


def _rows(column: pa.ChunkedArray, ids: pa.Array, name: str) -> Ints:
    found = pc.index_in(tables.clean_ids(column), value_set=ids)
    if found.null_count:
        rows = np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))
        raise LabelError(
            f"decisions: {name} in row {rows[0] + 1} ({len(rows):,} rows in all) is not an id of the table"
        )
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)
