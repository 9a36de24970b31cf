"""CSV and its relatives: delimiter, header and rows of text that is delimited by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from socialmerge.errors import TableError, amount
from socialmerge.tables.headings import LOOKED_AT, Heading, heading
from socialmerge.tables.numbering import numbered
from socialmerge.tables.sniffing import encode_utf8

__all__ = ["parse"]

_TOO_LONG = "longer than 16 MB, as in no table of people; check where the file comes from"
_DELIMITERS = ",;\t|"
_SHOWN = 3
_BLOCK, _LARGEST_BLOCK = 1 << 20, 1 << 26
_LONGEST = 1 << 24  # bytes of a line, characters of a cell: a table of people has neither
_COUNTED = 1 << 22  # bytes of a body whose lines are counted one by one, where they are not its rows
_TAIL = 1 << 12  # looking at the end only: a copy of a large file costs more than all else here
_SEP_LINE = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)


def parse(data: bytes, *, name: str = "the file") -> pa.Table:
    r"""Parse delimited text with a header into a table of strings; an empty cell is null.

    The delimiter (comma, semicolon, tab or bar), the encoding and line ends are found from the text. Quoted cells may
    hold delimiters and line ends. Rows without any value are left out, and so are titles above the names of the columns
    (:mod:`socialmerge.tables.headings`). A column without a name is called ``column_3`` after its place. ``name``
    stands in error messages.

    Raises :class:`~socialmerge.errors.TableError` for no header, repeated column names and rows of another length than
    the header.

    >>> parse(b"id;name\n1;Ada\n").to_pylist()
    [{'id': '1', 'name': 'Ada'}]
    """
    text = encode_utf8(data, name)
    if not text or text.isspace():
        raise TableError(f"{name} is empty; it needs at least a header line with column names")
    whole = len(text)
    text, told = _without_sep_line(text)
    sep = int(len(text) < whole)
    _refuse_long_line(text, name)
    try:
        delimiter = told or _delimiter(text)
        rows = list(islice(_rows(text, delimiter), LOOKED_AT))
        head = heading(rows, name)
        lines = [_lines(text, delimiter, place) for place in (head.first, head.last + 1)]
    except csv.Error:
        raise TableError(_what_is_long(name)) from None
    start = _start(text, lines[1])
    if start == len(text) or text[start:].isspace():
        return numbered(pa.table({column: pa.array([], pa.string()) for column in head.names}), (), head.notes)
    try:
        table = _arrow(text, start, list(head.names), delimiter)
    except pa.ArrowInvalid:
        raise TableError(_what_is_ragged(text, lines[0], head, delimiter, name)) from None
    _refuse_open_quote(table, text, name)
    table = head.without_nothing(table)
    return _numbered(table, text, start, before=lines[1] + sep, notes=head.notes, delimiter=delimiter)


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
    """Return the delimiter that cuts the first rows into the most columns, evenly; titles above are of fewer."""
    found = {
        delimiter: [len(row) for row in islice(_rows(text, delimiter), LOOKED_AT) if row] for delimiter in _DELIMITERS
    }
    first = {delimiter: _evenness(widths, next(iter(widths), 1)) for delimiter, widths in found.items()}
    if max(score for score, _ in first.values()) < 1:  # the first row is of no table: look for the width of most rows
        first = {delimiter: _evenness(widths, _usual(widths)) for delimiter, widths in found.items()}
    best = max(_DELIMITERS, key=first.__getitem__)
    return best if first[best][1] > 1 else ","


def _evenness(widths: Sequence[int], width: int) -> tuple[float, int]:
    return (width * widths.count(width) / max(len(widths), 1) if width > 1 else 0.0, width)


def _usual(widths: Sequence[int]) -> int:
    return max(set(widths), key=lambda width: (widths.count(width), width), default=1)


def _lines(text: bytes, delimiter: str, count: int) -> int:
    """How many lines the first rows take: one each, but where a quoted cell holds line ends."""
    rows = _rows(text, delimiter)
    for _ in islice(rows, count):
        pass
    return int(rows.line_num)  # type: ignore[attr-defined]  # csv.reader has it; Iterator does not


def _start(text: bytes, lines: int) -> int:
    """Where the line begins that some lines come before."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="surrogateescape", newline="")
    return sum(len(line.encode("utf-8", "surrogateescape")) for line in islice(stream, lines))


def _numbered(
    table: pa.Table, text: bytes, start: int, *, before: int, notes: Sequence[str], delimiter: str
) -> pa.Table:
    """The table without rows that say nothing, its rows numbered as the lines of the file, as far as they are known."""
    kept = _filled(table)
    found = table if kept is None else table.filter(pa.array(kept))
    ends = text.count(b"\n", start) or text.count(b"\r", start)
    if ends + (not text.endswith((b"\n", b"\r"))) == table.num_rows:  # each row is one line
        lines = np.arange(before + 1, before + 1 + table.num_rows)
    elif len(text) - start <= _COUNTED:
        lines = np.array(_first_lines(text[start:], delimiter), np.int64) + before
    else:
        lines = np.empty(0, np.int64)
    known = len(lines) == table.num_rows
    return numbered(found, (lines if kept is None else lines[kept]).tolist() if known else (), notes)


def _first_lines(body: bytes, delimiter: str) -> list[int]:
    """The line that each row begins in: quoted cells may hold line ends, and lines may be blank."""
    rows, found, line = _rows(body, delimiter), [], 1
    for row in rows:
        found += [line] if row else []
        line = rows.line_num + 1  # type: ignore[attr-defined]  # csv.reader has it; Iterator does not
    return found


def _filled(table: pa.Table) -> npt.NDArray[np.bool_] | None:
    """Which rows have a value, as spreadsheets leave some that have none (``,,,``); None for all of them.

    A column that is alone may have empty cells that are meant.
    """
    if table.num_columns == 1:
        return None
    filled = np.zeros(table.num_rows, np.bool_)
    for column in table.columns:
        filled |= pc.is_valid(column).to_numpy()
        if filled.all():
            return None
    return filled


def _arrow(text: bytes, start: int, header: list[str], delimiter: str, *, block: int = _BLOCK) -> pa.Table:
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(text).slice(start)),
            read_options=arrow_csv.ReadOptions(column_names=header, block_size=block),
            # A line end inside quotes forbids splitting the file by lines, so it is looked for only where quotes are.
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=text.find(b'"', start) >= 0),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" in str(error) and block < min(len(text) + 1, _LARGEST_BLOCK):  # a record longer than a block
            return _arrow(text, start, header, delimiter, block=min(block * 16, _LARGEST_BLOCK))
        raise


def _refuse_open_quote(table: pa.Table, text: bytes, name: str) -> None:
    """Refuse a last cell that has swallowed the rest of the file: a line end needs quotes, and these have no end."""
    if not table.num_rows or text[-_TAIL:].rstrip().endswith(b'"'):
        return
    last = table.column(table.num_columns - 1)[-1].as_py() or ""
    if "\n" in last:
        line = text.count(b"\n") - last.count("\n") + (1 if text.endswith(b"\n") else 0)
        raise TableError(f"{name}, line {line}: a quoted cell begins there and does not end; look for a stray quote")


def _what_is_ragged(text: bytes, before: int, head: Heading, delimiter: str, name: str) -> str:
    """Read once more, slowly, to say which lines have too many or too few cells; titles come ``before``."""
    header = head.names
    rows = _rows(text, delimiter)
    bad: list[tuple[int, int]] = []
    try:
        start = 1
        for row in rows:
            if row and len(row) != len(header) and start > before:
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
        f"{name}: the header has {amount(len(header), 'column', 'columns')} (delimiter {delimiter!r}), "
        f"but {listed}{more}; "
        "look for a stray delimiter or a missing quote there"
    )
