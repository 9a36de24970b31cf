"""Sealing: what a document holds in bytes lies in the database under the store's key, and says nothing without it.

A frozen model holds fingerprints of addresses and telephone numbers, which anybody could guess, and which outlive the
person who had them. Sealed they are worth what a tombstone is: something to whoever has the key, to others nothing.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np

from socialmerge.store.keys import DIGEST_BYTES

__all__ = ["sealed", "unsealed"]

_MARK = b"sealed\x00\x01"


def sealed(key: bytes, content: bytes | None) -> bytes | None:
    """Content that only the key opens; the same content is sealed alike."""
    if content is None:
        return None
    tag = _tag(key, content)
    return _MARK + tag + _mixed(key, tag, content)


def unsealed(key: bytes, stored: bytes | None) -> bytes | None:
    """Content that was sealed; that which an earlier release did not seal, or which is damaged, as it is."""
    if stored is None or not stored.startswith(_MARK):
        return stored
    start = len(_MARK) + DIGEST_BYTES
    tag = stored[len(_MARK) : start]
    content = _mixed(key, tag, stored[start:])
    return content if hmac.compare_digest(tag, _tag(key, content)) else stored


def _tag(key: bytes, content: bytes) -> bytes:
    """What tells content from other content, and the stream that it is mixed with from other streams."""
    return hmac.digest(key, b"seal" + hashlib.sha256(content).digest(), "sha256")[:DIGEST_BYTES]


def _mixed(key: bytes, tag: bytes, content: bytes) -> bytes:
    """Content xor the stream that SHAKE-256 makes of the key and the tag; twice gives the content again."""
    stream = hashlib.shake_256(hmac.digest(key, b"stream" + tag, "sha256")).digest(len(content))
    return (np.frombuffer(content, np.uint8) ^ np.frombuffer(stream, np.uint8)).tobytes()
