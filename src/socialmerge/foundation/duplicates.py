"""How many rows repeat somebody: expected from the probabilities of pairs, with an interval.

A row beyond the first of its person is one merge of two groups of rows, so the number that is expected is that of
merges, not of pairs. Within a cluster the pairs are not so many independent facts: what they are worth is a tree that
holds the cluster together, by the likeliest pairs (a maximum spanning tree). Two clusters are one person or are not,
however many pairs there are between them: they count once. What no key of blocking found is made up for by the
expected recall: a person with ``k`` rows is found unless all ``k - 1`` pairs of a row are missed (as in Horvitz and
Thompson, 1952).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines import Matched
from socialmerge.matching.components import components
from socialmerge.matching.entities import Settled

__all__ = ["Duplicates", "Links", "expected_duplicates", "links_of", "no_duplicates", "worst"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ODDS_BITS = 2.0
"""How far the odds of all pairs together may be off, in bits: by a factor of four either way."""
RECALL_DOUBT = 2.0
"""Of the pairs that blocking is expected to miss there may be this many times as many, or none."""
DEVIATIONS = 1.96
"""Standard deviations of a 95 % interval."""
COPY_BITS = 5.0
"""Odds, in bits, of two rows with the same whole name and e-mail address: all but one in thirty are one person."""
LEAST_RECALL = 0.3
"""Expected recall that is believed at the least."""
WORST = 20
NAMED = 20
"""Groups in the table of the worst, and rows of one that are named."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """What may hold rows together: ``one`` and ``other`` are rows inside a cluster, or labels of two clusters."""

    one: Ints
    other: Ints
    odds: Array

    @property
    def chance(self) -> Array:
        """The probability of each."""
        return _chance(self.odds)


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """Rows beyond the first of each person.

    ``low`` and ``high`` are the ends of a 95 % interval; ``labels`` the cluster of each row, as its smallest row.
    """

    expected: float
    low: float
    high: float
    labels: Ints
    probability: Array

    @property
    def grouped(self) -> Mask:
        """Which rows share a cluster with another."""
        found: Mask = np.bincount(self.labels, minlength=len(self.labels))[self.labels] > 1
        return found


def no_duplicates(rows: int) -> Duplicates:
    """Of a table where there is nothing to compare."""
    return Duplicates(0.0, 0.0, 0.0, np.arange(rows), np.ones(rows))


def links_of(left: Ints, right: Ints, odds: Array, labels: Ints) -> tuple[Links, Links]:
    """Scored pairs as links inside clusters, and links between two clusters, once each with the greatest odds."""
    one, other = labels[left], labels[right]
    inside = one == other
    low, high, between = np.minimum(one, other)[~inside], np.maximum(one, other)[~inside], odds[~inside]
    order = np.lexsort((-between, high, low))
    low, high, between = low[order], high[order], between[order]
    first = np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[: len(low)]
    return Links(left[inside], right[inside], odds[inside]), Links(low[first], high[first], between[first])


def expected_duplicates(matched: Matched, settled: Settled, same: tuple[Ints, Ints] | None = None) -> Duplicates:
    """Rows beyond the first of each person, of scored pairs and the clusters that they were settled into.

    ``same`` are pairs of rows with the same whole name and e-mail address. A fit cannot learn from a few rows how
    telling that is, but it is known: such pairs have odds of `COPY_BITS` at the least.

    The interval holds what chance does where every probability is right, and what it does where the odds of all pairs
    are off by `ODDS_BITS` together, which is the greater part of it.
    """
    left, right, odds, labels = _with_copies(matched, settled, same)
    inside, across = links_of(left, right, odds, labels)
    lost = 1 - max(matched.expected_recall, LEAST_RECALL)
    expected, variance = _expected(inside, across, labels, lost)
    less, _ = _expected(_shifted(inside, -ODDS_BITS), _shifted(across, -ODDS_BITS), labels, 0.0)
    more, _ = _expected(_shifted(inside, ODDS_BITS), _shifted(across, ODDS_BITS), labels, min(RECALL_DOUBT * lost, 0.7))
    chance = DEVIATIONS * np.sqrt(variance)
    low, high = expected - np.hypot(expected - less, chance), expected + np.hypot(more - expected, chance)
    most = float(max(matched.rows - 1, 0))
    low, high = float(np.clip(low, 0.0, most)), float(np.clip(high, 0.0, most))
    return Duplicates(min(expected, most), low, high, labels, settled.probability)


def _with_copies(matched: Matched, settled: Settled, same: tuple[Ints, Ints] | None) -> tuple[Ints, Ints, Array, Ints]:
    """Scored pairs and clusters, with pairs that are the same for sure among them."""
    left, right = matched.left.astype(np.int64), matched.right.astype(np.int64)
    if same is None or not len(same[0]):
        return left, right, settled.log_odds, settled.labels
    rows = np.arange(matched.rows)
    labels = components(matched.rows, np.append(rows, same[0]), np.append(settled.labels, same[1]))
    key = np.append(np.minimum(left, right), np.minimum(*same)) * matched.rows
    key += np.append(np.maximum(left, right), np.maximum(*same))
    odds = np.append(settled.log_odds, np.full(len(same[0]), COPY_BITS))
    order = np.lexsort((-odds, key))
    key, odds = key[order], odds[order]
    first = np.append(True, key[1:] != key[:-1])
    return key[first] // matched.rows, key[first] % matched.rows, odds[first], labels


def _expected(inside: Links, across: Links, labels: Ints, lost: float) -> tuple[float, float]:
    """How many merges are expected where a share of the pairs is lost, and the variance of their number."""
    size = np.bincount(labels, minlength=len(labels))
    rows, chance = _tree(inside, len(labels))
    found = 1 - lost ** np.maximum(size[labels[rows]] - 1, 1)
    between = np.bincount(across.other, weights=across.chance, minlength=len(labels))
    between = np.minimum(between, 1.0)  # a cluster belongs to one person, whoever that is
    expected = float((chance / found).sum() + between.sum() / max(1 - lost, LEAST_RECALL))
    return expected, float((chance * (1 - chance)).sum() + (between * (1 - between)).sum())


def _tree(links: Links, rows: int) -> tuple[Ints, Array]:
    """A row of each link of a forest that holds the clusters together by the likeliest links, and their chances."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    if not len(links.one):
        return np.empty(0, np.int64), np.empty(0)
    # a weight of zero would be no link at all
    graph = coo_matrix((-(links.chance + 1e-12), (links.one, links.other)), shape=(rows, rows))
    forest = minimum_spanning_tree(graph.tocsr()).tocoo()
    return forest.row.astype(np.int64), np.clip(-np.asarray(forest.data, np.float64), 0.0, 1.0)


def _shifted(links: Links, bits: float) -> Links:
    return Links(links.one, links.other, links.odds + bits)


def _chance(odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp2(-np.clip(odds, -1000, 1000))))


def worst(found: Duplicates, ids: pa.Array) -> pa.Table:
    """The largest groups of rows that are one person; of equals the least certain, for they are to be looked at."""
    labels = found.labels
    size = np.bincount(labels, minlength=len(labels))
    sure = np.ones(len(labels))
    np.minimum.at(sure, labels, found.probability)
    heads = np.flatnonzero(size > 1)
    heads = heads[np.lexsort((heads, sure[heads], -size[heads]))][:WORST]
    members = [ids.take(pa.array(np.flatnonzero(labels == head)[:NAMED])).to_pylist() for head in heads.tolist()]
    return pa.table(
        {
            "entity_id": ids.take(pa.array(heads)),
            "rows": pa.array(size[heads], pa.int64()),
            "probability": pa.array(sure[heads], pa.float64()),
            "ids": pa.array(members, pa.list_(pa.string())),
        }
    )
