"""The paths that a command is given: what it writes never takes the place of what it reads, nor of a store."""

from __future__ import annotations

import os
from pathlib import Path

import click

from socialmerge import tables

__all__ = ["FILE", "FOLDER", "HTML", "OUT"]

_META = __name__


class _Path(click.Path):
    """A path that knows the others of its command, whichever comes first on the command line."""

    def __init__(self, *, writes: bool, suffixes: tuple[str, ...] = ()) -> None:
        super().__init__(exists=not writes, dir_okay=False, path_type=Path)
        self.writes = writes
        self.suffixes = suffixes

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        path = Path(os.fsdecode(value))
        file = path if self.writes else tables.file_of(path)  # a sheet may be named behind the workbook
        super().convert(file, param, ctx)
        if self.writes:
            self._refuse(path, param, ctx)
        if ctx is not None:
            self._refuse_again(file.resolve(), param, ctx)
        return path

    def _refuse(self, path: Path, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Stop where a store, or its key, would be written over: nothing could bring it back."""
        if self.suffixes and path.suffix.casefold() not in self.suffixes:
            self.fail(f"File '{path}' is not named like HTML; write it such as report.html.", param, ctx)
        if tables.is_store(path):
            self.fail(f"File '{path}' is a store or its key, and would be lost; name another.", param, ctx)

    def _refuse_again(self, path: Path, param: click.Parameter | None, ctx: click.Context) -> None:
        """Stop where one path is read and written, or written twice."""
        named: dict[Path, bool] = ctx.meta.setdefault(_META, {})
        if path in named and (self.writes or named[path]):
            told = "is named twice to be written" if self.writes and named[path] else "is read, and would be lost"
            self.fail(f"File '{path.name}' {told}; name another.", param, ctx)
        named[path] = self.writes


FILE = _Path(writes=False)
OUT = _Path(writes=True)
HTML = _Path(writes=True, suffixes=(".html", ".htm"))
FOLDER = click.Path(file_okay=False, path_type=Path)
