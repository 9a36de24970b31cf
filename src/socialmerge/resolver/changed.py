"""The log of a store as a resolver reads it: which change was the last of its kind, and what others hold since."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.resolver.learned import KIND
from socialmerge.store import RETURN, Decision, DecisionKind
from socialmerge.store.log import counts_of

__all__ = ["FACTS", "FOREIGN", "HARMLESS", "LEARNED", "SETTLED", "decided_since", "last_of"]

FACTS = ("write", "erase", "sweep", DecisionKind.GONE.value, RETURN)
"""Actions of the log after which claims are others than before."""
SETTLED = ("link", "score")
"""Actions of the log after which the store has what follows from its claims."""
LEARNED = (f"save {KIND}",)
"""Actions of the log after which the store has another model."""
FOREIGN = frozenset([*FACTS, *SETTLED, *LEARNED])
"""Actions after which what is kept in memory holds no longer."""
HARMLESS = frozenset(["consent", str(DecisionKind.APPLY), "save policy", "save strategy"])
"""Actions from which nothing follows for entities and links."""


def decided_since(decisions: tuple[Decision, ...], log: pa.Table, position: int) -> tuple[Decision, ...]:
    """The last of some decisions: those that were made after a position of the log."""
    some = pc.and_(pc.greater(log["position"], position), pc.is_in(log["action"], pa.array(list(DecisionKind))))
    count = sum(counts_of(counts).get("decisions", 1) for counts in log.filter(some)["counts"].to_pylist())
    return decisions[len(decisions) - count :]


def last_of(log: pa.Table, actions: Sequence[str]) -> int:
    """The position of the last change of some kinds, 0 before the first."""
    rows = log.filter(pc.is_in(log["action"], pa.array(actions)))
    return int(rows["position"][-1].as_py()) if rows.num_rows else 0
