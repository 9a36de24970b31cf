"""What the names and strings of pairs show, before any model says what that is worth.

Looking is dear and weighing is cheap: evidence is gathered once, and weighed again each time the model has learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.matching import identity
from socialmerge.matching.chain_sides import DISPLAY, ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Floats, Ints, Strings
from socialmerge.matching.copies import Copies, copies, copy_share, may_be_copied
from socialmerge.matching.handle_matches import Handles, Matches, match
from socialmerge.matching.handles import ways
from socialmerge.matching.name_evidence import NameEvidence, variants
from socialmerge.matching.name_parts import NameParts
from socialmerge.normalise.texts import Texts

__all__ = ["Evidence", "Made", "OwnStrings", "Pairs", "Sources", "gather"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows of two sides that hold the rows they need and no others.

    ``items`` of them are each string of the profile against the customer: ``pair`` and ``string`` of every item.
    """

    profiles: ChainSide
    customers: ChainSide
    left: Ints
    right: Ints
    pair: Ints
    string: Ints

    @classmethod
    def of(cls, profiles: ChainSide, customers: ChainSide, left: Ints, right: Ints) -> Pairs:
        """Pairs of rows, in the numbering of the sides that are left."""
        one, left = np.unique(left.astype(np.int64), return_inverse=True)
        other, right = np.unique(right.astype(np.int64), return_inverse=True)
        profiles, customers = profiles.take(one), customers.take(other)
        pair, string = spread(profiles.start, left)
        return cls(profiles, customers, left, right, pair, string)


@dataclass(frozen=True, slots=True)
class Sources:
    """The strings that each of some strings may have been copied from.

    ``share`` and ``new`` are, for each string, the sum of the shares of people who copy, and of the logarithms of the
    shares who do not; ``of`` is the string of each cell of ``copied`` and ``weight`` its share.
    """

    share: Floats
    new: Floats
    of: Ints
    weight: Floats
    copied: Copies


@dataclass(frozen=True, slots=True)
class Made:
    """Which strings may be made from which names: string or item ``row[i]`` is asked of as pair ``back[i]``.

    ``found`` are the forms, ``handle`` and ``kind`` the handle and the kind of each distinct pair.
    """

    row: Ints
    back: Ints
    handle: Ints
    kind: Ints
    found: Matches


@dataclass(frozen=True, slots=True)
class OwnStrings:
    """The profiles' strings against their own rows: the strings before each, and the profile's name.

    ``handle`` is -1 where there is no text. ``nameless`` are the strings of rows that show no whole name, and of these
    ``partly`` those that show one word of it, by hash ``given`` or ``family``.
    """

    handle: Ints
    before: Sources
    made: Made
    nameless: Ints
    partly: Ints
    given: npt.NDArray[np.uint64]
    family: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What pairs show. ``texts`` are the handles as text, ``common`` how common each is."""

    pairs: Pairs
    names: NameEvidence
    texts: Texts
    handles: Handles
    common: Floats
    own: OwnStrings
    copied: Sources
    equal: Flags  # of each item, whether the customer has the same text
    made: Made
    found: identity.Found


def spread(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Every string of each of some rows: the place of its row among them, and the string."""
    count = np.diff(start)[rows]
    place = np.repeat(np.arange(len(rows)), count)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count) + start[rows][place]


def gather(tables: ChainTables, left: Ints, right: Ints) -> Evidence:
    """Look at pairs of rows of the two sides."""
    pairs = Pairs.of(tables.profiles, tables.customers, left, right)
    profiles, customers = pairs.profiles, pairs.customers
    cell, other = spread(customers.start, pairs.right[pairs.pair])
    between = _Cells(pairs.string[cell], other, cell, profiles, customers)
    within = _earlier(profiles)
    copied = [may_be_copied(tables.signed, *cells.texts) for cells in (between, within)]
    used = once(np.concatenate([profiles.text, between.texts[1][copied[0]]]))
    used = used[used >= 0]
    texts = Texts(profiles.texts.column.take(pa.array(used)))
    handles = Handles(Strings.of(texts), tables.signed.pairs[used])
    found = identity.compare(tables.shared, profiles, customers, (pairs.string, cell, other, pairs.pair))
    text, source = between.texts
    return Evidence(
        pairs,
        _names(tables, pairs),
        texts,
        handles,
        tables.shared.common[used],
        _own(tables, profiles, handles, used, _sources(within, copied[1], handles, used, len(profiles.text))),
        _sources(between, copied[0], handles, used, len(pairs.string)),
        np.bincount(cell, (text == source) & (source >= 0), minlength=len(pairs.string)) > 0,
        _made_by_customers(tables, pairs, handles, used),
        found,
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Pairs of strings: ``of`` is what each is counted for."""

    one: Ints
    other: Ints
    of: Ints
    left: ChainSide
    right: ChainSide

    @property
    def texts(self) -> tuple[Ints, Ints]:
        """The texts of both strings."""
        return self.left.text[self.one], self.right.text[self.other]

    def shares(self) -> Floats:
        """The share of people whose string of the one kind is their string of the other."""
        found: Floats = copy_share(self.left.kinds, self.right.kinds)[
            self.left.kind[self.one], self.right.kind[self.other]
        ]
        return found


def _earlier(side: ChainSide) -> _Cells:
    """Each string with those before it in its row."""
    first = side.start[:-1][side.row]
    counts = np.arange(len(side.text)) - first
    one = np.repeat(np.arange(len(side.text)), counts)
    other = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts) + first[one]
    return _Cells(one, other, one, side, side)


def _sources(cells: _Cells, maybe: Ints, handles: Handles, used: Ints, size: int) -> Sources:
    text, source = cells.texts
    share = cells.shares() * (source >= 0)
    copied = copies(handles.strings, np.searchsorted(used, text[maybe]), np.searchsorted(used, source[maybe]))
    of = maybe[copied.cell[copied.first]]
    sums = [np.bincount(cells.of, value, minlength=size).astype(np.float64) for value in (share, np.log1p(-share))]
    return Sources(sums[0], sums[1], cells.of[of], share[of], copied)


def _names(tables: ChainTables, pairs: Pairs) -> NameEvidence:
    """Evidence of names with two words or more; a single word counts as a string."""
    profiles, customers = pairs.profiles, pairs.customers
    one = profiles.name[pairs.left]
    one = np.where(np.append(profiles.names.full(), np.False_)[one], one, -1)
    return variants(tables.words, profiles.names, customers.names, (one, customers.name[pairs.right]))


def _own(tables: ChainTables, side: ChainSide, handles: Handles, used: Ints, before: Sources) -> OwnStrings:
    text, name = side.text, side.name[side.row]
    full = np.append(side.names.full(), np.False_)[name]
    handle = np.where(text >= 0, np.searchsorted(used, text), -1)
    rows = np.flatnonzero((text >= 0) & full)
    made = _made(tables.parts[0], handles, rows, (handle[rows], name[rows], side.kind[rows]))
    nameless = np.flatnonzero((text >= 0) & ~full)
    shown = np.array([kind != DISPLAY for kind in side.kinds], dtype=np.bool_)
    partly = np.flatnonzero((name[nameless] >= 0) & shown[side.kind[nameless]])
    known = [tables.words.signed.hashes[side.names.part(part)[name[nameless[partly]]]] for part in ("given", "family")]
    return OwnStrings(handle, before, made, nameless, partly, *known)


def _made_by_customers(tables: ChainTables, pairs: Pairs, handles: Handles, used: Ints) -> Made:
    name, text = pairs.customers.name[pairs.right[pairs.pair]], pairs.profiles.text[pairs.string]
    handle = np.where(text >= 0, np.searchsorted(used, text), -1)
    rows = np.flatnonzero((text >= 0) & (name >= 0))
    kind = pairs.profiles.kind[pairs.string]
    return _made(tables.parts[1], handles, rows, (handle[rows], name[rows], kind[rows]))


def _made(parts: NameParts, handles: Handles, row: Ints, asked: tuple[Ints, Ints, Ints]) -> Made:
    """Which handles hold forms of which names, each two of one kind asked once; ``row`` is what each is asked for."""
    handle, name, kind = (column.astype(np.int64) for column in asked)
    key = (handle * len(parts) + name) * (int(kind.max(initial=0)) + 1) + kind
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    found = match(handles, parts, ways(), handle[first], name[first])
    return Made(row, back, handle[first], kind[first], found)
