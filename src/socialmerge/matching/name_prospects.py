"""A cheap look at pairs of names: which can be one person's by their names, before anything dear is asked of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.characters import Ints
from socialmerge.matching.vocabulary import Words

__all__ = ["may_be_one"]

Flags = npt.NDArray[np.bool_]


def may_be_one(words: Words, left: ChainNames, right: ChainNames, one: Ints, other: Ints) -> Flags:
    """Whether two names may be one person's written twice.

    They may not where both are whole and only the given or only the family name is the same: those are relatives and
    namesakes, and the same name of a person who changed the other says too little among many customers.

    Args:
        words: the words of both sides.
        left: names of the one side.
        right: names of the other.
        one: rows of ``left``.
        other: rows of ``right``.

    >>> from socialmerge.matching.population import Population
    >>> from socialmerge.records import PersonName
    >>> shown = [("bob", "lee"), ("robert", "lee"), ("xavier", "lee"), ("bob", "leee")]
    >>> names = ChainNames.of([PersonName("", given=g, family=f) for g, f in shown])
    >>> may_be_one(Words.of(names.words, Population.of(names)), names, names, np.zeros(4, int), np.arange(4)).tolist()
    [True, True, False, True]
    """
    (a, b), (f, g) = ((left.part(part)[one], right.part(part)[other]) for part in ("given", "family"))
    found: Flags = ~(left.full()[one] & right.full()[other])
    found |= (a == g) & (f == b)
    rows = np.flatnonzero((f == g) & ~found)
    found[rows] = _near_given(words, left, right, one[rows], other[rows])
    rows = np.flatnonzero((a == b) & ~found)
    found[rows] = words.may_be_a_slip_apart(f[rows], g[rows])
    rows = np.flatnonzero(~found & _share_a_word(left, right, one, other))
    found[rows] = _near_given(words, left, right, one[rows], other[rows])
    return found


def _near_given(words: Words, left: ChainNames, right: ChainNames, one: Ints, other: Ints) -> Flags:
    """Whether the given names are forms or initials of each other, a slip apart, or a middle name or nickname."""
    a, b = left.part("given")[one], right.part("given")[other]
    length, first = words.signed.length, words.signed.first
    found: Flags = (np.minimum(length[a], length[b]) == 1) & (first[a] == first[b])
    found |= words.may_be_forms(a.astype(np.int64), b.astype(np.int64)) | words.may_be_a_slip_apart(a, b)
    for part in ("middle", "nickname"):
        found |= (left.part(part)[one] == b) | (right.part(part)[other] == a)
    return found


def _share_a_word(left: ChainNames, right: ChainNames, one: Ints, other: Ints) -> Flags:
    """Whether a word of a family name of several is the other family name, or a word of it."""
    ends = ("family", "family1", "family2")
    found = np.zeros(len(one), dtype=np.bool_)
    several = np.flatnonzero((left.part("family1")[one] >= 0) | (right.part("family1")[other] >= 0))
    for x in ends:
        word = left.part(x)[one[several]]
        for y in ends:
            found[several] |= (word == right.part(y)[other[several]]) & (word >= 0)
    return found
