"""Aliases: what a row's own e-mail address says of its name, and names that are handles.

Sign-ups and commit logs are full of rows whose name is a word, ``isaacj``, beside an address that spells the name out,
``isaac.joyner@...``; and of words that are somebody's address elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise.columnar.settle import present
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.normalise.features import Feature
from socialmerge.normalise.fingerprints import Hashes, among, fingerprints
from socialmerge.normalise.nicknames import looks_like_given
from socialmerge.normalise.texts import Texts

__all__ = ["NamesSeen", "enriched"]

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

SHORTEST = 3
WORTHWHILE = 0.1
"""Share of the words that must be somebody's address, or they are only misspelt names."""
_SEPARATORS = str.maketrans({"_": ".", "-": "."})


@dataclass(frozen=True, slots=True, eq=False)
class NamesSeen:
    """Names of a table by fingerprint, sorted: given names beside a family name, and names beside the other part.

    ``alias`` says whether lone words are compared with addresses.
    """

    usual: Hashes
    taken: Hashes
    alias: bool

    @classmethod
    def of(cls, features: Sequence[Feature]) -> NamesSeen | None:
        """The names of these features, as they were built; None where there is nothing to enrich."""
        found = _name_features(features)
        if found is None:
            return None
        given, family, _ = found
        hashes = fingerprints(given.column)
        usual = np.sort(hashes[_usual(given, family)[:-1]])
        return cls(usual, np.sort(hashes[~_not_beside(given, family)]), _alias(*found) is not None)


def enriched(features: Sequence[Feature], seen: NamesSeen | None = None) -> tuple[Feature, ...]:
    """Fill in names from addresses, where a row has one word for a name or none, and add the words as aliases.

    ``seen`` are the names of an earlier table: with them no row has a say in what is made of another.
    """
    found = _name_features(features)
    if found is None:
        return tuple(features)
    given, family, email = found
    alias = _alias(given, family, email, seen) if seen is None or seen.alias else None
    named = dict(zip((given.name, family.name), _named(given, family, email, seen), strict=True))
    filled = tuple(named.get(feature.name, feature) for feature in features)
    return (*filled, alias) if alias else filled


def _name_features(features: Sequence[Feature]) -> tuple[Feature, Feature, Feature] | None:
    at = {feature.comparison: feature for feature in features}
    return (at["given"], at["family"], at["email"]) if {"given", "family", "email"} <= at.keys() else None


def _usual(given: Feature, family: Feature) -> Mask:
    """Which of the names are given names beside a family name; the last is for none."""
    usual = np.zeros(len(given.values) + 1, bool)
    usual[given.codes[0, family.codes[0] >= 0]] = True
    return usual


def _not_beside(given: Feature, family: Feature) -> Mask:
    """Which of the names are nobody's given name beside a family name, nor family name beside a given name."""
    both = (given.codes[0] >= 0) & (family.codes[0] >= 0)
    free = np.ones(len(given.values), bool)
    free[given.codes[0, both]] = free[family.codes[0, both]] = False
    return free


def _named(given: Feature, family: Feature, email: Feature, seen: NamesSeen | None = None) -> tuple[Feature, Feature]:
    """Given and family names with those that only the address spells out."""
    rows, parts = _spelt_rows(given, family, email, seen)
    if not len(rows):
        return given, family
    words = pa.array(list(dict.fromkeys(word for pair in parts for word in pair)), pa.string())
    known = pc.index_in(words, value_set=given.column)
    new = words.filter(known.is_null())
    values = Texts(pa.concat_arrays([given.column, new]))
    code = dict(zip(words.to_pylist(), pc.index_in(words, value_set=values.column).to_pylist(), strict=True))
    first, last = given.codes[0].copy(), family.codes[0].copy()
    first[rows] = [code[one] for one, _ in parts]
    last[rows] = [code[other] for _, other in parts]
    return replace(given, codes=first[np.newaxis], values=values), replace(
        family, codes=last[np.newaxis], values=values
    )


def _spelt_rows(
    given: Feature, family: Feature, email: Feature, seen: NamesSeen | None
) -> tuple[Rows, list[tuple[str, str]]]:
    """The rows without a family name whose address spells a name that is not against their own, and that name."""
    rows = np.flatnonzero((family.codes[0] < 0) & (email.codes[0] >= 0))
    addresses, place = np.unique(email.codes[0, rows], return_inverse=True)
    spelt = [_spelt(address) for address in email.column.take(pa.array(addresses)).to_pylist()]
    usual = (
        _usual(given, family) if seen is None else np.append(among(seen.usual, fingerprints(given.column))[1], False)
    )
    has = np.array([parts is not None for parts in spelt], bool)[place]
    rows, place = rows[has], place[has]
    own = given.codes[0, rows]
    names = given.column.take(pa.array(own, mask=own < 0)).to_pylist()
    kept, parts = [], []
    for row, at, code, name in zip(rows.tolist(), place.tolist(), own.tolist(), names, strict=True):
        found = spelt[at]
        if found and (not name or name == found[0] or not (usual[code] or looks_like_given(name))):
            kept.append(row)
            parts.append(found)
    return np.array(kept, np.int64), parts


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


def _alias(given: Feature, family: Feature, email: Feature, seen: NamesSeen | None = None) -> Feature | None:
    """Names that are one word and nobody's given or family name, in one slot; local parts of addresses in another."""
    chosen = _lone_words(given, family, seen)
    word = np.where(chosen, np.cumsum(chosen) - 1, -1).astype(np.int32)
    alone = np.where(family.codes[0] < 0, np.append(word, np.int32(-1))[given.codes[0]], -1)
    shown = alone[alone >= 0]
    if not len(shown) and seen is None:
        return None
    words, locals_ = given.column.filter(pa.array(chosen)), _squeezed(email.column)
    met = np.zeros(len(locals_) + 1, bool)
    met[email.codes[0]] = True
    if seen is None and is_in(words, locals_.filter(pa.array(met[:-1])))[shown].mean() < WORTHWHILE:
        return None
    both = pc.dictionary_encode(pa.concat_arrays([words, locals_]))
    local = np.append(both.indices.fill_null(-1).to_numpy(zero_copy_only=False)[len(words) :], np.int32(-1))
    codes = np.vstack([alone, local[email.codes[0]]]).astype(np.int32)
    return Feature(f"{given.field}.alias", "alias", codes, Texts(both.dictionary), "name", given.field)


def _lone_words(given: Feature, family: Feature, seen: NamesSeen | None = None) -> Mask:
    """Which of the names are of a fair length and nobody's name beside a given or a family name."""
    free = _not_beside(given, family) if seen is None else ~among(seen.taken, fingerprints(given.column))[1]
    free &= mask(pc.greater(pc.utf8_length(given.column), SHORTEST))
    words = given.column.filter(pa.array(free)).to_pylist()
    free[free] = [not looks_like_given(word) for word in words]
    return free


def _squeezed(addresses: pa.Array) -> pa.Array:
    """The letters and digits of local parts, null where there are none.

    >>> _squeezed(pa.array(["ada.l_1@example.com", "é.-@example.com", "-@example.com"])).to_pylist()
    ['adal1', 'é', None]
    """
    local = pc.replace_substring_regex(addresses, "(?s)@.*", "")
    found = pc.replace_substring_regex(local, "[^A-Za-z0-9]", "")
    wide = pc.invert(pc.string_is_ascii(local))
    if pc.any(wide).as_py():
        rest = ["".join(filter(str.isalnum, text)) for text in local.filter(wide).to_pylist()]
        found = pc.replace_with_mask(found, wide, pa.array(rest, pa.string()))
    return present(found)
