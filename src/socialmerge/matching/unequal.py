"""Unequal values: the level at which two different values of a feature agree, by their codes.

Dates, numbers and the like are turned into numbers once and compared as such. Where letters count, a sketch rules out
most pairs at the price of a few nanoseconds, and what it leaves open is compared once for each two values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking import derivations
from socialmerge.matching import similarity, spelled
from socialmerge.matching.own import similarity_of_own
from socialmerge.matching.screens import SCREENS
from socialmerge.matching.similarity import Bits, Similarity
from socialmerge.matching.spelled import ByCode, Screen, codes_of
from socialmerge.matching.words import WordCounts, words_of
from socialmerge.normalise.features import Feature

__all__ = ["ByCode", "by_code"]

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

FEW = 2_000
"""Of so few values the levels of all pairs are kept once they are known."""


def by_code(feature: Feature, known: WordCounts | None = None) -> ByCode:
    """How unequal values of a feature compare: a function from two arrays of codes to levels.

    ``known`` are the words of texts as they were counted before; those of the feature's own values when left out.
    """
    kind = feature.comparison
    if kind in _NONE:
        return _different
    if kind in _NUMBERS:
        return _NUMBERS[kind](feature.column)
    keys = derivations.letters(feature.column) if kind == "account" else feature.column
    compared = _compared(feature, keys, known)
    if len(feature.values) <= FEW:
        return _remembered(compared, len(feature.values))
    return _each_once(compared, SCREENS[kind](keys) if kind in SCREENS else None, len(feature.values))


def _compared(feature: Feature, keys: pa.Array, known: WordCounts | None) -> ByCode:
    """Compare the keys themselves."""
    if feature.comparison == "own":
        return _by_text(similarity_of_own(feature.own), keys)
    if feature.comparison in _SPELLED:
        return _SPELLED[feature.comparison](keys)
    if feature.comparison in similarity.SIMILARITIES:
        return _by_text(similarity.SIMILARITIES[feature.comparison], keys)
    return _by_words(keys, known)


_NONE = frozenset(["suffix", "nickname", "alias", "mailbox", "unit", "state", "country", "category"])
"""Kinds of which unequal values are different."""
_SPELLED: Mapping[str, Callable[[pa.Array], ByCode]] = {"given": spelled.given, "email": spelled.email}


def _by_text(compare: Similarity, keys: pa.Array) -> ByCode:
    return lambda a, b: compare(keys.take(pa.array(a)).to_pylist(), keys.take(pa.array(b)).to_pylist())


def _by_words(keys: pa.Array, known: WordCounts | None) -> ByCode:
    """Text compares by its words weighted by rarity (TF-IDF cosine) or by edits, whichever is the better."""
    words = words_of(keys, known)

    def compare(a: Rows, b: Rows) -> Bits:
        texts = keys.take(pa.array(a)).to_pylist(), keys.take(pa.array(b)).to_pylist()
        return similarity.tokens_cosine(*texts, words.cosine(a, b))

    return compare


def _different(a: Rows, b: Rows) -> Bits:
    del b
    return np.zeros(len(a), np.uint8)


def _remembered(compare: ByCode, values: int) -> ByCode:
    """Keep the level of each pair of a few values."""
    unknown = np.uint8(255)
    table = np.full(values * values, unknown)

    def remembered(a: Rows, b: Rows) -> Bits:
        cell = np.minimum(a, b).astype(np.int64) * values + np.maximum(a, b)
        level = table[cell]
        fresh = np.unique(cell[level == unknown])
        if len(fresh):
            table[fresh] = compare((fresh // values).astype(np.int32), (fresh % values).astype(np.int32))
            level = table[cell]
        return level

    return remembered


def _each_once(compare: ByCode, screen: Screen | None, values: int) -> ByCode:
    """Compare each two values once, and only those that the screen leaves open."""

    def once(a: Rows, b: Rows) -> Bits:
        level = np.zeros(len(a), np.uint8)
        left_open = np.arange(len(a)) if screen is None else np.flatnonzero(screen(a, b))
        one, other = a[left_open], b[left_open]
        cell = np.minimum(one, other).astype(np.int64) * values + np.maximum(one, other)
        order = np.argsort(cell)
        ranked = cell[order]
        first = np.flatnonzero(np.diff(ranked, prepend=-1))
        found = compare((ranked[first] // values).astype(np.int32), (ranked[first] % values).astype(np.int32))
        level[left_open[order]] = np.repeat(found, np.diff(np.append(first, len(ranked))))
        return level

    return once


# ------------------------------------------------------------------------------------------------------------- numbers
@dataclass(frozen=True, slots=True)
class _Dates:
    """Dates as numbers: eight digits of four bits each, and days, near enough to tell a year from ten."""

    digits: npt.NDArray[np.uint32]
    days: Codes

    @classmethod
    def of(cls, keys: pa.Array) -> _Dates:
        number = pc.cast(keys, pa.int64()).to_numpy(zero_copy_only=False)
        digits = np.zeros(len(number), np.uint32)
        for place in range(8):
            digits |= (number // 10**place % 10).astype(np.uint32) << np.uint32(4 * place)
        days = number // 10000 * 365 + number // 100 % 100 * 30 + number % 100
        return cls(digits, days.astype(np.int32))


def _date(keys: pa.Array) -> ByCode:
    """4 a digit differs or two are swapped, or day and month; 3 same year, or same day; 2 within a year; 1 ten."""
    known = _Dates.of(keys)

    def compare(a: Rows, b: Rows) -> Bits:
        one, other = known.digits[a], known.digits[b]
        apart = np.abs(known.days[a] - known.days[b])
        level: Bits = (apart <= 3653).astype(np.uint8)
        level[apart <= 366] = 2
        differ = one ^ other
        month, day = (one >> np.uint32(8)) & np.uint32(0xFF), one & np.uint32(0xFF)
        same_year = (differ >> np.uint32(16)) == 0
        level[same_year | (((differ & np.uint32(0xFFFF)) == 0) & (month > 0) & (day > 0))] = 3
        turned = ((other & np.uint32(0xFF)) == month) & (((other >> np.uint32(8)) & np.uint32(0xFF)) == day)
        level[_one_slip(one, other, differ) | (same_year & turned)] = 4
        return level

    return compare


def _one_slip(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32], differ: npt.NDArray[np.uint32]) -> Mask:
    """Whether eight digits differ in one place, or in two neighbours that changed places."""
    places = differ | (differ >> np.uint32(1))
    places |= places >> np.uint32(2)
    places &= np.uint32(0x11111111)  # the lowest bit of each digit that differs
    count = np.bitwise_count(places)
    lower = places & (places >> np.uint32(4))  # the lower one of two neighbours that differ
    neighbours = np.flatnonzero((count == 2) & (lower > 0))
    slip = np.asarray(count == 1)
    shift = np.bitwise_count(lower[neighbours] - np.uint32(1)).astype(np.uint32)
    a, b = one[neighbours] >> shift, other[neighbours] >> shift
    low, high = np.uint32(0xF), np.uint32(4)
    slip[neighbours] = ((a & low) == ((b >> high) & low)) & (((a >> high) & low) == (b & low))
    return slip


def _middle(keys: pa.Array) -> ByCode:
    """1 an initial of the other."""
    first = codes_of(pc.utf8_slice_codeunits(keys, 0, 1))
    short = np.asarray(pc.equal(pc.utf8_length(keys), 1).to_numpy(zero_copy_only=False))
    return lambda a, b: ((first[a] == first[b]) & (short[a] | short[b])).astype(np.uint8)


def _url(keys: pa.Array) -> ByCode:
    """1 same host."""
    host = codes_of(derivations.host(keys))
    return lambda a, b: (host[a] == host[b]).astype(np.uint8)


def _number(keys: pa.Array) -> ByCode:
    """1 within one part in a thousand: the year before, a rounded price."""
    numbers = np.array([_float(key) for key in keys.to_pylist()], np.float64)

    def compare(a: Rows, b: Rows) -> Bits:
        one, other = numbers[a], numbers[b]
        with np.errstate(invalid="ignore"):
            return (np.abs(one - other) <= 0.001 * np.maximum(np.abs(one), np.abs(other))).astype(np.uint8)

    return compare


def _float(key: str) -> float:
    try:
        return float(key.replace(" ", ""))
    except ValueError:
        return float("nan")


_NUMBERS: Mapping[str, Callable[[pa.Array], ByCode]] = {
    "date": _date,
    "middle": _middle,
    "url": _url,
    "number": _number,
}
