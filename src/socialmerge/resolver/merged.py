"""The golden records of a state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import LabelError, PolicyError
from socialmerge.merging import Golden, Policy, Said, check_golden, golden
from socialmerge.merging.arrays import whole
from socialmerge.merging.edicts import with_fields
from socialmerge.merging.fields import plan_fields
from socialmerge.resolver.edicts import edicts_of
from socialmerge.resolver.pivot import OBSERVED, iso
from socialmerge.resolver.state import State
from socialmerge.schema import Schema
from socialmerge.store import Decision

__all__ = ["golden_of", "refuse_unfit"]


def golden_of(
    state: State,
    policy: Policy,
    *,
    as_of: str | datetime | None = None,
    consents: pa.Table | None = None,
    only: Collection[str] | None = None,
) -> Golden:
    """Merge the live claims of each entity, or of some; a pure function of the claims, the decisions and the policy.

    A word about a field that no row has any more waits.
    """
    tables, said = _told(state, policy)
    said |= {"as_of": as_of, "consents": consents, "only": None if only is None else sorted(only)}
    merged = golden(*tables, **said)
    return _without_observed(merged if only is None else merged.of(only))


_Tables = tuple[pa.Table, pa.Table, pa.Table, Schema, Policy]


def _told(state: State, policy: Policy, *, sure: str = "") -> tuple[_Tables, Said]:
    """What a merge of a state is told; of a word about a field that no row has only that of the decision ``sure``."""
    facts = state.facts
    customers, schema = facts.customers.table, facts.schema or Schema("id", ())
    if facts.customers.seen.null_count < len(facts.customers.seen):
        customers = customers.append_column(OBSERVED, iso(facts.customers.seen))
        policy = replace(policy, observed=OBSERVED)
    else:
        policy = replace(policy, observed="")
    if facts.schema is None:
        customers = pa.table({"id": pa.array([], pa.string())})
    profiles, edicts = _with_more(facts.profiles.table, facts.more), edicts_of(state.in_force)
    wanted = {one.field for one in edicts.pins}
    fields = plan_fields(schema, customers, profiles, policy, wanted=wanted)
    said: Said = {
        "clusters": state.clusters,
        "key": state.key,
        "edicts": with_fields(edicts, fields, sure=sure),
        "cells": facts.cells,
        "growing": True,
    }
    return (state.belonging, customers, profiles, schema, policy), said


def _with_more(profiles: pa.Table, more: pa.Table | None) -> pa.Table:
    """Profiles with the columns that no schema knows."""
    if more is None:
        return profiles
    at = pc.index_in(whole(profiles["profile_id"]), whole(more["profile_id"]))
    for name in more.column_names[1:]:
        profiles = profiles.append_column(name, whole(more[name]).take(at))
    return profiles


def _without_observed(merged: Golden) -> Golden:
    """Without the column that says when rows were seen: it tells values apart, and no source gave it."""
    if OBSERVED not in merged.records.column_names:
        return merged
    provenance, conflicts = (
        table.filter(pc.not_equal(table["field"], OBSERVED)) for table in (merged.provenance, merged.conflicts)
    )
    return replace(merged, records=merged.records.drop_columns([OBSERVED]), provenance=provenance, conflicts=conflicts)


def refuse_unfit(state: State, policy: Policy, word: Decision) -> None:
    """Raise where records could not be merged any more once a person's word about a value is among the decisions.

    Raises:
        LabelError: it has no value.
        PolicyError: it names a field that there is not or that of ids, or calls a value generic that reaches nobody.
    """
    if not word.value.strip():
        raise LabelError(f"{word.kind.value}: no value; give the one that is meant")
    if state.facts.schema is not None and word.field == state.facts.schema.id_column:
        raise PolicyError(
            f"{word.kind.value}: '{word.field}' is the column of the ids, which say whose row it is; "
            "decide of the records, or split them"
        )
    last = max((one.seq for one in state.decisions), default=0)
    trial = replace(word, id=word.kind.value, seq=last + 1)
    told = replace(state, decisions=(*state.decisions, trial), before=state.before or state)
    tables, said = _told(told, policy, sure=trial.id)
    said["as_of"] = word.at
    check_golden(*tables, **said)
