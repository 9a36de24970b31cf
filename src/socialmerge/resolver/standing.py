"""What stands between two changes of a store under a frozen model: its rows, the ledger, and customers made ready.

Kept in memory by a session, so that one profile is answered, and few are brought in, without reading all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, whole
from socialmerge.plan import Plan
from socialmerge.resolver.learned import Learned
from socialmerge.resolver.ledger import Entries, Ledger
from socialmerge.resolver.state import Facts, Judged, Name, State
from socialmerge.resolver.weighing import Named, Numbered, Weigher, decided
from socialmerge.store import Decision, Snapshot

__all__ = ["Standing", "numbered"]


@dataclass(frozen=True, eq=False)
class Standing:
    """All of a store at one position of the log; never changes.

    ``same`` are the links between customers' rows. ``made`` holds the customers made ready, once somebody asked.
    """

    position: int
    facts: Facts
    learned: Learned
    customers: Ints
    profiles: Ints
    ledger: Ledger
    same: pa.Table
    decisions: tuple[Decision, ...]
    key: bytes
    made: list[Weigher]

    @property
    def weigher(self) -> Weigher:
        """Customers made ready for profiles.

        Raises:
            PlanError: their columns mean something else than in the table that was learned from.
        """
        if not self.made:
            assert self.facts.schema is not None  # noqa: S101 - nothing was learned without customers
            customers = Numbered(self.facts.customers, self.customers)
            self.made.append(Weigher.of(customers, self.facts.schema, self.learned))
        return self.made[0]

    @property
    def known(self) -> Numbered:
        """The profiles that are there."""
        return Numbered(self.facts.profiles, self.profiles)

    @property
    def size(self) -> int:
        """One more than the greatest number of a record."""
        return int(max(self.customers.max(initial=0), self.profiles.max(initial=0))) + 1

    def judged(self) -> Judged:
        """What the model says of all profiles."""
        return self._judged(self.known, self.facts.customers.ids, self.ledger.entries)

    def _judged(self, profiles: Numbered, customers: pa.Array, entries: Entries) -> Judged:
        rows = np.unique(self._rows_of_customers(entries.customers()))
        named = Named(self.facts.customers.ids.take(pa.array(rows)), self.customers[rows])
        scored = decided(profiles, named, entries, lambda: self.weigher, self.learned)
        mine = pc.and_(pc.is_in(self.same["left_id"], customers), pc.is_in(self.same["right_id"], customers))
        return Judged(scored, self.same.filter(mine))

    @cached_property
    def _by_number(self) -> Ints:
        return np.argsort(self.customers)

    def _rows_of_customers(self, numbers: Ints) -> Ints:
        found: Ints = self._by_number[np.searchsorted(self.customers, numbers, sorter=self._by_number)]
        return found

    # --------------------------------------------------------------------------------------------------- a part of it
    def numbers_of(self, names: Sequence[Name]) -> Ints:
        """The numbers of some records, of those that are there."""
        found = []
        for pivot, numbers in ((self.facts.customers, self.customers), (self.facts.profiles, self.profiles)):
            at = pc.index_in(pa.array([name for _, name in names], pa.string()), whole(pivot.ids))
            rows = pc.fill_null(at, -1).to_numpy(zero_copy_only=False).astype(np.int64)
            sources = pivot.sources.take(pa.array(np.maximum(rows, 0))).to_pylist() if len(pivot.ids) else []
            wanted = zip(rows.tolist(), sources, names, strict=False)
            found += [numbers[row] for row, source, name in wanted if row >= 0 and source == name[0]]
        return np.unique(np.array(found, np.int64))

    def labels_of(self, numbers: Ints) -> Ints:
        """The labels of some records."""
        return np.unique(self.ledger.label[numbers])

    def whole(self, plan: Plan) -> State:
        """All records as a state."""
        return State(self.position, self.facts, plan, self.decisions, self.key, told=self.judged)

    def part(self, plan: Plan, labels: Ints, asked: Numbered | None = None, entries: Entries | None = None) -> State:
        """The records with some labels as a state of their own; with profiles that are only ``asked`` about."""
        label = self.ledger.label
        rows = [np.flatnonzero(np.isin(label[numbers], labels)) for numbers in (self.customers, self.profiles)]
        customers = Numbered(self.facts.customers, self.customers).take(rows[0])
        profiles = self.known.take(rows[1])
        mine = self.ledger.entries.of(profiles.numbers)
        if asked is not None and entries is not None:
            profiles = profiles.with_rows(asked)
            mine = Entries.together([mine.without(asked.numbers, np.zeros(0, np.int64)), entries])
        judged = self._judged(profiles, customers.pivot.ids, mine)
        shown = pc.index_in(judged.scored.decisions["customer_id"].drop_null(), self.facts.customers.ids)
        wider = np.union1d(labels, label[self.customers[shown.to_numpy().astype(np.int64)]])
        if len(wider) > len(labels):
            return self.part(plan, wider, asked, entries)
        created = self.facts.created.take(pa.array(rows[0]))
        facts = Facts(self.facts.written, customers.pivot, profiles.pivot, self.facts.schema, created)
        return State(self.position, facts, plan, self.decisions, self.key, told=lambda: judged)

    def asked(self, plan: Plan, profile: Numbered) -> State:
        """The state of what one profile would reach."""
        row = self.known.pivot.ids.index(profile.pivot.ids[0]).as_py()
        number = self.profiles[row : row + 1] if row >= 0 else np.array([self.size], np.int64)
        profile = replace(profile, numbers=number)
        entries = self.weigher.weigh(profile)
        return self.part(plan, self.ledger.touched(number, entries), profile, entries)

    # --------------------------------------------------------------------------------------------------- what changes
    def with_profiles(self, some: Numbered) -> Standing:
        """With profiles that are new, or are not as they were."""
        entries = self.weigher.weigh(some)
        size = max(self.size, int(some.numbers.max(initial=0)) + 1)
        found = self.known.with_rows(some)
        facts = replace(self.facts, profiles=found.pivot)
        ledger = self.ledger.with_entries(entries, some.numbers, size)
        return replace(self, facts=facts, profiles=found.numbers, ledger=ledger)

    def without(self, numbers: Ints) -> Standing:
        """Without some records."""
        kept = [np.flatnonzero(~np.isin(some, numbers)) for some in (self.customers, self.profiles)]
        customers = Numbered(self.facts.customers, self.customers).take(kept[0])
        profiles = self.known.take(kept[1])
        created = self.facts.created.take(pa.array(kept[0]))
        facts = replace(self.facts, customers=customers.pivot, profiles=profiles.pivot, created=created)
        ids = customers.pivot.ids
        same = self.same.filter(pc.and_(pc.is_in(self.same["left_id"], ids), pc.is_in(self.same["right_id"], ids)))
        return replace(
            self,
            facts=facts,
            customers=customers.numbers,
            profiles=profiles.numbers,
            ledger=self.ledger.without(numbers, numbers),
            same=same,
            made=[made.without(numbers) for made in self.made],
        )

    def with_decisions(self, decisions: tuple[Decision, ...]) -> Standing:
        """With other decisions than before."""
        ledger = self.ledger.joined(*self.edges_of(decisions[len(self.decisions) :]))
        return replace(self, decisions=decisions, ledger=ledger)

    def edges_of(self, decisions: Sequence[Decision]) -> tuple[Ints, Ints]:
        """Pairs of records that decisions are about, by number."""
        names = sorted({(one.source, one.record_id) for decision in decisions for one in decision.targets})
        number = {name: self.numbers_of([name]).tolist() for name in names}
        pairs = [
            (number[left][0], number[right][0])
            for decision in decisions
            for left, right in combinations([(one.source, one.record_id) for one in decision.targets], 2)
            if number[left] and number[right]
        ]
        found = np.array(pairs, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def edges_of_customers(self) -> tuple[Ints, Ints]:
        """Pairs of customers' rows that are linked, by number."""
        ids = self.facts.customers.ids
        at = [
            pc.index_in(whole(self.same[side]), ids).to_numpy(zero_copy_only=False) for side in ("left_id", "right_id")
        ]
        return self.customers[at[0].astype(np.int64)], self.customers[at[1].astype(np.int64)]

    def labelled(self, entries: Entries) -> Standing:
        """With a ledger of these entries, and labels made from nothing."""
        one, other = zip(self.edges_of_customers(), self.edges_of(self.decisions), strict=True)
        return replace(self, ledger=Ledger.of(entries, (np.concatenate(one), np.concatenate(other)), self.size))


def numbered(view: Snapshot, facts: Facts) -> tuple[Ints, Ints]:
    """The numbers of the customers' rows and of the profiles, in the order of their ids."""
    found = []
    for kind, pivot in (("customer", facts.customers), ("profile", facts.profiles)):
        ids, numbers = view.numbers(kind)
        place = pc.index_in(pivot.ids, ids).to_numpy(zero_copy_only=False).astype(np.int64)
        found.append(np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)[place])
    return found[0], found[1]
