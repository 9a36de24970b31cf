"""Reading: all that a store holds, as of one moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from socialmerge.store import columnar, decisions, departures, documents, log, retiring, schema, shapes
from socialmerge.store.intake import conform
from socialmerge.store.naming import CHUNK, some_numbers
from socialmerge.store.retiring import Fate
from socialmerge.store.values import Decision, Document, RecordKey

__all__ = ["Snapshot"]

_NUMBERED = pa.schema([("record_id", pa.string()), ("record", pa.int64())])
_CLUSTERED = ("id", "entity_id")
_SCORED = pa.schema([("record", pa.int64()), ("model", pa.string()), ("entries", pa.binary())])

# Queries that are asked after every change are made once: putting one together takes as long as the answer of a small
# store. Those of records are in the order in which these first came.
_RECORD = schema.records.c
_RECORDS = select(*(_RECORD[name] for name in shapes.records_schema().names)).order_by(_RECORD.record)
_NUMBERED_RECORDS = select(_RECORD.record, *(_RECORD[name] for name in shapes.records_schema().names)).order_by(
    _RECORD.record
)
_OBSERVATIONS = (
    select(_RECORD.source, _RECORD.record_id, schema.observations.c.observed_at, schema.layouts.c.columns)
    .join_from(schema.observations, schema.records)
    .join(schema.layouts)
    .order_by(_RECORD.record, schema.observations.c.observed_at, schema.observations.c.layout)
)
_MEMBERS = (
    select(_RECORD.source, _RECORD.record_id, *(schema.members.c[name] for name in ("entity_id", "since", "until")))
    .join_from(schema.members, schema.records)
    .order_by(_RECORD.record, schema.members.c.since)
)
_EVENTS = (
    select(*(schema.events.c[name] for name in shapes.events_schema().names))
    .where(schema.events.c.position > bindparam("after"))
    .order_by(schema.events.c.position, schema.events.c.place)
)
_LOG = select(*schema.log.c).where(schema.log.c.position > bindparam("after")).order_by(schema.log.c.position)


@cache
def _claims(names: tuple[str, ...]) -> Select[Any]:
    """Ask for columns of claims."""
    table, record = schema.claims, schema.records
    chosen = [
        table.c.claim.label(name) if name == "claim_id" else record.c[name] if name in record.c else table.c[name]
        for name in names
    ]
    return select(*chosen).join_from(table, record).order_by(record.c.record, table.c.claim)


class Snapshot:
    """What the store held when the snapshot was taken; it is valid inside its ``with`` block.

    ``of`` chooses records by their names: a table with the columns ``source`` and ``record_id``. Tables come as a
    ``pyarrow.RecordBatchReader``: iterate over its batches in bounded memory, or take ``read_all()``; they are ordered
    by record, in the order in which records first came.
    """

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection, self._key = connection, key

    def position(self) -> int:
        """Give the position of the log: it grows with every change."""
        return log.position(self._connection)

    def settled(self) -> int:
        """Give the position of the log up to which entities and links are known to follow from what is there."""
        return log.settled(self._connection)

    def changed_since(self, place: int) -> frozenset[str]:
        """Give the actions of the log after a position."""
        query = select(schema.log.c.action).where(schema.log.c.position > place).distinct()
        return frozenset(self._connection.scalars(query))

    def after(self, action: str) -> frozenset[int]:
        """Give the positions of the log that come next after an action, and those after links that followed it."""
        follows = schema.log.alias()
        links = (follows.c.position == schema.log.c.position + 1) & (follows.c.action == "link")
        query = select(schema.log.c.position + 1, follows.c.position + 1).where(schema.log.c.action == action)
        rows = self._connection.execute(query.outerjoin_from(schema.log, follows, links))
        return frozenset(place for row in rows for place in row if place is not None)

    def records(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read records, as ``records_schema`` has them."""
        return self._read(shapes.records_schema(), _RECORDS, of)

    def numbered_records(self) -> pa.Table:
        """Read all records, as ``records_schema`` has them, with the number of each in this database as ``record``.

        Nothing is quicker to tell records apart by, as long as the database is open.
        """
        shape = pa.schema([shapes.NUMBER, *shapes.records_schema()])
        return self._reader(shape, [_NUMBERED_RECORDS]).read_all().combine_chunks()

    def numbered_claims(self, columns: Collection[str], kind: str | None = None) -> pa.Table:
        """Read some columns of claims, all or those of one kind of records, with the record's number as ``record``."""
        shape = pa.schema([shapes.NUMBER, *(one for one in shapes.claims_schema() if one.name in columns)])
        found = columnar.claims(self._connection, shape, kind)
        return pa.Table.from_batches(found, schema=shape).combine_chunks()

    def numbered_observations(self, columns: Collection[str], kind: str | None = None) -> pa.Table:
        """Read columns of observations as :meth:`numbered_claims` does."""
        shape = pa.schema([shapes.NUMBER, *(one for one in shapes.observations_schema() if one.name in columns)])
        found = columnar.observations(self._connection, shape, kind)
        return pa.Table.from_batches(found, schema=shape).combine_chunks()

    def named(self, record_ids: Sequence[str]) -> pa.Table:
        """Read the names of the records that have some ids, of whatever source, as ``keys_schema`` has them."""
        names = schema.records.c
        first = select(func.min(names.source).label("source")).cte("sources", recursive=True)
        following = select(func.min(names.source)).where(names.source > first.c.source).scalar_subquery()
        sources = first.union_all(select(following).where(first.c.source.is_not(None)))  # each by one look at the index
        query = select(names.source, names.record_id).join(sources, names.source == sources.c.source)
        parts = [record_ids[start : start + CHUNK] for start in range(0, len(record_ids), CHUNK)]
        return self._reader(shapes.keys_schema(), [query.where(names.record_id.in_(part)) for part in parts]).read_all()

    def claims(
        self, of: pa.Table | None = None, *, attribute: str | None = None, columns: Sequence[str] = ()
    ) -> pa.RecordBatchReader:
        """Read claims, as ``claims_schema`` has them; ``attribute`` asks for those of one column.

        ``columns`` asks for some columns of the schema, in their order there, which takes less time.
        """
        shape = shapes.claims_schema()
        if columns:
            shape = pa.schema([one for one in shape if one.name in columns])
        if of is None and attribute is None:
            return pa.RecordBatchReader.from_batches(shape, columnar.claims(self._connection, shape))
        query = _claims(tuple(shape.names))
        if attribute is not None:
            query = query.where(schema.claims.c.attribute == attribute)
        return self._read(shape, query, of)

    def observations(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read observations, as ``observations_schema`` has them."""
        shape = shapes.observations_schema()
        if of is None:
            return pa.RecordBatchReader.from_batches(shape, columnar.observations(self._connection, shape))
        return self._read(shape, _OBSERVATIONS, of)

    def layouts(self, kind: str) -> list[str]:
        """Read which columns tables had that records of one kind stand in, each a JSON list of names."""
        table, record, seen = schema.layouts, schema.records.c, schema.observations.c
        of_kind = select(seen.layout).where(seen.record.in_(select(record.record).where(record.kind == kind)))
        return list(self._connection.scalars(select(table.c.columns).where(table.c.layout.in_(of_kind))))

    def first_seen(self) -> pa.Table:
        """Read when each record was first observed, as ``first_seen_schema`` has it."""
        table, record = schema.observations, schema.records
        dated = and_(table.c.record == record.c.record, table.c.observed_at != schema.UNDATED)
        first = func.min(table.c.observed_at)
        query = select(record.c.source, record.c.record_id, first).outerjoin_from(record, table, dated)
        query = query.group_by(record.c.record, record.c.source, record.c.record_id).order_by(record.c.record)
        return self._reader(shapes.first_seen_schema(), [query]).read_all()

    def links(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read a machine's links, as ``links_schema`` has them; ``of`` chooses those with a side among the records."""
        table, left, right = schema.links, schema.records.alias("left_record"), schema.records.alias("right_record")
        sides = [left.c.source, left.c.record_id, right.c.source, right.c.record_id]
        query = (
            select(*sides, *(table.c[name] for name in shapes.links_schema().names[len(sides) :]))
            .join_from(table, left, table.c.left == left.c.record)
            .join(right, table.c.right == right.c.record)
            .order_by(table.c.left, table.c.right, table.c.plan_version)
        )
        if of is None:
            return self._reader(shapes.links_schema(), [query])
        chosen = [number for part in self._numbers(of) for number in part]
        parts = [chosen[start : start + CHUNK] for start in range(0, len(chosen), CHUNK)]
        queries = [query.where(or_(table.c.left.in_(part), table.c.right.in_(part))) for part in parts]
        if len(parts) > 1:  # a link between two parts would come twice
            queries = [query.where(or_(table.c.left.in_(chosen), table.c.right.in_(chosen)))]
        return self._reader(shapes.links_schema(), queries)

    def numbers(self, kind: str, of: pa.Table | None = None) -> tuple[pa.Array, pa.Array]:
        """Read the ids of the records of one kind, in their order, and the number that each has in this database."""
        table = schema.records
        query = select(table.c.record_id, table.c.record).where(table.c.kind == kind)
        parts = [query] if of is None else [query.where(table.c.record.in_(part)) for part in self._numbers(of)]
        found = self._reader(_NUMBERED, parts).read_all().sort_by([(name, "ascending") for name in _NUMBERED.names])
        ids, numbers = (found[name].combine_chunks() for name in _NUMBERED.names)
        return ids, numbers

    def scores(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Read what a frozen model weighed: the number of each record, the version of the model, and packed numbers."""
        table = schema.scores
        query = select(*(table.c[name] for name in _SCORED.names))
        found = self._reader(_SCORED, [query]).read_all()
        record, model, entries = (found[name].combine_chunks() for name in _SCORED.names)
        return record, model, entries

    def pending(self) -> bool:
        """Say whether there are records that belong to no entity yet."""
        living = select(func.count()).select_from(schema.members).where(schema.members.c.until.is_(None))
        return self._connection.scalar(living) != self.count("records")

    def members(self, of: pa.Table | None = None) -> pa.RecordBatchReader:
        """Read which entity each record belongs to and belonged to, as ``members_schema`` has it."""
        return self._read(shapes.members_schema(), _MEMBERS, of)

    def entities(self, kind: str) -> pa.Table:
        """Read the ids of the records of one kind, in their order, and the entity of each: ``id``, ``entity_id``."""
        table, record, shape = schema.members, schema.records, pa.schema([(one, pa.string()) for one in _CLUSTERED])
        query = select(record.c.record_id, table.c.entity_id).join_from(table, record)
        query = query.where(record.c.kind == kind, table.c.until.is_(None))
        return self._reader(shape, [query]).read_all().sort_by("id").combine_chunks()

    def members_of(self, entity_ids: Sequence[str]) -> pa.Table:
        """Read the present and former members of some entities, as ``members_schema`` has them."""
        parts = [entity_ids[start : start + CHUNK] for start in range(0, len(entity_ids), CHUNK)]
        queries = [_MEMBERS.where(schema.members.c.entity_id.in_(part)) for part in parts]
        return self._reader(shapes.members_schema(), queries).read_all()

    def events(self, *, after: int = 0) -> pa.Table:
        """Read merges and splits of entities in their order, as ``events_schema`` has them."""
        return self._reader(shapes.events_schema(), [_EVENTS], after=after).read_all()

    def retired(self) -> pa.Array:
        """Read the ids of entities that nobody has any more, nor may have: those of customers' rows as keyed hashes."""
        return retiring.retired(self._connection)

    def fate(self, any_id: str) -> Fate | None:
        """Read why nobody has an id any more, None of one that somebody has or that nobody ever had."""
        return retiring.fate(self._connection, self._key, any_id)

    def departed(self) -> dict[tuple[str, str], tuple[str, str] | None]:
        """Read which rows their source has no more (source, record_id), and the row that each was merged into."""
        return departures.read(self._connection)

    def had_departures(self) -> bool:
        """Say whether of any row it was ever noted that its source has it no more, taken back or not."""
        return departures.noted(self._connection)

    def is_former(self, entity_id: str) -> bool:
        """Say whether anything became of an entity."""
        query = select(schema.events.c.position).where(schema.events.c.old_id == entity_id).limit(1)
        return self._connection.scalar(query) is not None

    def document(self, kind: str, version: str | None = None) -> Document | None:
        """Read a plan or a policy by its version, None for the one that was saved last; None where there is none.

        Raises:
            SealedError: Its bytes do not open: they are damaged, or stand where they were not saved.
        """
        return documents.read(self._connection, self._key, kind, version)

    def heading(self, kind: str) -> str | None:
        """Read the text of the document of a kind that was saved last, without its bytes; None where there is none."""
        table = schema.documents
        query = select(table.c.text).where(table.c.kind == kind).order_by(table.c.position.desc()).limit(1)
        return self._connection.scalar(query)

    def golden(self, entity_ids: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """Read the golden records that were applied, as ``golden_schema`` has them, in the order of their ids."""
        table, shape = schema.golden, shapes.golden_schema()
        query = select(*(table.c[name] for name in shape.names)).order_by(table.c.entity_id)
        if entity_ids is None:
            return self._reader(shape, [query])
        ordered = sorted(set(entity_ids))
        parts = [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
        return self._reader(shape, [query.where(table.c.entity_id.in_(part)) for part in parts])

    def decisions(self, *, after: int = 0) -> tuple[Decision, ...]:
        """Read people's decisions in their order, those that came after a place of it."""
        return decisions.read(self._connection, after=after)

    def decisions_about(self, names: Sequence[RecordKey]) -> tuple[Decision, ...]:
        """Read people's decisions about some records, and those that take one of them back, however many times over."""
        return decisions.read(self._connection, seqs=decisions.places_about(self._connection, names))

    def log(self, *, after: int = 0) -> pa.Table:
        """Read the log of changes, as ``log_schema`` has it."""
        return self._reader(shapes.log_schema(), [_LOG], after=after).read_all()

    def has(self, key: RecordKey) -> bool:
        """Say whether a record is there."""
        table = schema.records
        query = select(table.c.record).where(table.c.source == key.source, table.c.record_id == key.record_id)
        return self._connection.scalar(query) is not None

    def count(self, table: str) -> int:
        """Count the rows of one of the tables of the store, by its name."""
        return self._connection.scalar(select(func.count()).select_from(schema.METADATA.tables[table])) or 0

    def _read(self, shape: pa.Schema, query: Select[Any], of: pa.Table | None) -> pa.RecordBatchReader:
        of_record = schema.records.c.record
        parts = [query] if of is None else [query.where(of_record.in_(part)) for part in self._numbers(of)]
        return self._reader(shape, parts)

    def _reader(self, shape: pa.Schema, queries: Sequence[Select[Any]], **values: int) -> pa.RecordBatchReader:
        batches = (batch for query in queries for batch in columnar.batches(self._connection, shape, query, values))
        return pa.RecordBatchReader.from_batches(shape, batches)

    def _numbers(self, of: pa.Table) -> Iterator[list[int]]:
        """Find the numbers of the named records, in order, some at a time."""
        names = shapes.keys_schema().names
        of = conform(of, shapes.keys_schema(), names, what="of")
        pairs = sorted(set(zip(*(of[name].to_pylist() for name in names), strict=True)))
        numbers = sorted(some_numbers(self._connection, pairs))
        for start in range(0, len(numbers), CHUNK):
            yield numbers[start : start + CHUNK]
