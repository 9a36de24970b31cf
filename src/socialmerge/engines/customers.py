"""Customers against each other: which of the rows that compete for a profile are one person, and which may be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.engines.local import LocalEngine, Matched
from socialmerge.matching.components import components
from socialmerge.plan import Plan
from socialmerge.schema import Schema
from socialmerge.schema.fields import fields_of

__all__ = ["Same", "compare_customers", "competing", "same_customers", "same_of"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

NEAR = 10.0
"""Candidates of one profile within this many bits of its best compete for it."""
MOST_ROWS = 100_000
"""Of a larger table the competing rows and an even sample of the others are compared."""
OTHERS_A_ROW, FEWEST_OTHERS = 25, 50_000
"""Pairs of other rows that are compared to learn what chance does: of few rows fewer say all there is to know."""
DOUBTFUL = 0.5
"""From this probability on, two rows may be one person."""


@dataclass(frozen=True, slots=True)
class Same:
    """``entity[row]`` is the first row of the row's person; ``doubtful`` are pairs of rows that may be one person."""

    entity: Ints
    doubtful: tuple[Ints, Ints]


def same_customers(
    plan: Plan,
    customers: pa.Table,
    schema: Schema,
    engine: LocalEngine,
    *,
    left: Ints,
    right: Ints,
    weight: Array,
) -> Same:
    """Compare the customers that compete for a profile; all others are taken to be people of their own."""
    rivals = competing(left, right, weight)
    looked_at, matched = compare_customers(plan, customers, schema, engine, rivals)
    return same_of(plan, customers.num_rows, rivals, looked_at, matched)


def compare_customers(
    plan: Plan, customers: pa.Table, schema: Schema, engine: LocalEngine, rivals: Ints
) -> tuple[Ints, Matched | None]:
    """The rows that are looked at, rivals and a sample of the others, and how they match each other."""
    rows = customers.num_rows
    if len(rivals) < 2:
        return rivals, None
    step = max(1, rows // MOST_ROWS)
    looked_at = once(np.append(rivals, np.arange(0, rows, step)))
    own = replace(plan, fields=fields_of(schema), keys=(), weights=None)
    few = replace(engine, others=min(engine.others, max(FEWEST_OTHERS, OTHERS_A_ROW * len(looked_at))))
    return looked_at, few.match(own, customers.take(pa.array(looked_at)))


def same_of(plan: Plan, rows: int, rivals: Ints, looked_at: Ints, matched: Matched | None) -> Same:
    """Which of the rivals are one person, and which may be."""
    entity, none = np.arange(rows), np.empty(0, np.int64)
    if matched is None:
        return Same(entity, (none, none))
    one, other = looked_at[matched.left], looked_at[matched.right]
    compete = np.isin(one, rivals) & np.isin(other, rivals)
    probability = 1 / (1 + np.exp2(-np.clip(matched.log_odds, -1000, 1000)))
    sure = compete & (probability >= plan.costs.attach_line)
    entity = components(rows, one[sure], other[sure])
    maybe = compete & ~sure & (probability >= DOUBTFUL)
    return Same(entity, (one[maybe].astype(np.int64), other[maybe].astype(np.int64)))


def competing(left: Ints, right: Ints, weight: Array) -> Ints:
    """Customers that are not alone near the best candidate of some profile."""
    if not len(left):
        return np.empty(0, np.int64)
    best = np.full(int(left.max()) + 1, -np.inf)
    np.maximum.at(best, left, weight)
    near = weight >= best[left] - NEAR
    crowded = np.bincount(left[near], minlength=len(best))[left] > 1
    return once(right[near & crowded & (best[left] > 0)])
