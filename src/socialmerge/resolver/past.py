"""What happened to an entity, and all that is held about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from socialmerge.errors import StoreError
from socialmerge.merging.hidden import is_hidden
from socialmerge.resolver.people import Name, People
from socialmerge.resolver.state import State
from socialmerge.store import REDACTED, Decision, DecisionKind, Snapshot

__all__ = ["Entry", "exported", "history_of", "refuse_undo", "uses_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision about an entity's records; ``in_force`` is false where it was taken back.

    ``field`` and ``value`` are those of a pin or a rejection; a value whose owner was erased is ``[erased]``.
    """

    seq: int
    at: datetime
    kind: DecisionKind
    by: str
    reason: str
    decision_id: str
    records: tuple[Name, ...]
    retracts: str
    in_force: bool
    field: str = ""
    value: str = ""

    def as_dict(self) -> dict[str, object]:
        """The entry as plain values, for JSON."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind.value,
            "by": self.by,
            "reason": self.reason,
            "decision_id": self.decision_id,
            "records": [f"{source}:{record_id}" for source, record_id in self.records],
            "retracts": self.retracts,
            "in_force": self.in_force,
            "field": self.field,
            "value": self.value,
        }


def history_of(people: People, records: Iterable[Name]) -> tuple[Entry, ...]:
    """The decisions about the entities of some records, taken back or not."""
    entities = {people.entity_of[record] for record in records}
    wanted = {name for entity in entities for name in people.members[entity]}
    return _entries(people, wanted | {name for name, entity in people.followers.items() if entity in entities})


def refuse_undo(state: State, decision_id: str) -> None:
    """Raise where a decision cannot be taken back.

    Raises:
        StoreError: there is no such decision, it was taken back already, it applied a preview, or it admitted a record.
    """
    known = {one.id: one for one in state.decisions}.get(decision_id)
    if known is None or decision_id not in {one.id for one in state.in_force}:
        said = "was taken back already" if known else "is not there; take its id from history"
        raise StoreError(f"undo: the decision {said}")
    if known.kind is DecisionKind.ADMIT:
        raise StoreError("undo: who was admitted stays; erase the record, and it is kept out again")
    if known.kind is DecisionKind.APPLY:
        raise StoreError("undo: what was applied stays until it is applied anew; undo what led to it, then preview")


def _entries(people: People, wanted: set[Name]) -> tuple[Entry, ...]:
    about = {one.id for one in people.decisions if wanted & set(_names(one))}
    for one in people.decisions:  # a retraction is about what it takes back, however many times over
        if one.retracts in about:
            about.add(one.id)
    holding = {one.id for one in people.in_force}
    return tuple(_entry(one, in_force=one.id in holding) for one in people.decisions if one.id in about)


def _names(decision: Decision) -> tuple[Name, ...]:
    return tuple((one.source, one.record_id) for one in decision.targets)


def _entry(one: Decision, *, in_force: bool) -> Entry:
    return Entry(
        one.seq,
        one.at,
        one.kind,
        one.actor,
        one.reason,
        one.id,
        _names(one),
        one.retracts,
        in_force,
        one.field,
        REDACTED if is_hidden(one.value) else one.value,
    )


def uses_of(view: Snapshot, entities: Sequence[str]) -> list[dict[str, object]]:
    """What was made of somebody for other programs to read: the golden records that were applied, when and by whom."""
    applied, log = view.golden(entities).read_all().to_pylist(), view.log().to_pylist()
    wrote = [row for row in log if row["action"] == DecisionKind.APPLY.value]
    uses = []
    for row in applied:
        found = next((one for one in wrote if one["position"] >= row["position"]), None)
        told = {"at": found["at"].isoformat(), "by": found["actor"]} if found else {}
        uses.append(
            {"use": "applied", "entity_id": row["entity_id"], **told, "policy_version": row["policy_version"]}
            | {"fields": json.loads(row["fields"])}
        )
    return uses


def exported(
    people: People, records: Sequence[Name], claims: pa.Table, uses: Sequence[dict[str, object]]
) -> dict[str, object]:
    """Everything about these records, as plain values."""
    entity_of = {**people.entity_of, **people.followers}
    by_record: dict[Name, list[dict[str, object]]] = {name: [] for name in records}
    hidden = ("source", "record_id", "kind")
    for one in claims.sort_by([(name, "ascending") for name in ("attribute", "place", "raw")]).to_pylist():
        by_record[one["source"], one["record_id"]].append(
            {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in one.items()
                if name not in hidden and value is not None
            }
        )
    return {
        "entity_ids": sorted({entity_of[name] for name in records}),
        "records": [
            {
                "source": source,
                "record_id": id_,
                "entity_id": entity_of[source, id_],
                "claims": by_record[source, id_],
            }
            for source, id_ in records
        ],
        "decisions": [entry.as_dict() for entry in _entries(people, set(records))],
        "uses": list(uses),
    }
