"""A uniform sample of the pairs that no key found: what agreement by chance looks like."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.pairs import Candidates

__all__ = ["sample_others"]

Rows = npt.NDArray[np.int32]


def sample_others(candidates: Candidates, rows: int, left_rows: int, *, size: int, seed: int) -> tuple[Rows, Rows]:
    """About ``size`` pairs drawn at random, candidates left out; ``left_rows`` is 0 for a table against itself.

    Returns:
        Row numbers of the left and right side, int32.
    """
    random = np.random.default_rng(seed)
    left = random.integers(0, left_rows or rows, size)
    right = random.integers(left_rows, rows, size)
    left, right = np.minimum(left, right), np.maximum(left, right)
    apart = left != right
    left, right = left[apart], right[apart]
    known = candidates.left.astype(np.int64) * rows + candidates.right
    if (known[1:] < known[:-1]).any():  # those that keys find are in order; a caller's own may not be
        known.sort()
    drawn = left * rows + right
    # looked up in order, one finds the next near by
    order = np.argsort(drawn)
    left, right, drawn = left[order], right[order], drawn[order]
    place = np.searchsorted(known, drawn)
    place[place == len(known)] = 0
    fresh = known[place] != drawn if len(known) else np.ones(len(drawn), bool)
    return left[fresh].astype(np.int32), right[fresh].astype(np.int32)
