"""Cluster rows into people: by the evidence inside a group, not by chains of pairs.

Components of accepted pairs are only a start. Inside each, every pair is scored, also those that blocking missed, and
the component is divided so that the sum of evidence within clusters is greatest: average-linkage merging, then single
moves.

Method: correlation clustering (Bansal, Blum and Chawla, 2004), greedy agglomeration with local moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.components import components

__all__ = ["Clusters", "cluster"]

Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
ScorePairs = Callable[[Rows, Rows], Array]

LARGEST = 400
"""A component above this many rows is first cut by asking for stronger links."""

VETO, MOST_AGAINST = -35.0, 1e4
"""Log-odds, in bits, below which nothing in favour of a pair's cluster can bring the two together."""

EVIDENCE_LIMIT = 12.0
"""Bits beyond which one pair's evidence for or against counts no more inside a cluster."""

BEYOND, ALIKE = 1e-6, 1e-5
"""What evidence beyond counts, and how alike rows are: two pairs that are as good must not go in the order of rows."""

BATCH_PAIRS = 1_000_000
"""Cells of tables of evidence, a row for a row of a component, that are held at one time."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """``labels[row]`` is the smallest row of the row's cluster; ``probability[row]`` that the row belongs there."""

    labels: Labels
    probability: Array


def cluster(
    rows: int, left: Rows, right: Rows, log_odds: Array, score_pairs: ScorePairs, *, alike: ScorePairs | None = None
) -> Clusters:
    """Divide ``rows`` rows by scored pairs; ``score_pairs`` gives the log-odds, in bits, of pairs not scored before.

    Of two rows that fit a third equally well, and not each other, the one that is more ``alike`` (0 to 1) goes with it.

    >>> found = cluster(3, np.array([0], np.int32), np.array([2], np.int32), np.array([9.0]), lambda one, other: None)
    >>> found.labels.tolist()
    [0, 1, 0]
    """
    labels = _components(rows, left, right, log_odds, 0.0)
    for members in _batches(labels):
        evidence = score_pairs(*_pairs(members)).reshape(len(members), -1)
        doubtful = evidence.min(axis=1) <= 0  # the others stay whole
        apart, evidence = members[doubtful], evidence[doubtful]
        counted = np.clip(evidence, -EVIDENCE_LIMIT, EVIDENCE_LIMIT) + BEYOND * np.maximum(evidence, VETO)
        if alike is not None and len(apart):
            counted += ALIKE * alike(*_pairs(apart)).reshape(counted.shape)
        within = _divided(members.shape[1], np.where(evidence < VETO, -MOST_AGAINST, counted))
        labels[apart] = np.take_along_axis(apart, within, axis=1)
    return Clusters(labels, _membership(rows, labels, left, right, log_odds))


def _pairs(members: Labels) -> tuple[Rows, Rows]:
    """The pairs of rows of each group, group by group."""
    one, other = np.triu_indices(members.shape[1], 1)
    return members[:, one].ravel().astype(np.int32), members[:, other].ravel().astype(np.int32)


def _components(rows: int, left: Rows, right: Rows, log_odds: Array, threshold: float) -> Labels:
    """Label components of the pairs above a threshold; components that are too large are cut at a higher one."""
    labels = np.arange(rows, dtype=np.int64)
    keep = log_odds > threshold
    left, right, log_odds = left[keep], right[keep], log_odds[keep]
    while len(left):
        found = components(rows, left, right)
        small = np.bincount(found)[found] <= LARGEST
        free = small & (labels == np.arange(rows))
        labels[free] = found[free]
        threshold += 3.0
        stay = ~small[left] & (log_odds > threshold)
        left, right, log_odds = left[stay], right[stay], log_odds[stay]
    return labels


def _batches(labels: Labels) -> Iterator[Labels]:
    """Groups of three rows or more, of one size each time: rows of shape (groups, size), as many as fit in memory."""
    members = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[members], prepend=-1))
    sizes = np.diff(np.append(starts, len(members)))
    for size in np.unique(sizes[sizes > 2]).tolist():
        of_size = starts[sizes == size]
        step = max(1, BATCH_PAIRS // (size * size))
        for first in range(0, len(of_size), step):
            yield members[of_size[first : first + step, np.newaxis] + np.arange(size)]


def _divided(size: int, upper: Array) -> Labels:
    """Labels (smallest member) of components of one size from the evidence of their pairs: (components, size)."""
    evidence = np.zeros((len(upper), size, size))
    one, other = np.triu_indices(size, 1)
    evidence[:, one, other] = upper
    evidence[:, other, one] = upper
    return _moved(evidence, _agglomerated(evidence))


def _agglomerated(evidence: Array) -> Labels:
    """In each component, merge the two clusters with the greatest average evidence while it is positive."""
    count, size, _ = evidence.shape
    labels = np.tile(np.arange(size), (count, 1))
    between, weight = evidence.copy(), np.ones((count, size))
    between[:, np.arange(size), np.arange(size)] = -np.inf
    active = np.arange(count)
    for _ in range(size - 1):
        average = (between / (weight[:, :, np.newaxis] * weight[:, np.newaxis, :])).reshape(len(active), size * size)
        best = average.argmax(axis=1)
        going = average[np.arange(len(active)), best] > 0
        active, between, weight, best = active[going], between[going], weight[going], best[going]
        if not len(active):
            break
        one, other = np.minimum(*divmod(best, size)), np.maximum(*divmod(best, size))
        at = np.arange(len(active))
        between[at, one] += between[at, other]
        between[at, :, one] = between[at, one]
        between[at, other] = -np.inf
        between[at, :, other] = -np.inf
        between[at, one, one] = -np.inf
        weight[at, one] += weight[at, other]
        labels[active] = np.where(labels[active] == other[:, np.newaxis], one[:, np.newaxis], labels[active])
    return labels


def _moved(evidence: Array, labels: Labels) -> Labels:
    """In each component, move single rows to the cluster with the greatest sum of evidence until nothing gains."""
    count, size = labels.shape
    active = np.arange(count)
    for _ in range(10):
        found = labels[active]
        for row in range(size):
            found[:, row] = _moved_row(evidence[active, row], found, row)
        moved = (found != labels[active]).any(axis=1)
        labels[active] = found
        active = active[moved]
        if not len(active):
            break
    smallest = np.full((count, size), size)
    np.minimum.at(smallest, (np.arange(count)[:, np.newaxis], labels), np.arange(size))
    return np.take_along_axis(smallest, labels, axis=1)


def _moved_row(evidence: Array, labels: Labels, row: int) -> npt.NDArray[np.int64]:
    """The new label of one row of each component; ``evidence`` is that row's, of shape (components, size)."""
    count, size = labels.shape
    at = np.arange(count)
    cell = (at[:, np.newaxis] * size + labels).ravel()
    pull = np.bincount(cell, weights=evidence.ravel(), minlength=count * size).reshape(count, size)
    used = np.bincount(cell, minlength=count * size).reshape(count, size)
    own = labels[:, row]
    stay, best = pull[at, own], pull.argmax(axis=1)
    gains = (pull[at, best] > np.maximum(stay, 0.0) + 1e-9) & (best != own)
    leaves = ~gains & (stay < 0) & (used[at, own] > 1)
    return np.where(gains, best, np.where(leaves, (used > 0).argmin(axis=1), own))


def _membership(rows: int, labels: Labels, left: Rows, right: Rows, log_odds: Array) -> Array:
    """For a row with company the probability of its best link inside, for one alone that of having no link at all."""
    chance = 1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000)))
    inside = labels[left] == labels[right]
    within, outside = np.zeros(rows), np.zeros(rows)
    for side in (left, right):
        np.maximum.at(within, side[inside], chance[inside])
        np.maximum.at(outside, side[~inside], chance[~inside])
    company = np.bincount(labels, minlength=rows)[labels] > 1
    return np.where(company, within, 1 - outside)
