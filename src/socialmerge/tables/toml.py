"""A settings file as a table: its text and what it says, or one line about what is wrong with it."""

from __future__ import annotations

import codecs
import os
import re
import tomllib
from pathlib import Path
from typing import TypeVar

from socialmerge.errors import SocialMergeError
from socialmerge.tables.sniffing import Content, content

__all__ = ["load_toml"]

E = TypeVar("E", bound=SocialMergeError)

_LARGEST = 1 << 24
_AT = re.compile(r"(?s)(.*) \(at (?:line (\d+), column (\d+)|(end of document))\)")
_NAMES = re.compile(r"\(('[^']*'(?:, '[^']*')*),?\)")


def load_toml(
    path: str | os.PathLike[str], *, error: type[E], give: str, name: str = ""
) -> tuple[str, dict[str, object]]:
    """The text of a TOML file and its table; ``give`` says what to give instead, ``name`` stands in messages.

    Raises ``error`` for a file that cannot be read, is empty, is no text in UTF-8, or is not TOML.
    """
    name = name or str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", "") or "its name is none"
        raise error(f"{name}: cannot be read ({reason}); give {give}") from None
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise error(f"{name}: the file is empty; give {give}, or leave it out")
    if len(data) > _LARGEST:
        raise error(f"{name}: larger than {_LARGEST >> 20} MB; give {give}")
    if (found := content(data)) not in {Content.DELIMITED, Content.JSON, Content.JSON_LINES, Content.XML, Content.HTML}:
        raise error(f"{name}: it is {found.value}; give {give}")
    text = _decoded(data, name, error)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise error(_not_toml(name, str(wrong))) from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets in thousands of others
        raise error(f"{name}: not TOML: a number or a nesting without end; give {give}") from None


def _decoded(data: bytes, name: str, error: type[E]) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise error(f"{name}, line {line}: not UTF-8; save the file as plain text in UTF-8") from None


def _not_toml(name: str, said: str) -> str:
    """The parser's message with the place in front, and names of tables as the file has them."""
    said = _NAMES.sub(lambda found: f"'{'.'.join(part.strip(chr(39)) for part in found[1].split(', '))}'", said)
    if not (found := _AT.fullmatch(said)):
        return f"{name}: not TOML: {said}"
    where = f"line {found[2]}, column {found[3]}" if found[2] else "at its end"
    return f"{name}, {where}: not TOML: {found[1]}"
