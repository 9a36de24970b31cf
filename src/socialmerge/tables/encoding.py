"""Text columns as dictionaries: each distinct text is held, looked at and parsed once."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.parallel import each
from socialmerge.tables.numbering import alike
from socialmerge.tables.rendering import strings

__all__ = ["counted", "encoded"]

_FEW = 50_000
"""Rows below which threads cost more than they save."""


def encoded(table: pa.Table, *, plain: Callable[[str], bool] | Collection[str] = ()) -> pa.Table:
    """The table with its columns of text as dictionaries (``dictionary<int32, string>``), in one chunk each.

    The columns named in ``plain``, or for whose name it is true, and those of other types stay as they are. Nulls stay
    nulls. A table that nobody else holds is let go column by column.

    >>> import pyarrow as pa
    >>> table = encoded(pa.table({"town": ["York", None, "York"], "rows": [1, 2, 3]}))
    >>> table["town"].to_pylist(), table["town"].type.index_type, table["rows"].type
    (['York', None, 'York'], DataType(int32), DataType(int64))
    """
    if not table.num_columns:
        return table
    stays = plain if callable(plain) else plain.__contains__
    found, rows = dict(zip(table.column_names, table.columns, strict=True)), table.num_rows
    numbers = table.schema.empty_table()
    del table
    texts = [name for name, column in found.items() if pa.types.is_string(column.type) and not stays(name)]

    def encode(name: str) -> None:
        found[name] = _dictionary(found[name])

    list(each(encode, texts, threads=1 if rows < _FEW else 0))
    pa.default_memory_pool().release_unused()  # a third of what a long table takes was for reading it
    return alike(pa.table(found), numbers)


def _dictionary(column: pa.ChunkedArray) -> pa.Array:
    return pc.dictionary_encode(column.combine_chunks())


def counted(column: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The distinct texts of a column, trimmed, none of them empty, and the rows that have each.

    >>> import pyarrow as pa
    >>> texts, rows = counted(pa.array(["York", " York ", "", None, "Leeds"]))
    >>> dict(zip(texts.to_pylist(), rows.tolist(), strict=True))
    {'York': 2, 'Leeds': 1}
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not (pa.types.is_dictionary(array.type) and pa.types.is_string(array.type.value_type)):
        array = pc.dictionary_encode(strings(array))
    texts, rows = _trimmed(
        array.dictionary, np.bincount(pc.drop_null(array.indices).to_numpy(), minlength=len(array.dictionary))
    )
    used = (rows > 0) & pc.greater(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    return (texts, rows) if used.all() else (texts.filter(pa.array(used)), rows[used])


def _trimmed(texts: pa.Array, rows: npt.NDArray[np.int64]) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Texts without the space around them, and the rows of those that are then alike together."""
    trimmed = pc.utf8_trim_whitespace(texts)
    if not texts.null_count and pc.sum(pc.binary_length(trimmed)) == pc.sum(pc.binary_length(texts)):
        return texts, rows
    whole = pc.dictionary_encode(trimmed)
    places = whole.indices.fill_null(len(whole.dictionary)).to_numpy(zero_copy_only=False)
    return whole.dictionary, np.bincount(places, rows, len(whole.dictionary) + 1)[:-1].astype(np.int64)
