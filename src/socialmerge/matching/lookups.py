"""Lookups: under which tokens customers are indexed and profiles looked up, so that a bare handle finds its candidates.

A customer is indexed under the forms that a handle of theirs is likely to take, and under what is written on the
record. A profile is looked up under its names and strings and, where a string is no whole form, under the parts of it
that are one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.tokens import join_tokens
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.characters import squeeze
from socialmerge.normalise.nicknames import nicknames_of
from socialmerge.records import PersonName

__all__ = ["candidates"]

Ints = npt.NDArray[np.int64]

MOST_CUSTOMERS = 200
"""A token that more customers share is looked up no further: their full names and handles find them."""
MOST_BY_PART = 40
"""The same for a token that is only a part of a handle."""
SHORTEST_PART = 4
LONGEST_WHOLE = 64
"""Characters of a handle whose parts are looked up: their number is its square."""


def candidates(profiles: ChainSide, customers: ChainSide) -> tuple[Ints, Ints]:
    """Pairs of rows worth weighing: profile rows and customer rows, each pair once."""
    indexed = [list(tokens) for tokens in _rows(customers, profile=False)]
    left, right, _ = join_tokens(
        [list(tokens) for tokens in _rows(profiles, profile=True)], indexed, most=MOST_CUSTOMERS
    )
    forms = {token for tokens in indexed for token in tokens if token.startswith("h:")}
    parts = [[token for token in _parts(profiles, row) if token in forms] for row in range(len(profiles.name))]
    more_left, more_right, _ = join_tokens(parts, indexed, most=MOST_BY_PART)
    both = np.unique(np.stack([np.r_[left, more_left], np.r_[right, more_right]], axis=1), axis=0)
    return both[:, 0], both[:, 1]


def _rows(side: ChainSide, *, profile: bool) -> Iterator[Iterator[str]]:
    of_name = [list(_name_tokens(name, profile=profile)) for name in side.names]
    for row, code in enumerate(side.name.tolist()):
        yield _row_tokens(side, row, of_name[code] if code >= 0 else [])


def _row_tokens(side: ChainSide, row: int, of_name: list[str]) -> Iterator[str]:
    yield from of_name
    for string in range(side.start[row], side.start[row + 1]):
        if side.text[string] >= 0:
            text = side.texts[side.text[string]]
            yield f"h:{text}"
            core = text.strip("0123456789")
            if len(core) >= SHORTEST_PART:
                yield f"h:{core}"
        for column in (side.key, side.wider):
            if column[string] >= 0:
                yield f"k:{side.keys[column[string]]}"


def _name_tokens(name: PersonName, *, profile: bool) -> Iterator[str]:
    """Names in both orders, family names alone, given names with an initial; for customers also the usual handles."""
    given, family = squeeze(name.given), squeeze(name.family)
    if given and family:
        yield f"n:{min(given, family)}|{max(given, family)}"
        for word in {family, *map(squeeze, name.family.split())}:
            yield f"f:{word}"
            yield f"i:{given[0]}|{word}"
        for first in {given, squeeze(name.nickname), squeeze(name.middle)} - {""}:
            yield f"g:{first}|{family[0]}"
        for other in nicknames_of(name.given):
            yield f"g:{squeeze(other)}|{family[0]}"
    else:
        yield f"h:{given or family}"
        yield f"f:{given or family}"
    if not profile and given and family:
        for first in {given, squeeze(name.nickname)} - {""}:
            for form in (
                first + family,
                family + first,
                first[0] + family,
                first + family[0],
                family + first[0],
                family,
                first,
            ):
                if len(form) >= SHORTEST_PART:
                    yield f"h:{form}"


def _parts(side: ChainSide, row: int) -> set[str]:
    """Every part of the row's strings that could be a form."""
    found = set()
    for string in range(side.start[row], side.start[row + 1]):
        text = side.texts[side.text[string]][:LONGEST_WHOLE] if side.text[string] >= 0 else ""
        for begin in range(len(text)):
            for end in range(begin + SHORTEST_PART, len(text) + 1):
                found.add(f"h:{text[begin:end]}")
    return found
