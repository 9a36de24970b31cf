"""Cluster rows into people: by the evidence inside a group, not by chains of pairs.

Components of accepted pairs are only a start. Inside each, every pair is scored, also those that blocking missed, and
the component is divided so that the sum of evidence within clusters is greatest: average-linkage merging, then single
moves.

Method: correlation clustering (Bansal, Blum and Chawla, 2004), greedy agglomeration with local moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

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


BATCH_PAIRS = 500_000
"""Pairs inside components that are scored at one time."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """``labels[row]`` is the smallest row of the row's cluster; ``probability[row]`` that the row belongs there."""

    labels: Labels
    probability: Array


def cluster(rows: int, left: Rows, right: Rows, log_odds: Array, score_pairs: ScorePairs) -> Clusters:
    """Divide ``rows`` rows by scored pairs; ``score_pairs`` gives the log-odds, in bits, of pairs not scored before.

    >>> found = cluster(3, np.array([0], np.int32), np.array([2], np.int32), np.array([9.0]), lambda one, other: None)
    >>> found.labels.tolist()
    [0, 1, 0]
    """
    labels = _components(rows, left, right, log_odds, 0.0)
    for groups in _batches(labels):
        evidence = score_pairs(*_inner_pairs(groups))
        evidence = np.where(evidence < VETO, -MOST_AGAINST, np.clip(evidence, -EVIDENCE_LIMIT, EVIDENCE_LIMIT))
        ends = np.cumsum([_pairs_in(len(group)) for group in groups])
        for group, inside in zip(groups, np.split(evidence, ends[:-1]), strict=True):
            labels[group] = group[_divide(len(group), inside)]
    return Clusters(labels, _membership(rows, labels, left, right, log_odds))


def _components(rows: int, left: Rows, right: Rows, log_odds: Array, threshold: float) -> Labels:
    """Label components of the pairs above a threshold; components that are too large are cut at a higher one."""
    labels = np.arange(rows, dtype=np.int64)
    keep = log_odds > threshold
    left, right, log_odds = left[keep], right[keep], log_odds[keep]
    while len(left):
        graph = sparse.coo_array((np.ones(len(left), bool), (left, right)), shape=(rows, rows))
        found = csgraph.connected_components(graph, directed=False)[1]
        smallest = np.full(rows, rows, np.int64)
        np.minimum.at(smallest, found, np.arange(rows))
        small = np.bincount(found)[found] <= LARGEST
        free = small & (labels == np.arange(rows))
        labels[free] = smallest[found][free]
        threshold += 3.0
        stay = ~small[left] & (log_odds > threshold)
        left, right, log_odds = left[stay], right[stay], log_odds[stay]
    return labels


def _batches(labels: Labels) -> Iterator[list[Labels]]:
    """Groups of three rows or more, so many at a time that their pairs fit in memory."""
    members = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[members], prepend=-1))
    batch: list[Labels] = []
    pairs = 0
    for group in np.split(members, starts[1:]) if len(starts) else ():
        if len(group) > 2:
            batch.append(group)
            pairs += _pairs_in(len(group))
        if pairs >= BATCH_PAIRS:
            yield batch
            batch, pairs = [], 0
    if batch:
        yield batch


def _pairs_in(rows: int) -> int:
    return rows * (rows - 1) // 2


def _inner_pairs(groups: Sequence[Labels]) -> tuple[Rows, Rows]:
    """All pairs inside each group, group by group, in the order of ``np.triu_indices``."""
    triangles = {size: np.triu_indices(size, 1) for size in {len(group) for group in groups}}
    lefts = [group[triangles[len(group)][0]] for group in groups]
    rights = [group[triangles[len(group)][1]] for group in groups]
    return np.concatenate(lefts).astype(np.int32), np.concatenate(rights).astype(np.int32)


def _divide(size: int, upper: Array) -> Labels:
    """Labels (smallest member) of one component from the evidence of its pairs."""
    evidence = np.zeros((size, size))
    one, other = np.triu_indices(size, 1)
    evidence[one, other] = upper
    evidence[other, one] = upper
    if upper.min() > 0:
        return np.zeros(size, np.int64)
    return _moved(evidence, _agglomerated(evidence))


def _agglomerated(evidence: Array) -> Labels:
    """Merge the two clusters with the greatest average evidence while it is positive."""
    size = len(evidence)
    labels = np.arange(size)
    between = evidence.copy()
    weight = np.ones(size)
    np.fill_diagonal(between, -np.inf)
    for _ in range(size - 1):
        average = between / np.outer(weight, weight)
        best = int(average.argmax())
        one, other = min(divmod(best, size)), max(divmod(best, size))
        if average[one, other] <= 0:
            break
        between[one] += between[other]
        between[:, one] = between[one]
        between[other] = -np.inf
        between[:, other] = -np.inf
        between[one, one] = -np.inf
        weight[one] += weight[other]
        labels[labels == other] = one
    return labels


def _moved(evidence: Array, labels: Labels) -> Labels:
    """Move single rows to the cluster with the greatest sum of evidence until nothing gains."""
    size = len(labels)
    for _ in range(10):
        moved = False
        for row in range(size):
            pull = np.bincount(labels, weights=evidence[row], minlength=size)
            alone = labels[row] == row and (labels == row).sum() == 1
            stay = pull[labels[row]]
            pull[labels[row]] = stay
            best = int(pull.argmax())
            if pull[best] > max(stay, 0.0) + 1e-9 and best != labels[row]:
                labels[row] = best
                moved = True
            elif stay < 0 and not alone:
                free = np.setdiff1d(np.arange(size), labels)
                labels[row] = free[0]
                moved = True
        if not moved:
            break
    smallest = np.full(size, size, np.int64)
    np.minimum.at(smallest, labels, np.arange(size))
    return smallest[labels]


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
