"""Block keys of a caller's own: a plain function from the values of fields to each row's key, checked and made an atom.

The function sees match keys, the values as they are compared, and each combination of them once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.atoms import Atom
from socialmerge.blocking.keys import Key
from socialmerge.blocking.references import called, function_of
from socialmerge.errors import PlanError
from socialmerge.normalise.features import Feature

__all__ = ["own_atoms"]

Ints = npt.NDArray[np.int64]

MOST_KEYS = 16
"""Keys of one row beyond this many are refused: each brings a block of its own."""
PARTS = (
    *("given", "middle", "family", "suffix"),
    *("house", "street", "unit", "city", "state", "postcode", "country"),
)
"""The parts of a name or a place in the order in which they are written."""
SURVIVES = (1.0, 0.6, 0.1)
"""Chance that two records of one person share the key where the value is exact, close or different: a guess."""


def own_atoms(keys: Sequence[Key], features: Sequence[Feature]) -> tuple[Atom, ...]:
    """One atom, named as its key, for each key that is a function and whose fields have values.

    Raises:
        PlanError: a function is not there or returns anything but keys, or two keys have one name.

    >>> from socialmerge.normalise.features import Feature
    >>> codes, values = np.array([[0, 1, 2]], np.int32), ["leeds", "leeds north", "york"]
    >>> key = Key(("town",), lambda towns: [town.split()[0] for town in towns])
    >>> own_atoms([key], [Feature("town", "category", codes, values, field="town")])[0].codes.tolist()
    [[0, 0, 1]]
    """
    own = [key for key in keys if key.by]
    names = [str(key) for key in own]
    for name in names:
        if names.count(name) > 1:
            raise PlanError(f"two keys are called {name!r}; give their functions different names")
    known = {feature.field for feature in features} | {feature.name for feature in features}
    return tuple(_atom(key, features) for key in own if known.issuperset(key.atoms))


def _atom(key: Key, features: Sequence[Feature]) -> Atom:
    columns = [_column(name, features) for name in key.atoms]
    slots = [[column.codes[slot] for column, slot in zip(columns, chosen, strict=True)] for chosen in _chosen(columns)]
    rows, found = _combinations(np.array(slots, np.int64))
    arguments = [_texts(column.texts, found[part]) for part, column in enumerate(columns)]
    keys = _keys_of(key, arguments)
    codes = keys[:, rows].reshape(-1, rows.shape[1])
    if len(codes) > MOST_KEYS:
        raise PlanError(f"key {str(key)!r} gives a row up to {len(codes)} keys; at most {MOST_KEYS} can be used")
    first = columns[0].feature
    return Atom(str(key), first.name, first.comparison, first.group, np.ascontiguousarray(codes), SURVIVES)


@dataclass(frozen=True, slots=True)
class _Column:
    """The values that a field's name stands for: codes of shape (values per row, rows), -1 for none, and the texts."""

    feature: Feature
    codes: Ints
    texts: Sequence[str]


def _column(name: str, features: Sequence[Feature]) -> _Column:
    """A feature by its own name; else the field's, a name or place as its parts with spaces between."""
    exact = [feature for feature in features if feature.name == name]
    ours = exact or [feature for feature in features if feature.field == name]
    parts = sorted((one for one in ours if one.comparison in PARTS), key=lambda one: PARTS.index(one.comparison))
    if exact or not parts:
        return _Column(ours[0], ours[0].codes.astype(np.int64), ours[0].values)
    rows, found = _combinations(np.array([[part.codes[0] for part in parts]], np.int64), partial=True)
    columns = [_texts(part.values, codes) for part, codes in zip(parts, found, strict=True)]
    texts = [" ".join(filter(None, row)) for row in zip(*columns, strict=True)]
    return _Column(parts[0], rows, texts)


def _chosen(columns: Sequence[_Column]) -> list[tuple[int, ...]]:
    """Each value of the one field with each of the other, where a row may have several."""
    return list(product(*(range(len(column.codes)) for column in columns)))


def _combinations(codes: Ints, *, partial: bool = False) -> tuple[Ints, Ints]:
    """Number the combinations that occur.

    Args:
        codes: of shape (ways, fields, rows), -1 where there is no value.
        partial: whether a row that lacks some of the values, though not all, is one.

    Returns:
        The number of each row's combination, of shape (ways, rows), -1 for none, and the codes of each combination, of
        shape (fields, combinations).
    """
    ways, fields, rows = codes.shape
    flat = codes.transpose(1, 0, 2).reshape(fields, ways * rows)
    present = (flat >= 0).any(axis=0) if partial else (flat >= 0).all(axis=0)
    numbers, kept = np.zeros(int(present.sum()), np.int64), flat[:, present]
    for one in kept:
        numbers = np.unique(numbers * (one.max(initial=0) + 2) + one + 1, return_inverse=True)[1]
    first = np.unique(numbers, return_index=True)[1]
    found = np.full(ways * rows, -1, np.int64)
    found[present] = numbers
    return found.reshape(ways, rows), kept[:, first]


def _texts(texts: Sequence[str], codes: Ints) -> npt.NDArray[np.object_]:
    return np.array([*texts, ""], object)[codes]


def _keys_of(key: Key, arguments: Sequence[npt.NDArray[np.object_]]) -> npt.NDArray[np.int32]:
    """Codes of the keys of each combination: int32 of shape (keys, combinations + 1), -1 for none, as in the last."""
    returned, size = function_of(key.by, "by")(*arguments), len(arguments[0])
    found = _listed(returned)
    if not isinstance(found, (list, tuple)):
        raise _wrong(key, size, f"a {type(found).__name__}")
    if len(found) != size:
        raise _wrong(key, size, f"{len(found):,} of them")
    each = [_several(one) for one in found]
    odd = next((number for number, one in enumerate(each) if one is None), None)
    if odd is not None:
        raise _wrong(key, size, f"a {type(found[odd]).__name__} for value {odd + 1}")
    return _coded([one or () for one in each])


def _coded(each: Sequence[Sequence[str]]) -> npt.NDArray[np.int32]:
    index: dict[str, int] = {}
    slots = max(1, *map(len, each)) if each else 1
    codes = np.full((slots, len(each) + 1), -1, np.int32)
    for place, keys in enumerate(each):
        for slot, text in enumerate(keys):
            codes[slot, place] = index.setdefault(text, len(index))
    return codes


def _listed(returned: object) -> object:
    """Arrays of numpy, Arrow, pandas and polars as lists; anything else as it is."""
    listing = getattr(returned, "tolist", None) or getattr(returned, "to_list", None)
    return listing() if callable(listing) else returned


def _several(found: object) -> tuple[str, ...] | None:
    """The keys of one value, each once; None where they are no keys."""
    if found is None or isinstance(found, str):
        return (found,) if found else ()
    if isinstance(found, (list, tuple, set, frozenset)) and all(one is None or isinstance(one, str) for one in found):
        return tuple(sorted({one for one in found if one}))
    return None


def _wrong(key: Key, size: int, returned: str) -> PlanError:
    return PlanError(
        f"key {str(key)!r}: by={called(key.by)!r} must return, for each of the {size:,} values it is given, a text, "
        f"a list of texts, or None for no key; it returned {returned}"
    )
