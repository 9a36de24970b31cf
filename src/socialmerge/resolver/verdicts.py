"""What holds of each profile: the model's answer, with people's decisions and the rules of identities over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import whole
from socialmerge.records import Assurance, Verdict, decisions_schema
from socialmerge.store import VERIFIED_BY_PERSON, DecisionKind

if TYPE_CHECKING:
    from socialmerge.resolver.state import State

__all__ = ["belonging_of", "parted_of", "verdicts_of"]

Row = dict[str, object]


def verdicts_of(state: State, scored: Iterable[Row]) -> pa.Table:
    """One row a profile, sorted by id; ``scored`` are rows of what the model said, who is in none is new."""
    said = {row["profile_id"]: row for row in scored}
    refused = _refused(state)
    host = _hosts(state)
    decided, proved = _decided(state)
    parted = parted_of(state)
    rows = []
    for place, profile in enumerate(state.facts.profiles.ids.to_pylist()):
        row, entity = place + state.customers, state.entity_of[state.names[place + state.customers]]
        found = {"profile_id": profile, "verdict": Verdict.NEW.value, "customer_id": None} | said.get(profile, {})
        if entity in host:
            found |= _attached(found, host[entity], entity, state, by_person=row in decided, proved=row in proved)
        elif (row, state.entity_of_customer.get(str(found["customer_id"]), "")) in parted:
            found |= _new(entity) | {"reason": "a person decided that it is somebody else"}
        elif row in refused:
            found |= {"verdict": Verdict.REVIEW.value, "entity_id": None, "reason": refused[row], "evidence": None}
        else:
            found |= {"entity_id": None} if found["verdict"] == Verdict.REVIEW.value else _new(entity)
        rows.append(found)
    return pa.Table.from_pylist(rows, schema=decisions_schema())


def belonging_of(state: State, verdicts: pa.Table) -> pa.Table:
    """The verdicts as the golden records are made of them: who is asked about is in the record of its own entity.

    A profile that is asked about may be the same account as one that is new: what it said about being reached holds
    for that record, and so do its values.
    """
    entity = state.identities.of_rows().slice(state.customers)
    is_new = pc.equal(verdicts["verdict"], Verdict.NEW.value)
    is_asked = pc.equal(verdicts["verdict"], Verdict.REVIEW.value)
    joins = pc.and_(is_asked, pc.is_in(entity, whole(verdicts["entity_id"].filter(is_new))))
    if not pc.any(joins, min_count=0).as_py():
        return verdicts
    rows = zip(verdicts.to_pylist(), entity.to_pylist(), whole(joins).to_pylist(), strict=True)
    told = [row | _new(own) if joined else row for row, own, joined in rows]
    return pa.Table.from_pylist(told, schema=verdicts.schema)


def _hosts(state: State) -> dict[str, str]:
    """For each entity that has customers the id of one of them: that which names it, where one does."""
    found: dict[str, str] = {}
    for (_, record_id), entity in list(state.entity_of.items())[: state.customers]:
        if record_id == entity or entity not in found:
            found[entity] = record_id
    return found


def _refused(state: State) -> dict[int, str]:
    """Why the link of a profile to a customer was not taken, by the profile's row."""
    ends = [(*sorted((one["left"], one["right"])), one["reason"]) for one in state.identities.refused.to_pylist()]
    return {profile: reason for customer, profile, reason in ends if profile >= state.customers > customer}


def _decided(state: State) -> tuple[set[int], set[int]]:
    """The rows of profiles that people decided about, and those that they proved to be somebody."""
    decided, proved = set[int](), set[int]()
    for decision in state.in_force:
        if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT):
            names = ((one.source, one.record_id) for one in decision.targets)
            rows = {state.rows[name] for name in names if name in state.rows}
            decided |= rows
            if decision.kind is DecisionKind.SAME and decision.evidence == VERIFIED_BY_PERSON:
                proved |= rows
    return decided, proved


def parted_of(state: State) -> set[tuple[int, str]]:
    """Rows and the entities that people decided they are not in."""
    found = set[tuple[int, str]]()
    for decision in state.in_force:
        if decision.kind is DecisionKind.DIFFERENT:
            names = [(one.source, one.record_id) for one in decision.targets]
            names = [name for name in names if name in state.rows]
            found |= {(state.rows[one], state.entity_of[other]) for one in names for other in names if one != other}
    return found


def _attached(found: Row, host: str, entity: str, state: State, *, by_person: bool, proved: bool) -> Row:
    """A profile in an entity with customers; what the model said of another customer is no reason."""
    own = found["verdict"] == Verdict.ATTACH.value and state.entity_of_customer[str(found["customer_id"])] == entity
    sure = proved or (own and found["assurance"] == Assurance.VERIFIED.value)
    changes: Row = {
        "verdict": Verdict.ATTACH.value,
        "entity_id": entity,
        "assurance": (Assurance.VERIFIED if sure else Assurance.INFERRED).value,
        # what a person knows, or a link that nobody noted the grounds of, is not for everybody to see
        "evidence": (own and found.get("evidence")) or "private",
    }
    if own:
        return changes
    said = "a person decided it" if by_person else "it is the same person as another profile that is attached"
    return changes | {"customer_id": host, "probability": 1.0, "reason": said}


def _new(entity: str) -> Row:
    return {"verdict": Verdict.NEW.value, "customer_id": None, "assurance": None, "entity_id": entity, "evidence": None}
