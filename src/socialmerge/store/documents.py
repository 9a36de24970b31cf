"""Plans, policies and frozen models by their versions, and the golden records that an apply wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

import pyarrow as pa
from sqlalchemy import Connection, delete, insert, select

from socialmerge.errors import StaleError, StoreError
from socialmerge.store import schema
from socialmerge.store.log import log_change, position
from socialmerge.store.naming import CHUNK
from socialmerge.store.sealing import SealedError, sealed, unsealed
from socialmerge.store.values import Document

__all__ = ["read", "replace", "save", "write_golden"]


def save(connection: Connection, key: bytes, document: Document, *, at: int, actor: str) -> int:
    """Keep a document under its version; give the position of the log. The same one again changes nothing.

    Raises:
        StoreError: Another document has that version.
    """
    known = read(connection, key, document.kind, document.version)
    if known == document:
        return position(connection)
    if known is not None:
        message = (
            f"documents: there is another {document.kind} of version '{document.version}'; give this one a new one"
        )
        raise StoreError(message)
    place = log_change(connection, f"save {document.kind}", {"documents": 1}, at=at, actor=actor)
    row = {"kind": document.kind, "version": document.version, "position": place}
    blob = sealed(key, document.blob, kind=document.kind, version=document.version)
    connection.execute(insert(schema.documents).values(**row, text=document.text, blob=blob))
    return place


def replace(connection: Connection, key: bytes, document: Document, *, at: int, actor: str) -> int:
    """Keep a document in place of all others of its kind; give the position of the log."""
    with suppress(SealedError):  # what does not open is nothing that is there already
        if read(connection, key, document.kind, None) == document:
            return position(connection)
    connection.execute(delete(schema.documents).where(schema.documents.c.kind == document.kind))
    return save(connection, key, document, at=at, actor=actor)


def read(connection: Connection, key: bytes, kind: str, version: str | None) -> Document | None:
    """Read a document by its version, None for the one that was saved last.

    Raises:
        SealedError: Its bytes do not open under the key.
    """
    table = schema.documents
    query = select(table).where(table.c.kind == kind).order_by(table.c.position.desc()).limit(1)
    row = connection.execute(query if version is None else query.where(table.c.version == version)).first()
    if row is None:
        return None
    stored = None if row.blob is None else bytes(row.blob)
    return Document(row.kind, row.version, row.text, unsealed(key, stored, kind=row.kind, version=row.version))


def write_golden(
    connection: Connection, records: pa.Table, gone: Sequence[str], *, previewed: int, policy_version: str
) -> int:
    """Put golden records in place of those of their entities, and take away those that are gone; count both.

    Raises:
        StaleError: The log has moved since it was at the position ``previewed``.
        StoreError: There is no column ``entity_id``.
    """
    now = position(connection)
    if now != previewed:
        message = f"apply: the store is at position {now}, the preview was made at {previewed}; make a new preview"
        raise StaleError(message)
    if "entity_id" not in records.column_names:
        message = "apply: the golden records have no column 'entity_id'; give those of merging.golden"
        raise StoreError(message)
    table, ids = schema.golden, records["entity_id"].to_pylist()
    removed = [*ids, *gone]
    for start in range(0, len(removed), CHUNK):
        connection.execute(delete(table).where(table.c.entity_id.in_(removed[start : start + CHUNK])))
    fields = [json.dumps(row, ensure_ascii=False) for row in records.drop_columns(["entity_id"]).to_pylist()]
    rows = [
        {"entity_id": name, "position": now, "policy_version": policy_version, "fields": row}
        for name, row in zip(ids, fields, strict=True)
    ]
    if rows:
        connection.execute(insert(table), rows)
    return len(removed)
