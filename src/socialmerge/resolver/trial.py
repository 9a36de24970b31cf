"""A state as it would be with one more profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Mask, whole
from socialmerge.merging.moments import UNDATED, moments
from socialmerge.resolver.namesakes import profiles_apart
from socialmerge.resolver.pivot import Pivot
from socialmerge.resolver.state import State

__all__ = ["pivot_of", "with_profile"]


def pivot_of(table: pa.Table, proven: Mask) -> Pivot:
    """Rows of profiles, sorted by id, as if they had been read from the store."""
    seen = moments(whole(table["observed_at"]))
    sources = pc.coalesce(whole(table["channel"]), pa.scalar("profiles"))
    return Pivot(table, whole(table["profile_id"]), sources, pa.array(seen, mask=seen == UNDATED), proven)


def with_profile(state: State, profile: pa.Table, *, proven: bool) -> State:
    """The state with one row of profiles in place of the one that is known by its id."""
    known = state.facts.profiles
    others = pc.not_equal(known.table["profile_id"], profile["profile_id"][0])
    table = pa.concat_tables([known.table.filter(others), profile])
    sure = np.append(known.proven[np.asarray(others.to_numpy(), np.bool_)], proven)
    order = pc.sort_indices(table["profile_id"]).to_numpy()
    table, sure = table.take(pa.array(order)).combine_chunks(), sure[order]
    facts = replace(state.facts, profiles=profiles_apart(pivot_of(table, sure), state.facts.customers))
    return replace(state, facts=facts, kept=None, before=None)
