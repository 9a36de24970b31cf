"""Where a table is: a file, and of a workbook the sheet that is named after it, as in ``people.xlsx#Customers``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["WORKBOOKS", "file_of", "split"]

WORKBOOKS = (".xlsx", ".xlsm")


def split(path: Path) -> tuple[Path, str | None]:
    """The file of a path, and the sheet that is named behind a ``#``, as links between workbooks do; None for none.

    A file whose own name has a ``#`` in it is that file.

    >>> split(Path("people.xlsx#Customers 2026")), split(Path("people #2.csv"))
    ((PosixPath('people.xlsx'), 'Customers 2026'), (PosixPath('people #2.csv'), None))
    """
    text = str(path)
    lower = text.casefold()
    for suffix in WORKBOOKS:
        at = lower.find(f"{suffix}#")
        if at > 0 and not path.exists():
            return Path(text[: at + len(suffix)]), text[at + len(suffix) + 1 :].strip("'")
    return path, None


def file_of(path: Path) -> Path:
    """The file of a path, whether or not a sheet is named in it."""
    return split(path)[0]
