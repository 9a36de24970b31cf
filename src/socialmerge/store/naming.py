"""From the names of records to their numbers in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, select, tuple_

from socialmerge.errors import StoreError, amount
from socialmerge.store import schema
from socialmerge.store.database import Database
from socialmerge.store.intake import Ints
from socialmerge.store.staging import same_name, staged_keys, staging

__all__ = ["CHUNK", "chunks", "existing", "numbers", "some_numbers"]

CHUNK = 2_000
"""Names or numbers that stand in one statement."""

_One = TypeVar("_One")


def chunks(several: Sequence[_One]) -> Iterator[Sequence[_One]]:
    """Names or numbers, as many at a time as stand in one statement."""
    for start in range(0, len(several), CHUNK):
        yield several[start : start + CHUNK]


def numbers(database: Database, connection: Connection, source: pa.Array, record_id: pa.Array, *, what: str) -> Ints:
    """Give the number of each named record.

    Raises:
        StoreError: A record is not there.
    """
    rows = list(zip(range(len(source)), source.to_pylist(), record_id.to_pylist(), strict=True))
    found = np.full(len(rows), -1, np.int64)
    joined = select(staged_keys.c.row, schema.records.c.record).join(
        schema.records, same_name(schema.records, staged_keys)
    )
    for _ in staging(database, connection, staged_keys, rows):
        pairs = np.array([tuple(row) for row in connection.execute(joined)], np.int64).reshape(-1, 2)
        found[pairs[:, 0]] = pairs[:, 1]
    if missing := int((found < 0).sum()):
        told = amount(missing, "row names", "rows name")
        message = f"{what}: {told} a record that the store does not have; write the records first"
        raise StoreError(message)
    return found


def some_numbers(connection: Connection, names: Sequence[tuple[str, str]]) -> set[int]:
    """Find the numbers of a few records; names that are not there are left out."""
    table = schema.records
    found: set[int] = set()
    for part in chunks(names):
        chosen = tuple_(table.c.source, table.c.record_id).in_(part)
        found.update(connection.scalars(select(table.c.record).where(chosen)))
    return found


def existing(connection: Connection, names: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Find which of a few records are there."""
    table = schema.records
    found: set[tuple[str, str]] = set()
    for part in chunks(names):
        chosen = tuple_(table.c.source, table.c.record_id).in_(part)
        rows = connection.execute(select(table.c.source, table.c.record_id).where(chosen))
        found.update((row.source, row.record_id) for row in rows)
    return found
