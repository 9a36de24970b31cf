"""Writing records with what was seen of them: idempotent, in any order, each erased person kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    Update,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from socialmerge.channels.loader import PURPOSES
from socialmerge.errors import StoreError
from socialmerge.store import schema, shapes
from socialmerge.store.admitting import Guest, admit, guests
from socialmerge.store.database import Database, Rows
from socialmerge.store.decisions import note
from socialmerge.store.intake import Ints, claim_digests, codes, columns, conform, name_keys, placed, rounds
from socialmerge.store.keys import digests
from socialmerge.store.log import log_change
from socialmerge.store.staging import (
    Changes,
    adding,
    greatest,
    inserted,
    least,
    merge,
    same_name,
    staged_claims,
    staged_identifiers,
    staged_observations,
    staged_records,
    staging,
)
from socialmerge.store.tombstones import kept_out
from socialmerge.store.values import Decision, DecisionKind, Target, Written, moment

__all__ = ["VISIBILITIES", "Intake", "prepare", "write"]

VISIBILITIES = ("public", "private", "secret")
"""From what all may see to what nobody may: of two, the later holds."""

_KINDS = ("customer", "profile")


@dataclass(frozen=True, slots=True)
class Intake:
    """What is to be written, checked; the codes say which record each row is of."""

    key: bytes
    records: pa.Table
    name_digest: list[bytes]
    claims: pa.Table
    claim_code: Ints
    claim_digest: list[bytes]
    observations: pa.Table
    observation_code: Ints
    identifiers: pa.Table
    identifier_code: Ints
    identifier_digest: list[bytes]
    guests: tuple[Guest, ...] = ()


def prepare(
    key: bytes,
    records: pa.Table,
    claims: pa.Table,
    observations: pa.Table,
    identifiers: pa.Table | None,
    *,
    admitted: Sequence[str] = (),
) -> Intake:
    """Check the tables and make the keyed hashes, which takes longest, while nobody waits.

    Raises:
        StoreError: A table lacks a column or a value, a record is there twice, or a row is of no record, as
            may be one that is to be admitted.
    """
    names = shapes.keys_schema().names
    records = conform(records, shapes.records_schema(), [*names, "kind"], what="records")
    known = name_keys(records)
    if len(pc.unique(known)) != len(known):
        message = "records: a record is there twice; give one row per source and record_id"
        raise StoreError(message)
    _only("records", "kind", records, _KINDS)
    claims = conform(claims, shapes.claims_in_schema(), [*names, "attribute", "raw"], what="claims")
    _only("claims", "visibility", claims, VISIBILITIES)
    claim_code = codes(name_keys(claims), known, what="claims")
    observations = conform(observations, shapes.observations_schema(), [*names, "columns"], what="observations")
    if identifiers is None:
        identifiers = shapes.identifiers_schema().empty_table()
    identifiers = conform(identifiers, shapes.identifiers_schema(), [*names, "kind", "value"], what="identifiers")
    identifier_code = codes(name_keys(identifiers), known, what="identifiers")
    return Intake(
        key=key,
        records=records,
        name_digest=digests(key, ["record", *(records[name] for name in names)]),
        claims=claims,
        claim_code=claim_code,
        claim_digest=claim_digests(key, claims, records, claim_code),
        observations=observations,
        observation_code=codes(name_keys(observations), known, what="observations"),
        identifiers=identifiers,
        identifier_code=identifier_code,
        identifier_digest=digests(key, ["identifier", identifiers["kind"], identifiers["value"]]),
        guests=guests(key, admitted, records, identifiers, identifier_code),
    )


def _only(what: str, name: str, table: pa.Table, allowed: Sequence[str]) -> None:
    odd = pc.invert(pc.is_in(table[name].drop_null(), pa.array(allowed)))
    if pc.any(odd, min_count=0).as_py():
        message = f"{what}: column '{name}' holds another word than {', '.join(allowed)}; use these"
        raise StoreError(message)


def write(
    database: Database, connection: Connection, intake: Intake, *, at: int, actor: str, action: str = "write"
) -> Written:
    """Merge what was prepared into the store, within the caller's transaction."""
    out = kept_out(connection, intake.name_digest, intake.identifier_code, intake.identifier_digest)
    left = admit(connection, intake.guests, intake.name_digest, out) if intake.guests else out
    is_out = np.zeros(intake.records.num_rows, np.bool_)
    is_out[[owner for owner, _ in left]] = True
    admitted = sorted({owner for owner, _ in out} - {owner for owner, _ in left})
    living = np.flatnonzero(~is_out)
    number = np.full(intake.records.num_rows, -1, np.int64)
    made, changed, number[living] = _records(database, connection, intake.records, living)
    claims, seen = _claims(database, connection, intake, number)
    observations = _observations(database, connection, intake, number)
    more = _identifiers(database, connection, intake, number)
    counts = {
        "records": made,
        "claims": claims,
        "observations": observations,
        "identifiers": more,
        "seen_again": changed + seen,
        "admitted": len(admitted),
    }
    note(connection, intake.key, _admissions(intake.records, admitted, at=at, actor=actor))
    position = log_change(connection, action, counts, at=at, actor=actor)
    names = intake.records.select(shapes.keys_schema().names).filter(pa.array(is_out))
    return Written(made, claims, observations, changed + seen, position, names, len(admitted))


def _admissions(records: pa.Table, rows: Sequence[int], *, at: int, actor: str) -> list[Decision]:
    """What the history of records says that somebody admitted."""
    names = records.select(shapes.keys_schema().names).take(pa.array(rows, pa.int64())).to_pylist()
    return [Decision(DecisionKind.ADMIT, (Target(**name),), actor, moment(at)) for name in names]


def _records(database: Database, connection: Connection, records: pa.Table, living: Ints) -> tuple[int, int, Ints]:
    """Merge the records; count the new and the changed ones, and give the number of each."""
    values = columns(records.take(pa.array(living)))
    rows = list(zip(range(len(living)), *values, strict=True))
    numbers = np.empty(len(living), np.int64)
    made = changed = 0
    for size in staging(database, connection, staged_records, rows):
        fresh = _new_records(connection)
        made += fresh
        found = np.array([tuple(row) for row in connection.execute(_KNOWN)], np.int64).reshape(-1, 3)
        if found[:, 2].any():
            count = int(found[:, 2].sum())
            message = f"records: {count} are there as the other kind; name the source of one kind differently"
            raise StoreError(message)
        numbers[found[:, 0]] = found[:, 1]
        changed += connection.execute(_changing_records()).rowcount if fresh < size else 0
    return made, changed, numbers


# Statements are made once: putting them together takes as long as they do in a small store.
_KNOWN = select(
    staged_records.c.row,
    schema.records.c.record,
    case((schema.records.c.kind == staged_records.c.kind, 0), else_=1),
).join(schema.records, same_name(schema.records, staged_records))
_LAST = select(func.max(schema.records.c.record))


def _new_records(connection: Connection) -> int:
    last = connection.scalar(_LAST) or 0
    return inserted(connection, _adding_records(connection.dialect.name), {"last": last + 1})


@cache
def _adding_records(dialect: str) -> Executable:
    names = [column.name for column in schema.records.columns if column.name != "record"]
    number = bindparam("last", type_=BigInteger) + staged_records.c.row
    rows = select(number, *(staged_records.c[name] for name in names)).where(staged_records.c.row.is_not(None))
    return adding(schema.records, ["record", *names], rows, dialect)


@cache
def _changing_records() -> Update:
    """Merge records that are known: the same result whichever came first."""
    old, new = schema.records.c, staged_records.c
    changes = {name: greatest(old[name], new[name]) for name in ("channel", "scope", "account_id")}
    changes |= {name: least(old[name], new[name]) for name in ("created_at", "is_person")}
    differs = or_(*(old[name].is_distinct_from(value) for name, value in changes.items()))
    return update(schema.records).values(changes).where(and_(same_name(schema.records, staged_records), differs))


def _claims(database: Database, connection: Connection, intake: Intake, number: Ints) -> tuple[int, int]:
    record = number[intake.claim_code]
    living = np.flatnonzero(record >= 0)
    digest = placed(intake.claim_digest, living)
    made = changed = 0
    for at in rounds(record[living], digest):
        rows = _claim_rows(intake.claims.take(pa.array(living[at])), record[living[at]], placed(digest, at))
        for size in staging(database, connection, staged_claims, rows):
            fresh, again = merge(connection, staged_claims, schema.claims, _claim_changes, size=size)
            made, changed = made + fresh, changed + again
    return made, changed


def _claim_rows(claims: pa.Table, record: Ints, digest: list[bytes]) -> Rows:
    seen = claims["observed_at"].cast(pa.int64()).to_pylist()
    values = dict(zip(claims.column_names, columns(claims), strict=True))
    rank = pc.index_in(claims["visibility"], pa.array(VISIBILITIES)).to_pylist()
    purposes = _purposes(claims["purposes"])
    return list(
        zip(
            record.tolist(),
            digest,
            *(values[name] for name in ("attribute", "raw", "place")),
            seen,
            seen,
            values["is_verified"],
            rank,
            purposes,
            *(values[name] for name in ("basis", "consent", "keep_until")),
            strict=True,
        )
    )


def _purposes(column: pa.ChunkedArray) -> list[int | None]:
    """Give purposes as bits, so that two statements meet in what both allow."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    bits = []
    for text in encoded.dictionary.to_pylist():
        words = text.split()
        if unknown := set(words) - set(PURPOSES):
            message = f"claims: {len(unknown)} unknown words in column 'purposes'; known are {', '.join(PURPOSES)}"
            raise StoreError(message)
        bits.append(sum(1 << PURPOSES.index(word) for word in set(words)))
    return pa.array(bits, pa.int32()).take(encoded.indices).to_pylist()  # type: ignore[no-any-return]  # untyped library


def _claim_changes() -> Changes:
    """Merge a claim that is known: earliest and latest sight, and of its terms what allows less."""
    old, new = schema.claims.c, staged_claims.c
    latest = ("last_seen", "is_verified", "visibility", "basis", "consent")
    changes: dict[str, ColumnElement[object]] = {name: greatest(old[name], new[name]) for name in latest}
    changes |= {name: least(old[name], new[name]) for name in ("first_seen", "place", "keep_until")}
    both = old.purposes.bitwise_and(new.purposes)
    return changes | {"purposes": func.coalesce(both, old.purposes, new.purposes)}


def _observations(database: Database, connection: Connection, intake: Intake, number: Ints) -> int:
    record = number[intake.observation_code]
    living = np.flatnonzero(record >= 0)
    observations = intake.observations.take(pa.array(living))
    layout = _layouts(connection, observations["columns"])
    seen = pc.fill_null(observations["observed_at"].cast(pa.int64()), schema.UNDATED)
    rows = sorted(zip(record[living].tolist(), seen.to_pylist(), layout, strict=True))
    sizes = staging(database, connection, staged_observations, rows)
    return sum(merge(connection, staged_observations, schema.observations, None, size=size)[0] for size in sizes)


def _layouts(connection: Connection, names: pa.ChunkedArray) -> list[int]:
    """Give the number of each list of columns, a new one where it was never seen."""
    encoded = pc.dictionary_encode(names).combine_chunks()
    table = schema.layouts
    known = {str(row.columns): int(row.layout) for row in connection.execute(select(table))}
    for text in encoded.dictionary.to_pylist():
        if text not in known:
            known[text] = len(known) + 1
            connection.execute(insert(table).values(layout=known[text], columns=text))
    numbers = pa.array([known[text] for text in encoded.dictionary.to_pylist()], pa.int64())
    return numbers.take(encoded.indices).to_pylist()  # type: ignore[no-any-return]  # untyped library


def _identifiers(database: Database, connection: Connection, intake: Intake, number: Ints) -> int:
    record = number[intake.identifier_code]
    living = np.flatnonzero(record >= 0)
    strong = intake.identifiers["is_strong"].cast(pa.int8()).take(pa.array(living)).to_pylist()
    digest = placed(intake.identifier_digest, living)
    made = 0
    for at in rounds(record[living], digest):
        rows = list(zip(record[living[at]].tolist(), placed(digest, at), placed(strong, at), strict=True))
        for size in staging(database, connection, staged_identifiers, rows):
            made += merge(connection, staged_identifiers, schema.identifiers, _identifier_changes, size=size)[0]
    return made


def _identifier_changes() -> Changes:
    """What was strong once stays strong."""
    return {"is_strong": greatest(schema.identifiers.c.is_strong, staged_identifiers.c.is_strong)}
