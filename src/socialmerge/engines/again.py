"""A fit that goes on from clusters: what pairs of rows are one person is better known of clusters than of pairs alone.

Expectation maximisation on single pairs drifts where pairs are hard to tell: what it wrongly takes for matches
teaches it to take more of them. Rows of one cluster hold each other to account. So the probabilities of pairs are taken
from settled clusters, pairs that no key found among them, and the shares of levels and of matches are estimated anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from socialmerge.matching.cluster import cluster
from socialmerge.matching.entities import Evidence, Settled, settle
from socialmerge.matching.estimate import fit_matches
from socialmerge.matching.likeness import likeness
from socialmerge.matching.weigh import Fit, score

if TYPE_CHECKING:
    from socialmerge.engines.matched import Matched

__all__ = ["fitted_again", "worth_it"]

Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]

ROUNDS = 4
NO_MORE = 0.005
"""Change of the logarithm of the share of matches that is none."""
MOST_CANDIDATES = 2_000_000
"""Candidates beyond which clusters are not settled once more for the fit: there are enough pairs to be sure of."""
MOST_OFF = 3.0
"""Factor on the share of matches beyond which clusters and pairs do not speak of the same thing."""


def worth_it(candidates: int) -> bool:
    """Whether so many candidates are fitted again."""
    return candidates <= MOST_CANDIDATES


def fitted_again(matched: Matched) -> Fit:
    """The fit of a table's pairs, gone on from its clusters until the share of matches stands still.

    A fit whose clusters contradict themselves, or whose matches run away, is left as it was.
    """
    fitted, one = matched.fitted, matched
    compared = matched.compare(matched.left, matched.right)
    for _ in range(ROUNDS):
        settled = settled_of(one)
        if settled.warnings:
            return matched.fitted
        left, right, probability = _unseen(one, settled)
        states = np.hstack([compared.states, matched.compare(left, right).states])
        last, weights = fitted.match_share, np.concatenate([_chance(settled.log_odds), probability])
        fitted = fit_matches(matched.comparers, fitted, states, weights, rows=matched.rows)
        if not 1 / MOST_OFF < fitted.match_share / matched.fitted.match_share < MOST_OFF:
            return matched.fitted
        if abs(np.log(fitted.match_share / last)) < NO_MORE:
            break
        one = replace(one, fitted=fitted, weight=score(matched.comparers, fitted, compared).weight)
    return fitted


def settled_of(matched: Matched) -> Settled:
    """Clusters by the evidence of pairs, then by that of all rows around them."""
    alike = partial(likeness, [comparer.feature for comparer in matched.comparers])
    first = cluster(matched.rows, matched.left, matched.right, matched.log_odds, matched.score, alike=alike)
    evidence = Evidence(matched.comparers, matched.fitted, matched.chunk, matched.known, order=matched.order)
    return settle(evidence, first.labels, matched.left, matched.right, matched.log_odds)


def _chance(log_odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000))))


def _unseen(matched: Matched, settled: Settled) -> tuple[Rows, Rows, Array]:
    """Pairs of rows of one cluster that were not scored, and their probability: of the row that belongs there less."""
    left, right = _within(settled.labels)
    key = left * matched.rows + right
    scored = np.isin(key, matched.left.astype(np.int64) * matched.rows + matched.right)
    left, right = left[~scored], right[~scored]
    probability = np.minimum(settled.probability[left], settled.probability[right])
    return left.astype(np.int32), right.astype(np.int32), probability


def _within(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All pairs of rows that share a label, the smaller row first."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    ends = np.repeat(np.append(starts[1:], len(order)), np.diff(np.append(starts, len(order))))
    later = ends - np.arange(len(order)) - 1
    left = np.repeat(np.arange(len(order)), later)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(later) - later, later)
    return order[left], order[right]
