"""Patterns: the distinct patterns of agreement among pairs, how often each occurs, and how to count and to weigh them.

The fit counts states and looks up their shares some dozens of times. Features are taken together a few at a time, each
combination of their states being one number, so that this is done for five numbers a pattern and not for fifteen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.weigh import household, rarity

__all__ = ["Patterns", "patterns"]

Array = npt.NDArray[np.float64]
MOST_TOGETHER = 2_000
"""Combinations of states beyond which features are not taken together: their table leaves the cache."""


@dataclass(frozen=True, slots=True)
class _Together:
    """Some features in a row: how many states each has, *missing* among them, and each pattern's combination."""

    states: tuple[int, ...]
    combination: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns: their states, how many pairs have each, and their rounded rarity for two classes in bits."""

    together: tuple[_Together, ...]
    count: Array
    rarity_match: Array
    rarity_related: Array

    def counts(self, weights: Array) -> list[Array]:
        """For each feature the weight of the patterns in each of its states, *missing* left out."""
        found = []
        for some in self.together:
            size = int(np.prod(some.states))
            table = np.bincount(some.combination, weights=weights, minlength=size).reshape(some.states)
            axes = range(len(some.states))
            found += [table.sum(axis=tuple(other for other in axes if other != one))[1:] for one in axes]
        return found

    def total(self, tables: Sequence[Array]) -> Array:
        """For each pattern the sum of what ``tables``, one a feature, say of its states; *missing* says nothing."""
        total, first = np.zeros(len(self.count)), 0
        for some in self.together:
            table = np.zeros(())
            for one in tables[first : first + len(some.states)]:
                table = np.add.outer(table, np.r_[0.0, one])
            total += table.ravel()[some.combination]
            first += len(some.states)
        return total


def patterns(comparers: Sequence[Comparer], compared: Compared, sampled: float) -> Patterns:
    """The patterns of compared pairs, each of which stands for ``sampled`` pairs."""
    to_match, to_related = rarity(compared, household(comparers))
    steps = np.vstack([np.rint(to_match), np.rint(to_related)]).astype(np.int64)
    key = np.zeros(compared.states.shape[1], np.uint64)
    for row in (*compared.states, *(steps + 512)):
        key = (key ^ row.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, np.int64)
    first = order[starts]
    return Patterns(
        tuple(_taken_together([comparer.states + 1 for comparer in comparers], compared.states[:, first])),
        np.diff(np.r_[starts, len(ranked)]) * sampled,
        steps[0, first].astype(float),
        steps[1, first].astype(float),
    )


def _taken_together(sizes: Sequence[int], states: npt.NDArray[np.uint8]) -> list[_Together]:
    found: list[_Together] = []
    for size, row in zip(sizes, states, strict=True):
        if found and size * int(np.prod(found[-1].states)) <= MOST_TOGETHER:
            last = found.pop()
            found.append(_Together((*last.states, size), last.combination * size + row))
        else:
            found.append(_Together((size,), row.astype(np.intp)))
    return found
