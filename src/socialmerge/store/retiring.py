"""Retiring: an id that an entity had is nobody else's later, though all its records are gone.

What is kept says that there was such an entity and why it is gone, and nothing else: an id that the library made is a
keyed hash already, one that a customer's row gave becomes one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import pyarrow as pa
from sqlalchemy import Connection, insert, select

from socialmerge.merging.identities import profile_entity_id
from socialmerge.store import schema
from socialmerge.store.keys import erased_name
from socialmerge.store.log import position
from socialmerge.store.naming import chunks

__all__ = ["Fate", "fate", "retire", "retired"]


_TIMES = 8
"""How often a name can lose its id, to a customer's row or by a sweep, and still be told from the names of others."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Why nobody has an id any more: ``kind`` is "erase" or "sweep", ``position`` that of the log."""

    kind: str
    position: int


@dataclass(frozen=True, slots=True)
class _Going:
    """Records that are about to go: the name of each number, and the ids of the entities that it was of."""

    names: Mapping[int, tuple[str, str]]
    customers: Collection[int]
    had: Mapping[int, frozenset[str]]

    def own(self) -> dict[int, str]:
        """The id that each customer's row gave an entity."""
        rows = {record: self.names[record][1] for record in self.customers}
        return {record: id_ for record, id_ in rows.items() if id_ in self.had.get(record, ())}


def retire(connection: Connection, key: bytes, numbers: Sequence[int], *, kind: str) -> frozenset[str]:
    """Note the ids that entities had because of some records, which are about to go.

    Give those of them that were another record's before, which stays: what is told of these goes on.
    """
    going = _going(connection, numbers)
    given = set(going.own().values())
    shared = _shared(connection, key, given, set(numbers))
    ids = {erased_name(key, id_) for id_ in given} | shared | _made(connection, key, going)
    now = position(connection) + 1
    rows = [{"entity_id": id_, "kind": kind, "position": now} for id_ in sorted(ids - _known(connection, ids))]
    if rows:
        connection.execute(insert(schema.retired), rows)
    return frozenset(shared)


def _going(connection: Connection, numbers: Sequence[int]) -> _Going:
    records, members = schema.records, schema.members
    names, customers, had = dict[int, tuple[str, str]](), set[int](), dict[int, frozenset[str]]()
    columns = (records.c.record, records.c.source, records.c.record_id, records.c.kind)
    for part in chunks(numbers):
        for number, source, record_id, kind in connection.execute(select(*columns).where(records.c.record.in_(part))):
            names[number] = (source, record_id)
            customers |= {number} if kind == "customer" else set()
        belonged = select(members.c.record, members.c.entity_id).where(members.c.record.in_(part))
        for number, entity in connection.execute(belonged):
            had[number] = had.get(number, frozenset()) | {entity}
    return _Going(names, customers, had)


def _made(connection: Connection, key: bytes, going: _Going) -> set[str]:
    """The ids that were made of the records' own names; of a record that nobody settled the one that it would have."""
    found, asked = set[str](), dict(going.names)
    for again in count():
        made = {number: profile_entity_id(*name, key=key, again=again) for number, name in asked.items()}
        unsettled = set[int]() if again else made.keys() - going.had.keys()
        own = {number for number, id_ in made.items() if number in unsettled or id_ in going.had.get(number, ())}
        found |= {made[number] for number in own}
        passed = _unfit(connection, {id_ for number, id_ in made.items() if number not in own})
        asked = {number: name for number, name in asked.items() if number in own or made[number] in passed}
        if not asked:
            break
    return found


def _unfit(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of some ids that no newcomer could have: a customer's row has it, or nobody any more."""
    records, found = schema.records, _known(connection, ids)
    for part in chunks(sorted(ids)):
        theirs = records.c.record_id.in_(part), records.c.kind == "customer"
        found.update(connection.scalars(select(records.c.record_id).where(*theirs)))
    return found


def _known(connection: Connection, ids: Collection[str]) -> set[str]:
    column = schema.retired.c.entity_id
    return {id_ for part in chunks(sorted(ids)) for id_ in connection.scalars(select(column).where(column.in_(part)))}


def _shared(connection: Connection, key: bytes, ids: Collection[str], gone: Collection[int]) -> set[str]:
    """Those of some customers' ids that were made of the name of another record, which stays."""
    records, members, found = schema.records, schema.members, set[str]()
    query = select(members.c.entity_id, records.c.record, records.c.source, records.c.record_id)
    for part in chunks(sorted(ids)):
        rows = connection.execute(query.join_from(members, records).where(members.c.entity_id.in_(part)))
        for id_, number, source, record_id in rows:
            some = (profile_entity_id(source, record_id, key=key, again=again) for again in range(_TIMES))
            if number not in gone and id_ in some:
                found.add(id_)
    return found


def retired(connection: Connection) -> pa.Array:
    """Read the ids that nobody may have again, those that became keyed hashes too, in their order."""
    column = schema.retired.c.entity_id
    return pa.array(connection.scalars(select(column).order_by(column)).all(), pa.string())


def fate(connection: Connection, key: bytes, any_id: str) -> Fate | None:
    """Read what became of whoever had an id, None where that is not known to be gone."""
    table = schema.retired
    query = select(table.c.kind, table.c.position).where(table.c.entity_id.in_([any_id, erased_name(key, any_id)]))
    row = connection.execute(query.order_by(table.c.position.desc())).first()
    return None if row is None else Fate(row.kind, row.position)
