"""What blocking misses: true pairs that no key finds, drawn from a fit.

Keys find pairs that agree on something, so true pairs are missed that agree on too little. They are drawn instead:
which values are there comes from rows of the tables, how values differ from the fit, and whether a key finds the pair
from the atoms that candidates share which agree so and were found by keys of other features. The share that is found is
the recall to be expected, and says how many matches there are beyond those among the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.blocking import Atom, Key, Order, draw_rows
from socialmerge.matching.apart import found_apart, numbered, shared_atoms, teaching
from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.weigh import Fit, score

__all__ = ["Drawn", "Draws", "prepare"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

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

    ``left`` and ``right`` are rows, ``of_feature``, ``of_atom`` and ``of_sample`` numbers of shape (features or atoms,
    pairs). ``apart`` says for each feature which candidates it learns from. ``sample`` are some of them, ``shared``
    which atoms these share: bool of shape (atoms, pairs).
    """

    comparers: tuple[Comparer, ...]
    atoms: tuple[Atom, ...]
    keys: tuple[tuple[int, ...], ...]
    left: Rows
    right: Rows
    of_feature: Array
    of_atom: Array
    of_sample: Array
    apart: Mask
    sample: Compared
    shared: Mask

    def of(self, fitted: Fit) -> Drawn:
        """Draw true pairs whose features agree as a fit says."""
        plain, states = _states(self, fitted)
        level = {c.feature.name: _closeness(c, one) for c, one in zip(self.comparers, plain, strict=True)}
        agree = _agreed(self, score(self.comparers, fitted, self.sample).probability, level)
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
    left, right, compared = candidates
    some = _in_order(left, right, order)[:: max(1, len(left) // SAMPLE)]
    one, other = draw_rows(random, rows, left_rows, DRAWN, order)
    at, shared = numbered(atoms, keys), shared_atoms(atoms, left, right)
    return Draws(
        tuple(comparers),
        tuple(atoms),
        at,
        one.astype(np.int32),
        other.astype(np.int32),
        random.random((len(comparers), DRAWN)),
        random.random((len(atoms), DRAWN)),
        random.random((len(comparers), DRAWN)),
        teaching(found_apart(comparers, atoms, at, shared)),
        compared.take(some),
        shared[:, some],
    )


def _in_order(left: Rows, right: Rows, order: Order) -> Ints:
    """Pairs of rows in the order of their rows."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    one, other = place[left], place[right]
    return np.argsort(np.minimum(one, other) * len(order) + np.maximum(one, other))


def _agreed(draws: Draws, match: Array, level: dict[str, Ints]) -> tuple[Mask, ...]:
    """Which drawn pairs share each atom, as sampled candidates do that agree in a feature as they do.

    The atoms of one feature hang together (who shares a sound shares its first letter), so they are taken together
    from one candidate, by its probability of a match. Only pairs that keys of other features find say what those of
    one survive.
    """
    plain = _without_contexts(draws)
    others = found_apart(draws.comparers, draws.atoms, draws.keys, draws.shared)
    agree = [np.zeros(DRAWN, bool) for _ in draws.atoms]
    for row, comparer in enumerate(draws.comparers):
        here = level[comparer.feature.name]
        weight = np.where(others[row], match, 0.0)
        like = _like(_closeness(comparer, plain[row]), weight, here, draws.of_sample[row])
        for number, atom in enumerate(draws.atoms):
            if atom.feature == comparer.feature.name and atom.comparison != "names":
                agree[number] = draws.of_atom[number] < np.array((*atom.survives, 0.0))[here]
                agree[number][like >= 0] = draws.shared[number][like[like >= 0]]
    for number, atom in enumerate(draws.atoms):
        if atom.comparison == "names" and atom.feature in level:
            agree[number] = _whole(draws, level, atom) == EXACT
    return tuple(agree)


def _like(sampled: Ints, weight: Array, drawn: Ints, random: Array) -> Ints:
    """For each drawn pair a sampled one that agrees as closely, by weight; -1 for one that is as usual."""
    like = np.full(len(drawn), -1)
    for close in (EXACT, CLOSE, DIFFERENT):
        there, wanted = np.flatnonzero((sampled == close) & (weight > 0)), np.flatnonzero(drawn == close)
        ends = SURVIVES_PAIRS + np.cumsum(weight[there])
        total = ends[-1] if len(ends) else SURVIVES_PAIRS
        at = random[wanted] * total
        learned = at >= SURVIVES_PAIRS
        place = np.minimum(np.searchsorted(ends, at[learned], side="right"), len(there) - 1)
        like[wanted[learned]] = there[place]
    return like


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


def _whole(draws: Draws, level: dict[str, Ints], atom: Atom) -> Ints:
    """How closely the whole name of each drawn pair agrees: as its part that agrees less."""
    field, at = atom.name.rpartition(".")[0], level[atom.feature]
    for comparer in draws.comparers:
        if comparer.feature.comparison == "given" and comparer.feature.field == field:
            at = np.maximum(at, level[comparer.feature.name])
    return at
