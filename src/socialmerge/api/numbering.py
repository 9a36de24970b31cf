"""Customers of an audit: any table, its rows called by their numbers where no id tells them apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa

from socialmerge import schema, tables
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.channels import read_customers
from socialmerge.errors import SchemaError, TableError
from socialmerge.foundation import RowIds
from socialmerge.records import Kind

__all__ = ["Audited", "audited_of"]

_NUMBERS = "row number"


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """A table that is audited; ``unfit`` says what is wrong with its ids, and is None where nothing is."""

    rows: Rows
    unfit: RowIds | None = None


def audited_of(source: tables.Source, *, id_column: str, region: str) -> Audited:
    """Read a table as :func:`socialmerge.api.inputs.customers_of` does, and number its rows where it has no good ids.

    A row is then called ``row 2``: by its number in the file, or from 1 in a table of no file, in their order.

    Raises:
        TableError: the table cannot be read.
        SchemaError: there is no column ``id_column``.
    """
    table = read_customers(source, what="customers")
    try:
        return Audited(customers_of(table, id_column=id_column, region=region))
    except (TableError, SchemaError):
        if id_column and id_column not in table.column_names:
            raise
    column = id_column or schema.meant_as_id(table)
    found = RowIds.of(table, column)
    rows = _numbered(table, found, region)
    return Audited(rows, found)


def _numbered(table: pa.Table, found: RowIds, region: str) -> Rows:
    numbers = tables.all_row_numbers(table)
    ids = pa.array([f"row {number}" for number in numbers.tolist()], pa.string())
    name = _NUMBERS
    while name in table.column_names:
        name += "_"
    given = table
    table = tables.encoded(table, plain=schema.is_id_name)
    table = tables.alike(table.add_column(0, name, ids), given)
    meant = schema.infer(table, id_column=name, region=region or None, what="customers")
    return Rows(table, ids, _told(meant, name, found))


def _told(meant: schema.Schema, name: str, found: RowIds) -> schema.Schema:
    """The schema with what is to be known of the rows' numbers; ids that are none say nothing of a person.

    A column that was told to hold ids and holds addresses or numbers of people stays what it is.
    """
    none = {one.name for one in meant.columns if one.name == found.column and one.kind in _CODES}
    columns = tuple(
        schema.Column(one.name, Kind.OTHER, reason="ids that do not tell the rows apart") if one.name in none else one
        for one in meant.columns
    )
    notes = (note for note in meant.notes if not any(f"column {name!r}:" in note for name in none))
    why = f"column {found.column!r} does not tell the rows apart" if found.column else "no column tells the rows apart"
    note = (
        f"customers: {why}, so that they are called by their row numbers ('row 2'); 'attach' and 'dedupe' need an id "
        "of its own in every row: mend the column, add one, or pass id= with another"
    )
    return replace(meant, id_column=name, columns=columns, notes=(note, *notes))


_CODES = frozenset({Kind.CODE, Kind.CATEGORY, Kind.NUMBER, Kind.TEXT, Kind.OTHER})
