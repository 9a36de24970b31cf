"""The local engine: every stage in one process, on numpy and Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking import (
    Atom,
    Budget,
    Candidates,
    Key,
    KeyReport,
    build_pairs,
    choose_keys,
    make_atoms,
    sample_others,
)
from socialmerge.errors import PlanError
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.weigh import FieldWeights, Fit, Labelled, fit, score
from socialmerge.normalise.features import Feature, build
from socialmerge.plan import Plan

__all__ = ["Known", "LocalEngine", "Matched", "Progress", "align"]

Progress = Callable[[str, int, int], None]
Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]

BYTES_PER_PAIR = 200
"""What comparing one pair takes at most while its chunk is worked on, for each feature."""
OTHERS = 400_000
FIT_PAIRS = 3_000_000
"""Candidates beyond this many are sampled for the fit; all are scored."""


@dataclass(frozen=True, slots=True)
class Known:
    """Pairs that people decided: rows of the left and of the right table, int32, and whether they are one person."""

    left: Rows
    right: Rows
    same: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Matched:
    """Scored pairs of one run.

    ``left`` and ``right`` are int32 row numbers over the left table's rows followed by the right's; ``weight`` is in bits
    without the prior, ``log_odds`` in bits with it.
    """

    comparers: tuple[Comparer, ...]
    fitted: Fit
    left_rows: int
    rows: int
    left: Rows
    right: Rows
    weight: Array
    log_odds: Array
    keys: tuple[Key, ...]
    reports: tuple[KeyReport, ...]
    expected_recall: float
    candidates: int
    warnings: tuple[str, ...] = ()

    def score(self, left: Rows, right: Rows) -> Array:
        """Log-odds in bits of any pairs of rows."""
        return np.concatenate([
            score(self.comparers, self.fitted, compare(self.comparers, left[part], right[part])).weight + self.fitted.prior
            for part in _chunks(len(left), RESCORE_CHUNK)
        ] or [np.empty(0)])


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Run in this process. ``memory_limit_mb`` bounds what pairs may take at one time; rows are held in memory."""

    memory_limit_mb: int = 1024
    seed: int = 7

    def match(
        self,
        plan: Plan,
        right: pa.Table,
        left: pa.Table | None = None,
        progress: Progress | None = None,
        known: Known | None = None,
    ) -> Matched | None:
        """Block, compare and weigh: a table with itself, or ``left`` with ``right``.

        ``known`` are pairs that people decided; the fit learns from them.

        Returns:
            The scored pairs, or None when there is nothing to compare: a side has no row, or no field has a value.

        Raises:
            PlanError: a key is unknown, or the plan's weights are of another comparison.
        """
        say = progress or _silent
        left_rows = left.num_rows if left is not None else 0
        rows = right.num_rows + left_rows
        say("normalise", 0, 1)
        features = build(plan.fields, right, left) if rows > max(left_rows, 1) and (left is None or left_rows) else ()
        if not features:
            return None
        comparers = prepare(features)
        say("block", 0, 1)
        budget = Budget()
        atoms = make_atoms(features)
        if plan.keys:
            keys, recall = tuple(resolve(key, atoms, features) for key in plan.keys), float("nan")
        else:
            choice = choose_keys(atoms, rows, left_rows, budget, self.seed)
            keys, recall = choice.keys, choice.expected_recall
        candidates = build_pairs(atoms, keys, left_rows, budget)
        if plan.weights:
            fitted = align(plan.weights, comparers)
        else:
            fitted = self._fit(comparers, candidates, rows, left_rows, say, known)
        kept = self._score(comparers, fitted, candidates, say)
        weight, log_odds = kept[2], kept[2] + fitted.prior
        return Matched(
            comparers, fitted, left_rows, rows, kept[0], kept[1], weight, log_odds, keys, candidates.reports, recall, len(candidates.left), tuple(_dropped(candidates.reports)),
        )

    def _fit(
        self, comparers: Sequence[Comparer], candidates: Candidates, rows: int, left_rows: int, say: Progress, known: Known | None
    ) -> Fit:
        say("fit", 0, 1)
        labelled = None
        if known is not None and len(known.left):
            labelled = Labelled(compare(comparers, known.left, (known.right + left_rows).astype(np.int32)), known.same)
        pairs = left_rows * (rows - left_rows) if left_rows else rows * (rows - 1) // 2
        step = max(1, -(-len(candidates.left) // FIT_PAIRS))
        seen = self._compare(comparers, candidates.left[::step], candidates.right[::step])
        others = sample_others(candidates, rows, left_rows, size=min(OTHERS, max(20 * pairs, 1000)), seed=self.seed)
        return fit(comparers, seen, self._compare(comparers, *others), pairs=float(max(pairs, 1)), rows=rows, sampled=float(step), labelled=labelled)

    def _chunk(self, comparers: Sequence[Comparer]) -> int:
        return int(np.clip(self.memory_limit_mb * 2**20 / 4 / (BYTES_PER_PAIR + 5 * len(comparers)), 10_000, 1_000_000))

    def _compare(self, comparers: Sequence[Comparer], left: Rows, right: Rows) -> Compared:
        parts = [compare(comparers, left[part], right[part]) for part in _chunks(len(left), self._chunk(comparers))]
        if not parts:
            return compare(comparers, left, right)
        return Compared(np.concatenate([p.states for p in parts], axis=1), np.concatenate([p.rarity for p in parts], axis=1))

    def _score(self, comparers: Sequence[Comparer], fitted: Fit, candidates: Candidates, say: Progress) -> tuple[Rows, Rows, Array]:
        """Score the candidates chunk by chunk and keep those above the floor."""
        floor = np.log2(FLOOR / (1 - FLOOR)) - fitted.prior
        lefts, rights, weights = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.empty(0)]
        total = len(candidates.left)
        for part in _chunks(total, self._chunk(comparers)):
            left, right = candidates.left[part], candidates.right[part]
            weight = score(comparers, fitted, compare(comparers, left, right)).weight
            keep = weight >= floor
            lefts.append(left[keep])
            rights.append(right[keep])
            weights.append(weight[keep])
            say("compare", min(part.stop, total), total)
        return np.concatenate(lefts), np.concatenate(rights), np.concatenate(weights)


FLOOR = 1e-3
"""Pairs less probable than this are not kept."""


RESCORE_CHUNK = 200_000


def _chunks(total: int, size: int) -> Iterator[slice]:
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))


def _dropped(reports: Sequence[KeyReport]) -> Iterator[str]:
    for report in reports:
        if report.dropped_rows:
            yield (
                f"key {report.key!r}: {report.dropped_rows:,} rows share a value with so many others that no further value tells "
                "them apart; their pairs come from other keys only"
            )


def align(weights: Fit, comparers: Sequence[Comparer]) -> Fit:
    """Put a plan's weights in the order of the features at hand; a feature that they do not know weighs nothing.

    Raises:
        PlanError: the weights were fitted for another comparison of a field of the same name.
    """
    known = {field.name: field for field in weights.fields}
    found = []
    for comparer in comparers:
        name = comparer.feature.name
        field = known.get(name)
        if field is None:
            flat = (1.0 / comparer.states,) * comparer.states
            field = FieldWeights(name, flat, flat, flat)
        elif len(field.match) != comparer.states:
            msg = (
                f"the plan's weights for {name!r} have {len(field.match)} levels, but it is compared on {comparer.states} here; "
                "fit the plan again on these tables"
            )
            raise PlanError(msg)
        found.append(field)
    return replace(weights, fields=tuple(found))


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def resolve(key: Key, atoms: Sequence[Atom], features: Sequence[Feature]) -> Key:
    """Turn the fields that a key names into atoms: a field's own value, or for a name given and family in either order.

    Raises:
        PlanError: the key names neither a field with values nor an atom.
    """
    known = {atom.name for atom in atoms}
    found = []
    for name in key.atoms:
        exact = [feature.name for feature in features if feature.field == name and feature.name in known]
        if name in known:
            found.append(name)
        elif f"{name}.names" in known:
            found.append(f"{name}.names")
        elif exact:
            found.extend(exact)
        else:
            msg = f"key {str(key)!r}: {name!r} is neither a field with values nor an atom; atoms are {', '.join(sorted(known))}"
            raise PlanError(msg)
    return Key(tuple(found))
