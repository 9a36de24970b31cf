"""Block keys: which atoms, alone or in pairs, find the pairs that are worth comparing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.atoms import Atom
from socialmerge.blocking.order import Order, draw_rows
from socialmerge.blocking.references import called
from socialmerge.errors import PlanError
from socialmerge.normalise.features import Feature
from socialmerge.parallel import each
from socialmerge.records import KeyFunction

__all__ = ["Budget", "Choice", "Key", "choose", "expect", "hashed", "resolve"]

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

SAMPLE_ROWS = 20_000
SIMULATED = 20_000
AT_ONCE = 1 << 16
"""Rows that are hashed at one time."""
MOST_VALUES = 16
"""Values a row beyond which a pair of atoms is no key: each of the one stands beside each of the other."""
WORTHWHILE_RECALL = 0.0005
"""A key that is expected to find fewer than this share of the true pairs anew is not worth its pairs."""
WORTHWHILE_YIELD = 1 / 1_000
"""Beyond the pairs that are free a key must find one true pair anew in so many that it costs."""
TRUE_PAIRS_A_ROW = 0.3
"""True pairs that are expected of a table whose share of duplicates nobody knows yet."""

# How often two records of one person agree on a feature exactly, closely, or not; used only to choose keys.
_AGREEMENT = {
    "given": (0.75, 0.15),
    "family": (0.75, 0.15),
    "names": (0.60, 0.0),
    "date": (0.80, 0.12),
    "email": (0.55, 0.15),
    "phone": (0.60, 0.10),
    "account": (0.55, 0.15),
    "text": (0.50, 0.30),
    "street": (0.70, 0.20),
}
_AGREEMENT_OTHERWISE = (0.70, 0.15)
_MOVED = 0.2
"""Share of pairs in which the whole address changed."""


@dataclass(frozen=True, slots=True)
class Key:
    """One atom, or two or more that must agree together; atoms are named ``feature`` or ``feature.atom``.

    With ``by``, a function of the caller's own or its reference, ``atoms`` are the fields whose values it is given.
    """

    atoms: tuple[str, ...]
    by: str | KeyFunction = ""

    def __str__(self) -> str:
        atoms = " + ".join(self.atoms)
        return f"{called(self.by)}({atoms})" if self.by else atoms


@dataclass(frozen=True, slots=True)
class Budget:
    """How many pairs a run may build: ``pairs_per_row`` on average, and blocks of at most ``block_rows`` rows.

    ``least_pairs`` may be built of any table, however small. Beyond ``free_pairs``, which take a second or two, a key
    must be worth the pairs that it costs.
    """

    pairs_per_row: float = 30.0
    block_rows: int = 200
    least_pairs: int = 300_000
    free_pairs: int = 2_000_000

    def limit(self, rows: int) -> float:
        """How many pairs may be built of so many rows."""
        return max(self.pairs_per_row * rows, self.least_pairs)


@dataclass(frozen=True, slots=True)
class Choice:
    """The keys chosen, the recall that the choice expects of them together, and the pairs it expects of each."""

    keys: tuple[Key, ...]
    expected_recall: float
    expected_pairs: tuple[int, ...]


def resolve(key: Key, atoms: Sequence[Atom], features: Sequence[Feature], fields: Collection[str] = ()) -> Key | None:
    """Turn the fields that a key names into atoms: a field's value, or for a name given and family in either order.

    Returns:
        The key; None where one of ``fields``, the plan's, has no values by which rows could be found in these tables.

    Raises:
        PlanError: the key names neither a field nor an atom.
    """
    known = {atom.name for atom in atoms}
    if key.by:
        return _resolve_own(key, known, {*fields, *(one.field for one in features), *(one.name for one in features)})
    found: list[str] = []
    for name in key.atoms:
        exact = [feature.name for feature in features if feature.field == name and feature.name in known]
        if name in known:
            found.append(name)
        elif f"{name}.names" in known:
            found.append(f"{name}.names")
        elif exact:
            found.extend(exact)
        elif name in fields or any(feature.name == name.rpartition(".")[0] for feature in features):
            return None
        else:
            there = ", ".join(sorted(known)) or "none"
            raise PlanError(f"key {str(key)!r}: {name!r} is neither a field with values nor an atom; atoms are {there}")
    return Key(tuple(found))


def _resolve_own(key: Key, atoms: Collection[str], fields: Collection[str]) -> Key | None:
    """A function of the caller's own is one atom, called as the key is."""
    unknown = next((name for name in key.atoms if name not in fields), None)
    if unknown is not None:
        there = ", ".join(sorted(fields)) or "none"
        raise PlanError(f"key {str(key)!r}: {unknown!r} is not a field with values; fields are {there}")
    return Key((str(key),)) if str(key) in atoms else None


def hashed(atoms: Sequence[Atom], rows: npt.NDArray[np.integer[Any]] | None = None) -> Hashes:
    """Codes of a key: uint64 of shape (values per row, rows); 0 where an atom is missing.

    Two keys that differ share a hash about once in 10^19 pairs, and then only a needless pair is built.
    """
    count = atoms[0].base.shape[1] if rows is None else len(rows)
    found = np.empty((prod(atom.values for atom in atoms), count), np.uint64)
    for start in range(0, count, AT_ONCE):
        part = slice(start, min(start + AT_ONCE, count))
        found[:, part] = _hashed(atoms, part if rows is None else rows[part])
    return found


def _hashed(atoms: Sequence[Atom], rows: slice | npt.NDArray[np.integer[Any]]) -> Hashes:
    combined = _coded(atoms[0], 0, rows)
    for position, atom in enumerate(atoms[1:], start=1):
        mixed = _coded(atom, position, rows)
        left, right = combined[:, np.newaxis, :], mixed[np.newaxis, :, :]
        both = _mix(left * np.uint64(0x9E3779B97F4A7C15) + right)
        both[(left == 0) | (right == 0)] = 0
        combined = both.reshape(-1, mixed.shape[1])
    return combined


def _coded(atom: Atom, position: int, rows: slice | npt.NDArray[np.integer[Any]]) -> Hashes:
    codes = atom.of(rows)
    mixed = _mix((codes.astype(np.int64) + 1).astype(np.uint64) + np.uint64(position << 40))
    mixed[codes < 0] = 0
    return mixed


def _mix(value: Hashes) -> Hashes:
    """Finaliser of splitmix64."""
    value = value ^ (value >> np.uint64(30))
    value = value * np.uint64(0xBF58476D1CE4E5B9)
    value = value ^ (value >> np.uint64(27))
    value = value * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def choose(
    atoms: Sequence[Atom],
    rows: int,
    left_rows: int,
    budget: Budget,
    seed: int = 7,
    *,
    agree: Sequence[Mask] | None = None,
    order: Order | None = None,
) -> Choice:
    """Choose keys greedily: most true pairs found anew for the pairs that they cost.

    The true pairs are simulated: which values are there comes from the table itself, how often a value changes between
    two records of one person from a table of usual rates; ``agree`` says instead for each atom which of some true
    pairs share it. ``left_rows`` is 0 for a table against itself; with ``order`` rows are drawn by their places in it.
    """
    candidates = list(_candidates(atoms))
    costs = _costs(atoms, candidates, rows, left_rows, budget)
    if not agree:
        beyond = {key for key, cost in zip(candidates, costs, strict=True) if cost > budget.free_pairs}
        agree = _with_either_order(atoms, _simulate(atoms, rows, left_rows, seed, order), beyond)
    limit = budget.limit(rows)
    covers = [np.logical_and.reduce([agree[i] for i in key]) for key in candidates]
    free = [i for i, cost in enumerate(costs) if cost <= limit]
    found = np.zeros(agree[0].shape if agree else (0,), bool)
    chosen: list[int] = []
    spent = 0.0
    while free:
        gains, dear = np.array([(covers[i] & ~found).mean() for i in free]), np.array([costs[i] for i in free])
        worth = gains / (dear + TRUE_PAIRS_A_ROW * rows)
        idle = (spent + dear > budget.free_pairs) & (gains * TRUE_PAIRS_A_ROW * rows < WORTHWHILE_YIELD * dear)
        worth[idle | (gains < WORTHWHILE_RECALL) | (spent + dear > limit)] = 0
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        pick = free.pop(best)
        found |= covers[pick]
        spent += costs[pick]
        chosen.append(pick)
    keys = tuple(Key(tuple(atoms[i].name for i in candidates[pick])) for pick in chosen)
    return Choice(keys, float(found.mean()) if found.size else 0.0, tuple(int(costs[pick]) for pick in chosen))


def expect(
    atoms: Sequence[Atom],
    keys: Sequence[Key],
    rows: int,
    left_rows: int,
    budget: Budget,
    *,
    seed: int = 7,
    order: Order | None = None,
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Expect of keys, before they are built, the pairs of each and the recall of each together with those before it."""
    place = {atom.name: number for number, atom in enumerate(atoms)}
    wanted = [tuple(place[name] for name in key.atoms) for key in keys]
    agree = _simulate(atoms, rows, left_rows, seed, order)
    found = np.zeros(SIMULATED, bool)
    recall = []
    for key in wanted:
        found = found | np.logical_and.reduce([agree[i] for i in key])
        recall.append(float(found.mean()))
    return tuple(int(cost) for cost in _costs(atoms, wanted, rows, left_rows, budget)), tuple(recall)


def _candidates(atoms: Sequence[Atom]) -> Iterator[tuple[int, ...]]:
    """Single atoms, then pairs of atoms of different features."""
    for i in range(len(atoms)):
        yield (i,)
    for i, j in combinations(range(len(atoms)), 2):
        one, other = atoms[i], atoms[j]
        names_again = "names" in (one.comparison, other.comparison) and one.group == other.group
        if one.feature != other.feature and not names_again and one.values * other.values <= MOST_VALUES:
            yield (i, j)


def _simulate(atoms: Sequence[Atom], rows: int, left_rows: int, seed: int, order: Order | None) -> list[Mask]:
    """For each atom, in which of the simulated true pairs both records share it."""
    random = np.random.default_rng(seed)
    left, right = draw_rows(random, rows, left_rows, SIMULATED, order)
    moved = random.random(SIMULATED) < _MOVED
    level: dict[str, npt.NDArray[np.int64]] = {}
    for atom in atoms:
        if atom.feature not in level:
            exact, close = _AGREEMENT.get(atom.comparison, _AGREEMENT_OTHERWISE)
            draw = random.random(SIMULATED)
            drawn = np.where(draw < exact, 0, np.where(draw < exact + close, 1, 2))
            level[atom.feature] = np.where(moved, 2, drawn) if atom.group == "place" else drawn
    agree = []
    for atom in atoms:
        chance = np.array(atom.survives)[level[atom.feature]]
        if atom.comparison == "names":
            chance = np.full(SIMULATED, _AGREEMENT["names"][0])
        present = [np.any(atom.of(side) >= 0, axis=0) for side in (left, right)]
        agree.append(present[0] & present[1] & (random.random(SIMULATED) < chance))
    return agree


def _with_either_order(atoms: Sequence[Atom], agree: Sequence[Mask], dear: Collection[tuple[int, ...]]) -> list[Mask]:
    """Who shares given and family name shares the two in either order: where that is dear, no key need ask for both."""
    place = {atom.name: number for number, atom in enumerate(atoms)}
    found = list(agree)
    for number, atom in enumerate(atoms):
        field = atom.name.removesuffix(".names")
        parts = tuple(place[name] for name in (f"{field}.given", f"{field}.family") if name in place)
        if atom.comparison == "names" and parts in dear:
            found[number] = found[number] | np.logical_and.reduce([agree[part] for part in parts])
    return found


def _costs(
    atoms: Sequence[Atom], candidates: Sequence[tuple[int, ...]], rows: int, left_rows: int, budget: Budget
) -> list[float]:
    """Expected pairs of each candidate, from a sample of the rows."""
    # one row of the sample stands for half a full block at most: else every value would look like a block over the cap
    size = max(SAMPLE_ROWS, 2 * rows // budget.block_rows)
    step = max(1.0, rows / size)
    sample = np.unique((np.arange(min(rows, size)) * step).astype(np.int64))
    scale = rows / max(len(sample), 1)
    is_left = sample < left_rows
    sampled = [replace(atom, base=atom.of(sample), remap=None) for atom in atoms]

    def cost(key: tuple[int, ...]) -> float:
        return _expected_pairs(hashed([sampled[i] for i in key]), is_left, scale, budget)

    return list(each(cost, candidates))


def _expected_pairs(codes: Hashes, is_left: Mask, scale: float, budget: Budget) -> float:
    side = np.broadcast_to(is_left, codes.shape)[codes != 0]
    # the lowest bit of a hash says which table the row is of, so that a plain sort keeps the two together
    ranked = np.sort((codes[codes != 0] << np.uint64(1)) | side)
    if not len(ranked):
        return 0.0
    starts = np.flatnonzero(np.r_[True, (ranked[1:] >> np.uint64(1)) != (ranked[:-1] >> np.uint64(1))])
    sizes = np.diff(np.r_[starts, len(ranked)]).astype(np.float64)
    lefts = np.add.reduceat((ranked & np.uint64(1)).astype(np.int64), starts).astype(np.float64)
    pairs = lefts * (sizes - lefts) if is_left.any() else sizes * (sizes - 1) / 2
    full = sizes * scale
    # a block over the cap is split by a further atom: about half a cap of partners a row remains
    capped = np.where(full > budget.block_rows, full * budget.block_rows / 2, pairs * scale * scale)
    return float(capped.sum())
