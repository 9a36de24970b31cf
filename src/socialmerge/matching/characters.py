"""Short strings as arrays: rolling hashes of every substring, and a character model of what people type.

A handle is squeezed to ASCII letters and digits. All work is on 2-D arrays with one row per distinct string, so that
the cost of a pair is a few array look-ups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LONGEST", "CharacterModel", "Strings", "hash_strings", "join_hashes", "mix", "squeeze"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

LONGEST = 28  # characters kept of a handle; what is longer is cut, which loses nothing that tells people apart
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SYMBOLS = 37  # 26 letters, 10 digits, and the edge of a string
_CODE = np.zeros(256, dtype=np.int64)
_CODE[ord("a") : ord("z") + 1] = np.arange(1, 27)
_CODE[ord("0") : ord("9") + 1] = np.arange(27, 37)
_KEEP = {i: None for i in range(128) if not chr(i).isalnum()}
_POWERS = np.cumprod(np.array([1, *[int(_BASE)] * (4 * LONGEST)], dtype=np.uint64), dtype=np.uint64)


def squeeze(text: str) -> str:
    """Letters and digits only, in lower case.

    >>> squeeze("Hank_Johnson.84")
    'hankjohnson84'
    """
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return text.lower().translate(_KEEP)
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class Strings:
    """Distinct squeezed strings: symbol codes, lengths and rolling hashes of all prefixes."""

    codes: Ints  # (n, width); 0 after the end
    length: Ints  # (n,)
    prefix: Hashes  # (n, width + 1); prefix[i, k] is the hash of the first k symbols

    @classmethod
    def of(cls, texts: Sequence[str]) -> Strings:
        """Encode squeezed texts; each is cut at ``LONGEST`` symbols.

        >>> Strings.of(["ab", ""]).length.tolist()
        [2, 0]
        """
        raw = np.array([t[:LONGEST].encode("ascii", "ignore") for t in texts] or [b""], dtype=f"S{LONGEST}")
        codes = _CODE[raw.view(np.uint8).reshape(len(raw), LONGEST)][: len(texts)]
        length = (codes > 0).sum(axis=1)
        width = int(length.max(initial=1))
        codes = codes[:, :width]
        prefix = np.zeros((len(codes), width + 1), dtype=np.uint64)
        for k in range(width):
            prefix[:, k + 1] = prefix[:, k] * _BASE + codes[:, k].astype(np.uint64)
        return cls(codes, length, prefix)

    def substrings(self) -> Hashes:
        """Hashes of every substring: ``[n, i, j]`` is that of symbols i to j; 0 where there is none."""
        width = self.codes.shape[1]
        out = np.zeros((len(self.codes), width + 1, width + 1), dtype=np.uint64)
        inside = np.arange(width + 1) <= self.length[:, None]
        for i in range(width):
            for j in range(i + 1, width + 1):
                out[:, i, j] = (self.prefix[:, j] - self.prefix[:, i] * _POWERS[j - i]) * inside[:, j]
        return out

    def spans_hash(self, rows: Ints, start: int, length: Ints) -> Hashes:
        """Hashes of as many symbols from ``start`` on, in these rows."""
        found: Hashes = self.prefix[rows, start + length] - self.prefix[rows, start] * _POWERS[length]
        return found

    def tails(self) -> Hashes:
        """Hashes of the symbols from each place on, ``(n, width + 1)``; 0 at and after the end."""
        places = np.arange(self.prefix.shape[1])
        left = np.maximum(self.length[:, None] - places, 0)
        found: Hashes = (self.whole()[:, None] - self.prefix * _POWERS[left]) * (left > 0)
        return found

    def whole(self) -> Hashes:
        """The hash of each string as a whole; 0 for an empty one."""
        found: Hashes = self.prefix[np.arange(len(self.prefix)), self.length]
        return found

    def take(self, rows: Ints) -> Strings:
        """The strings at these rows, as wide as the longest of them."""
        length = self.length[rows]
        width = int(length.max(initial=1))
        return Strings(self.codes[rows, :width], length, self.prefix[rows, : width + 1])


def hash_strings(texts: Sequence[str]) -> tuple[Hashes, Ints]:
    """Hashes and lengths of squeezed texts; an empty text has hash 0."""
    strings = Strings.of(texts)
    return strings.whole(), strings.length


def join_hashes(first: Hashes, second: Hashes, second_length: Ints) -> Hashes:
    """The hash of two strings put together; 0 where either is missing."""
    joined = first * _POWERS[np.minimum(second_length, len(_POWERS) - 1)] + second
    found: Hashes = joined * ((first != 0) & (second != 0))
    return found


def mix(row: Ints, hashes: Hashes) -> Hashes:
    """One key from a row number and a hash (the finaliser of SplitMix64)."""
    x = hashes + (row.astype(np.uint64) + np.uint64(1)) * np.uint64(0xD1342543DE82EF95)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = x ^ (x >> np.uint64(31))
    return mixed


@dataclass(frozen=True, slots=True)
class CharacterModel:
    """P(symbol | the two before it), interpolated from counts of three, two and one."""

    log2: Floats  # (37, 37, 37)

    @classmethod
    def fit(cls, strings: Strings, weight: Floats) -> CharacterModel:
        """Count the symbols of weighted strings; the end of a string counts as symbol 0."""
        rows = len(strings.codes)
        padded = np.concatenate(
            [np.zeros((rows, 2), dtype=np.int64), strings.codes, np.zeros((rows, 1), np.int64)], axis=1
        )
        width = padded.shape[1] - 2
        used = np.arange(width) <= strings.length[:, None]
        index = (padded[:, :-2] * _SYMBOLS + padded[:, 1:-1]) * _SYMBOLS + padded[:, 2:]
        heavy = np.broadcast_to(weight[:, None], used.shape)
        three = np.bincount(index[used], heavy[used], minlength=_SYMBOLS**3).reshape((_SYMBOLS,) * 3)
        one = three.sum(axis=(0, 1)) + 1.0
        back = one / one.sum()
        for counts, strength in ((three.sum(axis=0), 10.0), (three, 10.0)):
            back = (counts + strength * back) / (counts.sum(axis=-1, keepdims=True) + strength)
        return cls(np.log2(back))

    def spans(self, strings: Strings) -> Floats:
        """Running bits: ``[n, k]`` is the log2 probability of the first k symbols, each given the two before it."""
        padded = np.concatenate([np.zeros((len(strings.codes), 2), dtype=np.int64), strings.codes], axis=1)
        bits = self.log2[padded[:, :-2], padded[:, 1:-1], padded[:, 2:]]
        bits = np.where(strings.codes > 0, bits, 0.0)
        return np.concatenate([np.zeros((len(bits), 1)), np.cumsum(bits, axis=1)], axis=1)

    def ends(self, strings: Strings) -> Floats:
        """Bits of each string ending where it ends."""
        rows = np.arange(len(strings.codes))
        padded = np.concatenate([np.zeros((len(rows), 2), dtype=np.int64), strings.codes], axis=1)
        bits: Floats = self.log2[padded[rows, strings.length], padded[rows, strings.length + 1], 0]
        return bits
