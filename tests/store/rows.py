"""Rows of made-up people, as a source gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pyarrow as pa

from socialmerge import store

KEY = b"a key of the tests, never of people"
NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
DAY = timedelta(days=1)

Opener: TypeAlias = Callable[..., store.Store]
Parts: TypeAlias = tuple[list[dict[str, Any]], ...]
"""Rows of records, claims, observations and identifiers."""


def person(
    record_id: str,
    *,
    source: str = "crm",
    at: datetime | None = None,
    strong: Sequence[tuple[str, str]] = (),
    weak: Sequence[tuple[str, str]] = (),
    **values: str | list[str],
) -> Parts:
    """Give the rows of one record, seen ``at`` a time; ``strong`` and ``weak`` identifiers are (kind, value)."""
    name = {"source": source, "record_id": record_id}
    record = name | ({"kind": "customer"} if source == "crm" else {"kind": "profile", "channel": source})
    claims = [
        name | {"attribute": attribute, "raw": raw, "place": place, "observed_at": at}
        for attribute, cell in values.items()
        for place, raw in enumerate([cell] if isinstance(cell, str) else cell)
    ]
    seen = name | {"observed_at": at, "columns": json.dumps(sorted(values))}
    known = [
        name | {"kind": kind, "value": value, "is_strong": is_strong}
        for pairs, is_strong in ((strong, True), (weak, False))
        for kind, value in pairs
    ]
    return [record], claims, [seen], known


def tables(*persons: Parts) -> list[pa.Table]:
    """Put the rows of some records together."""
    shapes = (
        store.records_schema(),
        store.claims_in_schema(),
        store.observations_schema(),
        store.identifiers_schema(),
    )
    rows = [[row for one in persons for row in one[place]] for place in range(len(shapes))]
    return [pa.Table.from_pylist(part, schema=shape) for part, shape in zip(rows, shapes, strict=True)]


def write(into: store.Store, *persons: Parts, at: datetime = NOW, actor: str = "ana") -> store.Written:
    """Write some records."""
    return into.write(*tables(*persons), at=at, actor=actor)


def names(*record_ids: str, source: str = "crm") -> pa.Table:
    """Name some records of one source."""
    return pa.table({"source": [source] * len(record_ids), "record_id": list(record_ids)}, store.keys_schema())


def raws(of: store.Store) -> list[tuple[str, str, str]]:
    """List who says what: record, attribute and value."""
    with of.snapshot() as view:
        found = view.claims().read_all().select(["record_id", "attribute", "raw"]).to_pylist()
    return sorted(tuple(row.values()) for row in found)
