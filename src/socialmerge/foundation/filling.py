"""Completeness and validity: which cells hold a value, column by column, and why the others hold none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.foundation.columns import REASONS, Columns, Read
from socialmerge.foundation.faults import Fault, fault
from socialmerge.foundation.generic import role_texts
from socialmerge.foundation.implausible import Implausible
from socialmerge.records import Kind

__all__ = ["completeness", "fields_table", "gaps", "groups", "validity"]

Mask = npt.NDArray[np.bool_]

HOLES = 0.02
"""Share of rows without a value from which a field that matching leans on is incomplete."""
_NEEDED = (
    ("name", (Kind.NAME,), ("given", "family", "full", "")),
    ("email", (Kind.EMAIL,), ()),
    ("phone", (Kind.PHONE,), ()),
    ("place", (Kind.PLACE,), ("city", "postcode", "full")),
)
_WHY_ASK = {
    "name": ("hours", "Look the names up (in invoices, signatures of e-mails), and make the name a required field."),
    "email": ("days", "Ask for the address at the next contact, and make it a required field for new customers."),
    "phone": ("days", "Ask for the number at the next contact; e-mail and telephone together find nearly everybody."),
    "place": ("days", "Take city and postcode over from invoices or deliveries: they tell people of one name apart."),
}
_CALLED = {"name": "a name", "email": "an e-mail address", "phone": "a telephone number", "place": "a city or postcode"}
_INVALID = {
    Kind.EMAIL: ("hours", "Correct the addresses that are mistyped, empty the others, and check addresses on entry."),
    Kind.PHONE: (
        "hours",
        "Correct the numbers, empty those that are none, and write them with the country: +44 20 ...",
    ),
    Kind.DATE: ("hours", "Write dates as 2024-05-31; empty what is no date, and let the field take dates only."),
    Kind.NAME: ("hours", "Delete rows that were made to try things, and empty names that are none."),
}


def groups(columns: Columns) -> list[tuple[str, tuple[Read, ...]]]:
    """The columns that matching leans on, as fields: any column of a field may hold the value."""
    found = []
    for name, kinds, parts in _NEEDED:
        reads = tuple(one for kind in kinds for one in columns.of(kind, *parts))
        if reads:
            found.append((name, reads))
    return found


def gaps(columns: Columns, rows: Mask) -> dict[str, Mask]:
    """The cells of some rows that hold no value where matching leans on one, as rows by column."""
    return {one.column.name: rows & ~one.valid for _, reads in groups(columns) for one in reads}


def fields_table(columns: Columns, odd: Implausible) -> pa.Table:
    """For each column how many rows hold a value, and of the others how many are empty or hold what is none."""
    rows = []
    for one in columns.read:
        counts = np.bincount(one.why[one.codes[one.filled]], minlength=len(REASONS))
        rows.append(
            {
                "field": one.column.meaning,
                "column": one.column.name,
                "filled": int(one.filled.sum()),
                "valid": int(counts[0]),
                "empty": columns.rows - int(one.filled.sum()),
                **{reason: int(counts[place]) for place, reason in enumerate(REASONS) if place},
                "role": int(one.of_rows(role_texts(one)).sum()),
                "implausible": int(odd.rows(one.column.name, columns.rows).sum()),
                "distinct": len(one.texts),
            }
        )
    whole = ("filled", "valid", "empty", *REASONS[1:], "role", "implausible", "distinct")
    schema = pa.schema([("field", pa.string()), ("column", pa.string()), *((name, pa.int64()) for name in whole)])
    return pa.Table.from_pylist(rows, schema=schema)


def completeness(columns: Columns) -> Iterator[Fault]:
    """Fields that matching leans on and many rows lack."""
    for name, reads in groups(columns):
        without = _without(name, reads, columns)
        effort, do = _WHY_ASK[name]
        yield from fault(
            columns,
            without,
            code=f"no_{name}",
            area="completeness",
            field=name,
            says=f"{{have}} no {_CALLED[name].partition(' ')[2]}.",
            do=do,
            effort=effort,
            cells={one.column.name: without & ~one.filled for one in reads},
            least=HOLES if name != "name" else 0.001,
        )


def _without(name: str, reads: Sequence[Read], columns: Columns) -> Mask:
    """Rows with nothing in any column of a field; a name needs both its parts where they have columns of their own."""
    filled = np.zeros(columns.rows, bool)
    if name == "name":
        parts = [one for one in reads if one.column.part in ("given", "family")]
        whole = [one for one in reads if one not in parts]
        both = np.ones(columns.rows, bool) if parts else filled
        for one in parts:
            both &= one.filled
        filled |= both
        reads = whole
    for one in reads:
        filled |= one.filled
    return ~filled


def validity(columns: Columns, odd: Implausible) -> Iterator[Fault]:
    """Columns with texts that are no value of their kind, and why."""
    for one in columns.read:
        bad = one.of_rows(one.why > 0)
        defaults = one.of_rows(one.why == REASONS.index("placeholder")) if one.column.kind is Kind.DATE else None
        if defaults is not None:
            bad &= ~defaults  # default dates are generic values
        if one.column.kind is not Kind.OTHER:
            yield from _invalid(columns, one, bad)
        yield from _implausible(columns, one, odd)


def _invalid(columns: Columns, one: Read, bad: Mask) -> Iterator[Fault]:
    counts = [(why, int((bad & one.of_rows(one.why == place)).sum())) for place, why in enumerate(REASONS) if place]
    why = ", ".join(f"{count:,} {_PLAIN[reason][count != 1]}" for reason, count in counts if count)
    effort, do = _INVALID.get(one.column.kind, ("hours", "Correct the values, or empty them."))
    yield from fault(
        columns,
        bad,
        code="invalid",
        area="validity",
        field=one.column.name,
        says=f"{{hold}} in '{one.column.name}' what is no {_noun(one)}: {why}.",
        do=do,
        effort=effort,
        of=int(one.filled.sum()),
        cells={one.column.name: bad},
    )


_PLAIN = {
    "junk": ("stands for 'nothing' (n/a, test, 000...)", "stand for 'nothing' (n/a, test, 000...)"),
    "placeholder": tuple(f"{was} only typed because a form wanted something" for was in ("was", "were")),
    "malformed": ("is mistyped", "are mistyped"),
}
_NOUNS = {
    Kind.EMAIL: "e-mail address",
    Kind.PHONE: "telephone number",
    Kind.DATE: "date",
    Kind.NAME: "name",
    Kind.URL: "web address",
    Kind.ACCOUNT: "account",
    Kind.PLACE: "place",
}


def _noun(one: Read) -> str:
    return _NOUNS.get(one.column.kind, "value")


def _implausible(columns: Columns, one: Read, odd: Implausible) -> Iterator[Fault]:
    rows = odd.rows(one.column.name, columns.rows)
    yield from fault(
        columns,
        rows,
        code="implausible",
        area="validity",
        field=one.column.name,
        says=f"{{hold}} in '{one.column.name}' a date that cannot be: {odd.says(one.column.name)}.",
        do="Correct these dates, or empty them; look for a mix-up of day and month or of two centuries.",
        effort="hours",
        of=int(one.filled.sum()),
        cells={one.column.name: rows},
    )
