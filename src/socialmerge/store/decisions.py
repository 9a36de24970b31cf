"""Decisions of people: appended, never edited, read back in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_

from socialmerge.errors import StoreError
from socialmerge.store import schema
from socialmerge.store.database import damaged
from socialmerge.store.keys import digest
from socialmerge.store.log import log_change
from socialmerge.store.naming import CHUNK
from socialmerge.store.values import Decision, DecisionKind, RecordKey, Target, clean_text, microseconds, moment

__all__ = ["RETURN", "append", "note", "places_about", "read"]

RETURN = "return"
"""What the log calls it that rows are there again which were gone."""

# Made once: putting them together takes as long as the answer of a small store.
_ROWS = select(schema.decisions).where(schema.decisions.c.seq > bindparam("after")).order_by(schema.decisions.c.seq)
_TARGETS = (
    select(schema.targets)
    .where(schema.targets.c.seq > bindparam("after"))
    .order_by(schema.targets.c.seq, schema.targets.c.place)
)
_TEXTS = ("reason", "evidence", "plan_version", "field", "value", "retracts")


def append(
    connection: Connection, key: bytes, decisions: Iterable[Decision], *, anew: bool = False
) -> tuple[Decision, ...]:
    """Append decisions and give them back with their ids and places; one that is there already stays where it is.

    With ``anew`` one that is there and was taken back is decided again, a microsecond later.

    Raises:
        StoreError: A decision retracts one that is not there.
    """
    kept = _appended(connection, key, decisions, anew=anew)
    _log_returned(connection, [decision for decision, is_new in kept if is_new])
    for kind in sorted({decision.kind for decision, is_new in kept if is_new}):
        fresh = [decision for decision, is_new in kept if is_new and decision.kind is kind]
        at = max(microseconds(decision.at) for decision in fresh)
        log_change(connection, kind, {"decisions": len(fresh)}, at=at, actor=fresh[-1].actor)
    return tuple(decision for decision, _ in kept)


def _log_returned(connection: Connection, fresh: Sequence[Decision]) -> None:
    """Note that rows are there again, or gone again, since a decision was taken back: other values hold than before."""
    back = [one for one in fresh if one.kind is DecisionKind.RETRACT and _is_of_departure(connection, one)]
    if back:
        at = max(microseconds(decision.at) for decision in back)
        log_change(connection, RETURN, {"records": len(back)}, at=at, actor=back[-1].actor)


def _is_of_departure(connection: Connection, decision: Decision) -> bool:
    """Whether what a decision takes back, however many times over, is that a row is gone."""
    table, name = schema.decisions, decision.retracts
    while row := connection.execute(select(table.c.kind, table.c.retracts).where(table.c.id == name)).first():
        if row.kind != DecisionKind.RETRACT:
            return bool(row.kind == DecisionKind.GONE)
        name = row.retracts
    return False


def note(connection: Connection, key: bytes, decisions: Iterable[Decision]) -> None:
    """Append decisions that are part of another change, which the log tells of."""
    _appended(connection, key, decisions, anew=False)


def _appended(
    connection: Connection, key: bytes, decisions: Iterable[Decision], *, anew: bool
) -> list[tuple[Decision, bool]]:
    """Append decisions, and say of each whether it is new; rows go to the database together."""
    checked = [_checked(decision) for decision in decisions]
    names = [_name(key, decision) for decision in checked]
    known, last = _known(connection, names), connection.scalar(select(func.max(schema.decisions.c.seq))) or 0
    found, rows = list[tuple[Decision, bool]](), list[Decision]()
    for decision, name in zip(checked, names, strict=True):
        if (anew and name in known) or decision.kind is DecisionKind.RETRACT:  # what comes before it has a say
            _insert(connection, rows)
            rows.clear()
        while anew and name in known and _is_retracted(connection, name):
            decision = replace(decision, at=decision.at + timedelta(microseconds=1))  # noqa: PLW2901 - decided again
            name = _name(key, decision)  # noqa: PLW2901 - decided again
            known |= _known(connection, [name])
        is_new = name not in known
        if is_new:
            _check_retracted(connection, decision)
            last = known[name] = last + 1
        placed = replace(decision, id=name, seq=known[name])
        found.append((placed, is_new))
        rows += [placed] if is_new else []
    _insert(connection, rows)
    return found


def _checked(decision: Decision) -> Decision:
    """The decision as both databases can hold it."""
    texts: dict[str, Any] = {
        name: clean_text(getattr(decision, name), what=f"decisions: {name}") for name in ("actor", *_TEXTS)
    }
    for name in (name for one in decision.targets for name in (one.source, one.record_id)):
        clean_text(name, what="decisions: the name of a record")
    return replace(decision, **texts)


def _name(key: bytes, decision: Decision) -> str:
    targets = [part for one in decision.targets for part in (one.source, one.record_id, one.claim_id)]
    texts = [getattr(decision, name) for name in _TEXTS]
    parts = ("decision", decision.kind, decision.actor, str(microseconds(decision.at)), *texts, *targets)
    return digest(key, *parts).hex()


def _known(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The places of those that are there."""
    table, found = schema.decisions, dict[str, int]()
    for start in range(0, len(names), CHUNK):
        query = select(table.c.id, table.c.seq).where(table.c.id.in_(names[start : start + CHUNK]))
        found |= dict(tuple(row) for row in connection.execute(query))
    return found


def _insert(connection: Connection, several: Sequence[Decision]) -> None:
    rows = [
        {"seq": one.seq, "id": one.id, "kind": str(one.kind), "actor": one.actor, "at": microseconds(one.at)}
        | {name: getattr(one, name) for name in _TEXTS}
        for one in several
    ]
    targets = [
        {"seq": one.seq, "place": place, "source": aim.source, "record_id": aim.record_id}
        | {"claim": bytes.fromhex(aim.claim_id) if aim.claim_id else None}
        for one in several
        for place, aim in enumerate(one.targets)
    ]
    for table, found in ((schema.decisions, rows), (schema.targets, targets)):
        if found:
            connection.execute(insert(table), found)


def _is_retracted(connection: Connection, name: str) -> bool:
    """Whether a decision was taken back by a retraction that was not taken back itself."""
    table = schema.decisions
    theirs = connection.scalars(select(table.c.id).where(table.c.retracts == name)).all()
    return any(not _is_retracted(connection, one) for one in theirs)


def _check_retracted(connection: Connection, decision: Decision) -> None:
    if decision.kind is not DecisionKind.RETRACT:
        return
    known = select(schema.decisions.c.seq).where(schema.decisions.c.id == decision.retracts)
    if connection.scalar(known) is None:
        message = f"decisions: there is no decision '{decision.retracts}' to retract; take its id from the history"
        raise StoreError(message)


def _kind(text: str) -> DecisionKind:
    try:
        return DecisionKind(text)
    except ValueError:
        raise damaged("decisions: the kind of one") from None


def _at(micros: int) -> datetime:
    try:
        return moment(micros)
    except OverflowError:
        raise damaged("decisions: the time of one") from None


def places_about(connection: Connection, names: Sequence[RecordKey]) -> list[int]:
    """Give the places of the decisions about some records, and of those that take back one of these, in their order."""
    aims, table = schema.targets, schema.decisions
    pairs, found = [(one.source, one.record_id) for one in names], dict[int, str]()
    for start in range(0, len(pairs), CHUNK):
        about = tuple_(aims.c.source, aims.c.record_id).in_(pairs[start : start + CHUNK])
        mine = select(table.c.seq, table.c.id).join(aims, aims.c.seq == table.c.seq).where(about)
        found |= dict(tuple(row) for row in connection.execute(mine))
    back = connection.execute(select(table.c.seq, table.c.id, table.c.retracts).where(table.c.retracts != "")).all()
    known = set(found.values())
    for row in sorted(back):  # whoever takes something back comes after it
        if found and row.retracts in known:
            found[row.seq] = row.id
            known.add(row.id)
    return sorted(found)


def read(connection: Connection, *, after: int = 0, seqs: Sequence[int] | None = None) -> tuple[Decision, ...]:
    """Read decisions in their order: those after a place of it, or some by their places."""
    rows, their, values = _ROWS, _TARGETS, {"after": after}
    if seqs is not None:
        rows = rows.where(schema.decisions.c.seq.in_(seqs))
        their = their.where(schema.targets.c.seq.in_(seqs))
    targets = defaultdict(list)
    for row in connection.execute(their, values):
        claim = bytes(row.claim).hex() if row.claim is not None else ""
        targets[row.seq].append(Target(row.source, row.record_id, claim))
    return tuple(
        Decision(
            kind=_kind(row.kind),
            targets=tuple(targets[row.seq]),
            actor=row.actor,
            at=_at(row.at),
            **{name: getattr(row, name) for name in _TEXTS},
            id=row.id,
            seq=row.seq,
        )
        for row in connection.execute(rows, values)
    )
