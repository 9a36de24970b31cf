"""The updates to load back into the customer table: what the golden record says and the table does not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import PolicyError, TableError
from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole
from socialmerge.merging.golden import Golden
from socialmerge.merging.policy import did_you_mean
from socialmerge.schema import Schema

__all__ = ["STYLES", "changes", "changes_schema"]

STYLES = ("generic", "salesforce")
_JOINT = ";"


@cache
def changes_schema() -> pa.Schema:
    """One row for each cell that changes; ``before`` is null where a blank is filled."""
    names = ("customer_id", "field", "before", "after", "rule", "source")
    return pa.schema([(name, pa.string()) for name in names])


def changes(golden: Golden, customers: pa.Table, schema: Schema, *, style: str = "generic") -> pa.Table:
    """List the cells of the customer table that the golden record changes.

    Only columns of the customer table are updated, never its ids, and no row is added. An entity of several rows
    updates one of them: the row whose id is the ``entity_id``, else the smallest id. A list goes into one cell, its
    values joined by the column's separator, or by ``;``. A value that only comes first in another row's spelling is
    no change when it is the row's own.

    ``style="generic"`` gives a row for each changed cell: customer_id, field, before, after, rule, source (those of a
    list joined by ``;``). ``style="salesforce"`` gives a row for each changed customer: ``Id``, then the changed
    columns, null where nothing changes, as the update of a data loader takes it.

    Raises:
        PolicyError: There is no such style.
        TableError: The golden record is not of these customers.
    """
    if style not in STYLES:
        message = f"changes: unknown style '{style}'{did_you_mean(style, STYLES)}"
        raise PolicyError(message)
    update = _survivors(golden, customers, schema)
    names = [name for name in customers.column_names if name != schema.id_column]
    changed = pa.concat_tables([changes_schema().empty_table(), *(_changed(update, name) for name in names)])
    changed = changed.sort_by([("customer_id", "ascending")]).combine_chunks()
    return changed if style == "generic" else _wide(changed, customers.column_names)


@dataclass(frozen=True, slots=True)
class _Update:
    """Which record updates which row of the customers."""

    golden: Golden
    customers: pa.Table
    schema: Schema
    record: Ints
    row: Ints
    customer_id: pa.Array


def _id_field(golden: Golden, schema: Schema) -> str:
    for name in (schema.id_column, f"{schema.id_column}_"):  # a field gives way to the names that are taken
        if name in golden.records.column_names and pa.types.is_list(golden.records[name].type):
            return name
    message = f"changes: the golden record has no field '{schema.id_column}'; make it from this same customer table"
    raise TableError(message)


def _survivors(golden: Golden, customers: pa.Table, schema: Schema) -> _Update:
    """Pair each record that holds customers with the row of the customer that it updates."""
    ids = tables.ids(customers, schema.id_column, what="customers")
    members = whole(golden.records[_id_field(golden, schema)])
    parents = pc.list_parent_indices(members).to_numpy(zero_copy_only=False)
    member = pc.list_flatten(members)
    rows = codes_in(member, ids)
    if (rows < 0).any() or len(rows) != len(ids):
        message = "changes: the golden record is not of these customers; make it from this same customer table"
        raise TableError(message)
    is_own = as_mask(pc.equal(member, whole(golden.records["entity_id"]).take(pa.array(parents))))
    # The members are in byte order: the entity's own id first if it is there, else the smallest.
    order = np.lexsort([np.arange(len(rows)), ~is_own, parents])
    record, first = np.unique(parents[order], return_index=True)
    row = rows[order][first]
    return _Update(golden, customers, schema, record.astype(np.int64), row, ids.take(pa.array(row)))


def _changed(update: _Update, name: str) -> pa.Table:
    """List the changed cells of one column."""
    field = name if name not in ("entity_id", "accounts") else f"{name}_"
    column = next((column for column in update.schema.columns if column.name == name), None)
    separator = (column.separator if column else "") or _JOINT
    before = pc.utf8_trim_whitespace(tables.strings(update.customers[name])).take(pa.array(update.row))
    values = whole(update.golden.records[field]).take(pa.array(update.record))
    after = pc.binary_join(values, separator) if pa.types.is_list(values.type) else values
    differs = as_mask(pc.and_(pc.is_valid(after), pc.not_equal(pc.fill_null(before, ""), after)))
    if pa.types.is_list(values.type):
        differs &= ~_same_values(before, values, separator, differs)
    at = pa.array(np.flatnonzero(differs))
    entity = whole(update.golden.records["entity_id"]).take(pa.array(update.record)).take(at)
    columns = {
        "customer_id": update.customer_id.take(at),
        "field": pa.repeat(pa.scalar(name), len(at)),
        "before": before.take(at),
        "after": after.take(at),
        **_why(update.golden, field, entity),
    }
    return pa.table([columns[name] for name in changes_schema().names], schema=changes_schema())


def _same_values(before: pa.Array, values: pa.Array, separator: str, differs: Mask) -> Mask:
    """Say which cells hold the same values in another order."""
    same = np.zeros(len(values), np.bool_)
    for at in np.flatnonzero(differs):
        cell = before[at].as_py()
        same[at] = cell is not None and {part.strip() for part in cell.split(separator)} == set(values[at].as_py())
    return same


def _why(golden: Golden, field: str, entity: pa.Array) -> dict[str, pa.Array]:
    """Give the rule and the source of a field of these entities."""
    rows = golden.provenance.filter(pc.equal(golden.provenance["field"], field))
    rows = rows.filter(pc.is_in(rows["entity_id"], entity))
    grouped = rows.group_by("entity_id", use_threads=False).aggregate([("rule", "list"), ("source", "list")])
    place = pa.array(codes_in(entity, whole(grouped["entity_id"])))
    return {name: _joined(whole(grouped[f"{name}_list"]).take(place)) for name in ("rule", "source")}


def _joined(lists: pa.Array) -> pa.Array:
    return pa.array([_JOINT.join(sorted(set(values))) for values in lists.to_pylist()], pa.string())


def _wide(changed: pa.Table, order: list[str]) -> pa.Table:
    """Turn changed cells into a row for each customer."""
    ids = pc.unique(whole(changed["customer_id"]))
    columns = {"Id": ids}
    for name in order:
        cells = changed.filter(pc.equal(changed["field"], name))
        if cells.num_rows:
            columns[name] = whole(cells["after"]).take(pc.index_in(ids, whole(cells["customer_id"])))
    return pa.table(columns)
