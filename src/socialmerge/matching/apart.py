"""Pairs that may teach a feature: those that a key without it found.

A key finds pairs because they agree on something. How often matches agree on that, the pairs that it found cannot say;
those that keys of other features found were not chosen for it, and can, as a second catch says what the first missed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from socialmerge.blocking import Atom, Key
from socialmerge.matching.compare import Comparer

__all__ = ["found_apart", "numbered", "shared_atoms", "teaching"]

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]


def numbered(atoms: Sequence[Atom], keys: Sequence[Key]) -> tuple[tuple[int, ...], ...]:
    """The numbers of the atoms of each key; keys of other atoms are left out."""
    place = {atom.name: number for number, atom in enumerate(atoms)}
    return tuple(tuple(place[name] for name in key.atoms) for key in keys if set(key.atoms) <= place.keys())


def shared_atoms(atoms: Sequence[Atom], left: Rows, right: Rows) -> Mask:
    """Which atoms pairs of rows share: bool of shape (atoms, pairs)."""
    found = np.zeros((len(atoms), len(left)), bool)
    for number, atom in enumerate(atoms):
        ones, others = atom.of(left), atom.of(right)
        for one in ones:
            found[number] |= ((one >= 0) & (one == others)).any(axis=0)
    return found


def found_apart(
    comparers: Sequence[Comparer], atoms: Sequence[Atom], keys: Sequence[tuple[int, ...]], shared: Mask
) -> Mask:
    """For each feature which pairs a key without it found: bool of shape (features, pairs).

    ``keys`` are numbers of atoms, ``shared`` is of `shared_atoms`.
    """
    found = np.zeros((len(comparers), shared.shape[1]), bool)
    for row, comparer in enumerate(comparers):
        for key in keys:
            if not any(_of(atoms[number], comparer) for number in key):
                found[row] |= np.logical_and.reduce(shared[list(key)])
    return found


def teaching(found: Mask) -> Mask:
    """For each feature the pairs that it learns from: those found apart, all where there are none."""
    return found | ~found.any(axis=1, keepdims=True)


def _of(atom: Atom, comparer: Comparer) -> bool:
    """Whether an atom is made of a feature; the whole name is of all parts of a name."""
    whole = atom.comparison == "names" and comparer.feature.group == atom.group
    return whole or atom.feature == comparer.feature.name
