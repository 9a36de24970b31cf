"""Pairs that people decided: what contradicts what, and how they bind what is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["DECIDED", "Known", "bind"]

Rows = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DECIDED = 1e9
"""Log-odds, in bits, of a pair that a person decided: nothing that is found outweighs it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Pairs that people decided: rows of the left and of the right table, int32, and whether they are one person."""

    left: Rows
    right: Rows
    same: Flags

    def over(self, left_rows: int) -> Known:
        """The same pairs with rows numbered over the left table's rows followed by the right's."""
        return Known(self.left, (self.right + left_rows).astype(np.int32), self.same)

    def people(self, rows: int) -> Ints:
        """A label for each of ``rows`` rows: those that decisions join, one by one, share one."""
        from scipy import sparse
        from scipy.sparse import csgraph

        left, right = self.left[self.same], self.right[self.same]
        graph = sparse.coo_array((np.ones(len(left), bool), (left, right)), shape=(rows, rows))
        return np.asarray(csgraph.connected_components(graph, directed=False)[1], np.int64)

    def contrary(self, rows: int) -> Flags:
        """Which pairs were decided *different*, though decisions *same* join them, directly or by way of others."""
        people = self.people(rows)
        return np.asarray(~self.same & (people[self.left] == people[self.right]), np.bool_)

    def absent(self, left: Rows, right: Rows) -> Flags:
        """Which of the decided pairs are not among these."""
        others = Known(left, right, np.ones(len(left), bool))
        return np.asarray(others.verdicts(self.left, self.right) == 0, np.bool_)

    def verdicts(self, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
        """For each pair 1 where it was decided *same*, -1 where *different*, 0 where nobody decided."""
        found = np.zeros(len(left), np.int8)
        if not len(self.left) or not len(left):
            return found
        size = int(max(self.right.max(), np.max(right))) + 1
        own = self.left.astype(np.int64) * size + self.right
        order = np.argsort(own, kind="stable")
        asked = np.asarray(left, np.int64) * size + right
        place = np.minimum(np.searchsorted(own[order], asked), len(own) - 1)
        hit = own[order][place] == asked
        found[hit] = np.where(self.same[order][place[hit]], 1, -1)
        return found


def bind(known: Known | None, left: Rows, right: Rows, log_odds: Array) -> Array:
    """Log-odds, in bits, with those of decided pairs set to what was decided.

    >>> known = Known(np.array([0], np.int32), np.array([2], np.int32), np.array([True]))
    >>> bind(known, np.array([0, 0], np.int32), np.array([1, 2], np.int32), np.zeros(2)).tolist()
    [0.0, 1000000000.0]
    """
    if known is None:
        return log_odds
    verdict = known.verdicts(left, right)
    return np.where(verdict == 0, log_odds, verdict * DECIDED)
