"""What applying would write: the golden records that differ from those applied before, value by value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import pyarrow as pa

from socialmerge.errors import StoreError
from socialmerge.merging import Policy
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.origins import Origins, held_by, origin_type, origins_of
from socialmerge.resolver.preview_text import text_of
from socialmerge.resolver.state import State
from socialmerge.store import Snapshot

__all__ = ["Preview", "policy_version", "preview_given", "preview_of", "preview_schema"]


@cache
def preview_schema() -> pa.Schema:
    """One row for each value that would be written.

    Values are text, lists JSON. ``before`` is null where nothing was applied, ``after`` where the value goes.
    ``customer_id`` is the customer's own id, null for a person who is no customer, and ``own`` what that row of the
    customers says itself. ``origins`` names each value of ``after`` with the record that says it, when that was seen,
    and the rule that keeps it; ``why`` says the rules in plain words, or why nothing is left.
    """
    texts = ("entity_id", "field", "before", "after", "customer_id", "own")
    return pa.schema([*((name, pa.string()) for name in texts), ("origins", origin_type()), ("why", pa.string())])


@dataclass(frozen=True, slots=True)
class Preview:
    """``changes`` has a row for each value that ``Resolver.apply`` would write (see ``preview_schema``).

    ``position`` is the place of the log; once the log has moved the preview is stale. ``as_of`` is the time it was
    asked for, if any. As text (``str``) it says, customer by customer, what would be another value than the customers'
    own rows have, from where, and why.
    """

    position: int
    policy_version: str
    changes: pa.Table
    records: pa.Table = field(repr=False)
    gone: tuple[str, ...] = field(repr=False)
    as_of: str = ""

    def __str__(self) -> str:
        """What would change, for a person to read."""
        return text_of(self.position, self.changes.to_pylist(), self.gone, as_of=self.as_of)


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


def preview_of(state: State, policy: Policy, view: Snapshot, *, as_of: str | datetime | None = None) -> Preview:
    """Compare the golden records of a state with those that were applied."""
    golden = golden_of(state, policy, as_of=as_of)
    applied = {row["entity_id"]: json.loads(row["fields"]) for row in view.golden().read_all().to_pylist()}
    now = {row.pop("entity_id"): row for row in golden.records.to_pylist()}
    changes = [
        {"entity_id": entity, "field": name, "before": before, "after": after}
        for entity in sorted(applied.keys() | now.keys())
        for name, before, after in _differences(applied.get(entity, {}), now.get(entity, {}))
    ]
    touched = {row["entity_id"] for row in changes}
    at = [place for place, entity in enumerate(golden.records["entity_id"].to_pylist()) if entity in touched]
    records = golden.records.take(pa.array(at, pa.int64()))
    gone = tuple(sorted(applied.keys() - now.keys()))
    own = held_by(state, golden, touched)
    origins = origins_of(golden.of(touched), gone, id_column=state.facts.schema.id_column if state.facts.schema else "")
    rows = [row | own.of(row["entity_id"], row["field"]) | _said(origins, row) for row in changes]
    table = pa.Table.from_pylist(rows, schema=preview_schema())
    when = as_of.isoformat() if isinstance(as_of, datetime) else as_of or ""
    return Preview(state.position, policy_version(policy), table, records, gone, when)


def _said(origins: Origins, row: dict[str, str | None]) -> dict[str, object]:
    told = str(row["entity_id"]), str(row["field"])
    return {"origins": origins.kept.get(told, []), "why": origins.why(*told)}


def _differences(before: dict[str, object], after: dict[str, object]) -> list[tuple[str, str | None, str | None]]:
    names = [*after, *(name for name in before if name not in after)]
    pairs = [(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _text(value: object) -> str | None:
    if value is None or value == []:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
