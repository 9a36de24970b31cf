"""Which handles hold which forms of which names, and where: what is known of them before any model.

A form is looked for by one whole part of it, mostly the family name: where that stands in the handle, the rest of the
form must stand around it. So a pair costs one look for each part of the name, and a form is put together only where its
part is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from socialmerge.matching.characters import Floats, Hashes, Ints, Strings
from socialmerge.matching.name_parts import FORMS, LETTERS, NameParts, Way
from socialmerge.matching.occurrences import Occurrences, occurrences
from socialmerge.matching.vocabulary import pair_bits

__all__ = ["Handles", "Matches", "match"]

_WHOLE = ("family", "family1", "family2", "given", "middle", "nick")  # parts that a form is looked for by


@dataclass(frozen=True, slots=True)
class Handles:
    """Distinct squeezed handles; ``pairs`` are the bits of their symbols that follow each other, see `Signatures`."""

    strings: Strings
    pairs: Hashes


@dataclass(frozen=True, slots=True)
class Matches:
    """Forms of names in handles, sorted: pair ``pair[i]`` has a form made in way ``way[i]`` from start to stop.

    ``share`` is one over the number of other forms of the given name that the form may have been made from. A form that
    stands in several places has several rows; ``first`` are the rows where another form begins.
    """

    pairs: int
    pair: Ints
    way: Ints
    start: Ints
    stop: Ints
    share: Floats
    first: Ints

    def followed_by(self, other: Matches) -> Matches:
        """The matches of these pairs and of other pairs after them."""
        return Matches(
            self.pairs + other.pairs,
            np.append(self.pair, other.pair + self.pairs),
            np.append(self.way, other.way),
            np.append(self.start, other.start),
            np.append(self.stop, other.stop),
            np.append(self.share, other.share),
            np.append(self.first, other.first + len(self.pair)),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Handles, names, and the row of either for each pair."""

    handles: Handles
    names: NameParts
    handle: Ints
    name: Ints

    def holding(self, part: str, nick: int, pairs: Ints) -> Ints:
        """Those of some pairs, by their place in ``pairs``, whose handle may hold a part of the name."""
        signed, code = self.names.signed(part, self.name[pairs], nick)
        missing = signed.pairs[code] & ~self.handles.pairs[self.handle[pairs]]
        return np.flatnonzero((code >= 0) & (missing == 0))


def match(handles: Handles, names: NameParts, ways: Sequence[Way], handle: Ints, name: Ints) -> Matches:
    """Look forms of names up in handles.

    Args:
        handles: distinct handles.
        names: names.
        ways: the ways to make a handle from a name.
        handle: rows of ``handles``, one for each pair.
        name: rows of ``names``.
    """
    asked = _Asked(handles, names, handle, name)
    found = [_Found.none(), *_by_part(asked, ways)]
    found += [_letters(asked, k, way) for k, way in enumerate(ways) if not _anchor(way)]
    columns = [
        np.concatenate(column) for column in zip(*((f.pair, f.form, f.start, f.stop) for f in found), strict=True)
    ]
    key = columns[0] * (len(ways) * FORMS) + columns[1]
    order = np.argsort(key, kind="stable")
    pair, form, start, stop = (column[order] for column in columns)
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    way = form // FORMS
    nicked = np.array(["nick" in way for way in ways])[way]
    share = np.where(nicked, 1.0 / np.maximum(names.shares(name[pair]), 1), 1.0)
    return Matches(len(handle), pair, way, start, stop, share, first)


@dataclass(frozen=True, slots=True)
class _Found:
    """Places of forms; ``form`` is the way and which other form of the given name it was made from."""

    pair: Ints
    form: Ints
    start: Ints
    stop: Ints

    @classmethod
    def of(cls, pair: Ints, way: int, nick: int, start: Ints, length: Ints) -> _Found:
        return cls(pair, np.full(len(pair), way * FORMS + nick), start, start + length)

    @classmethod
    def none(cls) -> _Found:
        return cls(*(np.zeros(0, np.int64) for _ in range(4)))


def _anchor(way: Way) -> str:
    """The part that a form made this way is looked for by; "" for forms of letters alone."""
    return next((part for part in _WHOLE if part in way), "")


def _by_part(asked: _Asked, ways: Sequence[Way]) -> Iterator[_Found]:
    for part in _WHOLE:
        made = [(k, way) for k, way in enumerate(ways) if _anchor(way) == part]
        for nick in range(FORMS if part == "nick" and made else 1):
            stands = _stands(asked, part, nick)
            if not len(stands.pair):
                continue
            for k, way in made:
                for form in range(FORMS) if "nick" in way and part != "nick" else (nick,):
                    yield _around(asked, k, way, form, stands)


def _stands(asked: _Asked, part: str, nick: int) -> Occurrences:
    """Where the handles hold a part of the names."""
    pairs = asked.holding(part, nick, np.arange(len(asked.name)))
    signed, code = asked.names.signed(part, asked.name[pairs], nick)
    length = signed.length[code].astype(np.int64)
    found = occurrences(asked.handles.strings, asked.handle[pairs], signed.hashes[code], length)
    return Occurrences(pairs[found.pair], found.start)


def _around(asked: _Asked, k: int, way: Way, nick: int, stands: Occurrences) -> _Found:
    """Where the rest of a form stands around its part."""
    anchor = _anchor(way)
    pair, start = stands.pair, stands.start
    for part in way:
        if part in _WHOLE and part != anchor:
            kept = asked.holding(part, nick, pair)
            pair, start = pair[kept], start[kept]
    hashes, length, before = asked.names.form(way, asked.name[pair], nick, upto=way.index(anchor))
    start = start - before
    strings, handle = asked.handles.strings, asked.handle[pair]
    rows = np.flatnonzero((hashes != 0) & (start >= 0) & (start + length <= strings.length[handle]))
    rows = rows[strings.spans_hash(handle[rows], start[rows], length[rows]) == hashes[rows]]
    return _Found.of(pair[rows], k, nick, start[rows], length[rows])


def _letters(asked: _Asked, k: int, way: Way) -> _Found:
    """Where the initials of the names stand."""
    hashes, length, _ = asked.names.form(way, asked.name)
    maybe = hashes != 0
    for one, other in pairwise(way):
        first, second = (asked.names.signed(LETTERS[part], asked.name) for part in (one, other))
        bits = pair_bits(first[0].first[first[1]], second[0].first[second[1]])
        maybe &= (bits & ~asked.handles.pairs[asked.handle]) == 0
    pairs = np.flatnonzero(maybe)
    found = occurrences(asked.handles.strings, asked.handle[pairs], hashes[pairs], length[pairs])
    return _Found.of(pairs[found.pair], k, 0, found.start, length[pairs[found.pair]])
