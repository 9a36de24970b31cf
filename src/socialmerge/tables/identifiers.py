"""The ids of a table's rows: present, unique and clean, or one clear error."""

from __future__ import annotations

import difflib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import SchemaError, TableError
from socialmerge.tables.numbering import row_numbers
from socialmerge.tables.rendering import strings

__all__ = ["clean_ids", "ids", "rises"]

_SHOWN = 5
_SOME = 1_000


def ids(table: pa.Table, column: str, *, what: str = "table") -> pa.Array:
    """Return the ids in ``column`` as ``pa.string()``, one a row, all present and all different.

    Numbers become text without a decimal point, also where a spreadsheet has made ``7`` into ``7.0``. Surrounding
    space is cut off.

    Raises :class:`~socialmerge.errors.SchemaError` when there is no such column, and
    :class:`~socialmerge.errors.TableError` when ids are missing or repeated; the message gives row numbers (those of
    the file where it was read from one, else the first row of data is row 1), never the ids.

    >>> import pyarrow as pa
    >>> ids(pa.table({"id": [7.0, 8.0]}), "id").to_pylist()
    ['7', '8']
    """
    if column not in table.column_names:
        raise SchemaError(_no_such_column(table, column, what))
    found = clean_ids(table[column])
    missing = np.flatnonzero(pc.is_null(found).to_numpy(zero_copy_only=False))
    if len(missing):
        where = _rows(table, missing)
        raise TableError(f"{what}: column {column!r} has no id in {where}; give every row an id, or remove those rows")
    repeated = np.empty(0, np.int64) if rises(found) else _repeated_rows(found)
    if len(repeated):
        other = "call another column profile_id" if what == "profiles" else "pass id= with another column"
        raise TableError(
            f"{what}: column {column!r} repeats ids: an earlier row has the same id as {_rows(table, repeated)}; "
            f"ids must be unique, so mend the file or {other}"
        )
    return found


def clean_ids(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Render ids as text: trimmed, empty as null, and without ``.0`` where every id of a text column ends so."""
    text = pc.utf8_trim_whitespace(strings(column))
    if pc.any(pc.equal(text, "")).as_py():
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    some = text.slice(0, _SOME)  # of most columns these say already that not every id ends so
    if all(pc.all(pc.match_substring_regex(part, r"^\d+\.0$")).as_py() for part in (some, text)):
        return pc.replace_substring_regex(text, r"\.0$", "") if text.null_count < len(text) else text
    return text


def rises(found: pa.Array) -> bool:
    """Whether ids without nulls are sorted and all different, as most exports have them: quick to tell.

    >>> import pyarrow as pa
    >>> rises(pa.array(["a", "b", "c"])), rises(pa.array(["a", "a"]))
    (True, False)
    """
    return all(
        pc.all(pc.less(found.slice(start, end - start), found.slice(start + 1, end - start))).as_py()
        for start, end in ((0, min(_SOME, len(found) - 1)), (0, len(found) - 1))
        if end > start
    )


def _repeated_rows(found: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    codes = found.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    # Codes are given out in order of appearance, so a row is a repeat when its code is not a new maximum.
    before = np.maximum.accumulate(np.concatenate(([-1], codes[:-1]))) if len(codes) else codes
    return np.flatnonzero(codes <= before)


def _rows(table: pa.Table, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    number = row_numbers(table)
    numbers = ", ".join(str(number(int(row))) for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {numbers}{more}"


def _no_such_column(table: pa.Table, column: str, what: str) -> str:
    close = difflib.get_close_matches(column.casefold(), [name.casefold() for name in table.column_names], n=1)
    names = {name.casefold(): name for name in table.column_names}
    hint = f"; did you mean {names[close[0]]!r}?" if close else ""
    listed = ", ".join(map(repr, table.column_names[:20])) or "none"
    return (
        f"{what}: no column {column!r}{hint} Its columns are: {listed}"
        if hint
        else (f"{what}: no column {column!r}; its columns are: {listed}")
    )
