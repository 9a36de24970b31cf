"""The ledger: what a frozen model weighed of each profile, and which records may have to do with each other.

Records go by their numbers in the store. Two records that share no label have nothing to do with each other: no
candidate, no account, no link and no decision leads from the one to the other by any way. What hangs together is
decided together, and nothing else needs to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.matching.components import components
from socialmerge.merging.arrays import Ints, Mask

__all__ = ["DOUBLE", "ENTRY", "PAIR", "SAME", "TOKEN", "WEAK", "Entries", "Ledger"]

PAIR, DOUBLE, TOKEN, WEAK, SAME = 0, 1, 2, 3, 4
ENTRY = np.dtype(
    [
        ("what", "u1"),
        ("one", "<i8"),
        ("other", "<i8"),
        ("bits", "<f8"),
        ("verified", "<f8"),
        ("evidence", "<i8"),
        ("warning", "<i8"),
    ]
)
"""One thing about a profile: a customer (``one``) that it may be, so that it competes with others (``PAIR``), or hardly
(``WEAK``); two customers (``one``, ``other``) that compete for it,
with the bits that they are one person; or the fingerprint (``one``) of what other profiles may share. Of a customer
another one (``one``) that may be the same person (``SAME``)."""

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries, each of the record with the number ``owner``; in the order of their owners."""

    owner: Ints
    rows: Rows

    @classmethod
    def none(cls) -> Entries:
        """There are none."""
        return cls(np.zeros(0, np.int64), np.zeros(0, ENTRY))

    @classmethod
    def together(cls, several: Iterable[Entries]) -> Entries:
        """All of these, in the order of their owners."""
        parts = [cls.none(), *several]
        owner = np.concatenate([one.owner for one in parts])
        rows = np.concatenate([one.rows for one in parts])
        order = np.argsort(owner, kind="stable")
        return cls(owner[order], rows[order])

    @classmethod
    def unpacked(cls, owner: Ints, packed: pa.Array) -> Entries:
        """Entries of what the store keeps."""
        several = packed.to_pylist()
        count = np.array([len(one) // ENTRY.itemsize for one in several], np.int64)
        return cls.together([cls(np.repeat(owner, count), np.frombuffer(b"".join(several), ENTRY))])

    def packed(self, owners: Ints) -> list[bytes]:
        """What the store keeps of each of some profiles."""
        first, last = (np.searchsorted(self.owner, owners, side=side) for side in ("left", "right"))
        return [self.rows[a:b].tobytes() for a, b in zip(first.tolist(), last.tolist(), strict=True)]

    def where(self, mask: Mask) -> Entries:
        """Those that a mask says."""
        return Entries(self.owner[mask], self.rows[mask])

    def of(self, owners: Ints) -> Entries:
        """Those of some profiles."""
        owners = np.unique(owners)
        first, last = (np.searchsorted(self.owner, owners, side=side) for side in ("left", "right"))
        count = last - first
        at = np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
        return Entries(self.owner[at], self.rows[at])

    def customers(self) -> Ints:
        """The customers that are named."""
        what = self.rows["what"]
        pairs = self.rows["one"][(what == PAIR) | (what == WEAK)]
        return np.unique(pairs)

    def owners_of(self, customers: Ints) -> Ints:
        """The records that name some customers."""
        return np.unique(self.owner[self._names(customers)])

    def without(self, owners: Ints, customers: Ints) -> Entries:
        """Without those of some profiles, and without those that name some customers."""
        gone = np.isin(self.owner, owners)
        if len(customers):
            gone |= self._names(customers)
        return self.where(~gone)

    def _names(self, customers: Ints) -> Mask:
        theirs = np.isin(self.rows["one"], customers) | np.isin(self.rows["other"], customers)
        found: Mask = theirs & (self.rows["what"] != TOKEN)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Entries of all profiles, and a label for each number of a record; labels only ever run together."""

    entries: Entries
    label: Ints

    @classmethod
    def of(cls, entries: Entries, edges: tuple[Ints, Ints], size: int) -> Ledger:
        """Labels of so many numbers, by entries and by further ``edges`` between records."""
        is_pair, is_token = (entries.rows["what"] == what for what in (PAIR, TOKEN))
        token, code = np.unique(entries.rows["one"][is_token], return_inverse=True)
        one = np.concatenate([entries.owner[is_pair], entries.owner[is_token], edges[0]])
        other = np.concatenate([entries.rows["one"][is_pair], size + code, edges[1]])
        return cls(entries, components(size + len(token), one, other)[:size])

    def touched(self, numbers: Ints, entries: Entries) -> Ints:
        """The labels of some records, and of those that entries lead to."""
        pairs = entries.rows["one"][entries.rows["what"] == PAIR]
        holders, _ = _holders(self.entries, entries)
        known = np.concatenate([numbers, pairs, holders]).astype(np.int64)
        return np.unique(self.label[known[known < len(self.label)]])

    def with_entries(self, entries: Entries, owners: Ints, size: int) -> Ledger:
        """With entries of some profiles in place of what there was of them, and labels for so many numbers."""
        kept = self.entries.without(owners, np.zeros(0, np.int64))
        more = np.arange(len(self.label), max(size, len(self.label)))
        label = np.concatenate([self.label, more])
        is_pair, is_token = (entries.rows["what"] == what for what in (PAIR, TOKEN))
        holders, held = _holders(kept, entries)
        token, code = np.unique(np.concatenate([entries.rows["one"][is_token], held]), return_inverse=True)
        one = [entries.owner[is_pair], entries.owner[is_token], holders]
        other = [label[entries.rows["one"][is_pair]], len(label) + code]
        found = components(len(label) + len(token), label[np.concatenate(one)], np.concatenate(other))
        return Ledger(Entries.together([kept, entries]), found[label])

    def without(self, owners: Ints, customers: Ints) -> Ledger:
        """Without some profiles and customers."""
        return replace(self, entries=self.entries.without(owners, customers))

    def joined(self, one: Ints, other: Ints) -> Ledger:
        """With labels joined by edges between records."""
        if not len(one):
            return self
        return replace(self, label=components(len(self.label), self.label[one], self.label[other])[self.label])


def _holders(among: Entries, entries: Entries) -> tuple[Ints, Ints]:
    """The profiles among some that have a token of other entries, and the token of each."""
    wanted = np.unique(entries.rows["one"][entries.rows["what"] == TOKEN])
    mine = (among.rows["what"] == TOKEN) & np.isin(among.rows["one"], wanted)
    return among.owner[mine], among.rows["one"][mine]
