"""The words of names: what is looked at before they are compared, and how common each is in a population."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.matching.chain_names import placed
from socialmerge.matching.characters import Floats, Hashes, Ints, Strings
from socialmerge.matching.population import NameRates, Population
from socialmerge.normalise.nicknames import looks_like_given, nicknames_of
from socialmerge.normalise.texts import Texts

__all__ = ["Signatures", "Words", "pair_bits"]

Flags = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

_AT_ONCE = 1 << 16
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SYMBOLS = np.uint64(37)
_BEGINNING = 3  # symbols that a short form and its full form share, where none of our lists holds the two


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is looked at of squeezed strings before they are compared; the last row is that of no string.

    ``pairs`` has a bit for each two symbols that follow each other: where a bit of one string is not in the other, the
    one is no part of the other. ``symbols`` has a bit for each symbol.
    """

    hashes: Hashes
    length: Octets
    first: Octets  # the first symbol
    beginning: Hashes  # the hash of the first symbols
    pairs: Hashes
    symbols: Hashes

    @classmethod
    def of(cls, texts: Texts) -> Signatures:
        """Look at each string once.

        >>> found = Signatures.of(Texts(pa.array(["ann", "hannah", "bob"])))
        >>> ((found.pairs[[0, 2]] & ~found.pairs[1]) == 0).tolist()
        [True, False]
        """
        parts = [_signed(Strings.of(texts[at : at + _AT_ONCE])) for at in range(0, len(texts), _AT_ONCE)]
        return cls(*(np.concatenate(column) for column in zip(*parts, _nothing(), strict=True)))


@cache
def _nothing() -> tuple[Hashes, Octets, Octets, Hashes, Hashes, Hashes]:
    return _signed(Strings.of([""]))


def _signed(strings: Strings) -> tuple[Hashes, Octets, Octets, Hashes, Hashes, Hashes]:
    codes = strings.codes.astype(np.uint64)
    pairs, symbols = np.zeros(len(codes), dtype=np.uint64), np.zeros(len(codes), dtype=np.uint64)
    for at in range(codes.shape[1]):
        symbols |= np.where(codes[:, at] > 0, np.uint64(1) << codes[:, at], np.uint64(0))
    for at in range(codes.shape[1] - 1):
        pairs |= pair_bits(strings.codes[:, at], strings.codes[:, at + 1])
    beginning = strings.prefix[:, min(_BEGINNING, codes.shape[1])]
    return strings.whole(), strings.length.astype(np.uint8), strings.codes[:, 0], beginning, pairs, symbols


def pair_bits(one: Octets, other: Octets) -> Hashes:
    """The bit of each two symbols that follow each other; no bit where the second is none."""
    bit = ((one * _SYMBOLS + other) * _SPREAD) >> np.uint64(58)
    return np.where(other > 0, np.uint64(1) << bit, np.uint64(0))


@dataclass(frozen=True, slots=True)
class Words:
    """The distinct words of the names of both sides; every array but ``listed`` has one row more, for no word."""

    texts: Texts
    signed: Signatures
    given: Floats  # how common each is as a given name
    family: Floats
    initial: Floats  # how common its first letter is among given names
    listed: Ints  # keys of two words that a list of nicknames holds together, sorted

    @classmethod
    def of(cls, texts: Texts, population: Population) -> Words:
        """Rate the words of a population."""
        signed = Signatures.of(texts)
        rates = _rates(texts, population.given), _rates(texts, population.family)
        return cls(texts, signed, *rates, population.given.initial[signed.first], _listed(texts))

    def are_listed(self, one: Ints, other: Ints) -> Flags:
        """Whether a list of nicknames holds two words together, either being the short form."""
        key = one * len(self.texts) + other
        if not len(self.listed):
            return np.zeros(len(key), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self.listed, key), len(self.listed) - 1)
        found: Flags = self.listed[place] == key
        return found

    def may_be_forms(self, one: Ints, other: Ints) -> Flags:
        """Whether two given names may be forms of one: where it does not hold, they are not."""
        beginning = self.signed.beginning
        alike: Flags = (beginning[one] == beginning[other]) & (self.signed.length[one] >= _BEGINNING)
        return alike | self.are_listed(one, other)

    def may_be_a_slip_apart(self, one: Ints, other: Ints) -> Flags:
        """Whether two words may be one edit apart: where it does not hold, they are not."""
        length = self.signed.length.astype(np.int8)
        near: Flags = np.abs(length[one] - length[other]) <= 1
        near &= np.bitwise_count(self.signed.symbols[one] ^ self.signed.symbols[other]) <= 2
        return near


def _rates(texts: Texts, rates: NameRates) -> Floats:
    parts = [rates.of_strings(Strings.of(texts[at : at + _AT_ONCE])) for at in range(0, len(texts), _AT_ONCE)]
    found: Floats = np.concatenate([*parts, np.ones(1)])
    return found


def _listed(texts: Texts) -> Ints:
    """Keys of every two words that are a nickname and its full form, either way round."""
    known = [(code, word) for code, word in enumerate(texts) if looks_like_given(word)]
    pairs = [(code, other) for code, word in known for other in sorted(nicknames_of(word))]
    others = placed(Texts(pa.array([other for _, other in pairs], pa.string())), texts).astype(np.int64)
    codes = np.array([code for code, _ in pairs], dtype=np.int64)
    return np.sort((codes * len(texts) + others)[others >= 0])
