"""Atoms: cheap values derived from one feature, of which block keys are made.

An atom survives some kinds of error and not others: a prefix survives a typo at the end, a year a wrong day.
``survives`` gives the chance that two records of one person share the atom when the feature itself is exact, close or
different; the choice of keys rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking import derivations as derive
from socialmerge.blocking.derivations import Derive
from socialmerge.normalise.columns import Codes
from socialmerge.normalise.features import Feature
from socialmerge.parallel import each

__all__ = ["Atom", "derivation", "make"]

RAREST_TOKENS = 4
"""Of a long text, this many of its rarest tokens are atoms."""


FEW = 50
"""So few rows may make one block, although their value tells nothing."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One derived value a row (or several).

    ``base`` is int32 of shape (values per row, rows), -1 where there is none. ``remap``, where there is one, turns a
    code of ``base`` into that of the derived value, or of several: int32 of shape (derived values, codes and -1).
    """

    name: str
    feature: str
    comparison: str
    group: str
    base: Codes
    survives: tuple[float, float, float]
    remap: Codes | None = None

    @property
    def codes(self) -> Codes:
        """Derived values: int32 of shape (values per row, rows), -1 where there is none."""
        return self.base if self.remap is None else _each(self.remap, self.base)

    def of(self, rows: slice | npt.NDArray[np.integer[Any]]) -> Codes:
        """The derived values of some rows."""
        base = self.base[:, rows]
        return base if self.remap is None else _each(self.remap, base)

    @property
    def values(self) -> int:
        """Derived values in a row at most."""
        return len(self.base) * (1 if self.remap is None else len(self.remap))

    @property
    def distinct(self) -> int:
        """How many derived values there may be."""
        return int((self.base if self.remap is None else self.remap).max(initial=-1)) + 1


def _each(remap: Codes, base: Codes) -> Codes:
    return remap[0][base] if len(remap) == 1 else np.concatenate([remap[:, slot] for slot in base], axis=0)


def make(features: Sequence[Feature]) -> tuple[Atom, ...]:
    """Every atom of every feature."""
    atoms = [atom for made in each(_of_feature, features) for atom in made]
    atoms.extend(_name_pairs(features))
    return tuple(atom for atom in atoms if _tells(atom.codes))


def _of_feature(feature: Feature) -> list[Atom]:
    keys = feature.column
    atoms = [
        _atom(feature, label, survives, None if derived is None else _recoded(derived(keys)))
        for label, derived, survives in _DERIVED.get(feature.comparison, _TEXT)
    ]
    if feature.comparison in ("text", "street", "own"):
        atoms.append(_atom(feature, ".token", (1.0, 0.9, 0.3), _rarest_tokens(keys)))
    return atoms


def _tells(codes: Codes) -> bool:
    """An atom that is everywhere missing makes no block, nor one that is the same in many rows."""
    present = codes[codes >= 0]
    return len(present) > 1 and (len(present) <= FEW or bool((present != present[0]).any()))


def _atom(feature: Feature, label: str, survives: tuple[float, float, float], remap: Codes | None) -> Atom:
    name = f"{feature.name}{label}"
    return Atom(name, feature.name, feature.comparison, feature.group, feature.codes, survives, remap)


def _recoded(derived: pa.Array) -> Codes:
    """Codes of derived values, -1 for an empty one and for a code of -1."""
    if not pa.types.is_integer(derived.type):
        derived = pc.if_else(pc.equal(pc.binary_length(derived), 0), None, derived)
    codes = pc.fill_null(pc.dictionary_encode(derived).indices, -1).to_numpy(zero_copy_only=False)
    return np.append(codes, -1).astype(np.int32)[np.newaxis, :]


def _rarest_tokens(keys: pa.Array) -> Codes:
    """The rarest tokens of each text: two texts about one thing share a rare word more often than a beginning."""
    words = pc.split_pattern(keys, " ")
    encoded = pc.dictionary_encode(words.flatten())
    tokens = encoded.indices.to_numpy(zero_copy_only=False).astype(np.uint64)
    owner = np.repeat(np.arange(len(keys), dtype=np.uint64), pc.list_value_length(words).to_numpy(zero_copy_only=False))
    once = np.unique((owner << np.uint64(32)) | tokens)
    owner, tokens = once >> np.uint64(32), once & np.uint64(0xFFFFFFFF)
    spelt = np.argsort(pc.array_sort_indices(encoded.dictionary).to_numpy(zero_copy_only=False))
    often = np.bincount(tokens.astype(np.int64), minlength=len(spelt))
    rank = np.argsort(np.lexsort((spelt, often))).astype(np.uint64)
    long = pc.greater(pc.utf8_length(encoded.dictionary), 1).to_numpy(zero_copy_only=False)
    wanted = long[tokens] if len(long) else np.zeros(0, bool)
    ranked = np.sort((owner[wanted] << np.uint64(32)) | rank[tokens[wanted]])
    owner, token = (ranked >> np.uint64(32)).astype(np.int64), (ranked & np.uint64(0xFFFFFFFF)).astype(np.int32)
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    remap = np.full((RAREST_TOKENS, len(keys) + 1), -1, np.int32)
    few = place < RAREST_TOKENS
    remap[place[few], owner[few]] = token[few]
    return remap


def _name_pairs(features: Sequence[Feature]) -> Iterable[Atom]:
    """Given and family name in either order: survives a swap of the two."""
    by_field: dict[str, dict[str, Feature]] = {}
    for feature in features:
        by_field.setdefault(feature.field, {})[feature.comparison] = feature
    for field, parts in by_field.items():
        if "given" in parts and "family" in parts:
            given, family = parts["given"].codes[0].astype(np.int64), parts["family"].codes[0].astype(np.int64)
            low, high = np.minimum(given, family), np.maximum(given, family)
            both = np.where(low < 0, -1, low * (high.max(initial=0) + 1) + high)
            base = _ranks(both)[np.newaxis, :]
            yield Atom(f"{field}.names", parts["family"].name, "names", "name", base, (1.0, 0.0, 0.0))


def _ranks(numbers: npt.NDArray[np.int64]) -> Codes:
    """The rank of each number among those that there are, -1 for -1; a dictionary of millions takes far more room."""
    order = np.argsort(numbers)
    ranked = numbers[order]
    new = ranked >= 0
    new[1:] &= ranked[1:] != ranked[:-1]
    codes = np.empty(len(numbers), np.int32)
    codes[order] = np.cumsum(new, dtype=np.int32) - 1
    return codes


_EXACT = ("", None, (1.0, 0.0, 0.0))
_TEXT: tuple[tuple[str, Derive | None, tuple[float, float, float]], ...] = (
    _EXACT,
    (".start", derive.prefix(6), (1.0, 0.7, 0.1)),
)
_CODE = (_EXACT,)
_DERIVED: dict[str, tuple[tuple[str, Derive | None, tuple[float, float, float]], ...]] = {
    "given": (
        _EXACT,
        (".3", derive.prefix(3), (1.0, 0.7, 0.1)),
        (".sound", derive.sounds, (1.0, 0.6, 0.05)),
        (".1", derive.prefix(1), (1.0, 0.9, 0.4)),
    ),
    "family": (
        _EXACT,
        (".4", derive.prefix(4), (1.0, 0.65, 0.05)),
        (".sound", derive.sounds, (1.0, 0.6, 0.05)),
        (".1", derive.prefix(1), (1.0, 0.9, 0.1)),
    ),
    "middle": (),
    "suffix": (),
    "nickname": (),
    "date": (_EXACT, (".year", derive.year, (1.0, 0.6, 0.2)), (".monthday", derive.month_day, (1.0, 0.4, 0.05))),
    "email": (
        _EXACT,
        (".local", derive.local, (1.0, 0.5, 0.3)),
        (".letters", derive.local_letters, (1.0, 0.5, 0.35)),
    ),
    "alias": _CODE,
    "mailbox": _CODE,
    "phone": (_EXACT, (".7", derive.last(7), (1.0, 0.3, 0.0)), (".4", derive.last(4), (1.0, 0.6, 0.0))),
    "account": (_EXACT, (".squeezed", derive.squeezed, (1.0, 0.5, 0.1)), (".stem", derive.stem, (1.0, 0.7, 0.2))),
    "url": (_EXACT, (".host", derive.host, (1.0, 0.8, 0.2))),
    "house": _CODE,
    "unit": (),
    "street": (_EXACT, (".start", derive.prefix(5), (1.0, 0.7, 0.05))),
    "city": (_EXACT, (".4", derive.prefix(4), (1.0, 0.7, 0.05))),
    "state": _CODE,
    "postcode": (_EXACT, (".3", derive.prefix(3), (1.0, 0.7, 0.1))),
    "country": (),
    "code": (_EXACT, (".half", derive.half, (1.0, 0.5, 0.05))),
    "number": _CODE,
    "category": _CODE,
}


def derivation(comparison: str, label: str) -> Derive | None:
    """How the atom with this label is derived from the values of a feature; None for the values themselves.

    >>> derivation("postcode", ".3")(pa.array(["02139"])).to_pylist()
    ['021']
    """
    return {name: derived for name, derived, _ in _DERIVED.get(comparison, _TEXT)}[label]
