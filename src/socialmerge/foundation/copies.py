"""Rows that repeat another one's name and contact exactly: what there is of duplicates at the least."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.foundation.columns import Columns
from socialmerge.foundation.duplicates import Duplicates
from socialmerge.matching.components import components
from socialmerge.records import Kind

__all__ = ["copies", "names_of", "same_rows"]

Ints = npt.NDArray[np.int64]


def copies(columns: Columns) -> Duplicates:
    """Rows beyond the first that share a whole name and an e-mail address or a telephone number."""
    one, other = same_rows(columns, Kind.EMAIL, Kind.PHONE)
    labels = components(columns.rows, one, other)
    count = float(columns.rows - len(np.unique(labels)))
    return Duplicates(count, count, float(max(columns.rows - 1, 0)), labels, np.ones(columns.rows))


def same_rows(columns: Columns, *kinds: Kind, names: Ints | None = None) -> tuple[Ints, Ints]:
    """Pairs of rows, each with the next one that has the same whole name and the same contact of some kinds.

    ``names`` are numbers of the rows' names, -1 for none, where they are not those of `names_of`.
    """
    names = names_of(columns) if names is None else names
    one, other = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for read in (read for kind in kinds for read in columns.of(kind)):
        keys, distinct = read.key_codes()
        known = np.flatnonzero((names >= 0) & (keys >= 0))
        both = names[known] * (len(distinct) + 1) + keys[known]
        order = np.argsort(both, kind="stable")
        known, both = known[order], both[order]
        same = both[1:] == both[:-1]
        one.append(known[:-1][same])
        other.append(known[1:][same])
    return np.concatenate(one), np.concatenate(other)


def names_of(columns: Columns) -> Ints:
    """For each row a number of its whole name, -1 where it has none."""
    found = np.zeros(columns.rows, np.int64)
    there = np.zeros(columns.rows, bool)
    for one in columns.of(Kind.NAME, "given", "family", "full", ""):
        codes, distinct = one.key_codes()
        found = np.unique(found * (len(distinct) + 1) + codes + 1, return_inverse=True)[1].astype(np.int64)
        there |= codes >= 0
    return np.where(there, found, -1)
