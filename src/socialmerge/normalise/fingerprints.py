"""Fingerprints: texts as 64-bit numbers that mean the same in every table, and what was counted of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Counted", "among", "fingerprints"]

Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_BASE = 0x2545F4914F6CDD1D
_AT_ONCE = 1 << 16


def fingerprints(texts: pa.Array) -> Hashes:
    """A number for each text of a ``pa.string()`` column without nulls.

    The same text has the same number in every table and process; two different ones share theirs once in 10^19 pairs.

    >>> one, same, other = fingerprints(pa.array(["ada", "ada", "bea"])).tolist()
    >>> one == same, one == other
    (True, False)
    """
    parts = [_of_some(texts.slice(at, _AT_ONCE)) for at in range(0, len(texts), _AT_ONCE)]
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def _of_some(texts: pa.Array) -> Hashes:
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    octets = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    octets = octets[offsets[0] : offsets[-1]]
    length = np.diff(offsets)
    place = np.arange(len(octets)) - np.repeat(offsets[:-1] - offsets[0], length)
    worth = (octets.astype(np.uint64) + np.uint64(1)) * _powers(int(length.max(initial=0)))[place]
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(worth, dtype=np.uint64)])
    found = total[offsets[1:] - offsets[0]] - total[offsets[:-1] - offsets[0]]
    return _mixed(found + length.astype(np.uint64) * np.uint64(0xD1342543DE82EF95))


def _powers(size: int) -> Hashes:
    return np.cumprod(np.array([1, *[_BASE] * size], np.uint64), dtype=np.uint64)


def _mixed(value: Hashes) -> Hashes:
    """The finaliser of SplitMix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def among(known: Hashes, asked: Hashes) -> tuple[npt.NDArray[np.int64], Flags]:
    """Where each number stands among others that are sorted, and whether it does."""
    if not len(known):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return place, known[place] == asked


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Numbers that were counted, sorted, and the count of each; any other counts ``otherwise``."""

    hashes: Hashes
    counts: Floats
    otherwise: float = 0.0

    @classmethod
    def of(cls, hashes: Hashes, counts: npt.NDArray[Any], *, otherwise: float = 0.0) -> Counted:
        """Keep what differs from the usual count.

        >>> some = Counted.of(np.array([7, 5, 6], np.uint64), np.array([1.0, 3.0, 2.0]), otherwise=1.0)
        >>> some.hashes.tolist(), some.at(np.array([5, 7, 9], np.uint64)).tolist()
        ([5, 6], [3.0, 1.0, 1.0])
        """
        kept = np.flatnonzero(counts != otherwise)
        kept = kept[np.argsort(hashes[kept], kind="stable")]
        return cls(hashes[kept], counts[kept].astype(np.float64), otherwise)

    def at(self, asked: Hashes) -> Floats:
        """The count of each."""
        place, there = among(self.hashes, asked)
        return np.where(there, np.append(self.counts, 0.0)[place], self.otherwise)
