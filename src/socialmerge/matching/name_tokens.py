"""Tokens of names: what two names of one person are likely to share, by hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Postings
from socialmerge.matching.chain_names import PARTS, ChainNames
from socialmerge.matching.characters import Hashes, Ints, hash_strings, mix, squeeze
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.nicknames import nicknames_of

__all__ = ["SHORTEST", "families", "givens", "handles", "initials", "single_words", "wholes"]

Codes = npt.NDArray[np.int32]

SHORTEST = 4
"""Symbols of a handle that is looked up."""
_FORMS = tuple(
    tuple(way.split()) for way in ("given family", "family given", "g family", "given f", "family g", "family", "given")
)
_FAMILIES = ("family", "family1", "family2")


def wholes(names: ChainNames, words: Signatures) -> Postings:
    """Given and family name, in either order. Rows of the postings are those of ``names``, of all functions here."""
    rows = _whole(names)
    given, family = _hashes(names, words, "given", rows), _hashes(names, words, "family", rows)
    return Postings(_two(np.minimum(given, family), np.maximum(given, family)), rows.astype(np.int32))


def families(names: ChainNames, words: Signatures) -> Postings:
    """Family names and their words; of somebody with one name that one."""
    rows = _whole(names)
    found = [_postings(names, words, part, rows) for part in _FAMILIES]
    return _together([*found, single_words(names, words)])


def initials(names: ChainNames, words: Signatures) -> Postings:
    """The first letter of the given name with the family name, or with a word of it."""
    rows, found = _whole(names), []
    for part in _FAMILIES:
        at = rows[names.part(part)[rows] >= 0]
        letter = words.first[names.part("given")[at]]
        found.append(Postings(mix(letter, _hashes(names, words, part, at)), at.astype(np.int32)))
    return _together(found)


def givens(names: ChainNames, words: Signatures, *, forms: bool = False) -> Postings:
    """What a person is called beside the first letter of the family name; with ``forms`` also under usual nicknames."""
    found = []
    for at, hashes in _called(names, words, forms=forms):
        letter = words.first[names.part("family")[at]]
        found.append(Postings(mix(letter, hashes), at.astype(np.int32)))
    return _together(found)


def single_words(names: ChainNames, words: Signatures) -> Postings:
    """The one word that some names are."""
    rows = np.flatnonzero((names.part("given") < 0) | (names.part("family") < 0))
    return _together([_postings(names, words, part, rows) for part in ("given", "family")])


def handles(parts: NameParts) -> Iterator[Postings]:
    """The handles that people usually make from their names."""
    called = parts.names.part("nickname")
    for names in (parts, _calling(parts, called)):
        rows = _whole(names.names)
        for way in _FORMS:
            hashes, length, _ = names.form(way, rows)
            made = length >= SHORTEST
            yield Postings(hashes[made], rows[made].astype(np.int32))


def _calling(parts: NameParts, called: Codes) -> NameParts:
    """The names with what people are called in place of the given name; of others nothing."""
    codes = parts.names.codes.copy()
    codes[PARTS.index("given")] = called
    return replace(parts, names=replace(parts.names, codes=codes))


def _whole(names: ChainNames) -> Ints:
    return np.flatnonzero((names.part("given") >= 0) & (names.part("family") >= 0))


def _hashes(names: ChainNames, words: Signatures, part: str, rows: Ints) -> Hashes:
    found: Hashes = words.hashes[names.part(part)[rows]]
    return found


def _two(one: Hashes, other: Hashes) -> Hashes:
    """One token of two hashes."""
    return mix(one.astype(np.int64), other)


def _postings(names: ChainNames, words: Signatures, part: str, rows: Ints) -> Postings:
    rows = rows[names.part(part)[rows] >= 0]
    return Postings(_hashes(names, words, part, rows), rows.astype(np.int32))


def _called(names: ChainNames, words: Signatures, *, forms: bool) -> Iterator[tuple[Ints, Hashes]]:
    """What people are called: rows of names, and the hash of each."""
    rows = _whole(names)
    for part in ("given", "nickname", "middle"):
        at = rows[names.part(part)[rows] >= 0]
        yield at, _hashes(names, words, part, at)
    if forms:
        used = once(names.spelling[rows])
        listed = [
            (code, squeeze(other)) for code, given in _spelt(names, used) for other in sorted(nicknames_of(given))
        ]
        code = np.array([code for code, _ in listed], np.int64)
        hashes, _ = hash_strings([other for _, other in listed])
        begin, end = (np.searchsorted(code, names.spelling[rows], side=side) for side in ("left", "right"))
        count = end - begin
        at = np.arange(count.sum()) + np.repeat(begin - np.cumsum(count) + count, count)
        yield np.repeat(rows, count), hashes[at]


def _spelt(names: ChainNames, used: Ints) -> list[tuple[int, str]]:
    used = used[used >= 0]
    return list(zip(used.tolist(), names.spellings.column.take(pa.array(used)).to_pylist(), strict=True))


def _together(several: Sequence[Postings]) -> Postings:
    return Postings(np.concatenate([one.token for one in several]), np.concatenate([one.row for one in several]))
