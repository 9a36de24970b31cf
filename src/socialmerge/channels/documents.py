"""Brings a source into one of four shapes by its content: a table, JSON values, the text of contact cards, or XML."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from socialmerge import tables
from socialmerge.channels import archives, elements, pages
from socialmerge.channels.elements import XmlFile
from socialmerge.errors import ChannelError
from socialmerge.tables import delimited
from socialmerge.tables.sniffing import Content, content, decode

__all__ = ["Document", "Source", "from_bytes", "is_archive", "is_cards", "open_source", "peek"]

Source: TypeAlias = tables.Source | Mapping[str, object]
"""What :func:`socialmerge.channels.read` takes: what ``tables.read`` takes, one mapping, and files of cards."""

_CARD = re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE)
_ASSIGNED = re.compile(r"\s*window\.YTD\.\w+\.part\d+\s*=\s*(?=\[)")  # how the archive of X writes JSON
_HEAD = 65_536
_PEEKED_LINES = 50
_PREAMBLE_LINES = 20
_PREAMBLE = "notes:"
_HEADER = ("First Name,", '"First Name",')


@dataclass(frozen=True, slots=True)
class Document:
    """An opened source; exactly one of ``table``, ``objects``, ``cards`` and ``xml`` is given."""

    name: str  # for messages
    table: pa.Table | None = None
    objects: Sequence[object] | None = None  # top-level JSON values
    cards: str | None = None  # the text of a vCard file
    xml: XmlFile | None = None


def open_source(source: Source, *, what: str = "profiles") -> Document:
    """Open a path, Arrow data, a data frame, a list of mappings, or one mapping.

    Raises :class:`~socialmerge.errors.TableError` when a file cannot be read, and
    :class:`~socialmerge.errors.ChannelError` when its JSON is broken or nested too deep.
    """
    if isinstance(source, Mapping):
        return Document(what, objects=[source])
    if isinstance(source, str | Path):
        return _open_file(Path(source))
    if isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
        return Document(what, objects=list(source))
    return Document(what, table=tables.read(source, what=what))


def peek(source: Source) -> Document:
    """As much of a source as it takes to tell what it is; of a large ordinary table only the column names."""
    if not isinstance(source, str | Path):
        return open_source(source)
    path = Path(source)
    name = str(path)
    found = content(_first(path))
    if found in {Content.XML, Content.GZIP, Content.ZIP}:
        return _open_file(path)
    data = _bytes(path)
    match found:
        case Content.PARQUET:
            return Document(name, table=_parquet_head(path))
        case Content.JSON_LINES:
            lines = decode(data[:_HEAD].rpartition(b"\n")[0] or data, name).split("\n")
            return Document(name, objects=_json_lines(lines[:_PEEKED_LINES], name))
        case Content.DELIMITED if _is_table(data, name):
            return Document(name, table=_header_only(_head(data, name)))
        case _:
            return _open_file(path)


def is_archive(source: Source) -> bool:
    """Whether a source is a ZIP file with files in it, and no workbook of an office program."""
    if not isinstance(source, str | Path):
        return False
    path = Path(source)
    return content(_first(path)) is Content.ZIP and not archives.is_workbook(tables.file_of(path))


def is_cards(source: Source) -> bool:
    """Whether a source is a file of contact cards."""
    if not isinstance(source, str | Path):
        return False
    head = _first(Path(source))
    return content(head) is Content.DELIMITED and _is_cards(head, str(source))


def from_bytes(data: bytes, name: str) -> Document:
    """Open what came out of an archive. Raises the errors of :func:`open_source`."""
    found = content(data)
    if found is Content.XML:
        return Document(name, xml=elements.opened(name, lambda: io.BytesIO(data)))
    if found is Content.DELIMITED and _is_table(data, name):
        return Document(name, table=delimited.parse(data, name=name))
    if found not in {Content.HTML, Content.JSON, Content.JSON_LINES, Content.DELIMITED}:
        raise ChannelError(f"{name} is {found.value}, and no export that can be read; unpack it and look")
    return _of_text(data, name, found)


def _open_file(path: Path) -> Document:
    name = str(path)
    found = content(_first(path))
    if found is Content.XML:
        return Document(name, xml=elements.opened(name, lambda: path.open("rb")))
    if found is Content.GZIP:
        return from_bytes(archives.unpacked(path), name)
    data = _bytes(path)
    if found in {Content.HTML, Content.JSON, Content.JSON_LINES}:
        return _of_text(data, name, found)
    if found is not Content.DELIMITED or _is_table(data, name):
        return Document(name, table=tables.read(path))
    return _of_text(data, name, found)


def _of_text(data: bytes, name: str, found: Content) -> Document:
    """A document of JSON, of JSON in a script, of a web page, of cards, or of a table with notes before it."""
    text = decode(data, name)
    if found is Content.HTML:
        return Document(name, objects=pages.objects(text, name, _json_values))
    if found in {Content.JSON, Content.JSON_LINES}:
        return Document(name, objects=_json_values(text, name))
    if _is_cards(data, name):
        return Document(name, cards=text)
    if script := _ASSIGNED.match(text):
        return Document(name, objects=_json_values(text[script.end() :], name))
    skipped = _preamble(data, name)
    return Document(name, table=delimited.parse(text.split("\n", skipped)[skipped].encode("utf-8"), name=name))


def _bytes(path: Path) -> bytes:
    return _first(path, -1)


def _first(path: Path, size: int = _HEAD) -> bytes:
    """The first bytes of a file, as many as it takes to tell what it is; all of them with ``-1``."""
    file = tables.file_of(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(size)
        tables.note_read(file)
    except (OSError, ValueError):
        data = b""
    if not data:
        tables.read(path)  # says what is wrong with it
    return data


def _head(data: bytes, name: str) -> str:
    """The first lines, whole, so that no character is cut in two."""
    if len(data) <= _HEAD:
        return decode(data, name)
    cut = data[:_HEAD].rfind(b"\n")
    return decode(data[: cut + 1] if cut > 0 else data, name)


def _is_table(data: bytes, name: str) -> bool:
    """Whether text that is neither JSON nor marked up is a table from its first line on."""
    return not (_is_cards(data, name) or _preamble(data, name) or _is_script(data, name))


def _is_script(data: bytes, name: str) -> bool:
    return b"window.YTD." in data[:40].replace(b"\0", b"") and _ASSIGNED.match(_head(data, name)) is not None


def _is_cards(data: bytes, name: str) -> bool:
    return b"VCARD" in data[:200].upper().replace(b"\0", b"") and _CARD.match(_head(data, name)) is not None


def _preamble(data: bytes, name: str) -> int:
    """How many lines of notes come before the header of a LinkedIn file."""
    if _PREAMBLE.encode() not in data[:40].lower().replace(b"\0", b""):
        return 0
    lines = _head(data, name).split("\n")[:_PREAMBLE_LINES]
    return next((number for number, line in enumerate(lines) if line.startswith(_HEADER)), 0)


def _header_only(head: str) -> pa.Table:
    """A table without rows, of the column names that the first line holds under its likeliest delimiter."""
    lines = [line for line in head.splitlines() if line.strip() and not line.lower().startswith("sep=")]
    first = lines[0] if lines else ""
    cells = max((first.split(delimiter) for delimiter in ",;\t|"), key=len)
    names = dict.fromkeys(cell.strip().strip('"') for cell in cells)
    return pa.table({name: pa.array([], pa.string()) for name in names})


def _parquet_head(path: Path) -> pa.Table:
    try:
        return pq.read_schema(path).empty_table()
    except (pa.ArrowException, OSError):
        return tables.read(path)  # says what is wrong with it


def _json_values(text: str, name: str) -> list[object]:
    """One JSON document, or one a line."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data"):
            return _json_lines(text.split("\n"), name)
        raise ChannelError(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); export it again, whole"
        ) from None
    except (RecursionError, ValueError) as error:
        raise _too_much(name, error) from None
    return value if isinstance(value, list) else [value]


def _json_lines(lines: Sequence[str], name: str) -> list[object]:
    return [_json_line(line, number, name) for number, line in enumerate(lines, 1) if line.strip()]


def _json_line(line: str, number: int, name: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ChannelError(
            f"{name}, line {number}, column {error.colno}: not JSON ({error.msg}); every line must be one JSON object"
        ) from None
    except (RecursionError, ValueError) as error:
        raise _too_much(f"{name}, line {number}", error) from None


def _too_much(where: str, error: Exception) -> ChannelError:
    if isinstance(error, RecursionError):
        return ChannelError(
            f"{where}: the JSON is nested deeper than any export of profiles; check where the file comes from"
        )
    return ChannelError(f"{where}: a number of thousands of digits, as no export has; check where the file comes from")
