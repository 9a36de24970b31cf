"""Sketches: which letters a key has, as bits, by which two keys are told to be unlike without a look at their letters.

Two keys that share few letters cannot be similar. A sketch counts the letters of a key in 64 bits, so that the letters
that two keys share are counted by one ``and``; from their number follow bounds that no similarity can pass. What a
sketch rules out is ruled out for certain; the rest is for the letters themselves to say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Sketch", "sketch"]

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]

MOST, LONGEST = 30_000, 64
"""Keys with more characters than ``LONGEST`` are not sketched: they are always looked at."""
FIELDS: dict[bool, dict[str, int]] = {
    False: {"abcdefghijklmnopqrstuvwxyz": 2, "0123456789": 1},
    True: {"abcdefghijklmnopqrstuvwxyz": 1, "0123456789": 3},
}
"""Bits for each letter and digit, which is how many of it are counted; another choice where most are digits."""
AT_ONCE = 1 << 17
"""Keys whose letters are laid out at one time."""
_SHARES = (1 / np.maximum(np.arange(MOST + 1), 1)).astype(np.float32)
"""1 over a length."""
MARGIN = 1e-4
"""Bounds are this much wider, for they are reckoned in single precision."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Sketches of all keys of a column; a code of a key is a place in these arrays.

    ``bits`` counts letters, ``beyond`` the characters that ``bits`` does not, ``length`` all of them; ``first`` is the
    first four bytes as a number. ``open_`` are keys that no sketch can rule out.
    """

    bits: Bits
    beyond: Counts
    length: Counts
    first: npt.NDArray[np.uint32]
    open_: Mask

    def common(self, a: Rows, b: Rows) -> Counts:
        """Characters that the two keys share at most, in whatever order: int16."""
        shared: Counts = np.bitwise_count(self.bits[a] & self.bits[b]).astype(np.int16)
        shared += np.minimum(self.beyond[a], self.beyond[b])
        return shared

    def winkler_at_most(self, a: Rows, b: Rows, common: Counts) -> Floats:
        """Jaro-Winkler similarity that the two keys have at most."""
        jaro = common * (_SHARES[self.length[a]] + _SHARES[self.length[b]])
        jaro += 1
        jaro *= np.float32(1 / 3)
        jaro += (1 - jaro) * (np.float32(0.1) * self.prefix(a, b))
        return jaro + np.float32(MARGIN)

    def prefix(self, a: Rows, b: Rows) -> npt.NDArray[np.uint8]:
        """How many of the first four bytes are the same, from the front."""
        differ = self.first[a] ^ self.first[b]
        same = (differ & np.uint32(0xFF)) == 0
        found: npt.NDArray[np.uint8] = same.astype(np.uint8)
        for mask in (0xFFFF, 0xFFFFFF, 0xFFFFFFFF):
            found += (differ & np.uint32(mask)) == 0
        return found

    def edits_at_least(self, a: Rows, b: Rows, common: Counts) -> Counts:
        """Edits, of neighbours that change places too, that lie between the two keys at least."""
        return np.asarray(np.maximum(self.length[a], self.length[b]) - common)

    def indel_at_most(self, a: Rows, b: Rows, common: Counts) -> Floats:
        """Share of characters in common, in whatever order, that the two keys have at most."""
        both = (self.length[a] + self.length[b]).astype(np.float32)
        found: Floats = (2 * common / np.maximum(both, 1)).astype(np.float32)
        return found + np.float32(MARGIN)

    def undecided(self, a: Rows, b: Rows, maybe: Mask) -> Mask:
        """``maybe``, or that one of the keys is not sketched."""
        return maybe | self.open_[a] | self.open_[b] if self.open_.any() else maybe


def sketch(keys: pa.Array) -> Sketch:
    """Sketch a ``pa.string()`` array without nulls.

    >>> found = sketch(pa.array(["catherine", "katharine", "bob"]))
    >>> a, b = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    >>> common = found.common(a, b)
    >>> common.tolist(), found.edits_at_least(a, b, common).tolist()
    ([7, 0], [2, 9])
    """
    length = np.minimum(pc.binary_length(keys).to_numpy(zero_copy_only=False), MOST).astype(np.int16)
    flat, ends = _flat(keys)
    fields = _fields(digits=_mostly_digits(flat[:-1]))
    found = Sketch(
        np.zeros(len(keys), np.uint64),
        np.zeros(len(keys), np.int16),
        length,
        np.zeros(len(keys), np.uint32),
        np.zeros(len(keys), np.bool_),
    )
    for start in range(0, len(keys), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        _draw(found, part, _table(flat, ends[part], length[part]), fields)
    return found


def _draw(found: Sketch, part: slice, table: npt.NDArray[np.uint8], fields: tuple[Bits, Bits]) -> None:
    """Fill in the sketches of some keys, whose bytes are in a table."""
    one, field = fields
    bits = np.zeros(len(table), np.uint64)
    for place in range(table.shape[1]):
        letter = table[:, place]
        # a field that counts in unary: what it holds moves up by one bit, and the lowest is set again
        mask = field[letter]
        bits |= ((bits & mask) << np.uint64(1)) & mask | one[letter]
    first = np.zeros((len(table), 4), np.uint8)
    first[:, : min(4, table.shape[1])] = table[:, :4]
    found.bits[part] = bits
    found.beyond[part] = found.length[part] - np.bitwise_count(bits).astype(np.int16)
    found.first[part] = first.view(np.uint32).ravel()
    found.open_[part] = (table >= 128).any(axis=1) | (found.length[part] > LONGEST)


def _flat(keys: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The bytes of the keys one after the other, with one more, and where each key begins."""
    plain = pa.concat_arrays([keys])
    ends = np.frombuffer(plain.buffers()[1], np.int32)[plain.offset : plain.offset + len(plain) + 1]
    data = plain.buffers()[2]
    flat = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return np.append(flat[ends[0] : ends[-1]], np.uint8(0)), ends[:-1] - ends[0]


def _table(flat: npt.NDArray[np.uint8], begins: npt.NDArray[np.int32], length: Counts) -> npt.NDArray[np.uint8]:
    """The bytes of the keys as a table, a key a row, 0 where it has ended."""
    width = int(np.minimum(length, LONGEST).max(initial=0))
    table = np.zeros((len(begins), width), np.uint8, order="F")
    for place in range(width):
        there = length > place
        table[there, place] = flat[begins[there] + place]
    return table


def _mostly_digits(data: npt.NDArray[np.uint8]) -> bool:
    digits = written = 0
    for start in range(0, len(data), AT_ONCE):
        part = data[start : start + AT_ONCE]
        digits += int(np.count_nonzero((part >= ord("0")) & (part <= ord("9"))))
        written += int(np.count_nonzero(part))
    return 2 * digits > written


def _fields(*, digits: bool) -> tuple[Bits, Bits]:
    """For each byte its lowest bit and its field, where it has one."""
    one, field = np.zeros(256, np.uint64), np.zeros(256, np.uint64)
    place = 0
    for characters, width in FIELDS[digits].items():
        for character in characters:
            one[ord(character)] = np.uint64(1 << place)
            field[ord(character)] = np.uint64(((1 << width) - 1) << place)
            place += width
    return one, field
