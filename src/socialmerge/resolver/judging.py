"""People's decisions: which of them are in force, and what they say of pairs of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from socialmerge.merging.identities import Judgements
from socialmerge.store import Decision, DecisionKind

__all__ = ["in_force", "judgements"]

Name = tuple[str, str]


def in_force(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions that no decision in force retracts, in their order; a retraction may be retracted itself."""
    gone: set[str] = set()
    kept = []
    for decision in sorted(decisions, key=lambda one: one.seq, reverse=True):
        if decision.id in gone:
            continue
        kept.append(decision)
        if decision.kind is DecisionKind.RETRACT:
            gone.add(decision.retracts)
    return tuple(reversed(kept))


def judgements(decisions: Iterable[Decision], rows: Mapping[Name, int]) -> Judgements:
    """What decisions say of pairs of rows; one about a record that is not there says nothing."""
    found = [
        (rows[left], rows[right], decision.kind is DecisionKind.SAME, decision.id)
        for decision in decisions
        if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT)
        for left, right in combinations([(one.source, one.record_id) for one in decision.targets], 2)
        if left in rows and right in rows and left != right
    ]
    left, right, same, ids = zip(*found, strict=True) if found else ((), (), (), ())
    return Judgements(np.array(left, np.int64), np.array(right, np.int64), np.array(same, np.bool_), list(ids))
