"""Which entity each record belongs to, and belonged to, as the resolver last worked it out."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Connection, and_, exists, insert, literal, null, select, update

from socialmerge.errors import StoreError
from socialmerge.store import schema, shapes
from socialmerge.store.database import Database
from socialmerge.store.intake import conform
from socialmerge.store.log import log_change, position
from socialmerge.store.naming import numbers
from socialmerge.store.staging import staged_members, staging

__all__ = ["assign"]

_KINDS = ("merge", "split")


def assign(
    database: Database, connection: Connection, members: pa.Table, events: pa.Table | None, *, at: int, actor: str
) -> int:
    """Note the entities of some records, and the events that led there; give the position of the log.

    Raises:
        StoreError: A record is not there, or an event is neither a merge nor a split.
    """
    names = shapes.keys_schema().names
    members = conform(members, shapes.members_schema(), [*names, "entity_id"], what="members")
    record = numbers(database, connection, *(members[name] for name in names), what="members")
    rows = sorted(zip(record.tolist(), members["entity_id"].to_pylist(), strict=True))
    since = position(connection) + 1
    moved = sum(_move(connection, since) for _ in staging(database, connection, staged_members, rows))
    counts = {"records": moved, "events": _add_events(connection, events, since)}
    return log_change(connection, "assign", counts, at=at, actor=actor)


def _move(connection: Connection, since: int) -> int:
    """End the membership of the staged records that now belong elsewhere, and begin the new one."""
    table = schema.members
    mine = and_(table.c.record == staged_members.c.record, table.c.until.is_(None))
    elsewhere = and_(mine, table.c.entity_id != staged_members.c.entity_id)
    connection.execute(update(table).values(until=since).where(elsewhere))
    staged = staged_members.c
    rows = select(staged.record, literal(since), staged.entity_id, null()).where(~exists().where(mine))
    statement = insert(table).from_select(["record", "since", "entity_id", "until"], rows)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _add_events(connection: Connection, events: pa.Table | None, since: int) -> int:
    if events is None or not events.num_rows:
        return 0
    shape = shapes.events_schema()
    events = conform(events, shape, ["kind", "old_id", "new_id"], what="events").drop_columns(["position"])
    rows = events.to_pylist()
    if {row["kind"] for row in rows} - set(_KINDS):
        message = f"events: column 'kind' holds another word than {', '.join(_KINDS)}; use these"
        raise StoreError(message)
    numbered = [{"position": since, "place": place, **row} for place, row in enumerate(rows)]
    connection.execute(insert(schema.events), numbered)
    return len(numbered)
