"""The files in a ZIP or gzip archive, read in memory and within limits; nothing is ever written to disk.

Sizes that an archive claims are not believed: what counts is what has come out of it so far, against a limit and
against the size of the archive itself.
"""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from socialmerge.errors import ChannelError
from socialmerge.tables.sniffing import Content, content

__all__ = ["Member", "is_workbook", "members", "unpacked"]

LARGEST = 1 << 30
"""Bytes that may come out of one archive, of all files that are read together."""

_RATIO = 200  # text of an export packs to a tenth, seldom a fiftieth; a bomb to a thousandth
_RATIO_FROM = 1 << 23  # a small file may be as empty as it likes
_MOST_ENTRIES = 100_000
_LARGEST_DIRECTORY = 1 << 23
_CHUNK = 1 << 20
_END, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
_LINK, _KIND = 0o120000, 0o170000
_READ = (
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".json",
    ".jsonl",
    ".ndjson",
    ".jsonld",
    ".xml",
    ".vcf",
    ".vcard",
    ".html",
    ".htm",
)
_SCRIPT = re.compile(r"(?:.*/)?follow(?:er|ing)(?:-part\d+)?\.js")  # of X; the others hold what was said
_PACKED = (".zip", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".tar", ".zst")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name for messages, and what is in it."""

    name: str
    data: bytes


def unpacked(path: Path) -> bytes:
    """What a gzip file holds. Raises :class:`~socialmerge.errors.ChannelError` when it is damaged or a bomb."""
    budget = _Budget(str(path), path.stat().st_size)
    try:
        with gzip.open(path, "rb") as stream:
            data = budget.read(stream)
    except (EOFError, OSError, zlib.error):
        raise ChannelError(f"{path} is damaged gzip, or not whole; download it again") from None
    if content(data) in {Content.ZIP, Content.GZIP}:
        raise ChannelError(f"{path} holds another archive; unpack it and give the file that is inside")
    if not data:
        raise ChannelError(f"{path} holds nothing; export it again")
    return data


def members(path: Path) -> Iterator[Member]:
    """Each file of a ZIP archive that may be an export, those nearest to the top first.

    Folders, links, files of other kinds and what a Mac adds are passed over. Raises
    :class:`~socialmerge.errors.ChannelError` for what is damaged, encrypted, named outside of the archive, or larger
    than the limits when unpacked; and where there is no file to read.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            budget = _Budget(str(path), path.stat().st_size)
            for entry in _readable(path, archive.infolist()):
                with archive.open(entry) as stream:
                    yield Member(f"{path}: {_shown(entry.filename)}", budget.read(stream))
    except NotImplementedError:
        raise ChannelError(f"{path}: packed in a way that is not known here; unpack it and give the file") from None
    except _BROKEN as error:
        if isinstance(error, ChannelError):
            raise
        raise ChannelError(f"{path} is a damaged ZIP archive; download it again") from None


def is_workbook(path: Path) -> bool:
    """Whether a ZIP file is a document of an office program, and no archive of files."""
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (*_BROKEN, ChannelError):
        return False
    return bool(names & {"[Content_Types].xml", "mimetype"})


class _Budget:
    """How much may still come out of one archive."""

    def __init__(self, name: str, packed: int) -> None:
        self._name = name
        self._packed = max(packed, 1)
        self._out = 0

    def read(self, stream: IO[bytes] | gzip.GzipFile) -> bytes:
        kept = io.BytesIO()
        while chunk := stream.read(_CHUNK):
            self._out += len(chunk)
            if self._out > LARGEST:
                self._refuse(f"holds more than {LARGEST >> 30} GB")
            if self._out > max(_RATIO_FROM, _RATIO * self._packed):
                self._refuse(f"grows to more than {_RATIO} times its size when unpacked, as no export does")
            kept.write(chunk)
        return kept.getvalue()

    def _refuse(self, what: str) -> None:
        raise ChannelError(
            f"{self._name} {what}; check where it comes from; if it is what it should be, unpack it and give the file"
        )


def _check_directory(path: Path) -> None:
    """Refuse a directory of entries that is too large before any of it is read."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(size - 65_557, 0))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 20:
        raise ChannelError(f"{path} is a damaged ZIP archive; download it again")
    (directory,) = struct.unpack("<L", tail[at + 12 : at + 16])
    wide = tail[max(at - 76, 0) : at - 20]  # the record of large archives, which overrides the other
    if tail[max(at - 20, 0) : at].startswith(_LOCATOR) and len(wide) == 56:
        (directory,) = struct.unpack("<Q", wide[40:48])
    if min(directory, size) > _LARGEST_DIRECTORY:
        _too_many(path)


def _too_many(path: Path) -> None:
    raise ChannelError(f"{path} has more than {_MOST_ENTRIES:,} files; unpack it and give the file with the people")


def _readable(path: Path, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    if len(entries) > _MOST_ENTRIES:
        _too_many(path)
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or parts[0][1:2] == ":":
            raise ChannelError(
                f"{path}: an entry is named outside of the archive ({_shown(entry.filename)}), as in no export; "
                "check where it comes from"
            )
    kept = [entry for entry in entries if _may_be_an_export(entry)]
    if not kept:
        _nothing_in(path, entries)
    if any(entry.flag_bits & 1 for entry in kept):
        raise ChannelError(f"{path} is encrypted; unpack it with its password and give the file")
    return sorted(kept, key=lambda entry: (entry.filename.count("/"), entry.filename))


def _may_be_an_export(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.casefold()
    if entry.is_dir() or name.startswith("__macosx/") or name.rpartition("/")[2].startswith("."):
        return False
    if (entry.external_attr >> 16) & _KIND == _LINK:
        return False
    return name.endswith(_READ) or _SCRIPT.fullmatch(name) is not None


def _nothing_in(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.filename.casefold().endswith(_PACKED) for entry in entries):
        raise ChannelError(f"{path} holds another archive; unpack it and give the file that is inside")
    raise ChannelError(f"{path} holds no file that could be an export (CSV, JSON, XML, vCard); unpack it and look")


def _shown(name: str) -> str:
    """A name from an archive, fit for a message."""
    plain = "".join(character if character.isprintable() else "?" for character in name)
    return plain if len(plain) <= 100 else f"{plain[:97]}..."
