"""Free text, codes and categories: the folded keys of whole columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import text
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import (
    AMPERSAND,
    BRACKET,
    DIGIT,
    LOWER,
    UPPER,
    WIDE,
    Bytes,
    bytes_of,
    extremes,
    folded,
    holds,
    kind_of,
    made,
)
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.records import Missing

__all__ = ["Folded", "code_keys", "fold", "is_filler", "is_in", "keys", "mask", "stands_for_nothing"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded texts: ``keys`` (``""`` where nothing is left) are those of `text.fold` where ``sure``.

    ``nothing`` says which of the sure keys stand for no value; fillers (0000) are not sure.
    """

    keys: pa.Array
    sure: Mask
    nothing: Mask


def keys(texts: pa.Array) -> pa.Array:
    """The keys of distinct texts as `text.parse` gives them, null where one is no value.

    >>> keys(pa.array(["The Old Mill, Ltd.", "unknown", "ÉCOLE"])).to_pylist()
    ['the old mill ltd', None, 'ecole']
    """
    return settle.keys_of(texts, _quick, _parsed)[""]


def code_keys(texts: pa.Array) -> pa.Array:
    """The keys of distinct codes: letters and digits, for spaces and punctuation in a code are layout.

    >>> code_keys(pa.array(["AB-12 3", "n/a"])).to_pylist()
    ['ab123', None]
    """
    return pc.replace_substring(keys(texts), " ", "")


def fold(texts: pa.Array) -> Folded:
    """Fold texts, all at a time."""
    octets = bytes_of(texts)
    kinds = holds(octets)
    found = folded(octets)
    folds = made(found.data, found.offsets)
    odd = kinds & WIDE > 0
    if (kinds & AMPERSAND).any():
        odd |= (kinds & AMPERSAND > 0) & mask(pc.match_substring(texts, ";"))
    odd |= (kinds & BRACKET > 0) & (kind_of(octets.first) & (LOWER | UPPER | DIGIT) == 0)
    return Folded(folds, ~(odd | is_filler(found)), (found.lengths == 0) | stands_for_nothing(folds))


def is_filler(keys: Bytes) -> Mask:
    """Which keys are one character over and over, and perhaps long enough to be no value."""
    low, high = extremes(keys)
    one: Mask = low == high
    return one & (keys.lengths > 1)


def stands_for_nothing(keys: pa.Array) -> Mask:
    """Which keys are listed as no value: unknown, n a, your name."""
    return is_in(keys, _nothing())


def is_in(keys: pa.Array, listed: pa.Array) -> Mask:
    """Which keys are listed."""
    return mask(pc.is_in(keys, value_set=listed))


def mask(found: pa.Array) -> Mask:
    """A boolean array as numpy's; null is false."""
    filled = pc.fill_null(found, fill_value=False)
    return filled.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]  # untyped library


@cache
def _nothing() -> pa.Array:
    return pa.array(sorted(text.words_for_nothing()), pa.string())


def _quick(texts: pa.Array) -> Settled:
    found = fold(texts)
    return settle.one(pc.if_else(pa.array(found.nothing), settle.NO_TEXT, found.keys), found.sure)


def _parsed(raw: str) -> tuple[str]:
    key = text.parse(raw)
    return ("" if isinstance(key, Missing) else key,)
