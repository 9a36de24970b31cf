"""Circumstance: what a profile's own attributes say of whether its person is a customer at all.

Followers from the shop's own town are customers more often than others. For an attribute with a few frequent values the
bits are ``log2 P(value | somebody in the table) / P(value | nobody in the table)``, the same for every candidate of a
profile, with a prior that says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["bits_of", "codes_of"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FREQUENT = 20
"""A value that fewer profiles share is one of *the others*."""
STRENGTH = 20.0
"""Profiles that the prior, that the attribute says nothing, counts for on either side."""


def codes_of(values: Sequence[str | None]) -> Ints:
    """A code for each frequent value; 0 stands for none and for the rare ones.

    >>> codes_of(["at sea"] * 20 + ["ashore", None]).tolist()[-3:]
    [1, 0, 0]
    """
    counts = Counter(value for value in values if value)
    known = {value: code for code, value in enumerate(sorted(v for v, n in counts.items() if n >= FREQUENT), start=1)}
    return np.array([known.get(value or "", 0) for value in values], np.int64)


def bits_of(codes: Ints, known: Array) -> Array:
    """Bits for each profile, from the probability of each that its person is in the table.

    >>> bits_of(np.zeros(3, np.int64), np.array([0.1, 0.9, 0.5])).tolist()
    [0.0, 0.0, 0.0]
    >>> bits_of(np.ones(2, np.int64), np.array([0.1, 0.9])).tolist()
    [0.0, 0.0]
    """
    if not len(codes) or not codes.any():
        return np.zeros(len(codes))
    size = int(codes.max()) + 1
    base = np.bincount(codes, minlength=size) / len(codes)
    inside = np.bincount(codes, weights=known, minlength=size) + STRENGTH * base
    outside = np.bincount(codes, weights=1 - known, minlength=size) + STRENGTH * base
    bits, seen = np.zeros(size), base > 0  # where every profile says something, none is without
    bits[seen] = np.log2((inside[seen] / inside.sum()) / (outside[seen] / outside.sum()))
    return bits[codes]
