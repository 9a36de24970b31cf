"""Compare pairs of rows feature by feature: levels of agreement, and how rare the agreeing values are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.contexts import Dependence, dependences
from socialmerge.matching.levels import Levels, levels_of
from socialmerge.matching.own import levels_of_own
from socialmerge.matching.similarity import Bits
from socialmerge.matching.unequal import ByCode, by_code
from socialmerge.normalise.features import Feature
from socialmerge.parallel import each

__all__ = ["Compared", "Comparer", "compare", "prepare"]

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Comparer:
    """A feature made ready: how unequal values compare, and how rare each value is, in bits."""

    feature: Feature
    levels: Levels
    by_code: ByCode
    exact_by_chance: float
    dependence: Dependence
    rare: Floats

    @property
    def states(self) -> int:
        """Number of states that a pair may be in, *missing* left out."""
        return len(self.levels.labels) * len(self.dependence.contexts)


@dataclass(frozen=True, slots=True)
class Compared:
    """Agreement of pairs.

    ``states`` is uint8 of shape (features, pairs): 0 where either side is missing, else 1 + level + context * levels.
    ``rarity`` is float32 of the same shape: bits that the agreeing value is rarer than an average agreeing value.
    """

    states: Bits
    rarity: Floats

    def take(self, part: slice | npt.NDArray[np.int64]) -> Compared:
        """Some of the pairs."""
        return Compared(self.states[:, part], self.rarity[:, part])


def prepare(features: Sequence[Feature]) -> tuple[Comparer, ...]:
    """Count the features' values, and find how two unequal ones compare and what agreement depends on."""
    return tuple(each(_prepare, [*zip(features, dependences(features), strict=True)]))


def _prepare(made: tuple[Feature, Dependence]) -> Comparer:
    feature, dependence = made
    counts = np.bincount(feature.codes[feature.codes >= 0], minlength=max(len(feature.values), 1)).astype(np.float64)
    rows = max(float((feature.codes >= 0).any(axis=0).sum()), 1.0)
    frequency = np.maximum(counts, 1.0) / rows
    chance = float((counts * np.maximum(counts - 1, 0)).sum() / max(rows * (rows - 1), 1.0))
    chance = max(chance, 0.5 / (rows * rows))
    levels = levels_of_own(feature.own) if feature.own else levels_of(feature.comparison)
    rare = np.log2(chance / frequency).astype(np.float32)
    return Comparer(feature, levels, by_code(feature), chance, dependence, rare)


def compare(comparers: Sequence[Comparer], left: Rows, right: Rows) -> Compared:
    """Levels and rarity of every feature for pairs of rows ``left[i], right[i]``."""
    states = np.zeros((len(comparers), len(left)), np.uint8)
    rarity = np.zeros((len(comparers), len(left)), np.float32)
    for row, comparer in enumerate(comparers):
        _compare_one(comparer, left, right, states[row], rarity[row])
    _cross_names(comparers, left, right, states, rarity)
    return _in_context(comparers, left, right, states, rarity)


def _compare_one(comparer: Comparer, left: Rows, right: Rows, states: Bits, rarity: Floats) -> None:
    """Best level over every value of the one with every value of the other."""
    codes, across = comparer.feature.codes, comparer.levels.across
    if len(codes) == 1 and not across:
        states[:], rarity[:] = _compare_values(comparer, codes[0][left], codes[0][right])
        return
    for slot, one in enumerate(codes):
        for facing, other in enumerate(codes):
            if slot == facing and across:
                continue
            state, rare = _compare_values(comparer, one[left], other[right])
            better = (state > states) | ((state == states) & (rare > rarity) & (state > comparer.levels.top))
            states[better], rarity[better] = state[better], rare[better]


def _compare_values(comparer: Comparer, a: Rows, b: Rows) -> tuple[Bits, Floats]:
    """States and rarity of one value of each row."""
    present = (a | b) >= 0
    equal = present & (a == b)
    states: Bits = present.view(np.uint8) + equal.view(np.uint8) * np.uint8(comparer.levels.top)
    rarity = np.zeros(len(a), np.float32)
    rarity[equal] = comparer.rare[a[equal]]
    unequal = np.flatnonzero(states == 1)
    if len(unequal):
        level, rarity[unequal] = _unequal(comparer, a[unequal], b[unequal])
        states[unequal] += level
    return states, rarity


def _unequal(comparer: Comparer, a: Rows, b: Rows) -> tuple[Bits, Floats]:
    """Levels of different values, and how rare those that are close are."""
    level = comparer.by_code(a, b)
    commoner = np.zeros(len(a), np.float32)
    # the rarer of two close values is usually the misspelt one: the commoner says how telling the agreement is
    close = np.flatnonzero(level >= max(comparer.levels.top - 1, 1))
    commoner[close] = np.minimum(comparer.rare[a[close]], comparer.rare[b[close]])
    return level, commoner


def _cross_names(comparers: Sequence[Comparer], left: Rows, right: Rows, states: Bits, rarity: Floats) -> None:
    """Given and family name that changed places, perhaps misspelt or with one missing, agree closely."""
    by_field: dict[str, dict[str, int]] = {}
    for row, comparer in enumerate(comparers):
        by_field.setdefault(comparer.feature.field, {})[comparer.feature.comparison] = row
    for rows in by_field.values():
        if "given" not in rows or "family" not in rows:
            continue
        given, family = rows["given"], rows["family"]
        doubtful = np.flatnonzero((states[given] <= 2) & (states[family] <= 2) & (states[given] + states[family] > 0))
        one, other = left[doubtful], right[doubtful]
        codes_given, codes_family = comparers[given].feature.codes[0], comparers[family].feature.codes[0]
        first = _crossed(comparers[family], codes_given[one], codes_family[other])
        second = _crossed(comparers[family], codes_family[one], codes_given[other])
        best = np.maximum(first, second)
        better = best >= 3
        better &= ~(((first == 1) & (second >= 3)) | ((second == 1) & (first >= 3)))
        # which of the two rows is on the left must not matter: what agrees more counts for the family name
        for state, row in ((np.minimum(first, second), given), (best, family)):
            states[row, doubtful[better]] = np.minimum(state[better], 3)
            rarity[row, doubtful[better]] = 0


def _crossed(comparer: Comparer, a: Rows, b: Rows) -> Bits:
    """States of values of the one part against the other: 3 for close or equal, 2 similar, 1 different, 0 missing."""
    state = np.zeros(len(a), np.uint8)
    present = (a >= 0) & (b >= 0)
    state[present] = 1
    state[present & (a == b)] = 3
    unequal = np.flatnonzero(present & (a != b))
    if len(unequal):
        state[unequal] = np.minimum(comparer.by_code(a[unequal], b[unequal]) + 1, 3)
    return state


def _in_context(comparers: Sequence[Comparer], left: Rows, right: Rows, states: Bits, rarity: Floats) -> Compared:
    """Fold the context of each feature into its state; what an earlier feature explains is not rare again."""
    tops = [comparer.levels.top for comparer in comparers]
    folded = states.copy()
    for row, comparer in enumerate(comparers):
        if len(comparer.dependence.contexts) > 1:
            context = comparer.dependence.of(tops, states, left, right)
            present = states[row] > 0
            folded[row, present] += context[present] * (comparer.levels.top + 1)
            rarity[row, context == len(comparer.dependence.contexts) - 1] = 0
    return Compared(folded, rarity)
