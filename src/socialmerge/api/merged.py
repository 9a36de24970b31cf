"""What both results say of merged records: the records, what another policy would change, what goes back to the CRM.

Each function is a method of both, so that they take and say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from socialmerge import merging
from socialmerge.schema import Schema

__all__ = ["Matched", "Members", "changes", "golden", "merges", "simulate"]

Members = tuple[pa.Table, pa.Table, pa.Table | None, Schema | None]
"""Who is who (decisions or clusters), the customers, the profiles, and the schema of these where they have one."""


class Matched(Protocol):
    """A result, as far as merging is concerned."""

    @property
    def schema(self) -> Schema:
        """What the customers' columns mean."""

    @property
    def policy(self) -> merging.Policy | None:
        """What the merged records keep where nobody says."""

    def _members(self) -> Members:
        """Who is who, and the tables."""


def golden(
    self: Matched,
    policy: merging.Policy | None = None,
    *,
    edicts: merging.Edicts | None = None,
    as_of: str | datetime | None = None,
    consents: pa.Table | Sequence[merging.Consent] | None = None,
) -> merging.Golden:
    """Merge each customer with the rows that are the same person, and what is attached, into one record.

    A new person is a record too. What may be said besides the policy is as in `socialmerge.merging.golden`.
    """
    identities, rows, profiles, schema = self._members()
    said = merging.Said(profile_schema=schema, edicts=edicts, as_of=as_of, consents=consents)
    return merging.golden(identities, rows, profiles, self.schema, policy or self.policy, **said)


def simulate(
    self: Matched,
    before: merging.Policy,
    after: merging.Policy,
    *,
    edicts: merging.Edicts | None = None,
    as_of: str | datetime | None = None,
) -> merging.Simulation:
    """What the records would say if the policy ``after`` took the place of ``before``."""
    identities, rows, profiles, schema = self._members()
    said = merging.Said(profile_schema=schema, edicts=edicts, as_of=as_of)
    return merging.simulate(identities, rows, profiles, self.schema, before, after, **said)


def changes(
    self: Matched,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
    insert_new: bool = False,
) -> pa.Table:
    """The updates to load back into the CRM.

    ``policy`` says what the merged records keep, and ``golden`` is what ``golden`` gave for it, if that is at hand.
    ``style`` is ``"generic"``, ``"salesforce"``, ``"hubspot"`` or ``"sql"``; see `socialmerge.merging.changes`.
    ``insert_new`` also lists the people who are not in the CRM.
    """
    merged, rows = _at_hand(self, policy, golden)
    return merging.changes(merged, rows, self.schema, style=style, insert_new=insert_new)


def merges(
    self: Matched,
    policy: merging.Policy | None = None,
    *,
    style: str = "generic",
    golden: merging.Golden | None = None,
) -> pa.Table:
    """Which rows are merged into which, to load after the changes; arguments as for ``changes``."""
    merged, rows = _at_hand(self, policy, golden)
    return merging.merges(merged, rows, self.schema, style=style)


def _at_hand(
    matched: Matched, policy: merging.Policy | None, merged: merging.Golden | None
) -> tuple[merging.Golden, pa.Table]:
    """The merged records, made where they are not there yet, and the customers."""
    return merged or golden(matched, policy), matched._members()[1]  # noqa: SLF001
