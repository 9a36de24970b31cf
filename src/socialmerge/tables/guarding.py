"""Cells that no spreadsheet takes for a formula, and back: an apostrophe in front, and without it what was there."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.tables.rendering import strings

__all__ = ["guarded", "safe_cell", "unguarded"]

# A cell that a spreadsheet may take for a formula: the ASCII signs, their full-width forms, tab and line ends. One that
# looks guarded already is guarded once more, so that every cell reads back as it was.
_FORMULA = r"^'*[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
# A number or a telephone number: digits and separators alone call no function and reach no other cell.
_HARMLESS = r"^'*[+\-][0-9 ().,\-]*[0-9][0-9 ().,\-]*([eE][+\-]?[0-9]+)?$"


def guarded(texts: pa.Array) -> pa.Array:
    """Put an apostrophe before each text that a spreadsheet may take for a formula."""
    risky = _risky(texts)
    if not pc.any(risky, min_count=0).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def unguarded(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Give the texts that :func:`guarded` took, as they were.

    >>> texts = pa.array(["=1+1", "'=1+1", "@ada", "-5", "'x", None])
    >>> unguarded(guarded(texts)).equals(texts)
    True
    """
    texts = strings(column)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    marked = pc.and_(_risky(texts), pc.fill_null(pc.starts_with(texts, "'"), False))  # noqa: FBT003 - Arrow's signature
    if not pc.any(marked, min_count=0).as_py():
        return texts
    return pc.if_else(marked, pc.utf8_slice_codeunits(texts, 1), texts)


def safe_cell(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula.

    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell("+1 555 0100"), safe_cell("@ada")
    ("'=1+1", '-5', '+1 555 0100', "'@ada")
    """
    return str(guarded(pa.array([text]))[0].as_py())


def _risky(texts: pa.Array) -> pa.Array:
    formula = pc.match_substring_regex(texts, _FORMULA)
    if not pc.any(formula, min_count=0).as_py():
        return pc.fill_null(formula, False)  # noqa: FBT003
    return pc.fill_null(pc.and_not(formula, pc.match_substring_regex(texts, _HARMLESS)), False)  # noqa: FBT003
