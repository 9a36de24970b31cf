"""Derivations: what atoms take of match keys (a beginning, a sound, a year), whole columns of distinct keys at a time.

Each takes an Arrow string array without nulls and gives an array of the same length; an empty one, or null, makes no
block.
Derivations that look at single letters work on the bytes of all the keys at once: keys are folded to ASCII, and a key
that is not is only cut differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "Derive",
    "half",
    "host",
    "last",
    "letters",
    "local",
    "local_letters",
    "month_day",
    "prefix",
    "sound",
    "sounds",
    "squeezed",
    "stem",
    "year",
]

Derive = Callable[[pa.Array], pa.Array]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_VOWELS = np.isin(np.arange(256), list(b"aeiou"))
_LETTERS = (np.arange(256) >= ord("a")) & (np.arange(256) <= ord("z"))
_LETTERS_OR_DIGITS = _LETTERS | ((np.arange(256) >= ord("0")) & (np.arange(256) <= ord("9")))
_WRITTEN = _LETTERS_OR_DIGITS | (np.arange(256) >= 128)
_WRITTEN[ord("A") : ord("Z") + 1] = True
_NUMBERS = np.where(_LETTERS, np.random.default_rng(26).integers(1, 2**63, 256, np.uint64), np.uint64(0))
_SOUNDS = str.maketrans("cqzvbdgjyxw", "kksfptkkikf")
_ALIKE = np.arange(256, dtype=np.uint8)
_ALIKE[list(_SOUNDS)] = list(_SOUNDS.values())


@dataclass(frozen=True, slots=True)
class _Flat:
    """The bytes of all keys one after the other; ``ends[i]`` to ``ends[i + 1]`` are those of key ``i``."""

    data: Bytes
    ends: npt.NDArray[np.int64]

    @classmethod
    def of(cls, keys: pa.Array) -> Self:
        plain = pa.concat_arrays([keys])  # a slice becomes an array of its own, with offsets from nought
        ends = np.frombuffer(plain.buffers()[1], np.int32)[plain.offset : plain.offset + len(plain) + 1]
        data = plain.buffers()[2]
        flat = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
        return cls(flat[ends[0] : ends[-1]], (ends - ends[0]).astype(np.int64))

    def keep(self, mask: Mask) -> _Flat:
        """Only the bytes where ``mask`` holds."""
        total = np.concatenate([[0], np.cumsum(mask)])
        return _Flat(self.data[mask], total[self.ends])

    def first(self) -> Mask:
        """Which bytes begin a key."""
        found = np.zeros(len(self.data), bool)
        found[self.ends[:-1][np.diff(self.ends) > 0]] = True
        return found

    def keys(self) -> pa.Array:
        """The keys as an Arrow array of bytes."""
        buffers = [None, pa.py_buffer(self.ends.astype(np.int32)), pa.py_buffer(self.data)]
        return pa.Array.from_buffers(pa.binary(), len(self.ends) - 1, buffers)


def prefix(length: int) -> Derive:
    """The first ``length`` characters."""
    return lambda keys: pc.utf8_slice_codeunits(keys, 0, length)


def last(length: int) -> Derive:
    """The last ``length`` characters, of keys that have as many."""

    def derive(keys: pa.Array) -> pa.Array:
        return pc.if_else(
            pc.greater_equal(pc.utf8_length(keys), length), pc.utf8_slice_codeunits(keys, -length, None), ""
        )

    return derive


def half(keys: pa.Array) -> pa.Array:
    """The first half, at least three characters."""
    lengths = pc.utf8_length(keys).to_numpy(zero_copy_only=False)
    flat = _Flat.of(keys)
    begins = (flat.data & 0xC0) != 0x80  # not a later byte of one character
    total = np.concatenate([[0], np.cumsum(begins)])
    sizes = np.diff(flat.ends)
    place = total[1:] - 1 - np.repeat(total[flat.ends[:-1]], sizes)
    return flat.keep(place < np.repeat(np.maximum(3, lengths // 2), sizes)).keys()


def year(dates: pa.Array) -> pa.Array:
    """The year of eight digits, where it is known."""
    found = pc.utf8_slice_codeunits(dates, 0, 4)
    return pc.if_else(pc.equal(found, "0000"), "", found)


def month_day(dates: pa.Array) -> pa.Array:
    """Month and day of eight digits, whichever comes first; where both are known."""
    month, day = pc.utf8_slice_codeunits(dates, 4, 6), pc.utf8_slice_codeunits(dates, 6, 8)
    turned = pc.greater(month, day)
    both = pc.binary_join_element_wise(pc.if_else(turned, day, month), pc.if_else(turned, month, day), "")
    return pc.if_else(pc.or_(pc.equal(month, "00"), pc.equal(day, "00")), "", both)


def local(addresses: pa.Array) -> pa.Array:
    """What stands before the @."""
    return pc.list_element(pc.split_pattern(addresses, "@", max_splits=1), 0)


def local_letters(addresses: pa.Array) -> pa.Array:
    """A number for the letters before the @ in any order: the same for ada.lovelace and lovelace_ada."""
    flat = _Flat.of(local(addresses))
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_NUMBERS[flat.data])])
    found = np.diff(total[flat.ends])
    return pa.array(found, mask=found == 0)


def squeezed(accounts: pa.Array) -> pa.Array:
    """Letters and digits of a handle, without its channel."""
    return _only(_handle(accounts), _LETTERS_OR_DIGITS)


def stem(accounts: pa.Array) -> pa.Array:
    """The first six letters of a handle."""
    return pc.binary_slice(_only(_handle(accounts), _LETTERS), 0, 6)


def letters(accounts: pa.Array) -> pa.Array:
    """Letters, of either case, and digits of a handle without its channel, as text.

    >>> letters(pa.array(["github:ada-l"]))[0].as_py()
    'adal'
    """
    return pc.cast(_only(_handle(accounts), _WRITTEN), pa.string())


def host(urls: pa.Array) -> pa.Array:
    """What stands before the path."""
    return pc.list_element(pc.split_pattern(urls, "/", max_splits=1), 0)


@lru_cache(maxsize=100_000)
def sound(key: str) -> str:
    """How one key sounds: what :func:`sounds` says of many.

    >>> sound("philippa") == sound("filipa"), sound("smith") == sound("jones")
    (True, False)
    """
    plain = key.replace(" ", "").replace("ph", "f").replace("ck", "k").replace("h", "").translate(_SOUNDS)
    return re.sub(r"(.)\1+", r"\1", plain[:1] + re.sub(r"[aeiou]", "", plain[1:]))[:5]


def sounds(keys: pa.Array) -> pa.Array:
    """First letter and the consonants after it, similar sounds alike, no doubles: survives common misspellings."""
    for written, spoken in ((" ", ""), ("ph", "f"), ("ck", "k"), ("h", "")):
        keys = pc.replace_substring(keys, written, spoken)
    flat = _Flat.of(keys)
    flat = _Flat(_ALIKE[flat.data], flat.ends)
    flat = flat.keep(flat.first() | ~_VOWELS[flat.data])
    again = np.zeros(len(flat.data), bool)
    again[1:] = flat.data[1:] == flat.data[:-1]
    return pc.binary_slice(flat.keep(flat.first() | ~again).keys(), 0, 5)


def _handle(accounts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(accounts, "(?s)^.*:", "")


def _only(keys: pa.Array, wanted: Mask) -> pa.Array:
    flat = _Flat.of(keys)
    return flat.keep(wanted[flat.data]).keys()
