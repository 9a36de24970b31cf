"""How much two names say for one person: the way one could be written for the other, and how rare what they share is.

Each pair of names falls in one *variant*; its weight is the variant's share among names of one person over the chance
that another person, drawn from the population, would have a name so alike. Shares are fitted by EM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import cpdist

from socialmerge.matching.characters import Floats, Ints, Strings, squeeze
from socialmerge.matching.population import NameRates, Population
from socialmerge.normalise.nicknames import same_nickname
from socialmerge.records import PersonName

__all__ = ["NameEvidence", "NameTokens", "Variant", "start_variants", "variants"]

Flags = npt.NDArray[np.bool_]


class Variant(IntEnum):
    """How one name relates to another."""

    EXACT = 0
    NICKNAME = 1
    INITIAL = 2
    MIDDLE = 3  # one goes by the middle name
    CLOSE = 4  # a slip of the pen
    SWAPPED = 5
    FAMILY_PART = 6  # one word of a compound family name
    FAMILY_ONLY = 7  # the given name is missing or differs
    GIVEN_ONLY = 8  # the family name is missing or differs
    DIFFERENT = 9
    UNKNOWN = 10  # a side has no name: says nothing


_START = np.array([0.74, 0.07, 0.025, 0.02, 0.025, 0.01, 0.02, 0.02, 0.03, 0.04])
_STRENGTH = 100.0  # pairs that the start shares count for
_TOGETHER = 1.0  # bits: given and family names of one language go together
_FORMS = 2.0  # bits: which of the forms of a name is used
_SLIPS = 4.0  # bits: which slip it was, after what is lost to the commoner of the two spellings
_SUFFIX_DIFFERS = -8.0
_SUFFIX_AGREES = 2.0
_MIDDLE_DIFFERS = -3.0
_NOTHING_SHARED = -2.0
_RELATIVES = 5.0  # bits: who shares a family name and no given name is a relative more often than renamed
_MOST_FAMILY, _MOST_GIVEN, _MOST_MIDDLE = 3.0, 6.0, 8.0  # bits that one shared name is worth at most
_SHOWN_ALONE = 4.0  # bits: a given name shown alone differs in nothing; undoes most of the variant's small share


@dataclass(frozen=True, slots=True)
class NameTokens:
    """Distinct names of one side as codes into the tokens of both sides; -1 where a part is missing."""

    given: Ints
    middle: Ints
    family: Ints
    nickname: Ints
    suffix: Ints
    words: tuple[Ints, Ints]  # first and last word of the family name
    person: Flags


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """For pairs of names: the variant, and the bits that it is worth before its share."""

    variant: npt.NDArray[np.int8]
    bits: Floats

    def weights(self, shares: Floats) -> Floats:
        """Bits with the variant's share; 0 where a name is unknown."""
        share = np.append(np.log2(shares), 0.0)
        found: Floats = self.bits + share[self.variant]
        return found

    def fit(self, shares: Floats, weight: Floats) -> Floats:
        """Shares of the variants among pairs, each with the probability that it is one person."""
        del shares  # shares multiply, one variant a pair: the expected counts do not depend on them
        counts = np.bincount(self.variant, weight, minlength=len(Variant))[: len(_START)]
        fitted: Floats = (counts + _STRENGTH * start_variants()) / (counts.sum() + _STRENGTH)
        return fitted


def start_variants() -> Floats:
    """Shares of the variants among names of one person, before any data is seen."""
    shares: Floats = _START / _START.sum()
    return shares


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The distinct tokens of both sides, and how common each is as a given and as a family name."""

    texts: tuple[str, ...]
    given: Floats
    family: Floats
    initial: Floats  # how common its first letter is among given names
    first: Ints  # its first letter
    length: Ints


def variants(
    left: Sequence[PersonName], right: Sequence[PersonName], population: Population, pairs: tuple[Ints, Ints]
) -> NameEvidence:
    """Compare pairs of names.

    Args:
        left: distinct names of one side.
        right: distinct names of the other side.
        population: how common names are.
        pairs: rows of ``left`` and of ``right``; -1 is no name.

    >>> bob = PersonName("Bob Lee", given="bob", family="lee")
    >>> people = [bob, PersonName("Robert Lee", given="robert", family="lee")]
    >>> found = variants(people, people, Population.of(people), (np.array([0, 0]), np.array([0, 1])))
    >>> [Variant(v).name for v in found.variant]
    ['EXACT', 'NICKNAME']
    """
    if (pairs[0] < 0).all() or (pairs[1] < 0).all():
        return NameEvidence(np.full(len(pairs[0]), int(Variant.UNKNOWN), dtype=np.int8), np.zeros(len(pairs[0])))
    codes: dict[str, int] = {}
    sides = [_tokens_of(names, codes) for names in (left, right)]
    tokens = _describe(tuple(codes), population)
    width = len(right) + 1
    distinct, back = np.unique((pairs[0] + 1) * width + pairs[1] + 1, return_inverse=True)
    one, other = distinct // width - 1, distinct % width - 1
    found = _compare(sides[0], sides[1], tokens, one, other)
    return NameEvidence(found.variant[back], found.bits[back])


def _tokens_of(names: Sequence[PersonName], codes: dict[str, int]) -> NameTokens:
    def code(text: str) -> int:
        return codes.setdefault(text, len(codes)) if text else -1

    def column(texts: list[str]) -> Ints:
        return np.array([code(squeeze(t)) for t in texts] + [-1], dtype=np.int64)  # row -1: no name

    words = [n.family.split() if " " in n.family else [""] for n in names]
    return NameTokens(
        column([n.given for n in names]),
        column([n.middle for n in names]),
        column([n.family for n in names]),
        column([n.nickname for n in names]),
        column([n.suffix for n in names]),
        (column([w[0] for w in words]), column([w[-1] for w in words])),
        np.array([not n.is_organisation for n in names] + [False], dtype=np.bool_),
    )


def _describe(texts: tuple[str, ...], population: Population) -> _Tokens:
    strings = Strings.of(texts)

    def rate(rates: NameRates) -> Floats:
        return np.append(rates.of_strings(strings), 1.0)

    first = np.append(strings.codes[:, 0], 0) if len(texts) else np.zeros(1, dtype=np.int64)
    return _Tokens(
        texts,
        rate(population.given),
        rate(population.family),
        population.given.initial[first],
        first,
        np.append(strings.length, 0),
    )


def _compare(left: NameTokens, right: NameTokens, tokens: _Tokens, one: Ints, other: Ints) -> NameEvidence:
    """Sort distinct pairs of names into variants: the best that holds."""
    a, b = left.given[one], right.given[other]
    f, g = left.family[one], right.family[other]
    known = left.person[one] & right.person[other] & ((a >= 0) | (f >= 0)) & ((b >= 0) | (g >= 0))
    cases = _cases(left, right, tokens, one, other)
    conditions = [~known, *(holds for holds, _, _ in cases)]
    kinds = np.select(conditions, [int(Variant.UNKNOWN), *(int(v) for _, v, _ in cases)], int(Variant.DIFFERENT))
    bits = np.select(conditions, [np.zeros(len(one)), *(worth for _, _, worth in cases)], _NOTHING_SHARED)
    more = _middle(left, right, tokens, one, other) + _suffix(left, right, one, other)
    return NameEvidence(kinds.astype(np.int8), np.where(known, bits + more, 0.0))


def _cases(
    left: NameTokens, right: NameTokens, tokens: _Tokens, one: Ints, other: Ints
) -> list[tuple[Flags, Variant, Floats]]:
    """Where each variant holds, the most telling first, and the bits of what the names share."""
    a, b, f, g = left.given[one], right.given[other], left.family[one], right.family[other]
    both_given, both_family = (a >= 0) & (b >= 0), (f >= 0) & (g >= 0)
    given, family = both_given & (a == b), both_family & (f == g)
    # what is shared is as rare as the commoner of two spellings: the rarer is usually the slip
    rare = -np.log2(np.maximum(tokens.given[a], tokens.given[b]))
    rare_family = -np.log2(np.maximum(tokens.family[f], tokens.family[g])) - _TOGETHER
    letter = -np.log2(tokens.initial[a])
    initial = both_given & ~given & (np.minimum(tokens.length[a], tokens.length[b]) == 1)
    initial &= tokens.first[a] == tokens.first[b]
    part, rare_part = _family_part(left, right, tokens, one, other)
    nickname = _other_form(left, right, tokens, one, other, related=family | part)
    slip_given, slip_family = _slip(tokens, a, b), _slip(tokens, f, g)
    alike = np.select([given, initial], [rare, letter], rare - _SLIPS)
    alone = np.where(both_given, np.minimum(rare_family - _RELATIVES, _MOST_FAMILY), rare_family)
    renamed = np.where(both_family, np.minimum(rare - 1.0, _MOST_GIVEN), rare + _SHOWN_ALONE)
    by_middle = np.minimum(-np.log2(np.minimum(tokens.given[a], tokens.given[b])), _MOST_MIDDLE)
    return [
        (family & given, Variant.EXACT, rare + rare_family),
        (family & nickname, Variant.NICKNAME, -np.log2(tokens.given[a]) - _FORMS + rare_family),
        (family & initial, Variant.INITIAL, letter + rare_family + _TOGETHER),
        (family & _by_middle(left, right, one, other), Variant.MIDDLE, by_middle + rare_family),
        ((a >= 0) & (f >= 0) & (a == g) & (f == b), Variant.SWAPPED, rare + rare_family),
        ((slip_given & family) | (given & slip_family), Variant.CLOSE, rare + rare_family - _SLIPS),
        (part & (given | nickname | initial | slip_given), Variant.FAMILY_PART, alike + rare_part - _TOGETHER),
        (family, Variant.FAMILY_ONLY, alone),
        (given, Variant.GIVEN_ONLY, renamed),
    ]


def _other_form(
    left: NameTokens, right: NameTokens, tokens: _Tokens, one: Ints, other: Ints, *, related: Flags
) -> Flags:
    """Whether the given names are forms of one name, or one is the nickname that the other shows."""
    a, b = left.given[one], right.given[other]
    found = np.zeros(len(one), dtype=np.bool_)
    maybe = np.flatnonzero((a != b) & (a >= 0) & (b >= 0) & related)
    if len(maybe):
        key, back = np.unique(a[maybe] * len(tokens.texts) + b[maybe], return_inverse=True)
        pairs = zip(*(side.tolist() for side in np.divmod(key, len(tokens.texts))), strict=True)
        same = [same_nickname(tokens.texts[i], tokens.texts[j]) for i, j in pairs]
        found[maybe] = np.array(same, dtype=np.bool_)[back]
    shown = ((left.nickname[one] == b) & (b >= 0)) | ((right.nickname[other] == a) & (a >= 0))
    either: Flags = (found | shown) & (a != b)
    return either


def _by_middle(left: NameTokens, right: NameTokens, one: Ints, other: Ints) -> Flags:
    a, b = left.given[one], right.given[other]
    m, n = left.middle[one], right.middle[other]
    found: Flags = ((m == b) & (b >= 0)) | ((n == a) & (a >= 0))
    return found


def _family_part(left: NameTokens, right: NameTokens, tokens: _Tokens, one: Ints, other: Ints) -> tuple[Flags, Floats]:
    """Whether a word of one family name is in the other, and how rare it is."""
    f, g = left.family[one], right.family[other]
    found = np.zeros(len(one), dtype=np.bool_)
    bits = np.zeros(len(one))
    trials = [(w[one], g) for w in left.words] + [(w[other], f) for w in right.words]
    trials += [(x[one], y[other]) for x in left.words for y in right.words]
    for x, y in trials:
        same = (x == y) & (x >= 0) & (tokens.length[x] > 2)
        bits = np.where(same, np.maximum(bits, -np.log2(tokens.family[x])), bits)
        found |= same
    return found, bits


def _slip(tokens: _Tokens, a: Ints, b: Ints) -> Flags:
    """Whether two tokens are one slip apart: a letter more, less, other, or two exchanged."""
    close = np.abs(tokens.length[a] - tokens.length[b]) <= 1
    maybe = np.flatnonzero(
        (a != b) & (a >= 0) & (b >= 0) & close & (np.minimum(tokens.length[a], tokens.length[b]) > 2)
    )
    found = np.zeros(len(a), dtype=np.bool_)
    if len(maybe):
        pairs, back = np.unique(np.stack([a[maybe], b[maybe]]), axis=1, return_inverse=True)
        texts = [[tokens.texts[i] for i in side.tolist()] for side in pairs]
        apart = cpdist(texts[0], texts[1], scorer=DamerauLevenshtein.distance, score_cutoff=1, dtype=np.uint8)
        found[maybe] = (apart <= 1)[back.reshape(-1)]
    return found


def _middle(left: NameTokens, right: NameTokens, tokens: _Tokens, one: Ints, other: Ints) -> Floats:
    """Bits of the middle names, where both sides show one."""
    m, n = left.middle[one], right.middle[other]
    both = (m >= 0) & (n >= 0)
    short = np.minimum(tokens.length[m], tokens.length[n]) == 1
    agree = (tokens.first[m] == tokens.first[n]) & short
    letter = -np.log2(tokens.initial[m]) - 0.2
    exact = np.minimum(-np.log2(tokens.given[m]) - 0.5, 7.0)
    found: Floats = np.where(both, np.select([(m == n) & ~short, agree], [exact, letter], _MIDDLE_DIFFERS), 0.0)
    return found


def _suffix(left: NameTokens, right: NameTokens, one: Ints, other: Ints) -> Floats:
    """Bits of Jr, Sr, II ..., where both sides show one."""
    s, t = left.suffix[one], right.suffix[other]
    found: Floats = np.where((s >= 0) & (t >= 0), np.where(s == t, _SUFFIX_AGREES, _SUFFIX_DIFFERS), 0.0)
    return found
