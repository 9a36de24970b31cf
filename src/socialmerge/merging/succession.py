"""Succession: which entities of today an id stands for, by what became of the entities that had it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

__all__ = ["Event", "EventKind", "events_between", "resolve_id"]


class EventKind(StrEnum):
    """What became of an entity."""

    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Event:
    """An entity's ``old`` id, and the ids of the entities that have its records since: one, several, or none.

    Events of one ``position`` of the log happened at once. A split that takes a merge back, because the decision
    behind it was retracted, is an ``UNDO``.
    """

    position: int
    kind: EventKind
    old: str
    new: tuple[str, ...]


def resolve_id(id_: str, events: Iterable[Event]) -> tuple[str, ...]:
    """Follow an id through the events, in the order of their positions, to the ids that stand for it now.

    The answer is the id itself where nothing happened, several ids after a split, none after an erasure. An id that
    was merged into another and comes free again stands for itself alone, whatever else the other is split into.

    >>> merge = Event(1, EventKind.MERGE, "c2", ("c1",))
    >>> split = Event(2, EventKind.SPLIT, "c1", ("c1", "c2"))
    >>> resolve_id("c1", [merge, split]), resolve_id("c2", [merge, split])
    (('c1', 'c2'), ('c2',))
    """
    found: dict[str, tuple[str, ...]] = {id_: ()}
    before: dict[int, dict[str, tuple[str, ...]]] = {}
    batches = _standing(events)
    turned = _turned_splits(batches)
    for batch in batches:
        before[batch[0].position] = found
        fates = {event.old: event for event in batch}
        heirs: dict[str, tuple[str, ...]] = {}
        for old, trail in sorted(found.items()):
            event = fates.get(old)
            for new in _heirs(event, old, id_, trail) if event else (old,):
                heirs.setdefault(new, _trail(trail, old, new))
        if any(id_ in event.new for event in fates.values()):
            heirs.setdefault(id_, ())
        if (former := turned.get(batch[0].position)) is not None:  # what led to these ids before leads to them again
            ids = {one for move in _moves(batch) for one in move}
            heirs |= {one: trail for one, trail in before[former].items() if one in ids}
        found = heirs
    return tuple(sorted(found))


def _standing(events: Iterable[Event]) -> list[tuple[Event, ...]]:
    """The events in their order, those of one position together, without each merge that an undo takes back in full.

    A merge and its undo go together, as if neither had been; where one of their ids has moved on in between, both stay.
    """
    standing: list[tuple[Event, ...]] = []
    ordered = sorted(events, key=attrgetter("position"))
    for batch in (tuple(one) for _, one in groupby(ordered, key=attrgetter("position"))):
        undone = _undone(batch, standing)
        if undone is None:
            standing.append(batch)
        else:
            standing.pop(undone)
    return standing


def _undone(batch: Sequence[Event], earlier: Sequence[tuple[Event, ...]]) -> int | None:
    """The place of the merge that a batch turns round, None where it is no such undo."""
    if not all(event.kind is EventKind.UNDO and event.old in event.new for event in batch):
        return None
    moves = _moves(batch)
    ids = {id_ for move in moves for id_ in move}
    for place in range(len(earlier) - 1, -1, -1):
        found = _moves(earlier[place])
        if any(ids & {*move} for move in found):
            turned = {(new, old) for old, new in found}
            return place if turned == moves and all(len(one.new) == 1 for one in earlier[place]) else None
    return None


def _turned_splits(batches: Sequence[tuple[Event, ...]]) -> dict[int, int]:
    """The position of each undo that turns a split round, and that of the split; those inside of others first.

    It may have moved other records than the split did, which events do not tell, so that both answers are kept. Where
    an entity went into others that were there, and into one that was made for the rest, the one is merged back.
    """
    found: dict[int, int] = {}
    open_: list[tuple[Event, ...]] = []
    for batch in batches:
        last = None
        undone = [event for event in batch if event.kind is EventKind.UNDO and event.old in event.new]
        if undone and all(event in undone or event.kind is EventKind.MERGE for event in batch):
            moves = _moves(batch)
            ids = {id_ for move in moves for id_ in move}
            last = next((one for one in reversed(open_) if any(ids & {*move} for move in _moves(one))), None)
        if last is not None and {(new, old) for old, new in _moves(last)} == moves:
            found[batch[0].position] = last[0].position
            open_.remove(last)
        else:
            open_.append(batch)
    return found


def _moves(batch: Iterable[Event]) -> set[tuple[str, str]]:
    return {(event.old, new) for event in batch for new in event.new if new != event.old}


def _trail(trail: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    """The ids that a reference had before, the first one first; back at one of them, it forgets what came after."""
    if new in trail:
        return trail[: trail.index(new)]
    return trail if new == old else (*trail, old)


def _heirs(event: Event, old: str, origin: str, trail: tuple[str, ...]) -> tuple[str, ...]:
    """The ids that a reference goes on to; back to what it was before a merge, where that is free again."""
    if len(event.new) < 2:
        return event.new
    undone = event.kind is EventKind.UNDO
    if origin in event.new and (old != origin or undone):
        return (origin,)
    back = next((former for former in (*trail, old) if former in event.new), None)
    return (back,) if undone and back is not None else event.new


def events_between(
    before: Mapping[tuple[str, str], str],
    after: Mapping[tuple[str, str], str],
    *,
    position: int,
    undone: bool = False,
) -> list[Event]:
    """What became of each entity whose records went to others; ``before`` and ``after`` give the id of each record.

    A record that is not in ``after`` was erased. ``undone`` says that a decision was retracted.

    >>> events_between({("crm", "1"): "1", ("crm", "2"): "2"}, {("crm", "1"): "1", ("crm", "2"): "1"}, position=3)
    [Event(position=3, kind=<EventKind.MERGE: 'merge'>, old='2', new=('1',))]
    """
    heirs: dict[str, set[str]] = {}
    for record, old in before.items():
        new = after.get(record)
        heirs.setdefault(old, set()).update(() if new is None else (new,))
    split = EventKind.UNDO if undone else EventKind.SPLIT
    events = []
    for old, found in sorted(heirs.items()):
        kind = split if len(found) > 1 else EventKind.MERGE if found else EventKind.ERASE
        if found != {old}:
            events.append(Event(position, kind, old, tuple(sorted(found))))
    return events
