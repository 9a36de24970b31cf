"""What a store says of merged records at one moment, and what goes back to the CRM: as results of files say it.

Each function is a method of :class:`~socialmerge.resolver.StoreResult`, and takes and says what that of `AttachResult`
does; people's words about values and consents are the store's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import merging, tables
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.channels.strategy import Strategy
from socialmerge.errors import PolicyError, TableError
from socialmerge.merging.arrays import whole
from socialmerge.merging.consent import heeded
from socialmerge.merging.moments import instant, moment_of
from socialmerge.merging.simulation import changes_between, counts_of
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.state import State

__all__ = ["Held", "changes", "golden", "merges", "simulate"]


class Held(Protocol):
    """What a store holds at one moment, as far as merging is concerned."""

    @property
    def _state(self) -> State:
        """All of it."""

    @property
    def _consents(self) -> pa.Table | None:
        """What people said about being reached."""

    @property
    def _now(self) -> datetime | None:
        """When that moment was."""

    @property
    def policy(self) -> merging.Policy:
        """What the merged records keep where nobody says."""

    @property
    def strategy(self) -> Strategy:
        """How the channels are used where a view is not told."""

    def _rows(self) -> Rows:
        """The customers, as the store has them."""


def golden(self: Held, policy: merging.Policy | None = None, *, as_of: str | datetime | None = None) -> merging.Golden:
    """Merge each entity of the store into one record, as `Resolver.golden` does.

    Raises:
        PolicyError: the policy does not fit the tables, or lets other sources clear values than the store's does.
    """
    if policy is not None and set(policy.clears) != set(self.policy.clears):
        raise PolicyError(
            "clears: what holds was read under the store's own; ask Resolver.golden(policy=) in its place"
        )
    moment = moment_of(as_of)
    said = self._consents
    if said is not None and self._now is not None:
        said = heeded(said, instant(self._now) if moment is None else moment)
    found = golden_of(self._state, policy or self.policy, as_of=as_of, consents=said)
    return replace(found, strategy=self.strategy)


def simulate(
    self: Held, before: merging.Policy, after: merging.Policy, *, as_of: str | datetime | None = None
) -> merging.Simulation:
    """What the records would say if the policy ``after`` took the place of ``before``."""
    old, new = (golden(self, one, as_of=as_of) for one in (before, after))
    found = changes_between(old, new).combine_chunks()
    return merging.Simulation(found, counts_of(found), old.records.num_rows)


def changes(
    self: Held,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
    insert_new: bool = False,
    customers: tables.Source | None = None,
) -> pa.Table:
    """The updates to load back into the CRM; arguments as for `AttachResult.changes`.

    ``customers`` is the table as the CRM has it now. What a change replaces is then what stands there, and not what the
    store was told last of several values without dates; rows that are not in it are as the store has them.

    Raises:
        TableError: the store has no customers, or the golden record is not of these.
        PolicyError: there is no such style.
    """
    merged, rows = _at_hand(self, policy, golden)
    now = rows.table if customers is None else _as_now(rows, customers)
    return merging.changes(merged, now, rows.schema, style=style, insert_new=insert_new)


def merges(
    self: Held,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
) -> pa.Table:
    """Which rows are merged into which, to load after the changes; arguments as for `AttachResult.merges`."""
    merged, rows = _at_hand(self, policy, golden)
    return merging.merges(merged, rows.table, rows.schema, style=style)


def _at_hand(held: Held, policy: merging.Policy | None, merged: merging.Golden | None) -> tuple[merging.Golden, Rows]:
    rows = held._rows()  # noqa: SLF001 - a method of it
    return merged or golden(held, policy), rows


def _as_now(rows: Rows, customers: tables.Source) -> pa.Table:
    """The store's customers with the cells of a table of theirs; its other rows and columns are left out."""
    given = customers_of(customers, id_column=rows.schema.id_column, region=rows.schema.region)
    at = pc.index_in(rows.ids, given.ids)
    if at.null_count == len(at) and len(at):
        raise TableError("changes: none of these customers is in the store; give the table that was loaded")
    found = rows.table
    for place, name in enumerate(found.column_names):
        if name in given.table.column_names and name != rows.schema.id_column:
            theirs = whole(tables.strings(given.table[name])).take(at)
            own = whole(tables.strings(found[name]))
            found = found.set_column(place, name, pc.if_else(pc.is_valid(at), theirs, own))
    return found
