"""Measures of quality as pure functions of arrays: precision and recall, B-cubed, thresholds, calibration.

Everything takes numpy arrays and loops over neither records nor pairs, so that a million records take seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Flags",
    "Floats",
    "Ints",
    "Rows",
    "Scores",
    "bcubed",
    "best_f1",
    "calibration",
    "pairs_inside",
    "pairwise",
    "reliability",
    "scores",
    "wilson",
]

Ints: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.int32] | NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall, and F1: their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Twice the product over the sum; 0 when both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def scores(right: int, found: int, wanted: int) -> Scores:
    """Scores of ``found`` answers of which ``right`` are right, where ``wanted`` were there to find.

    No answer is no error: precision is 1 when nothing was found, and recall is 1 when there was nothing to find.

    >>> scores(right=3, found=4, wanted=6)
    Scores(precision=0.75, recall=0.5)
    """
    return Scores(right / found if found else 1.0, right / wanted if wanted else 1.0)


def wilson(right: int, count: int, *, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % by default; (0, 1) when nothing was counted.

    >>> tuple(round(end, 4) for end in wilson(99, 100))
    (0.9455, 0.9982)
    """
    if count == 0:
        return 0.0, 1.0
    share, square = right / count, z * z
    middle = share + square / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    scale = 1 + square / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def pairs_inside(labels: Ints) -> int:
    """How many pairs of records share a label; ``labels`` are small whole numbers, one a record."""
    sizes = np.bincount(labels) if labels.size else np.zeros(0, np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _overlaps(clusters: Ints, entities: Ints) -> tuple[Ints, Ints, Ints]:
    """Each (cluster, entity) that shares records: its cluster, its entity, and how many they share."""
    width = int(entities.max()) + 1
    key = np.sort(clusters * width + entities)
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    shared = np.diff(np.append(starts, key.size))
    return key[starts] // width, key[starts] % width, shared


def pairwise(clusters: Ints, entities: Ints) -> Scores:
    """Scores of the pairs that share a cluster against the pairs that share an entity (one label a record each).

    >>> pairwise(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    Scores(precision=0.3333333333333333, recall=0.5)
    """
    if clusters.size == 0:
        return scores(0, 0, 0)
    shared = _overlaps(clusters, entities)[2]
    right = int((shared * (shared - 1) // 2).sum())
    return scores(right, pairs_inside(clusters), pairs_inside(entities))


def bcubed(clusters: Ints, entities: Ints) -> Scores:
    """B-cubed scores (Bagga and Baldwin, 1998): each record's precision and recall, averaged over the records.

    >>> bcubed(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    Scores(precision=0.6666666666666666, recall=0.75)
    """
    if clusters.size == 0:
        return scores(0, 0, 0)
    cluster, entity, shared = _overlaps(clusters, entities)
    squares = shared.astype(np.float64) ** 2
    precision = (squares / np.bincount(clusters)[cluster]).sum() / clusters.size
    recall = (squares / np.bincount(entities)[entity]).sum() / clusters.size
    return Scores(float(precision), float(recall))


def best_f1(probability: Floats, right: Flags, wanted: int) -> tuple[float, float]:
    """The greatest F1 that any one threshold on ``probability`` reaches, and that threshold (1 without pairs).

    The threshold is picked on the answers: it says how well the ranking could do, not how well a user would.
    """
    if probability.size == 0:
        return scores(0, 0, wanted).f1, 1.0
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    found = np.flatnonzero(last) + 1
    hits = np.cumsum(right[order])[last]
    f1 = 2 * hits / (found + wanted)
    best = int(f1.argmax())
    return float(f1[best]), float(ranked[found[best] - 1])


def reliability(probability: Floats, right: Flags, *, bins: int = 15) -> tuple[tuple[float, float, int], ...]:
    """For bins of equal mass: the mean probability, the share that is right, and how many pairs there are.

    Equal probabilities always share a bin, so the answer does not depend on the order of the pairs.

    >>> reliability(np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, True]), bins=2)
    ((0.1, 0.0, 2), (0.9, 1.0, 2))
    """
    if probability.size == 0:
        return ()
    ranked = np.sort(probability)
    edges = ranked[(np.arange(1, bins) * ranked.size) // bins]
    which = np.searchsorted(edges, probability, side="right")
    count = np.bincount(which)
    kept = np.flatnonzero(count)
    predicted = np.bincount(which, weights=probability)[kept] / count[kept]
    found = np.bincount(which, weights=right)[kept] / count[kept]
    return tuple(zip(predicted.tolist(), found.tolist(), count[kept].tolist(), strict=True))


def calibration(probability: Floats, right: Flags, *, bins: int = 15) -> tuple[float, float]:
    """Expected calibration error over bins of equal mass, and log loss (natural logarithm).

    Equal probabilities always share a bin, so the answer does not depend on the order of the pairs (Naeini
    et al., 2015, with bins of equal mass as in Nguyen and O'Connor, 2015). Both are 0 when there are no pairs.
    """
    if probability.size == 0:
        return 0.0, 0.0
    gaps = [abs(predicted - found) * count for predicted, found, count in reliability(probability, right, bins=bins)]
    tiny = np.finfo(np.float64).eps
    chance = np.clip(np.where(right, probability, 1 - probability), tiny, 1.0)
    return sum(gaps) / probability.size, float(-np.log(chance).mean())
