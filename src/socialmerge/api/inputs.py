"""What a verb is given, made ready: tables in a canonical order, their schemas, and a plan with fields."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import schema, tables
from socialmerge.channels import read_customers
from socialmerge.plan import Plan
from socialmerge.schema.fields import check_columns

__all__ = ["Rows", "check_columns", "customers_of", "row_of", "with_options"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table sorted by id, so that no result depends on the order of its rows; its ids, and what its columns mean."""

    table: pa.Table
    ids: pa.Array
    schema: schema.Schema


def customers_of(source: tables.Source, *, id_column: str, region: str, what: str = "customers") -> Rows:
    """Read a table, find its ids, and sort it by them.

    Raises:
        TableError: the table cannot be read, or ids are missing or repeated.
        SchemaError: there is no id column.
    """
    told = id_column or None
    table = tables.encoded(
        read_customers(source, what=what), plain=lambda name: name == told or schema.is_id_name(name)
    )
    found = schema.infer(table, id_column=told, region=region or None, what=what)
    ids = tables.ids(table, found.id_column, what=what)
    if tables.rises(ids):
        return Rows(table, ids, found)
    order = pc.sort_indices(ids)
    table = table.replace_schema_metadata(None)  # the rows no longer stand in the order of their file
    return Rows(table.take(order), ids.take(order), found)


def row_of(ids: pa.Array, wanted: str) -> int:
    """Row number of an id, or -1; an id is text at the border, and a whole number of a caller is the same text."""
    wanted = str(wanted)
    return int(pc.index(ids, pa.scalar(wanted, pa.string())).as_py())


def with_options(plan: Plan | None, *, id_column: str | None, region: str | None) -> Plan:
    """The plan with the call's own options over it."""
    base = plan or Plan()
    return replace(base, id=id_column or base.id, region=(region or base.region).upper())
