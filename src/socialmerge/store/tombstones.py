"""Tombstones: keyed hashes of what an erased person may be recognised by, so that no import brings them back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select

from socialmerge.store import schema
from socialmerge.store.intake import Ints

__all__ = ["Tombstone", "is_same_person", "refused"]

_FEW = 10_000
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One identifier of an erased person; ``holders`` are the living who had it too, by numbers of that erasure."""

    erasure: int
    is_strong: bool
    holders: frozenset[int]


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
    known = _tombstones(connection, {*names, *identifiers})
    if not known:
        return is_out
    met: dict[tuple[int, int], dict[bytes, Tombstone]] = defaultdict(dict)
    owners = [*range(len(names)), *code.tolist()]
    for owner, digest in zip(owners, [*names, *identifiers], strict=True):
        for one in known.get(digest, ()):
            met[owner, one.erasure][digest] = one
    for (owner, _), stones in met.items():
        is_out[owner] |= is_same_person(list(stones.values()))
    return is_out


def _tombstones(connection: Connection, wanted: set[bytes]) -> dict[bytes, list[Tombstone]]:
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
                yield digest, Tombstone(erasure, bool(is_strong), frozenset(json.loads(holders)))
