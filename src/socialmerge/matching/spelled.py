"""Spelled: levels of given names and of addresses, with all that holds for a value worked out once a value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA, DamerauLevenshtein, JaroWinkler

from socialmerge.blocking import derivations
from socialmerge.matching.population import usual_given
from socialmerge.matching.similarity import FAR, Bits, close_words, scores, scores_where
from socialmerge.normalise.nicknames import formed, listed_pairs

__all__ = ["ByCode", "Screen", "codes_of", "email", "given", "listed_forms"]

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
ByCode = Callable[[Rows, Rows], Bits]
"""Levels of pairs of codes of unequal values."""
Screen = Callable[[Rows, Rows], Mask]
"""Whether pairs of codes may agree at any level above *else*."""


def given(keys: pa.Array) -> ByCode:
    """3 nickname or initial; 2 close; 1 similar. Two usual names that sound unlike are no slip of each other."""
    length = pc.utf8_length(keys).to_numpy(zero_copy_only=False)
    spaced = pc.match_substring(keys, " ").to_numpy(zero_copy_only=False)
    usual = np.fromiter(map(usual_given, keys.to_pylist()), bool, len(keys))
    first, begins = (codes_of(pc.utf8_slice_codeunits(keys, 0, letters)) for letters in (1, 3))
    sound, listed = codes_of(derivations.sounds(keys)), listed_forms(keys)

    def compare(a: Rows, b: Rows) -> Bits:
        one, other = keys.take(pa.array(a)).to_pylist(), keys.take(pa.array(b)).to_pylist()
        level = close_words(one, other)
        form = listed(a, b) | ((first[a] == first[b]) & (np.minimum(length[a], length[b]) == 1))
        for i in np.flatnonzero(~form & ((begins[a] == begins[b]) | spaced[a] | spaced[b])).tolist():
            short, long = sorted((one[i], other[i]), key=len)
            form[i] = long.startswith(short + " ") or formed(short, long)
        unlike = usual[a] & usual[b] & (sound[a] != sound[b]) & (level > 0)
        edits = scores_where(unlike, one, other, OSA.distance, 0.0)
        return np.where(form, 3, np.where(edits > 1, 0, level)).astype(np.uint8)

    return compare


def email(keys: pa.Array) -> ByCode:
    """2 same local part at another domain, or the whole a slip or two away; 1 close local parts."""
    locals_ = derivations.local(keys)
    same, length = codes_of(locals_), pc.utf8_length(locals_).to_numpy(zero_copy_only=False)

    def compare(a: Rows, b: Rows) -> Bits:
        one, other = pa.array(a), pa.array(b)
        near = scores(locals_.take(one).to_pylist(), locals_.take(other).to_pylist(), JaroWinkler.similarity)
        whole = keys.take(one).to_pylist(), keys.take(other).to_pylist()
        edits = scores_where(near >= 0.75, *whole, DamerauLevenshtein.distance, FAR)
        alike = (same[a] == same[b]) | ((edits <= 2) & (np.maximum(length[a], length[b]) > 4))
        return np.where(alike, 2, near >= 0.92).astype(np.uint8)

    return compare


def codes_of(keys: pa.Array) -> npt.NDArray[np.int32]:
    """A number for each different value."""
    return np.asarray(pc.dictionary_encode(keys).indices.to_numpy(zero_copy_only=False), np.int32)


def listed_forms(keys: pa.Array) -> Screen:
    """Whether one given name is a listed short form of the other."""
    one, other = (pc.index_in(pa.array(names, pa.string()), value_set=keys) for names in listed_pairs())
    there = pc.and_(one.is_valid(), other.is_valid())
    a, b = (codes.filter(there).to_numpy(zero_copy_only=False).astype(np.int64) for codes in (one, other))
    known = np.unique(np.append(np.minimum(a, b) * len(keys) + np.maximum(a, b), np.iinfo(np.int64).max))
    has = np.zeros(len(keys), bool)
    has[a], has[b] = True, True

    def listed(one: Rows, other: Rows) -> Mask:
        found: Mask = has[one] & has[other]
        at = np.flatnonzero(found)
        cell = np.minimum(one[at], other[at]).astype(np.int64) * len(keys) + np.maximum(one[at], other[at])
        found[at] = known[np.searchsorted(known, cell)] == cell
        return found

    return listed
