"""Excel workbooks (.xlsx) as tables: the sheet that is meant, the names of its columns, every cell as text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from socialmerge.errors import MissingExtraError, TableError, hint
from socialmerge.tables.headings import LOOKED_AT, heading
from socialmerge.tables.numbering import numbered
from socialmerge.tables.rendering import mended
from socialmerge.tables.unpacking import BROKEN, measure

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["parse"]

_MOST_ROWS = 1 << 20  # as many as a sheet has
_MOST_CELLS = 1 << 25  # with those that are empty
_MOST_CHARACTERS = 1 << 28
_WHOLE = 10**15  # a spreadsheet keeps fifteen digits: beyond them a number is not what anybody typed
_ERRORS = frozenset({"#N/A", "#NAME?", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NULL!"})
_UNREADABLE = (*BROKEN, KeyError, ValueError, TypeError, AttributeError, IndexError, ParseError)
"""What openpyxl raises at workbooks that it cannot make sense of; it has no error of its own for most."""


def parse(data: bytes, *, name: str = "the file", sheet: str | None = None) -> pa.Table:
    """Read a sheet of a workbook as a table of strings, as a CSV of it would be read; an empty cell is null.

    ``sheet`` is its name; without one the only sheet that says anything is read, those that are hidden passed over.
    Formulas are what they last came to. A whole number has no decimal point, a date is written as in ISO 8601. Rows
    that say nothing are left out. ``name`` stands in error messages.

    Raises:
        TableError: the workbook is damaged or too large; there is no such sheet, or several that say something and none
            is named; the names of the columns are repeated, or a value stands in a column without a name.
        MissingExtraError: the extra ``xlsx`` is not installed.
    """
    measure(data, name)
    try:
        import openpyxl  # only who reads a workbook needs it
    except ImportError as error:
        said = 'install the extra: python -m pip install "socialmerge[xlsx]"; or save the sheet as CSV (UTF-8)'
        raise MissingExtraError(f"{name} is a workbook, and reading one needs openpyxl; {said}") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and drawings, which nobody asks for here
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                return _table(book, name, sheet)
            finally:
                book.close()
        except _UNREADABLE as error:
            if isinstance(error, TableError):  # which is a ValueError too
                raise
            raise TableError(f"{name} is a damaged workbook; save it again, or export CSV (UTF-8)") from None


def _table(book: Workbook, name: str, wanted: str | None) -> pa.Table:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if wanted is not None and wanted not in sheets:
        raise TableError(f"{name}: no sheet is called {wanted!r}{hint(wanted, list(sheets))}")
    shown = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    found = []
    for sheet in shown if wanted is None else [sheets[wanted]]:
        sheet.reset_dimensions()  # some programs write wrong ones
        rows = list(_rows(sheet.iter_rows(values_only=True), name))
        if any(rows):
            found.append((sheet.title, rows))
    if len(found) > 1:
        listed = ", ".join(repr(title) for title, _ in found)
        how = f"name the one that is meant behind a '#', as in {f'{name}#{found[0][0]}'!r}"
        raise TableError(f"{name} has several sheets ({listed}); {how}")
    if not found:
        where = name if wanted is None else f"{name}: sheet {wanted!r}"
        raise TableError(f"{where} is empty; it needs at least a row with the names of the columns")
    return _named(found[0][1], name)


def _rows(rows: Iterator[Sequence[object]], name: str) -> Iterator[list[str | None]]:
    """The rows as text, without the empty cells at their ends, within limits."""
    seen = characters = 0
    for number, row in enumerate(rows):
        cells = [_text(value) for value in row]
        while cells and cells[-1] is None:
            cells.pop()
        seen += len(row)
        characters += sum(len(cell) for cell in cells if cell)
        if number >= _MOST_ROWS or seen > _MOST_CELLS or characters > _MOST_CHARACTERS:
            raise TableError(f"{name} is larger than a table of people is; export CSV (UTF-8) if it is one")
        yield cells


def _named(rows: list[list[str | None]], name: str) -> pa.Table:
    head = heading(rows[: max(LOOKED_AT, 1 + next(at for at, row in enumerate(rows) if row))], name)
    numbers = [at + 1 for at in range(head.last + 1, len(rows)) if rows[at]]
    kept = [rows[number - 1] for number in numbers]
    for number, row in zip(numbers, kept, strict=True):
        if len(row) > len(head.names):
            raise TableError(
                f"{name}, row {number}: a value in column {len(row)}, which has no name; name every column in row "
                f"{head.first + 1}, and put nothing else beside the table"
            )
    columns = ([row[at] if at < len(row) else None for row in kept] for at in range(len(head.names)))
    names = zip(head.names, columns, strict=True)
    table = pa.table({column: pa.array(cells, pa.string()) for column, cells in names})
    return numbered(head.without_nothing(table), numbers, head.notes)


def _text(value: object) -> str | None:
    """A cell as a spreadsheet's own CSV would have it, dates apart."""
    if value is None or value == "" or (isinstance(value, str) and value in _ERRORS):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    return _moment(value) if isinstance(value, date | time) else mended(str(value))


def _number(value: float) -> str:
    if abs(value) >= _WHOLE:
        return f"{value:.5E}"
    return f"{value:.0f}" if value == int(value) else f"{value:.15g}"


def _moment(value: date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat()
