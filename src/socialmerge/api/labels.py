"""People's decisions about pairs, read and checked, kept in a plan, and turned into rows of the tables at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import LabelError, amount
from socialmerge.matching.known import Known
from socialmerge.plan import Plan
from socialmerge.records import VERDICTS, Label

__all__ = ["asked_of", "known_of", "read_labels", "with_decisions"]

Ints = npt.NDArray[np.int64]
NEEDED = ("left_id", "right_id", "verdict")
UNSURE = "unsure"


def read_labels(source: tables.Source, left_ids: pa.Array, right_ids: pa.Array) -> tuple[Label, ...]:
    """Pairs that people decided, each once, sorted; rows without a verdict were not answered and are left out.

    Of one table a pair is the same in either order, and its lower id comes first.

    Raises:
        LabelError: a column is missing, no row has a verdict, a verdict or an id is unknown, or one pair has two
            verdicts; all are counted.
    """
    table = tables.read(source, what="decisions")
    missing = [name for name in NEEDED if name not in table.column_names]
    if missing:
        names = ", ".join(map(repr, missing))
        raise LabelError(f"decisions: no column {names}; they need left_id, right_id and verdict")
    verdict = _verdicts(table["verdict"])
    answered = np.array([value is not None for value in verdict], bool)
    sides = [
        _checked(table[name], ids, name, answered) for name, ids in (("left_id", left_ids), ("right_id", right_ids))
    ]
    found = zip(*(side.to_pylist() for side in sides), verdict, strict=True)
    labels = [Label(left, right, value) for left, right, value in found if value is not None]
    if left_ids is right_ids:
        turned = (label if label.left_id < label.right_id else _turned(label) for label in labels)
        labels = [label for label in turned if label.left_id != label.right_id]
    return _once(labels)


def with_decisions(plan: Plan, source: tables.Source | None, left_ids: pa.Array, right_ids: pa.Array) -> Plan:
    """The plan with these decisions beside its own; of two about one pair the later one holds.

    Raises:
        LabelError: as `read_labels`.
    """
    if source is None:
        return plan
    given = (*plan.decisions, *read_labels(source, left_ids, right_ids))
    found = {(label.left_id, label.right_id): label for label in given}
    return replace(plan, decisions=tuple(found[pair] for pair in sorted(found)))


def known_of(labels: Sequence[Label], left_ids: pa.Array, right_ids: pa.Array) -> Known | None:
    """Rows of the pairs that were decided; *unsure* decides nothing, and pairs of other tables are not at hand.

    Raises:
        LabelError: two rows are decided to be different that other decisions make the same.
    """
    decided = [label for label in labels if label.verdict != UNSURE]
    if not decided:  # ids are not looked up for nothing: of ten million that takes seconds
        return None
    known = _here(decided, left_ids, right_ids)
    if not len(known.left):
        return None
    _refuse_contrary(known, 0 if left_ids is right_ids else len(left_ids), len(right_ids))
    return known


def asked_of(labels: Sequence[Label], left_ids: pa.Array, right_ids: pa.Array) -> Known:
    """Rows of the pairs that a person has been asked about, whatever the answer."""
    return _here(labels, left_ids, right_ids)


def _here(labels: Sequence[Label], left_ids: pa.Array, right_ids: pa.Array) -> Known:
    """The pairs of which these tables have both rows."""
    left = _rows(pa.array([label.left_id for label in labels], pa.string()), left_ids)
    right = _rows(pa.array([label.right_id for label in labels], pa.string()), right_ids)
    same = np.array([label.verdict == "same" for label in labels], bool)
    here = (left >= 0) & (right >= 0)
    left, right, same = left[here], right[here], same[here]
    if left_ids is right_ids:
        left, right = np.minimum(left, right), np.maximum(left, right)
    return Known(left.astype(np.int32), right.astype(np.int32), same)


def _refuse_contrary(known: Known, left_rows: int, right_rows: int) -> None:
    contrary = known.over(left_rows).contrary(left_rows + right_rows)
    if contrary.any():
        raise LabelError(
            f"decisions: {amount(int(contrary.sum()), 'pair is', 'pairs are')} decided different, but "
            "decisions 'same' join their rows by "
            "way of others; look at these pairs again"
        )


def _verdicts(column: pa.ChunkedArray) -> list[str | None]:
    texts = [None if value is None else value.strip().lower() or None for value in tables.strings(column).to_pylist()]
    wrong = [row + 1 for row, value in enumerate(texts) if value is not None and value not in VERDICTS]
    known = ", ".join(VERDICTS)
    if wrong:
        raise LabelError(f"decisions: row {wrong[0]} ({len(wrong):,} in all) has a verdict that is not one of {known}")
    if not any(texts):
        raise LabelError(f"decisions: no row has a verdict; write {known} into the column 'verdict'")
    return texts


def _turned(label: Label) -> Label:
    return Label(label.right_id, label.left_id, label.verdict)


def _once(labels: list[Label]) -> tuple[Label, ...]:
    """Each pair once; a decision outdoes *unsure*, and a pair that is decided both ways is an error."""
    found: dict[tuple[str, str], Label] = {}
    contrary = set()
    for label in labels:
        pair = label.left_id, label.right_id
        before = found.get(pair, label)
        if UNSURE not in (before.verdict, label.verdict) and before.verdict != label.verdict:
            contrary.add(pair)
        found[pair] = label if before.verdict == UNSURE else before
    if contrary:
        raise LabelError(
            f"decisions: {amount(len(contrary), 'pair is', 'pairs are')} decided both same and different; "
            "keep one decision for each pair"
        )
    return tuple(found[pair] for pair in sorted(found))


def _checked(column: pa.ChunkedArray, ids: pa.Array, name: str, answered: npt.NDArray[np.bool_]) -> pa.Array:
    """The column's ids as the table writes them; those of answered rows are all known.

    A CSV file that was written for a spreadsheet has an apostrophe before an id that looks like a formula.
    """
    clean = tables.clean_ids(column)
    quoted = pc.and_(pc.starts_with(clean, "'"), pa.array(_rows(clean, ids) < 0))
    clean = pc.if_else(quoted, pc.utf8_slice_codeunits(clean, 1), clean)
    unknown = np.flatnonzero((_rows(clean, ids) < 0) & answered)
    if len(unknown):
        raise LabelError(
            f"decisions: {name} in row {unknown[0] + 1} ({amount(len(unknown), 'row', 'rows')} in all) is "
            "not an id of the table"
        )
    return clean


def _rows(column: pa.Array, ids: pa.Array) -> Ints:
    """Row numbers of ids, -1 where the table has none like it."""
    found = pc.index_in(column, value_set=ids)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)
