"""Admitting a record that an erasure keeps out: a relative, say, who comes later with the household's telephone.

What is admitted is one record with the identifiers that it shares now, by a keyed hash of the two together. Neither
another record with that telephone nor this one under the erased person's name or address comes in by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert

from socialmerge.errors import StoreError
from socialmerge.store import schema
from socialmerge.store.intake import Ints
from socialmerge.store.keys import digest
from socialmerge.store.tombstones import Meetings, exemption, tombstones

__all__ = ["Guest", "admit", "guests", "is_own_name"]


@dataclass(frozen=True, slots=True)
class Guest:
    """A record to be admitted: its place in the intake, its people's names, and the digests of what these hold."""

    place: int
    owner: int
    names: tuple[str, ...]
    digests: Mapping[str, bytes]


def guests(
    key: bytes, ids: Sequence[str], records: pa.Table, identifiers: pa.Table, identifier_code: Ints
) -> tuple[Guest, ...]:
    """Find the records to be admitted among those that come.

    Raises:
        StoreError: An id is that of none of the records or of several.
    """
    if isinstance(cast("object", ids), str):
        raise StoreError("admit=: this is one text; give a list of ids, as in admit=['7']")
    found = []
    is_name = pc.equal(identifiers["kind"], "name").to_pylist()
    for place, one in enumerate(ids, 1):
        at = pc.indices_nonzero(pc.equal(records["record_id"], str(one))).to_pylist()
        if len(at) != 1:
            count = f"{len(at)} rows" if at else "no row"
            raise StoreError(f"admit: id {place} of {len(ids)} is that of {count} here; ids are compared exactly")
        mine = [row for row, owner in enumerate(identifier_code.tolist()) if owner == at[0] and is_name[row]]
        names = tuple(sorted(identifiers["value"].take(pa.array(mine, pa.int64())).to_pylist()))
        parts = {*_joins(names), *(run for name in names for run in _runs(name))}
        found.append(Guest(place, at[0], names, {part: digest(key, "identifier", "name", part) for part in parts}))
    return tuple(found)


def admit(connection: Connection, asked: Sequence[Guest], names: Sequence[bytes], met: Meetings) -> Meetings:
    """Note which records are admitted although they meet tombstones, and give the meetings that are left.

    Raises:
        StoreError: One of them is a record of the erased person, or bears that person's name.
    """
    known = tombstones(connection, {one for guest in asked for one in guest.digests.values()})
    admitted = {guest.owner for guest in asked}
    mine = {one: stones for one, stones in met.items() if one[0] in admitted}
    for guest in asked:
        for (owner, erasure), stones in mine.items():
            if owner != guest.owner:
                continue
            which = f"admit: id {guest.place} of {len(asked)}"
            if names[owner] in stones:
                raise StoreError(f"{which} is a record of the erased person; it stays out, leave it out of admit")
            of = {
                part
                for part, one in guest.digests.items()
                if erasure in {stone.erasure for stone in known.get(one, ())}
            }
            if is_own_name(guest.names, of):
                raise StoreError(f"{which} bears the erased person's name; it stays out, leave it out of admit")
    _exempt(connection, {(exemption(names[one[0]], stone), one[1]) for one, stones in mine.items() for stone in stones})
    return {one: stones for one, stones in met.items() if one not in mine}


def _exempt(connection: Connection, wanted: set[tuple[bytes, int]]) -> None:
    present = tombstones(connection, {key for key, _ in wanted})
    fresh = sorted(
        (key, erasure) for key, erasure in wanted if erasure not in {one.erasure for one in present.get(key, ())}
    )
    rows = [{"digest": key, "erasure": erasure, "is_strong": 0, "holders": "[]"} for key, erasure in fresh]
    if rows:
        connection.execute(insert(schema.tombstones), rows)


def is_own_name(names: Sequence[str], theirs: Collection[str]) -> bool:
    """Say whether a record's names are those of somebody of whom ``theirs`` are the names, or the parts of them.

    A relative shares the family's name and not the whole one.

    >>> is_own_name(["mary hopper"], {"hopper"}), is_own_name(["hopper", "mary"], {"hopper"})
    (False, False)
    >>> is_own_name(["grace hopper"], {"grace", "hopper"}), is_own_name(["grace", "hopper"], {"grace hopper"})
    (True, True)
    """
    whole = [name for name in names if " " in name]
    said = [_is_covered(name, theirs) for name in names]
    return bool(
        (names and all(said))
        or any(_is_covered(name, theirs) for name in whole)
        or any(join in theirs for join in _joins(names))
    )


def _is_covered(name: str, parts: Collection[str]) -> bool:
    words, covered = name.split(), set[int]()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if " ".join(words[start:end]) in parts:
                covered.update(range(start, end))
    return len(covered) == len(words)


def _runs(name: str) -> set[str]:
    words = name.split()
    return {" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}


def _joins(names: Sequence[str]) -> set[str]:
    """Names of two columns as one: a given and a family name, in either order."""
    return {f"{first} {second}" for first, second in permutations(names, 2)}
