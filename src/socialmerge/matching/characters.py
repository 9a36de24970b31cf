"""Short strings as arrays: rolling hashes of every substring, and a character model of what people type.

A handle is squeezed to ASCII letters and digits. All work is on 2-D arrays with one row per distinct string, so that
the cost of a pair is a few array look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise.texts import Texts

__all__ = ["LONGEST", "CharacterModel", "Strings", "hash_strings", "join_hashes", "mix", "squeeze", "squeezed"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]  # of any width
Hashes = npt.NDArray[np.uint64]
Symbols = npt.NDArray[np.uint8]

LONGEST = 28  # characters kept of a handle; what is longer is cut, which loses nothing that tells people apart
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SYMBOLS = 37  # 26 letters, 10 digits, and the edge of a string
_CODE = np.zeros(256, dtype=np.uint8)
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


def squeezed(column: pa.Array) -> pa.Array:
    """A ``pa.string()`` column squeezed.

    >>> squeezed(pa.array(["Hank_Johnson.84", "\u00c9mile"])).to_pylist()
    ['hankjohnson84', 'mile']
    """
    return pc.replace_substring_regex(pc.utf8_lower(column), pattern="[^a-z0-9]+", replacement="")


@dataclass(frozen=True, slots=True)
class Strings:
    """Squeezed strings: symbol codes, lengths and rolling hashes of all prefixes."""

    codes: Symbols  # (n, width); 0 after the end
    length: Ints  # (n,)
    prefix: Hashes  # (n, width + 1); prefix[i, k] is the hash of the first k symbols

    @classmethod
    def of(cls, texts: Sequence[str]) -> Strings:
        """Encode squeezed texts; each is cut at ``LONGEST`` symbols.

        >>> Strings.of(["ab", ""]).length.tolist()
        [2, 0]
        """
        codes, length = _symbols(texts.column if isinstance(texts, Texts) else pa.array(texts, pa.string()))
        width = codes.shape[1]
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

    def parts(self, shortest: int) -> Iterator[tuple[Hashes, Ints]]:
        """Hashes of every substring of as many symbols and more, with the row of each, one length at a time.

        >>> strings = Strings.of(["abab"])
        >>> [(len(np.unique(hashes)), rows.tolist()) for hashes, rows in strings.parts(2)]
        [(2, [0, 0, 0]), (2, [0, 0]), (1, [0])]
        """
        for size in range(shortest, self.codes.shape[1] + 1):
            rows = np.flatnonzero(self.length >= size)
            found = self.prefix[rows, size:] - self.prefix[rows, : self.prefix.shape[1] - size] * _POWERS[size]
            inside = np.arange(size, self.prefix.shape[1]) <= self.length[rows, None]
            yield found[inside], np.repeat(rows, inside.sum(axis=1))

    def spans_hash(self, rows: Ints, start: int | Ints, length: Ints) -> Hashes:
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


def _symbols(column: pa.Array) -> tuple[Symbols, Ints]:
    """The symbols of squeezed texts, as wide as the longest of them, and their lengths."""
    if not len(column):
        return np.zeros((0, 1), np.uint8), np.zeros(0, np.int64)
    _, ends, data = column.buffers()
    offsets = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    octets = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    length = np.minimum(np.diff(offsets), LONGEST)
    width = max(int(length.max()), 1)
    octets = np.append(octets[offsets[0] : offsets[-1]], np.zeros(width, np.uint8))
    windows = np.lib.stride_tricks.sliding_window_view(octets, width)[offsets[:-1] - offsets[0]]
    return np.where(np.arange(width) < length[:, None], _CODE[windows], np.uint8(0)), length


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
            [np.zeros((rows, 2), np.int64), strings.codes.astype(np.int64), np.zeros((rows, 1), np.int64)], axis=1
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
        padded = np.concatenate([np.zeros((len(strings.codes), 2), np.uint8), strings.codes], axis=1)
        bits = self.log2[padded[:, :-2], padded[:, 1:-1], padded[:, 2:]]
        bits = np.where(strings.codes > 0, bits, 0.0)
        return np.concatenate([np.zeros((len(bits), 1)), np.cumsum(bits, axis=1)], axis=1)

    def ends(self, strings: Strings) -> Floats:
        """Bits of each string ending where it ends."""
        rows = np.arange(len(strings.codes))
        padded = np.concatenate([np.zeros((len(rows), 2), np.uint8), strings.codes], axis=1)
        bits: Floats = self.log2[padded[rows, strings.length], padded[rows, strings.length + 1], 0]
        return bits
