"""Columns as integer codes over their distinct values, so that each value is parsed and compared once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.records import Missing, MissingReason
from socialmerge.tables import strings

__all__ = ["Coded", "Codes", "Parsed", "coded", "distinct", "encode"]

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


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text: ``codes[row]`` is an index into ``texts``, distinct and without nulls, or -1 where is no text.

    Texts are in the order in which rows first have them.
    """

    codes: Codes
    texts: pa.Array


def coded(columns: Sequence[pa.Array | pa.ChunkedArray]) -> Coded:
    """Give each distinct text of some columns, one below the other, a code; null and ``""`` are -1.

    A column that is dictionary-encoded already is not decoded.

    >>> found = coded([pa.array(["b", None, "a"]), pa.array(["a", "c"]).dictionary_encode()])
    >>> found.codes.tolist(), found.texts.to_pylist()
    ([0, -1, 1, 1, 2], ['b', 'a', 'c'])
    """
    chunks = [chunk for column in columns for chunk in _dictionaries(column)]
    if len(chunks) > 1:
        chunks = [chunk for chunk in pa.chunked_array(chunks).unify_dictionaries().chunks if len(chunk)] or chunks[:1]
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in chunks]
    return _without_empty(np.concatenate([np.empty(0, np.int32), *codes]), chunks[0].dictionary)


def _dictionaries(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    """The column as arrays that are dictionaries of text."""
    if not (pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type)):
        column = strings(column)
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [_dictionary(chunk) for chunk in chunks] or [pa.array([], pa.string()).dictionary_encode()]


def _dictionary(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type) and (array.dictionary.null_count or array.type.index_type != pa.int32()):
        array = array.dictionary_decode()
    return array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)


def _without_empty(codes: Codes, texts: pa.Array) -> Coded:
    empty = np.flatnonzero(pc.equal(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False))
    return _in_order(np.where(codes == empty[0], np.int32(-1), codes) if len(empty) else codes, texts)


def _in_order(codes: Codes, texts: pa.Array) -> Coded:
    """Texts in the order of their first rows, without those that no row has."""
    highest = np.maximum.accumulate(np.concatenate(([np.int32(-1)], codes)))
    if np.all(np.diff(highest) <= 1) and highest[-1] == len(texts) - 1:
        return Coded(codes, texts)
    first = np.full(len(texts) + 1, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of several rows the last one written is the first
    first = first[:-1]
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(codes))]
    remap = np.full(len(texts) + 1, -1, np.int32)
    remap[order] = np.arange(len(order), dtype=np.int32)
    return Coded(remap[codes], texts.take(pa.array(order)))


def encode(column: pa.Array | pa.ChunkedArray) -> Parsed[str]:
    """Give each distinct text a code; null is -1.

    >>> parsed = encode(pa.array(["b", None, "a", "b"]))
    >>> parsed.codes.tolist(), parsed.values
    ([0, -1, 1, 0], ['b', 'a'])
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array)
    found = _in_order(array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), array.dictionary)
    return Parsed(found.codes, found.texts.to_pylist())


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
