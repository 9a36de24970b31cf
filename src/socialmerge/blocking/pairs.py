"""Candidate pairs: every pair of rows that shares a key, once, however many keys it shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.atoms import Atom
from socialmerge.blocking.keys import Budget, Hashes, Key, hashed
from socialmerge.parallel import each, processors

__all__ = ["Candidates", "KeyReport", "build"]

Rows = npt.NDArray[np.int32]
Packed = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

PENDING = 40_000_000
"""Pairs that are held, repeats among them, before repeats are dropped: 320 MB."""
AT_ONCE = 1 << 20
"""Pairs, or rows, that are worked on at one time: what they take stays in the cache, and is small beside the table."""
ROWS_A_DRAWER = 1 << 19
"""Rows whose pairs are kept together; each drawer is put in order on its own, in the room of one drawer."""


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
    """Pairs of row numbers in order, ``left < right``; for two tables left is a row of the first."""

    left: Rows
    right: Rows
    reports: tuple[KeyReport, ...]


def build(atoms: Sequence[Atom], keys: Sequence[Key], left_rows: int, budget: Budget) -> Candidates:
    """Pairs of every key, in the order of their rows; a pair counts for the first key that both rows share.

    >>> from socialmerge.normalise.features import Feature
    >>> from socialmerge.blocking.atoms import make
    >>> town = Feature("town", "category", np.array([[0, 1, 0, 1]], np.int32), ["leeds", "york"], field="town")
    >>> found = build(make([town]), [Key(("town",))], 0, Budget())
    >>> list(zip(found.left.tolist(), found.right.tolist()))
    [(0, 2), (1, 3)]
    """
    by_name = {atom.name: atom for atom in atoms}
    splitters = _splitters(atoms)
    pending = _Pending.of(atoms[0].base.shape[1] if atoms else 1, len(keys))

    def made(number: int) -> KeyReport:
        key = keys[number]
        further = [atom for atom in splitters if atom.name not in key.atoms]
        cut = _split_large(_Blocks.of([by_name[name] for name in key.atoms], left_rows), further, budget)
        pairs = sum(pending.add(some, number) for some in _gathered(_pairs_within(cut.blocks)))
        return KeyReport(str(key), pairs, 0, cut.largest, cut.split, cut.dropped)

    reports: list[KeyReport] = []
    most = PENDING
    for first in range(0, len(keys), processors()):
        reports.extend(each(made, range(len(keys))[first : first + processors()]))
        if pending.pairs > most:
            pending.drop_repeats()
            most = max(PENDING, 2 * pending.pairs)
    pending.drop_repeats()
    new = pending.of_keys(len(keys))
    reports = [replace(report, new_pairs=count) for report, count in zip(reports, new, strict=True)]
    return Candidates(*pending.taken(), tuple(reports))


@dataclass(frozen=True, slots=True)
class _Packing:
    """Pairs as one number each: left row, right row, and the number of the key that brought the pair."""

    row_bits: int
    key_bits: int

    @classmethod
    def of(cls, rows: int, keys: int) -> Self:
        return cls(rows.bit_length(), keys.bit_length())

    def pack(self, left: Rows, right: Rows, key: int) -> Packed:
        pairs = left.astype(np.uint64) << np.uint64(self.row_bits)
        pairs |= right.astype(np.uint64)
        pairs <<= np.uint64(self.key_bits)
        pairs |= np.uint64(key)
        return pairs

    def once(self, parts: Sequence[Packed]) -> Packed:
        """Each pair once, in the order of its rows, by the first of its keys."""
        pairs = np.concatenate([np.empty(0, np.uint64), *parts])
        pairs.sort()
        if not len(pairs):
            return pairs
        both = pairs >> np.uint64(self.key_bits)
        first = np.empty(len(pairs), bool)
        first[0] = True
        np.not_equal(both[1:], both[:-1], out=first[1:])
        return pairs[first]

    def keys(self, pairs: Packed) -> Ints:
        return (pairs & np.uint64((1 << self.key_bits) - 1)).astype(np.int64)

    def rows(self, pairs: Packed) -> tuple[Rows, Rows]:
        both = pairs >> np.uint64(self.key_bits)
        low = np.uint64((1 << self.row_bits) - 1)
        return (both >> np.uint64(self.row_bits)).astype(np.int32), (both & low).astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Pending:
    """Pairs that keys brought, in drawers by their left row: those of one drawer are all before those of the next.

    A pair lies in the same drawer whichever key brings it, so that repeats are found drawer by drawer.
    """

    packing: _Packing
    drawers: list[list[Packed]]

    @classmethod
    def of(cls, rows: int, keys: int) -> Self:
        return cls(_Packing.of(rows, keys), [[] for _ in range(-(-rows // ROWS_A_DRAWER))])

    @property
    def pairs(self) -> int:
        return sum(len(part) for drawer in self.drawers for part in drawer)

    def add(self, some: Sequence[tuple[Rows, Rows]], key: int) -> int:
        """Put pairs that a key brought away, and say how many they are."""
        pairs = np.concatenate([self.packing.pack(left, right, key) for left, right in some])
        if len(self.drawers) > 1:
            pairs.sort()
            ends = np.arange(1, len(self.drawers), dtype=np.uint64) * np.uint64(ROWS_A_DRAWER)
            ends <<= np.uint64(self.packing.row_bits + self.packing.key_bits)
            parts = [part.copy() for part in np.split(pairs, np.searchsorted(pairs, ends))]
        else:
            parts = [pairs]
        for drawer, part in zip(self.drawers, parts, strict=True):
            if len(part):
                drawer.append(part)
        return len(pairs)

    def drop_repeats(self) -> None:
        """Put each drawer in order, each pair once, by the first of its keys."""

        def tidy(drawer: list[Packed]) -> None:
            drawer[:] = [self.packing.once(drawer)]

        list(each(tidy, self.drawers))

    def of_keys(self, keys: int) -> list[int]:
        """How many pairs each key was the first to bring; repeats are dropped before."""
        found = np.zeros(keys, np.int64)
        for drawer in self.drawers:
            for part in drawer:
                found += np.bincount(self.packing.keys(part), minlength=keys)
        return [int(count) for count in found]

    def taken(self) -> tuple[Rows, Rows]:
        """The rows of all pairs, taken out drawer by drawer, so that nothing is held twice."""
        found = (np.empty(self.pairs, np.int32), np.empty(self.pairs, np.int32))
        start = 0
        for drawer in self.drawers:
            while drawer:
                rows = self.packing.rows(drawer.pop(0))
                for side, part in zip(found, rows, strict=True):
                    side[start : start + len(part)] = part
                start += len(rows[0])
        return found


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Rows by block: ``rows`` are those of one block after those of another, in order within each.

    Block ``i`` begins at ``starts[i]`` and holds ``sizes[i]`` rows, the first ``lefts[i]`` of them of the left table
    (none where there is one table alone); ``hashes`` are as long as ``rows``.
    """

    hashes: Hashes
    rows: Rows
    starts: Ints
    sizes: Ints
    lefts: Ints
    left_rows: int

    @classmethod
    def of(cls, atoms: Sequence[Atom], left_rows: int) -> Self:
        """Blocks of the rows that agree on all the atoms; a row that lacks one is in none."""
        codes = hashed(atoms)
        absent = codes.size - int(np.count_nonzero(codes))
        rows = codes.shape[1]
        low = _row_bits(rows)
        # one sort of numbers, the row in the low bits, is several times faster than an argsort; that two keys share the
        # high bits of a hash is rare, and then only a needless pair is built
        for start in range(0, rows, AT_ONCE):
            some = codes[:, start : start + AT_ONCE]
            there = some != 0
            some &= ~low
            some |= np.arange(start, start + some.shape[1], dtype=np.uint64)
            some *= there
        ranked = codes.reshape(-1)
        ranked.sort()
        return cls._of_ranked(ranked[absent:], left_rows, low)

    @classmethod
    def by_hash(cls, hashes: Hashes, rows: Rows, left_rows: int) -> Self:
        """Blocks of some rows, a hash each."""
        low = _row_bits(int(rows.max(initial=0)) + 1)
        ranked = (hashes & ~low) | rows.astype(np.uint64)
        ranked.sort()
        return cls._of_ranked(ranked, left_rows, low)

    @classmethod
    def _of_ranked(cls, ranked: Hashes, left_rows: int, low: np.uint64) -> Self:
        rows = np.empty(len(ranked), np.int32)
        np.bitwise_and(ranked, low, out=rows, casting="unsafe")
        ranked &= ~low
        begins = np.empty(len(ranked), bool)
        begins[:1] = True
        np.not_equal(ranked[1:], ranked[:-1], out=begins[1:])
        starts = np.flatnonzero(begins)
        sizes = np.diff(starts, append=len(ranked))
        lefts = np.zeros(len(starts), np.int64)
        if left_rows and len(starts):
            lefts = np.add.reduceat((rows < left_rows).astype(np.int64), starts)
        return cls(ranked, rows, starts, sizes, lefts, left_rows)

    def extent(self) -> Ints:
        """How large each block is: rows, or for two tables the root of left times right."""
        return np.sqrt(self.lefts * (self.sizes - self.lefts)).astype(np.int64) if self.left_rows else self.sizes

    def only(self, wanted: npt.NDArray[np.bool_]) -> _Blocks:
        """Some of the blocks, of the same rows."""
        return replace(self, starts=self.starts[wanted], sizes=self.sizes[wanted], lefts=self.lefts[wanted])

    def members(self) -> Ints:
        """Where the rows of these blocks stand in ``rows``."""
        within = np.arange(int(self.sizes.sum())) - np.repeat(np.cumsum(self.sizes) - self.sizes, self.sizes)
        return np.repeat(self.starts, self.sizes) + within


def _row_bits(rows: int) -> np.uint64:
    """A mask of the low bits that hold the number of a row."""
    return np.uint64((1 << (rows - 1).bit_length()) - 1)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Blocks none of which is over the cap; how large the largest was, and how many rows were split and dropped."""

    blocks: tuple[_Blocks, ...]
    largest: int
    split: int
    dropped: int


def _splitters(atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms by which a block that is too large is split, those with few values first: single-valued, mostly there."""
    single = [atom for atom in atoms if atom.values == 1 and (atom.codes >= 0).mean() > 0.5]
    return sorted(single, key=lambda atom: (atom.distinct, atom.name))


def _split_large(blocks: _Blocks, splitters: Sequence[Atom], budget: Budget) -> _Cut:
    """Split blocks over the cap by further atoms, each time from those with few values to those with many."""
    extent = blocks.extent()
    largest, split = int(extent.max(initial=0)), 0
    small = []
    for number, atom in enumerate([None, *splitters]):
        if atom is not None:
            members = blocks.members()
            rows = blocks.rows[members]
            further = hashed([atom], rows)[0] * np.uint64(0x9E3779B97F4A7C15)
            blocks = _Blocks.by_hash(blocks.hashes[members] ^ further, rows, blocks.left_rows)
            extent = blocks.extent()
        over = extent > budget.block_rows
        small.append(replace(blocks.only(~over & (blocks.sizes > 1)), hashes=np.empty(0, np.uint64)))
        blocks = blocks.only(over)
        split = split if number else int(blocks.sizes.sum())
        if not over.any():
            break
    return _Cut(tuple(small), largest, split, int(blocks.sizes.sum()))


def _pairs_within(parts: Sequence[_Blocks]) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of rows of one block, ``left < right``: across the two tables if there are two."""
    for blocks in parts:
        # blocks of one shape are done together: their rows as a table, a block a line
        shape = (blocks.sizes << 32) | blocks.lefts
        order = np.argsort(shape, kind="stable")
        ends = np.flatnonzero(np.diff(shape[order])) + 1
        for alike in np.split(order, ends):
            if len(alike):
                yield from _pairs_of_alike(blocks, alike)


def _pairs_of_alike(blocks: _Blocks, alike: Ints) -> Iterator[tuple[Rows, Rows]]:
    """The pairs of blocks of one shape, some blocks at a time."""
    size, lefts = int(blocks.sizes[alike[0]]), int(blocks.lefts[alike[0]])
    one, other = _meeting(size, lefts) if blocks.left_rows else np.triu_indices(size, 1)
    step = max(1, AT_ONCE // max(len(one), 1))
    for first in range(0, len(alike), step):
        members = blocks.rows[blocks.starts[alike[first : first + step], np.newaxis] + np.arange(size)]
        left, right = members[:, one].ravel(), members[:, other].ravel()
        apart = left != right
        yield (left, right) if apart.all() else (left[apart], right[apart])


def _gathered(pairs: Iterable[tuple[Rows, Rows]]) -> Iterator[list[tuple[Rows, Rows]]]:
    """As many pairs together as are worked on at one time."""
    some, count = [], 0
    for left, right in pairs:
        some.append((left, right))
        count += len(left)
        if count >= AT_ONCE:
            yield some
            some, count = [], 0
    if count:
        yield some


def _meeting(size: int, lefts: int) -> tuple[Ints, Ints]:
    """Places of a block of which the first ``lefts`` meet all the others."""
    rights = size - lefts
    return np.repeat(np.arange(lefts), rights), np.tile(np.arange(lefts, size), lefts)
