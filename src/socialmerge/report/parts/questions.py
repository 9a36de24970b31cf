"""The questions that a person is asked next, side by side: what agrees, what differs, what only one side says."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from socialmerge.report.blocks import Block, Column, Grid, Note
from socialmerge.report.masking import Masking
from socialmerge.report.wording import chance, count, shortened

__all__ = ["Asking", "questions"]

_ASKED = 3
_MOST_FIELDS = 12
_LETTERS = 80


class Asking(Protocol):
    """A result that can say what to ask a person."""

    def suggest_reviews(self, n: int = 50) -> pa.Table:
        """The pairs whose answers would mend most."""


def questions(result: Asking, masking: Masking, *, sides: tuple[str, str]) -> list[Block]:
    """A table for each of the first few questions."""
    asked = result.suggest_reviews(_ASKED)
    if asked.num_rows == 0:
        return [Note("There is nothing that a person would have to decide.", "good")]
    fields = [name.removeprefix("left.") for name in asked.column_names if name.startswith("left.")]
    grids: list[Block] = []
    for number, row in enumerate(asked.to_pylist(), 1):
        pairs = [(field, row[f"left.{field}"], row[f"right.{field}"]) for field in fields]
        said = [(field, left, right) for field, left, right in pairs if _text(left) or _text(right)]
        rows = tuple(
            (field, _shown(left, masking), _shown(right, masking), _agree(left, right))
            for field, left, right in said[:_MOST_FIELDS]
        )
        heads = tuple(
            f"{side} {shortened(masking.id(row[key]), most=40)}"
            for side, key in zip(sides, ("left_id", "right_id"), strict=True)
        )
        why = f"{chance(row['probability'])} likely; {masking.text(row['reason'])}"
        caption = f"Question {number}: are these one person? ({why})"
        left_out = f"{count(len(said) - _MOST_FIELDS, 'further field')} not shown." if len(said) > _MOST_FIELDS else ""
        grids.append(Grid(caption, (Column("field"), *map(Column, heads), Column("")), rows, left_out))
    return grids


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _shown(value: object, masking: Masking) -> str:
    text = _text(value)
    return shortened(masking.value(text), most=_LETTERS) if text else "–"


def _agree(left: object, right: object) -> str:
    one, other = _text(left).casefold(), _text(right).casefold()
    if one and other:
        return "same" if one == other else "differs"
    return "one side"
