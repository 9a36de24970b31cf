"""Names as arrays of hashed parts, from which the likely handles of many people are put together at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from nicknames import NickNamer

from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.characters import LONGEST, Hashes, Ints, join_hashes, squeeze
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.texts import Texts

__all__ = ["FORMS", "LETTERS", "SHORTEST", "NameParts", "Way", "other_forms"]

FORMS = 6  # other forms of a given name that are tried
SHORTEST = 2  # symbols of a handle that is made from a name
LETTERS = {"g": "given", "m": "middle", "f": "family"}
Way = tuple[str, ...]


@cache
def _nicknamer() -> NickNamer:
    return NickNamer()


@cache
def other_forms(given: str) -> frozenset[str]:
    """Nicknames of a folded given name and the names it is a nickname of, one hop away.

    >>> "bob" in other_forms("robert"), "robert" in other_forms("bob")
    (True, True)
    """
    names = _nicknamer()
    return frozenset((names.nicknames_of(given) | names.canonicals_of(given)) - {given})


@dataclass(frozen=True, slots=True)
class NameParts:
    """Names, and the signatures of what handles are made from: their words, and other forms of their given names.

    ``others[nick[i], k]`` is the k-th other form of the given name of name i, a row of ``forms`` (-1 for none), its own
    nickname first.
    """

    names: ChainNames
    words: Signatures
    nick: Ints
    others: Ints
    forms: Signatures

    def __len__(self) -> int:
        """The number of names."""
        return len(self.nick)

    @classmethod
    def of(cls, names: ChainNames, words: Signatures) -> NameParts:
        """Take names apart; ``words`` are the signatures of their words.

        >>> from socialmerge.matching.characters import hash_strings
        >>> from socialmerge.records import PersonName
        >>> names = ChainNames.of([PersonName("Bob Lee", given="bob", family="lee")])
        >>> parts = NameParts.of(names, Signatures.of(names.words))
        >>> parts.form(("g", "family"), np.array([0]))[0].tolist() == hash_strings(["blee"])[0].tolist()
        True
        """
        size = np.int64(len(names.words) + 1)
        key = (names.spelling.astype(np.int64) + 1) * size + names.part("nickname") + 1
        shown, nick = np.unique(key, return_inverse=True)
        given = _texts(names.spellings, shown // size - 1)
        several = [_forms_of(*pair) for pair in zip(given, _texts(names.words, shown % size - 1), strict=True)]
        known = {form: row for row, form in enumerate(sorted({form for forms in several for form in forms}))}
        others = np.full((len(several), FORMS), -1, dtype=np.int64)
        for row, own in enumerate(several):
            others[row, : len(own)] = [known[form] for form in own]
        forms = Signatures.of(Texts(pa.array(list(known), pa.string())))
        return cls(names, words, nick.astype(np.int64), others, forms)

    def take(self, rows: Ints) -> NameParts:
        """The names at these rows."""
        return replace(self, names=self.names.take(rows), nick=self.nick[rows])

    def signed(self, part: str, rows: Ints, nick: int = 0) -> tuple[Signatures, Ints]:
        """The signatures that a part of these names has, and which row of them each name's is; -1 for none."""
        if part == "nick":
            return self.forms, self.others[self.nick[rows], nick]
        return self.words, self.names.part(part)[rows].astype(np.int64)

    def form(self, way: Way, rows: Ints, nick: int = 0, upto: int = 0) -> tuple[Hashes, Ints, Ints]:
        """The handles that names make in one way.

        Returns:
            Their hashes, 0 where a part is missing or the handle is too short or too long; their lengths; and the
            length of the first ``upto`` parts.
        """
        hashes, length = self._part(way[0], rows, nick)
        before = np.zeros_like(length)
        for place, part in enumerate(way[1:], start=1):
            before = length if place == upto else before
            following, more = self._part(part, rows, nick)
            hashes = join_hashes(hashes, following, more)
            length = length + more
        return np.where((length >= SHORTEST) & (length <= LONGEST), hashes, np.uint64(0)), length, before

    def shares(self, rows: Ints) -> Ints:
        """How many other forms the given name of each name has."""
        found: Ints = (self.others >= 0).sum(axis=1)[self.nick[rows]]
        return found

    def _part(self, part: str, rows: Ints, nick: int) -> tuple[Hashes, Ints]:
        signed, at = self.signed(LETTERS.get(part, part), rows, nick)
        if part in LETTERS:
            return signed.first[at].astype(np.uint64), (at >= 0).astype(np.int64)
        return signed.hashes[at], signed.length[at].astype(np.int64)


def _texts(texts: Texts, rows: Ints) -> list[str]:
    """The texts at these rows; "" for -1."""
    found: list[str] = pc.fill_null(texts.column.take(pa.array(rows, mask=rows < 0)), "").to_pylist()
    return found


@cache
def _forms_of(given: str, nickname: str) -> tuple[str, ...]:
    """The other given names a person may go by: the nickname shown, the words of a double name, then usual forms."""
    found = dict.fromkeys([nickname, *(given.split() if " " in given else ())])
    for one in (given, given.split(" ", maxsplit=1)[0]):
        found |= dict.fromkeys(sorted(other_forms(one), key=lambda f: (len(f), f)))
    return tuple([f for f in found if f and f != squeeze(given)][:FORMS])
