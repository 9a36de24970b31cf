"""Link two plain tables: rows of the one to rows of the other, one of N."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines.customers import same_customers
from socialmerge.engines.local import LocalEngine, Matched, Progress
from socialmerge.engines.outcome import Outcome, settle
from socialmerge.matching.compare import compare
from socialmerge.matching.decide import Candidates, Tables
from socialmerge.matching.explain import Line, explain_pair
from socialmerge.matching.known import Known
from socialmerge.plan import Plan
from socialmerge.schema import Schema

__all__ = ["attach"]

Ints = npt.NDArray[np.int64]

MOST_LABELS = 62
"""Evidence is kept as bits of one number."""


def attach(
    plan: Plan,
    left: pa.Table,
    right: pa.Table,
    schema: Schema,
    engine: LocalEngine,
    *,
    say: Progress,
    known: Known | None = None,
) -> Outcome:
    """Weigh rows of ``left`` against rows of ``right``, and decide for each row of ``left``.

    ``known`` are pairs that people decided.
    """
    matched = engine.match(plan, right, left, say, known)
    if matched is None:
        said = "there is nothing to compare: a table is empty, or the two share no column with values"
        return settle(
            plan,
            Candidates.of([], [], []),
            Tables(left.num_rows, right.num_rows),
            labels=(),
            lines=lambda *_: (),
            fitted=None,
            warnings=(said,),
        )
    one, other = matched.left.astype(np.int64), matched.right.astype(np.int64) - matched.left_rows
    same = same_customers(plan, right, schema, engine, left=one, right=other, weight=matched.weight)
    say("decide", 0, 1)
    candidates = Candidates.of(one, other, matched.weight, evidence=_evidence(matched))
    sizes = Tables(
        left.num_rows, right.num_rows, entity=same.entity, doubtful=same.doubtful, recall=matched.expected_recall
    )
    labels = tuple(comparer.feature.name for comparer in matched.comparers[:MOST_LABELS])
    return settle(
        plan,
        candidates,
        sizes,
        labels=labels,
        lines=lambda row, customer: _lines(matched, row, customer),
        fitted=matched.fitted,
        keys=matched.keys,
        warnings=matched.warnings,
        known=known,
        as_a_whole=True,
    )


def _evidence(matched: Matched) -> Ints:
    """For each pair a bit for each feature whose agreement speaks for a match."""
    states = compare(matched.comparers, matched.left, matched.right).states
    found = np.zeros(states.shape[1], np.int64)
    for bit, (row, weights) in enumerate(zip(states[:MOST_LABELS], matched.fitted.fields, strict=False)):
        speaks = np.r_[False, np.array(weights.bits) > 1.0]
        found |= speaks[row].astype(np.int64) << bit
    return found


def _lines(matched: Matched, row: int, customer: int) -> tuple[Line, ...]:
    return explain_pair(matched.comparers, matched.fitted, row, customer + matched.left_rows, ("", "")).lines
