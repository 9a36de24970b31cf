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

from socialmerge.matching.frozen import FrozenTable
from socialmerge.merging.arrays import Ints, whole
from socialmerge.plan import Plan
from socialmerge.resolver.alike import Alike, links_among, neighbours, region
from socialmerge.resolver.learned import Learned
from socialmerge.resolver.ledger import Entries, Ledger
from socialmerge.resolver.pivot import Pivot
from socialmerge.resolver.scoring import score_customers
from socialmerge.resolver.seeking import Seeking
from socialmerge.resolver.state import Facts, Judged, Name, State
from socialmerge.resolver.weighing import Named, Numbered, Weigher, decided, unlike
from socialmerge.store import Decision, DecisionKind, Snapshot, departed, followed, in_force, scores_schema

__all__ = ["Standing", "numbered", "numbers_in"]


@dataclass(frozen=True, eq=False)
class Standing:
    """All of a store at one position of the log; never changes.

    ``same`` are the links between customers' rows. ``made`` holds the customers as profiles are weighed against them,
    ``entered`` made ready for customers, and ``seeking`` the profiles by what they are looked up by, each once somebody
    asked.
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
    entered: list[Alike]
    seeking: list[Seeking]

    @property
    def weigher(self) -> Weigher:
        """The customers, whom profiles are weighed against.

        Raises:
            PlanError: their columns mean something else than in the table that was learned from.
        """
        if not self.made:
            assert self.facts.schema is not None  # noqa: S101 - nothing was learned without customers
            self.made.append(Weigher.of(self.rows, self.facts.schema, self.learned))
        return self.made[0]

    def _alike(self, same: FrozenTable) -> Alike:
        if not self.entered:
            assert self.facts.schema is not None  # noqa: S101 - as above
            self.entered.append(Alike.of(self.rows, self.facts.schema, same))
        return self.entered[0]

    @property
    def rows(self) -> Numbered:
        """The customers that are there."""
        return Numbered(self.facts.customers, self.customers)

    @property
    def known(self) -> Numbered:
        """The profiles that are there."""
        return Numbered(self.facts.profiles, self.profiles)

    @property
    def taken(self) -> tuple[pa.Array, ...]:
        """Ids that no entity without a customer's row may have."""
        return (*self.facts.taken, whole(self.facts.customers.ids))

    @property
    def size(self) -> int:
        """One more than the greatest number of a record."""
        return int(max(self.customers.max(initial=0), self.profiles.max(initial=0))) + 1

    @property
    def means_the_same(self) -> bool:
        """Whether the customers still have the columns that they had when the model was made."""
        known = {column.name for column in self.learned.of(proven=True).columns}
        return self.facts.schema is None or known <= {column.name for column in self.facts.schema.columns}

    def scores_of(self, numbers: Ints) -> pa.Table:
        """What the store keeps of some records (``store.scores_schema``)."""
        parts = []
        for some in (self.rows, self.known):
            rows = some.rows_of(numbers)
            at = pa.array(rows[rows >= 0])
            packed = pa.array(self.ledger.entries.packed(numbers[rows >= 0]), pa.binary())
            model = pa.repeat(self.learned.version, len(at))
            columns = [some.pivot.sources.take(at), some.pivot.ids.take(at), model, packed]
            parts.append(pa.table(columns, schema=scores_schema()))
        return pa.concat_tables(parts)

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
        found = [number for name in names for number in self._numbers_of(name)]
        return np.unique(np.array(found, np.int64))

    def _numbers_of(self, name: Name) -> list[int]:
        source, record_id = name
        found = []
        for pivot, numbers in ((self.facts.customers, self.customers), (self.facts.profiles, self.profiles)):
            row = pivot.row_of(record_id)
            if row >= 0 and pivot.sources[row].as_py() == source:
                found.append(int(numbers[row]))
        return found

    def meant(self, any_id: str) -> list[Name]:
        """The records that have an id, with their source before it or without."""
        pivots = (self.facts.customers, self.facts.profiles)
        rows = [(pivot, pivot.row_of(any_id)) for pivot in pivots]
        found = [(pivot.sources[row].as_py(), any_id) for pivot, row in rows if row >= 0]
        return [*found, any_id.partition(":")[::2], any_id.partition("::")[::2]]

    def around(self, plan: Plan, names: Sequence[Name]) -> State:
        """Some records, of those that are there, and whatever hangs together with them, as a state of their own."""
        return self.part(plan, self.labels_of(self.numbers_of(sorted(set(names)))))

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
        customers = self.rows.take(rows[0])
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
        facts = Facts(self.facts.written, customers.pivot, profiles.pivot, self.facts.schema, created, taken=self.taken)
        return State(self.position, facts, plan, self.decisions, self.key, told=lambda: judged)

    def asked(self, plan: Plan, profile: Numbered) -> State:
        """The state of what one profile would reach."""
        row = self.known.pivot.row_of(profile.pivot.ids[0].as_py())
        number = self.profiles[row : row + 1] if row >= 0 else np.array([self.size], np.int64)
        profile = replace(profile, numbers=number)
        entries = self.weigher.weigh(profile)
        return self.part(plan, self.ledger.touched(number, entries), profile, entries)

    def knowing(self, some: Numbered) -> Standing:
        """With what some profiles say of whom only the names were known."""
        found = self.known.with_rows(some)
        return replace(self, facts=replace(self.facts, profiles=found.pivot), profiles=found.numbers)

    # --------------------------------------------------------------------------------------------------- what changes
    def with_profiles(self, some: Numbered) -> Standing:
        """With profiles that are new, or are not as they were."""
        entries = self.weigher.weigh(some)
        size = max(self.size, int(some.numbers.max(initial=0)) + 1)
        found = self.known.with_rows(some)
        facts = replace(self.facts, profiles=found.pivot)
        ledger = self.ledger.with_entries(entries, some.numbers, size)
        seeking = [one.without(some.numbers) for one in self.seeking]
        return replace(self, facts=facts, profiles=found.numbers, ledger=ledger, seeking=seeking)

    def with_customers(self, some: Numbered, created: pa.Array) -> tuple[Standing, Ints]:
        """With customers that are new, or are not as they were; also the records that are weighed because of it."""
        before, new = self.ledger.entries, some.numbers
        assert self.learned.same is not None  # noqa: S101 - without it all customers are matched anew
        pairs = self._alike(self.learned.same).pairs(some)
        rows = self.rows.with_rows(some)
        weigher = self.weigher.with_customers(some, rows)
        named = before.owners_of(new)
        reached = np.union1d(named, self._asking_for(some))
        profiles = self.known.take(np.flatnonzero(np.isin(self.profiles, reached)))
        entries = Entries.together([pairs, weigher.weigh(profiles)])
        weighed = np.concatenate([new, profiles.numbers])
        ledger = self.ledger.without(np.zeros(0, np.int64), new)
        ledger = ledger.with_entries(entries, weighed, max(self.size, int(new.max(initial=0)) + 1))
        dates = _latest(np.append(self.customers, new), pa.concat_arrays([self.facts.created, created]), rows.numbers)
        facts = replace(self.facts, customers=rows.pivot, created=dates)
        entered = [alike.with_rows(some) for alike in self.entered]
        found = replace(self, facts=facts, customers=rows.numbers, ledger=ledger, made=[weigher], entered=entered)
        return found.rematched(self, new), np.union1d(weighed, named)

    def _asking_for(self, some: Numbered) -> Ints:
        """The profiles that may be some customers; only those that share a key with one of them are weighed."""
        assert self.facts.schema is not None  # noqa: S101 - as above
        few = Weigher.of(some, self.facts.schema, self.learned)
        self.seeking[:] = [(self.seeking or [Seeking()])[0].of_all(self.known, few)]
        near = self.known.take(np.flatnonzero(np.isin(self.profiles, self.seeking[0].reached_by(few))))
        return few.weigh(near).owners_of(some.numbers)

    def stands_alone(self, numbers: Ints) -> bool:
        """Whether customers are left without some records, and nobody was weighed against these but they themselves.

        Nobody is then weighed again when these go.
        """
        near = np.union1d(self.ledger.entries.owners_of(numbers), self.beside(self, numbers))
        return not len(np.setdiff1d(near, numbers)) and bool(len(np.setdiff1d(self.customers, numbers)))

    def without(self, numbers: Ints) -> Standing:
        """Without some records."""
        kept = [np.flatnonzero(~np.isin(some, numbers)) for some in (self.customers, self.profiles)]
        customers, profiles = self.rows.take(kept[0]), self.known.take(kept[1])
        created = self.facts.created.take(pa.array(kept[0]))
        facts = replace(self.facts, customers=customers.pivot, profiles=profiles.pivot, created=created)
        ids = customers.pivot.ids
        same = self.same.filter(pc.and_(pc.is_in(self.same["left_id"], ids), pc.is_in(self.same["right_id"], ids)))
        found = replace(
            self,
            facts=facts,
            customers=customers.numbers,
            profiles=profiles.numbers,
            ledger=self.ledger.without(numbers, numbers),
            same=same,
            made=[made.without(numbers, customers) for made in self.made],
            entered=[alike.without(numbers) for alike in self.entered],
            seeking=[one.without(numbers) for one in self.seeking],
        )
        return found.weighed_again(self.ledger.entries.owners_of(numbers)).rematched(self, numbers)

    def weighed_again(self, numbers: Ints) -> Standing:
        """With some profiles weighed again: without a customer others compete for them."""
        profiles = self.known.take(np.flatnonzero(np.isin(self.profiles, numbers)))
        if not len(profiles.numbers) or not len(self.customers):
            return self
        entries = self.weigher.weigh(profiles)
        return replace(self, ledger=self.ledger.with_entries(entries, profiles.numbers, self.size))

    def matched(self, plan: Plan) -> Standing:
        """With all profiles weighed and all customers matched, and labels made from nothing; ``plan`` knows the id."""
        entries = self.weigher.weigh(self.known)
        if self.learned.same is None:
            same = score_customers(self.facts.customers.table, plan)
            return replace(self, same=same).labelled(entries)
        nobody = self.rows.take(np.zeros(0, np.int64))
        assert self.facts.schema is not None  # noqa: S101 - as above
        pairs = Alike.of(nobody, self.facts.schema, self.learned.same).pairs(self.rows)
        same = links_among(pairs, self.rows, self.learned.same, self._line)
        return replace(self, same=same).labelled(Entries.together([entries, pairs]))

    @property
    def _line(self) -> float:
        """The probability from which on two customers are one person."""
        return self.learned.of(proven=True).costs.attach_line

    def dated_otherwise(self, numbers: Ints, created: pa.Array) -> Ints:
        """Of some customers those that were not created when they are said to be now."""
        at = self.rows.rows_of(numbers)
        before = self.facts.created.take(pa.array(at, mask=at < 0))
        return np.flatnonzero(unlike(before, created))

    def rematched(self, before: Standing, numbers: Ints) -> Standing:
        """With the links between customers anew that some of them may have changed."""
        if self.learned.same is None:
            return self
        near = self.beside(before, numbers)
        some = self.rows.take(np.flatnonzero(np.isin(self.customers, near)))
        links = links_among(self.ledger.entries.of(near), some, self.learned.same, self._line)
        stay = pc.invert(pc.is_in(self.same["left_id"], some.pivot.ids))
        found = replace(self, same=pa.concat_tables([self.same.filter(stay), links]).combine_chunks())
        return replace(found, ledger=found.ledger.joined(*replace(found, same=links).edges_of_customers()))

    def beside(self, before: Standing, numbers: Ints) -> Ints:
        """Some records, and the customers that hang together by pairs with them, or did ``before``."""
        near = np.union1d(numbers, neighbours(before.ledger.entries, numbers))
        return region(self.ledger.entries, near, len(self.ledger.label))

    def with_decisions(self, decisions: tuple[Decision, ...]) -> Standing:
        """With other decisions than before."""
        new = decisions[len(self.decisions) :]
        if any(one.kind is DecisionKind.GONE for one in new):
            new = decisions
        ledger = self.ledger.joined(*self.edges_of(followed(new, departed(in_force(decisions)))))
        return replace(self, decisions=decisions, ledger=ledger)

    def told(self) -> tuple[Decision, ...]:
        """All decisions, those about rows that are gone as ones about their survivors."""
        return followed(self.decisions, departed(in_force(self.decisions)))

    def records_of(self, decisions: Sequence[Decision]) -> Ints:
        """The numbers of the records that decisions are about."""
        about, several = {one.id: one for one in self.decisions}, list(decisions)
        for one in several:  # a retraction is about what it takes back, however many times over
            several += [about[one.retracts]] if one.retracts in about else []
        told = followed(several, departed(in_force(self.decisions)))
        names = {(target.source, target.record_id) for one in told for target in one.targets}
        return self.numbers_of(sorted(names))

    def edges_of(self, decisions: Sequence[Decision]) -> tuple[Ints, Ints]:
        """Pairs of records that decisions are about, by number."""
        names = sorted({(one.source, one.record_id) for decision in decisions for one in decision.targets})
        number = {name: self._numbers_of(name) for name in names}
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
        one, other = zip(self.edges_of_customers(), self.edges_of(self.told()), strict=True)
        return replace(self, ledger=Ledger.of(entries, (np.concatenate(one), np.concatenate(other)), self.size))


def numbered(view: Snapshot, facts: Facts) -> tuple[Ints, Ints]:
    """The numbers of the customers' rows and of the profiles, in the order of their ids."""
    kinds = (("customer", facts.customers), ("profile", facts.profiles))
    one, other = (numbers_in(pivot, view.numbers(kind)) for kind, pivot in kinds)
    return one, other


def numbers_in(pivot: Pivot, known: tuple[pa.Array, pa.Array]) -> Ints:
    """The number of each row, of ids and the number of each."""
    ids, numbers = known
    place = pc.index_in(pivot.ids, ids).to_numpy(zero_copy_only=False).astype(np.int64)
    found: Ints = np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)[place]
    return found


def _latest(numbers: Ints, values: pa.Array, asked: Ints) -> pa.Array:
    """The last value of each number that is asked for."""
    order = np.argsort(numbers, kind="stable")
    return values.take(pa.array(order[np.searchsorted(numbers[order], asked, side="right") - 1]))
