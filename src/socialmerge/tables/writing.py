"""Write tables so that a crash leaves no half file, and a spreadsheet that opens them runs nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from socialmerge.errors import TableError
from socialmerge.tables.guarding import guarded
from socialmerge.tables.placing import replacing
from socialmerge.tables.rendering import strings

__all__ = ["write", "write_text"]

_BATCH = 65_536


def write(table: pa.Table, path: str | Path, *, spreadsheet_safe: bool = True) -> None:
    r"""Write a table by the suffix of ``path``: ``.csv``, ``.parquet`` or ``.jsonl``.

    The file appears whole or not at all, readable by its owner alone until then; one that is there is replaced and
    keeps its mode. CSV is UTF-8 with ``\n`` line ends; values are rendered as
    :func:`~socialmerge.tables.strings` says, lists joined by `` ::: ``. With ``spreadsheet_safe``, a cell that a
    spreadsheet may take for a formula (it starts with ``=``, ``+``, ``-``, ``@``, tab or a line end) gets an apostrophe
    in front; numbers such as ``-5`` and telephone numbers such as ``+1 555 0100`` stay as they are.

    Raises :class:`~socialmerge.errors.TableError` for another suffix, when the file cannot be written, and when a
    store or its key would be lost.
    """
    path = Path(path)
    suffix = path.suffix.casefold()
    if suffix not in {".csv", ".parquet", ".jsonl"}:
        raise TableError(f"{path}: cannot write {suffix or 'a file without suffix'}; use .csv, .parquet or .jsonl")
    with replacing(path) as temporary:
        if suffix == ".parquet":
            pq.write_table(_storable(table), temporary)
        elif suffix == ".jsonl":
            _write_json_lines(table, temporary)
        else:
            _write_csv(table, temporary, spreadsheet_safe=spreadsheet_safe)


def write_text(text: str, path: str | os.PathLike[str], *, kind: str = "") -> None:
    """Write a text file as UTF-8, whole or not at all.

    ``kind`` ("html" or "toml") says what a file that is there must be, to be written over.

    Raises :class:`~socialmerge.errors.TableError` when the file cannot be written, and when a store, its key
    or a file of another kind would be lost.
    """
    with replacing(Path(path), kind=kind) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _storable(table: pa.Table) -> pa.Table:
    """Turn views into plain strings: Parquet has no views."""
    columns = [strings(column) if pa.types.is_string_view(column.type) else column for column in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _write_csv(table: pa.Table, path: Path, *, spreadsheet_safe: bool) -> None:
    with path.open("wb") as file:
        header = pa.array(table.column_names, pa.string())
        file.write(_line(_cells(header, spreadsheet_safe=spreadsheet_safe).to_pylist()))
        for start in range(0, table.num_rows, _BATCH):
            batch = table.slice(start, _BATCH)
            columns = [_cells(strings(column), spreadsheet_safe=spreadsheet_safe) for column in batch.columns]
            for line in _joined(columns):
                file.write(line)


def _joined(columns: list[pa.Array]) -> Iterator[bytes]:
    if len(columns) == 1:
        # A blank line would be passed over on reading; quotes keep the row.
        lines = pc.if_else(pc.equal(columns[0], ""), '""', columns[0])
    else:
        lines = pc.binary_join_element_wise(*columns, ",")
    yield "\n".join([*lines.to_pylist(), ""]).encode("utf-8")


def _line(cells: list[str]) -> bytes:
    return (",".join(cells) + "\n").encode("utf-8")


def _cells(text: pa.Array, *, spreadsheet_safe: bool) -> pa.Array:
    """Make cells: null as nothing, quotes where CSV (RFC 4180) or a spreadsheet that cuts at ; or tab needs them."""
    text = guarded(text) if spreadsheet_safe else text
    text = pc.fill_null(text, "")
    special = pc.match_substring_regex(text, r'[",;\t\r\n]|^\s|\s$')
    if not pc.any(special).as_py():
        return text
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(special, quoted, text)


def _write_json_lines(table: pa.Table, path: Path) -> None:
    is_plain = all(_is_plain(column.type) for column in table.columns)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, table.num_rows, _BATCH):
            for row in table.slice(start, _BATCH).to_pylist():
                file.write(json.dumps(row if is_plain else _plain(row), ensure_ascii=False, allow_nan=False) + "\n")


def _is_plain(kind: pa.DataType) -> bool:
    """Whether the values of a type go into JSON as they are."""
    if pa.types.is_list(kind):
        return _is_plain(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _plain(value: object) -> object:
    """Keep what JSON has; render the rest as :func:`strings` does."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN
    return strings(pa.array([value]))[0].as_py()
