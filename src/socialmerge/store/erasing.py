"""Erasing a person."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from socialmerge.store import schema, shapes
from socialmerge.store.forgetting import Traces, forget_labels, hide_actors, scrub_decisions
from socialmerge.store.intake import conform
from socialmerge.store.keys import digest, digests, erased_name
from socialmerge.store.log import log_change
from socialmerge.store.naming import CHUNK, some_numbers
from socialmerge.store.retiring import retire
from socialmerge.store.values import OWN, Erased

__all__ = ["PROSE", "delete_records", "erase", "is_sign"]

_COMMON = 50
"""An identifier that more of the living have says nothing about a person: it makes no tombstone."""

_TELLING_CHARACTERS = 4
"""Ids with fewer characters are not looked for in the texts of decisions about others: each holds some."""

PROSE = frozenset(["bio"])
"""What people write about themselves is full of words that are nobody's."""

_SIGNS = frozenset(["true", "false"])


@dataclass(frozen=True, slots=True)
class _Person:
    """The records of one person: their names, and their numbers in the database."""

    names: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]


def erase(
    connection: Connection,
    key: bytes,
    of: pa.Table,
    identifiers: pa.Table | None,
    *,
    region: str = "",
    telling: Collection[str] | None = None,
    at: int,
    actor: str,
) -> Erased:
    """Take a person's records away, with all that was said of them, and leave tombstones."""
    columns = shapes.keys_schema().names
    of = conform(of, shapes.keys_schema(), columns, what="of")
    names = tuple(sorted(set(zip(*(of[name].to_pylist() for name in columns), strict=True))))
    person = _Person(names, tuple(sorted(some_numbers(connection, names))))
    stones = _bury(connection, key, person, identifiers)
    said = _said(connection, person, identifiers, telling)
    scrubbed = scrub_decisions(connection, key, person.names, said, region=region)
    actor = hide_actors(connection, key, said, actor)
    forget_labels(connection, {name for _, name in person.names})
    shared = retire(connection, key, person.numbers, kind="erase")
    _rename_entities(connection, key, person, shared)
    claims = delete_records(connection, person.numbers)
    counts = {"records": len(person.numbers), "claims": claims, "decisions": scrubbed, "tombstones": stones}
    position = log_change(connection, "erase", counts, at=at, actor=actor)
    return Erased(len(person.numbers), claims, scrubbed, stones, position)


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


def _bury(connection: Connection, key: bytes, person: _Person, identifiers: pa.Table | None) -> int:
    """Leave a tombstone for each name and each identifier of the person; count them."""
    strength = {digest(key, "record", *name): True for name in person.names}
    table = schema.identifiers
    for part in _chunks(person.numbers):
        for row in connection.execute(select(table.c.digest, table.c.is_strong).where(table.c.record.in_(part))):
            strength[bytes(row.digest)] = bool(row.is_strong) or strength.get(bytes(row.digest), False)
    if identifiers is not None:
        more = identifiers.select(["kind", "value", *({"is_strong"} & set(identifiers.column_names))])
        more = conform(more, _loose_schema(), ["kind", "value"], what="identifiers")
        made = digests(key, ["identifier", more["kind"], more["value"]])
        strength |= dict(zip(made, more["is_strong"].to_pylist(), strict=True))
    holders = _holders(connection, set(strength), set(person.numbers))
    stones = schema.tombstones
    erasure = (connection.scalar(select(func.max(stones.c.erasure))) or 0) + 1
    rows = [
        {"digest": one, "erasure": erasure, "is_strong": int(is_strong), "holders": json.dumps(sorted(holders[one]))}
        for one, is_strong in sorted(strength.items())
        if len(holders[one]) <= _COMMON
    ]
    if rows:
        connection.execute(insert(stones), rows)
    return len(rows)


def _loose_schema() -> pa.Schema:
    return pa.schema([shapes.identifiers_schema().field(name) for name in ("kind", "value", "is_strong")])


def _holders(connection: Connection, wanted: set[bytes], gone: set[int]) -> defaultdict[bytes, set[int]]:
    """Find who of the living has an identifier too, by numbers from 1 that mean nothing elsewhere."""
    table, found, order = schema.identifiers, defaultdict[bytes, set[int]](set), dict[int, int]()
    ordered = sorted(wanted)
    for start in range(0, len(ordered), CHUNK):
        chosen = table.c.digest.in_(ordered[start : start + CHUNK])
        for row in connection.execute(select(table.c.digest, table.c.record).where(chosen).order_by(table.c.record)):
            if row.record not in gone:
                found[bytes(row.digest)].add(order.setdefault(row.record, len(order) + 1))
    return found


def is_sign(raw: str) -> bool:
    """Whether a value is a yes or a no: it tells of nobody."""
    return raw.casefold() in _SIGNS


def _said(
    connection: Connection, person: _Person, identifiers: pa.Table | None, telling: Collection[str] | None
) -> Traces:
    """Give the values that tell of a person."""
    table, records = schema.claims, schema.records
    values, wholes, shared = set[str](), set[str](), set[tuple[str, str]]()
    for part in _chunks(person.numbers):
        for row in connection.execute(select(table.c.attribute, table.c.raw).where(table.c.record.in_(part))):
            if row.attribute.startswith(OWN) or is_sign(row.raw):
                continue
            if telling is None or row.attribute in {*telling, *PROSE}:
                (wholes if row.attribute in PROSE else values).add(row.raw)
            else:
                shared.add((row.attribute, row.raw))
        own = select(records.c.account_id).where(records.c.record.in_(part), records.c.account_id.is_not(None))
        wholes.update(connection.scalars(own))
    if identifiers is not None:
        values.update(one for one in identifiers["value"].to_pylist() if one)
    wholes.update(name for _, name in person.names if len(name) >= _TELLING_CHARACTERS)
    return Traces(frozenset(values), frozenset(wholes), frozenset(shared), person.numbers)


def _rename_entities(connection: Connection, key: bytes, person: _Person, shared: Collection[str]) -> None:
    """Hide the ids of erased records where they are the ids of entities, and drop the golden records that held them."""
    table, golden = schema.members, schema.golden
    names = {name for _, name in person.names}
    own: set[str] = set()
    for part in _chunks(person.numbers):
        theirs = table.c.record.in_(part)
        own |= names & set(connection.scalars(select(table.c.entity_id).where(theirs).distinct()))
        held = select(table.c.entity_id).where(theirs)
        connection.execute(delete(golden).where(golden.c.entity_id.in_(held)))
    for name in sorted(own.difference(shared)):
        hidden = erased_name(key, name)
        connection.execute(update(table).values(entity_id=hidden).where(table.c.entity_id == name))
        for column in (schema.events.c.old_id, schema.events.c.new_id):
            connection.execute(update(schema.events).values({column.name: hidden}).where(column == name))


def delete_records(connection: Connection, numbers: Sequence[int]) -> int:
    """Delete records with all rows of theirs; count the claims."""
    links, claims = schema.links, 0
    for part in _chunks(numbers):
        claims += connection.execute(delete(schema.claims).where(schema.claims.c.record.in_(part))).rowcount
        connection.execute(delete(links).where(or_(links.c.left.in_(part), links.c.right.in_(part))))
        for table in (schema.observations, schema.identifiers, schema.scores, schema.members, schema.records):
            connection.execute(delete(table).where(table.c.record.in_(part)))
    return claims
