"""Values kept as bytes: a header in JSON that says what a value is made of, and its arrays beside it (npz).

Only the classes that are named come back, made of plain values and arrays: nothing that is read is ever run.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from socialmerge.errors import PlanError

__all__ = ["digest", "pack", "unpack"]

Arrays = list[npt.NDArray[Any]]
Json: TypeAlias = "bool | int | float | str | list[Any] | dict[str, Any] | None"
_HEADER = "header"
_BROKEN = (
    *(ValueError, KeyError, TypeError, OSError, EOFError, MemoryError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError),  # an archive that says it is encrypted, or packed as no archive is
)
"""What comes of reading an archive that is damaged, wherever that is."""


def pack(value: object, *, what: str, version: int) -> bytes:
    """The bytes of a value; ``what`` it is and the ``version`` of its format stand in the header."""
    arrays: Arrays = []
    header = {"what": what, "version": version, "value": _told(value, arrays)}
    file = io.BytesIO()
    texts = np.frombuffer(json.dumps(header).encode(), np.uint8)
    named: dict[str, Any] = {_HEADER: texts, **{f"a{place}": array for place, array in enumerate(arrays)}}
    np.savez_compressed(file, **named)
    return file.getvalue()


def unpack(data: bytes, classes: Sequence[type], *, what: str, version: int) -> object:
    """The value that bytes were made of.

    Raises:
        PlanError: the bytes are nothing of the kind, or of another version.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            header = json.loads(file[_HEADER].tobytes())
            arrays = [file[f"a{place}"] for place in range(len(file.files) - 1)]
        found = header["what"], header["version"]
    except _BROKEN as error:
        raise PlanError(f"these bytes are no {what}: give what was saved as one, whole") from error
    if found[0] != what:
        raise PlanError(f"these bytes are no {what} but another thing that was saved; give what was saved as one")
    if found[1] != version:
        said = "fit and freeze again with this version of socialmerge"
        raise PlanError(f"this {what} is of format {found[1]!r}, and only format {version} is known; {said}")
    try:
        return _Parts(arrays, {cls.__name__: cls for cls in classes}).made(header["value"])
    except (KeyError, TypeError, IndexError, ValueError, AttributeError, RecursionError) as error:
        raise PlanError(f"this {what} is damaged; fit and freeze again") from error


def digest(value: object) -> str:
    """Twelve hexadecimal digits that change when anything in a value does."""
    arrays: Arrays = []
    found = hashlib.sha256(json.dumps(_told(value, arrays)).encode())
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:12]


def _told(value: object, arrays: Arrays) -> Json:
    """A value in terms of JSON; its arrays are put aside."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, StrEnum):
        return {"enum": type(value).__name__, "value": value.value}
    if isinstance(value, np.generic):
        return _told(value.item(), arrays)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return _told_of_several(value, arrays)


def _told_of_several(value: object, arrays: Arrays) -> Json:
    if isinstance(value, tuple):
        return {"tuple": [_told(one, arrays) for one in value]}
    if isinstance(value, frozenset):
        return {"set": sorted((_told(one, arrays) for one in value), key=json.dumps)}
    if isinstance(value, Mapping):
        return {"map": [[key, _told(value[key], arrays)] for key in sorted(value)]}
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: _told(getattr(value, one.name), arrays) for one in fields(value)}
        return {"class": type(value).__name__, "fields": told}
    raise PlanError(f"a value of type {type(value).__name__} cannot be saved; use what can be named or written down")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a value is made of again."""

    arrays: Arrays
    classes: Mapping[str, type]

    def made(self, told: Json) -> object:
        """The value that was told."""
        if not isinstance(told, dict):
            return told
        kind, *_ = told
        part = told[kind]
        if kind == "class":
            named: Any = told["fields"]
            return self.classes[str(part)](**{name: self.made(one) for name, one in named.items()})
        makers: dict[str, Callable[[Any], object]] = {
            "array": lambda place: self.arrays[place],
            "enum": lambda name: self.classes[name](told["value"]),
            "tuple": lambda several: tuple(map(self.made, several)),
            "set": lambda several: frozenset(map(self.made, several)),
            "map": lambda pairs: {key: self.made(one) for key, one in pairs},
        }
        return makers[kind](part)
