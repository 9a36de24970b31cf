"""A table of answers, as ``suggest_reviews`` asks for them, recorded in a store: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from socialmerge import tables
from socialmerge.api.labels import UNSURE, read_labels
from socialmerge.resolver.judging import check, in_force
from socialmerge.resolver.lookup import find
from socialmerge.resolver.people import Name, People
from socialmerge.resolver.state import State
from socialmerge.store import VERIFIED_BY_PERSON, Decision, DecisionKind, Target

if TYPE_CHECKING:
    from socialmerge.resolver.resolver import Resolver

__all__ = ["check_answers", "record_answers"]

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
        found, labels = [], read_labels(source, ids, ids)
        people = session.people(sorted({one for label in labels for one in (label.left_id, label.right_id)}))
        for label in labels:
            names = _name(people, label.left_id), _name(people, label.right_id)
            if label.verdict != UNSURE and (kind := _KINDS[label.verdict], frozenset(names)) not in had:
                found.append(session.decision(kind, names, by=by, reason=reason, evidence=evidence))
        return found

    return session.record(decided, by_names=True)


def check_answers(resolver: Resolver | None, answers: pa.Table, coming: Sequence[pa.Table]) -> None:
    """See that answers could be recorded once some records (source, record_id) have come in; nothing is written.

    Raises:
        LabelError: as :func:`record_answers`.
    """
    state = None if resolver is None else resolver._session.known()  # noqa: SLF001 - the same package
    had = [] if state is None else [state.facts.customers, state.facts.profiles]
    name_of = {one[1]: one for table in reversed(coming) for one in zip(*_columns(table), strict=True)}
    name_of |= {
        one: (source, one)
        for kind in reversed(had)
        for source, one in zip(kind.sources.to_pylist(), kind.ids.to_pylist(), strict=True)
    }
    ids = pa.array(list(name_of), pa.string())
    decisions = () if state is None else state.decisions
    last = max((one.seq for one in decisions), default=0)
    trial = [
        Decision(
            _KINDS[label.verdict],
            tuple(Target(*name_of[one]) for one in (label.left_id, label.right_id)),
            "?",
            datetime.fromtimestamp(0, UTC),
            id=f"?{at}",
            seq=last + 1 + at,
        )
        for at, label in enumerate(read_labels(answers, ids, ids))
        if label.verdict != UNSURE
    ]
    check(in_force((*decisions, *trial)))


def _columns(table: pa.Table) -> list[list[str]]:
    return [table[name].to_pylist() for name in ("source", "record_id")]


def _name(people: People, record_id: str) -> Name:
    return find(people, record_id)[0]
