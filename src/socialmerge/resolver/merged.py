"""The golden records of a state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from socialmerge.merging import Golden, Policy, golden
from socialmerge.resolver.edicts import edicts_of
from socialmerge.resolver.pivot import OBSERVED, iso
from socialmerge.resolver.state import State
from socialmerge.schema import Schema

__all__ = ["golden_of"]


def golden_of(state: State, policy: Policy, *, as_of: str | datetime | None = None) -> Golden:
    """Merge the live claims of each entity; a pure function of the claims, the decisions and the policy."""
    facts = state.facts
    customers, schema = facts.customers.table, facts.schema or Schema("id", ())
    if facts.customers.seen.null_count < len(facts.customers.seen):
        customers = customers.append_column(OBSERVED, iso(facts.customers.seen))
        policy = replace(policy, observed=OBSERVED)
    else:
        policy = replace(policy, observed="")
    if facts.schema is None:
        customers = pa.table({"id": pa.array([], pa.string())})
    return golden(
        state.belonging,
        customers,
        facts.profiles.table,
        schema,
        policy,
        clusters=state.clusters,
        key=state.key,
        edicts=edicts_of(state.in_force),
        as_of=as_of,
    )
