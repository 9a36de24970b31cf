"""What shows how people make handles: strings beside the names of their owners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from socialmerge.matching.chain_evidence import Evidence, spread
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Floats, Ints, Strings
from socialmerge.matching.handle_matches import Handles, Matches, match
from socialmerge.matching.handles import ways
from socialmerge.normalise.texts import Texts

__all__ = ["Lessons"]

_ENOUGH = 20_000  # strings of one side


@dataclass(frozen=True, slots=True)
class Lessons:
    """Strings with the name of their owner: each side's own, and of nameless profiles that of each candidate.

    ``handle`` is the row of each string in ``texts`` and ``handles``, ``kind`` its place in ``kinds``. ``pair`` is the
    pair that each belongs to, -1 for a row's own string and name, which count in full.
    """

    texts: Texts
    handles: Handles
    common: Floats
    handle: Ints
    kind: Ints
    kinds: tuple[str, ...]
    pair: Ints
    found: Matches

    @classmethod
    def of(cls, tables: ChainTables, profiles: Ints, customers: Ints, evidence: Evidence) -> Lessons:
        """Lessons of sampled rows of both sides and of the pairs that evidence was gathered of."""
        one, other = _own(tables.profiles.take(profiles)), _own(tables.customers.take(customers))
        guessed = _guessed(evidence)
        told = other.followed_by(guessed)
        text = np.append(one.text, told.text)
        used, handle = np.unique(text, return_inverse=True)
        texts = Texts(tables.profiles.texts.column.take(pa.array(used)))
        handles = Handles(Strings.of(texts), tables.signed.pairs[used])
        size = len(one.text)
        found = match(handles, tables.parts[0], ways(), handle[:size], one.name)
        found = found.followed_by(match(handles, tables.parts[1], ways(), handle[size:], told.name))
        kind, pair = np.append(one.kind, told.kind), np.append(one.pair, told.pair)
        return cls(texts, handles, tables.shared.common[used], handle, kind, tables.profiles.kinds, pair, found)

    def weights(self, probability: Floats) -> Floats:
        """How much each lesson counts, by the probability of each pair."""
        return np.append(probability, 1.0)[self.pair]


@dataclass(frozen=True, slots=True)
class _Told:
    """Texts with a name, in the codes of their sides; the pair that says so, -1 for none."""

    text: Ints
    name: Ints
    kind: Ints
    pair: Ints

    def followed_by(self, other: _Told) -> _Told:
        both = zip(
            (self.text, self.name, self.kind, self.pair), (other.text, other.name, other.kind, other.pair), strict=True
        )
        return _Told(*(np.append(one, more).astype(np.int64) for one, more in both))


def _own(side: ChainSide) -> _Told:
    name = side.name[side.row]
    rows = np.flatnonzero(np.append(side.names.full(), np.False_)[name] & (side.text >= 0))[:_ENOUGH]
    return _Told(side.text[rows], name[rows].astype(np.int64), side.kind[rows].astype(np.int64), np.full(len(rows), -1))


def _guessed(evidence: Evidence) -> _Told:
    """The strings of profiles that show no whole name, with the names of the customers that they may be."""
    pairs = evidence.pairs
    profiles, customers = pairs.profiles, pairs.customers
    named = np.append(profiles.names.full(), np.False_)[profiles.name[pairs.left]]
    complete = np.append(customers.names.full(), np.False_)[customers.name[pairs.right]]
    rows = np.flatnonzero(~named & complete)
    place, string = spread(profiles.start, pairs.left[rows])
    kept = profiles.text[string] >= 0
    pair, string = rows[place[kept]], string[kept]
    name = customers.name[pairs.right[pair]]
    return _Told(profiles.text[string], name.astype(np.int64), profiles.kind[string].astype(np.int64), pair)
