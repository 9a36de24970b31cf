"""A uniform sample of the pairs that no key found: what agreement by chance looks like."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.order import Order, draw_rows
from socialmerge.blocking.pairs import Candidates

__all__ = ["sample_others"]

Rows = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

AT_ONCE = 1 << 22
"""Candidates whose numbers are held at one time."""


def sample_others(
    candidates: Candidates, rows: int, left_rows: int, *, size: int, seed: int, order: Order | None = None
) -> tuple[Rows, Rows]:
    """About ``size`` pairs drawn at random, candidates left out; ``left_rows`` is 0 for a table against itself.

    With ``order`` rows are drawn by their places in it.

    Returns:
        Row numbers of the left and right side, int32.
    """
    left, right = draw_rows(np.random.default_rng(seed), rows, left_rows, size, order)
    left, right = np.minimum(left, right), np.maximum(left, right)
    apart = left != right
    left, right = left[apart], right[apart]
    drawn = left * rows + right
    # looked up in order, one finds the next near by
    order = np.argsort(drawn)
    left, right, drawn = left[order], right[order], drawn[order]
    fresh = ~_among(drawn, candidates, rows)
    return left[fresh].astype(np.int32), right[fresh].astype(np.int32)


def _among(drawn: Ints, candidates: Candidates, rows: int) -> npt.NDArray[np.bool_]:
    """Which of some numbers of pairs, in order, are candidates'; these are looked at some at a time."""
    found = np.zeros(len(drawn), bool)
    ordered = _ordered(candidates)
    for start in range(0, len(candidates.left), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        known = candidates.left[part].astype(np.int64) * rows + candidates.right[part]
        if not ordered:  # those that keys find are in order; a caller's own may not be
            known.sort()
        here = slice(*np.searchsorted(drawn, (known[0], known[-1] + 1)).tolist())
        place = np.searchsorted(known, drawn[here])
        found[here] |= known[place] == drawn[here]
    return found


def _ordered(candidates: Candidates) -> bool:
    left, right = candidates.left, candidates.right
    rises = (left[1:] > left[:-1]) | ((left[1:] == left[:-1]) & (right[1:] > right[:-1]))
    return bool(rises.all())
