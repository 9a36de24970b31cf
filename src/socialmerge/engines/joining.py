"""Joining: rows that come later matched with a table and each other under a frozen fit, any number at a time.

::

    frozen, matched = freeze_table(plan, table, schema, LocalEngine())     # once: as `LocalEngine.match`
    joiner = Joiner.of(table, schema, frozen)                              # the table made ready
    pairs = joiner.match(more)                                             # more with the table, and with itself
    joiner = joiner.with_rows(more)                                        # rows go on where they ended

Whether two rows meet and what they weigh is a function of the two rows and the frozen table: rows that come in portions
are weighed as if all had come at once, to the last bit. Clusters follow from all pairs (see `engines.persons`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge import tables
from socialmerge.blocking import make_atoms, resolve_key
from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Index, Postings, unpacked
from socialmerge.blocking.value_tokens import FrozenKey, splitters_of
from socialmerge.engines.again import settled_of
from socialmerge.engines.asking import feature_at, plain
from socialmerge.engines.freezing import freeze_fields
from socialmerge.engines.local import FLOOR, LocalEngine, Matched
from socialmerge.engines.rivals import features_of
from socialmerge.engines.scoring import GROWN, check_columns
from socialmerge.errors import FitError, PlanError
from socialmerge.matching.compare import compare
from socialmerge.matching.entered import index_of, look_up
from socialmerge.matching.frozen import FrozenTable
from socialmerge.matching.frozen_fields import side_by_side, weight_of
from socialmerge.matching.known import Known
from socialmerge.normalise.features import Feature
from socialmerge.normalise.fingerprints import Hashes
from socialmerge.plan import Plan
from socialmerge.schema import Schema

__all__ = ["Joined", "Joiner", "freeze_table"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AT_ONCE = 200_000
"""Pairs that are compared at one time; the answers do not depend on it."""


def freeze_table(
    plan: Plan,
    table: pa.Table,
    schema: Schema,
    engine: LocalEngine,
    *,
    known: Known | None = None,
    clusters: bool = False,
) -> tuple[FrozenTable, Matched]:
    """Match a table with itself, and keep what that learned; with ``clusters`` also of the clusters of its rows.

    Raises:
        FitError: there is nothing to compare.
        PlanError: a comparison or a key is a function that cannot be kept.
    """
    own = [str(key) for key in plan.keys if key.by]
    if own:
        raise PlanError(f"a key by a function cannot be frozen: {', '.join(own)}; use fields and their atoms")
    matched = engine.match(plan, table, known=known, clusters=clusters)
    if matched is None:
        raise FitError("there is nothing to learn from: fewer than two rows, or no column with values")
    features = [comparer.feature for comparer in matched.comparers]
    fields = freeze_fields(plan.fields, matched.comparers, matched.fitted, table)
    frozen = FrozenTable(schema.columns, fields, (), plan.version)
    atoms = make_atoms(features)
    resolved = [resolve_key(key, atoms, features, [field.name for field in plan.fields]) for key in matched.keys]
    splitters, words = splitters_of(atoms), frozen.words()
    keys = tuple(FrozenKey.of(key, splitters, features, words) for key in resolved if key)
    growth = settled_of(matched).growth if clusters else None
    return FrozenTable(schema.columns, fields, keys, plan.version, growth), matched


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Weighed pairs, each once; rows are numbered over the table's rows followed by the new ones.

    The row with the smaller id is ``left``. ``weight`` is in bits without the prior, ``log_odds`` with it.
    """

    left: Ints
    right: Ints
    weight: Floats
    log_odds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Joiner:
    """A table made ready for more rows to be matched with it, in portions as they came; never changes."""

    frozen: FrozenTable
    schema: Schema
    portions: tuple[_Portion, ...]
    ids: pa.Array

    @classmethod
    def of(cls, table: pa.Table, schema: Schema, frozen: FrozenTable) -> Joiner:
        """Make a table ready.

        Raises:
            PlanError: its columns mean something else than in the table that was frozen.
        """
        check_columns(schema.columns, frozen.columns)
        ids = tables.ids(table, schema.id_column, what="customers")
        return cls(frozen, schema, (_Portion.of(table, frozen),), ids)

    def with_rows(self, more: pa.Table) -> Joiner:
        """A joiner of these rows and of more, numbered on."""
        ids = tables.ids(more, self.schema.id_column, what="customers")
        portions, table = list(self.portions), more.select(self.portions[0].table.column_names)
        while len(portions) > 1 and portions[-1].rows < GROWN * table.num_rows:
            table = pa.concat_tables([plain(portions.pop().table), plain(table)])
        portions.append(_Portion.of(table, self.frozen))
        return Joiner(self.frozen, self.schema, tuple(portions), pa.concat_arrays([self.ids, ids]))

    def match(self, more: pa.Table) -> Joined:
        """Match more rows with those that are there, and with each other."""
        asking = _Portion.of(more, self.frozen)
        ids = tables.ids(more, self.schema.id_column, what="customers")
        found, start, first = [], 0, len(self.ids)
        for portion in self.portions:
            stop = start + portion.rows
            own = self.ids.slice(start, portion.rows)
            found.append(_weighed(portion, asking, self.frozen, (own, ids), at=(start, first)))
            start = stop
        found.append(_weighed(asking, asking, self.frozen, (ids, ids), at=(first, first)))
        return Joined(*(np.concatenate([getattr(one, name) for one in found]) for name in _COLUMNS))


_COLUMNS = ("left", "right", "weight", "log_odds")


@dataclass(frozen=True, slots=True, eq=False)
class _Portion:
    """Rows with their features, and the rows by the blocks that they are in."""

    table: pa.Table
    features: tuple[Feature, ...]
    blocks: Postings
    index: Index

    @classmethod
    def of(cls, table: pa.Table, frozen: FrozenTable) -> _Portion:
        features, words = features_of(frozen.fields, table), frozen.words()
        several = [key.tokens(features, words) for key in frozen.keys]
        # a token of one key is none of another's
        token = [one.token ^ np.uint64(number << 1 | 1) for number, one in enumerate(several)]
        rows = [np.zeros(0, np.int32), *(one.row for one in several)]
        blocks = Postings(np.concatenate([np.zeros(0, np.uint64), *token]), np.concatenate(rows))
        return cls(table, features, blocks, index_of(blocks))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows)


_NO_STOPS: Hashes = np.zeros(0, np.uint64)


def _weighed(
    portion: _Portion, asking: _Portion, frozen: FrozenTable, ids: tuple[pa.Array, pa.Array], *, at: tuple[int, int]
) -> Joined:
    """Rows that ask with those of a portion; with themselves where both are the same."""
    pairs = once(look_up(portion.index, asking.blocks, _NO_STOPS, asking.rows))
    new, old = (side.astype(np.int64) for side in unpacked(pairs))
    if portion is asking:
        old, new = old[old < new], new[old < new]
    first = _precedes(ids[0], ids[1], old, new)
    floor = np.log2(FLOOR / (1 - FLOOR)) - frozen.fields.fit.prior
    weight = np.concatenate(
        [
            np.zeros(0),
            *(
                _bits(portion, asking, frozen, (old[part], new[part], first[part]))
                for part in (slice(start, start + AT_ONCE) for start in range(0, len(old), AT_ONCE))
            ),
        ]
    )
    kept = weight >= floor
    one, other = old[kept] + at[0], new[kept] + at[1]
    left, right = np.where(first[kept], one, other), np.where(first[kept], other, one)
    return Joined(left, right, weight[kept], weight[kept] + frozen.fields.fit.prior)


def _precedes(one: pa.Array, other: pa.Array, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
    """Whether the id of each left row is the smaller: of two rows it is always the same one that is compared first."""
    a, b = (np.array(ids.take(pa.array(rows)).to_pylist(), object) for ids, rows in ((one, left), (other, right)))
    return np.array(a < b, np.bool_) if len(a) else np.zeros(0, np.bool_)


def _bits(
    portion: _Portion, asking: _Portion, frozen: FrozenTable, pairs: tuple[Ints, Ints, npt.NDArray[np.bool_]]
) -> Floats:
    old, new, first = pairs
    there, come = once(old), once(new)
    sides = feature_at(portion.features, there), feature_at(asking.features, come)
    both = side_by_side(*sides, (len(there), len(come)))
    comparers = frozen.fields.comparers(both, len(there) + len(come))
    one, other = np.searchsorted(there, old), np.searchsorted(come, new) + len(there)
    left, right = np.where(first, one, other).astype(np.int32), np.where(first, other, one).astype(np.int32)
    return weight_of(comparers, frozen.fields.fit, compare(comparers, left, right))
