"""What would change if one policy took the place of another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Unpack

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole
from socialmerge.merging.golden import BLOCK_ENTITIES, Golden, Said, golden_batches
from socialmerge.merging.policy import Policy
from socialmerge.schema import Schema
from socialmerge.tables import LIST_SEPARATOR

__all__ = ["Simulation", "changes_between", "counts_of", "counts_schema", "simulate", "simulation_schema"]

_JOINT = ";"


@cache
def simulation_schema() -> pa.Schema:
    """One row for each field of an entity that would change.

    ``before`` and ``after`` are null where the field is empty; the values of a list are joined by three colons. The
    rules are those that keep the value, or take it away.
    """
    names = ("entity_id", "field", "before", "after", "rule_before", "rule_after")
    return pa.schema([(name, pa.string()) for name in names])


@cache
def counts_schema() -> pa.Schema:
    """One row for each field that would change somewhere.

    ``filled`` are empty before and ``emptied`` after, ``replaced`` have another value; ``changed`` is their sum.
    """
    numbers = ("changed", "filled", "emptied", "replaced")
    return pa.schema([("field", pa.string()), *((name, pa.int64()) for name in numbers)])


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would change: ``changes`` by entity and field (``simulation_schema``), and ``counts`` (``counts_schema``).

    ``entities`` is how many were merged.
    """

    changes: pa.Table
    counts: pa.Table
    entities: int


def simulate(  # noqa: PLR0917 - those of golden, and two policies
    identities: pa.Table,
    customers: pa.Table,
    profiles: pa.Table | None,
    schema: Schema,
    before: Policy,
    after: Policy,
    *,
    entities: int = BLOCK_ENTITIES,
    **said: Unpack[Said],
) -> Simulation:
    """Say what the records would say if the policy ``after`` took the place of ``before``; nothing is kept.

    The other arguments are those of ``golden`` and ``golden_batches``, the same for both policies; what is in memory at
    one time is bounded by ``entities``, and by what changes.

    >>> import pyarrow as pa
    >>> from socialmerge.merging import keep
    >>> from socialmerge.records import Kind
    >>> from socialmerge.schema import Column, Schema
    >>> customers = pa.table({"id": ["c1", "c2"], "town": ["York", "Leeds-by-the-river"]})
    >>> clusters = pa.table({"id": ["c1", "c2"], "entity_id": ["c1", "c1"]})
    >>> schema = Schema("id", (Column("id", Kind.ID), Column("town", Kind.TEXT)))
    >>> now, then = Policy(otherwise=keep.most_frequent()), Policy(otherwise=keep.every())
    >>> simulate(clusters, customers, None, schema, now, then).changes.select(["before", "after"]).to_pylist()
    [{'before': 'Leeds-by-the-river', 'after': 'Leeds-by-the-river ::: York'}]

    Raises:
        PolicyError: A policy does not fit the tables.
        SchemaError: The id column is not in its table.
        TableError: The identities do not fit the tables.
    """
    first = golden_batches(identities, customers, profiles, schema, before, entities=entities, **said)
    second = golden_batches(identities, customers, profiles, schema, after, entities=entities, **said)
    parts, count = [simulation_schema().empty_table()], 0
    for old, new in zip(first, second, strict=True):
        parts.append(changes_between(old, new))
        count += old.records.num_rows
    changes = pa.concat_tables(parts).combine_chunks()
    return Simulation(changes, counts_of(changes), count)


def changes_between(old: Golden, new: Golden) -> pa.Table:
    """Compare the same entities, in the order of their ids and of the fields; a field may be in one of the two only."""
    names = dict.fromkeys([*new.records.column_names[2:], *old.records.column_names[2:]])
    parts = [_changed(old, new, name) for name in names]
    table = pa.concat_tables(parts) if parts else simulation_schema().empty_table()
    place = pa.array(np.repeat(np.arange(len(parts)), [part.num_rows for part in parts]))
    table = table.append_column("place", place.cast(pa.int64()))
    return table.sort_by([("entity_id", "ascending"), ("place", "ascending")]).drop_columns(["place"])


def _changed(old: Golden, new: Golden, name: str) -> pa.Table:
    before, after = _texts(old, name), _texts(new, name)
    at = pa.array(np.flatnonzero(as_mask(pc.not_equal(pc.fill_null(before, ""), pc.fill_null(after, "")))))
    entity = whole(old.records["entity_id"]).take(at)
    field = pa.repeat(pa.scalar(name), len(at))
    columns = [entity, field, before.take(at), after.take(at), _rules(old, name, entity), _rules(new, name, entity)]
    return pa.table(columns, schema=simulation_schema())


def _texts(merged: Golden, name: str) -> pa.Array:
    if name not in merged.records.column_names:  # of an export's columns a record has those that its policy names
        return pa.nulls(merged.records.num_rows, pa.string())
    values = whole(merged.records[name])
    return pc.binary_join(values, LIST_SEPARATOR) if pa.types.is_list(values.type) else values


def _rules(merged: Golden, name: str, entity: pa.Array) -> pa.Array:
    """Give the rules that keep a field of these entities, else those that take its values away."""
    return pc.coalesce(_named(merged.provenance, name, entity), _named(merged.conflicts, name, entity))


def _named(table: pa.Table, name: str, entity: pa.Array) -> pa.Array:
    rows = table.filter(pc.and_(pc.equal(table["field"], name), pc.is_in(table["entity_id"], entity)))
    grouped = rows.group_by("entity_id", use_threads=False).aggregate([("rule", "list")])
    places: Ints = codes_in(entity, whole(grouped["entity_id"]))
    lists = whole(grouped["rule_list"]).take(pa.array(places, mask=places < 0)).to_pylist()
    return pa.array([None if rules is None else _JOINT.join(sorted(set(rules))) for rules in lists], pa.string())


def counts_of(changes: pa.Table) -> pa.Table:
    """Count the changes of each field, in the order of the names."""
    names = pc.unique(whole(changes["field"]))
    names = names.take(pc.sort_indices(names))
    codes = codes_in(whole(changes["field"]), names)
    filled, emptied = as_mask(pc.is_null(changes["before"])), as_mask(pc.is_null(changes["after"]))

    def count(mask: Mask) -> pa.Array:
        return pa.array(np.bincount(codes[mask], minlength=len(names)).astype(np.int64))

    columns = [names, count(np.ones(len(codes), np.bool_)), count(filled), count(emptied), count(~filled & ~emptied)]
    return pa.table(columns, schema=counts_schema())
