"""A store made anew of what a ``History`` was given and decided, in other portions: it says the same, to the letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import insert
from tests.property import history_laws as laws
from tests.property.history_rows import customers, profiles
from tests.resolver.conftest import KEY
from tests.resolver.people import stated

from socialmerge import Resolver
from socialmerge.merging import Consent
from socialmerge.resolver.judging import in_force
from socialmerge.resolver.state import State
from socialmerge.store import Decision, DecisionKind, Written, schema

__all__ = ["Given", "Kept", "check_afresh", "write"]

Given = tuple[str, tuple[str, ...], int]
"""What comes in at once: customers or profiles, their ids, and which version of them, or whether they are trusted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store holds and says in the end, and what it learned where it has a model."""

    state: State
    said: dict[str, Any]
    model: bytes | None
    held: set[str]
    """The rows of which there is anything, also of those that are gone."""
    retired: pa.Array | None
    """The ids that nobody may have again, where anything was swept away: newcomers who come again have others."""
    shells: Sequence[Given]
    """What rows were given of which nothing was left once but what they said about being reached."""


def write(resolver: Resolver, what: Given, *, admit: tuple[str, ...] = (), complete: bool = False) -> Written:
    """Bring rows in; a ``complete`` table has all customers."""
    by = "dpo" if admit else "import"
    if what[0] == "customers":
        return resolver.load(customers(what[1], what[2]), admit=admit, by=by, complete=complete)
    return resolver.ingest(profiles(what[1]), trusted=bool(what[2]), admit=admit, by=by)


def check_afresh(url: str, kept: Kept, given: Sequence[Given], consents: Sequence[Consent], *, now: datetime) -> None:
    """Laws 2 and 3: in other portions, with no word that was taken back, and by the same model: to the letter."""
    state, at = kept.state, [now]
    with Resolver(store=url, key=KEY, clock=lambda: at[0]) as other:
        if kept.retired is not None:
            _take(other, kept.retired)
        said_here = [one for one in reversed(consents) if one.record_id in kept.held]
        _say_nothing_but(other, said_here, kept.shells)
        for what in _portions(given, kept.held):
            write(other, what)
        if kept.model:
            other.fit(kept.model)
        if said_here:
            other.consent(said_here)
        there, told = state.rows.keys() | state.gone.keys(), in_force(state.decisions)
        for decision in sorted(told, key=lambda one: one.kind is DecisionKind.GONE):  # who is gone cannot be named
            names = [(one.source, one.record_id) for one in decision.targets]
            # a row is gone though its survivor was swept away since
            if {*(names[:1] if decision.kind is DecisionKind.GONE else names)} <= there:
                at[0] = decision.at
                _redo(other, decision, state)
        golden = other.golden()
        found = stated(other, golden) | {"views": laws.views(golden)}
        for name, rows in kept.said.items():
            assert found[name] == rows, name


def _portions(given: Sequence[Given], mine: set[str]) -> list[Given]:
    """What came in, of whoever is there still: the last first, or all of a kind and a version at once."""
    left = [(kind, tuple(one for one in ids if one in mine), how) for kind, ids, how in reversed(given)]
    if len(given) % 2:
        return [what for what in dict.fromkeys(left) if what[1]]
    at_once: dict[tuple[str, int], dict[str, None]] = {}
    for kind, ids, how in left:
        at_once.setdefault((kind, how), {}).update(dict.fromkeys(ids))
    return [(kind, tuple(ids), how) for (kind, how), ids in at_once.items() if ids]


def _take(resolver: Resolver, ids: pa.Array) -> None:
    """Note ids as those that nobody may have again."""
    rows = [{"entity_id": one, "kind": "sweep", "position": 0} for one in ids.to_pylist()]
    if rows:
        with resolver._session.store._database.engine.begin() as connection:
            connection.execute(insert(schema.retired), rows)


def _say_nothing_but(resolver: Resolver, consents: Sequence[Consent], shells: Sequence[Given]) -> None:
    """Bring rows of which nothing is left but what they said about being reached."""
    for what in shells:
        write(resolver, what)
    if shells:
        rows = {one for _, ids, _ in shells for one in ids}
        resolver.consent([one for one in consents if one.record_id in rows])
        resolver.retain(before=datetime(2025, 7, 1, tzinfo=UTC), by="dpo")


def _redo(resolver: Resolver, decision: Decision, state: State) -> None:
    """Decide again what somebody decided, at the same time, so that it has the same id."""
    if any((one.source, one.record_id) not in state.rows for one in decision.targets):
        resolver._session.record(lambda _: [replace(decision, id="", seq=0)])
        return
    names = [f"{one.source}:{one.record_id}" for one in decision.targets]
    if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT):
        resolver.decide((names[0], names[1]), decision.kind.value, by=decision.actor)
    elif decision.kind is DecisionKind.PIN:
        resolver.pin(names[0], decision.field, decision.value, by=decision.actor)
    elif decision.kind is DecisionKind.REJECT_VALUE:
        resolver.reject(names[0], decision.field, decision.value, by=decision.actor)
    elif decision.kind is DecisionKind.GENERIC_VALUE:
        resolver.generic(decision.value, by=decision.actor)
