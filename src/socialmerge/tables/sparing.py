"""What no writer takes the place of: a store, its key, and a folder with a file in it that this process has read.

A single file that was read may be written over: to read a table, mend it and write it back is everyday work.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import OrderedDict
from pathlib import Path
from typing import Final, TypeVar

from socialmerge.errors import TableError

__all__ = ["is_store", "note_key", "note_read", "note_written", "refuse_read_within", "refuse_to_replace"]

_SQLITE = b"SQLite format 3\x00"
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: changes that are not in its file yet."""
_KEY = re.compile(rb"[0-9a-f]{64}\s*")
_PAGE = re.compile(rb"(?is)(\xef\xbb\xbf)?\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b")
_HEAD = 4_096
_MOST = 10_000

_K = TypeVar("_K")
_V = TypeVar("_V")
_Stamp = tuple[int, int, int, int]
_read: Final[OrderedDict[str, Path]] = OrderedDict()
_keys: Final[OrderedDict[str, Path]] = OrderedDict()
_written: Final[OrderedDict[_Stamp, None]] = OrderedDict()


def note_read(path: Path) -> None:
    """Remember that this process reads a file, so that it is not lost with its folder, unless it wrote that itself.

    The last ten thousand are remembered.
    """
    stamp = _stamp(path)
    if stamp is not None and stamp not in _written:
        _add(_read, _name(path), path.absolute())


def note_key(path: Path) -> None:
    """Remember the file of a key: without it nobody could read the store again."""
    _add(_keys, _name(path), path.absolute())


def note_written(path: Path) -> None:
    """Remember what this process has written, which may go with its folder even where it was read meanwhile."""
    stamp = _stamp(path)
    if stamp is not None:
        _read.pop(_name(path), None)
        _add(_written, stamp, None)


def refuse_to_replace(path: Path, *, kind: str = "") -> None:
    """Raise where a file would be lost by writing ``path``: what the writer finds there must be its own to replace.

    ``kind`` ("html" or "toml") says what a file must be, besides, to be written over.

    Raises:
        TableError: A store, a key, a folder, or a file of another kind is there.
    """
    if path.is_dir():
        raise TableError(f"{path} is a folder; name a file in it")
    if not path.is_file():
        return
    if is_store(path) or _is_key(path):
        raise TableError(f"{path} is a store or its key, and would be lost; name another file")
    if kind and not _is_of(kind, path):
        raise TableError(
            f"{path} is there and is not {kind.upper()}, and would be lost; name another file, or move it away first"
        )


def refuse_read_within(folder: Path) -> None:
    """Raise where a file that this process read would be lost with the folder that holds it.

    Raises:
        TableError: An input is in the folder.
    """
    inside = _name(folder) + os.sep
    for name, path in list(_read.items()):
        if name.startswith(inside) and path.is_file() and _stamp(path) not in _written:
            raise TableError(f"{path} was read before, and would be lost with its folder; name another folder")


def is_store(path: Path) -> bool:
    """Whether a file is a SQLite database, what SQLite keeps beside one, or the key of a store."""
    if _starts(path, len(_SQLITE)) == _SQLITE:
        return True
    names = [path.name.removesuffix(end) for end in (*_BESIDE, ".key") if path.name.endswith(end)]
    if any(name and _starts(path.with_name(name), len(_SQLITE)) == _SQLITE for name in names):
        return True
    return _KEY.fullmatch(_starts(path, _HEAD)) is not None


def _is_key(path: Path) -> bool:
    known = _keys.get(_name(path))
    try:
        return known is not None and known.samefile(path)
    except OSError:
        return False  # it is gone


def _is_of(kind: str, path: Path) -> bool:
    """Whether a file is of a kind, or empty."""
    if kind == "html":
        head = _starts(path, _HEAD)
        return not head.strip() or _PAGE.match(head) is not None
    try:
        tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return True


def _starts(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def _name(path: Path) -> str:
    """One name of a file, however it was spelled: also where the letter case does not count."""
    return os.path.realpath(path).casefold()


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _add(known: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > _MOST:
        known.popitem(last=False)
