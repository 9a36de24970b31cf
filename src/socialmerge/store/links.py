"""A machine's decisions about pairs: one row per pair and version of the plan."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, delete, func, select, tuple_

from socialmerge.store import schema, shapes
from socialmerge.store.database import Database
from socialmerge.store.intake import columns, conform
from socialmerge.store.log import log_change
from socialmerge.store.naming import CHUNK, numbers
from socialmerge.store.staging import Changes, merge, staged_links, staging

__all__ = ["add", "change", "replace"]

_REQUIRED = ["left_source", "left_id", "right_source", "right_id", "weight", "probability", "verdict", "plan_version"]
_JUDGED = ("weight", "probability", "verdict", "assurance", "evidence")


def replace(database: Database, connection: Connection, links: pa.Table, *, at: int, actor: str) -> int:
    """Take all links away, whatever version made them, and add these; give the position of the log."""
    gone = connection.scalar(select(func.count()).select_from(schema.links)) or 0
    connection.execute(delete(schema.links))
    return add(database, connection, links, at=at, actor=actor, gone=gone)


def change(database: Database, connection: Connection, gone: pa.Table, links: pa.Table, *, at: int, actor: str) -> int:
    """Take the links of some pairs away, whatever version made them, and add others; give the position of the log."""
    table, removed = schema.links, 0
    sides = [
        numbers(database, connection, gone[f"{side}_source"], gone[f"{side}_id"], what="links").tolist()
        for side in ("left", "right")
    ]
    pairs = sorted(set(zip(*sides, strict=True)))
    for start in range(0, len(pairs), CHUNK):
        these = tuple_(table.c.left, table.c.right).in_(pairs[start : start + CHUNK])
        removed += connection.execute(delete(table).where(these)).rowcount
    return add(database, connection, links, at=at, actor=actor, gone=removed)


def add(database: Database, connection: Connection, links: pa.Table, *, at: int, actor: str, gone: int = 0) -> int:
    """Add links, the later judgement of one pair by one version in place of the earlier; give the position.

    Raises:
        StoreError: A link is of a record that is not there.
    """
    links = _once(conform(links, shapes.links_schema(), _REQUIRED, what="links"))
    sides = [
        numbers(database, connection, links[f"{side}_source"], links[f"{side}_id"], what="links").tolist()
        for side in ("left", "right")
    ]
    rows = sorted(zip(*sides, *columns(links.select(["plan_version", *_JUDGED])), strict=True), key=lambda row: row[:2])
    made = changed = 0
    for size in staging(database, connection, staged_links, rows):
        fresh, again = merge(connection, staged_links, schema.links, _judged_later, size=size)
        made, changed = made + fresh, changed + again
    counts = {"links": made, "changed": changed, "removed": gone}
    return log_change(connection, "link", counts, at=at, actor=actor)


def _judged_later() -> Changes:
    return {name: staged_links.c[name] for name in _JUDGED}


def _once(links: pa.Table) -> pa.Table:
    """Keep the last of several rows of one pair."""
    keys = ["left_source", "left_id", "right_source", "right_id", "plan_version"]
    numbered = links.append_column("row", pa.array(range(links.num_rows), pa.int64()))
    last = numbered.group_by(keys, use_threads=False).aggregate([("row", "max")])["row_max"]
    return links if len(last) == links.num_rows else links.take(last.take(pc.sort_indices(last)))
