"""How much two names say for one person: the way one could be written for the other, and how rare what they share is.

Each pair of names falls in one *variant*; its weight is the variant's share among names of one person over the chance
that another person, drawn from the population, would have a name so alike. Shares are fitted by EM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import cpdist

from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.characters import Floats, Ints
from socialmerge.matching.vocabulary import Words
from socialmerge.normalise.nicknames import same_nickname
from socialmerge.normalise.texts import Texts

__all__ = ["NameEvidence", "Variant", "start_variants", "variants"]

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
_TOO_SHORT = 2  # symbols of a word of which a part or a slip says nothing
_SHOWN_ALONE = 4.0  # bits: a given name shown alone differs in nothing; undoes most of the variant's small share


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
class _Pairs:
    """Pairs of names, and the words of both."""

    words: Words
    left: ChainNames
    right: ChainNames
    one: Ints
    other: Ints

    def part(self, part: str) -> tuple[Ints, Ints]:
        """The words that the left and the right names have for a part, -1 where it is missing."""
        return _of(self.left, part, self.one), _of(self.right, part, self.other)

    def people(self) -> Flags:
        """Where both are people's."""
        either = [
            np.append(side.person, np.False_)[at] for side, at in ((self.left, self.one), (self.right, self.other))
        ]
        both: Flags = either[0] & either[1]
        return both


def _of(names: ChainNames, part: str, rows: Ints) -> Ints:
    return np.append(names.part(part), np.int32(-1))[rows].astype(np.int64)


def variants(words: Words, left: ChainNames, right: ChainNames, pairs: tuple[Ints, Ints]) -> NameEvidence:
    """Compare pairs of names.

    Args:
        words: the words of both sides.
        left: distinct names of one side.
        right: distinct names of the other side.
        pairs: rows of ``left`` and of ``right``; -1 is no name.

    >>> from socialmerge.matching.population import Population
    >>> from socialmerge.records import PersonName
    >>> bob = PersonName("Bob Lee", given="bob", family="lee")
    >>> people = ChainNames.of([bob, PersonName("Robert Lee", given="robert", family="lee")])
    >>> words = Words.of(people.words, Population.of(people))
    >>> found = variants(words, people, people, (np.array([0, 0]), np.array([0, 1])))
    >>> [Variant(v).name for v in found.variant]
    ['EXACT', 'NICKNAME']
    """
    width = len(right) + 1
    distinct, back = np.unique((pairs[0] + 1).astype(np.int64) * width + pairs[1] + 1, return_inverse=True)
    found = _compare(_Pairs(words, left, right, distinct // width - 1, distinct % width - 1))
    return NameEvidence(found.variant[back], found.bits[back])


def _compare(pairs: _Pairs) -> NameEvidence:
    """Sort distinct pairs of names into variants: the best that holds."""
    (a, b), (f, g) = pairs.part("given"), pairs.part("family")
    known = pairs.people() & ((a >= 0) | (f >= 0)) & ((b >= 0) | (g >= 0))
    cases = _cases(pairs)
    conditions = [~known, *(holds for holds, _, _ in cases)]
    kinds = np.select(conditions, [int(Variant.UNKNOWN), *(int(v) for _, v, _ in cases)], int(Variant.DIFFERENT))
    bits = np.select(conditions, [np.zeros(len(a)), *(worth for _, _, worth in cases)], _NOTHING_SHARED)
    more = _middle(pairs) + _suffix(pairs)
    return NameEvidence(kinds.astype(np.int8), np.where(known, bits + more, 0.0))


def _cases(pairs: _Pairs) -> list[tuple[Flags, Variant, Floats]]:
    """Where each variant holds, the most telling first, and the bits of what the names share."""
    words, length = pairs.words, pairs.words.signed.length
    (a, b), (f, g) = pairs.part("given"), pairs.part("family")
    both_given, both_family = (a >= 0) & (b >= 0), (f >= 0) & (g >= 0)
    given, family = both_given & (a == b), both_family & (f == g)
    # what is shared is as rare as the commoner of two spellings: the rarer is usually the slip
    rare = -np.log2(np.maximum(words.given[a], words.given[b]))
    rare_family = -np.log2(np.maximum(words.family[f], words.family[g])) - _TOGETHER
    letter = -np.log2(words.initial[a])
    initial = both_given & ~given & (np.minimum(length[a], length[b]) == 1)
    initial &= words.signed.first[a] == words.signed.first[b]
    part, rare_part = _family_part(pairs)
    nickname = _other_form(pairs, related=family | part)
    slip_given, slip_family = _slip(words, a, b, where=family | part), _slip(words, f, g, where=given)
    alike = np.select([given, initial], [rare, letter], rare - _SLIPS)
    alone = np.where(both_given, np.minimum(rare_family - _RELATIVES, _MOST_FAMILY), rare_family)
    renamed = np.where(both_family, np.minimum(rare - 1.0, _MOST_GIVEN), rare + _SHOWN_ALONE)
    by_middle = np.minimum(-np.log2(np.minimum(words.given[a], words.given[b])), _MOST_MIDDLE)
    return [
        (family & given, Variant.EXACT, rare + rare_family),
        (family & nickname, Variant.NICKNAME, -np.log2(words.given[a]) - _FORMS + rare_family),
        (family & initial, Variant.INITIAL, letter + rare_family + _TOGETHER),
        (family & _by_middle(pairs), Variant.MIDDLE, by_middle + rare_family),
        ((a >= 0) & (f >= 0) & (a == g) & (f == b), Variant.SWAPPED, rare + rare_family),
        ((slip_given & family) | (given & slip_family), Variant.CLOSE, rare + rare_family - _SLIPS),
        (part & (given | nickname | initial | slip_given), Variant.FAMILY_PART, alike + rare_part - _TOGETHER),
        (family, Variant.FAMILY_ONLY, alone),
        (given, Variant.GIVEN_ONLY, renamed),
    ]


def _other_form(pairs: _Pairs, *, related: Flags) -> Flags:
    """Whether the given names are forms of one name, or one is the nickname that the other shows."""
    words = pairs.words
    (a, b), shown = pairs.part("given"), pairs.part("nickname")
    asked = np.flatnonzero((a != b) & (a >= 0) & (b >= 0) & related)
    maybe = asked[words.may_be_forms(a[asked], b[asked])]
    found = np.zeros(len(a), dtype=np.bool_)
    found[maybe] = _distinctly(words.texts, a[maybe], b[maybe], _same_nicknames)
    either: Flags = (found | ((shown[0] == b) & (b >= 0)) | ((shown[1] == a) & (a >= 0))) & (a != b)
    return either


def _same_nicknames(left: list[str], right: list[str]) -> Flags:
    return np.fromiter(map(same_nickname, left, right), np.bool_, len(left))


def _distinctly(texts: Texts, a: Ints, b: Ints, compare: Callable[[list[str], list[str]], Flags]) -> Flags:
    """What a comparison of two texts finds, asked once for each two different ones."""
    if not len(a):
        return np.zeros(0, dtype=np.bool_)
    key, back = np.unique(a * len(texts) + b, return_inverse=True)
    sides = [texts.column.take(pa.array(side)).to_pylist() for side in np.divmod(key, len(texts))]
    return compare(sides[0], sides[1])[back]


def _by_middle(pairs: _Pairs) -> Flags:
    (a, b), (m, n) = pairs.part("given"), pairs.part("middle")
    found: Flags = ((m == b) & (b >= 0)) | ((n == a) & (a >= 0))
    return found


def _family_part(pairs: _Pairs) -> tuple[Flags, Floats]:
    """Whether a word of one family name is in the other, and how rare it is."""
    words, (f, g) = pairs.words, pairs.part("family")
    found = np.zeros(len(f), dtype=np.bool_)
    bits = np.zeros(len(f))
    ends = [pairs.part(part) for part in ("family1", "family2")]
    trials = [(left, g) for left, _ in ends] + [(right, f) for _, right in ends]
    trials += [(left, right) for left, _ in ends for _, right in ends]
    for x, y in trials:
        same = (x == y) & (x >= 0) & (words.signed.length[x] > _TOO_SHORT)
        bits = np.where(same, np.maximum(bits, -np.log2(words.family[x])), bits)
        found |= same
    return found, bits


def _slip(words: Words, a: Ints, b: Ints, *, where: Flags) -> Flags:
    """Whether two words are one slip apart: a letter more, less, other, or two exchanged."""
    shorter = np.minimum(words.signed.length[a], words.signed.length[b])
    asked = np.flatnonzero(where & (a != b) & (a >= 0) & (b >= 0) & (shorter > _TOO_SHORT))
    maybe = asked[words.may_be_a_slip_apart(a[asked], b[asked])]
    found = np.zeros(len(a), dtype=np.bool_)
    found[maybe] = _distinctly(words.texts, a[maybe], b[maybe], _one_slip_apart)
    return found


def _one_slip_apart(left: list[str], right: list[str]) -> Flags:
    apart = cpdist(left, right, scorer=DamerauLevenshtein.distance, score_cutoff=1, dtype=np.uint8)
    found: Flags = apart <= 1
    return found


def _middle(pairs: _Pairs) -> Floats:
    """Bits of the middle names, where both sides show one."""
    words, (m, n) = pairs.words, pairs.part("middle")
    both = (m >= 0) & (n >= 0)
    short = np.minimum(words.signed.length[m], words.signed.length[n]) == 1
    agree = (words.signed.first[m] == words.signed.first[n]) & short
    letter = -np.log2(words.initial[m]) - 0.2
    exact = np.minimum(-np.log2(words.given[m]) - 0.5, 7.0)
    found: Floats = np.where(both, np.select([(m == n) & ~short, agree], [exact, letter], _MIDDLE_DIFFERS), 0.0)
    return found


def _suffix(pairs: _Pairs) -> Floats:
    """Bits of Jr, Sr, II ..., where both sides show one."""
    s, t = pairs.part("suffix")
    found: Floats = np.where((s >= 0) & (t >= 0), np.where(s == t, _SUFFIX_AGREES, _SUFFIX_DIFFERS), 0.0)
    return found
