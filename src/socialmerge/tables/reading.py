"""Read a table from wherever it is: a file, Arrow data, a list of mappings, or a data frame of another library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import pyarrow as pa
import pyarrow.parquet as pq

from socialmerge.errors import TableError
from socialmerge.tables import delimited, documents, workbooks
from socialmerge.tables.numbering import alike
from socialmerge.tables.rendering import column, without_views
from socialmerge.tables.sheets import WORKBOOKS, split
from socialmerge.tables.sniffing import Content, content
from socialmerge.tables.sparing import note_read

__all__ = ["ArrowStream", "Source", "lasting", "read", "read_file"]


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that exports Arrow data through the PyCapsule interface: pandas, polars, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export the data as an Arrow C stream."""


Source: TypeAlias = (
    str | Path | pa.Table | pa.RecordBatch | pa.RecordBatchReader | ArrowStream | Sequence[Mapping[str, object]]
)
"""What :func:`read` takes."""

_BY_SUFFIX = {
    ".csv": Content.DELIMITED,
    ".tsv": Content.DELIMITED,
    ".tab": Content.DELIMITED,
    ".txt": Content.DELIMITED,
    ".parquet": Content.PARQUET,
    ".pq": Content.PARQUET,
    ".json": Content.JSON,
    ".jsonl": Content.JSON_LINES,
    ".ndjson": Content.JSON_LINES,
}
_READABLE = {
    Content.DELIMITED: ".csv",
    Content.PARQUET: ".parquet",
    Content.JSON: ".json",
    Content.JSON_LINES: ".jsonl",
}
_SHEETS = b"xl/workbook.xml"
"""The part that makes an archive a workbook, whatever its file is called."""
_TAKES = (
    "a path (CSV, XLSX, Parquet, JSON, JSON Lines), a pyarrow Table, a list of dicts, "
    "or a data frame with __arrow_c_stream__ (pandas, polars, DuckDB)"
)


def read(source: Source, *, what: str = "table") -> pa.Table:
    """Read a table.

    ``source`` is a path to a CSV, XLSX (with the extra ``xlsx``), Parquet, JSON or JSON Lines file, Arrow data, a list
    of mappings, or anything that has ``__arrow_c_stream__``. Of a workbook with several sheets the one that is meant
    stands behind a ``#``, as in ``"people.xlsx#Customers"``; without, the only one that is filled is read. The names of
    the columns may have titles above them. Every column of a CSV or of a workbook is ``string`` with
    null for an empty cell; the other sources keep their types, nested ones too, but for views, which become plain.
    ``what`` names a source without a path in messages.

    Raises :class:`~socialmerge.errors.TableError` when there is no such file, when it is not what its suffix says, when
    it cannot be parsed (with the line), and when two columns have one name; and
    :class:`~socialmerge.errors.MissingExtraError` for a workbook without the extra.

    >>> read([{"id": "1", "name": "Ada"}]).column_names
    ['id', 'name']
    """
    if isinstance(source, (str, Path)):
        return read_file(Path(source))
    return _checked(_from_memory(source, what), what)


def lasting(source: Source, *, what: str = "table") -> Source:
    """Return a source that can be read more than once: a stream as a table, a path or a list as it is.

    >>> stream = pa.table({"id": ["1"]}).to_reader()
    >>> source = lasting(stream)
    >>> read(source).num_rows, read(source).num_rows
    (1, 1)
    """
    return read(source, what=what) if isinstance(source, ArrowStream) else source


def read_file(path: Path) -> pa.Table:
    """Read a table from a file; see :func:`read`."""
    path, sheet = split(path)
    data = _bytes(path)
    found = content(data)
    if found is Content.ZIP and (path.suffix.casefold() in WORKBOOKS or _SHEETS in data):
        return _checked(workbooks.parse(data, name=str(path), sheet=sheet), str(path))
    told = _BY_SUFFIX.get(path.suffix.casefold(), found)
    if not _agree(told, found):
        raise TableError(_not_what_it_says(path, told, found))
    name = str(path)
    match told:
        case Content.PARQUET:
            table = _parquet(data, name)
        case Content.JSON:
            table = documents.from_records(documents.load_json(data, name=name), name=name)
        case Content.JSON_LINES:
            table = documents.from_records(documents.load_json_lines(data, name=name), name=name)
        case _:
            table = delimited.parse(data, name=name)
    return _checked(table, name)


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise TableError(f"{path} is a folder; name one file in it")
    try:
        data = path.read_bytes()
        note_read(path)
    except FileNotFoundError:
        raise TableError(f"{path}: no such file; check the path (the current folder is the one you run in)") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise TableError(f"{path} cannot be read ({reason}); check the path and its permissions") from None
    if not data:
        raise TableError(f"{path} is empty (0 bytes); export it again")
    return data


def _agree(told: Content, found: Content) -> bool:
    if found not in _READABLE:
        return False
    # One object on one line is both; text that does not start like JSON is left to the parser, which names the line.
    return (
        told is found
        or (told is Content.JSON_LINES and found in {Content.JSON, Content.DELIMITED})
        or (told is Content.JSON and found in {Content.JSON_LINES, Content.DELIMITED})
    )


def _not_what_it_says(path: Path, told: Content, found: Content) -> str:
    message = f"{path} is named like {told.value}, but it is {found.value}"
    if told is found or path.suffix.casefold() not in _BY_SUFFIX:
        message = f"{path} is {found.value}"
    if found in _READABLE:
        return f"{message}; rename it to {path.stem}{_READABLE[found]}"
    if found is Content.GZIP:
        return f"{message}; unpack it and give the file that is inside"
    if found in {Content.EXCEL, Content.OPEN_DOCUMENT}:
        how = "choose 'File > Save As', and there 'Excel Workbook (.xlsx)' or 'CSV UTF-8'"
        return f"{message}; open it in Excel or LibreOffice, {how}, and give that file"
    otherwise = ", or unpack it and give the file that is inside" if found is Content.ZIP else ""
    wanted = "save it as XLSX or CSV (UTF-8)" if found is Content.ZIP else "export CSV (UTF-8)"
    return f"{message}; open it in the program that made it and {wanted}{otherwise}"


def _parquet(data: bytes, name: str) -> pa.Table:
    try:
        return pq.ParquetFile(pa.BufferReader(data)).read()
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{name} is damaged Parquet ({type(error).__name__}); write it again") from None


def _from_memory(source: object, what: str) -> pa.Table:
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, pa.RecordBatchReader):
        return source.read_all()
    if isinstance(source, ArrowStream):
        return _from_stream(source, what)
    if isinstance(source, Sequence) and not isinstance(source, (bytes, bytearray)):
        return documents.from_records(source, name=what)
    raise TableError(f"{what}: cannot read a {type(source).__name__}; pass {_TAKES}")


def _from_stream(source: ArrowStream, what: str) -> pa.Table:
    try:
        return pa.table(source)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        # A pandas column of mixed objects has no Arrow type; take it value by value.
        return _by_column(source, what)


def _by_column(source: object, what: str) -> pa.Table:
    names = getattr(source, "columns", None)
    take = getattr(source, "__getitem__", None)
    if names is None or take is None:
        raise TableError(f"{what}: a {type(source).__name__} that does not turn into Arrow columns; pass {_TAKES}")
    repeated = _repeated([str(name) for name in names])
    if repeated:
        raise TableError(_repeats(what, repeated))
    return pa.table({str(name): column(list(take(name))) for name in names})


def _checked(table: pa.Table, what: str) -> pa.Table:
    repeated = _repeated(table.column_names)
    if repeated:
        raise TableError(_repeats(what, repeated))
    if not table.column_names:
        return table
    return alike(pa.table({name: without_views(table[name]) for name in table.column_names}), table)


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _repeats(what: str, repeated: list[str]) -> str:
    listed = ", ".join(map(repr, repeated))
    return f"{what}: more than one column is called {listed}; give every column a name of its own"
