"""A table of people that is no export and has no columns of profiles: its rows as profile rows, by what they mean.

Over files such a table is linked row by row, column against column. What a store keeps are profiles, so that here its
names, addresses, numbers and places become those of profiles that nobody proved.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import schema, tables
from socialmerge.merging.arrays import whole
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Column, Schema

__all__ = ["as_profiles"]

_TEXTS = {
    "display_name": (Kind.NAME, ("full",)),
    "given_name": (Kind.NAME, ("given",)),
    "family_name": (Kind.NAME, ("family",)),
    "location": (Kind.PLACE, ("full", "city", "state", "region", "country")),
}
_LISTS = {"emails": Kind.EMAIL, "phones": Kind.PHONE, "websites": Kind.URL}


def as_profiles(table: pa.Table, *, region: str = "") -> pa.Table:
    """The table with the columns of ``profiles_schema`` in place of those that mean the same, and its others as is.

    Its id column becomes ``profile_id``. Several columns of one meaning become one text, or the values of a list.

    Raises:
        SchemaError: there is no id column.

    >>> rows = pa.table({"id": ["1"], "Full name": ["Ada Lovelace"], "Mail": ["ada@example.com"], "Town": ["London"]})
    >>> as_profiles(rows).to_pylist()
    [{'profile_id': '1', 'display_name': 'Ada Lovelace', 'location': 'London', 'emails': ['ada@example.com']}]
    """
    found = schema.infer(table, region=region or None, what="profiles")
    taken = {found.id_column}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"profile_id": table[found.id_column]}
    for name, (kind, parts) in _TEXTS.items():
        if several := list(_of(found, kind, parts)):
            columns[name] = _joined([table[one.name] for one in several])
            taken |= {one.name for one in several}
    for name, kind in _LISTS.items():
        if several := list(found.of(kind)):
            columns[name] = _listed(table, several)
            taken |= {one.name for one in several}
    known = set(profiles_schema().names) | columns.keys()
    others = {name: table[name] for name in table.column_names if name not in taken and name not in known}
    return tables.alike(pa.table(columns | others), table)


def _of(found: Schema, kind: Kind, parts: tuple[str, ...]) -> Iterator[Column]:
    """The columns of a kind in the order of their parts: a city before its country."""
    for part in parts:
        yield from found.of(kind, part)


def _joined(columns: list[pa.ChunkedArray]) -> pa.Array:
    texts = [pc.utf8_trim_whitespace(whole(tables.strings(tables.unguarded(column)))) for column in columns]
    blank = [pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text) for text in texts]
    if len(blank) == 1:  # Arrow joins one column with nothing, and loses its rows
        return blank[0]
    joined = pc.binary_join_element_wise(*blank, ", ", null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _listed(table: pa.Table, columns: list[Column]) -> pa.Array:
    """The values of a row in some columns, each cell parted where it holds several."""
    cells = [(tables.strings(tables.unguarded(table[one.name])).to_pylist(), one.separator) for one in columns]
    rows = []
    for at in range(table.num_rows):
        parts = [part for texts, separator in cells for part in _parts(texts[at], separator)]
        rows.append(list(dict.fromkeys(parts)) or None)
    return pa.array(rows, pa.list_(pa.string()))


def _parts(text: str | None, separator: str) -> list[str]:
    found = (text or "").split(separator) if separator else [text or ""]
    return [part.strip() for part in found if part.strip()]
