"""Generic values: what is written for many people and says nothing of one, found by lists and by frequency."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.foundation.columns import REASONS, Columns, Read
from socialmerge.foundation.copies import names_of
from socialmerge.foundation.faults import Fault, counted, fault
from socialmerge.normalise import lexicon
from socialmerge.records import Kind

__all__ = ["generic", "generic_texts", "role_texts", "test_rows"]

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SHARED_BY = 5
"""Different names from which on a contact point is nobody's own: a household seldom has more."""
FEW = 0.5
"""Share of made-up numbers beyond which they are how this table is made, and not what somebody typed."""
_FILM_NUMBERS = r"^\+1[0-9]{3}55501[0-9]{2}$"
_DEFAULT_DAYS = ("19000101", "19010101", "18991230", "18991231", "19700101")
_LEAST_DAYS = 3
_DAY_ODDS = 5.0
"""A default date is one where so many times more rows hold it than hold an average date."""


def role_texts(one: Read) -> Mask:
    """Which texts of a column are addresses of a post (info@, sales@) and of nobody who reads them."""
    if one.column.kind is not Kind.EMAIL:
        return np.zeros(len(one.texts), bool)
    local = pc.replace_substring_regex(one.keys, r"@.*$|[.\-_]", "")
    words = pa.array(sorted(lexicon.words("emails", "role") | lexicon.words("emails", "noreply")), pa.string())
    found: Mask = _mask(pc.is_in(local, value_set=words)) & (one.why == 0)
    return found


def generic_texts(columns: Columns, one: Read) -> Mask:
    """Which texts of a column of contact points many different people have."""
    keys, distinct = one.key_codes()
    shared = _names_of_each(columns, keys, len(distinct)) >= SHARED_BY
    of_text = pc.fill_null(pc.index_in(one.keys, pa.array(distinct, pa.string())), -1).to_numpy(zero_copy_only=False)
    found: Mask = np.append(shared, np.False_)[of_text]
    return found


def test_rows(columns: Columns) -> Mask:
    """Rows that somebody made to try things: a name is a word such as test."""
    found = np.zeros(columns.rows, bool)
    for one in columns.of(Kind.NAME, "given", "full", ""):
        found |= one.of_rows((one.why == REASONS.index("junk")) & _mask(pc.match_substring_regex(one.texts, _TRIED)))
    return found


_TRIED = r"(?i)\b(test|tester|testing|demo|dummy|sample|example|asdf\w*|qwert\w*)\b"


def generic(columns: Columns) -> Iterator[Fault]:
    """What is written for many people, by kind of value."""
    for one in columns.of(Kind.EMAIL):
        yield from _roles(columns, one)
    for one in (*columns.of(Kind.EMAIL), *columns.of(Kind.PHONE)):
        yield from _shared(columns, one)
    for one in columns.of(Kind.PHONE):
        yield from _film_numbers(columns, one)
    for one in columns.of(Kind.DATE, "birth"):
        yield from _default_days(columns, one)
    yield from fault(
        columns,
        test_rows(columns),
        code="test_rows",
        area="generic",
        field="name",
        says="{were} made to try things: the name is a word such as 'test'.",
        do="Delete them; try things in a copy of the table.",
        effort="minutes",
        least=0.0,
    )


def _roles(columns: Columns, one: Read) -> Iterator[Fault]:
    rows = one.of_rows(role_texts(one))
    yield from fault(
        columns,
        rows,
        code="role_address",
        area="generic",
        field=one.column.name,
        says=f"{{have}} in '{one.column.name}' the address of a post, such as info@: it belongs to "
        "whoever holds the post.",
        do="Move these addresses to the company's record, and ask the person for one of their own.",
        effort="hours",
        of=int(one.filled.sum()),
        cells={one.column.name: rows},
        least=0.005,
    )


def _shared(columns: Columns, one: Read) -> Iterator[Fault]:
    texts = generic_texts(columns, one) & ~role_texts(one)
    rows = one.of_rows(texts)
    what = "mailbox" if one.column.kind is Kind.EMAIL else "number"
    values = len(np.unique(one.key_codes()[0][rows]))
    yield from fault(
        columns,
        rows,
        code="shared_value",
        area="generic",
        field=one.column.name,
        says=f"{{have}} in '{one.column.name}' one of {counted(values, what)} that {SHARED_BY} "
        "people or more of different names have.",
        do=f"Look whose {what} it is (a switchboard, the one who typed it in), and empty it for everybody else.",
        effort="minutes" if values <= 20 else "hours",
        of=int(one.filled.sum()),
        cells={one.column.name: rows},
    )


def _film_numbers(columns: Columns, one: Read) -> Iterator[Fault]:
    made_up = _mask(pc.match_substring_regex(one.keys, _FILM_NUMBERS))
    rows, there = one.of_rows(made_up), int(one.valid.sum())
    if there and rows.sum() < FEW * there:
        yield from fault(
            columns,
            rows,
            code="made_up_number",
            area="generic",
            field=one.column.name,
            says=f"{{have}} in '{one.column.name}' a number that is kept for films (555-01...).",
            do="Empty these numbers, and ask for the real ones.",
            effort="minutes",
            of=int(one.filled.sum()),
            cells={one.column.name: rows},
        )


def _default_days(columns: Columns, one: Read) -> Iterator[Fault]:
    """Dates that stand for an unknown one: those that the parser knows by their frequency, and those on a list."""
    keys, distinct = one.key_codes()
    counts = np.bincount(keys[keys >= 0], minlength=len(distinct))
    average = counts.sum() / max(len(distinct), 1)
    listed = np.isin(np.array(distinct, dtype=object), _DEFAULT_DAYS)
    listed &= (counts >= _LEAST_DAYS) & (counts >= _DAY_ODDS * average)
    rows = np.append(listed, np.False_)[keys] | one.of_rows(one.why == REASONS.index("placeholder"))
    yield from fault(
        columns,
        rows,
        code="default_date",
        area="generic",
        field=one.column.name,
        says=f"{{have}} in '{one.column.name}' a date that a form or a program puts there when nobody "
        "knows it, such as 1970-01-01.",
        do="Empty these dates, and let the form leave the field empty.",
        effort="minutes",
        of=int(one.filled.sum()),
        cells={one.column.name: rows},
    )


def _names_of_each(columns: Columns, keys: Ints, count: int) -> Ints:
    """How many different names the rows of each value have; a row without a name has none."""
    names = names_of(columns)
    known = (keys >= 0) & (names >= 0)
    pairs = np.unique(keys[known] * (int(names.max(initial=0)) + 1) + names[known])
    return np.bincount(pairs // (int(names.max(initial=0)) + 1), minlength=count)


def _mask(found: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), bool)
