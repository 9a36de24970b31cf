"""Tombstones: keyed hashes of what an erased person may be recognised by, so that no import brings them back."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select

from socialmerge.store import schema
from socialmerge.store.database import damaged
from socialmerge.store.intake import Ints
from socialmerge.store.keys import DIGEST_BYTES

__all__ = ["Meetings", "Tombstone", "exemption", "is_same_person", "kept_out", "refused", "tombstones"]

_FEW = 10_000
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One identifier of an erased person; ``holders`` are the living who had it too, by numbers of that erasure."""

    erasure: int
    is_strong: bool
    holders: frozenset[int]


Meetings = dict[tuple[int, int], dict[bytes, Tombstone]]
"""Which tombstones a record meets, by the place of the record and the number of the erasure."""


def is_same_person(met: Sequence[Tombstone]) -> bool:
    """Say whether a record that meets these tombstones of one erasure is the erased person.

    One strong identifier that nobody else had suffices. Identifiers that a living relative had suffice together, where
    no single one of the living had them all: a family's telephone says nothing, with the given name it does.

    >>> family_phone, own_name = Tombstone(1, True, frozenset([1])), Tombstone(1, False, frozenset())
    >>> is_same_person([family_phone]), is_same_person([family_phone, own_name]), is_same_person([own_name])
    (False, True, False)
    """
    strong = [one for one in met if one.is_strong]
    return bool(strong) and not frozenset.intersection(*(one.holders for one in met))


def refused(
    connection: Connection, names: Sequence[bytes], code: Ints, identifiers: Sequence[bytes]
) -> npt.NDArray[np.bool_]:
    """Say of each record whether an erasure keeps it out.

    ``names`` are the digests of the records' names, ``identifiers`` those of identifiers, ``code`` whose these are.
    """
    is_out = np.zeros(len(names), np.bool_)
    is_out[[owner for owner, _ in kept_out(connection, names, code, identifiers)]] = True
    return is_out


def kept_out(connection: Connection, names: Sequence[bytes], code: Ints, identifiers: Sequence[bytes]) -> Meetings:
    """Give what keeps records out, as :func:`refused` asks; what a record was admitted with keeps it out no more."""
    known = tombstones(connection, {*names, *identifiers})
    if not known:
        return {}
    met: Meetings = defaultdict(dict)
    owners = [*range(len(names)), *code.tolist()]
    for owner, digest in zip(owners, [*names, *identifiers], strict=True):
        for one in known.get(digest, ()):
            met[owner, one.erasure][digest] = one
    out = {one: stones for one, stones in met.items() if is_same_person(list(stones.values()))}
    keys = {(one, digest): exemption(names[one[0]], digest) for one, stones in out.items() for digest in stones}
    admitted = {
        (digest, stone.erasure) for digest, of in tombstones(connection, set(keys.values())).items() for stone in of
    }
    return {
        one: stones
        for one, stones in out.items()
        if not all((keys[one, digest], one[1]) in admitted for digest in stones)
    }


def exemption(name: bytes, identifier: bytes) -> bytes:
    """Hash a record's digest and that of a tombstone together: what says that the one was admitted with the other.

    Both are keyed hashes, and that of the record's name is in no table, so that the key is needed to tell whose it is.
    """
    return hashlib.sha256(name + identifier).digest()[:DIGEST_BYTES]


def tombstones(connection: Connection, wanted: set[bytes]) -> dict[bytes, list[Tombstone]]:
    """Find those of some digests that are tombstones, each with that of every erasure."""
    found: dict[bytes, list[Tombstone]] = defaultdict(list)
    for digest, stone in _rows(connection, wanted):
        found[digest].append(stone)
    return found


def _rows(connection: Connection, wanted: set[bytes]) -> Iterator[tuple[bytes, Tombstone]]:
    table = schema.tombstones
    if not connection.scalar(select(func.count()).select_from(table)):
        return
    query = select(table.c.digest, table.c.erasure, table.c.is_strong, table.c.holders)
    some = sorted(wanted) if len(wanted) <= _FEW else None
    for start in range(0, len(wanted) if some is not None else 1, _CHUNK):
        part = query if some is None else query.where(table.c.digest.in_(some[start : start + _CHUNK]))
        for digest, erasure, is_strong, holders in connection.execute(part):
            if digest in wanted:
                yield digest, Tombstone(erasure, bool(is_strong), _numbers(holders))


def _numbers(holders: str) -> frozenset[int]:
    try:
        return frozenset(json.loads(holders))
    except (TypeError, ValueError):
        raise damaged("tombstones: the holders of one") from None
