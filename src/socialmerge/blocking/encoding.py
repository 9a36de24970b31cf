"""One or two tables encoded: the fields that are compared, and their values as codes, from which pairs are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import SchemaError
from socialmerge.normalise.aliases import enriched
from socialmerge.normalise.features import Feature, build
from socialmerge.records import Field
from socialmerge.schema import Schema, infer, is_id_name
from socialmerge.schema.fields import bind_left, check_columns, fields_of, fields_of_two
from socialmerge.tables import Source

__all__ = ["Encoded", "encode"]

NAMES = ("the left table has", "the right table has")


@dataclass(frozen=True, slots=True)
class Encoded:
    """The values of ``fields``: a feature each, or several for a name or place, over the rows of both tables.

    ``left_rows`` is 0 for a table against itself. There are no features where there is no pair to be made: a side has
    no row, or a table alone only one.
    """

    fields: tuple[Field, ...]
    features: tuple[Feature, ...]
    rows: int
    left_rows: int

    @property
    def pairs(self) -> int:
        """How many pairs there are: of the rows of two tables, or of a table with itself."""
        one, other = self.left_rows, self.rows - self.left_rows
        return one * other if one else self.rows * (self.rows - 1) // 2


def encode(left: Source, right: Source | None = None, *, fields: Sequence[Field] = (), region: str = "") -> Encoded:
    """Read and encode a table to be compared with itself, or two to be compared with each other.

    Args:
        left: a path, a pyarrow Table, or anything with ``__arrow_c_stream__``.
        right: the other table.
        fields: what is compared; inferred from the tables when left out. Of two tables a field's ``columns`` are the
            right one's; its ``left_columns`` are found by their meaning where it has none.
        region: the country (ISO 3166 alpha-2) of national phone numbers, for fields that are inferred.

    Raises:
        TableError: a table cannot be read.
        PlanError: a field names a column that is not there.
        SchemaError: no column holds a value that can be compared.

    >>> encode(pa.table({"email": ["ada@example.com", "bob@example.com"]})).features[0].values[0]
    'ada@example.com'
    """
    first, second = _read(left, "left table"), None if right is None else _read(right, "right table")
    if second is None:
        compared = tuple(fields) or fields_of(_schema(first, region))
        check_columns(compared, first, names=("", "the table has"))
        features = enriched(build(compared, first)) if first.num_rows > 1 else ()
        return _checked(Encoded(compared, features, first.num_rows, 0), enough=first.num_rows > 1)
    compared = _of_two(fields, first, second, region)
    enough = bool(first.num_rows and second.num_rows)
    features = enriched(build(compared, second, first)) if enough else ()
    return _checked(Encoded(compared, features, first.num_rows + second.num_rows, first.num_rows), enough=enough)


def _read(source: Source, what: str) -> pa.Table:
    """A table that holds each text once; ids, which do not repeat, as they are."""
    table = tables.read(source, what=what)
    return tables.encoded(table, plain=is_id_name)


def _of_two(fields: Sequence[Field], left: pa.Table, right: pa.Table, region: str) -> tuple[Field, ...]:
    if fields and all(field.left_columns for field in fields):
        found = tuple(fields)
    else:
        columns = _schema(left, region).columns
        bound = [bind_left(field, columns) for field in fields] or fields_of_two(columns, _schema(right, region))
        found = tuple(field for field in bound if field.left_columns)
    check_columns(found, right, left, names=NAMES)
    return found


def _checked(encoded: Encoded, *, enough: bool) -> Encoded:
    if enough and not encoded.features:
        said = "no column of the table holds a value that can be compared"
        if encoded.left_rows:
            said = "the two tables share no column with values that can be compared; name the fields and their columns"
        raise SchemaError(f"there is nothing to block on or to compare: {said}")
    return encoded


def _schema(table: pa.Table, region: str) -> Schema:
    """What the columns mean; where none tells the rows apart, their numbers do."""
    try:
        return infer(table, region=region or None)
    except SchemaError:
        number = "row"
        while number in table.column_names:
            number += "_"
        return infer(table.append_column(number, pa.array(np.arange(table.num_rows))), id_column=number)
