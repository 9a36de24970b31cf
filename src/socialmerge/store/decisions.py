"""Decisions of people: appended, never edited, read back in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select

from socialmerge.errors import StoreError
from socialmerge.store import schema
from socialmerge.store.database import damaged
from socialmerge.store.keys import digest
from socialmerge.store.log import log_change
from socialmerge.store.values import Decision, DecisionKind, Target, clean_text, microseconds, moment

__all__ = ["RETURN", "append", "note", "read"]

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
    kept = [_append(connection, key, decision, anew=anew) for decision in decisions]
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
    for decision in decisions:
        _append(connection, key, decision, anew=False)


def _append(connection: Connection, key: bytes, decision: Decision, *, anew: bool) -> tuple[Decision, bool]:
    table, at = schema.decisions, microseconds(decision.at)
    texts = {name: clean_text(getattr(decision, name), what=f"decisions: {name}") for name in _TEXTS}
    decision = replace(decision, actor=clean_text(decision.actor, what="decisions: actor"))
    for name in (name for one in decision.targets for name in (one.source, one.record_id)):
        clean_text(name, what="decisions: the name of a record")
    targets = [part for one in decision.targets for part in (one.source, one.record_id, one.claim_id)]
    parts = ("decision", decision.kind, decision.actor, str(at), *texts.values(), *targets)
    name = digest(key, *parts).hex()
    if (seq := connection.scalar(select(table.c.seq).where(table.c.id == name))) is not None:
        if anew and _is_retracted(connection, name):
            return _append(connection, key, replace(decision, at=decision.at + timedelta(microseconds=1)), anew=anew)
        return _placed(decision, name, seq), False
    if decision.kind is DecisionKind.RETRACT:
        _check_retracted(connection, decision)
    seq = (connection.scalar(select(func.max(table.c.seq))) or 0) + 1
    row = {"seq": seq, "id": name, "kind": str(decision.kind), "actor": decision.actor, "at": at, **texts}
    connection.execute(insert(table).values(row))
    for place, one in enumerate(decision.targets):
        claim = bytes.fromhex(one.claim_id) if one.claim_id else None
        where = {"seq": seq, "place": place, "source": one.source, "record_id": one.record_id, "claim": claim}
        connection.execute(insert(schema.targets).values(where))
    return _placed(decision, name, seq), True


def _is_retracted(connection: Connection, name: str) -> bool:
    """Whether a decision was taken back by a retraction that was not taken back itself."""
    table = schema.decisions
    theirs = connection.scalars(select(table.c.id).where(table.c.retracts == name)).all()
    return any(not _is_retracted(connection, one) for one in theirs)


def _placed(decision: Decision, name: str, seq: int) -> Decision:
    values = {field: getattr(decision, field) for field in ("kind", "targets", "actor", "at", *_TEXTS)}
    return Decision(**values, id=name, seq=seq)


def _check_retracted(connection: Connection, decision: Decision) -> None:
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
