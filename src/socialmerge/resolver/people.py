"""Who a few ids stand for, as the store's own tables have it: their entities, without anything of anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from socialmerge.resolver.erasure import keys_table
from socialmerge.resolver.judging import in_force
from socialmerge.resolver.outcome import members_now
from socialmerge.store import Decision, RecordKey, Snapshot

__all__ = ["Few", "Name", "People"]

Name = tuple[str, str]
"""The source and the id of a record."""


class People(Protocol):
    """Some records, or all: the entity of each, the records of each entity, customers first, and decisions."""

    @property
    def rows(self) -> Mapping[Name, object]:
        """The records that are there."""

    @property
    def entity_of(self) -> Mapping[Name, str]:
        """The entity of each record."""

    @property
    def members(self) -> Mapping[str, list[Name]]:
        """The records of each entity."""

    @property
    def followers(self) -> Mapping[Name, str]:
        """The rows that their source has no more and that have a survivor here, each with the entity of that one."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What people decided, taken back or not, in its order."""

    @property
    def in_force(self) -> tuple[Decision, ...]:
        """Those of them that nobody took back."""

    def with_id(self, record_id: str) -> Iterable[Name]:
        """The records that have an id, a customer's first."""


@dataclass(frozen=True, slots=True)
class Few:
    """The records that some ids stand for, with all records of their entities, customers first.

    What is decided about them is in ``decisions``, with whatever takes one of these back. No row of the store is gone.
    """

    entity_of: dict[Name, str] = field(repr=False)
    members: dict[str, list[Name]] = field(repr=False)
    by_id: dict[str, list[Name]] = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)

    @classmethod
    def of(cls, view: Snapshot, ids: Sequence[str], names: Iterable[Name] = ()) -> Few:
        """Those that some ids, of records or of entities, stand for, and some records."""
        asked = [*names, *_forms(view, ids)]
        entities = {*members_now(view, keys_table(sorted(set(asked)))).values(), *ids}
        table = view.members_of(sorted(entities))
        now = (row for row in table.to_pylist() if row["until"] is None)
        entity_of = {(row["source"], row["record_id"]): row["entity_id"] for row in now}
        rows = view.records(keys_table(sorted(entity_of))).read_all().to_pylist()
        kinds = {(row["source"], row["record_id"]): row["kind"] for row in rows}
        order = sorted(entity_of, key=lambda name: (kinds[name] != "customer", name[1], name[0]))
        members: dict[str, list[Name]] = {}
        for name in order:
            members.setdefault(entity_of[name], []).append(name)
        by_id: dict[str, list[Name]] = {}
        for name in order:
            by_id.setdefault(name[1], []).append(name)
        about = view.decisions_about([RecordKey(*name) for name in order])
        return cls({name: entity_of[name] for name in order}, members, by_id, about)

    @property
    def rows(self) -> Mapping[Name, object]:
        """The records that are here."""
        return self.entity_of

    @property
    def followers(self) -> Mapping[Name, str]:
        """Nobody: where rows are gone the whole store is asked."""
        return {}

    @property
    def in_force(self) -> tuple[Decision, ...]:
        """Those that nobody took back."""
        return in_force(self.decisions)

    def with_id(self, record_id: str) -> list[Name]:
        """The records that have an id, a customer's first."""
        return self.by_id.get(record_id, [])


def _forms(view: Snapshot, ids: Sequence[str]) -> list[Name]:
    """The records that some ids may name, with their source before them or without."""
    found = view.named(ids)
    several = zip(found["source"].to_pylist(), found["record_id"].to_pylist(), strict=True)
    return [*several, *(one.partition(mark)[::2] for one in ids for mark in (":", "::"))]
