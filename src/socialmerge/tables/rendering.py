"""Any Arrow column as text: one documented rendering for every type."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["LIST_SEPARATOR", "column", "mended", "strings", "without_views"]

LIST_SEPARATOR = " ::: "
"""Between the values of a list in one cell. Google Contacts uses the same, and it is rare inside a value."""

_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BINARY = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)
_LISTS = (
    pa.types.is_list,
    pa.types.is_large_list,
)  # Arrow casts views and fixed sizes with nulls wrongly: value by value


def strings(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Render a column of any type as ``pa.string()``, one value a row.

    Null, NaN and ``""`` become null. Integers and whole floats have no decimal point (``12``, not ``12.0``), booleans
    are ``true`` and ``false``, dates are ISO 8601, and so are timestamps (in UTC with ``Z`` when they carry a zone; as
    plain dates when the whole column is at midnight). The values of a list are joined by :data:`LIST_SEPARATOR`, a
    struct or a map is JSON, bytes are UTF-8 or else hexadecimal.

    >>> import pyarrow as pa
    >>> strings(pa.array([1.0, 2.5, float("nan"), None])).to_pylist()
    ['1', '2.5', None, None]
    >>> strings(pa.array([["a", "b"], []])).to_pylist()
    ['a ::: b', None]
    """
    whole = _one_array(column)
    text = _render(whole)
    empty = pc.equal(text, "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), text) if pc.any(empty).as_py() else text


def column(values: list[object]) -> pa.Array:
    """Make an Arrow array of Python values; where their types do not agree, each becomes text.

    >>> column([1, "b", None]).to_pylist()
    ['1', 'b', None]
    """
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        # Mixed types, lone surrogates, integers over 64 bits: text holds them all.
        return pa.array([_cell(value) for value in values], pa.string())


def without_views(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column whose texts and bytes are views, as polars exports them, with plain ones: Arrow sorts no views.

    >>> import pyarrow as pa
    >>> without_views(pa.chunked_array([pa.array(["a", None], pa.string_view())])).type
    DataType(string)
    """
    wanted = _kind_without_views(column.type)
    if wanted == column.type:
        return column
    try:
        return column.cast(wanted)
    except pa.ArrowNotImplementedError:  # a dictionary of views, and older Arrow
        return pa.chunked_array([pa.array(column.to_pylist(), wanted)])


def _kind_without_views(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_kind_without_views(field.type)) for field in kind])
    if pa.types.is_dictionary(kind) or any(test(kind) for test in _LISTS):
        value = _kind_without_views(kind.value_type)
        if value != kind.value_type:
            return value if pa.types.is_dictionary(kind) else pa.list_(value)
    return kind


def _one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # combine_chunks may leave several when one would overflow
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


def _render(values: pa.Array) -> pa.Array:
    for is_of_type, render in _RENDERERS:
        if is_of_type(values.type):
            return render(values)
    return pa.array([_cell(value) for value in values.to_pylist()], pa.string())


def _is_text(kind: pa.DataType) -> bool:
    return any(test(kind) for test in _TEXT)


def _is_list_of_plain(kind: pa.DataType) -> bool:
    return any(test(kind) for test in _LISTS) and _is_flat(kind.value_type)


def _is_flat(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or any(test(kind) for test in _BINARY))


def _dates(values: pa.Array) -> pa.Array:
    return values.cast(pa.date32()).cast(pa.string())


def _floats(values: pa.Array) -> pa.Array:
    values = values.cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
    # Beyond 2**53 a float is not a whole number that anybody typed; keep the exponent there.
    whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), float(2**53)))
    integers = pc.if_else(whole, values, 0.0).cast(pa.int64()).cast(pa.string())
    return pc.if_else(whole, integers, values.cast(pa.string()))


def _timestamps(values: pa.Array) -> pa.Array:
    zoned = values.type.tz is not None
    plain = values.cast(pa.timestamp(values.type.unit)) if zoned else values
    if not zoned and _all_midnight(plain):
        return _dates(plain)
    text = pc.replace_substring_regex(plain.cast(pa.string()), r"\.0+$", "")
    text = pc.replace_substring(text, " ", "T")
    return pc.binary_join_element_wise(text, "Z", "") if zoned else text


def _all_midnight(values: pa.Array) -> bool:
    at_midnight = pc.equal(pc.floor_temporal(values, unit="day"), values)
    return bool(pc.all(at_midnight, min_count=0).as_py())


def _lists(values: pa.Array) -> pa.Array:
    if values.offset:
        # releases before 24 join the wrong part of a sliced list
        values = values.take(pa.array(np.arange(len(values))))
    flat = strings(values.flatten())
    parents = pc.list_parent_indices(values)
    present = pc.is_valid(flat)
    # binary_join makes a list with a null in it null, so the nulls are taken out first.
    flat, parents = flat.filter(present), parents.filter(present)
    counts = _counts(parents, len(values))
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(counts)])
    joined = pc.binary_join(pa.LargeListArray.from_arrays(offsets, flat), LIST_SEPARATOR)
    return joined.cast(pa.string())


def _counts(parents: pa.Array, length: int) -> pa.Array:
    return pa.array(np.bincount(parents.to_numpy(zero_copy_only=False).astype(np.int64), minlength=length))


_RENDERERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (_is_text, lambda values: values.cast(pa.string())),
    (pa.types.is_null, lambda values: pa.nulls(len(values), pa.string())),
    (pa.types.is_dictionary, lambda values: _render(values.dictionary).take(values.indices)),
    (pa.types.is_integer, lambda values: values.cast(pa.string())),
    (pa.types.is_boolean, lambda values: values.cast(pa.string())),
    (pa.types.is_floating, _floats),
    (pa.types.is_date, _dates),
    (pa.types.is_timestamp, _timestamps),
    (_is_list_of_plain, _lists),
)


def _cell(value: object) -> str | None:  # noqa: PLR0911 - one return a type reads better than a table
    """Render one Python value as :func:`strings` renders its Arrow type."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else None
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, (list, tuple, set)):
        return _joined(list(value))
    if isinstance(value, dict):
        return mended(json.dumps(value, ensure_ascii=False, default=_cell, sort_keys=False))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return mended(str(value))


def _joined(values: list[object]) -> str | None:
    cells = [cell for cell in map(_cell, values) if cell]
    return LIST_SEPARATOR.join(cells) or None


def _bytes(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()


def mended(text: str) -> str:
    """Pair surrogates up where JSON split them, and replace the lone ones, which UTF-8 cannot hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
