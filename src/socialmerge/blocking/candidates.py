"""Candidate pairs of tables, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from socialmerge.blocking.atoms import make
from socialmerge.blocking.encoding import encode
from socialmerge.blocking.keys import Budget, Key, choose, resolve
from socialmerge.blocking.own import own_atoms
from socialmerge.blocking.pairs import build
from socialmerge.records import Field, row_pairs_schema
from socialmerge.tables import Source

__all__ = ["candidate_pairs"]


def candidate_pairs(
    left: Source,
    right: Source | None = None,
    *,
    keys: Sequence[Key] = (),
    fields: Sequence[Field] = (),
    region: str = "",
    budget: Budget | None = None,
    seed: int = 7,
) -> pa.Table:
    """Pairs of rows that share a key: of a table with itself, or of two tables with each other.

    Args:
        left: a path, a pyarrow Table, or anything with ``__arrow_c_stream__``.
        right: the other table; the left one is compared with itself when left out.
        keys: as for a plan, see :func:`socialmerge.key`; chosen by what they would find and cost when left out.
        fields: what the keys speak of; inferred from the tables when left out.
        region: the country (ISO 3166 alpha-2) of national phone numbers, for fields that are inferred.
        budget: pairs a row, by which keys are chosen, and rows a block, beyond which one is split.
        seed: of the choice of keys.

    Returns:
        ``left_row`` and ``right_row``, each pair once; in one table ``left_row < right_row``. ``Table.take`` with a
        column gives the rows, or their ids.

    Raises:
        TableError: a table cannot be read.
        PlanError: a key names neither a field nor an atom, or a field names a column that is not there.
        SchemaError: no column holds a value that can be compared.

    >>> left = pa.table({"email": ["ada@example.com", "bob@example.com"]})
    >>> right = pa.table({"mail": ["eve@example.com", "bob@example.com"]})
    >>> candidate_pairs(left, right).to_pylist()
    [{'left_row': 1, 'right_row': 1}]
    """
    encoded, allowed = encode(left, right, fields=fields, region=region), budget or Budget()
    if not encoded.features:
        return row_pairs_schema().empty_table()
    atoms = (*make(encoded.features), *own_atoms(keys, encoded.features))
    names = [field.name for field in encoded.fields]
    resolved = [resolve(key, atoms, encoded.features, names) for key in keys]
    usable = [key for key in resolved if key]
    if not keys:
        usable = list(choose(atoms, encoded.rows, encoded.left_rows, allowed, seed).keys)
    found = build(atoms, usable, encoded.left_rows, allowed)
    return pa.table([pa.array(found.left), pa.array(found.right - encoded.left_rows)], schema=row_pairs_schema())
