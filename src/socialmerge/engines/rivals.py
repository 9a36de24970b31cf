"""Customers who compete for a profile, weighed against each other under a frozen model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import packed, unpacked
from socialmerge.engines.customers import NEAR
from socialmerge.matching.compare import compare
from socialmerge.matching.decisions import Candidates
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.frozen_fields import FrozenFields, side_by_side, weight_of
from socialmerge.normalise.aliases import enriched
from socialmerge.normalise.features import Feature, build

__all__ = ["Doubles", "doubles", "features_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_RIVALS = 16
"""Of more customers that fit a profile about as well, the likeliest are weighed against each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Doubles:
    """Pairs of customers' rows that compete for a profile, the smaller id first, and the bits for one person."""

    profile: Ints
    one: Ints
    other: Ints
    log_odds: Floats

    @classmethod
    def together(cls, several: Sequence[Doubles]) -> Doubles:
        """The pairs of all of these."""
        names = ("profile", "one", "other", "log_odds")
        return cls(*(np.concatenate([getattr(some, name) for some in several]) for name in names))


def doubles(candidates: Candidates, table_of: Callable[[Ints], pa.Table], ids: pa.Array, model: FrozenModel) -> Doubles:
    """Weigh the customers near the best of each profile against each other.

    Args:
        candidates: those of whole profiles, in the order of their rows.
        table_of: gives the rows of some customers.
        ids: the customers' ids.
        model: how two customers are weighed.
    """
    profile, one, other = _pairs(candidates, ids)
    if model.same is None or not len(one):
        none = np.zeros(0, np.int64)
        return Doubles(none, none, none, np.zeros(0))
    rows = once(np.append(one, other))
    comparers = model.same.comparers(
        side_by_side(features_of(model.same, table_of(rows)), (), (len(rows), 0)), len(rows)
    )
    distinct, back = np.unique(packed(one, other), return_inverse=True)
    left, right = (np.searchsorted(rows, side).astype(np.int32) for side in unpacked(distinct))
    bits = weight_of(comparers, model.same.fit, compare(comparers, left, right)) + model.same.fit.prior
    return Doubles(profile, one, other, bits[back])


def features_of(frozen: FrozenFields, table: pa.Table) -> tuple[Feature, ...]:
    """The features of a table's rows, as they were made when the fields were frozen."""
    return enriched(build(frozen.fields, table, orders=frozen.orders), frozen.names)


def _pairs(candidates: Candidates, ids: pa.Array) -> tuple[Ints, Ints, Ints]:
    """Every two customers within reach of a profile's best, the one with the smaller id first, and the profile."""
    left, weight = candidates.left, candidates.weight
    best = np.full(int(left.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, left, weight)
    near = np.flatnonzero((weight >= best[left] - NEAR) & (best[left] > 0))
    near = near[np.bincount(left[near], minlength=len(best))[left[near]] > 1]
    named = np.array(ids.take(pa.array(candidates.right[near])).to_pylist(), object)
    spelt = np.unique(named, return_inverse=True)[1] if len(named) else np.zeros(0, np.int64)
    order = np.lexsort((spelt, -weight[near], left[near]))
    order = order[np.arange(len(order)) - np.searchsorted(left[near[order]], left[near[order]]) < MOST_RIVALS]
    near, spelt = near[order], spelt[order]
    count = np.bincount(left[near], minlength=len(best))[left[near]]
    at = np.repeat(np.arange(len(near)), count)
    first = np.searchsorted(left[near], left[near])
    beside = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count) + first[at]
    at, beside = (side[spelt[at] < spelt[beside]] for side in (at, beside))
    return left[near[at]], candidates.right[near[at]], candidates.right[near[beside]]
