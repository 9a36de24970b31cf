"""Rows that share a token: an inverted index of hashed tokens, in sorted arrays.

The rows of one table are entered under their tokens, and those of the other look theirs up. Only tokens that are asked
for are sorted: of a large table that is far less than what it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.once import once

__all__ = ["Hits", "Index", "Postings", "Sieve", "join_tokens", "packed", "unpacked"]

Ints = npt.NDArray[np.integer[Any]]
Rows = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Postings:
    """Tokens by hash, and the row that each is of."""

    token: Hashes
    row: Rows

    def take(self, kept: Flags | Ints) -> Postings:
        """Some of them."""
        return Postings(self.token[kept], self.row[kept])


@dataclass(frozen=True, slots=True)
class Sieve:
    """A set of tokens that now and then holds one too many, and is asked in one look."""

    holes: Flags
    shift: np.uint64

    @classmethod
    def of(cls, tokens: Hashes, *, bits: int = 24) -> Sieve:
        """The set of these tokens; it takes ``2 ** bits`` bytes.

        >>> Sieve.of(np.array([7 << 60], np.uint64)).holds(np.array([7 << 60, 5 << 60], np.uint64)).tolist()
        [True, False]
        """
        shift = np.uint64(64 - bits)
        holes = np.zeros(1 << bits, dtype=np.bool_)
        holes[tokens >> shift] = True
        return cls(holes, shift)

    def holds(self, tokens: Hashes) -> Flags:
        """Whether each may be in the set: where it is False, it is not."""
        found: Flags = self.holes[tokens >> self.shift]
        return found


@dataclass(frozen=True, slots=True)
class Index:
    """Rows by token: those of ``tokens[i]`` are ``rows[start[i]:start[i + 1]]``, each once and in order."""

    tokens: Hashes
    start: Ints
    rows: Rows

    @classmethod
    def of(cls, entered: Postings, asked: Hashes) -> Index:
        """Enter rows under those of their tokens that are ``asked`` for; these are sorted, and each is there once."""
        if not len(asked):
            return cls(asked, np.zeros(1, np.int64), np.zeros(0, np.int32))
        entered = entered.take(Sieve.of(asked).holds(entered.token))
        place = np.minimum(np.searchsorted(asked, entered.token), len(asked) - 1)
        known = asked[place] == entered.token
        pairs = once(packed(place[known], entered.row[known]))
        start = np.searchsorted(pairs, np.arange(len(asked) + 1, dtype=np.uint64) << np.uint64(32))
        return cls(asked, start.astype(np.int64), unpacked(pairs)[1])

    def look_up(self, tokens: Hashes, most: int) -> tuple[Ints, Ints]:
        """Where the rows of each token begin, and how many there are; none of a token that more than ``most`` have."""
        if not len(self.tokens):
            return np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
        place = np.minimum(np.searchsorted(self.tokens, tokens), len(self.tokens) - 1)
        count = np.where(self.tokens[place] == tokens, self.start[place + 1] - self.start[place], 0)
        return self.start[place], np.where(count <= most, count, 0)


@dataclass(frozen=True, slots=True)
class Hits:
    """Lookups that found somebody, by row: ``row[i]`` found ``count[i]`` of ``rows``, from ``begin[i]`` on."""

    row: Rows
    begin: Ints
    count: Ints
    rows: Rows

    def pairs(self, first: int, stop: int) -> Hashes:
        """What the rows from ``first`` up to ``stop`` found: the row that asked in the upper half, the other below."""
        at = slice(*np.searchsorted(self.row, [first, stop]).tolist())
        count = self.count[at]
        place = np.arange(count.sum()) + np.repeat(self.begin[at] - np.cumsum(count) + count, count)
        return packed(np.repeat(self.row[at], count), self.rows[place])


def join_tokens(asking: Postings, index: Index, *, most: int) -> Hits:
    """Rows that share a token which at most ``most`` of the entered rows have.

    >>> one, other = np.array([5, 6], np.uint64), np.array([6, 7, 6], np.uint64)
    >>> index = Index.of(Postings(other, np.array([0, 1, 2], np.int32)), one)
    >>> unpacked(join_tokens(Postings(one, np.array([0, 1], np.int32)), index, most=10).pairs(0, 2))[1].tolist()
    [0, 2]
    """
    begin, count = index.look_up(asking.token, most)
    found = np.flatnonzero(count)
    found = found[np.argsort(asking.row[found], kind="stable")]
    return Hits(asking.row[found], begin[found], count[found], index.rows)


def packed(one: Ints, other: Ints) -> Hashes:
    """Two rows as one number, the first in the upper half."""
    both: Hashes = one.astype(np.uint64) << np.uint64(32) | other.astype(np.uint64)
    return both


def unpacked(pairs: Hashes) -> tuple[Rows, Rows]:
    """The two rows of packed pairs."""
    return (pairs >> np.uint64(32)).astype(np.int32), (pairs & _LOW).astype(np.int32)
