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
    """What one key brought: pairs, pairs that no earlier key had, its largest block, and rows in blocks that it dropped."""

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
    """Pairs of every key, in the order of the keys; a pair comes out of the first key that both rows share."""
    by_name = {atom.name: atom for atom in atoms}
    splitters = _splitters(atoms)
    earlier: list[Hashes] = []
    lefts: list[Rows] = []
    rights: list[Rows] = []
    reports = []
    for key in keys:
        codes = hashed([by_name[name] for name in key.atoms])
        codes, largest, split, dropped = _split_large(
            codes, left_rows, [s for s in splitters if s.name not in key.atoms], budget
        )
        left, right = _pairs_within(codes, left_rows)
        total = len(left)
        fresh = np.ones(total, bool)
        for before in earlier:
            fresh &= ~_share(before, left, right)
        left, right = left[fresh], right[fresh]
        left, right = _once(left, right) if len(codes) > 1 else (left, right)
        lefts.append(left)
        rights.append(right)
        reports.append(KeyReport(str(key), total, len(left), largest, split, dropped))
        earlier.append(codes)
    empty = np.empty(0, np.int32)
    return Candidates(np.concatenate(lefts or [empty]), np.concatenate(rights or [empty]), tuple(reports))


def _splitters(atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms by which a block that is too large is split: single-valued, the most telling first."""
    single = [atom for atom in atoms if len(atom.codes) == 1 and (atom.codes >= 0).mean() > 0.5]
    return sorted(single, key=lambda atom: (-int(atom.codes.max()), atom.name))


def _split_large(
    codes: Hashes, left_rows: int, splitters: Sequence[Atom], budget: Budget
) -> tuple[Hashes, int, int, int]:
    """Split blocks over the cap by further atoms, each time from those with few values to those with many."""
    largest, split = 0, 0
    for atom in [None, *sorted(splitters, key=lambda atom: int(atom.codes.max()))]:
        if atom is not None:
            further = hashed([atom])[0]
            codes = np.where(over, codes ^ (further * np.uint64(0x9E3779B97F4A7C15)), codes)
        sizes = _block_sizes(codes, left_rows)
        largest = largest or int(sizes.max(initial=0))
        over = sizes > budget.block_rows
        if not over.any():
            return codes, largest, split, 0
        split = split or int(over.sum())
    dropped = int(over.sum())
    codes = codes.copy()
    codes[over] = 0
    return codes, largest, split, dropped


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
