"""Rows by what stands in them, so that what is drawn of them does not hang on how they are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from socialmerge.normalise.features import Feature

__all__ = ["Order", "by_content", "draw_rows"]

Order = npt.NDArray[np.int64]
"""Row numbers: those of the left table, then those of the right, each in an order of its own."""

MOST_ROWS = 100_000
"""Rows beyond which they stay as they are: so many are drawn of them that it does not matter which."""


def by_content(features: Sequence[Feature], left_rows: int) -> Order:
    """The rows of each table in the order of their values; rows that have the same values stay in their order."""
    rows = features[0].rows
    if rows > MOST_ROWS:
        return np.arange(rows)
    ranks = [slot for feature in features for slot in _ranks(feature)]
    return np.lexsort((*ranks[::-1], np.arange(rows) >= left_rows))


def draw_rows(
    random: np.random.Generator, rows: int, left_rows: int, size: int, order: Order | None = None
) -> tuple[Order, Order]:
    """Rows drawn at random, of the left table and of the right; ``left_rows`` is 0 for a table against itself."""
    left, right = random.integers(0, left_rows or rows, size), random.integers(left_rows, rows, size)
    return (left, right) if order is None else (order[left], order[right])


def _ranks(feature: Feature) -> npt.NDArray[np.int64]:
    """The place of each value among the sorted values, -1 where there is none, of shape (values per row, rows)."""
    place = np.empty(len(feature.values) + 1, np.int64)
    place[pc.array_sort_indices(feature.column).to_numpy()] = np.arange(len(feature.values))
    place[-1] = -1
    return place[feature.codes]
