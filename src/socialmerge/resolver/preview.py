"""What applying would write: the golden records that differ from those applied before, value by value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import pyarrow as pa

from socialmerge.errors import StoreError
from socialmerge.merging import Policy
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.state import State
from socialmerge.store import Snapshot

__all__ = ["Preview", "policy_version", "preview_given", "preview_of"]

_CHANGES = pa.schema([(name, pa.string()) for name in ("entity_id", "field", "before", "after")])


@dataclass(frozen=True, slots=True)
class Preview:
    """``changes`` has a row for each value that ``Resolver.apply`` would write: ``entity_id, field, before, after``.

    Values are text, lists JSON; ``before`` is null where nothing was applied, ``after`` where the record goes.
    ``position`` is the place of the log; once the log has moved the preview is stale.
    """

    position: int
    policy_version: str
    changes: pa.Table
    records: pa.Table = field(repr=False)
    gone: tuple[str, ...] = field(repr=False)


def policy_version(policy: Policy) -> str:
    """Twelve hexadecimal digits that change when anything in the policy does."""
    return hashlib.sha256(repr(policy).encode()).hexdigest()[:12]


def preview_given(preview: object) -> Preview:
    """What a caller hands over to be applied.

    Raises:
        StoreError: it is no preview.
    """
    if not isinstance(preview, Preview):
        raise StoreError(f"apply: this is of type {type(preview).__name__}; give what preview() gave")
    return preview


def preview_of(state: State, policy: Policy, view: Snapshot) -> Preview:
    """Compare the golden records of a state with those that were applied."""
    records = golden_of(state, policy).records
    applied = {row["entity_id"]: json.loads(row["fields"]) for row in view.golden().read_all().to_pylist()}
    now = {row.pop("entity_id"): row for row in records.to_pylist()}
    changes = [
        {"entity_id": entity, "field": name, "before": before, "after": after}
        for entity in sorted(applied.keys() | now.keys())
        for name, before, after in _differences(applied.get(entity, {}), now.get(entity, {}))
    ]
    touched = {row["entity_id"] for row in changes}
    at = [place for place, entity in enumerate(records["entity_id"].to_pylist()) if entity in touched]
    gone = tuple(sorted(applied.keys() - now.keys()))
    table = pa.Table.from_pylist(changes, schema=_CHANGES)
    return Preview(state.position, policy_version(policy), table, records.take(pa.array(at, pa.int64())), gone)


def _differences(before: dict[str, object], after: dict[str, object]) -> list[tuple[str, str | None, str | None]]:
    names = [*after, *(name for name in before if name not in after)]
    pairs = [(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _text(value: object) -> str | None:
    if value is None or value == []:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
