"""People's decisions about pairs, read and checked against the ids of the tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.engines.local import Known
from socialmerge.errors import LabelError

__all__ = ["read_labels"]

VERDICTS = ("same", "different", "unsure")


def read_labels(source: tables.Source, left_ids: pa.Array, right_ids: pa.Array) -> Known:
    """Rows of the pairs that people decided; *unsure* says nothing and is left out.

    Raises:
        LabelError: a column is missing, a verdict or an id is unknown, or one pair has both verdicts; all are counted.
    """
    table = tables.read(source, what="decisions")
    missing = [name for name in ("left_id", "right_id", "verdict") if name not in table.column_names]
    if missing:
        msg = f"decisions: no column {', '.join(map(repr, missing))}; they need left_id, right_id and verdict"
        raise LabelError(msg)
    verdict = tables.strings(table["verdict"]).to_numpy(zero_copy_only=False)
    wrong = [row + 1 for row, value in enumerate(verdict) if value not in VERDICTS]
    if wrong:
        msg = (
            f"decisions: row {wrong[0]} ({len(wrong):,} in all) has a verdict that is not one of {', '.join(VERDICTS)}"
        )
        raise LabelError(msg)
    left, right = _rows(table["left_id"], left_ids, "left_id"), _rows(table["right_id"], right_ids, "right_id")
    if left_ids is right_ids:
        left, right = np.minimum(left, right), np.maximum(left, right)
    decided = (verdict != "unsure") & ((left != right) | (left_ids is not right_ids))
    left, right, same = left[decided], right[decided], (verdict == "same")[decided]
    order = np.lexsort((same, right, left))
    left, right, same = left[order], right[order], same[order]
    again = np.r_[False, (left[1:] == left[:-1]) & (right[1:] == right[:-1])] if len(left) else np.empty(0, bool)
    contrary = int((again & np.r_[False, same[1:] != same[:-1]]).sum()) if len(left) else 0
    if contrary:
        msg = f"decisions: {contrary:,} pairs are decided both same and different; keep one decision for each pair"
        raise LabelError(msg)
    return Known(left[~again].astype(np.int32), right[~again].astype(np.int32), same[~again])


def _rows(column: pa.ChunkedArray, ids: pa.Array, name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = pc.index_in(tables.clean_ids(column), value_set=ids)
    if found.null_count:
        rows = np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))
        msg = f"decisions: {name} in row {rows[0] + 1} ({len(rows):,} rows in all) is not an id of the table"
        raise LabelError(msg)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)
