"""Candidate pairs: every pair of rows that shares a key, once, however many keys it shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.atoms import Atom
from socialmerge.blocking.keys import Budget, Hashes, Key, hashed

__all__ = ["Candidates", "KeyReport", "build"]

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What one key brought: pairs, those that no earlier key had, its largest block, rows in blocks cut or dropped."""

    key: str
    pairs: int
    new_pairs: int
    largest_block: int
    split_rows: int
    dropped_rows: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of row numbers, ``left < right``; for two tables left is a row of the first."""

    left: Rows
    right: Rows
    reports: tuple[KeyReport, ...]


def build(atoms: Sequence[Atom], keys: Sequence[Key], left_rows: int, budget: Budget) -> Candidates:
    """Pairs of every key, in the order of the keys; a pair comes out of the first key that both rows share.

    >>> from socialmerge.normalise.features import Feature
    >>> from socialmerge.blocking.atoms import make
    >>> town = Feature("town", "category", np.array([[0, 1, 0, 1]], np.int32), ["leeds", "york"], field="town")
    >>> found = build(make([town]), [Key(("town",))], 0, Budget())
    >>> list(zip(found.left.tolist(), found.right.tolist()))
    [(0, 2), (1, 3)]
    """
    by_name = {atom.name: atom for atom in atoms}
    splitters = _splitters(atoms)
    earlier: list[Hashes] = []
    lefts, rights = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    reports = []
    for key in keys:
        further = [atom for atom in splitters if atom.name not in key.atoms]
        cut = _split_large(hashed([by_name[name] for name in key.atoms]), left_rows, further, budget)
        left, right = _pairs_within(cut.codes, left_rows)
        total = len(left)
        left, right = _once(*_fresh(earlier, left, right)) if len(cut.codes) > 1 else _fresh(earlier, left, right)
        lefts.append(left)
        rights.append(right)
        reports.append(KeyReport(str(key), total, len(left), cut.largest, cut.split, cut.dropped))
        earlier.append(cut.codes)
    return Candidates(np.concatenate(lefts), np.concatenate(rights), tuple(reports))


def _fresh(earlier: Sequence[Hashes], left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """The pairs that no earlier key has."""
    fresh = np.ones(len(left), bool)
    for codes in earlier:
        fresh &= ~_share(codes, left, right)
    return left[fresh], right[fresh]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A key's codes with no block over the cap; how large the largest was, and how many rows were split and dropped."""

    codes: Hashes
    largest: int
    split: int
    dropped: int


def _splitters(atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms by which a block that is too large is split: single-valued, the most telling first."""
    single = [atom for atom in atoms if len(atom.codes) == 1 and (atom.codes >= 0).mean() > 0.5]
    return sorted(single, key=lambda atom: (-int(atom.codes.max()), atom.name))


def _split_large(codes: Hashes, left_rows: int, splitters: Sequence[Atom], budget: Budget) -> _Cut:
    """Split blocks over the cap by further atoms, each time from those with few values to those with many."""
    sizes = _block_sizes(codes, left_rows)
    largest, over = int(sizes.max(initial=0)), sizes > budget.block_rows
    split = int(over.sum())
    for atom in sorted(splitters, key=lambda atom: int(atom.codes.max())):
        if not over.any():
            break
        codes = np.where(over, codes ^ (hashed([atom])[0] * np.uint64(0x9E3779B97F4A7C15)), codes)
        over = _block_sizes(codes, left_rows) > budget.block_rows
    return _Cut(np.where(over, np.uint64(0), codes), largest, split, int(over.sum()))


def _block_sizes(codes: Hashes, left_rows: int) -> npt.NDArray[np.int64]:
    """For each value of each row, how large its block is: rows, or for two tables the root of left times right."""
    flat = codes.ravel()
    order = np.argsort(flat, kind="stable")
    ranked = flat[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, np.int64)
    counts = np.diff(np.r_[starts, len(ranked)])
    if left_rows:
        side = (np.broadcast_to(np.arange(codes.shape[1]) < left_rows, codes.shape).ravel()[order]).astype(np.int64)
        lefts = np.add.reduceat(side, starts) if len(starts) else counts
        counts = np.sqrt(lefts * (counts - lefts)).astype(np.int64)
    sizes = np.empty(len(flat), np.int64)
    sizes[order] = np.repeat(counts, np.diff(np.r_[starts, len(ranked)]))
    sizes[flat == 0] = 0
    return sizes.reshape(codes.shape)


def _pairs_within(codes: Hashes, left_rows: int) -> tuple[Rows, Rows]:
    """All pairs of rows with equal codes: across the two tables if there are two."""
    flat = codes.ravel()
    rows = np.broadcast_to(np.arange(codes.shape[1], dtype=np.int32), codes.shape).ravel()
    present = np.flatnonzero(flat)
    order = present[np.argsort(flat[present], kind="stable")]
    if len(codes) > 1:
        order = order[np.lexsort((rows[order], flat[order]))]
    ranked, rows = flat[order], rows[order]
    if not len(ranked):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    block = np.repeat(np.arange(len(starts)), sizes)
    position = np.arange(len(ranked)) - starts[block]
    if left_rows:
        # rows are in order within a block, so its left rows come first: each right row meets all of them
        lefts = np.add.reduceat((rows < left_rows).astype(np.int64), starts)
        partners = np.where(position >= lefts[block], lefts[block], 0)
    else:
        partners = position
    right = np.repeat(rows, partners)
    offset = np.arange(len(right)) - np.repeat(np.cumsum(partners) - partners, partners)
    left = rows[np.repeat(starts[block], partners) + offset]
    apart = left != right
    return left[apart], right[apart]


def _share(codes: Hashes, left: Rows, right: Rows) -> npt.NDArray[np.bool_]:
    """Whether both rows of each pair share any value of a key."""
    found = np.zeros(len(left), bool)
    for one in codes:
        values = one[left]
        for other in codes:
            found |= (values == other[right]) & (values != 0)
    return found


def _once(left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """Drop repeats, which only keys with several values a row can make."""
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    if len(left):
        first = np.r_[True, (left[1:] != left[:-1]) | (right[1:] != right[:-1])]
        left, right = left[first], right[first]
    return left, right
