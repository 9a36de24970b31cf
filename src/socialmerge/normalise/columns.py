"""Columns as integer codes over their distinct values, so that each value is parsed and compared once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.records import Missing, MissingReason

__all__ = ["Codes", "Parsed", "distinct", "encode"]

Codes = npt.NDArray[np.int32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A parsed column: ``codes[row]`` is an index into ``values``, or -1 where the value is missing.

    ``missing`` counts the rows without a value by reason, so that a report can say why.
    """

    codes: Codes
    values: list[T]
    missing: Counter[MissingReason] = field(default_factory=Counter)


def encode(column: pa.Array | pa.ChunkedArray) -> Parsed[str]:
    """Give each distinct text a code; null is -1.

    >>> parsed = encode(pa.array(["b", None, "a", "b"]))
    >>> parsed.codes.tolist(), parsed.values
    ([0, -1, 1, 0], ['b', 'a'])
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Parsed(codes, array.dictionary.to_pylist())


def distinct(column: pa.Array | pa.ChunkedArray, parse: Callable[[str], T | Missing]) -> Parsed[T]:
    """Parse each distinct text of a column once.

    >>> number = lambda raw: int(raw) if raw.isdigit() else Missing(MissingReason.JUNK)
    >>> parsed = distinct(pa.array(["7", "x", None]), number)
    >>> parsed.codes.tolist(), parsed.values, parsed.missing[MissingReason.JUNK]
    ([0, -1, -1], [7], 1)
    """
    raw = encode(column)
    remap = np.full(len(raw.values) + 1, -1, np.int32)
    values: list[T] = []
    reasons: dict[int, MissingReason] = {-1: MissingReason.EMPTY}
    for code, text in enumerate(raw.values):
        value = parse(text)
        if isinstance(value, Missing):
            reasons[code] = value.reason
        else:
            remap[code] = len(values)
            values.append(value)
    return Parsed(remap[raw.codes], values, _count_missing(raw.codes, reasons))


def _count_missing(codes: Codes, reasons: dict[int, MissingReason]) -> Counter[MissingReason]:
    counts: Counter[MissingReason] = Counter()
    rows = np.bincount(codes + 1, minlength=max(reasons) + 2)
    for code, reason in reasons.items():
        if rows[code + 1]:
            counts[reason] += int(rows[code + 1])
    return counts
