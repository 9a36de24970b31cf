"""Rows of the database as columns: what is read of many records at a time, without an object for each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Select, Table, select

from socialmerge.channels.loader import PURPOSES
from socialmerge.merging.arrays import whole
from socialmerge.store import schema, shapes
from socialmerge.store.database import Value, damaged
from socialmerge.store.ingest import VISIBILITIES

__all__ = ["batches", "claims", "observations"]

_ROWS = 1_000
"""Rows that are taken from the driver at a time: so few stay in the processor's cache until they are columns."""


def batches(
    connection: Connection, shape: pa.Schema, query: Select[Any], values: Mapping[str, int] | None = None
) -> Iterator[pa.RecordBatch]:
    """Read a query whose columns are those of a shape, in its order; ``values`` are those of its parameters."""
    in_parts = connection.dialect.supports_server_side_cursors  # SQLite reads in parts whatever it is told
    result = connection.execute(query, values or {}, execution_options={"stream_results": in_parts})
    try:
        while result.cursor is not None:  # the driver's own rows: those of SQLAlchemy cost more than what is in them
            if rows := result.cursor_strategy.fetchmany(result, result.cursor, _ROWS):
                columns = zip(*rows, strict=True)
                try:
                    arrays = [_array(values, field) for values, field in zip(columns, shape, strict=True)]
                except (TypeError, ValueError, pa.ArrowException):  # which would show the value
                    raise damaged("store: a value of a row") from None
                yield pa.record_batch(arrays, schema=shape)
    finally:
        result.close()


def claims(connection: Connection, shape: pa.Schema, kind: str | None = None) -> Iterator[pa.RecordBatch]:
    """Read some columns of all claims, or of those of one kind of records, ordered by record."""
    table = schema.claims
    own = [one for one in shape if one.name not in schema.records.c]  # the number of the record among these
    columns = [table.c.claim if one.name == "claim_id" else table.c[one.name] for one in own]
    query = _of_kind(select(table.c.record, *columns), kind, table).order_by(table.c.record, table.c.claim)
    return _named(connection, shape, batches(connection, pa.schema([shapes.NUMBER, *own]), query))


def observations(connection: Connection, shape: pa.Schema, kind: str | None = None) -> Iterator[pa.RecordBatch]:
    """Read all observations, or those of one kind of records, ordered by record."""
    table, layouts = schema.observations, schema.layouts
    known = dict(tuple(row) for row in connection.execute(select(layouts.c.layout, layouts.c.columns)))
    numbers, texts = pa.array(list(known), pa.int64()), pa.array(list(known.values()), pa.string())
    query = _of_kind(select(table.c.record, table.c.observed_at, table.c.layout), kind, table)
    query = query.order_by(table.c.record, table.c.observed_at, table.c.layout)
    read = pa.schema([shapes.NUMBER, shape.field("observed_at"), ("layout", pa.int64())])

    def told() -> Iterator[pa.RecordBatch]:
        for batch in batches(connection, read, query):
            text = texts.take(pc.index_in(batch["layout"], numbers))
            yield pa.record_batch(
                [batch["record"], batch["observed_at"], text], names=["record", "observed_at", "columns"]
            )

    return _named(connection, shape, told())


def _of_kind(query: Select[Any], kind: str | None, table: Table) -> Select[Any]:
    """Of records of one kind, where one is named."""
    records = schema.records.c
    return (
        query if kind is None else query.where(table.c.record.in_(select(records.record).where(records.kind == kind)))
    )


def _named(connection: Connection, shape: pa.Schema, several: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """With what the database has once of each record, in place of the record's number."""
    table = schema.records
    theirs = [one for one in shape if one.name in table.c and one.name != shapes.NUMBER.name]
    if not theirs:
        yield from (batch.select(shape.names) for batch in several)
        return
    query = select(table.c.record, *(table.c[one.name] for one in theirs)).order_by(table.c.record)
    read = pa.schema([shapes.NUMBER, *theirs])
    rows = pa.Table.from_batches(list(batches(connection, read, query)), schema=read)
    known = {name: whole(rows[name]) for name in read.names}
    numbers, others = known["record"].to_numpy(), {one.name for one in theirs}
    for batch in several:
        at = pa.array(np.searchsorted(numbers, batch["record"].to_numpy()))
        columns = [known[name].take(at) if name in others else batch[name] for name in shape.names]
        yield pa.record_batch(columns, schema=shape)


def _array(values: Sequence[Value], field: pa.Field) -> pa.Array:
    """Make a column of what the database gave."""
    if values[0] is None and values.count(None) == len(values):  # most have no terms of their own
        return pa.nulls(len(values), field.type)
    return _filled(values, field)


def _filled(values: Sequence[Value], field: pa.Field) -> pa.Array:
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
