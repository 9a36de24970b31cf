"""Cluster rows into people: by the evidence inside a group, not by chains of pairs.

Components of accepted pairs are only a start. Inside each, every pair is scored, also those that blocking missed, and
the component is divided so that the sum of evidence within clusters is greatest: average-linkage merging, then single
moves.

Method: correlation clustering (Bansal, Blum and Chawla, 2004), greedy agglomeration with local moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

__all__ = ["Clusters", "cluster"]

Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]
ScorePairs = Callable[[Rows, Rows], Array]

LARGEST = 400
"""A component above this many rows is first cut by asking for stronger links."""

VETO, MOST_AGAINST = -35.0, 1e4
"""Log-odds, in bits, below which nothing in favour of a pair's cluster can bring the two together."""

EVIDENCE_LIMIT = 12.0
"""Bits beyond which one pair's evidence for or against counts no more inside a cluster."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """``labels[row]`` is the smallest row of the row's cluster; ``probability[row]`` that the row belongs there."""

    labels: npt.NDArray[np.int64]
    probability: Array


def cluster(rows: int, left: Rows, right: Rows, log_odds: Array, score_pairs: ScorePairs) -> Clusters:
    """Divide ``rows`` rows by scored pairs; ``score_pairs`` gives the log-odds, in bits, of pairs not scored before."""
    labels = _components(rows, left, right, log_odds, 0.0)
    members, starts = _groups(labels)
    inner_left, inner_right = _inner_pairs(members, starts)
    inner = score_pairs(inner_left, inner_right)
    inner = np.where(inner < VETO, -MOST_AGAINST, np.clip(inner, -EVIDENCE_LIMIT, EVIDENCE_LIMIT))
    offset = 0
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        size = end - start
        if size > 2:
            count = size * (size - 1) // 2
            group = members[start:end]
            labels[group] = group[_divide(size, inner[offset : offset + count])]
            offset += count
    return Clusters(labels, _membership(rows, labels, left, right, log_odds))


def _components(rows: int, left: Rows, right: Rows, log_odds: Array, threshold: float) -> npt.NDArray[np.int64]:
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
        labels[small & (labels == np.arange(rows))] = smallest[found][small & (labels == np.arange(rows))]
        threshold += 3.0
        stay = ~small[left] & (log_odds > threshold)
        left, right, log_odds = left[stay], right[stay], log_odds[stay]
    return labels


def _groups(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows sorted by label, and where each label starts (with the end)."""
    members = np.argsort(labels, kind="stable")
    ranked = labels[members]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, np.int64)
    return members, np.r_[starts, len(ranked)]


def _inner_pairs(members: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
    """All pairs inside the groups of three rows or more, in the order of ``np.triu_indices``."""
    lefts, rights = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    sizes = np.diff(starts)
    for size in np.unique(sizes[sizes > 2]):
        one, other = np.triu_indices(int(size), 1)
        which = starts[:-1][sizes == size]
        lefts.append(members[which[:, np.newaxis] + one].ravel().astype(np.int32))
        rights.append(members[which[:, np.newaxis] + other].ravel().astype(np.int32))
    left, right = np.concatenate(lefts), np.concatenate(rights)
    group = np.empty(len(members), np.int64)
    group[members] = np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(group[left], kind="stable")
    return left[order], right[order]


def _divide(size: int, upper: Array) -> npt.NDArray[np.int64]:
    """Labels (smallest member) of one component from the evidence of its pairs."""
    evidence = np.zeros((size, size))
    one, other = np.triu_indices(size, 1)
    evidence[one, other] = upper
    evidence[other, one] = upper
    if upper.min() > 0:
        return np.zeros(size, np.int64)
    return _moved(evidence, _agglomerated(evidence))


def _agglomerated(evidence: Array) -> npt.NDArray[np.int64]:
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


def _moved(evidence: Array, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
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


def _membership(rows: int, labels: npt.NDArray[np.int64], left: Rows, right: Rows, log_odds: Array) -> Array:
    """For a row with company the probability of its best link inside, for one alone that of having no link at all."""
    chance = 1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000)))
    inside = labels[left] == labels[right]
    within, outside = np.zeros(rows), np.zeros(rows)
    for side in (left, right):
        np.maximum.at(within, side[inside], chance[inside])
        np.maximum.at(outside, side[~inside], chance[~inside])
    company = np.bincount(labels, minlength=rows)[labels] > 1
    return np.where(company, within, 1 - outside)
