"""What blocking misses: true pairs that no key finds, drawn from a fit.

Keys find pairs that agree on something, so the matches among candidates agree more than matches do. Those that are not
there to be counted are drawn instead: which values are there comes from rows of the tables, how values differ from the
fit, and whether a key finds the pair from what each atom survives, which is learned from pairs that the keys of
other features found. The share that is found is the recall to be expected, and says how many matches there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from socialmerge.blocking import Atom, Key, Order, draw_rows
from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.weigh import Fit, score

__all__ = ["Drawn", "Draws", "prepare"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Survives: TypeAlias = tuple[float, float, float, float]

DRAWN = 4_000
SAMPLE = 50_000
"""Candidates from which it is learned what atoms survive."""
SURVIVES_PAIRS = 20.0
"""Pairs that the usual share of what an atom survives is worth."""
FINE = 4
"""From this many levels up, the lowest above *else* is no close agreement."""
EXACT, CLOSE, DIFFERENT, MISSING = range(4)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Drawn true pairs: their states (features, pairs), which share each atom, and which a key finds."""

    states: States
    agree: tuple[Mask, ...]
    found: Mask

    @property
    def recall(self) -> float:
        """Share of the drawn pairs that a key finds."""
        return float(self.found.mean())


@dataclass(frozen=True, slots=True)
class Draws:
    """Random numbers that stay the same from one fit to the next, so that one fit always draws the same pairs.

    ``left`` and ``right`` are rows, ``of_feature`` and ``of_atom`` numbers of shape (features or atoms, pairs).
    ``sample`` are some candidates, ``shared`` which atoms they share: bool of shape (atoms, pairs).
    """

    comparers: tuple[Comparer, ...]
    atoms: tuple[Atom, ...]
    keys: tuple[tuple[int, ...], ...]
    left: Rows
    right: Rows
    of_feature: Array
    of_atom: Array
    sample: Compared
    shared: Mask

    def of(self, fitted: Fit) -> Drawn:
        """Draw true pairs whose features agree as a fit says."""
        survives = _learned(self, score(self.comparers, fitted, self.sample).probability)
        plain, states = _states(self, fitted)
        level = {c.feature.name: _closeness(c, one) for c, one in zip(self.comparers, plain, strict=True)}
        agree = tuple(_shared(self, level, number, survives[number]) for number in range(len(self.atoms)))
        found = np.zeros(DRAWN, bool)
        for key in self.keys:
            found |= np.logical_and.reduce([agree[number] for number in key])
        return Drawn(states, agree, found)


def prepare(
    comparers: Sequence[Comparer],
    atoms: Sequence[Atom],
    keys: Sequence[Key],
    candidates: tuple[Rows, Rows, Compared],
    *,
    rows: int,
    left_rows: int,
    seed: int,
    order: Order,
) -> Draws:
    """Draw rows and numbers once; ``candidates`` are rows and agreement of pairs that the keys found.

    Rows are drawn by their places in ``order``, and candidates are taken in it.
    """
    random = np.random.default_rng(seed)
    place = {atom.name: number for number, atom in enumerate(atoms)}
    left, right, compared = candidates
    some = _in_order(left, right, order)[:: max(1, len(left) // SAMPLE)]
    one, other = draw_rows(random, rows, left_rows, DRAWN, order)
    return Draws(
        tuple(comparers),
        tuple(atoms),
        tuple(tuple(place[name] for name in key.atoms) for key in keys if set(key.atoms) <= place.keys()),
        one.astype(np.int32),
        other.astype(np.int32),
        random.random((len(comparers), DRAWN)),
        random.random((len(atoms), DRAWN)),
        compared.take(some),
        _share(atoms, left[some], right[some]),
    )


def _in_order(left: Rows, right: Rows, order: Order) -> Ints:
    """Pairs of rows in the order of their rows; as they came where the rows are as they came."""
    if (order == np.arange(len(order))).all():
        return np.arange(len(left))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    one, other = place[left], place[right]
    return np.argsort(np.minimum(one, other) * len(order) + np.maximum(one, other))


def _share(atoms: Sequence[Atom], left: Rows, right: Rows) -> Mask:
    """Which atoms pairs of rows share: bool of shape (atoms, pairs)."""
    found = np.zeros((len(atoms), len(left)), bool)
    for number, atom in enumerate(atoms):
        ones, others = atom.of(left), atom.of(right)
        for one in ones:
            found[number] |= ((one >= 0) & (one == others)).any(axis=0)
    return found


def _learned(draws: Draws, match: Array) -> list[Survives]:
    """What each atom survives, from sampled candidates and their probabilities of a match.

    Only pairs that keys of other features find say what the atoms of one survive.
    """
    plain = _without_contexts(draws)
    level = {c.feature.name: _closeness(c, one) for c, one in zip(draws.comparers, plain, strict=True)}
    by_key = [np.logical_and.reduce(draws.shared[list(key)]) for key in draws.keys]
    held = [{draws.atoms[number].feature for number in key} for key in draws.keys]
    wholes = [any(draws.atoms[number].comparison == "names" for number in key) for key in draws.keys]
    found: list[Survives] = []
    for number, atom in enumerate(draws.atoms):
        usual = np.array(atom.survives)
        others = [
            hits
            for hits, names, whole in zip(by_key, held, wholes, strict=True)
            if atom.feature not in names and not (whole and atom.group == "name")
        ]
        if atom.comparison == "names" or not others or atom.feature not in level:
            found.append((*atom.survives, 0.0))
            continue
        weight = np.where(np.logical_or.reduce(others), match, 0.0)
        at = level[atom.feature]
        total = np.bincount(at, weights=weight, minlength=4)[:MISSING] + SURVIVES_PAIRS
        kept = np.bincount(at, weights=weight * draws.shared[number], minlength=4)[:MISSING] + SURVIVES_PAIRS * usual
        exact, close, different = (kept / total).tolist()
        found.append((exact, close, different, 0.0))
    return found


def _states(draws: Draws, fitted: Fit) -> tuple[States, States]:
    """States without and with their contexts; a feature is drawn after those that its context is made of."""
    comparers = draws.comparers
    plain = np.zeros((len(comparers), DRAWN), np.uint8)
    folded = plain.copy()
    tops = [comparer.levels.top for comparer in comparers]
    for row in sorted(range(len(comparers)), key=lambda row: _depth(comparers[row])):
        comparer, levels = comparers[row], len(comparers[row].levels.labels)
        context = comparer.dependence.of(tops, plain, draws.left, draws.right)
        ends = np.cumsum(np.reshape(fitted.fields[row].match, (-1, levels)), axis=1)[:, :-1]
        drawn = 1 + (draws.of_feature[row] >= ends[context].T).sum(axis=0)
        codes = comparer.feature.codes
        there = (codes[:, draws.left] >= 0).any(axis=0) & (codes[:, draws.right] >= 0).any(axis=0)
        plain[row] = np.where(there, drawn, 0)
        folded[row] = np.where(there, drawn + context.astype(np.int64) * levels, 0)
    return plain, folded


def _depth(comparer: Comparer) -> int:
    """How many features come before in a context; names come before what is made of them."""
    dependence = comparer.dependence
    return len(dependence.names) if dependence.names else len(dependence.earlier)


def _without_contexts(draws: Draws) -> States:
    states = draws.sample.states.astype(np.int64)
    levels = np.array([len(comparer.levels.labels) for comparer in draws.comparers])[:, np.newaxis]
    return np.where(states > 0, (states - 1) % levels + 1, 0).astype(np.uint8)


def _closeness(comparer: Comparer, states: npt.NDArray[np.uint8]) -> Ints:
    """Whether the feature of each pair agrees exactly, closely, not, or is missing."""
    top = comparer.levels.top
    close = states > (2 if top >= FINE else 1)
    return np.where(states == 0, MISSING, np.where(states == top + 1, EXACT, np.where(close, CLOSE, DIFFERENT)))


def _shared(draws: Draws, level: dict[str, Ints], number: int, survives: Survives) -> Mask:
    """Which drawn pairs share an atom."""
    atom = draws.atoms[number]
    if atom.feature not in level:
        return np.zeros(DRAWN, bool)
    at = level[atom.feature]
    if atom.comparison == "names":
        field = atom.name.rpartition(".")[0]
        for comparer in draws.comparers:
            if comparer.feature.comparison == "given" and comparer.feature.field == field:
                at = np.maximum(at, level[comparer.feature.name])
    shared: Mask = draws.of_atom[number] < np.array(survives)[at]
    return shared
