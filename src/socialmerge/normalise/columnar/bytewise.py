"""Columns of text as bytes: which kinds of character each text holds, and its folded key, without a loop over texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.normalise import text

__all__ = [
    "AMPERSAND",
    "BRACKET",
    "DIGIT",
    "LOWER",
    "OTHER",
    "SPACE",
    "UPPER",
    "WIDE",
    "Bytes",
    "bytes_of",
    "extremes",
    "folded",
    "holds",
    "kind_of",
    "made",
    "without",
]

Mask = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

LOWER, UPPER, DIGIT, SPACE, AMPERSAND, BRACKET, OTHER, WIDE = (1 << bit for bit in range(8))
"""Kinds of byte: letters, digits, space, what begins an HTML entity, what a template needs, other ASCII, not ASCII."""

_BLANK = ord(" ")


def _kinds() -> Octets:
    kinds = np.full(256, WIDE, np.uint8)
    kinds[:128] = OTHER
    for kind, characters in (
        (LOWER, "abcdefghijklmnopqrstuvwxyz"),
        (UPPER, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        (DIGIT, "0123456789"),
        (SPACE, " "),
        (AMPERSAND, "&"),
        (BRACKET, "{}<>[]()%$*|"),
    ):
        kinds[[*characters.encode()]] = kind
    return kinds


def _folds() -> Octets:
    """What `text.fold` makes of an ASCII character: a letter or digit, a space, or 0 for nothing."""
    folds = np.zeros(256, np.uint8)
    for point in range(128):
        between = text.fold(f"a{chr(point)}a")[1:-1]
        folds[point] = ord(between) if between else 0
    return folds


_KIND, _FOLD = _kinds(), _folds()


@dataclass(frozen=True, slots=True)
class Bytes:
    """The bytes of some texts, one after the other: text ``i`` is ``data[offsets[i]:offsets[i + 1]]``."""

    data: Octets
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        """Bytes of each text."""
        return np.diff(self.offsets)

    @property
    def first(self) -> Octets:
        """The first byte of each text, 0 of an empty one."""
        return _at(self.data, self.offsets[:-1], self.lengths > 0)


def bytes_of(texts: pa.Array) -> Bytes:
    """The bytes of a ``pa.string()`` array, without a copy of them; a null counts as empty.

    >>> found = bytes_of(pa.array(["ab", "", "c"]))
    >>> found.data.tobytes(), found.offsets.tolist()
    (b'abc', [0, 2, 2, 3])
    """
    if not len(texts):
        return Bytes(np.empty(0, np.uint8), np.zeros(1, np.int64))
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    octets = np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)
    return Bytes(octets[offsets[0] : offsets[-1]], offsets - offsets[0])


def made(data: Octets, offsets: Offsets) -> pa.Array:
    """A ``pa.string()`` array of bytes that are ASCII.

    >>> made(np.frombuffer(b"abc", np.uint8), np.array([0, 2, 2, 3])).to_pylist()
    ['ab', '', 'c']
    """
    ends = pa.py_buffer(offsets.astype(np.int32))
    return pa.StringArray.from_buffers(len(offsets) - 1, ends, pa.py_buffer(np.ascontiguousarray(data)))


def _at(values: Octets, places: Offsets, present: Mask) -> Octets:
    found = np.zeros(len(places), np.uint8)
    found[present] = values[places[present]]
    return found


def _reduced(function: np.ufunc, values: Octets, texts: Bytes) -> Octets:
    """A ufunc over the bytes of each text; 0 for an empty one."""
    found = np.zeros(len(texts.offsets) - 1, values.dtype)
    some = texts.lengths > 0
    if some.any():
        found[some] = function.reduceat(values, texts.offsets[:-1][some])
    return found


def holds(texts: Bytes) -> Octets:
    """The kinds of byte that each text holds, as bits.

    >>> [bin(bits) for bits in holds(bytes_of(pa.array(["aB", "é", ""])))]
    ['0b11', '0b10000000', '0b0']
    """
    return _reduced(np.bitwise_or, _KIND[texts.data], texts)


def kind_of(octets: Octets) -> Octets:
    """The kind of each byte."""
    return _KIND[octets]


def extremes(texts: Bytes) -> tuple[Octets, Octets]:
    """The least and the greatest byte of each text, spaces left out; (255, 0) where nothing else is.

    >>> [found.tolist() for found in extremes(bytes_of(pa.array(["0 0", "ab"])))]
    [[48, 97], [48, 98]]
    """
    space = texts.data == _BLANK
    low = _reduced(np.minimum, np.where(space, np.uint8(255), texts.data), texts)
    high = _reduced(np.maximum, np.where(space, np.uint8(0), texts.data), texts)
    return low, high


def folded(texts: Bytes) -> Bytes:
    """`text.fold` of texts that are ASCII and hold no HTML entity; of any other text the result means nothing.

    >>> keys = folded(bytes_of(pa.array(["  Maggie O'Neil! ", "--"])))
    >>> made(keys.data, keys.offsets).to_pylist()
    ['maggie oneil', '']
    """
    mapped = _FOLD[texts.data]
    kept = without(Bytes(mapped, texts.offsets), mapped == 0)
    space = kept.data == _BLANK
    if not space.any():
        return kept
    first = np.zeros(len(space) + 1, bool)
    first[kept.offsets[:-1]] = True
    before = np.concatenate(([True], space[:-1])) | first[:-1]
    once = without(kept, space & before)
    ends = once.offsets[1:][once.lengths > 0] - 1
    trailing = np.zeros(len(once.data), bool)
    trailing[ends[once.data[ends] == _BLANK]] = True
    return without(once, trailing)


def without(texts: Bytes, dropped: Mask) -> Bytes:
    """The texts without the bytes that are marked.

    >>> texts = bytes_of(pa.array(["a.b", "."]))
    >>> found = without(texts, texts.data == ord("."))
    >>> made(found.data, found.offsets).to_pylist()
    ['ab', '']
    """
    if not dropped.any():
        return texts
    kept = ~dropped
    before = np.zeros(len(kept) + 1, np.int32)
    np.cumsum(kept, out=before[1:])
    return Bytes(texts.data[kept], before[texts.offsets].astype(np.int64))
