"""Dates: eight digits for whole columns, once it is known how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import dates
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.normalise.dates import DateOrder
from socialmerge.records import Missing, MissingReason

__all__ = ["keys", "order_of"]

Counts = npt.NDArray[np.int64]

DATE_DIGITS = 8
_REAL_ISO = (
    r"\A(?:1[0-9]|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)\z"
)
_JANUARY_FIRST = "-01-01"
_NO_DIGIT = re.compile(r"\D")


def keys(texts: pa.Array, order: DateOrder) -> pa.Array:
    """The dates of distinct texts as eight digits, 0 for what is not known, null where one is no date.

    A slip of one digit makes a date that cannot be; its digits still compare.

    >>> keys(pa.array(["1815-12-10", "12/1815", "1815-02-31", "n/a"]), DateOrder()).to_pylist()
    ['18151210', '18151200', None, None]
    """

    def quick(some: pa.Array) -> Settled:
        digits = pc.replace_substring(some, "-", "")
        listed = pa.array([_digits(date.year, date.month, date.day) for date in order.placeholders], pa.string())
        return settle.one(digits, mask(pc.match_substring_regex(some, _REAL_ISO)) & ~is_in(digits, listed))

    return settle.keys_of(texts, quick, lambda raw: (_parsed(raw, order),))[""]


def _parsed(raw: str, order: DateOrder) -> str:
    date = dates.parse(raw, order)
    if not isinstance(date, Missing):
        return _digits(date.year, date.month, date.day)
    digits = _NO_DIGIT.sub("", raw)
    spoilt = date.reason is MissingReason.MALFORMED and len(digits) == DATE_DIGITS and digits[:2] in ("19", "20")
    return digits if spoilt else ""


def _digits(year: int, month: int, day: int) -> str:
    return f"{year:04d}{month:02d}{day:02d}"


def order_of(columns: Sequence[tuple[pa.Array, Counts]], region: str) -> DateOrder:
    """How the dates of some columns are written: `dates.order` of their distinct texts, which come with their rows.

    >>> order_of([(pa.array(["25/12/1999", "1/2/2000"]), np.array([1, 1]))], "").day_first
    True
    """
    texts, rows = _together(columns)
    plain = mask(pc.match_substring_regex(texts, _REAL_ISO)) & ~mask(pc.ends_with(texts, _JANUARY_FIRST))
    plain &= ~mask(pc.greater(texts, f"{dates.THIS_YEAR}~"))
    telling = texts.filter(pa.array(~plain)).to_pylist()
    others = (int(np.count_nonzero(plain)), int(rows[plain].sum()))
    return dates.order(telling, counts=rows[~plain].tolist(), region=region, plain=others)


def _together(columns: Sequence[tuple[pa.Array, Counts]]) -> tuple[pa.Array, Counts]:
    """Distinct texts of all the columns, with their rows."""
    whole = pc.dictionary_encode(pa.concat_arrays([texts for texts, _ in columns]))
    rows = np.bincount(
        whole.indices.to_numpy(),
        weights=np.concatenate([counts for _, counts in columns]),
        minlength=len(whole.dictionary),
    )
    return whole.dictionary, rows.astype(np.int64)
