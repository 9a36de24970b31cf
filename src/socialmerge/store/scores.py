"""What a frozen model weighed of each profile: one row a profile, whose numbers the resolver packs and reads."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Connection, delete, insert

from socialmerge.store import schema, shapes
from socialmerge.store.database import Database
from socialmerge.store.intake import conform
from socialmerge.store.log import log_change
from socialmerge.store.naming import CHUNK, numbers

__all__ = ["save"]

ACTION = "score"
"""Stands in the log after every change of what is weighed, also one that leaves all rows as they were."""


def save(
    database: Database, connection: Connection, scores: pa.Table, *, at: int, actor: str, afresh: bool = False
) -> int:
    """Put rows in place of those of their records, ``afresh`` in place of all; give the position of the log.

    Raises:
        StoreError: A row is of a record that is not there.
    """
    columns = shapes.scores_schema().names
    scores = conform(scores, shapes.scores_schema(), columns, what="scores")
    record = numbers(database, connection, scores["source"], scores["record_id"], what="scores").tolist()
    table = schema.scores
    if afresh:
        connection.execute(delete(table))
    for start in range(0, 0 if afresh else len(record), CHUNK):
        connection.execute(delete(table).where(table.c.record.in_(record[start : start + CHUNK])))
    values = zip(record, scores["model"].to_pylist(), scores["entries"].to_pylist(), strict=True)
    rows = [{"record": number, "model": model, "entries": entries} for number, model, entries in sorted(values)]
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(table), rows[start : start + CHUNK])
    return log_change(connection, ACTION, {"records": len(rows), "settled": 1}, at=at, actor=actor)
