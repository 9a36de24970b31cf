"""What became of entities: the merges and splits that the log has, and those that nobody has noted yet."""

from __future__ import annotations

from collections.abc import Mapping

from socialmerge.merging.succession import Event, EventKind, events_between
from socialmerge.resolver.state import Name, State
from socialmerge.store import DecisionKind, Snapshot

__all__ = ["events_of", "events_since"]


def events_since(before: Mapping[Name, str], state: State, *, position: int, undone: bool = False) -> list[Event]:
    """What became of entities; who came since, or was erased, is no part of it."""
    now = {name: one for name, one in (state.entity_of | state.followers).items() if name in before}
    left = {name: entity for name, entity in before.items() if name in now}
    return events_between(left, now, position=position, undone=undone)


def events_of(view: Snapshot) -> list[Event]:
    """Merges and splits, each old id once a position; those that a retraction led to take something back."""
    retracted = view.after(DecisionKind.RETRACT)
    found: dict[tuple[int, str, str], list[str]] = {}
    for row in view.events().to_pylist():
        found.setdefault((row["position"], row["kind"], row["old_id"]), []).append(row["new_id"])
    events = []
    for (position, kind, old), new in found.items():
        undone = kind == EventKind.SPLIT and position in retracted
        events.append(Event(position, EventKind.UNDO if undone else EventKind(kind), old, tuple(sorted(new))))
    return events
