"""The key of a store: where it comes from, and the keyed hashes that are made with it.

The key is never in the database. Who has the database alone can neither guess a telephone number from a tombstone nor
make the id of a claim.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import StoreError, amount

__all__ = ["DIGEST_BYTES", "check_value", "digest", "digests", "erased_name", "key_beside", "key_from"]

DIGEST_BYTES = 16
"""Of the 32 bytes of an HMAC-SHA-256 these are kept: two of 2**40 values meet with a probability of 2**-49."""

_LEAST_BYTES = 16
_CHECK = "socialmerge store"


def key_from(key: object) -> bytes:
    """Give the key itself: bytes as they are, of a file its content without the space around it.

    Raises:
        StoreError: There is no such file, or the key is shorter than 16 bytes.
    """
    if not isinstance(key, bytes | Path):
        message = f"key=: this is of type {type(key).__name__}; give bytes, or the pathlib.Path of a file"
        raise StoreError(message)
    where = "key" if isinstance(key, bytes) else str(key)
    if isinstance(key, Path):
        try:
            tables.note_key(key)  # so that no output takes its place
            key = key.read_bytes().strip()
        except OSError as error:
            message = f"{where}: the key file cannot be read ({error.strerror}); the store does not open without it"
            raise StoreError(message) from None
    if len(key) < _LEAST_BYTES:
        message = (
            f"{where}: {amount(len(key), 'byte is', 'bytes are')} too few for a key; give {_LEAST_BYTES} "
            "random bytes or more"
        )
        raise StoreError(message)
    return key


def key_beside(database: Path) -> bytes:
    """Give the key from the file beside a SQLite database, made first (mode 0600) where the database is new.

    Raises:
        StoreError: The database is there and its key file is not, or the file cannot be made.
    """
    path = database.with_name(f"{database.name}.key")
    if not path.exists():
        if database.exists() and database.stat().st_size:
            message = f"{path}: the key file of this store is missing; put it back, or give key="
            raise StoreError(message)
        _make(path)
    return key_from(path)


def _make(path: Path) -> None:
    """Write a new key to the disk, whole or not at all: a store made with it must find it again."""
    # In a container every process may have the same number, also one that was killed here.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(part)
        finally:
            part.unlink()
    except FileExistsError:
        return  # another process was first: its key holds
    except OSError as error:
        message = f"{path}: the key file cannot be made ({error.strerror}); give key=, or make its folder first"
        raise StoreError(message) from None


def check_value(key: bytes) -> str:
    """Give what the database keeps of the key, to tell a wrong one."""
    return digest(key, "check", _CHECK).hex()


def digest(key: bytes, *parts: str) -> bytes:
    """Hash some texts as one, with their lengths, so that ``("a.b", "c")`` and ``("a", "b.c")`` stay apart."""
    message = "".join(f"{len(part.encode())}:{part}," for part in parts)
    return _hmac(key, [message.encode()])[0]


def erased_name(key: bytes, name: str) -> str:
    """Give what stands in place of an erased record's id, in decisions and in the ids of entities."""
    return f"erased:{digest(key, 'erased', name).hex()}"


def digests(key: bytes, columns: Sequence[pa.Array | pa.ChunkedArray | str]) -> list[bytes]:
    """Hash each row of some columns of text as :func:`digest` does; null is as empty text, a ``str`` stands in all.

    This is the HMAC-SHA-256 (RFC 2104) that ``merging.claims`` makes claim ids with, cut to 16 bytes.
    """
    parts: list[pa.Array | pa.ChunkedArray | pa.Scalar] = []
    for column in columns:
        filled = pa.scalar(column) if isinstance(column, str) else pc.fill_null(column, "")
        parts += [pc.cast(pc.binary_length(filled), pa.string()), pa.scalar(":"), filled, pa.scalar(",")]
    messages = pc.cast(pc.binary_join_element_wise(*parts, ""), pa.binary())
    return _hmac(key, messages.to_pylist())


def _hmac(key: bytes, messages: Iterable[bytes]) -> list[bytes]:
    """HMAC-SHA-256 of many messages under one key: the keyed states are made once, three times as fast as ``hmac``."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner_state = hashlib.sha256(bytes(byte ^ 0x36 for byte in block)).copy
    outer_state = hashlib.sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def made(message: bytes) -> bytes:
        inner, outer = inner_state(), outer_state()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()[:DIGEST_BYTES]

    return [made(message) for message in messages]
