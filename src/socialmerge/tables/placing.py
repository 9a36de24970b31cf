"""A file or a folder on its way: made beside its place under a name of ours, locked, and renamed when it is whole."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from socialmerge.errors import TableError
from socialmerge.tables.sparing import note_written, refuse_read_within, refuse_to_replace

if sys.platform != "win32":
    import fcntl

__all__ = ["folder", "replacing"]

_MARKER = ".socialmerge.json"
_ASIDE = ".socialmerge-before"
"""The folder whose place is taken, inside a folder of ours, while the new one moves in."""
_OURS = re.compile(r"\.socialmerge-[0-9a-f]{8}")


@contextmanager
def replacing(path: Path, *, kind: str = "") -> Iterator[Path]:
    """Give a temporary file to write into; when the block ends well it becomes ``path``, whole.

    What a killed process left on its way to the same place is removed first. A file that is there keeps its mode.

    Raises:
        TableError: The file cannot be written, or would take the place of what is not to be lost.
    """
    refuse_to_replace(path, kind=kind)
    _sweep(path)
    try:
        handle, temporary = _made(path, as_folder=False)
    except OSError as error:
        raise TableError(f"{path} cannot be written ({error.strerror}); check the folder and its permissions") from None
    try:
        yield temporary
        refuse_to_replace(path, kind=kind)  # it may have come meanwhile
        temporary.chmod(_mode(path, 0o666))
        temporary.replace(path)
        note_written(path)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder to write into; when the block ends well it becomes ``path``, whole.

    A folder that an earlier call made, and to which nobody has added a file since, is replaced. When the block raises,
    ``path`` stays as it was. Until it is whole, only its owner may read it; what a killed process left on its way to
    the same place is removed first.

    Raises :class:`~socialmerge.errors.TableError` before the block when ``path`` holds anything else, and after it when
    a file in ``path`` was read in the block.
    """
    target = Path(path).absolute()
    _sweep(target)
    _refuse_to_lose(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, working = _made(target, as_folder=True)
    except OSError as error:
        # The system names the temporary folder, which tells its user nothing.
        told = f"cannot be made ({error.strerror}); name a folder whose parent you may write to"
        raise OSError(error.errno, told, str(target)) from None
    try:
        yield working
        files = _mark(working)
        _swap(working, target)
        for file in files:
            note_written(target / file)
    finally:
        shutil.rmtree(working, ignore_errors=True)
        _close(handle)


def _made(target: Path, *, as_folder: bool) -> tuple[int, Path]:
    """Make a file or a folder beside ``target`` that only its owner may read, and lock it for as long as it is open.

    The lock is the system's and ends with the process, however that ends: what is not locked belongs to nobody alive.
    """
    while True:
        path = target.with_name(f".{target.name}.socialmerge-{secrets.token_hex(4)}")
        if as_folder:
            path.mkdir(mode=0o700)
            handle = _opened(path)
        else:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if _lock(handle, wait=True) and not _is_at(handle, path):
            _close(handle)  # another writer took it for left over before it was locked
            continue
        return handle, path


def _sweep(target: Path) -> None:
    """Remove what processes that are gone left on their way to ``target``; a folder put aside goes back."""
    head = f".{target.name}"
    try:
        beside = list(target.parent.iterdir())
    except OSError:
        return  # whoever writes there says what is wrong
    for path in beside:
        if path.name.startswith(head) and _OURS.fullmatch(path.name, len(head)):
            _remove(path, target)


def _remove(left: Path, target: Path) -> None:
    try:
        handle = _opened(left)
    except OSError:
        return  # gone, or somebody else's
    try:
        if handle < 0 or not _lock(handle, wait=False) or not _is_at(handle, left):
            return
        if left.is_dir():
            with suppress(OSError):  # the place is taken: the new one had moved in
                if not target.exists():
                    (left / _ASIDE).rename(target)
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    finally:
        _close(handle)


def _opened(path: Path) -> int:
    """A handle to lock a file or a folder with; below zero where the system opens no folders."""
    if sys.platform == "win32":
        return -1
    try:
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except IsADirectoryError:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)


def _close(handle: int) -> None:
    if handle >= 0:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock what is open; False where another process has it, or where nothing can be locked."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # held by a living process, or a file system without locks, whose rests stay
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False


def _mode(path: Path, usual: int) -> int:
    """The mode of what is there; else what the process gives to a new file."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0o022)
        os.umask(mask)
        return usual & ~mask


def _refuse_to_lose(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise TableError(f"{target} is a file; name a folder for the output")
    present = {str(file.relative_to(target)) for file in target.rglob("*") if not file.is_dir()}
    strangers = sorted(present - _ours(target) - {_MARKER})
    if strangers:
        listed = ", ".join(strangers[:3]) + (" ..." if len(strangers) > 3 else "")
        raise TableError(
            f"{target} holds files that socialmerge did not write there ({listed}); "
            "name another folder, or move them away first"
        )


def _ours(target: Path) -> set[str]:
    try:
        marker = json.loads((target / _MARKER).read_text(encoding="utf-8"))
        return set(map(str, marker["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _mark(working: Path) -> list[str]:
    files = sorted(str(file.relative_to(working)) for file in working.rglob("*") if not file.is_dir())
    (working / _MARKER).write_text(json.dumps({"made_by": "socialmerge", "files": files}, indent=1), encoding="utf-8")
    return files


def _swap(working: Path, target: Path) -> None:
    _refuse_to_lose(target)  # somebody may have put a file there meanwhile
    refuse_read_within(target)
    working.chmod(_mode(target, 0o777))
    if not target.exists():
        working.rename(target)
        return
    handle, aside = _made(target, as_folder=True)
    try:
        target.rename(aside / _ASIDE)
        try:
            working.rename(target)
        except OSError:
            (aside / _ASIDE).rename(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        _close(handle)
