"""Aliases: what a row's own e-mail address says of its name, and names that are handles.

Sign-ups and commit logs are full of rows whose name is a word, ``isaacj``, beside an address that spells the name out,
``isaac.joyner@...``; and of words that are somebody's address elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from socialmerge.normalise.features import Feature
from socialmerge.normalise.nicknames import looks_like_given
from socialmerge.normalise.texts import Texts

__all__ = ["enriched"]

SHORTEST = 3
WORTHWHILE = 0.1
"""Share of the words that must be somebody's address, or they are only misspelt names."""
_SEPARATORS = str.maketrans({"_": ".", "-": "."})


def enriched(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Fill in names from addresses, where a row has one word for a name or none, and add the words as aliases."""
    at = {feature.comparison: row for row, feature in enumerate(features)}
    if not {"given", "family", "email"} <= at.keys():
        return tuple(features)
    given, family, email = features[at["given"]], features[at["family"]], features[at["email"]]
    alias = _alias(given, family, email)
    found = list(features)
    found[at["given"]], found[at["family"]] = _named(given, family, email)
    return (*found, alias) if alias else tuple(found)


def _named(given: Feature, family: Feature, email: Feature) -> tuple[Feature, Feature]:
    """Given and family names with those that only the address spells out."""
    index = {value: code for code, value in enumerate(given.values)}
    names = list(given.values)
    usual = {names[code] for code in np.unique(given.codes[0, family.codes[0] >= 0]) if code >= 0}
    first, last = given.codes[0].copy(), family.codes[0].copy()
    spelt = [_spelt(value) for value in email.values]
    for row in np.flatnonzero((last < 0) & (email.codes[0] >= 0)).tolist():
        parts = spelt[email.codes[0, row]]
        own = names[first[row]] if first[row] >= 0 else ""
        if parts and (not own or own == parts[0] or not (own in usual or looks_like_given(own))):
            first[row] = index.setdefault(parts[0], len(index))
            last[row] = index.setdefault(parts[1], len(index))
    values = Texts(pa.array(list(index), pa.string()))
    return replace(given, codes=first[np.newaxis], values=values), replace(
        family, codes=last[np.newaxis], values=values
    )


def _spelt(address: str) -> tuple[str, str] | None:
    """Given and family name where a local part is the two with a dot between.

    >>> _spelt("ada.lovelace@example.com"), _spelt("ada1@example.com"), _spelt("sales.team@example.com")
    (('ada', 'lovelace'), None, None)
    """
    words = address.partition("@")[0].translate(_SEPARATORS).rstrip("0123456789").split(".")
    if len(words) != 2 or not all(word.isalpha() and len(word) >= SHORTEST for word in words):
        return None
    one, other = words
    if looks_like_given(one):
        return one, other
    return (other, one) if looks_like_given(other) else None


def _alias(given: Feature, family: Feature, email: Feature) -> Feature | None:
    """Names that are one word and nobody's given or family name, in one slot; local parts of addresses in another."""
    index: dict[str, int] = {}
    both = (given.codes[0] >= 0) & (family.codes[0] >= 0)
    names = {int(code) for codes in (given.codes[0, both], family.codes[0, both]) for code in np.unique(codes)}
    words = [
        value if len(value) > SHORTEST and code not in names and not looks_like_given(value) else ""
        for code, value in enumerate(given.values)
    ]
    word = np.array([index.setdefault(value, len(index)) if value else -1 for value in words] + [-1], np.int32)
    alone = np.where(family.codes[0] < 0, word[given.codes[0]], -1)
    locals_ = [_squeezed(value) for value in email.values]
    local = np.array([index.setdefault(value, len(index)) if value else -1 for value in locals_] + [-1], np.int32)
    codes = np.vstack([alone, local[email.codes[0]]]).astype(np.int32)
    shown = codes[0][codes[0] >= 0]
    if not len(shown) or np.isin(shown, codes[1]).mean() < WORTHWHILE:
        return None
    return Feature(
        f"{given.field}.alias", "alias", codes, Texts(pa.array(list(index), pa.string())), "name", given.field
    )


def _squeezed(address: str) -> str:
    return "".join(filter(str.isalnum, address.partition("@")[0]))
