"""Customers against each other under a frozen table: what is weighed of their pairs, and which rows are one person.

A pair is an entry of the ledger, of the row that came later. Rows are one person by their own pairs and those of all
that hang together with them; nothing else needs to be looked at when some of them change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from socialmerge.engines.joining import Joined, Joiner
from socialmerge.engines.persons import WEAK, persons
from socialmerge.matching.components import components
from socialmerge.matching.frozen import FrozenTable
from socialmerge.merging.arrays import Ints
from socialmerge.resolver.ledger import ENTRY, SAME, Entries
from socialmerge.resolver.scoring import LINKS
from socialmerge.resolver.weighing import Numbered
from socialmerge.schema import Schema

__all__ = ["Alike", "links_among", "neighbours", "region"]


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Customers made ready to be matched with others; ``numbers`` are those of the joiner's rows, -1 where gone."""

    joiner: Joiner
    numbers: Ints

    @classmethod
    def of(cls, customers: Numbered, schema: Schema, frozen: FrozenTable) -> Alike:
        """Make customers ready.

        Raises:
            PlanError: their columns mean something else than in the table that was learned from.
        """
        return cls(Joiner.of(customers.pivot.table, schema, frozen), customers.numbers)

    def with_rows(self, more: Numbered) -> Alike:
        """With more customers, who take the place of those that have their numbers."""
        old = self.without(more.numbers)
        return Alike(old.joiner.with_rows(more.pivot.table), np.append(old.numbers, more.numbers))

    def without(self, numbers: Ints) -> Alike:
        """Without some customers."""
        return replace(self, numbers=np.where(np.isin(self.numbers, numbers), -1, self.numbers))

    def pairs(self, some: Numbered) -> Entries:
        """The pairs of some customers with those that are here, but for themselves, and with each other."""
        found = self.joiner.match(some.pivot.table)
        number = np.append(self.without(some.numbers).numbers, some.numbers)
        early, late = np.minimum(found.left, found.right), np.maximum(found.left, found.right)
        kept = (found.log_odds > WEAK) & (number[early] >= 0)
        rows = np.zeros(int(kept.sum()), ENTRY)
        rows["what"], rows["one"], rows["bits"] = SAME, number[early[kept]], found.weight[kept]
        return Entries.together([Entries(number[late[kept]], rows)])


def neighbours(entries: Entries, numbers: Ints) -> Ints:
    """The customers that have a pair with some."""
    same = entries.where(entries.rows["what"] == SAME)
    one, other = same.owner, same.rows["one"]
    return np.union1d(other[np.isin(one, numbers)], one[np.isin(other, numbers)])


def region(entries: Entries, numbers: Ints, size: int) -> Ints:
    """The customers that hang together with some by pairs, those among them; numbers are below ``size``."""
    same = entries.where(entries.rows["what"] == SAME)
    label = components(size, same.owner, same.rows["one"])
    near = np.isin(label, label[numbers])
    return np.flatnonzero(near)


def links_among(entries: Entries, customers: Numbered, frozen: FrozenTable, line: float) -> pa.Table:
    """Links between rows that are one person with a probability of ``line`` or above, by all of their pairs."""
    prior = frozen.fields.fit.prior
    same = entries.where(entries.rows["what"] == SAME)
    sides = customers.rows_of(same.owner), customers.rows_of(same.rows["one"])
    left, right = np.minimum(*sides), np.maximum(*sides)
    # rows without a pair that is more likely one person than not are nobody else's
    label = components(len(customers.numbers), left, right)
    found = np.isin(label[left], label[left[same.rows["bits"] + prior > 0]])
    order = np.flatnonzero(found)[np.lexsort((right[found], left[found]))]
    left, right, bits = left[order], right[order], same.rows["bits"][order]
    if not len(order):
        return LINKS.empty_table()
    rows = np.unique(np.append(left, right))
    table = customers.pivot.table.take(pa.array(rows))
    at = np.searchsorted(rows, left), np.searchsorted(rows, right)
    settled = persons(frozen, table, Joined(*at, bits, bits + prior))
    chance = 1 / (1 + np.exp2(-np.clip(settled.log_odds, -1000, 1000)))
    sure = np.flatnonzero((settled.labels[at[0]] == settled.labels[at[1]]) & (chance >= line))
    ids, nowhere = customers.pivot.ids, pa.array(np.zeros(len(sure), np.bool_))
    columns = [ids.take(pa.array(left[sure])), nowhere, ids.take(pa.array(right[sure])), nowhere]
    columns += [pa.array(bits[sure]), pa.array(chance[sure]), pa.nulls(len(sure), pa.string())]
    return pa.table(columns, schema=LINKS)
