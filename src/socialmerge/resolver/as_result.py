"""What a resolver answers as a result of `attach` does; each function is a method of `Resolver`, asked of what is now.

Who asks several things of one moment takes `Resolver.result` once, and asks that.
"""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from socialmerge import merging, tables
from socialmerge.matching.explain import Explanation
from socialmerge.resolver.stored import StoreResult

__all__ = ["changes", "explain", "merges", "suggest_reviews"]


class Holding(Protocol):
    """Whoever has a result."""

    def result(self) -> StoreResult:
        """What holds now."""

    def golden(self, any_id: str | None = None, *, policy: merging.Policy | None = None) -> merging.Golden:
        """The merged records."""


def explain(self: Holding, any_id: str, other_id: str | None = None) -> Explanation:
    """Why a profile was decided so; with ``other_id`` why two customers' rows are, or are not, one person.

    Raises:
        StoreError: nothing has the id.
        TableError: a single id is a customer's, or one of two is none.
    """
    found = self.result()
    return found.explain(any_id) if other_id is None else found.explain_customers(any_id, other_id)


def suggest_reviews(self: Holding, n: int = 50, *, decisions: tables.Source | None = None) -> pa.Table:
    """The pairs of a profile and a customer whose answers would mend most; see `StoreResult.suggest_reviews`."""
    return self.result().suggest_reviews(n, decisions=decisions)


def changes(
    self: Holding,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
    insert_new: bool = False,
    customers: tables.Source | None = None,
) -> pa.Table:
    """The updates to load back into the CRM, as `StoreResult.changes` has them."""
    golden = golden or self.golden(policy=policy)
    return self.result().changes(policy, style=style, golden=golden, insert_new=insert_new, customers=customers)


def merges(
    self: Holding,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
) -> pa.Table:
    """Which rows are merged into which, to load after the changes, as `StoreResult.merges` has them."""
    golden = golden or self.golden(policy=policy)
    return self.result().merges(policy, style=style, golden=golden)
