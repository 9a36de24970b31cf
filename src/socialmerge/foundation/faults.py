"""A fault of a table: what is said of it, and which cells mending it would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from socialmerge.foundation.ageing import Ageing
from socialmerge.foundation.columns import Columns
from socialmerge.foundation.model import Finding

__all__ = ["LEAST_ROWS", "LEAST_SHARE", "WORDS", "Fault", "counted", "fault", "percent"]

Mask = npt.NDArray[np.bool_]

LEAST_SHARE, LEAST_ROWS = 0.001, 1
"""What is wrong with fewer rows than both is a slip, and no fault of the table."""
WORDS = {
    "are": "is",
    "were": "was",
    "have": "has",
    "hold": "holds",
    "these": "this",
}
"""Words of many things, and of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A finding without its cost, and the cells that mending it would give a right value, as rows by column.

    ``ageing`` says of rows that are out of date how likely what they say has changed.
    """

    finding: Finding
    rows: Mask
    cells: Mapping[str, Mask] = field(default_factory=dict)
    ageing: Ageing | None = None


def fault(
    columns: Columns,
    rows: Mask,
    *,
    code: str,
    area: str,
    says: str,
    do: str,
    effort: str,
    field: str | None = None,
    of: int | None = None,
    cells: Mapping[str, Mask] | None = None,
    least: float = LEAST_SHARE,
    share_of: str = "",
    hides: bool = False,
    beside: str = "",
) -> list[Fault]:
    """The fault that some rows have, or none where they are too few; ``of`` rows had what was looked at.

    ``says`` goes on from the number of rows and their share, which is that ``share_of`` something. It and ``beside``
    may hold ``{rows}`` and words of `WORDS`, such as ``{have}``, which follow the number. ``hides`` says that metrics
    cannot count what became of these rows.
    """
    count, whole = int(rows.sum()), columns.rows if of is None else of
    share = count / max(whole, 1)
    if count < LEAST_ROWS or share < least:
        return []
    said = f"{counted(count, 'row')} ({percent(share)}{share_of}) {_filled_in(says, count)}"
    finding = Finding(
        code,
        area,
        field,
        count,
        share,
        said,
        None,
        effort,
        do,
        columns.some(rows),
        hides=count if hides else 0,
        beside=_filled_in(beside, count),
    )
    return [Fault(finding, rows, cells or {})]


def _filled_in(text: str, count: int) -> str:
    """A sentence for a number of rows; a column's name in it may hold braces of its own."""
    known = {"rows": counted(count, "row"), "leads": counted(count, "lead")}
    known |= {many: one if count == 1 else many for many, one in WORDS.items()}
    for name, said in known.items():
        text = text.replace(f"{{{name}}}", said)
    return text


def percent(share: float) -> str:
    """A share for a reader, so that a little is not taken for nothing.

    >>> percent(0.256), percent(0.0312), percent(0.0004)
    ('26 %', '3.1 %', 'less than 0.1 %')
    """
    if share < 0.001:
        return "less than 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def counted(count: int, what: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "mailbox")
    ('1 row', '1,200 rows', '2 mailboxes')
    """
    many = f"{what}es" if what.endswith("x") else f"{what}s"
    return f"{count:,} {what if count == 1 else many}"
