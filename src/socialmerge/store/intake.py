"""Tables that are given to a store, checked, and made ready before the database is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import StoreError, amount
from socialmerge.store.database import Value
from socialmerge.store.keys import digests
from socialmerge.store.shapes import keys_schema

__all__ = ["Ints", "claim_digests", "codes", "columns", "conform", "name_keys", "placed", "rounds"]

Ints = npt.NDArray[np.int64]

_Any = TypeVar("_Any")

_DEFAULTS = {"place": 0, "is_verified": False, "is_strong": True}


def conform(table: pa.Table, schema: pa.Schema, required: Sequence[str], *, what: str) -> pa.Table:
    """Give the columns of a schema, null or their default where they are missing; NUL characters are replaced.

    Raises:
        StoreError: A required column is missing or has nulls, or a column has another type.
    """
    missing = [name for name in required if name not in table.column_names]
    if missing:
        message = f"{what}: no column '{missing[0]}'; a table of {', '.join(required)} at least is needed"
        raise StoreError(message)
    found = {name: _column(table, schema.field(name), what) for name in schema.names}
    for name in required:
        if found[name].null_count:
            message = (
                f"{what}: {amount(found[name].null_count, 'row has', 'rows have')} no '{name}'; give every row one"
            )
            raise StoreError(message)
    return pa.table(found, schema=schema).combine_chunks()


def _column(table: pa.Table, field: pa.Field, what: str) -> pa.Array | pa.ChunkedArray:
    default = _DEFAULTS.get(field.name)
    if field.name not in table.column_names:
        empty = pa.scalar(default, field.type)
        return pa.repeat(empty, table.num_rows)
    try:
        column = table[field.name].cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        message = f"{what}: column '{field.name}' holds {table[field.name].type}, {field.type} is needed"
        raise StoreError(message) from None
    if pa.types.is_string(field.type):
        # PostgreSQL stores no NUL; both databases give the same text back.
        column = pc.replace_substring(column, "\0", "\N{REPLACEMENT CHARACTER}")
    return column if default is None else pc.fill_null(column, default)


def name_keys(table: pa.Table, prefix: str = "") -> pa.Array:
    """Give the name of each row's record as one text; ``prefix`` is as in ``left_source`` and ``left_id``."""
    source, record_id = (f"{prefix}_source", f"{prefix}_id") if prefix else keys_schema().names
    length = pc.cast(pc.binary_length(table[source]), pa.string())
    joined = pc.binary_join_element_wise(length, table[source], table[record_id], ":")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def codes(names: pa.Array, known: pa.Array, *, what: str) -> Ints:
    """Give the place of each name among the known ones.

    Raises:
        StoreError: A name is not among them.
    """
    found = pc.index_in(names, known)
    if found.null_count:
        rows = amount(found.null_count, "row names", "rows name")
        message = f"{what}: {rows} a record that is not in records; give their records with them"
        raise StoreError(message)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]  # untyped library


def columns(table: pa.Table) -> list[list[Value]]:
    """Give the columns as lists of what a database takes: times as microseconds, booleans as 0 and 1."""
    return [_plain(column).to_pylist() for column in table.columns]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column


def rounds(record: Ints, digest: Sequence[bytes]) -> list[Ints]:
    """Part rows into rounds, none of which has one key twice; within a round in the order of the records.

    A claim that two rows of one table make is so merged with itself as it would be from two tables.
    """
    short = np.frombuffer(b"".join(one[:8] for one in digest), np.int64)
    order = np.lexsort([short, record])
    first = np.ones(len(order), np.bool_)
    first[1:] = (record[order][1:] != record[order][:-1]) | (short[order][1:] != short[order][:-1])
    if first.all():
        return [order] if len(order) else []
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    number = np.arange(len(order)) - start
    return [order[number == one] for one in range(int(number.max()) + 1)]


def placed(values: Sequence[_Any], at: Ints) -> list[_Any]:
    """Give the values at some places."""
    return [values[place] for place in at.tolist()]


def claim_digests(key: bytes, claims: pa.Table, records: pa.Table, code: Ints) -> list[bytes]:
    """Make the id of each claim, from what its record and its row say."""
    origin = records.select(["source", "record_id", "channel", "scope", "account_id"]).take(pa.array(code))
    return digests(key, [*origin.columns, claims["attribute"], claims["raw"]])
