"""People's word about single values, as the merge takes it."""

from __future__ import annotations

from collections.abc import Iterable

from socialmerge.merging import Edicts, GenericValue, Pin, Rejection
from socialmerge.store import Decision, DecisionKind

__all__ = ["edicts_of"]


def edicts_of(decisions: Iterable[Decision]) -> Edicts:
    """Pins, rejected and generic values among decisions in force."""
    pins, rejections, generic = list[Pin](), list[Rejection](), list[GenericValue]()
    for one in decisions:
        at = one.at.isoformat()
        if one.kind is DecisionKind.GENERIC_VALUE:
            generic.append(GenericValue(one.id, one.value, actor=one.actor, at=at))
        for target in one.targets if one.value else ():
            record = (target.source, target.record_id)
            if one.kind is DecisionKind.PIN:
                pins.append(Pin(one.id, one.field, one.value, actor=one.actor, record=record, at=at))
            elif one.kind is DecisionKind.REJECT_VALUE:
                rejections.append(Rejection(one.id, one.field, one.value, actor=one.actor, record=record, at=at))
    return Edicts(tuple(pins), tuple(rejections), tuple(generic))
