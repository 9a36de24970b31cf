"""Any id: which records a row's, a profile's or an entity's id stands for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from socialmerge.errors import StoreError
from socialmerge.resolver.state import Name, State

__all__ = ["find", "pairs_apart"]


def find(state: State, any_id: str) -> list[Name]:
    """The records that an id stands for: of a row or a profile that one, of an entity all of its records.

    ``source:id`` names a record where an id alone is that of a customer and a profile.

    Raises:
        StoreError: nothing has such an id.
    """
    any_id = str(any_id)
    source, _, record_id = any_id.partition(":")
    if (source, record_id) in state.rows:
        return [(source, record_id)]
    for kind in (state.facts.customers, state.facts.profiles):
        at = kind.ids.index(any_id).as_py()
        if at >= 0:
            return [(kind.sources[at].as_py(), any_id)]
    if any_id in state.members:
        return state.members[any_id]
    raise StoreError(f"no row, profile or entity has the id given ({len(any_id)} characters); ids are compared exactly")


def pairs_apart(state: State, any_ids: Sequence[str]) -> list[tuple[Name, Name]]:
    """The pairs of records to part: one record from the others of its entity, or several from each other.

    Raises:
        StoreError: an id is not known, or there is nothing to part.
    """
    named = [name for any_id in any_ids for name in find(state, any_id)]
    if len(named) == 1:
        others = [name for name in state.members[state.entity_of[named[0]]] if name != named[0]]
        pairs = [(named[0], other) for other in others]
    else:
        pairs = [pair for pair in combinations(dict.fromkeys(named), 2) if _together(state, pair)]
    if not pairs:
        raise StoreError("split: these records are no longer one entity; look at resolve_id of each of them")
    return pairs


def _together(state: State, pair: tuple[Name, Name]) -> bool:
    return state.entity_of[pair[0]] == state.entity_of[pair[1]]
