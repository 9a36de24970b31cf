"""Brings a source into one of three shapes: a table, JSON values, or the text of contact cards; by its content."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import ChannelError, TableError
from socialmerge.tables import delimited
from socialmerge.tables.sniffing import Content, content, decode

__all__ = ["Document", "Source", "open_source"]

Source = tables.Source | Mapping[str, object]
"""What :func:`socialmerge.channels.read` takes: what ``tables.read`` takes, one mapping, and files of cards."""

_CARD = re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE)
_PREAMBLE_LINES = 20


@dataclass(frozen=True, slots=True)
class Document:
    """An opened source; exactly one of ``table``, ``objects`` and ``cards`` is given."""

    name: str  # for messages
    table: pa.Table | None = None
    objects: Sequence[object] | None = None  # top-level JSON values
    cards: str | None = None  # the text of a vCard file

    @property
    def is_table(self) -> bool:
        """Whether every record has every column, so that an absent value is a null."""
        return self.table is not None


def open_source(source: Source, *, what: str = "profiles") -> Document:
    """Open a path, Arrow data, a data frame, a list of mappings, or one mapping.

    Raises :class:`~socialmerge.errors.TableError` when a file cannot be read, and
    :class:`~socialmerge.errors.ChannelError` when JSON is broken or nested too deep.
    """
    if isinstance(source, Mapping):
        return Document(what, objects=[source])
    if isinstance(source, str | Path):
        return _open_file(Path(source))
    if isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
        return Document(what, objects=list(source))
    return Document(what, table=tables.read(source, what=what))


def _open_file(path: Path) -> Document:
    data = _head_or_all(path)
    found = content(data)
    name = str(path)
    if found in {Content.JSON, Content.JSON_LINES}:
        return Document(name, objects=_json_values(decode(data, name), name))
    if found is not Content.DELIMITED:
        return Document(name, table=tables.read(path))
    text = decode(data[:65_536].rpartition(b"\n")[0] or data[:65_536], name)
    if _CARD.match(text):
        return Document(name, cards=decode(data, name))
    skipped = _preamble(text)
    if skipped:
        body = decode(data, name).split("\n", skipped)[skipped]
        return Document(name, table=delimited.parse(body.encode("utf-8"), name=name))
    return Document(name, table=tables.read(path))


def _head_or_all(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        tables.read(path)  # says what is wrong with it
        raise TableError(f"{path} cannot be read; check the path and its permissions") from None


def _preamble(text: str) -> int:
    """How many lines of notes precede the header of a LinkedIn file."""
    lines = text.split("\n")[:_PREAMBLE_LINES]
    if not lines[0].strip().strip('"').casefold().startswith("notes:"):
        return 0
    return next((number for number, line in enumerate(lines) if line.startswith(("First Name,", '"First Name",'))), 0)


def _json_values(text: str, name: str) -> list[object]:
    """One JSON document, or one a line."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data"):
            return [_json_line(line, number, name) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        raise ChannelError(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); export it again, whole"
        ) from None
    except (RecursionError, ValueError) as error:
        raise _too_much(name, error) from None
    return value if isinstance(value, list) else [value]


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
            f"{where}: the JSON is nested too deep for an export of profiles; check where it comes from"
        )
    return ChannelError(f"{where}: a number of thousands of digits; no export has one, check where the file comes from")
