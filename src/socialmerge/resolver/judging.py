"""People's decisions: which of them are in force, and what they say of pairs of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pyarrow as pa

from socialmerge.merging.identities import Judgements, Records, identify
from socialmerge.merging.moments import UNDATED
from socialmerge.store import Decision, DecisionKind, departed, followed, in_force

__all__ = ["NEW", "check", "in_force", "judgements"]

Name = tuple[str, str]

NEW = "?"
"""What the ids of decisions begin with that are tried and not recorded."""


def check(decisions: Iterable[Decision]) -> None:
    """See that people do not contradict each other.

    Raises:
        LabelError: they do; the shortest chain of records is in the message.
    """
    given = list(decisions)
    told = followed(given, departed(given))
    names = sorted({(one.source, one.record_id) for decision in told for one in decision.targets})
    source, record_id = (pa.array([name[place] for name in names], pa.string()) for place in (0, 1))
    records = Records(source, record_id, np.zeros(len(names), np.bool_), np.full(len(names), UNDATED))
    given_ids = judgements(told, {name: row for row, name in enumerate(names)})
    recorded = ["" if id_.startswith(NEW) else id_ for id_ in given_ids.decision]
    identify(records, replace(given_ids, decision=recorded), key=b"")


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
