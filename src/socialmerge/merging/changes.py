"""The updates to load back into the customer table: what the golden record says and the table does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import PolicyError, TableError, hint
from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole
from socialmerge.merging.golden import Golden
from socialmerge.merging.loadable import CRMS, holds_one, loadable, one_of_each
from socialmerge.merging.newcomers import columns_of, known_of, with_names
from socialmerge.merging.styles import STYLES, merge_list, statements, wide
from socialmerge.records import Kind
from socialmerge.schema import Schema

__all__ = ["STYLES", "changes", "changes_schema", "merges"]

_JOINT = ";"
_SAYS_NOTHING = "empty"
"""The rule that empties a cell such as "n/a" where nothing else is kept, which is no value that was rejected."""


@cache
def changes_schema() -> pa.Schema:
    """One row for each cell that changes.

    ``before`` is null where a blank is filled, ``after`` where a cell is emptied. ``action`` is ``"update"``, or
    ``"insert"`` for a new person, whose ``customer_id`` is the ``entity_id``.
    """
    names = ("customer_id", "field", "before", "after", "rule", "source", "action")
    return pa.schema([(name, pa.string()) for name in names])


def changes(
    golden: Golden,
    customers: pa.Table,
    schema: Schema,
    *,
    style: str = "generic",
    insert_new: bool = False,
    table: str = "customers",
) -> pa.Table:
    """List the cells of the customer table that the golden record changes.

    Only columns of the customer table are updated, never its ids. No row is added, unless ``insert_new`` asks for the
    people who are in the golden record and not in the table: where it has columns for given and family name, the name
    that a profile shows is parted if it is reasonably sure which is which, and stands whole in that of the family name
    if not (rule ``split``); an organisation's goes into that of companies. An entity of several rows updates one of
    them: the row whose id is the ``entity_id``, else the smallest id (:func:`merges` lists the others).
    A list goes into one cell, its values joined by the column's separator, or by ``;``. A value that only comes first
    in another row's spelling is no change when it is the row's own, nor is an e-mail address in other capitals. A cell
    whose value people or the policy took away, or that is blank in the address that won, is emptied.

    ``style="generic"`` gives a row for each changed cell (``changes_schema``; rules and sources of a list joined by
    ``;``). ``"salesforce"`` gives a row for each changed customer, ``Id`` and the changed columns, null where nothing
    changes and ``#N/A`` where a cell is emptied, as Data Loader's bulk update takes it; new people have no ``Id``, and
    whoever has any name has a family name, which Salesforce asks for.
    ``"hubspot"`` is the same with ``Record ID``; an import of HubSpot empties no cell, so these are left out, and so
    are e-mail addresses of a row that goes into the survivor, which HubSpot refuses twice. Neither file has a column
    that the system fills in itself, nor several addresses, numbers, dates or names in a cell of one.
    ``"sql"`` gives the statements of a script, one a row, for a ``table`` of this name, each guarded by the value that
    it replaces.

    Raises:
        PolicyError: There is no such style.
        TableError: The golden record is not of these customers.
    """
    if style not in STYLES:
        message = f"changes: unknown style '{style}'{hint(style, STYLES)}"
        raise PolicyError(message)
    update = replace(_survivors(golden, customers, schema), style=style)
    parts = [_changed(update, name) for name in _columns(update)]
    if insert_new:
        parts.append(_newcomers(update, is_family_needed=style == "salesforce"))
    changed = pa.concat_tables([changes_schema().empty_table(), *parts])
    changed = changed.sort_by([("action", "descending"), ("customer_id", "ascending")]).combine_chunks()
    if style == "generic":
        return changed
    if style == "sql":
        types = {name: customers[name].type for name in customers.column_names}
        return statements(_as_stored(changed, update), schema.id_column, table, types)
    changed = loadable(changed, customers, schema, style, _losing(update))
    return wide(changed, customers.column_names, style, CRMS[style])


def merges(golden: Golden, customers: pa.Table, schema: Schema, *, style: str = "generic") -> pa.Table:
    """List the rows of the customer table that are one person: the survivor, and each row that is merged into it.

    The survivor is the row that :func:`changes` updates; load the changes first, and the survivor has every value
    before the others go. ``style="generic"`` and ``"sql"`` give ``survivor_id`` and ``losing_id``, one row a losing id;
    ``"hubspot"`` the same as ``primaryObjectId`` and ``objectIdToMerge``; ``"salesforce"`` gives ``MasterRecordId``,
    ``MergeRecordId1`` and ``MergeRecordId2``, since one merge takes two records.

    Raises:
        PolicyError: There is no such style.
        TableError: The golden record is not of these customers.
    """
    if style not in STYLES:
        message = f"merges: unknown style '{style}'{hint(style, STYLES)}"
        raise PolicyError(message)
    update = _survivors(golden, customers, schema)
    rows = _pairs(update)
    return merge_list(rows.sort_by([("survivor_id", "ascending"), ("losing_id", "ascending")]), style)


def _pairs(update: _Update) -> pa.Table:
    """Each survivor with each row that goes into it."""
    members = whole(update.golden.records[_id_field(update.golden, update.schema)]).take(pa.array(update.record))
    survivor = update.customer_id.take(pc.list_parent_indices(members))
    rows = pa.table({"survivor_id": survivor, "losing_id": pc.list_flatten(members)})
    return rows.filter(pc.not_equal(rows["survivor_id"], rows["losing_id"]))


def _losing(update: _Update) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in _pairs(update).to_pylist():
        found.setdefault(row["survivor_id"], set()).add(row["losing_id"])
    return found


@dataclass(frozen=True, slots=True)
class _Update:
    """Which record updates which row of the customers."""

    golden: Golden
    customers: pa.Table
    schema: Schema
    record: Ints
    row: Ints
    customer_id: pa.Array
    style: str = "generic"


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


def _columns(update: _Update) -> list[str]:
    return [name for name in update.customers.column_names if name != update.schema.id_column]


def _field(name: str) -> str:
    return name if name not in ("entity_id", "accounts") else f"{name}_"


def _separator(update: _Update, name: str) -> str:
    column = next((column for column in update.schema.columns if column.name == name), None)
    return (column.separator if column else "") or _JOINT


def _is_email(update: _Update, name: str) -> bool:
    return any(column.name == name and column.kind is Kind.EMAIL for column in update.schema.columns)


def _cells(values: pa.Array, separator: str) -> pa.Array:
    """Join lists into cells; a value that holds the separator is several, each of which is written once."""
    if not pa.types.is_list(values.type):
        return values
    joined = pc.binary_join(values, separator)
    at = np.flatnonzero(as_mask(pc.match_substring(whole(pc.list_flatten(values)), separator)))
    if not len(at):
        return joined
    cells = joined.to_pylist()
    for row in np.unique(pc.list_parent_indices(values).to_numpy(zero_copy_only=False)[at]).tolist():
        parts = (part.strip() for part in cells[row].split(separator))
        cells[row] = separator.join(dict.fromkeys(part for part in parts if part)) or cells[row]
    return pa.array(cells, pa.string())


def _changed(update: _Update, name: str) -> pa.Table:
    """List the changed cells of one column."""
    separator = _separator(update, name)
    before = pc.utf8_trim_whitespace(tables.strings(update.customers[name])).take(pa.array(update.row))
    before = pc.if_else(pc.equal(before, ""), pa.scalar(None, pa.string()), before)
    values = whole(update.golden.records[_field(name)]).take(pa.array(update.record))
    if update.style in CRMS and holds_one(name, update.customers, update.schema):
        values = one_of_each(values, before)
    after = _cells(values, separator)
    differs = as_mask(pc.not_equal(pc.fill_null(before, ""), pc.fill_null(after, "")))
    if _is_email(update, name):  # the same one in other capitals is nothing to load
        differs &= as_mask(
            pc.not_equal(pc.utf8_lower(pc.fill_null(before, "")), pc.utf8_lower(pc.fill_null(after, "")))
        )
    if pa.types.is_list(values.type):
        differs &= ~_same_values(before, values, separator, differs)
    at = pa.array(np.flatnonzero(differs))
    entity = whole(update.golden.records["entity_id"]).take(pa.array(update.record)).take(at)
    cells = {"customer_id": update.customer_id.take(at), "before": before.take(at), "after": after.take(at)}
    return _rows(update, name, cells, entity, "update")


def _as_stored(changed: pa.Table, update: _Update) -> pa.Table:
    """The changes with each replaced cell as it stands in the table, spaces and all: a database compares it whole."""
    before = changed["before"].to_pylist()
    places = {name: row for row, name in enumerate(update.customer_id.to_pylist())}
    keys = zip(
        changed["customer_id"].to_pylist(), changed["field"].to_pylist(), changed["action"].to_pylist(), strict=True
    )
    columns: dict[str, list[str | None]] = {}
    for at, (customer, field, action) in enumerate(keys):
        if action == "update":
            if field not in columns:
                columns[field] = tables.strings(update.customers[field]).take(pa.array(update.row)).to_pylist()
            before[at] = columns[field][places[customer]]
    place = changed.column_names.index("before")
    return changed.set_column(place, "before", pa.array(before, pa.string()))


def _newcomers(update: _Update, *, is_family_needed: bool) -> pa.Table:
    """List the cells of the people who are not in the table, in the order of its columns."""
    new = np.setdiff1d(np.arange(update.golden.records.num_rows), update.record)
    names = _columns(update)
    cells = pa.concat_tables([changes_schema().empty_table(), *(_inserted(update, name, new) for name in names)])
    people = whole(update.golden.records["entity_id"]).take(pa.array(new))
    told = update.golden.provenance.filter(pc.is_in(update.golden.provenance["entity_id"], people))
    columns = columns_of(update.customers, update.schema, is_family_needed=is_family_needed)
    cells = with_names(cells, told, columns, known_of(update.customers, columns))
    return cells.take(pc.sort_indices(pc.index_in(cells["field"], pa.array(names))))


def _inserted(update: _Update, name: str, new: Ints) -> pa.Table:
    """List the cells of one column that the people have who are not in the table."""
    values = whole(update.golden.records[_field(name)]).take(pa.array(new))
    if update.style in CRMS and holds_one(name, update.customers, update.schema):
        values = one_of_each(values, pa.nulls(len(values), pa.string()))
    after = _cells(values, _separator(update, name))
    entity = whole(update.golden.records["entity_id"]).take(pa.array(new)).filter(pc.is_valid(after))
    after = after.drop_null()
    cells = {"customer_id": entity, "before": pa.nulls(len(after), pa.string()), "after": after}
    return _rows(update, name, cells, entity, "insert")


def _rows(update: _Update, name: str, cells: dict[str, pa.Array], entity: pa.Array, action: str) -> pa.Table:
    columns = {
        **cells,
        "field": pa.repeat(pa.scalar(name), len(entity)),
        "action": pa.repeat(pa.scalar(action), len(entity)),
        **_why(update.golden, _field(name), entity),
    }
    return pa.table([columns[name] for name in changes_schema().names], schema=changes_schema())


def _same_values(before: pa.Array, values: pa.Array, separator: str, differs: Mask) -> Mask:
    """Say which cells hold the same values in another order."""
    same = np.zeros(len(values), np.bool_)
    for at in np.flatnonzero(differs):
        cell = before[at].as_py()
        now = values[at].as_py()
        parts = {part.strip() for one in now or () for part in one.split(separator)}
        same[at] = bool(cell and now) and {part.strip() for part in cell.split(separator)} in (set(now), parts)
    return same


def _why(golden: Golden, field: str, entity: pa.Array) -> dict[str, pa.Array]:
    """Give the rule and the source of a field of these entities; of an emptied cell the rule that took the value."""
    kept = _told(golden.provenance, field, entity)
    taken = _told(golden.conflicts, field, entity)
    return {"rule": pc.coalesce(kept["rule"], taken["rule"], pa.scalar(_SAYS_NOTHING)), "source": kept["source"]}


def _told(table: pa.Table, field: str, entity: pa.Array) -> dict[str, pa.Array]:
    rows = table.filter(pc.equal(table["field"], field))
    rows = rows.filter(pc.is_in(rows["entity_id"], entity))
    names = [name for name in ("rule", "source") if name in rows.column_names]
    grouped = rows.group_by("entity_id", use_threads=False).aggregate([(name, "list") for name in names])
    places = codes_in(entity, whole(grouped["entity_id"]))
    at = pa.array(places, mask=places < 0)
    return {name: _joined(whole(grouped[f"{name}_list"]).take(at)) for name in names}


def _joined(lists: pa.Array) -> pa.Array:
    joined = [None if values is None else _JOINT.join(sorted(set(values))) for values in lists.to_pylist()]
    return pa.array(joined, pa.string())
