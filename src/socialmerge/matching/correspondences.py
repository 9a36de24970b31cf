"""Correspondences: values of a category that two tables write differently, read from rows that are surely the same.

One table says ``m`` and ``f``, the other ``male`` and ``female``; one writes a venue in full, the other its
abbreviation. No comparison of letters tells that, but the rows that agree on all else do: a value that goes with one
value of the other table, in most of them and more often than chance has it, is that value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Comparer, prepare
from socialmerge.normalise.features import Feature

__all__ = ["corresponding"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]

MOST_VALUES = 500
"""Different values beyond which a column is no category."""
AHEAD = 7.0
"""Bits by which a pair must be ahead of every other pair of either row to be surely of one person."""
FEWEST = 5
"""Rows that a correspondence is read from, at least."""
MOSTLY = 0.5
"""Share of a value's rows that must have the other value, and of what chance leaves over."""


def corresponding(
    comparers: tuple[Comparer, ...], left: Rows, right: Rows, weight: Array, left_rows: int
) -> tuple[Comparer, ...]:
    """The comparers, with values of categories that correspond made one; the same objects where none do.

    ``weight`` are the bits of pairs of rows ``left`` and ``right``, numbered over the left table's rows and then the
    right's.
    """
    open_ones = [one for one in comparers if _has_own_values(one.feature, left_rows)]
    if not open_ones:
        return comparers
    sure = _surely_same(left, right, weight)
    changed = {}
    for one in open_ones:
        feature = _made_one(one.feature, left[sure], right[sure], left_rows)
        if feature is not None:
            changed[feature.name] = feature
    if not changed:
        return comparers
    return prepare([changed.get(one.feature.name, one.feature) for one in comparers])


def _sides(feature: Feature, left_rows: int) -> tuple[Ints, Ints]:
    """How many rows of either table have each value."""
    size = len(feature.values)
    sides = feature.codes[0, :left_rows], feature.codes[0, left_rows:]
    one, other = (np.bincount(codes[codes >= 0], minlength=size) for codes in sides)
    return one, other


def _has_own_values(feature: Feature, left_rows: int) -> bool:
    """Whether a category has values on either side that the other lacks."""
    if feature.comparison != "category" or len(feature.codes) != 1 or len(feature.values) > MOST_VALUES:
        return False
    one, other = _sides(feature, left_rows)
    return bool(((one >= FEWEST) & (other == 0)).any() and ((other >= FEWEST) & (one == 0)).any())


def _surely_same(left: Rows, right: Rows, weight: Array) -> npt.NDArray[np.bool_]:
    """Pairs that are ahead of all others of either row."""
    found = weight > 0
    for rows in (left, right):
        order = np.lexsort((-weight, rows))
        ordered = rows[order]
        first = np.r_[True, ordered[1:] != ordered[:-1]]
        ahead = weight[order] - np.where(np.r_[first[1:], True], -np.inf, np.r_[weight[order][1:], -np.inf])
        best = np.zeros(len(rows), bool)
        best[order] = first & (ahead >= AHEAD)
        found &= best
    return found


def _made_one(feature: Feature, left: Rows, right: Rows, left_rows: int) -> Feature | None:
    """The feature with values of the left table replaced by those of the right that they go with."""
    size = len(feature.values)
    one, other = _sides(feature, left_rows)
    a, b = feature.codes[0, left].astype(np.int64), feature.codes[0, right].astype(np.int64)
    there = (a >= 0) & (b >= 0)
    together = np.bincount(a[there] * size + b[there], minlength=size * size).reshape(size, size).astype(np.float64)
    usual = together.sum(axis=0) / max(together.sum(), 1.0)
    together[:, one > 0] = 0.0  # a value that both tables have is itself
    rows = np.bincount(a[there], minlength=size)
    best = together.argmax(axis=1)
    share = together[np.arange(size), best] / np.maximum(rows, 1)
    beyond = (share - usual[best]) / np.maximum(1.0 - usual[best], 1e-9)
    means = (other == 0) & (rows >= FEWEST) & (share >= MOSTLY) & (beyond >= MOSTLY)
    if not means.any():
        return None
    codes = feature.codes.copy()
    mine = codes[0, :left_rows]
    codes[0, :left_rows] = np.where(mine >= 0, np.where(means, best, np.arange(size))[mine], -1)
    return replace(feature, codes=codes)
