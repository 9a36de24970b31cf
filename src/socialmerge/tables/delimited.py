"""CSV and its relatives: delimiter, header and rows of text that is delimited by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa
import pyarrow.csv as arrow_csv

from socialmerge.errors import TableError
from socialmerge.tables.sniffing import encode_utf8

__all__ = ["column_names", "parse"]

_TOO_LONG = "longer than 16 MB, as in no table of people; check where the file comes from"
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_SHOWN = 3
_BLOCK, _LARGEST_BLOCK = 1 << 20, 1 << 26
_LONGEST = 1 << 24  # bytes of a line, characters of a cell: a table of people has neither
_TAIL = 1 << 12  # looking at the end only: a copy of a large file costs more than all else here
_SEP_LINE = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)
_LOOKS_LIKE_DATA = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+|\+?[\d ().-]{7,}")


def parse(data: bytes, *, name: str = "the file") -> pa.Table:
    r"""Parse delimited text with a header into a table of strings; an empty cell is null.

    The delimiter (comma, semicolon, tab or bar), the encoding and line ends are found from the text. Quoted cells may
    hold delimiters and line ends. Blank rows at the end are left out. A column without a name is called ``column_3``
    after its place. ``name`` stands in error messages.

    Raises :class:`~socialmerge.errors.TableError` for no header, repeated column names and rows of another length than
    the header.

    >>> parse(b"id;name\n1;Ada\n").to_pylist()
    [{'id': '1', 'name': 'Ada'}]
    """
    text = encode_utf8(data, name)
    if not text or text.isspace():
        raise TableError(f"{name} is empty; it needs at least a header line with column names")
    text, told = _without_sep_line(text)
    _refuse_long_line(text, name)
    try:
        delimiter = told or _delimiter(text)
        header = _header(text, delimiter, name)
    except csv.Error:
        raise TableError(_what_is_long(name)) from None
    try:
        table = _arrow(text, header, delimiter, name)
    except pa.ArrowInvalid:
        raise TableError(_what_is_ragged(text, header, delimiter, name)) from None
    _refuse_open_quote(table, text, name)
    return _without_blank_end(table)


def _without_sep_line(text: bytes) -> tuple[bytes, str]:
    """Take off the ``sep=;`` line that Excel understands."""
    found = _SEP_LINE.match(text)
    return (text[found.end() :], found[1].decode("latin-1")) if found else (text, "")


def _refuse_long_line(text: bytes, name: str) -> None:
    """Refuse a line that would have to be held several times over to be read; looks at little of the text."""
    start = 0
    while len(text) - start > _LONGEST:
        found = max(text.rfind(end, start, start + _LONGEST) for end in (b"\n", b"\r"))
        if found < 0:
            line = text.count(b"\n", 0, start) + 1
            raise TableError(f"{name}, line {line}: {_TOO_LONG}")
        start = found + 1


def _what_is_long(name: str) -> str:
    return (
        f"{name}: a cell of more than {_LONGEST >> 20} million characters, or quotes that do not end; "
        "look for a stray quote"
    )


def _rows(text: bytes, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST)
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline="")
    return csv.reader(lines, delimiter=delimiter)


def _delimiter(text: bytes) -> str:
    """Return the delimiter that cuts the first rows into the most columns, evenly."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in islice(_rows(text, delimiter), _SAMPLE_ROWS) if row)
        header = next((len(row) for row in _rows(text, delimiter) if row), 1)
        return (widths[header] / max(widths.total(), 1) if header > 1 else 0.0, header)

    scores = {delimiter: evenness(delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: (scores[delimiter][0] * scores[delimiter][1], scores[delimiter][1]))
    return best if scores[best][1] > 1 else ","


def _header(text: bytes, delimiter: str, name: str) -> list[str]:
    return column_names(next((row for row in _rows(text, delimiter) if row), []), name)


def column_names(first: Sequence[str], name: str) -> list[str]:
    """The names of the columns, of the cells of a first row; a column without one is called after its place.

    Raises :class:`~socialmerge.errors.TableError` where names are repeated, or the row looks like data.
    """
    header = [cell.strip() or f"column_{place}" for place, cell in enumerate(first, 1)]
    repeated = sorted(cell for cell, count in Counter(header).items() if count > 1)
    if repeated:
        listed = ", ".join(map(repr, repeated))
        raise TableError(f"{name}: the header repeats {listed}; give every column a name of its own")
    if any(_LOOKS_LIKE_DATA.fullmatch(cell) for cell in header):
        raise TableError(f"{name}: the first line looks like data, not like column names; add a header line")
    return header


def _arrow(text: bytes, header: list[str], delimiter: str, name: str, *, block: int = _BLOCK) -> pa.Table:
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=header, skip_rows_after_names=1, block_size=block),
            # A line end inside quotes forbids splitting the file by lines, so it is looked for only where quotes are.
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in text),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" in str(error) and block < min(len(text) + 1, _LARGEST_BLOCK):  # a record longer than a block
            return _arrow(text, header, delimiter, name, block=min(block * 16, _LARGEST_BLOCK))
        raise


def _without_blank_end(table: pa.Table) -> pa.Table:
    """Cut off the rows without any value that spreadsheets leave at the end (``,,,``)."""
    rows = table.num_rows
    while rows and all(column[rows - 1].as_py() is None for column in table.columns):
        rows -= 1
    return table.slice(0, rows)


def _refuse_open_quote(table: pa.Table, text: bytes, name: str) -> None:
    """Refuse a last cell that has swallowed the rest of the file: a line end needs quotes, and these have no end."""
    if not table.num_rows or text[-_TAIL:].rstrip().endswith(b'"'):
        return
    last = table.column(table.num_columns - 1)[-1].as_py() or ""
    if "\n" in last:
        line = text.count(b"\n") - last.count("\n") + (1 if text.endswith(b"\n") else 0)
        raise TableError(f"{name}, line {line}: a quoted cell begins there and does not end; look for a stray quote")


def _what_is_ragged(text: bytes, header: list[str], delimiter: str, name: str) -> str:
    """Read once more, slowly, to say which lines have too many or too few cells."""
    rows = _rows(text, delimiter)
    bad: list[tuple[int, int]] = []
    try:
        start = 1
        for row in rows:
            if row and len(row) != len(header):
                bad.append((start, len(row)))
            start = rows.line_num + 1  # type: ignore[attr-defined]  # csv.reader has it; Iterator does not
    except csv.Error as error:
        if "limit" in str(error):
            return _what_is_long(name)
        return f"{name}: a quoted cell does not end, or a line end is broken; save the file again as CSV"
    if not bad:
        return f"{name}: the quotes do not pair up; save the file again as CSV"
    listed = "; ".join(f"line {line} has {found}" for line, found in bad[:_SHOWN])
    more = f"; and {len(bad) - _SHOWN:,} more lines" if len(bad) > _SHOWN else ""
    return (
        f"{name}: the header has {len(header)} columns (delimiter {delimiter!r}), but {listed}{more}; "
        "look for a stray delimiter or a missing quote there"
    )
