"""A table of answers, as ``suggest_reviews`` asks for them, recorded in a store: all of them, or none."""

from __future__ import annotations

import pyarrow as pa

from socialmerge import tables
from socialmerge.api.labels import UNSURE, read_labels
from socialmerge.resolver.lookup import find
from socialmerge.resolver.resolver import Resolver
from socialmerge.resolver.state import Name, State
from socialmerge.store import VERIFIED_BY_PERSON, Decision, DecisionKind

__all__ = ["record_answers"]

_KINDS = {"same": DecisionKind.SAME, "different": DecisionKind.DIFFERENT}


def record_answers(
    resolver: Resolver, answers: tables.Source, *, by: str, reason: str = "", verified: bool = False
) -> tuple[Decision, ...]:
    """Record what people answered, pair by pair; *unsure* and what the store has already are left out.

    Args:
        resolver: the open store.
        answers: a table with ``left_id``, ``right_id`` and ``verdict``.
        by: who decided.
        reason: why, without a personal value.
        verified: the person saw proof.

    Raises:
        LabelError: a column is missing, a verdict or an id is not known, or people contradict each other.
    """
    session = resolver._session  # noqa: SLF001 - the same package
    evidence = VERIFIED_BY_PERSON if verified else ""
    source = tables.lasting(answers, what="decisions")  # it is read again where another process wrote first

    def decided(state: State) -> list[Decision]:
        ids = pa.concat_arrays([state.facts.customers.ids, state.facts.profiles.ids])
        had = {(one.kind, frozenset((of.source, of.record_id) for of in one.targets)) for one in state.in_force}
        found = []
        for label in read_labels(source, ids, ids):
            names = _names(state, label.left_id), _names(state, label.right_id)
            if label.verdict != UNSURE and (kind := _KINDS[label.verdict], frozenset(names)) not in had:
                found.append(session.decision(kind, names, by=by, reason=reason, evidence=evidence))
        return found

    return session.record(decided)


def _names(state: State, record_id: str) -> Name:
    return find(state, record_id)[0]
