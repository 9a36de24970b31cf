"""Reach: by what each customer could be found when a profile comes in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.foundation.columns import Columns
from socialmerge.foundation.faults import Fault, fault
from socialmerge.foundation.generic import generic_texts, role_texts
from socialmerge.records import Kind

__all__ = ["Reach", "looked_at", "reach_of", "reach_table", "unreached"]

Mask = npt.NDArray[np.bool_]

ONLY_NAMES = 0.05
"""Share of customers that only a name can find, from which on that is a finding."""

Reach = dict[str, Mask]
"""Rows that can be found by each thing; ``"name and place only"`` and what follows have none of those before."""


def reach_of(columns: Columns) -> Reach:
    """Which rows can be found by an e-mail address, a number or an account of their own, or only by name."""
    email, phone = np.zeros(columns.rows, bool), np.zeros(columns.rows, bool)
    for one in columns.of(Kind.EMAIL):
        email |= one.of_rows((one.why == 0) & ~role_texts(one) & ~generic_texts(columns, one))
    for one in columns.of(Kind.PHONE):
        phone |= one.of_rows((one.why == 0) & ~generic_texts(columns, one))
    account = columns.any_valid(columns.of(Kind.ACCOUNT))
    name = columns.any_valid(columns.of(Kind.NAME, "given", "family", "full", ""))
    place = columns.any_valid(columns.of(Kind.PLACE, "city", "postcode", "full"))
    contact = email | phone | account
    return {
        "email": email,
        "phone": phone,
        "account": account,
        "any of these": contact,
        "name and place only": ~contact & name & place,
        "name only": ~contact & name & ~place,
        "nothing": ~contact & ~name,
    }


def looked_at(columns: Columns) -> bool:
    """Whether there is any column by which a person could be found."""
    names = columns.of(Kind.NAME, "given", "family", "full", "")
    return bool(names or any(columns.of(kind) for kind in (Kind.EMAIL, Kind.PHONE, Kind.ACCOUNT)))


def reach_table(found: Reach) -> pa.Table:
    """Rows and their share by what finds them."""
    counts = [int(mask.sum()) for mask in found.values()]
    rows = max((len(mask) for mask in found.values()), default=0)
    return pa.table(
        {
            "by": pa.array(list(found), pa.string()),
            "rows": pa.array(counts, pa.int64()),
            "share": pa.array([count / max(rows, 1) for count in counts], pa.float64()),
        }
    )


def _nobody(columns: Columns) -> list[Fault]:
    """A table of something else than people, or one whose headings do not say what is what."""
    return fault(
        columns,
        np.ones(columns.rows, bool),
        code="nobody",
        area="reach",
        says="{have} nothing to find anybody by: no column holds names of people, e-mail addresses, telephone numbers "
        "or accounts.",
        do="Give the table of customers. Where this is it, put such a heading as Name, E-mail or Telephone over its "
        "columns, and fill them.",
        effort="minutes",
    )


def unreached(columns: Columns, found: Reach) -> Iterator[Fault]:
    """Customers whom only a name can find, and those whom nothing can."""
    if not looked_at(columns):
        yield from _nobody(columns)
        return
    rows = found["name and place only"] | found["name only"]
    yield from fault(
        columns,
        rows,
        code="only_by_name",
        area="reach",
        says="can be found by name only: no e-mail address, number or account is their own.",
        do="Ask these customers for an e-mail address first; names alone are shared and misspelt.",
        effort="days",
        cells={one.column.name: rows for one in columns.of(Kind.EMAIL)[:1]},
        least=ONLY_NAMES,
    )
    yield from fault(
        columns,
        found["nothing"],
        code="unreachable",
        area="reach",
        says="{have} neither a name nor any contact: no profile can ever be theirs.",
        do="Delete them, or find out from orders and invoices who they are.",
        effort="hours",
    )
