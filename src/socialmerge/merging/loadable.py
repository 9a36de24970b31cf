"""What the loaders of Salesforce and HubSpot refuse, or would get wrong, is not in the files for them.

A loader that meets a field which nobody may write refuses the row, or the file; one that meets two addresses in a field
for one takes neither; and HubSpot takes no address that another of its contacts has, a row about to be merged included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.merging.arrays import as_mask, whole
from socialmerge.merging.fields import addresses_of, squash
from socialmerge.records import Kind
from socialmerge.schema import Column, Schema

__all__ = ["CRMS", "holds_one", "loadable", "one_of_each"]

CRMS = {"salesforce": "Id", "hubspot": "Record ID"}
"""The styles whose files go into a CRM, and what each calls its own ids."""

# Names as `squash` gives them: what the system itself fills in.
_READ_ONLY = {
    "salesforce": frozenset(
        [
            "id",
            "isdeleted",
            "masterrecordid",
            "createddate",
            "createdbyid",
            "lastmodifieddate",
            "lastmodifiedbyid",
            "systemmodstamp",
            "lastactivitydate",
            "lastvieweddate",
            "lastreferenceddate",
            "lastcurequestdate",
            "lastcuupdatedate",
            "isemailbounced",
            "photourl",
            "jigsawcontactid",
            "isconverted",
            "converteddate",
            "convertedaccountid",
            "convertedcontactid",
            "convertedopportunityid",
            "mailingaddress",
            "otheraddress",
            "billingaddress",
            "shippingaddress",
        ]
    ),
    "hubspot": frozenset(
        [
            "recordid",
            "hsobjectid",
            "createdate",
            "hscreatedate",
            "lastmodifieddate",
            "hslastmodifieddate",
            "hsmergedobjectids",
            "mergedrecordids",
            "mergedobjectids",
            "lastactivitydate",
            "noteslastupdated",
            "lastcontacted",
            "noteslastcontacted",
            "numnotes",
            "numberoftimescontacted",
            "numassociateddeals",
            "numberofassociateddeals",
            "emaildomain",
            "hsemaildomain",
        ]
    ),
}
_COMPUTED = {"salesforce": re.compile(r"\."), "hubspot": re.compile(r"^hs_(analytics|calculated)_")}
_HOLD_SEVERAL = (Kind.OTHER, Kind.CATEGORY, Kind.TEXT)


def loadable(
    changed: pa.Table, customers: pa.Table, schema: Schema, style: str, losing: Mapping[str, set[str]]
) -> pa.Table:
    """Leave out the cells that a loader refuses; ``losing`` has the ids of the rows that go into each survivor."""
    kinds = {column.name: column for column in schema.columns}
    taken = [_writable(name, customers, style) for name in changed["field"].to_pylist()]
    changed = changed.filter(pa.array(taken, pa.bool_()))
    after = [_plain(value, kinds.get(field)) for value, field in _pairs(changed, "after", "field")]
    changed = changed.set_column(changed.column_names.index("after"), "after", pa.array(after, pa.string()))
    if style != "hubspot":
        return changed
    return _without_taken(_whole_addresses(changed, customers, schema), customers, schema, losing)


def _pairs(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def _writable(name: str, customers: pa.Table, style: str) -> bool:
    key = squash(name)
    if name.endswith("__c"):  # a field that somebody has added
        return True
    if style == "salesforce" and key == "name":  # of a person it is made of the parts
        return not any(squash(other) == "lastname" for other in customers.column_names)
    return key not in _READ_ONLY[style] and not _COMPUTED[style].search(name)


def _plain(value: str | None, column: Column | None) -> str | None:
    """A handle without the sign before it, which a spreadsheet takes for a formula."""
    is_handle = column is not None and column.kind is Kind.ACCOUNT and value is not None
    return value.lstrip("@") or value if is_handle and value else value


def _whole_addresses(changed: pa.Table, customers: pa.Table, schema: Schema) -> pa.Table:
    """Leave out addresses of which a part would have to be emptied, which HubSpot cannot: it would mix two of them."""
    group = {column: name for name, columns in addresses_of(schema, customers).items() for column in columns}
    cells = _pairs(changed, "customer_id", "field", "after")
    mixed = {(customer, group[field]) for customer, field, after in cells if after is None and field in group}
    kept = [(customer, group.get(field, "")) not in mixed for customer, field, _ in cells]
    return changed.filter(pa.array(kept, pa.bool_()))


def _without_taken(changed: pa.Table, customers: pa.Table, schema: Schema, losing: Mapping[str, set[str]]) -> pa.Table:
    """Leave out addresses that a row has which is to be merged: HubSpot keeps them as further ones of the survivor."""
    columns = [one.name for one in schema.columns if one.kind is Kind.EMAIL and one.name in customers.column_names]
    wanted = {one for group in losing.values() for one in group}
    ids = tables.strings(customers[schema.id_column])
    rows = np.flatnonzero(as_mask(pc.is_in(ids, pa.array(sorted(wanted), pa.string()))))
    held: dict[str, set[str]] = {}
    for name in columns:
        cells = tables.strings(customers[name]).take(pa.array(rows)).to_pylist()
        for id_, cell in zip(ids.take(pa.array(rows)).to_pylist(), cells, strict=True):
            held.setdefault(id_, set()).update((cell or "").casefold().split(";"))
    is_taken = [
        field in columns and any((after or "").casefold() in held.get(one, ()) for one in losing.get(customer, ()))
        for customer, field, after in _pairs(changed, "customer_id", "field", "after")
    ]
    return changed.filter(pa.array([not one for one in is_taken], pa.bool_()))


def holds_one(name: str, customers: pa.Table, schema: Schema) -> bool:
    """Whether a cell of a column can hold one value only: an address, a number, a date, a name."""
    column = next((one for one in schema.columns if one.name == name), None)
    is_list = pa.types.is_list(customers[name].type) or pa.types.is_large_list(customers[name].type)
    return column is not None and not column.separator and not is_list and column.kind not in _HOLD_SEVERAL


def one_of_each(values: pa.Array, before: pa.Array) -> pa.Array:
    """Of each list the value that is there before, else the first; null of an empty one."""
    if not pa.types.is_list(values.type):
        return values
    chosen: list[str | None] = []
    for several, there in zip(values.to_pylist(), before.to_pylist(), strict=True):
        same = [one for one in several or () if there and one.casefold() == there.casefold()]
        chosen.append((same or several or [None])[0])
    return whole(pa.array(chosen, pa.string()))
