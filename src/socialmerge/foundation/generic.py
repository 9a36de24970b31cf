"""Generic values: what is written for many people and says nothing of one, found by lists and by frequency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.foundation.columns import REASONS, Columns, Read
from socialmerge.foundation.copies import names_of
from socialmerge.foundation.faults import LEAST_SHARE, Fault, counted, fault
from socialmerge.foundation.stand_ins import stand_ins
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


@dataclass(frozen=True, slots=True)
class _Words:
    """How a generic value is reported: ``has`` is what the rows have in a column, ``least`` the share to speak of."""

    code: str
    has: str
    do: str
    effort: str = "minutes"
    least: float = LEAST_SHARE


_ROLE = _Words(
    "role_address",
    "the address of a post, such as info@: it belongs to whoever holds the post",
    "Move these addresses to the company's record, and ask the person for one of their own.",
    effort="hours",
    least=0.005,
)
_FILM = _Words(
    "made_up_number",
    "a number that is kept for films (555-01...)",
    "Empty these numbers, and ask for the real ones.",
)
_DEFAULT = _Words(
    "default_date",
    "a date that a form or a program puts there when nobody knows it, such as 1970-01-01",
    "Empty these dates, and let the form leave the field empty.",
)


def generic(columns: Columns) -> Iterator[Fault]:
    """What is written for many people, by kind of value."""
    mails, phones = columns.of(Kind.EMAIL), columns.of(Kind.PHONE)
    for one in mails:
        yield from _written(columns, one, one.of_rows(role_texts(one)), _ROLE)
    for one in (*mails, *phones):
        rows = one.of_rows(generic_texts(columns, one) & ~role_texts(one))
        yield from _written(columns, one, rows, _shared(one, rows))
    for one in phones:
        yield from _written(columns, one, _film_numbers(one), _FILM)
    for one in columns.of(Kind.DATE, "birth"):
        yield from _written(columns, one, _default_days(one), _DEFAULT)
    tried = test_rows(columns)
    yield from _nobodys(columns, stand_ins(columns) & ~tried)
    yield from fault(
        columns,
        tried,
        code="test_rows",
        area="generic",
        field="name",
        says="{were} made to try things: the name is a word such as 'test'.",
        do="Delete them; try things in a copy of the table.",
        effort="minutes",
        least=0.0,
    )


def _written(columns: Columns, one: Read, rows: Mask, words: _Words) -> list[Fault]:
    """Values of a column that are nobody's own."""
    return fault(
        columns,
        rows,
        code=words.code,
        area="generic",
        field=one.column.name,
        says=f"{{have}} in '{one.column.name}' {words.has}.",
        do=words.do,
        effort=words.effort,
        of=int(one.filled.sum()),
        cells={one.column.name: rows},
        least=words.least,
    )


def _nobodys(columns: Columns, rows: Mask) -> list[Fault]:
    """Names that are written where nobody knows whose name it is."""
    names = [one.column.name for one in columns.of(Kind.NAME, "given", "family", "full", "")]
    return fault(
        columns,
        rows,
        code="generic_name",
        area="generic",
        field="name",
        says="{have} a name that stands in for nobody in particular: that of a part or a sample (customer, guest, "
        "office), or one that comes with far more different contacts than its parts would by chance.",
        do="Empty these names, keep sales to unknown people in one row of their own, and ask the others for their "
        "name; where it is a real one after all, leave it.",
        effort="hours",
        cells=dict.fromkeys(names, rows),
    )


def _shared(one: Read, rows: Mask) -> _Words:
    what = "mailbox" if one.column.kind is Kind.EMAIL else "number"
    values = len(np.unique(one.key_codes()[0][rows]))
    return _Words(
        "shared_value",
        f"one of {counted(values, what)} that {SHARED_BY} people or more of different names have",
        f"Look whose {what} it is (a switchboard, the one who typed it in), and empty it for everybody else.",
        effort="minutes" if values <= 20 else "hours",
    )


def _film_numbers(one: Read) -> Mask:
    """Numbers that are kept for films, unless they are how this table is made."""
    rows = one.of_rows(_mask(pc.match_substring_regex(one.keys, _FILM_NUMBERS)))
    return rows if rows.sum() < FEW * one.valid.sum() else np.zeros(len(rows), bool)


def _default_days(one: Read) -> Mask:
    """Dates that stand for an unknown one: those that the parser knows by their frequency, and those on a list."""
    keys, distinct = one.key_codes()
    counts = np.bincount(keys[keys >= 0], minlength=len(distinct))
    average = counts.sum() / max(len(distinct), 1)
    listed = np.isin(np.array(distinct, dtype=object), _DEFAULT_DAYS)
    listed &= (counts >= _LEAST_DAYS) & (counts >= _DAY_ODDS * average)
    return np.append(listed, np.False_)[keys] | one.of_rows(one.why == REASONS.index("placeholder"))


def _names_of_each(columns: Columns, keys: Ints, count: int) -> Ints:
    """How many different names the rows of each value have; a row without a name has none."""
    names = names_of(columns)
    known = (keys >= 0) & (names >= 0)
    pairs = np.unique(keys[known] * (int(names.max(initial=0)) + 1) + names[known])
    return np.bincount(pairs // (int(names.max(initial=0)) + 1), minlength=count)


def _mask(found: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), bool)
