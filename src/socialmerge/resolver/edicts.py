"""People's word about single values, as the merge takes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from socialmerge.merging import Edicts, GenericValue, Pin, Rejection
from socialmerge.store import Decision, DecisionKind

__all__ = ["edicts_of"]


def edicts_of(decisions: Iterable[Decision]) -> Edicts:
    """Pins, rejected and generic values among decisions in force.

    The later of two is the later in the log: where the clock was put back in between, it counts as the next moment.
    """
    pins, rejections, generic = list[Pin](), list[Rejection](), list[GenericValue]()
    last = None
    for one in decisions:
        if not one.value:
            continue
        last = one.at if last is None else max(one.at, last + timedelta(microseconds=1))
        at = last.isoformat()
        if one.kind is DecisionKind.GENERIC_VALUE:
            generic.append(GenericValue(one.id, one.value, actor=one.actor, at=at))
        for target in one.targets:
            record = (target.source, target.record_id)
            if one.kind is DecisionKind.PIN:
                pins.append(Pin(one.id, one.field, one.value, actor=one.actor, record=record, at=at))
            elif one.kind is DecisionKind.REJECT_VALUE:
                rejections.append(Rejection(one.id, one.field, one.value, actor=one.actor, record=record, at=at))
    return Edicts(tuple(pins), tuple(rejections), tuple(generic))
