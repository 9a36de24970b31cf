"""Compare pairs of rows feature by feature: levels of agreement, and how rare the agreeing values are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from socialmerge.matching.contexts import Dependence, dependences
from socialmerge.matching.levels import Levels, levels_of
from socialmerge.matching.own import levels_of_own, similarity_of_own
from socialmerge.matching.similarity import SIMILARITIES, VIEWED, Bits, tokens_cosine
from socialmerge.normalise.features import Feature

__all__ = ["Compared", "Comparer", "compare", "prepare"]

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
ByCode = Callable[[Rows, Rows], Bits]


@dataclass(frozen=True, slots=True)
class Comparer:
    """A feature made ready: how unequal values compare, and how often each value occurs."""

    feature: Feature
    levels: Levels
    by_code: ByCode
    frequency: npt.NDArray[np.float64]
    exact_by_chance: float
    dependence: Dependence

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

    def take(self, part: slice) -> Compared:
        """Some of the pairs."""
        return Compared(self.states[:, part], self.rarity[:, part])


def prepare(features: Sequence[Feature]) -> tuple[Comparer, ...]:
    """Count the features' values, and find how two unequal ones compare and what agreement depends on."""
    return tuple(
        _prepare(feature, dependence) for feature, dependence in zip(features, dependences(features), strict=True)
    )


def _prepare(feature: Feature, dependence: Dependence) -> Comparer:
    counts = np.bincount(feature.codes[feature.codes >= 0], minlength=max(len(feature.values), 1)).astype(np.float64)
    rows = max(float((feature.codes >= 0).any(axis=0).sum()), 1.0)
    frequency = np.maximum(counts, 1.0) / rows
    chance = float((counts * np.maximum(counts - 1, 0)).sum() / max(rows * (rows - 1), 1.0))
    floor = 0.5 / (rows * rows)
    levels = levels_of_own(feature.own) if feature.own else levels_of(feature.comparison)
    return Comparer(feature, levels, _by_code(feature), frequency, max(chance, floor), dependence)


def _by_code(feature: Feature) -> ByCode:
    view = VIEWED.get(feature.comparison)
    values = np.array([*(feature.values if view is None else map(view, feature.values)), ""], object)
    if feature.comparison in SIMILARITIES:
        similarity = SIMILARITIES[feature.comparison]
    elif feature.comparison == "own":
        similarity = similarity_of_own(feature.own)
    else:
        return _text_by_code(feature.values, values)

    def by_code(left: Rows, right: Rows) -> Bits:
        return similarity(values[left].tolist(), values[right].tolist())

    return by_code


def _text_by_code(texts: Sequence[str], values: npt.NDArray[np.object_]) -> ByCode:
    """Text compares by its words weighted by rarity (TF-IDF cosine) or by edits, whichever is the better."""
    words = _word_matrix(texts)

    def by_code(left: Rows, right: Rows) -> Bits:
        cosine = np.asarray(words[left].multiply(words[right]).sum(axis=1)).ravel()
        return tokens_cosine(values[left].tolist(), values[right].tolist(), cosine)

    return by_code


def _word_matrix(texts: Sequence[str]) -> sparse.csr_array:
    index: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns.extend(index.setdefault(word, len(index)) for word in set(text.split()))
        ends.append(len(columns))
    frequency = Counter(columns)
    inverse = np.array([np.log(1 + len(texts) / frequency[i]) for i in range(len(index))])
    data = inverse[np.array(columns, np.int64)] if columns else np.empty(0)
    matrix = sparse.csr_array(
        (data, np.array(columns, np.int64), np.array(ends, np.int64)), shape=(len(texts), max(len(index), 1))
    )
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_array(sparse.diags_array(1 / np.maximum(norm, 1e-9)) @ matrix)


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
    codes, top = comparer.feature.codes, comparer.levels.top
    rare = np.log2(comparer.exact_by_chance / comparer.frequency).astype(np.float32)
    for slot, one in enumerate(codes):
        for facing, other in enumerate(codes):
            if slot == facing and comparer.levels.across:
                continue
            a, b = one[left], other[right]
            present = (a >= 0) & (b >= 0)
            equal = present & (a == b)
            gain = equal & ((states <= top) | (rare[a] > rarity))
            states[gain] = top + 1
            rarity[gain] = rare[a[gain]]
            unequal = np.flatnonzero(present & ~equal & (states < top + 1))
            if len(unequal):
                level, commoner = _unequal(comparer, a[unequal], b[unequal], rare)
                better = level + 1 > states[unequal]
                states[unequal[better]] = level[better] + 1
                rarity[unequal[better]] = commoner[better]


def _unequal(comparer: Comparer, a: Rows, b: Rows, rare: Floats) -> tuple[Bits, Floats]:
    """Compare each two different values once."""
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    pairs = low * len(comparer.feature.values) + high
    order = np.argsort(pairs, kind="stable")
    ranked = pairs[order]
    first = np.r_[True, ranked[1:] != ranked[:-1]]
    unique = ranked[first]
    level = comparer.by_code(
        (unique // len(comparer.feature.values)).astype(np.int32),
        (unique % len(comparer.feature.values)).astype(np.int32),
    )
    inverse = np.empty(len(pairs), np.int64)
    inverse[order] = np.cumsum(first) - 1
    levels = level[inverse]
    # the rarer of two close values is usually the misspelt one: the commoner says how telling the agreement is
    commoner = np.where(levels >= comparer.levels.top - 1, np.minimum(rare[a], rare[b]), 0).astype(np.float32)
    return levels, commoner


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
        # the value on the left decides which feature the agreement counts for
        best = np.maximum(first, second)
        better = best >= 3
        better &= ~(((first == 1) & (second >= 3)) | ((second == 1) & (first >= 3)))
        for state, row in ((first, given), (second, family)):
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
        level, _ = _unequal(comparer, a[unequal], b[unequal], np.zeros(len(comparer.frequency), np.float32))
        state[unequal] = np.minimum(level + 1, 3)
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
