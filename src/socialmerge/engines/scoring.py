"""Scoring: profiles against customers under a frozen model, any number at a time, in any order and portions.

::

    model, _ = freeze(plan, profiles, customers, schema, LocalEngine(), say=progress)     # once
    scorer = Scorer.of(customers, schema, model)                                          # seconds for a million rows
    scored = scorer.score(profiles)                                                       # milliseconds for one profile
    decided = verdicts(scored, model)                                                     # each profile alone
    decided = settle(scored, model, profiles)                                             # all of them together
    scorer = scorer.with_customers(more)                                                  # rows go on where they ended
    scorer = scorer.without(rows)                                                         # rows that are gone

The weight of a pair, and whether it is a candidate at all, is a pure function of the two rows and the model: whatever
else is in the tables, the same pair has the same bits, to the last one. What profiles have to do with each other, and
customers who compete for one, is settled afterwards from the scored pairs (see `socialmerge.engines.settling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge import tables
from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import unpacked
from socialmerge.engines.asking import Asking, Ready, Sought, feature_at, plain, rows_of
from socialmerge.engines.rivals import Doubles, doubles
from socialmerge.engines.said import evidence_of, labels_of, lines_of
from socialmerge.engines.social import folded, proved_addresses, proved_bits
from socialmerge.engines.weighed import SocialPairs
from socialmerge.errors import PlanError
from socialmerge.matching import chain
from socialmerge.matching.cautions import pair_cautions, profile_cautions
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.compare import compare
from socialmerge.matching.decisions import Candidates
from socialmerge.matching.explain import Line
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.frozen_fields import side_by_side, weight_of
from socialmerge.matching.name_prospects import may_be_one
from socialmerge.matching.narrow import narrow
from socialmerge.normalise.fingerprints import Hashes, fingerprints
from socialmerge.records import profiles_schema
from socialmerge.schema import Column, Schema

__all__ = ["AT_ONCE", "GROWN", "Scored", "Scorer", "check_columns"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AT_ONCE = 2_000
"""Profiles that are scored at one time; the answers do not depend on it."""
GROWN = 2
"""A portion of customers is joined with the one before where that is not so many times as large."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Weighed pairs of profiles and customers, by rows.

    ``channels`` and ``warning`` (bits of `Caution`) are of each profile; ``ids`` are the ids of the customers, of all
    of them. ``doubles`` are customers who compete for a profile, and how likely they are one person. ``labels`` name
    the bits of the candidates' evidence.
    """

    candidates: Candidates
    signs: Ints
    channels: tuple[str, ...]
    warning: Ints
    ids: pa.Array
    doubles: Doubles
    labels: tuple[str, ...]

    @property
    def n_profiles(self) -> int:
        """How many profiles were scored."""
        return len(self.channels)


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Customers made ready for profiles to be scored against them, in portions as they came; never changes.

    ``ids`` are the ids of the rows as they are numbered, ``gone`` the rows that are not there any more.
    """

    model: FrozenModel
    schema: Schema
    portions: tuple[Ready, ...]
    ids: pa.Array
    gone: Ints

    @classmethod
    def of(cls, customers: pa.Table, schema: Schema, model: FrozenModel) -> Scorer:
        """Make customers ready.

        Raises:
            PlanError: the table's columns mean something else than in the table that the model was fitted on.
        """
        check_columns(schema.columns, model.columns)
        nobody = profiles_schema().empty_table()
        ids = tables.ids(customers, schema.id_column, what="customers")
        return cls(model, schema, (Ready.of(customers, nobody, model),), ids, np.zeros(0, np.int64))

    @property
    def rows(self) -> int:
        """How many customers are numbered, those who are gone among them."""
        return len(self.ids)

    def with_customers(self, more: pa.Table) -> Scorer:
        """A scorer of these customers and of more, numbered on; costs about what the new ones do."""
        ids = tables.ids(more, self.schema.id_column, what="customers")
        portions, table = list(self.portions), more.select(self.portions[0].table.column_names)
        while len(portions) > 1 and portions[-1].table.num_rows < GROWN * table.num_rows:
            table = pa.concat_tables([plain(portions.pop().table), plain(table)])
        ready = Ready.of(table, profiles_schema().empty_table(), self.model)
        return replace(self, portions=(*portions, ready), ids=pa.concat_arrays([self.ids, ids]))

    def without(self, rows: Ints) -> Scorer:
        """A scorer of these customers but those at some rows; the others keep their numbers.

        A customer who changed goes, and comes again with :meth:`with_customers`.
        """
        return replace(self, gone=once(np.append(self.gone, rows).astype(np.int64)))

    def score(self, profiles: pa.Table) -> Scored:
        """Find and weigh the candidates of each profile, a table with :func:`socialmerge.records.profiles_schema`."""
        parts = [self._score(profiles.slice(at, AT_ONCE), at) for at in range(0, max(profiles.num_rows, 1), AT_ONCE)]
        return Scored(
            _joined([candidates for candidates, _, _ in parts]),
            np.concatenate([signs for _, signs, _ in parts]),
            tuple(channel or "" for channel in tables.strings(profiles["channel"]).to_pylist()),
            profile_cautions(profiles),
            self.ids,
            Doubles.together([some for _, _, some in parts]),
            labels_of([feature.name for feature in self.model.fields.features]),
        )

    def sought(self, profiles: pa.Table) -> tuple[Sought, ...]:
        """What profiles are looked up by, :data:`AT_ONCE` of them at a time, to be asked for by :meth:`reached`."""
        nobody, model = self.portions[0].nobody, self.model
        several = [profiles.slice(at, AT_ONCE) for at in range(0, profiles.num_rows, AT_ONCE)]
        return tuple(Sought.of(Asking.of(some, nobody, model), model) for some in several)

    def reached(self, sought: Sought) -> Ints:
        """The rows of the profiles that share a key with a customer: no other one has a candidate here."""
        found = [pairs for ready in self.portions for pairs in ready.found_by(sought, self.model)]
        return once(unpacked(np.concatenate(found))[0]).astype(np.int64)

    def lines(self, profile: pa.Table, customer: int) -> tuple[Line, ...]:
        """The waterfall of one profile, a table of one row, and of the customer at a row."""
        start = 0
        for ready in self.portions:
            if customer < start + ready.table.num_rows:
                break
            start += ready.table.num_rows
        asking = Asking.of(profile, self.portions[0].nobody, self.model)
        row, nought = np.array([customer - start]), np.zeros(1, np.int64)
        chained = self.model.chain.tables(asking.side, narrow(ready.side, row))
        return lines_of(_social_pairs(asking, ready, self.model, chained, (nought, nought, row)), 0, customer - start)

    def _score(self, profiles: pa.Table, first: int) -> tuple[Candidates, Ints, Doubles]:
        asking = Asking.of(profiles, self.portions[0].nobody, self.model)
        found, start, sought = [], 0, Sought.of(asking, self.model)
        for ready in self.portions:
            found.append(_weighed(asking, sought, ready, self.model, start))
            start += ready.table.num_rows
        candidates, signs = _joined([one for one, _ in found]), np.concatenate([signs for _, signs in found])
        order = np.lexsort((candidates.right, candidates.left))
        order = order[~np.isin(candidates.right[order], self.gone)]
        candidates, signs = candidates.take(order), signs[order]
        some = doubles(candidates, self._customers, self.ids, self.model)
        moved = Candidates(candidates.left + first, *(getattr(candidates, name) for name in _COLUMNS[1:]))
        return moved, signs, replace(some, profile=some.profile + first)

    def _customers(self, rows: Ints) -> pa.Table:
        """The rows of some customers, which are in order."""
        found, start = [], 0
        for ready in self.portions:
            stop = start + ready.table.num_rows
            here = rows[(rows >= start) & (rows < stop)] - start
            found.append(rows_of(ready.table, here))
            start = stop
        return pa.concat_tables(found)


_COLUMNS = ("left", "right", "weight", "verified", "evidence", "warning")


def _joined(several: Sequence[Candidates]) -> Candidates:
    return Candidates(*(np.concatenate([getattr(one, name) for one in several]) for name in _COLUMNS))


def check_columns(asked: Sequence[Column], known: Sequence[Column]) -> None:
    """Refuse a table whose columns mean something else than those that are ``known``.

    Raises:
        PlanError: a column is missing, or means something else; all are named.
    """
    meant, shown = ({column.name: column.meaning for column in columns} for columns in (known, asked))
    changed = sorted(name for name in meant if meant[name] != shown.get(name))
    if changed:
        raise PlanError(
            f"the frozen model was fitted on a table whose columns mean something else: {', '.join(changed)}; give a "
            "table with the same columns, or fit and freeze again"
        )


def _weighed(asking: Asking, sought: Sought, ready: Ready, model: FrozenModel, start: int) -> tuple[Candidates, Ints]:
    """Candidates among one portion of the customers, whose rows are numbered from ``start`` on, and their signs."""
    sure, maybe = ready.found_by(sought, model)
    rows = once(np.concatenate([unpacked(sure)[1], unpacked(maybe)[1]])).astype(np.int64)
    chained = model.chain.tables(asking.side, narrow(ready.side, rows))
    left, right = unpacked(once(np.concatenate([sure, _near(maybe, rows, chained, few=model.chain.stops.few)])))
    one, other = left.astype(np.int64), np.searchsorted(rows, right).astype(np.int64)
    pairs = _social_pairs(asking, ready, model, chained, (one, other, rows))
    kept = once(pairs.right)
    customers, place = rows_of(ready.table, kept), np.searchsorted(kept, pairs.right)
    warning = pair_cautions(asking.profiles, customers, model.columns, left=one, right=place, signs=pairs.chain.signs)
    more = {"verified": pairs.verified, "evidence": evidence_of(pairs), "warning": warning}
    return Candidates.of(one, pairs.right + start, pairs.weight, **more), pairs.chain.signs


def _near(maybe: Hashes, rows: Ints, chained: ChainTables, *, few: bool) -> Hashes:
    """Of pairs that share a given or a family name, those whose names may be one person's."""
    if few:
        return maybe
    left, right = unpacked(maybe)
    one, other = chained.profiles, chained.customers
    names = one.name[left], other.name[np.searchsorted(rows, right)]
    found: Hashes = maybe[may_be_one(chained.words, one.names, other.names, *names)]
    return found


def _social_pairs(
    asking: Asking, ready: Ready, model: FrozenModel, chained: ChainTables, at: tuple[Ints, Ints, Ints]
) -> SocialPairs:
    """Weigh pairs of profiles and of the places of customers among ``rows``."""
    left, right, rows = at
    profiles, fit = asking.profiles.num_rows, model.fields.fit
    found = chain.weights(chained, left, right, model.chain.model)
    shown = [ready.features[feature.name] for feature in asking.features if feature.name in ready.features]
    both = side_by_side(asking.features, feature_at(shown, rows), (profiles, len(rows)))
    comparers = model.fields.comparers(both, profiles + len(rows))
    compared = compare(comparers, left.astype(np.int32), (right + profiles).astype(np.int32))
    bits = weight_of(comparers, fit, compared)
    own = _places(asking.profiles, model)
    proved = proved_addresses(asking.profiles, [comparer.feature for comparer in comparers], left, right)
    proved &= model.proven
    verified = found.verified + proved_bits(proved, compared, fit)
    weight = found.bits + bits + own[left]
    return SocialPairs(left, rows[right], found, weight, verified, own, comparers, fit, compared, left)


def _places(profiles: pa.Table, model: FrozenModel) -> Floats:
    """Bits of each profile, by where it says it is."""
    shown = folded(profiles["location"])
    known = np.array([place is not None for place in shown], np.bool_)
    bits = np.full(len(shown), model.places.otherwise)
    bits[known] = model.places.at(fingerprints(pa.array([place for place in shown if place is not None], pa.string())))
    return bits
