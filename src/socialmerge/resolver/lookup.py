"""Any id: which records a row's, a profile's or an entity's id stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from socialmerge.errors import StoreError, amount
from socialmerge.resolver.asked import asked_id
from socialmerge.resolver.people import Name, People

__all__ = ["GoneIdError", "UnknownIdError", "find", "pairs_apart"]


class UnknownIdError(StoreError):
    """Nothing has such an id now."""


class GoneIdError(UnknownIdError):
    """Who had such an id was erased, or swept away."""


def find(people: People, any_id: str, *, what: str = "the id given") -> list[Name]:
    """The records that an id stands for: of a row or a profile that one, of an entity all of its records.

    ``source:id`` names a record where an id alone is that of several, and ``source::id`` names that record whatever
    else there is. ``what`` is how an error calls the id.

    Raises:
        StoreError: nothing has such an id, or several people's records have it.
    """
    any_id = asked_id(any_id, what=what)
    source, exact, record_id = any_id.partition("::")
    if exact and (source, record_id) in people.rows:
        return [(source, record_id)]
    found = list(_meant(people, any_id))
    if len({people.entity_of[name] for name in found}) > 1:
        raise StoreError(
            f"{what} stands for {len(found)} records of different people; name the one that is meant by its source, "
            "as in crm::7 or github::7"
        )
    if found:
        return found[:1]
    if any_id in people.members:
        return people.members[any_id]
    raise UnknownIdError(
        f"{what}: no row, profile or entity has this id ({amount(len(any_id), 'character', 'characters')}); "
        "ids are compared exactly"
    )


def _meant(people: People, any_id: str) -> Iterator[Name]:
    """The records that an id may stand for, that of its source first, then the customer's row."""
    source, _, record_id = any_id.partition(":")
    named = (source, record_id)
    if named in people.rows:
        yield named
    for name in people.with_id(any_id):
        if name != named:
            yield name


def pairs_apart(people: People, any_ids: Sequence[str]) -> list[tuple[Name, Name]]:
    """The pairs of records to part: one record from the others of its entity, or several from each other.

    Raises:
        StoreError: an id is not known, or there is nothing to part.
    """
    if not any_ids:
        raise StoreError("split: no id is given; give that of one record, or of several to part from each other")
    what = [f"split: id {number} of {len(any_ids)}" for number in range(1, len(any_ids) + 1)]
    named = [name for any_id, which in zip(any_ids, what, strict=True) for name in find(people, any_id, what=which)]
    if len(named) == 1 and people.members[people.entity_of[named[0]]] == named:
        raise StoreError(
            "split: this record is alone, no other record is of its entity; there is nothing to part it from"
        )
    if len(named) == 1:
        others = [name for name in people.members[people.entity_of[named[0]]] if name != named[0]]
        pairs = [(named[0], other) for other in others]
    else:
        pairs = [pair for pair in combinations(dict.fromkeys(named), 2) if _together(people, pair)]
    if not pairs:
        raise StoreError("split: no two of these records are of one entity; look at resolve_id of each of them")
    return pairs


def _together(people: People, pair: tuple[Name, Name]) -> bool:
    return people.entity_of[pair[0]] == people.entity_of[pair[1]]
