"""The accounts of each entity, as the list column of the golden record."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels
from socialmerge.merging.arrays import Mask, as_mask, whole
from socialmerge.merging.entities import INFERRED, NEW, VERIFIED
from socialmerge.merging.sources import Rows
from socialmerge.records import Assurance

__all__ = ["PARTS", "account_lists", "account_rows", "account_rows_schema", "account_type"]

PARTS = ("channel", "scope", "account_id", "handle")
"""What names an account."""


def account_type() -> pa.DataType:
    """Give the type of the column ``accounts``.

    ``assurance`` is null where the account is an entity of its own. ``visibility`` is private on a private channel, and
    where only private evidence says whose the account is.
    """
    return pa.list_(pa.struct([(name, pa.string()) for name in (*PARTS, "assurance", "visibility")]))


@cache
def account_rows_schema() -> pa.Schema:
    """Which row each account comes from, so that what was said of the row is heeded for the account."""
    return pa.schema([(name, pa.string()) for name in ("entity_id", *PARTS, "source", "record_id")])


def account_rows(rows: Rows) -> pa.Table:
    """Name the rows behind the accounts of each entity."""
    found = _accounts(rows)
    columns = {"entity_id": rows.ids.take(whole(found["entity"]))}
    columns |= {name: found[name] for name in (*PARTS, "source", "record_id")}
    return pa.table([columns[name] for name in account_rows_schema().names], schema=account_rows_schema())


def account_lists(rows: Rows) -> pa.Array:
    """List the accounts of each entity in the order of channel, scope, id and handle; an account seen twice once."""
    found = _accounts(rows)
    found = found.group_by(["entity", *PARTS], use_threads=False).aggregate([("standing", "max"), ("private", "min")])
    found = found.sort_by([(name, "ascending") for name in ("entity", *PARTS)])
    standing = whole(found["standing_max"]).to_numpy(zero_copy_only=False)
    terms = {VERIFIED: Assurance.VERIFIED.value, INFERRED: Assurance.INFERRED.value}
    assurance = pa.array([terms.get(int(one)) for one in standing], pa.string())
    visibility = pc.if_else(whole(found["private_min"]), "private", "public")
    struct_type = account_type().value_type
    accounts = pa.StructArray.from_arrays(
        [*(whole(found[name]) for name in PARTS), assurance, visibility], fields=list(struct_type)
    )
    counts = np.bincount(whole(found["entity"]).to_numpy(zero_copy_only=False), minlength=len(rows.ids))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), accounts, type=account_type())


def _accounts(rows: Rows) -> pa.Table:
    """Give the profiles that name an account: its channel, and an id or a handle."""
    start = rows.customers.num_rows
    none = pa.nulls(rows.profiles.num_rows, pa.string())
    handle = whole(rows.profiles["handle"]) if "handle" in rows.profiles.column_names else none
    stop = start + rows.profiles.num_rows
    origin = {name: whole(rows.origin[name]).slice(start, rows.profiles.num_rows) for name in PARTS[:3]}
    table = pa.table(
        {
            "entity": pa.array(rows.entity[start:stop]),
            **origin,
            **{name: whole(rows.origin[name]).slice(start, rows.profiles.num_rows) for name in ("source", "record_id")},
            "handle": handle,
            "standing": pa.array(np.minimum(rows.standing[start:stop], NEW)),
            "private": pa.array(rows.private[start:stop] | _on_private_channel(origin["channel"])),
        }
    )
    named = pc.and_(
        pc.is_valid(table["channel"]), pc.or_(pc.is_valid(table["account_id"]), pc.is_valid(table["handle"]))
    )
    return table.filter(pc.and_(named, pc.greater_equal(table["entity"], 0)))


def _on_private_channel(channel: pa.Array) -> Mask:
    private = [name for name in channels.names() if channels.rules(name).visibility == "private"]
    return as_mask(pc.is_in(channel, pa.array(private, pa.string())))
