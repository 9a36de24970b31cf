"""Reading: all that a store holds, as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Select, func, select, tuple_

from socialmerge.channels.loader import PURPOSES
from socialmerge.store import decisions, log, schema, shapes
from socialmerge.store.database import BATCH_ROWS, Value
from socialmerge.store.ingest import VISIBILITIES
from socialmerge.store.intake import conform
from socialmerge.store.values import Decision, RecordKey

__all__ = ["Snapshot"]

_CHUNK = 2_000


class Snapshot:
    """What the store held when the snapshot was taken; it is valid inside its ``with`` block.

    ``of`` chooses records by their names: a table with the columns ``source`` and ``record_id``. Tables come as a
    ``pyarrow.RecordBatchReader``: iterate over its batches in bounded memory, or take ``read_all()``; they are ordered
    by record, in the order in which records first came.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def position(self) -> int:
        """Give the position of the log: it grows with every change."""
        return log.position(self._connection)

    def records(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read records, as ``records_schema`` has them."""
        table = schema.records
        query = select(*(table.c[name] for name in shapes.records_schema().names))
        return self._read(shapes.records_schema(), query, of)

    def claims(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read claims, as ``claims_schema`` has them."""
        table, record = schema.claims, schema.records
        names = shapes.claims_schema().names
        chosen = [
            table.c.claim.label(name) if name == "claim_id" else record.c[name] if name in record.c else table.c[name]
            for name in names
        ]
        query = select(*chosen).join_from(table, record).order_by(table.c.claim)
        return self._read(shapes.claims_schema(), query, of)

    def observations(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read observations, as ``observations_schema`` has them."""
        table, record = schema.observations, schema.records
        query = (
            select(record.c.source, record.c.record_id, table.c.observed_at, schema.layouts.c.columns)
            .join_from(table, record)
            .join(schema.layouts)
            .order_by(table.c.observed_at, table.c.layout)
        )
        return self._read(shapes.observations_schema(), query, of)

    def decisions(self, *, after: int = 0) -> tuple[Decision, ...]:
        """Read people's decisions in their order, those that came after a place of it."""
        return decisions.read(self._connection, after=after)

    def log(self, *, after: int = 0) -> pa.Table:
        """Read the log of changes, as ``log_schema`` has it."""
        query = select(*schema.log.c).where(schema.log.c.position > after).order_by(schema.log.c.position)
        return _whole(self._connection, shapes.log_schema(), query)

    def has(self, key: RecordKey) -> bool:
        """Say whether a record is there."""
        table = schema.records
        query = select(table.c.record).where(table.c.source == key.source, table.c.record_id == key.record_id)
        return self._connection.scalar(query) is not None

    def count(self, table: str) -> int:
        """Count the rows of one of the tables of the store, by its name."""
        return self._connection.scalar(select(func.count()).select_from(schema.METADATA.tables[table])) or 0

    def _read(self, shape: pa.Schema, query: Select[tuple[Value, ...]], of: pa.Table | None) -> pa.RecordBatchReader:
        query = _by_record(query)
        of_record = schema.records.c.record
        parts = [query] if of is None else [query.where(of_record.in_(part)) for part in self._numbers(of)]
        batches = (batch for part in parts for batch in _batches(self._connection, shape, part))
        return pa.RecordBatchReader.from_batches(shape, batches)

    def _numbers(self, of: pa.Table) -> Iterator[list[int]]:
        """Find the numbers of the named records, in order, some at a time."""
        numbers = sorted(record_numbers(self._connection, of))
        for start in range(0, len(numbers), _CHUNK):
            yield numbers[start : start + _CHUNK]


def record_numbers(connection: Connection, of: pa.Table) -> set[int]:
    """Find the numbers of the records that a table names; names that are not there are left out."""
    names = shapes.keys_schema().names
    of = conform(of, shapes.keys_schema(), names, what="of")
    pairs = sorted(set(zip(*(of[name].to_pylist() for name in names), strict=True)))
    table = schema.records
    found: set[int] = set()
    for start in range(0, len(pairs), _CHUNK):
        chosen = tuple_(table.c.source, table.c.record_id).in_(pairs[start : start + _CHUNK])
        found.update(connection.scalars(select(table.c.record).where(chosen)))
    return found


def _by_record(query: Select[tuple[Value, ...]]) -> Select[tuple[Value, ...]]:
    """Order by record before anything else."""
    further = query._order_by_clauses  # noqa: SLF001
    return query.order_by(None).order_by(schema.records.c.record, *further)


def _whole(connection: Connection, shape: pa.Schema, query: Select[tuple[Value, ...]]) -> pa.Table:
    return pa.Table.from_batches(_batches(connection, shape, query), schema=shape)


def _batches(connection: Connection, shape: pa.Schema, query: Select[tuple[Value, ...]]) -> Iterator[pa.RecordBatch]:
    result = connection.execute(query, execution_options={"yield_per": BATCH_ROWS})
    for rows in result.partitions():
        columns = zip(*rows, strict=True)
        arrays = [_array(values, field) for values, field in zip(columns, shape, strict=True)]
        yield pa.record_batch(arrays, schema=shape)


def _array(values: Sequence[Value], field: pa.Field) -> pa.Array:
    """Make a column of what the database gave."""
    if field.name == "claim_id":
        return pa.array([bytes(value).hex() for value in values], pa.string())  # type: ignore[arg-type]
    if field.name == "visibility":
        return pa.array(VISIBILITIES).take(pa.array(values, pa.int32()))
    if field.name == "purposes":
        return pa.array([_words(value) for value in values], pa.string())  # type: ignore[arg-type]
    if pa.types.is_timestamp(field.type):
        numbers = pa.array(values, pa.int64())
        undated = pa.scalar(None, pa.int64())
        return pc.if_else(pc.equal(numbers, schema.UNDATED), undated, numbers).cast(field.type)
    if pa.types.is_boolean(field.type):
        return pa.array(values, pa.int8()).cast(pa.bool_())
    return pa.array(values, field.type)


def _words(bits: int | None) -> str | None:
    if bits is None:
        return None
    return " ".join(word for place, word in enumerate(PURPOSES) if bits >> place & 1)
