"""Candidate pairs of profiles and customers: by a name, a handle, an address or a link that both sides show.

A customer is indexed under the forms that a handle of theirs is likely to take and under everything that is written on
the record; a profile is looked up under its names, its strings, and the parts of its handle that are somebody's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["join_tokens"]

Ints = npt.NDArray[np.int64]


def join_tokens(
    profiles: Sequence[Iterable[str]], customers: Sequence[Iterable[str]], *, most: int
) -> tuple[Ints, Ints, int]:
    """Pairs of rows that share a token which at most ``most`` customers have.

    Returns:
        Rows of the profiles, rows of the customers (each pair once, sorted), and how many lookups met a token that was
        too common.

    >>> left, right, common = join_tokens([["ada", "x"]], [["ada"], ["bob"]], most=10)
    >>> left.tolist(), right.tolist(), common
    ([0], [0], 0)
    """
    index: dict[str, list[int]] = {}
    for row, tokens in enumerate(customers):
        for token in set(tokens):
            index.setdefault(token, []).append(row)
    lefts, rights, common = [], [], 0
    for row, tokens in enumerate(profiles):
        found: set[int] = set()
        for token in set(tokens):
            rows = index.get(token, ())
            if len(rows) <= most:
                found.update(rows)
            else:
                common += 1
        lefts.append(np.full(len(found), row, np.int64))
        rights.append(np.array(sorted(found), np.int64))
    none = np.empty(0, np.int64)
    return np.concatenate([none, *lefts]), np.concatenate([none, *rights]), common
