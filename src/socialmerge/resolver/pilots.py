"""Bringing a pilot home: its lines checked against what is known, and made decisions of a store, all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from socialmerge import tables
from socialmerge.api.attaching import attach, profiles_of
from socialmerge.api.deduping import dedupe
from socialmerge.api.inputs import customers_of
from socialmerge.api.pilots import Evidence, Pilot, SheetPeople, check, known_of, refuse_nothing
from socialmerge.api.results import AttachResult
from socialmerge.errors import LabelError
from socialmerge.plan import Plan
from socialmerge.resolver.resolver import Resolver
from socialmerge.resolver.session import Session
from socialmerge.resolver.state import State
from socialmerge.store import Decision, DecisionKind

__all__ = ["import_pilot", "said_before"]

_KINDS = {"same": DecisionKind.SAME, "different": DecisionKind.DIFFERENT}


def import_pilot(
    pilot: tables.Source,
    *,
    profiles: tables.Source | None = None,
    to: tables.Source | None = None,
    store: str | Resolver | None = None,
    key: bytes | Path | None = None,
    channel: str | None = None,
    plan: Plan | None = None,
    id: str | None = None,
    region: str | None = None,
    by: str = "pilot",
    accept_contradicted: bool = False,
    trusted: bool = False,
) -> Pilot:
    """Check a spreadsheet in which somebody matched accounts by hand, and make decisions of it.

    Args:
        pilot: the sheet: a path (CSV, XLSX, Parquet, JSON), or a table in memory. Its columns are recognised by their
            names and by what they hold: the customer (an id, or an e-mail address), the account (a link, or a handle
            beside a channel), yes, no or unsure in usual words, and who said so, when, and why.
        profiles: the profiles that the accounts are of, as `attach` takes them.
        to: the customers.
        store: instead of the two, a store (or an open `Resolver`), which has them, and in which the decisions are kept.
        key: the store's key.
        channel: whose export ``profiles`` is, where that is not recognised.
        plan: what the evidence is weighed by; inferred when left out. A store has its own.
        id: the customers' id column, where it is not found.
        region: the country of national phone numbers.
        by: who decided, where the sheet does not say.
        accept_contradicted: take lines too that the evidence speaks against. Lines that contradict each other, or what
            was decided before, are never taken.
        trusted: plain profile rows are as good as a platform's own export; see `attach`.

    Returns:
        A `Pilot`: ``lines``, each with its standing, and ``labels``, which `fit` and `attach` take as ``decisions``. In
        a store all decisions are written, or none; the same sheet again writes none. Comments are not copied.

    Raises:
        LabelError: a column is not recognised, or no line is readable.
        TableError: a table cannot be read.
        StoreError: the store cannot be opened.

    >>> customers = pa.table({"id": ["7", "8"], "name": ["Ada Lovelace", "Ben Okri"]})
    >>> profiles = [{"profile_id": "p1", "channel": "github", "handle": "adal", "display_name": "Ada Lovelace"}]
    >>> sheet = pa.table({"customer": ["7"], "account": ["https://github.com/adal"], "same?": ["yes"]})
    >>> import_pilot(sheet, profiles=profiles, to=customers).labels["verdict"].to_pylist()
    ['same']
    """
    if store is not None:
        if profiles is not None or to is not None:
            raise LabelError("import_pilot: give a store, or profiles and customers (to=), not both")
        return _into_store(pilot, store, key, by=by, accept=accept_contradicted)
    if profiles is None or to is None:
        raise LabelError("import_pilot: give profiles= and to=, or a store=")
    lasting = tables.lasting(profiles, what="profiles")
    known, ask = _of_tables(lasting, to, plan, channel=channel, id=id, region=region, trusted=trusted)
    checked = check(pilot, known, ask, by=by, accept=accept_contradicted)
    refuse_nothing(checked, pilot)
    return checked


def _of_tables(
    source: tables.Source,
    to: tables.Source,
    plan: Plan | None,
    *,
    channel: str | None,
    id: str | None,
    region: str | None,
    trusted: bool,
) -> tuple[SheetPeople, Callable[[], Evidence]]:
    """Who a sheet may speak of, and the evidence of profiles and customers, whatever people decided."""
    rows = customers_of(to, id_column=id or (plan.id if plan else ""), region=region or (plan.region if plan else ""))
    found, _ = profiles_of(source, channel)
    asked = replace(plan, decisions=()) if plan else None
    own = rows.schema.id_column

    def ask() -> Evidence:
        told = attach(source, to=rows.table, channel=channel, plan=asked, id=own, region=region, trusted=trusted)
        return _evidence([told], dedupe(rows.table, id=own, region=region).clusters)

    return known_of(rows.table, rows.ids, rows.schema, found), ask


def _into_store(
    pilot: tables.Source, store: str | Resolver, key: bytes | Path | None, *, by: str, accept: bool
) -> Pilot:
    if isinstance(store, Resolver):
        return _decided(pilot, store, by=by, accept=accept)
    with Resolver(store=store, key=key, create=False) as resolver:
        return _decided(pilot, resolver, by=by, accept=accept)


def _decided(pilot: tables.Source, resolver: Resolver, *, by: str, accept: bool) -> Pilot:
    session = resolver._session  # noqa: SLF001 - the same package
    state = session.state()
    facts = state.facts
    if facts.schema is None:
        raise LabelError("import_pilot: the store has no customers; bring them in with attach --store first")
    known = known_of(facts.customers.table, facts.customers.ids, facts.schema, facts.profiles.table)
    checked = check(pilot, known, lambda: _evidence_of(state, session.plan), by=by, accept=accept)
    refuse_nothing(checked, pilot)
    checked = _without_contrary(checked, said_before(state))
    wanted = [row for row in checked.labels.to_pylist() if row["verdict"] in _KINDS]

    def new(now: State) -> list[Decision]:
        before = said_before(now)
        return [_decision(session, now, row) for row in wanted if (row["left_id"], row["right_id"]) not in before]

    written = len(session.record(new)) if new(state) else 0
    return replace(checked, written=written, known=len(wanted) - written)


def _decision(session: Session, state: State, row: dict[str, str]) -> Decision:
    sides = ((state.facts.profiles, "left_id"), (state.facts.customers, "right_id"))
    names = [(of.sources[of.ids.index(row[side]).as_py()].as_py(), row[side]) for of, side in sides]
    return session.decision(_KINDS[row["verdict"]], names, by=row["by"], reason="matched by hand, in a pilot")


def said_before(state: State) -> dict[tuple[str, str], str]:
    """What people decided of pairs of a profile and a customer, by their ids."""
    found = {}
    verdicts = {kind: verdict for verdict, kind in _KINDS.items()}
    customers = set(state.names[: state.customers])
    for decision in state.in_force:
        if decision.kind in verdicts and len(decision.targets) == 2:
            names = [(one.source, one.record_id) for one in decision.targets]
            left, right = sorted(names, key=lambda name: name in customers)
            found[left[1], right[1]] = verdicts[decision.kind]
    return found


def _without_contrary(pilot: Pilot, before: dict[tuple[str, str], str]) -> Pilot:
    """The pilot without the lines of which the opposite was decided before: to change one's mind is to undo."""
    rows = pilot.lines.to_pylist()
    for row in rows:
        told = before.get((row["profile_id"], row["customer_id"]))
        if told and row["taken"] and row["verdict"] in _KINDS and row["verdict"] != told:
            said = f"it was decided {told!r} before; undo that decision first"
            row.update(standing="contradicted", reason=said, taken=False)
    gone = {(row["profile_id"], row["customer_id"]) for row in rows if not row["taken"]}
    gone -= {(row["profile_id"], row["customer_id"]) for row in rows if row["taken"]}
    labels = [row for row in pilot.labels.to_pylist() if (row["left_id"], row["right_id"]) not in gone]
    return replace(
        pilot,
        lines=pa.Table.from_pylist(rows, schema=pilot.lines.schema),
        labels=pa.Table.from_pylist(labels, schema=pilot.labels.schema),
    )


def _evidence_of(state: State, plan: Plan) -> Evidence:
    """What the model says of a store's facts, whatever people decided."""
    facts = state.facts
    asked = replace(plan, id=facts.schema.id_column if facts.schema else "id", decisions=())
    told = []
    for proven in (True, False):
        rows = facts.profiles.table.filter(pa.array(facts.profiles.proven == proven))
        if rows.num_rows:
            told.append(attach(rows, to=facts.customers.table, plan=asked, trusted=proven))
    return _evidence(told, dedupe(facts.customers.table, id=asked.id, region=plan.region or None).clusters)


def _evidence(results: Iterable[AttachResult], people: pa.Table) -> Evidence:
    candidates: dict[str, list[tuple[str, float]]] = {}
    for result in results:
        columns = (result.pairs[name].to_pylist() for name in ("left_id", "right_id", "probability"))
        for profile, customer, chance in zip(*columns, strict=True):
            candidates.setdefault(profile, []).append((customer, chance))
    person = dict(zip(people["id"].to_pylist(), people["entity_id"].to_pylist(), strict=True))
    return Evidence(candidates, lambda row: person.get(row, row))
