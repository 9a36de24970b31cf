"""Parsed names as arrays of hashed parts, from which the likely handles of many people are put together at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from nicknames import NickNamer

from socialmerge.matching.characters import LONGEST, Hashes, Ints, Strings, hash_strings, join_hashes, squeeze
from socialmerge.records import PersonName

__all__ = ["FORMS", "NameParts", "Part", "other_forms", "shown_forms"]

FORMS = 6  # other forms of a given name that are tried
_LETTERS = {"g": "given", "m": "middle", "f": "family"}
Part = tuple[Hashes, Ints]  # hashes and lengths; a missing part has hash 0


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
    """Distinct names: for each part one hash a name, squeezed of spaces and punctuation.

    ``parts`` holds "given", "middle", "family", "family1", "family2" and their letters "g", "m", "f". ``nicks`` are the
    other forms of the given name, ``(names, FORMS)``, the name's own nickname first.
    """

    parts: dict[str, Part]
    nicks: tuple[Hashes, Ints]
    nick_share: Ints  # how many of the forms are there

    def __len__(self) -> int:
        """The number of distinct names."""
        return len(self.nick_share)

    @classmethod
    def of(cls, names: Sequence[PersonName]) -> NameParts:
        """Take names apart.

        >>> parts = NameParts.of([PersonName("Bob Lee", given="bob", family="lee")])
        >>> parts.form(("g", "family")).tolist() == hash_strings(["blee"])[0].tolist()
        True
        """
        columns = {part: [take(n) for n in names] for part, take in _TAKE.items()}
        strings = {part: Strings.of(texts) for part, texts in columns.items()}
        parts = {part: (s.whole(), s.length) for part, s in strings.items()}
        for letter, part in _LETTERS.items():
            parts[letter] = (strings[part].prefix[:, 1], np.minimum(strings[part].length, 1))
        forms = [_forms(n) for n in names]
        flat, length = hash_strings([f for row in forms for f in row])
        nicks = flat.reshape(-1, FORMS), length.reshape(-1, FORMS)
        return cls(parts, nicks, (nicks[0] != 0).sum(axis=1))

    def take(self, rows: Ints) -> NameParts:
        """The names at these rows."""
        parts = {part: (hashes[rows], length[rows]) for part, (hashes, length) in self.parts.items()}
        return NameParts(parts, (self.nicks[0][rows], self.nicks[1][rows]), self.nick_share[rows])

    def form(self, way: tuple[str, ...], nick: int = 0) -> Hashes:
        """The handle that each name makes this way; 0 where a part is missing or the handle would be too short."""
        hashes, length = self._part(way[0], nick)
        for part in way[1:]:
            following, more = self._part(part, nick)
            hashes = join_hashes(hashes, following, more)
            length = length + more
        return np.where((length >= min(2, len(way) + 1)) & (length <= LONGEST), hashes, np.uint64(0))

    def _part(self, part: str, nick: int) -> Part:
        if part == "nick":
            return self.nicks[0][:, nick], self.nicks[1][:, nick]
        return self.parts[part]


def _compound(place: int) -> Callable[[PersonName], str]:
    def take(name: PersonName) -> str:
        words = name.family.split()
        return words[place] if len(words) > 1 else ""

    return take


_TAKE: dict[str, Callable[[PersonName], str]] = {
    "given": lambda n: squeeze(n.given),
    "middle": lambda n: squeeze(n.middle),
    "family": lambda n: squeeze(n.family),
    "family1": _compound(0),
    "family2": _compound(-1),
}


def _forms(name: PersonName) -> tuple[str, ...]:
    """The other given names a person may go by."""
    return _forms_of(name.given, squeeze(name.nickname))


@cache
def _forms_of(given: str, nickname: str) -> tuple[str, ...]:
    """The nickname shown, the words of a double name, then usual forms; padded with ""."""
    found = dict.fromkeys([nickname, *(given.split() if " " in given else ())])
    for one in (given, given.split(" ", maxsplit=1)[0]):
        found |= dict.fromkeys(sorted(other_forms(one), key=lambda f: (len(f), f)))
    forms = [f for f in found if f and f != squeeze(given)][:FORMS]
    return (*forms, *[""] * (FORMS - len(forms)))


def shown_forms(name: PersonName, way: tuple[str, ...]) -> tuple[str, ...]:
    """The handles a name makes one way, as text: what `NameParts.form` does by hash.

    >>> shown_forms(PersonName("Bob Lee", given="bob", family="lee"), ("g", "family"))
    ('blee',)
    """
    parts = {part: take(name) for part, take in _TAKE.items()}
    parts |= {letter: parts[part][:1] for letter, part in _LETTERS.items()}
    nicks = [n for n in _forms(name) if n] if "nick" in way else [""]
    made = ([nick if part == "nick" else parts[part] for part in way] for nick in nicks)
    return tuple("".join(words) for words in made if all(words) and len("".join(words)) > 1)
