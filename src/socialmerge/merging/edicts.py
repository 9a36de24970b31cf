"""Edicts: what people said about single values, which no strategy overrules.

They are kept apart from the policy, because they are about one person or one value and not about a field. Each has an
id and an actor, so that the golden record can name them; a record made without one is as if it had never been.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from socialmerge.errors import amount, hint
from socialmerge.merging.fields import ATTRIBUTES, GoldenField
from socialmerge.merging.policy_problems import problems_error

__all__ = ["Edicts", "GenericValue", "Pin", "Rejection", "Targeted", "field_names", "with_fields"]


@dataclass(frozen=True, slots=True)
class Pin:
    """A person's word that a field of somebody's record has this value.

    ``record`` is ``(source, record_id)`` of a row (the source of a customer is ``"crm"``, or what the policy's source
    column says; of a profile its channel): the pin goes wherever that row goes, through merges and splits.
    ``entity_id`` may name the golden record instead. ``at`` is when it was said (ISO 8601): of two pins to one field
    the later holds. In a field that keeps every value a pin adds its value.

    >>> Pin("d1", "phone", "+1 202 555 0143", actor="ana", record=("crm", "c1")).record
    ('crm', 'c1')
    """

    id: str
    field: str
    value: str
    actor: str
    record: tuple[str, str] | None = None
    entity_id: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's word that a value is wrong for somebody: no record that holds that row keeps it, from any source.

    The parts are those of :class:`Pin`. Values that are equal after normalisation are rejected alike.
    """

    id: str
    field: str
    value: str
    actor: str
    record: tuple[str, str] | None = None
    entity_id: str = ""
    at: str = ""


Targeted: TypeAlias = Pin | Rejection
"""A word about one field of one person's record."""


@dataclass(frozen=True, slots=True)
class GenericValue:
    """A person's word that an e-mail address or a telephone number is nobody's, such as ``info@`` of a company.

    No record keeps it as a contact point, of whichever row.
    """

    id: str
    value: str
    actor: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Edicts:
    """Pins, rejected values and generic values, in any order; edicts about rows that are not there wait.

    >>> Edicts(generic=(GenericValue("d2", "info@example.com", actor="ana"),)).pins
    ()

    Raises:
        PolicyError: An edict has no id, or the id of another; names no row and no entity, or both; has no value; or has
            a time that is none. All problems at once; they name edicts by their ids.
    """

    pins: tuple[Pin, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    generic: tuple[GenericValue, ...] = ()

    def __post_init__(self) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        found = [*_id_problems((*self.pins, *self.rejections, *self.generic))]
        targeted: tuple[Targeted, ...] = (*self.pins, *self.rejections)
        found += [problem for edict in targeted for problem in _target_problems(edict)]
        if found:
            raise problems_error("edicts", found)


def _target_problems(edict: Targeted) -> Iterator[str]:
    if (edict.record is None) == (not edict.entity_id):
        yield f"'{edict.id}' names neither a record nor an entity, or both; give it one of them"
    if not edict.field:
        yield f"'{edict.id}' names no field"


def _id_problems(edicts: Sequence[Targeted | GenericValue]) -> list[str]:
    found = []
    for id_, count in Counter(edict.id for edict in edicts).items():
        if not id_:
            found.append(f"{amount(count, 'edict has', 'edicts have')} no id; provenance names them by it")
        elif count > 1:
            found.append(f"'{id_}' is the id of {count} edicts; give each its own")
    for edict in edicts:
        if not edict.value.strip():
            found.append(f"'{edict.id}' has no value")
        if edict.at and not _is_time(edict.at):
            found.append(f"'{edict.id}' has an at= that is no time; write it as ISO 8601, such as 2026-01-31T12:00:00Z")
    return found


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def with_fields(edicts: Edicts, fields: Sequence[GoldenField], *, sure: str = "") -> Edicts:
    """Leave out the pins and rejections whose field there is not (any more): they wait until it comes back.

    That with the id ``sure`` stays, and is an error if its field is not there.
    """
    known = {name for field in fields for name in (field.name, field.column, *field.attributes)} - {""}

    def stays(one: Targeted) -> bool:
        return one.field in known or one.id == sure

    return Edicts(tuple(filter(stays, edicts.pins)), tuple(filter(stays, edicts.rejections)), edicts.generic)


def _unknown(field: str, known: Collection[str]) -> str:
    """A field that there is not: by its name only where it is nearly one, for it may be a value in the wrong place."""
    end = hint(field, known)
    return f"unknown field '{field}'{end}" if "did you mean" in end else f"a field that there is not{end}"


def field_names(edicts: Edicts, fields: Sequence[GoldenField]) -> dict[str, str]:
    """Give the golden field of each name that an edict may use: its own, its column's, its attributes'.

    Raises:
        PolicyError: Edicts name fields that there are not; all of them, by their ids.
    """
    names = {name: field.name for field in fields for name in (*field.attributes, field.column)}
    names |= {field.name: field.name for field in fields}
    # A rejected value of an attribute that no profile has is right already.
    known = {*names, *ATTRIBUTES} - {""}
    found = [
        f"'{edict.id}' names {_unknown(edict.field, allowed)}"
        for edicts_, allowed in ((edicts.pins, names.keys() - {""}), (edicts.rejections, known))
        for edict in edicts_
        if edict.field not in allowed
    ]
    if found:
        raise problems_error("edicts", found)
    return names
