"""What people said about being reached, kept in a store beside the values of their rows.

A statement is a claim of its row under a name of its own: it goes with the row through merges, splits and erasure, and
said twice it is one. It has no date of observation, so that sweeping old values away forgets nobody's no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from socialmerge import channels, tables
from socialmerge.channels.loader import BASES, PURPOSES
from socialmerge.channels.registry import find
from socialmerge.errors import PolicyError, StoreError, amount, hint
from socialmerge.merging import Consent, ConsentState
from socialmerge.merging.consent import ahead, consent_table, consents_schema, heeded
from socialmerge.merging.moments import instant, moment_of
from socialmerge.merging.policy_problems import problems_error
from socialmerge.resolver.asked import GRACE, moment_seen, said_by
from socialmerge.resolver.erasure import keys_table
from socialmerge.resolver.session import Session
from socialmerge.resolver.state import Name, State
from socialmerge.store import (
    OWN,
    Departed,
    Snapshot,
    Store,
    Written,
    claims_in_schema,
    observations_schema,
    records_schema,
)

__all__ = ["CONSENT", "Statements", "bring", "consents_of", "everybody", "heeded_of", "said_by_person", "said_of"]

CONSENT = f"{OWN}consent"
"""The attribute of the claims that are statements; no column of a table is read under it."""

Statements = tables.Source | Sequence[Consent]

_KEY = ["source", "record_id"]
_SAID = tuple(name for name in consents_schema().names if name not in ("source", "record_id"))


def statements_of(given: Statements) -> pa.Table:
    """Statements as a table of ``consents_schema``, all checked.

    Raises:
        PolicyError: one of them is wrong; all problems at once.
        TableError: the table cannot be read.
    """
    if isinstance(given, Sequence) and not isinstance(given, str) and all(isinstance(one, Consent) for one in given):
        return consent_table(given)
    return consent_table(tables.read(given, what="consents"))


def tables_of(said: pa.Table, rows: Mapping[Name, int], customers: Mapping[str, Name], store: Store) -> list[pa.Table]:
    """Records, claims and observations as ``Store.write`` takes them; a customer is found by "crm" too.

    Raises:
        StoreError: statements are about rows that are not there, and that no erasure keeps out.
    """
    told = zip(said["source"].to_pylist(), said["record_id"].to_pylist(), strict=True)
    names = [one if one in rows else customers.get(one[1], one) if one[0] == "crm" else one for one in told]
    keys = pa.table([pa.array(list(part), pa.string()) for part in zip(*names, strict=True)] or [[], []], names=_KEY)
    _refuse_unknown([name for name in names if name not in rows], keys, names, store)
    kinds = ["customer" if customers.get(name[1]) == name else "profile" for name in names]
    first = dict(zip(names, kinds, strict=True))
    records = pa.Table.from_pylist(
        [{"source": name[0], "record_id": name[1], "kind": kind} for name, kind in first.items()],
        schema=pa.schema([records_schema().field(name) for name in (*_KEY, "kind")]),
    )
    raw = [_written(row) for row in said.select(_SAID).to_pylist()]
    size = len(raw)
    claims = keys.append_column("attribute", pa.repeat(CONSENT, size)).append_column("raw", pa.array(raw, pa.string()))
    wanted = pa.schema([claims_in_schema().field(name) for name in claims.column_names])
    return [records, claims.cast(wanted), observations_schema().empty_table()]


def _written(said: dict[str, object]) -> str:
    """A statement as it is kept; without a ground it is the one that releases kept which knew of none."""
    return json.dumps({name: one for name, one in said.items() if one or name != "basis"}, sort_keys=True)


def _refuse_unknown(unknown: list[Name], keys: pa.Table, names: list[Name], store: Store) -> None:
    if not unknown:
        return
    erased = dict(zip(names, store.keeps_out(keys), strict=True))
    lost = [place for place, name in enumerate(names, 1) if name in set(unknown) and not erased[name]]
    if lost:
        shown = ", ".join(map(str, lost[:3])) + (" ..." if len(lost) > 3 else "")
        raise StoreError(
            f"consents: {amount(len(lost), 'statement is', 'statements are')} about rows that the store "
            f"does not have (row {shown}); load the "
            "rows first, and name them by source and record_id"
        )


def consents_of(view: Snapshot, of: pa.Table | None = None) -> pa.Table:
    """The statements that a store holds, as they hold now, or those of some records: a table of ``consents_schema``."""
    found = view.claims(of, attribute=CONSENT).read_all()
    said = [json.loads(raw) for raw in found["raw"].to_pylist()]
    rows = zip(found["source"].to_pylist(), found["record_id"].to_pylist(), said, strict=True)
    stated = [{"source": source, "record_id": record_id, **one} for source, record_id, one in rows]
    table = consent_table(pa.Table.from_pylist(stated, schema=consents_schema()), is_new=False)
    return table if of is not None else _followed(table, view.departed())


def heeded_of(view: Snapshot, as_of: str | datetime | None, *, now: datetime) -> pa.Table:
    """The statements that a store holds, but for a yes of later than ``as_of``, or than now where that is left out."""
    moment = moment_of(as_of)
    return heeded(consents_of(view), instant(now) if moment is None else moment)


def _followed(said: pa.Table, gone: Departed) -> pa.Table:
    """Statements as they hold now: what was said of a row that is gone is said of its survivor."""
    if not gone:
        return said
    told = zip(said["source"].to_pylist(), said["record_id"].to_pylist(), strict=True)
    names = [gone.get(name) or name for name in told]
    for place, column in enumerate(_KEY):
        at = said.schema.get_field_index(column)
        said = said.set_column(at, column, pa.array([name[place] for name in names], pa.string()))
    return said


def bring(session: Session, given: Statements, *, by: str) -> Written:
    """Write statements into the store.

    Raises:
        PolicyError: one of them is wrong, or a yes of a time to come; all problems at once.
        StoreError: they are about rows that the store does not have.
    """
    said, by = statements_of(given), said_by(by)
    early = ahead(said, instant(session.clock() + GRACE))
    if early:
        told = "is a yes with an at that is still to come; see its date, and the clock of this computer"
        raise problems_error("consents", [f"row {number} {told}" for number in early])

    def written(state: State) -> Written:
        customers = {name[1]: name for name in state.names[: state.customers]}
        customers |= {name[1]: name for name in state.gone}
        found = tables_of(said, state.rows | dict.fromkeys(state.gone, -1), customers, session.store)
        return session.store.write(*found, at=session.clock(), actor=by, after=state.position, action="consent")

    return session.change(written)


def said_by_person(
    session: Session,
    names: Sequence[Name],
    *,
    by: str,
    is_yes: bool,
    channel: str,
    purpose: str,
    basis: str,
    at: datetime | None,
) -> Written:
    """Write what one person said, of each of some records; now, where there is no time.

    Raises:
        PolicyError: it is about a channel or a purpose that there is not, so that nobody would heed it.
        StoreError: the time is still to come.
    """
    found = find(channel)
    channel, purpose = found.rules.name if found else channel, purpose.strip().casefold()
    known = {"channel": (channel, channels.names()), "purpose": (purpose, PURPOSES), "basis": (basis, BASES)}
    for name, (word, words) in known.items():
        if word and word not in words:
            raise PolicyError(f"{name}=: there is no {name} '{word}'{hint(word, words)}")
    when = moment_seen(at, what="at=", clock=session.clock) or session.clock()
    when = when if is_yes or at is not None else _after_all(session, names, when)
    kind = ConsentState.GRANTED if is_yes else ConsentState.DENIED
    said = [Consent(*name, channel, purpose, kind, explicit=True, at=when.isoformat(), basis=basis) for name in names]
    return bring(session, said, by=by)


def _after_all(session: Session, names: Sequence[Name], now: datetime) -> datetime:
    """When somebody takes back whatever they said: now, or at their last word where a clock that was ahead dated it."""
    with session.store.snapshot() as view:
        words = [at for at in consents_of(view, keys_table(list(names)))["at"].to_pylist() if at]
    said = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in map(datetime.fromisoformat, words)]
    return max([now, *said])


def everybody(session: Session, any_id: str) -> list[Name]:
    """All records of the person that an id stands for."""
    names = session.find(any_id)
    people = session.people((), names)
    entities = {people.entity_of[name] for name in names}
    gone = sorted(name for name, entity in people.followers.items() if entity in entities)
    return [*(name for entity in sorted(entities) for name in people.members[entity]), *gone]


def said_of(session: Session, any_id: str) -> pa.Table:
    """What was said of any record of a person, in the order of its time."""
    names = everybody(session, any_id)
    with session.store.snapshot() as view:
        found = consents_of(view, keys_table(names))
    return found.sort_by([(name, "ascending") for name in ("at", *_KEY, "channel", "purpose", "state")])
