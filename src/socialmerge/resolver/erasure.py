"""Whom an erasure takes: the records of an entity, and those that were once of it and are nobody else's now."""

from __future__ import annotations

import pyarrow as pa

from socialmerge.records import Kind, profiles_schema
from socialmerge.resolver.state import Name, State
from socialmerge.schema import Schema
from socialmerge.store import DecisionKind, Snapshot

__all__ = ["keys_table", "telling_of", "to_erase"]

_TELLING = frozenset(
    [Kind.ID, Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.ACCOUNT, Kind.URL, Kind.DATE, Kind.PLACE, Kind.CODE]
)
_SHARED = frozenset([(Kind.NAME, "title"), *((Kind.PLACE, part) for part in ("city", "state", "country"))])
_NOTED = frozenset(["channel", "scope", "title", "is_person", "created_at", "observed_at"])
"""What a profile says of its account, or of somebody's post."""


def to_erase(state: State, names: list[Name], view: Snapshot) -> list[Name]:
    """All present members of the entities of some records, and former ones.

    A former member stays where it is another person's: in the entity of another customer, or parted by a person's
    decision.
    """
    entities = sorted({state.entity_of[name] for name in names})
    present = {name for entity in entities for name in state.members[entity]}
    former = _belonged(view.members_of(entities)) - present
    parted = _parted(state, present)
    customers = set(state.names[: state.customers])
    mine = {
        name
        for name in former
        if name in state.entity_of and name not in parted and not customers & set(state.members[state.entity_of[name]])
    }
    theirs = {state.entity_of[name] for name in present | mine}
    return sorted(present | mine | {name for name, entity in state.followers.items() if entity in theirs})


def _belonged(members: pa.Table) -> set[Name]:
    """The records that were ever of some entities; who left before a customer's row took the id was of another one."""
    rows = [((row["source"], row["record_id"]), row) for row in members.to_pylist()]
    begun: dict[str, int] = {}
    for (_, record_id), row in rows:
        if record_id == row["entity_id"]:
            begun[record_id] = min(row["since"], begun.get(record_id, row["since"]))
    return {name for name, row in rows if row["until"] is None or row["until"] > begun.get(row["entity_id"], -1)}


def _parted(state: State, present: set[Name]) -> set[Name]:
    found = set[Name]()
    for decision in state.in_force:
        names = {(one.source, one.record_id) for one in decision.targets}
        if decision.kind is DecisionKind.DIFFERENT and names & present:
            found |= names - present
    return found


def telling_of(schema: Schema | None) -> frozenset[str]:
    """The attributes whose single words tell of a person; those of others, such as a city or a state, many share."""
    columns = schema.columns if schema else ()
    theirs = {one.name for one in columns if one.kind in _TELLING and (one.kind, one.part) not in _SHARED}
    return frozenset(theirs | set(profiles_schema().names) - _NOTED)


def keys_table(names: list[Name]) -> pa.Table:
    """Names of records as a table."""
    columns = [pa.array([name[place] for name in names], pa.string()) for place in (0, 1)]
    return pa.table(columns, names=["source", "record_id"])
