"""Weighing under a frozen model: profiles become entries of the ledger, and what hangs together is decided of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.engines import scoring, settling
from socialmerge.engines.outcome import Outcome
from socialmerge.engines.rivals import Doubles
from socialmerge.engines.said import labels_of
from socialmerge.engines.scoring import Scorer
from socialmerge.matching.cautions import profile_cautions
from socialmerge.matching.decisions import Candidates
from socialmerge.matching.explain import Explanation, Line
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.together import tokens
from socialmerge.merging.arrays import Ints, Mask, as_mask
from socialmerge.records import decisions_schema
from socialmerge.resolver.learned import Learned
from socialmerge.resolver.ledger import DOUBLE, ENTRY, PAIR, TOKEN, WEAK, Entries
from socialmerge.resolver.pivot import Pivot
from socialmerge.resolver.scoring import NOBODY, Scored, links_between
from socialmerge.schema import Schema
from socialmerge.tables import strings

__all__ = ["Named", "Numbered", "Weigher", "decided", "unlike"]

RIVAL_BITS = 10.0
"""A candidate that is so many bits below even odds competes with no other profile: it would move the other's odds by a
thousandth at most, and who competes with whom decides how far a change reaches."""
HOPELESS_BITS = 20.0
"""A pair whose evidence leaves one customer among all so many bits below even odds is not kept: it would take a million
of them to matter, and without it most profiles have nothing to do with each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Ids of customers, in order, and the number of each."""

    ids: pa.Array
    numbers: Ints

    def rows_of(self, numbers: Ints) -> Ints:
        """The row of each number."""
        return _places(self.numbers, numbers)


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Rows of customers or profiles, and the number that each has in the store."""

    pivot: Pivot
    numbers: Ints

    def take(self, rows: Ints) -> Numbered:
        """Some of the rows."""
        at = pa.array(rows)
        one = self.pivot
        ids, sources, seen = (column.take(at) for column in (one.ids, one.sources, one.seen))
        return Numbered(Pivot(one.table.take(at), ids, sources, seen, one.proven[rows]), self.numbers[rows])

    def rows_of(self, numbers: Ints) -> Ints:
        """The row of each number, -1 where there is none."""
        return _places(self.numbers, numbers)

    def differing(self, before: Numbered) -> Ints:
        """The rows that were not there before, or were otherwise."""
        at = before.rows_of(self.numbers)
        there = np.flatnonzero(at >= 0)
        then, now = before.take(at[there]).pivot, self.take(there).pivot
        moved = then.proven != now.proven
        for name in now.table.column_names:
            moved |= unlike(then.table[name], now.table[name])
        found: Ints = np.union1d(np.flatnonzero(at < 0), there[moved])
        return found

    def with_rows(self, more: Numbered) -> Numbered:
        """These and more, which take the place of rows with their ids; sorted by id."""
        one, other = self.pivot, more.pivot
        kept = np.flatnonzero(~np.isin(self.numbers, more.numbers))
        mine = self.take(kept) if len(kept) < len(self.numbers) else self
        one = mine.pivot
        table = pa.concat_tables([one.table, other.table.select(one.table.column_names).cast(one.table.schema)])
        names = ("ids", "sources", "seen")
        ids, sources, seen = (pa.concat_arrays([getattr(one, name), getattr(other, name)]) for name in names)
        whole = Pivot(table.combine_chunks(), ids, sources, seen, np.append(one.proven, other.proven))
        found = Numbered(whole, np.append(mine.numbers, more.numbers))
        return found.take(np.asarray(pc.sort_indices(whole.ids).to_numpy(), np.int64))


def unlike(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Mask:
    """Which values differ, where none is a value as well."""
    if pa.types.is_list(one.type):
        return np.array([a != b for a, b in zip(one.to_pylist(), other.to_pylist(), strict=True)], np.bool_)
    gone = pc.xor(pc.is_null(one), pc.is_null(other))
    return as_mask(pc.coalesce(pc.not_equal(one, other), gone))


def _places(known: Ints, asked: Ints) -> Ints:
    order = np.argsort(known)
    found = np.append(order, -1)[np.searchsorted(known[order], asked)]
    there = np.append(known, -1)[found] == asked
    return np.where(there, found, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """Customers made ready for profiles of one sort; ``numbers`` are those of the rows as the scorer numbers them."""

    scorer: Scorer
    numbers: Ints

    def with_customers(self, more: Numbered) -> Entered:
        """With more customers, who take the place of those that have their numbers."""
        old = self.without(more.numbers)
        return Entered(old.scorer.with_customers(more.pivot.table), np.append(old.numbers, more.numbers))

    def without(self, numbers: Ints) -> Entered:
        """Without some customers."""
        rows = np.flatnonzero(np.isin(self.numbers, numbers))
        if not len(rows):
            return self
        left = self.numbers.copy()
        left[rows] = -1
        return Entered(self.scorer.without(rows), left)


@dataclass(frozen=True, slots=True, eq=False)
class Weigher:
    """Customers whom profiles are weighed against; for each sort of these they are made ready when one first comes."""

    learned: Learned
    schema: Schema
    customers: Numbered
    made: dict[bool, Entered]

    @classmethod
    def of(cls, customers: Numbered, schema: Schema, learned: Learned) -> Weigher:
        """Weigh against some customers.

        Raises:
            PlanError: their columns mean something else than in the table that was learned from.
        """
        for proven in (True, False):
            scoring.check_columns(schema.columns, learned.of(proven=proven).columns)
        return cls(learned, schema, customers, {})

    def of_sort(self, *, proven: bool) -> Entered:
        """Customers made ready for one sort of profiles."""
        if proven not in self.made:
            scorer = Scorer.of(self.customers.pivot.table, self.schema, self.learned.of(proven=proven))
            self.made[proven] = Entered(scorer, self.customers.numbers)
        return self.made[proven]

    def with_customers(self, more: Numbered, rows: Numbered) -> Weigher:
        """With more customers, who take the place of those that have their numbers; ``rows`` are all of them then."""
        made = {proven: entered.with_customers(more) for proven, entered in self.made.items()}
        return replace(self, customers=rows, made=made)

    def without(self, numbers: Ints, rows: Numbered) -> Weigher:
        """Without some customers; ``rows`` are those who are left."""
        made = {proven: entered.without(numbers) for proven, entered in self.made.items()}
        return replace(self, customers=rows, made=made)

    def weigh(self, profiles: Numbered) -> Entries:
        """What may be said of each of some profiles."""
        found = []
        for proven in (True, False):
            rows = np.flatnonzero(profiles.pivot.proven == proven)
            if len(rows):
                found.append(self._weigh(profiles.take(rows), self.of_sort(proven=proven)))
        return Entries.together(found)

    def _weigh(self, profiles: Numbered, entered: Entered) -> Entries:
        table, numbers, scorer = profiles.pivot.table, profiles.numbers, entered.scorer
        scored = scorer.score(table)
        kept = scored.candidates.take(np.flatnonzero(scored.candidates.weight >= _even(scorer.model) - HOPELESS_BITS))
        pairs = np.zeros(len(kept.left), ENTRY)
        strong = kept.weight >= _even(scorer.model) - RIVAL_BITS
        pairs["what"], pairs["one"] = np.where(strong, PAIR, WEAK), entered.numbers[kept.right]
        for name, column in (
            ("bits", "weight"),
            ("verified", "verified"),
            ("evidence", "evidence"),
            ("warning", "warning"),
        ):
            pairs[name] = getattr(kept, column)
        some = _among(scored.doubles, kept, len(entered.numbers))
        rivals = np.zeros(len(some.profile), ENTRY)
        rivals["what"], rivals["one"], rivals["other"] = DOUBLE, entered.numbers[some.one], entered.numbers[some.other]
        rivals["bits"] = some.log_odds
        row, token = tokens(table)
        shared = np.zeros(len(row), ENTRY)
        shared["what"], shared["one"] = TOKEN, token.view(np.int64)
        owners = (kept.left, some.profile, row)
        return Entries.together(
            Entries(numbers[owner], rows) for owner, rows in zip(owners, (pairs, rivals, shared), strict=True)
        )


def _even(model: FrozenModel) -> float:
    """Bits by which a pair comes to even odds, where half of the profiles are customers'."""
    return float(np.log2(max(model.people, 1)))


def _among(doubles: Doubles, kept: Candidates, size: int) -> Doubles:
    """Rivals that are both kept."""
    pairs = kept.left * size + kept.right
    both = np.isin(doubles.profile * size + doubles.one, pairs) & np.isin(doubles.profile * size + doubles.other, pairs)
    return Doubles(*(getattr(doubles, name)[both] for name in ("profile", "one", "other", "log_odds")))


def decided(
    profiles: Numbered, customers: Named, entries: Entries, weigher: Callable[[], Weigher], learned: Learned
) -> Scored:
    """Decide profiles together by their entries; whoever hangs together with one of them must be there."""
    outcomes = {}
    for proven in (True, False):
        rows = np.flatnonzero(profiles.pivot.proven == proven)
        if len(rows):
            some = profiles.take(rows)
            outcomes[proven] = some, _outcome(some, customers, entries.of(some.numbers), learned.of(proven=proven))
    tables = [outcome.decisions(some.pivot.ids, customers.ids) for some, outcome in outcomes.values()]
    found = pa.concat_tables(tables).sort_by("profile_id") if tables else decisions_schema().empty_table()
    why, best = partial(_explained, outcomes, customers, weigher), partial(_likeliest, outcomes, customers)
    return Scored(found, links_between(found), why, best)


def _likeliest(outcomes: dict[bool, tuple[Numbered, Outcome]], customers: Named) -> pa.Table:
    found = [outcome.likeliest(some.pivot.ids, customers.ids) for some, outcome in outcomes.values()]
    return pa.concat_tables([NOBODY, *found])


def _outcome(profiles: Numbered, customers: Named, entries: Entries, model: FrozenModel) -> Outcome:
    scored = _scored(profiles, customers, entries, model)
    alone = scored.candidates.weight < _even(model) - RIVAL_BITS
    found = settling.settle(scored, model, profiles.pivot.table, alone=alone)
    source = model.sources.of(scored.channels)[0]
    nothing = np.zeros(len(scored.candidates.left))
    return Outcome(
        scored.candidates, nothing, found, source, model.people, scored.labels, lambda *_: (), model.fields.fit
    )


def _scored(profiles: Numbered, customers: Named, entries: Entries, model: FrozenModel) -> scoring.Scored:
    """Entries as weighed pairs by rows, in the order in which a scorer gives them."""
    what = entries.rows["what"]
    pairs, rivals = entries.where((what == PAIR) | (what == WEAK)), entries.where(what == DOUBLE)
    left, right = profiles.rows_of(pairs.owner), customers.rows_of(pairs.rows["one"])
    order = np.lexsort((right, left))
    columns = (pairs.rows[name][order] for name in ("bits", "verified", "evidence", "warning"))
    own = profiles.rows_of(rivals.owner)
    one, other = (customers.rows_of(rivals.rows[name]) for name in ("one", "other"))
    rank = np.lexsort((other, one, own))
    return scoring.Scored(
        Candidates(left[order], right[order], *columns),
        np.zeros(len(order), np.int64),
        tuple(channel or "" for channel in strings(profiles.pivot.table["channel"]).to_pylist()),
        profile_cautions(profiles.pivot.table),
        customers.ids,
        Doubles(own[rank], one[rank], other[rank], rivals.rows["bits"][rank]),
        labels_of([feature.name for feature in model.fields.features]),
    )


def _explained(
    outcomes: dict[bool, tuple[Numbered, Outcome]], customers: Named, weigher: Callable[[], Weigher], profile_id: str
) -> Explanation:
    """Why a profile was decided so; its likeliest candidate is weighed once more."""
    proven = next(sort for sort, (some, _) in outcomes.items() if some.pivot.ids.index(profile_id).as_py() >= 0)
    profiles, outcome = outcomes[proven]
    row = profiles.pivot.ids.index(profile_id).as_py()
    made = weigher().of_sort(proven=proven)

    def lines(_: int, customer: int) -> tuple[Line, ...]:
        at = np.flatnonzero(made.numbers == customers.numbers[customer])
        return made.scorer.lines(profiles.pivot.table.slice(row, 1), int(at[-1])) if len(at) else ()

    return replace(outcome, lines=lines).explain(row, profile_id, customers.ids)
