"""What is packed in a workbook, measured before anything makes objects of it: sizes, elements, entities.

A workbook is a ZIP archive of XML. A few kilobytes of it can stand for gigabytes: by compression, by entities, or by
tags that are short as text and large as objects. What counts is what really comes out, never what the archive claims.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import NoReturn
from xml.parsers import expat

from socialmerge.errors import TableError

__all__ = ["BROKEN", "measure"]

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a damaged archive raises."""

LARGEST = 1 << 28
"""Bytes that may come out of one workbook."""
_RATIO, _RATIO_FROM = (
    200,
    1 << 23,
)  # a sheet packs to a tenth, seldom a fiftieth; a small file may be as empty as it likes
_MOST_PARTS = 10_000
_CHUNK = 1 << 18
_DEEPEST = 100
_IN_A_ROW = 1 << 17  # a row has 16,384 columns at most, and a cell some three elements
_MOST_ELEMENTS = {"worksheet": 1 << 23, "sst": 1 << 22}
_FEW_ELEMENTS = 1 << 18  # styles, names of sheets and all else: whole in memory, an object each
_ROWS_OF = {"worksheet": "row", "sst": "si"}
_MARK = b"\xef\xbb\xbf"


def measure(data: bytes, name: str) -> None:
    """Raise :class:`~socialmerge.errors.TableError` where a workbook is damaged, locked, or no size for a table."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_PARTS:
                _refuse(name, f"has more than {_MOST_PARTS:,} parts")
            if any(entry.flag_bits & 1 for entry in entries):
                raise TableError(f"{name} is locked with a password; save it without one")
            _parts(archive, entries, name, min(LARGEST, max(_RATIO_FROM, _RATIO * len(data))))
    except BROKEN:
        raise TableError(f"{name} is a damaged workbook; save it again, or export CSV (UTF-8)") from None


def _parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str, most: int) -> None:
    left = most
    for entry in entries:
        part: _Part | None = None
        with archive.open(entry) as stream:
            chunk = stream.read(_CHUNK)
            if chunk.removeprefix(_MARK).lstrip().startswith(b"<"):
                part = _Part(name)
            elif b"\0" in chunk[:4] and b"<" in chunk[:8]:
                _refuse(name, "holds XML that is not UTF-8")
            while chunk:
                left -= len(chunk)
                if left < 0:
                    _refuse(name, f"holds more than {most >> 20} MB when unpacked")
                if part is not None:
                    part.feed(chunk)
                chunk = stream.read(_CHUNK)


class _Part:
    """One XML part, read by the parser that reads it later, and only counted."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._row, self._most = "", _FEW_ELEMENTS
        self._depth = self._count = self._in_row = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003 - expat's signature
        except expat.ExpatError:
            raise TableError(f"{self._name} is a damaged workbook; save it again, or export CSV (UTF-8)") from None

    def _start(self, tag: str, attributes: object) -> None:
        del attributes
        local = tag.rpartition(" ")[2]
        if not self._depth:
            self._row, self._most = _ROWS_OF.get(local, ""), _MOST_ELEMENTS.get(local, _FEW_ELEMENTS)
        self._depth += 1
        self._count += 1
        self._in_row = 0 if local == self._row else self._in_row + 1
        if self._count > self._most or self._in_row > _IN_A_ROW or self._depth > _DEEPEST:
            _refuse(self._name, "has more cells or formats than any table of people")

    def _end(self, tag: str) -> None:
        del tag
        self._depth -= 1

    def _doctype(self, *declared: object) -> None:
        del declared
        _refuse(self._name, "declares a document type, as no spreadsheet program does")


def _refuse(name: str, what: str) -> NoReturn:
    raise TableError(f"{name} {what}; check where it comes from; if it is what it should be, export CSV (UTF-8)")
