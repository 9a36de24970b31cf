"""Sealing: what a document holds in bytes lies in the database under the store's key, and says nothing without it.

A frozen model holds fingerprints of addresses and telephone numbers, which anybody could guess, and which outlive the
person who had them. Sealed they are worth what a tombstone is: something to whoever has the key, to others nothing.

The cipher is AES-256 in Galois/Counter Mode (NIST SP 800-38D) under a key that HKDF (RFC 5869) derives from the
store's. What is sealed opens in its own place and no other: the kind and the version of its document are authenticated
with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from socialmerge.errors import StoreError
from socialmerge.store.keys import DIGEST_BYTES

__all__ = ["SealedError", "sealed", "unsealed"]

_MARK = b"sealed\0"
_FIRST, _GCM = 1, 2  # the byte after the mark says how
_NONCE_BYTES = 12


class SealedError(StoreError):
    """What is sealed does not open."""


def sealed(key: bytes, content: bytes | None, *, kind: str, version: str) -> bytes | None:
    """Content that only the key opens, in the place of the document of this kind and version."""
    if content is None:
        return None
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = _MARK + bytes([_GCM])
    return head + nonce + _cipher(key).encrypt(nonce, content, _place(head, kind, version))


def unsealed(key: bytes, stored: bytes | None, *, kind: str, version: str) -> bytes | None:
    """Content that was sealed; that which a release before the first seal kept as it is.

    Raises:
        SealedError: It was sealed under another key, for another place or by a newer release, or is damaged.
    """
    if stored is None or not stored.startswith(_MARK):
        return stored
    how, rest = stored[len(_MARK) : len(_MARK) + 1], stored[len(_MARK) + 1 :]
    if how == bytes([_FIRST]):
        content = _opened_as_at_first(key, rest)
    elif how == bytes([_GCM]):
        content = _opened(key, rest, _place(_MARK + how, kind, version))
    else:
        raise SealedError(f"documents: a newer release sealed the {kind} of version '{version}'; install it")
    if content is None:
        raise SealedError(
            f"documents: the bytes of the {kind} of version '{version}' do not open: they are damaged, or were sealed "
            "under another key or for another document; save it anew, a model with fit"
        )
    return content


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"socialmerge documents").derive(key))


def _place(head: bytes, kind: str, version: str) -> bytes:
    """What is authenticated beside the content: the format, and the document that it belongs to."""
    parts = (kind.encode(), version.encode())
    return head + b"".join(b"%d:%b," % (len(part), part) for part in parts)


def _opened(key: bytes, rest: bytes, place: bytes) -> bytes | None:
    try:
        return _cipher(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError):  # a nonce that was cut off is none
        return None


def _opened_as_at_first(key: bytes, rest: bytes) -> bytes | None:
    """Content that releases before 0.1 sealed: xor a stream of SHAKE-256, with a tag. Nothing is sealed so any more."""
    tag, mixed = rest[:DIGEST_BYTES], rest[DIGEST_BYTES:]
    stream = hashlib.shake_256(hmac.digest(key, b"stream" + tag, "sha256")).digest(len(mixed))
    content = (np.frombuffer(mixed, np.uint8) ^ np.frombuffer(stream, np.uint8)).tobytes()
    own = hmac.digest(key, b"seal" + hashlib.sha256(content).digest(), "sha256")[:DIGEST_BYTES]
    return content if hmac.compare_digest(tag, own) else None
