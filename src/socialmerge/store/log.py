"""The log of changes: a position for each, with who, when, and how many; no value of any record."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from socialmerge.store import schema
from socialmerge.store.database import damaged
from socialmerge.store.values import clean_text

__all__ = ["LAST_POSITION", "counts_of", "log_change", "note_settled", "position", "settled"]

LAST_POSITION = "SELECT max(position) FROM log"
"""Asked before and after everything that is done, so that it is no statement that is put together each time."""
_SETTLED = "settled"


def counts_of(text: str) -> dict[str, int]:
    """What a change counted, as the log has it.

    Raises:
        StoreError: It is not as it was written.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise damaged("log: the counts of a change")
    return found


def position(connection: Connection) -> int:
    """Give the position of the last change, 0 before the first."""
    return connection.exec_driver_sql(LAST_POSITION).scalar() or 0


def log_change(connection: Connection, action: str, counts: Mapping[str, int], *, at: int, actor: str) -> int:
    """Note a change that counts something, and give the position of the log."""
    last = position(connection)
    if not any(counts.values()):
        return last
    text = json.dumps({name: count for name, count in counts.items() if count}, sort_keys=True)
    row = {"position": last + 1, "at": at, "actor": clean_text(actor, what="actor"), "action": action, "counts": text}
    connection.execute(insert(schema.log).values(row))
    return last + 1


def note_settled(connection: Connection) -> int:
    """Note that what follows from all changes so far is written, and give the position of the log."""
    last, table = position(connection), schema.meta
    connection.execute(delete(table).where(table.c.name == _SETTLED))
    connection.execute(insert(table).values(name=_SETTLED, value=str(last)))
    return last


def settled(connection: Connection) -> int:
    """Give the position of the log up to which what follows is known to be written, 0 where nothing is known."""
    table = schema.meta
    return int(connection.scalar(select(table.c.value).where(table.c.name == _SETTLED)) or 0)
