"""Departed rows: those that their source has no more, and the row that each was merged into there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, select

from socialmerge.merging.arrays import whole
from socialmerge.store import decisions, schema
from socialmerge.store.naming import existing
from socialmerge.store.values import Decision, DecisionKind, Target, in_force

__all__ = ["Departed", "departed", "followed", "noted", "read", "without"]

Name = tuple[str, str]
Departed = Mapping[Name, Name | None]
"""Rows that are gone, by source and id, each with the row that is it now, None where nobody knows of one."""


def departed(told: Sequence[Decision]) -> dict[Name, Name | None]:
    """The rows that are gone by decisions in force: of several about one the last holds.

    Where a row's survivor is gone too, it is the survivor of that one; rows that name each other in a ring have none.
    """
    said: dict[Name, Name | None] = {}
    for one in sorted(told, key=lambda decision: decision.seq):
        if one.kind is DecisionKind.GONE:
            names = [(target.source, target.record_id) for target in one.targets]
            said[names[0]] = names[1] if len(names) > 1 else None
    found: dict[Name, Name | None] = {}
    for name, first in said.items():
        survivor, seen = first, {name}
        while survivor is not None and survivor in said:
            again = survivor in seen
            seen.add(survivor)
            survivor = None if again else said[survivor]
        found[name] = survivor
    return found


def followed(told: Sequence[Decision], gone: Departed) -> tuple[Decision, ...]:
    """Decisions as they hold now: what was said of a row that is gone is said of its survivor."""
    if not gone:
        return tuple(told)
    return tuple(one if one.kind is DecisionKind.GONE else _followed(one, gone) for one in told)


def _followed(decision: Decision, gone: Departed) -> Decision:
    names = [gone.get((one.source, one.record_id)) for one in decision.targets]
    if not any(names):
        return decision
    pairs = zip(names, decision.targets, strict=True)
    targets = [Target(*name, one.claim_id) if name else one for name, one in pairs]
    return replace(decision, targets=tuple(dict.fromkeys(targets)))


def read(connection: Connection) -> dict[Name, Name | None]:
    """Read which rows are gone; a survivor that was erased, or swept away, is none."""
    found = departed(in_force(decisions.read(connection))) if noted(connection) else {}
    there = existing(connection, [one for one in found.values() if one])
    return {name: one if one in there else None for name, one in found.items()}


def noted(connection: Connection) -> bool:
    """Say whether any row was ever noted to be gone, taken back or not."""
    table = schema.decisions
    some = select(table.c.seq).where(table.c.kind == DecisionKind.GONE).limit(1)
    return connection.scalar(some) is not None


def without(table: pa.Table, gone: Departed) -> pa.Table:
    """A table with ``source`` and ``record_id`` without what is of rows that are gone."""
    if not gone:
        return table
    maybe = whole(pc.is_in(table["record_id"], pa.array(sorted({record_id for _, record_id in gone}), pa.string())))
    some = table.select(["source", "record_id"]).filter(maybe)
    names = zip(some["source"].to_pylist(), some["record_id"].to_pylist(), strict=True)
    kept = pc.invert(maybe).to_numpy(zero_copy_only=False)
    kept[~kept] = [name not in gone for name in names]
    return table.filter(pa.array(kept))
