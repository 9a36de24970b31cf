"""People's decisions in an attach run: what they change in the candidates, and in what is decided of a profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from socialmerge.matching.decide import Candidates, Decisions, Tables
from socialmerge.matching.decisions import ATTACH
from socialmerge.matching.known import Known
from socialmerge.matching.reasons import Cause

__all__ = ["heed", "hold"]

Ints = npt.NDArray[np.int64]
Cell = TypeVar("Cell", bound=np.generic)

SURE = 900.0
"""Bits of a candidate that a person decided to be the one."""


def heed(candidates: Candidates, tables: Tables, known: Known | None) -> Candidates:
    """Candidates without those that were decided to be others, and sure of those that were decided to be the same.

    What holds for a profile and a customer's row holds for the profiles that resolve together with the one and for
    the rows that are one person with the other, but where a person said otherwise.
    """
    if known is None:
        return candidates
    group = np.arange(tables.n_profiles) if tables.group is None else tables.group
    entity = np.arange(tables.n_customers) if tables.entity is None else tables.entity
    apart = Known(
        group[known.left[~known.same]].astype(np.int32),
        entity[known.right[~known.same]].astype(np.int32),
        known.same[~known.same],
    )
    all_found = _with(candidates, known)
    verdict = known.verdicts(all_found.left, all_found.right)
    implied = apart.verdicts(group[all_found.left], entity[all_found.right])
    weight = np.where(verdict > 0, SURE, all_found.weight)
    return replace(all_found, weight=weight).take(np.flatnonzero((verdict > 0) | ((verdict == 0) & (implied == 0))))


def _with(candidates: Candidates, known: Known) -> Candidates:
    """The candidates, and decided pairs that are none of them."""
    more = known.same & known.absent(candidates.left.astype(np.int32), candidates.right.astype(np.int32))
    added = Candidates.of(known.left[more], known.right[more], np.zeros(int(more.sum())))
    return Candidates(
        np.concatenate([candidates.left, added.left]),
        np.concatenate([candidates.right, added.right]),
        np.concatenate([candidates.weight, added.weight]),
        np.concatenate([candidates.verified, added.verified]),
        np.concatenate([candidates.evidence, added.evidence]),
        np.concatenate([candidates.warning, added.warning]),
    )


def hold(decided: Decisions, candidates: Candidates, known: Known | None) -> Decisions:
    """Attach the profiles that a person decided about, whatever speaks against it; ``candidates`` as they were found.

    Of several customers that are decided to be one profile's person, the likeliest row is taken.
    """
    if known is None or not known.same.any():
        return decided
    found = _with(candidates, known)
    chosen = np.flatnonzero(known.verdicts(found.left, found.right) > 0)
    chosen = chosen[np.lexsort((found.right[chosen], -found.weight[chosen], found.left[chosen]))]
    chosen = chosen[np.unique(found.left[chosen], return_index=True)[1]]
    rows = found.left[chosen]
    return replace(
        decided,
        verdict=_put(decided.verdict, rows, ATTACH),
        customer=_put(decided.customer, rows, found.right[chosen]),
        probability=_put(decided.probability, rows, 1.0),
        weight=_put(decided.weight, rows, found.weight[chosen]),
        evidence=_put(decided.evidence, rows, found.evidence[chosen]),
        cause=_put(decided.cause, rows, int(Cause.DECIDED)),
    )


def _put(column: npt.NDArray[Cell], rows: Ints, values: npt.ArrayLike) -> npt.NDArray[Cell]:
    changed = column.copy()
    changed[rows] = values
    return changed
