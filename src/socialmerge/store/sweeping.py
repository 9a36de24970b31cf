"""Sweeping: what was kept long enough goes, and leaves the decisions too: later nobody could tell whose it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select, update

from socialmerge.store import schema
from socialmerge.store.database import BATCH_ROWS
from socialmerge.store.erasing import PROSE, delete_records, is_sign
from socialmerge.store.forgetting import Scrubber, addresses, texts_of
from socialmerge.store.log import log_change
from socialmerge.store.naming import CHUNK
from socialmerge.store.redaction import Mentions, Redaction, words_of
from socialmerge.store.retiring import retire
from socialmerge.store.values import OWN, VERIFIED_BY_PERSON, Erased

__all__ = ["sweep"]


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that goes, and the record that had it."""

    source: str
    record_id: str
    record: int
    attribute: str
    raw: str


def sweep(
    connection: Connection,
    key: bytes,
    *,
    before: int | None,
    region: str = "",
    telling: Collection[str] | None = None,
    at: int,
    actor: str,
) -> Erased:
    """Delete the claims whose time is over, and the records that have none left; no tombstone is made."""
    claims = schema.claims
    over: ColumnElement[bool] = claims.c.keep_until <= at
    if before is not None:
        over = or_(over, claims.c.last_seen < before)
    told = _told(connection, over)
    touched = set(connection.scalars(select(claims.c.record).where(over).distinct()))
    swept = connection.execute(delete(claims).where(over)).rowcount
    parts = [sorted(touched)[start : start + CHUNK] for start in range(0, len(touched), CHUNK)]
    scrubbed = _fade(connection, told, telling) | _fade_elsewhere(connection, key, told, telling, region)
    empty = tuple(sorted(number for part in parts for number in _without(connection, claims, part)))
    for part in parts:
        held = select(schema.members.c.entity_id).where(schema.members.c.record.in_(part))
        connection.execute(delete(schema.golden).where(schema.golden.c.entity_id.in_(held)))
    retire(connection, key, empty, kind="sweep")
    delete_records(connection, empty)
    counts = {"records": len(empty), "claims": swept, "decisions": len(scrubbed)}
    position = log_change(connection, "sweep", counts, at=at, actor=actor)
    return Erased(len(empty), swept, decisions=len(scrubbed), tombstones=0, position=position)


def _without(connection: Connection, table: Table, numbers: Sequence[int]) -> Sequence[int]:
    """Give the records that have no row in a table."""
    record = schema.records.c.record
    query = select(record).where(record.in_(numbers), ~exists().where(table.c.record == record))
    return connection.scalars(query).all()


def _told(connection: Connection, over: ColumnElement[bool]) -> list[_Value]:
    """The values that go, of those that some decision may tell of: none where no decision says anything."""
    texts = texts_of(connection)
    if not texts:
        return []
    claims, records, said = schema.claims, schema.records, Mentions.of(texts)
    rows = connection.execute(
        select(records.c.source, records.c.record_id, claims.c.record, claims.c.attribute, claims.c.raw)
        .join(records, records.c.record == claims.c.record)
        .where(over)
    )
    found = (_Value(*row) for row in rows if not row.attribute.startswith(OWN) and not is_sign(row.raw))
    return [value for value in found if said.part(value.raw)]


def _fade(connection: Connection, told: Iterable[_Value], telling: Collection[str] | None) -> set[int]:
    """Take words of what goes out of the decisions about its own record, but for those that its record still says."""
    table, targets, scrubbed = schema.decisions, schema.targets, set[int]()
    seqs: dict[tuple[str, str], set[int]] = defaultdict(set)
    for seq, source, record_id in connection.execute(select(targets.c.seq, targets.c.source, targets.c.record_id)):
        seqs[source, record_id].add(seq)
    values: dict[tuple[str, str, int], list[_Value]] = defaultdict(list)
    for value in told:
        if (value.source, value.record_id) in seqs:
            values[value.source, value.record_id, value.record].append(value)
    for (source, record_id, record), some in values.items():
        gone = _gone(connection, record, some, telling)
        about = table.c.seq.in_(sorted(seqs[source, record_id]))
        for seq, *texts in connection.execute(select(table.c.seq, table.c.reason, table.c.evidence).where(about)).all():
            now = [one if one == VERIFIED_BY_PERSON else gone.redacted(one) for one in texts]
            if now != texts:
                changes = dict(zip(("reason", "evidence"), now, strict=True))
                connection.execute(update(table).values(changes).where(table.c.seq == seq))
                scrubbed.add(seq)
    return scrubbed


def _gone(connection: Connection, record: int, values: Iterable[_Value], telling: Collection[str] | None) -> Redaction:
    """What goes with some values of a record, but for what the record says elsewhere."""
    claims = schema.claims
    single = {one.raw for one in values if _is_telling(one, telling)}
    still = Redaction.of(connection.scalars(select(claims.c.raw).where(claims.c.record == record)))
    return Redaction.of(single, {one.raw for one in values} - single).without(still)


def _is_telling(value: _Value, telling: Collection[str] | None) -> bool:
    return value.attribute not in PROSE and (telling is None or value.attribute in telling)


def _fade_elsewhere(
    connection: Connection, key: bytes, told: Sequence[_Value], telling: Collection[str] | None, region: str
) -> set[int]:
    """Take what goes out of all decisions, as a whole and word by word, where no record has the same any more."""
    texts = texts_of(connection)
    said = Mentions.of(texts)
    words = {word for value in told if _is_telling(value, telling) for word in said.parts(value.raw)}
    wholes = {raw for raw in {value.raw for value in told if said.whole(value.raw)} if _is_in(raw, texts)}
    words |= {word for raw in wholes if len(words_of(raw)) == 1 for word in words_of(raw)}
    wholes = {raw for raw in wholes if len(words_of(raw)) > 1}
    gone = words | wholes
    if gone:
        gone -= _still_said(connection, words, wholes)
    if not gone:
        return set()
    return Scrubber(Redaction.of([], gone), addresses(gone), key, region).scrub(connection)


def _is_in(raw: str, texts: Sequence[str]) -> bool:
    return any(map(Redaction.of([], [raw]).tells, texts))


def _still_said(connection: Connection, words: AbstractSet[str], wholes: AbstractSet[str]) -> set[str]:
    """Which of some words and of some values any record says still; all claims are read once."""
    found = set[str]()
    for raw in connection.scalars(select(schema.claims.c.raw)).yield_per(BATCH_ROWS):
        found |= words_of(raw) & words
        if raw in wholes:
            found.add(raw)
        if len(found) == len(words | wholes):
            break
    return found
